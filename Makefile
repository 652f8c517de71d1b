# One command per intention. Each makes and reuses .venv by itself; nothing but Python 3.11 or newer and make is needed.
# Written for GNU make 3.81 (macOS) and newer, POSIX sh, and BSD or GNU tools.

PY := .venv/bin/python
# Two cores are the machine this is tuned for: three processes, because many tests wait for a server or another process.
# A file's tests stay together, so that its sandbox starts once, and files come in order of their names: by number of
# tests, the few slow ones would come last and alone.
PYTEST := $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo lab test check check-all bench bench-peers pictures record node-client venv venv-run venv-bench venv-others lint format clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: venv-run  ## two invented databases: audit, plan, apply, plan again, undo; under a minute
	@$(PY) -m pdsync demo

# Without a screen: make lab LAB_FLAGS=--no-browser (and --allow-root in a container).
lab: venv  ## JupyterLab on copies of the notebooks in ./lab, with the demo data ready
	@$(PY) -c 'import pdsync; pdsync.demo()'
	@[ -d lab ] || $(PY) -m pdsync notebooks lab
	.venv/bin/jupyter lab lab $(LAB_FLAGS)

test: venv  ## the tests, without lint and types
	$(PYTEST)

lint: venv
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	@# Two processes take a third less of the clock; a mypy that cannot do that does not read the name.
	MYPY_NUM_WORKERS=2 $(PY) -m mypy
	.venv/bin/lint-imports

check: lint  ## what CI asks of every commit: format, lint, types, import contracts, tests
	$(PYTEST)

check-all: venv-bench lint  ## check, and the tests that need Node, Chromium or the long data sets
	$(PYTEST) -m "" --hypothesis-profile=long

bench: venv-bench venv-others  ## speed and memory, as ratios: python tests/benchmarks/*.py
	@for file in tests/benchmarks/[a-z]*.py; do \
	  [ -e "$$file" ] || continue; \
	  echo "== $$file"; \
	  $(PY) -m "tests.benchmarks.$$(basename "$$file" .py)" || exit 1; \
	done

pictures: venv  ## draw the README's pictures again, from the demo
	@$(PY) -m tests.tui.readme_pictures

bench-peers: venv-bench  ## the audits against pandas, DuckDB SQL and pandera, in an environment of their own
	@sh .ci/peers
	$(PY) -m tests.benchmarks.peers

record: venv  ## record the cassettes again, against the sandbox (or live accounts: see CONTRIBUTING.md)
	$(PY) -m pytest tests/clients -p no:xdist -m vcr --record-mode=all --allowed-hosts=.*

node-client:  ## install Pipedrive's official Node client for the sandbox's tests
	@command -v npm >/dev/null 2>&1 || { echo "npm is missing: install Node 20 or newer (Debian: apt-get install nodejs npm)" >&2; exit 1; }
	npm install --prefix tests/sandbox/node --no-package-lock --no-audit --no-fund

format: venv  ## put every file into the one format, and mend what ruff can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

venv:  ## make .venv, or bring it up to date with pyproject.toml
	@sh .ci/venv dev

venv-run:
	@sh .ci/venv run

venv-bench:
	@sh .ci/venv bench

# Two terminal UIs of others, whose start is measured beside ours. Each in an environment of its own: they ask for other
# versions of textual, and pip would settle on old ones of both, of which harlequin does not start. Posting 2.11 ends with a
# segmentation fault beside tree-sitter 0.26.
venv-others: venv
	@for one in "harlequin" "posting tree-sitter<0.26"; do \
	  set -- $$one; \
	  [ -x ".venv-others/$$1/bin/$$1" ] || { $(PY) -m venv ".venv-others/$$1" \
	    && ".venv-others/$$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$$@"; } \
	    || echo "$$1 cannot be installed here: the benchmark leaves it out" >&2; \
	done

clean:  ## remove .venv and everything that was built; state in .pdsync stays
	rm -rf .venv .venv-others .venv-peers build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf tests/sandbox/node/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
