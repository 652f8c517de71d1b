"""The shape of the code: what a reader may rely on in every file."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.code import PACKAGE, ROOT, modules, name, tree

LONGEST = 450
"""Lines of a module: about 400. Longer ones have a seam."""
VAGUE = {"utils", "util", "common", "helpers", "helper", "core", "base", "misc", "shared", "lib"}


def test_every_module_says_why_it_exists() -> None:
    """A module's docstring is one full sentence at least."""
    silent = [f"{name(path)}: {why}" for path in modules() if (why := _says_too_little(path))]

    assert silent == []


def _says_too_little(path: Path) -> str:
    text = ast.get_docstring(tree(path))
    if not text:
        return "no docstring; say in a sentence why the module exists"
    if not text.split("\n\n")[0].rstrip().endswith((".", ":", "?", "!")):
        return "the first line is no sentence"
    return "" if len(text.split()) > 4 else f"{text!r} says nothing"


def test_no_module_is_long() -> None:
    """One reason per file; about 400 lines is where a second reason begins."""
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    long = {module: count for module, count in lines.items() if count > LONGEST}

    assert long == {}, "split these where their second reason begins"


def test_no_name_says_nothing() -> None:
    """'utils' is where everything ends up; a module is named for what it holds."""
    assert [name(path) for path in modules() if VAGUE & set(name(path).split("."))] == []


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


def test_all_names_every_public_name() -> None:
    """``__all__`` is a module's face: whole, without doubles, and without names that are not there."""
    wrong = [f"{name(path)}: {problem}" for path in modules() for problem in _wrong_in_all(path)]

    assert wrong == []


def _wrong_in_all(path: Path) -> Iterator[str]:
    declared = _declared(path)
    if declared is None:
        return
    if len(declared) != len(set(declared)):
        yield "something stands in __all__ twice"
    if hidden := _public(path) - set(declared):
        yield f"not in __all__: {sorted(hidden)}"
    if "__getattr__" in _defined(path):
        return
    bound = {
        alias.asname or alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if missing := set(declared) - _public(path) - bound - {"__version__"}:
        yield f"in __all__, but not there: {sorted(missing)}"


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
