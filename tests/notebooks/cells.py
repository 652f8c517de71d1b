"""Runs a notebook's cells in this process: a fraction of what a kernel costs, and an error is the exception itself."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from pdsync.api.notebook_files import read_notebook

__all__ = ["run_cells"]


def run_cells(path: Path, patch: pytest.MonkeyPatch, **parameters: object) -> list[str]:
    """What the cells of a notebook show, as HTML or SVG: the value of each cell's last line, and what it displays.

    Args:
        path: The notebook.
        patch: For ``display``, which belongs to Jupyter.
        parameters: Set after the cell of parameters, as papermill does.
    """
    shown: list[str] = []
    patch.setattr("IPython.display.display", lambda what: shown.append(_shown(what)))
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in read_notebook(path).cells:
        if cell.cell_type != "code":
            continue
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        exec(compile(ast.Module(body, []), str(path), "exec"), names)  # noqa: S102 - our own notebooks
        if "parameters" in cell.metadata.get("tags", ()):
            names |= parameters
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), str(path), "eval"), names)  # noqa: S307
            if value is not None:
                shown.append(_shown(value))
    return shown


def _shown(value: Any) -> str:
    """What a front end would take of it."""
    if hasattr(value, "_repr_mimebundle_"):
        bundle = value._repr_mimebundle_(None, None)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        return str(data.get("text/html") or data.get("image/svg+xml") or data)
    return str(value._repr_html_())
