"""The shape of the code: what a reader may rely on in every file."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.code import PACKAGE, ROOT, modules, name, tree

LONGEST = 450
"""Lines of a module: about 400. Longer ones have a seam."""
VAGUE = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc", "shared", "lib"}


@pytest.mark.parametrize("path", modules(), ids=name)
def test_every_module_says_why_it_exists(path: Path) -> None:
    """A module's docstring is one full sentence at least."""
    text = ast.get_docstring(tree(path))

    assert text, f"{name(path)} has no docstring: say in a sentence why the module exists"
    assert text.split("\n\n")[0].rstrip().endswith((".", ":", "?", "!")), (
        f"{name(path)}: the first line is no sentence"
    )
    assert len(text.split()) > 4, f"{name(path)}: {text!r} says nothing"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_no_module_is_long(path: Path) -> None:
    """One reason per file; about 400 lines is where a second reason begins."""
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= LONGEST, f"{name(path)} has {lines} lines; split it where its second reason begins"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_no_name_says_nothing(path: Path) -> None:
    """'utils' is where everything ends up; a module is named for what it holds."""
    assert not VAGUE & set(name(path).split("."))


def _public(path: Path) -> set[str]:
    """Names that a module defines itself, on its top level, and does not hide."""
    names: set[str] = set()
    for node in tree(path).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Assign) and not _is_type_variable(node.value):
            names.update(
                inner.id
                for target in node.targets
                for inner in ast.walk(target)
                if isinstance(inner, ast.Name)
            )
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return {defined for defined in names if not defined.startswith("_")}


def _is_type_variable(value: ast.expr) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id in {"TypeVar", "ParamSpec"}
    )


def _declared(path: Path) -> list[str] | None:
    for node in tree(path).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            value = getattr(node, "value", None)
            return list(ast.literal_eval(value)) if value is not None else None
    return None


@pytest.mark.parametrize("path", [path for path in modules() if _declared(path) is not None], ids=name)
def test_all_names_every_public_name(path: Path) -> None:
    """``__all__`` is the module's face: whole, without doubles, and without names that are not there."""
    declared = _declared(path) or []
    bound = {
        alias.asname or alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert len(declared) == len(set(declared))
    assert _public(path) <= set(declared), f"not in __all__ of {name(path)}: {_public(path) - set(declared)}"
    if "__getattr__" not in _defined(path):
        missing = set(declared) - _public(path) - bound - {"__version__"}
        assert not missing, f"{name(path)}: in __all__, but not there: {missing}"


def _defined(path: Path) -> set[str]:
    return {node.name for node in tree(path).body if isinstance(node, ast.FunctionDef)}


def test_tests_mirror_the_packages() -> None:
    """Each package with code has a folder of tests by the same name (its face alone needs none)."""
    packages = {
        path.name for path in PACKAGE.iterdir() if path.is_dir() and len(list(path.glob("*.py"))) > 1
    } - {"model"}
    tested = {path.name for path in (ROOT / "tests").iterdir() if any(path.rglob("test_*.py"))}

    assert packages <= tested, f"no tests for {sorted(packages - tested)}"


def test_tests_have_sentences() -> None:
    """Every test has a sentence for a docstring: what would be broken if it failed."""
    silent = [
        f"{path.relative_to(ROOT)}::{node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
        if not ast.get_docstring(node)
    ]

    assert silent == []


def test_the_top_level_is_fixed() -> None:
    """Six folders and the usual files (design 3); anything else belongs into one of them."""
    folders = {"pdsync", "mappings", "notebooks", "tests", "cassettes", ".ci"}
    files = {
        "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "SECURITY.md", "pyproject.toml",
        ".gitignore", ".gitattributes", ".pre-commit-config.yaml",
    }  # fmt: skip
    from tests.architecture.code import tracked

    found = {path.relative_to(ROOT).parts[0] for path in tracked()}

    assert found <= folders | files, f"what is {sorted(found - folders - files)}?"
