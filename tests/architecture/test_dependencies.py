"""Dependencies: each is used, each says why it is there, and none is used without being declared."""

from __future__ import annotations

import re
import sys

from tests.architecture.code import ROOT, imports, modules, project

IMPORT_NAMES = {
    "pyyaml": "yaml", "ruamel.yaml": "ruamel", "python-calamine": "python_calamine",
    "charset-normalizer": "charset_normalizer", "ipython": "IPython", "vl-convert-python": "vl_convert",
}  # fmt: skip


NOT_IMPORTED = {"sniffio"}
"""Used by a library of ours, which tries to import it at every request (httpcore)."""


def _declared(requirements: list[str]) -> set[str]:
    names = {re.split(r"[<>=!~\[; ]", requirement)[0].lower() for requirement in requirements}
    return {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names}


def _used() -> set[str]:
    found = {module.partition(".")[0] for path in modules() for module in imports(path)}
    return found - sys.stdlib_module_names - {"pdsync"}


def test_nothing_is_imported_that_is_not_declared() -> None:
    """A transitive dependency may vanish with anybody's release."""
    extras = [entry for group in project()["project"]["optional-dependencies"].values() for entry in group]

    assert _used() <= _declared(project()["project"]["dependencies"]) | _declared(extras)


def test_nothing_is_declared_that_is_not_used() -> None:
    """Every dependency costs every user time and trust."""
    assert _declared(project()["project"]["dependencies"]) <= _used() | NOT_IMPORTED


def test_every_dependency_says_why_it_is_there() -> None:
    """The comment beside each says what it is for and what it costs."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = [
        *project()["project"]["dependencies"],
        *(entry for group in project()["project"]["optional-dependencies"].values() for entry in group),
        *(entry for group in project()["dependency-groups"].values() for entry in group),
    ]
    bare = [entry for entry in declared if not re.search(rf'"{re.escape(entry)}"[],]* *# (\S+ ?)+', text)]

    assert bare == []
