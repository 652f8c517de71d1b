"""What a notebook may be, read from its source: thin, without outputs, with its parameters first."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pdsync.api.notebook_files import parameters_of, read_notebook, shipped_notebooks, title_of
from tests.architecture.code import ROOT, tracked

NOTEBOOKS = shipped_notebooks()
ALLOWED = {
    "IPython.display",
    "altair",
    "datetime",
    "great_tables",
    "itables",
    "pandas",
    "pathlib",
    "pdsync",
    "polars",
    "tempfile",
}


def _id(path: Path) -> str:
    return path.stem


def test_all_are_there() -> None:
    """The numbers that the documentation names."""
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"0{number}" for number in range(1, 9)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_id)
def test_of_pdsync_only_the_top_package(path: Path) -> None:
    """A notebook uses the public API: no deep import, no private name, by any way of importing."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import) else [str(node.module)]
        )
    }
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }

    assert "pdsync" in imported
    assert imported <= ALLOWED
    assert not [name for name in names if name.startswith("_")]
    assert not {"__import__", "import_module", "exec", "eval", "to_pandas", "to_arrow"} & names


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_id)
def test_records_stay_where_they_are(path: Path) -> None:
    """A million contacts: tables of records, findings, journals and planned values are only queried lazily."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    large = {"records", "addresses", "journal", "changes", "findings", "rows"}
    loaded = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("to_")
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in large
    ]

    assert loaded == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_id)
def test_searchable_tables_are_harmless(path: Path) -> None:
    """What a CRM holds is text in them, their scripts come from this machine, and whoever wants none can say so."""
    calls = {
        ast.unparse(node.func): {str(word.arg): ast.unparse(word.value) for word in node.keywords}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }

    assert (
        ("show" in calls)
        == ("init_notebook_mode" in calls)
        == ("searchable" in parameters_of(read_notebook(path)))
    )
    if "show" in calls:
        assert calls["show"]["allow_html"] == "False"
        assert calls["init_notebook_mode"] == {"connected": "False"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_id)
def test_the_first_code_cell_is_parameters(path: Path) -> None:
    """Papermill finds them, each has a default that works without any account, and each is explained."""
    notebook = read_notebook(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    assert code[0].metadata["tags"] == ["parameters"]
    assert parameters_of(notebook)["account"] == "demo"
    assert all("  # " in line for line in code[0].source.splitlines())
    assert title_of(path) != path.stem


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_id)
def test_charts_are_harmless_pictures(path: Path) -> None:
    """``pdsync.charts()`` stands before the first chart, and nothing after it chooses another renderer."""
    source = path.read_text(encoding="utf-8")

    assert "alt.Chart(" in source.partition("\npdsync.charts()")[2]
    assert "alt.Chart(" not in source.partition("\npdsync.charts()")[0]
    assert "renderers" not in source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=_id)
def test_every_chart_has_a_title_and_units(path: Path) -> None:
    """Titles state the finding, so they are made from the data; every axis of numbers says what it counts."""
    for cell in read_notebook(path).cells:
        if cell.cell_type != "code" or "alt.Chart(" not in cell.source or ".properties(" not in cell.source:
            continue
        assert "title=" in cell.source.rpartition(".properties(")[2], cell.source
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"alt.X", "alt.Y"}:
                assert "title" in {keyword.arg for keyword in node.keywords}, ast.unparse(node)


def test_no_outputs_in_git() -> None:
    """Notebooks in git are scripts: what somebody's data showed cannot be in them, and copies are ignored."""
    pages = [path for path in tracked() if path.suffix in {".ipynb", ".html"}]
    assert [path for path in pages if ROOT / "pdsync" not in path.parents] == []
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"*.ipynb", "lab/"} <= set(ignored)
