"""The import contracts are whole, and each of them can fail."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.code import PACKAGE, ROOT, imports, modules, name, project, tree

PURE = [path for path in modules() if name(path).split(".")[1:2] in (["model"], ["planning"], ["errors"])]
THIRD_PARTY = {"pdsync.planning.keys": {"idna"}}
"""The one exception of design 4: UTS-46 domains in the address key."""
CLOCK = {"now", "utcnow", "today", "fromtimestamp", "time", "monotonic", "perf_counter"}


@pytest.mark.parametrize("path", PURE, ids=name)
def test_pure_modules_use_the_standard_library_only(path: Path) -> None:
    """No third-party package decides about customer data: its next release could decide otherwise."""
    allowed = sys.stdlib_module_names | {"pdsync"} | THIRD_PARTY.get(name(path), set())

    assert {module.partition(".")[0] for module in imports(path)} <= allowed


@pytest.mark.parametrize("path", PURE, ids=name)
def test_pure_modules_ask_no_clock(path: Path) -> None:
    """Same inputs, same plan, at every hour: a pure module may hold a time, but not ask for it."""
    calls = {
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    }

    assert not calls & CLOCK


def test_every_contract_has_its_reason() -> None:
    """A contract without a why is obeyed by nobody: each is introduced by a paragraph."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    blocks = re.findall(r"\[\[tool\.importlinter\.contracts\]\]\n((?:#.*\n)*)", text)

    assert len(blocks) == len(project()["tool"]["importlinter"]["contracts"])
    assert all(len(comment.split()) > 12 for comment in blocks)


PLANTED = {
    "Layers": ("model/values.py", "import pdsync.planning.keys"),
    "Clients and store": ("audits/__init__.py", "import pdsync.store"),
    "Sandbox knows nothing": ("sandbox/clock.py", "import pdsync.model"),
    "Nothing imports the sandbox": ("cli/app.py", "import pdsync.sandbox"),
    "Model and planning": ("planning/keys.py", "import os"),
    "Report": ("report/__init__.py", "import httpx"),
}
"""Contract (first words of its name) -> a module and a statement that breaks it."""


def test_each_contract_can_fail(tmp_path: Path) -> None:
    """A contract that cannot be broken checks nothing: plant one breach for each, and see each reported."""
    shutil.copytree(PACKAGE, tmp_path / "pdsync", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, statement in PLANTED.values():
        with (tmp_path / "pdsync" / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{statement}\n")
    (tmp_path / "pdsync" / "newcomer.py").write_text('"""Not in the layers."""\n', encoding="utf-8")

    def lint() -> str:
        program = (
            "import sys; sys.path.insert(0, '.')\n"
            "from importlinter.cli import lint_imports_command; lint_imports_command()"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, "--no-cache"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0, done.stdout
        return " ".join((done.stdout + done.stderr).split())

    assert "newcomer" in lint()
    (tmp_path / "pdsync" / "newcomer.py").unlink()
    said = lint()
    names = [contract["name"] for contract in project()["tool"]["importlinter"]["contracts"]]
    assert len(names) == len(PLANTED)
    for start in PLANTED:
        (whole,) = [contract for contract in names if contract.startswith(start)]
        assert f"{whole} BROKEN" in said, f"{whole} cannot be broken"
