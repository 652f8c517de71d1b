"""The run-time twin of the import contracts: what is in memory after a module was imported.

A contract sees ``import`` statements; only a fresh interpreter sees what a start really costs.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from tests.architecture.code import PACKAGE

HEAVY = {
    "altair", "duckdb", "httpx", "jsonschema", "keyring", "msgspec", "narwhals", "numpy", "pandas", "polars", "pyarrow",
    "rich", "ruamel", "sqlalchemy", "starlette", "textual", "uvicorn", "yaml",
}  # fmt: skip
"""Libraries that are imported where they are used: each costs more than 20 ms, some half a second."""
PACKAGES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))
FACES_THAT_MAY_LOAD = {"sandbox": HEAVY}
"""The sandbox is a process of its own."""


def _loaded(statement: str) -> set[str]:
    """Top-level modules in memory after a statement, in an interpreter of its own."""
    program = (
        "import json, sys\n"
        "try:\n"
        f"    {statement}\n"
        "except SystemExit:\n"
        "    pass\n"
        "sys.stderr.write(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stderr))


def _everything_in(package: str) -> str:
    """A statement that imports a package and all its modules."""
    return (
        f"import pkgutil, {package} as p; [__import__(m.name) for m in pkgutil.walk_packages(p.__path__,"
        " p.__name__ + '.') if not m.name.endswith('__main__')]"
    )


def _roots(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_help_loads_nothing_heavy() -> None:
    """``pdsync --help`` answers at once: click, the table of settings, and no verb."""
    loaded = _loaded("from pdsync.cli.shell.running import run; run(['--help'])")

    assert "click" in loaded
    assert not _roots(loaded) & HEAVY
    assert not {
        module for module in loaded if module.startswith(("pdsync.engine", "pdsync.clients", "pdsync.store"))
    }


def test_importing_pdsync_loads_nothing() -> None:
    """The first cell of a notebook costs nothing: names of the public API come when they are used."""
    loaded = _loaded("import pdsync")

    assert {module for module in loaded if module.startswith("pdsync")} == {"pdsync"}
    assert not _roots(loaded) & (HEAVY | {"click"})


@pytest.mark.parametrize("package", ["pdsync.model", "pdsync.report.text"])
def test_every_name_of_a_face_is_found_when_it_is_asked_for(package: str) -> None:
    """The table of places names each exported name once, and in the module that a type checker reads it from."""
    face = importlib.import_module(package)

    assert all(hasattr(face, name) for name in face.__all__)
    assert not hasattr(face, "nothing_of_this_name")
    loaded = _loaded(f"from {package} import {', '.join(face.__all__)}")
    assert not _roots(loaded) & HEAVY


def test_a_value_type_loads_no_other_than_it_needs() -> None:
    """A side is needed everywhere, a plan only where there is one."""
    loaded = _loaded("from pdsync.model import Side")

    assert {module for module in loaded if module.startswith("pdsync.model.")} == {"pdsync.model.values"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_face_loads_nothing_heavy(package: str) -> None:
    """Importing a package's face names what is there; heavy libraries come with the first call."""
    loaded = _roots(_loaded(f"import pdsync.{package}"))

    assert not loaded & (HEAVY - FACES_THAT_MAY_LOAD.get(package, set()))


@pytest.mark.parametrize("package", ["model", "planning"])
def test_deciding_knows_nobody(package: str) -> None:
    """The pure packages load neither a layer above them nor a clock, a socket or a log of their own."""
    loaded = _loaded(_everything_in(f"pdsync.{package}"))

    ours = {module.split(".")[1] for module in loaded if module.startswith("pdsync.")}
    assert ours <= {"errors", "model", "planning"}
    assert not _roots(loaded) & (HEAVY | {"logging", "socket", "sqlite3", "asyncio"})


def test_the_sandbox_knows_nothing_of_pdsync() -> None:
    """The stand-in shares no code with the client that it tests."""
    loaded = _loaded(_everything_in("pdsync.sandbox"))

    others = {
        module
        for module in loaded
        if module.startswith("pdsync.") and not module.startswith("pdsync.sandbox")
    }
    assert others == set()
