"""The notebooks that come with pdsync: where they are, which one is meant, and copies to work in.

In git and in the wheel they are jupytext's percent scripts; Jupyter and papermill get ``.ipynb`` made from them.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.draft7 import lean_jsonschema
from pdsync.errors import InputFileError, UsageError

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = [
    "NEEDED",
    "copy_notebooks",
    "find_notebook",
    "parameters_of",
    "read_notebook",
    "shipped_notebooks",
    "title_of",
]

NEEDED: Final = "pip install 'pdsync[notebooks]'"
_HERE: Final = Path(__file__).parent
_UNTOUCHED: Final = "Nothing was read or written."


def shipped_notebooks() -> list[Path]:
    """The notebooks in their order. In a wheel they lie inside the package, in a checkout at its top."""
    inside = _HERE / "notebooks"
    return sorted((inside if inside.is_dir() else _HERE.parent.parent / "notebooks").glob("[0-9]*.py"))


def find_notebook(name: str) -> Path:
    """The notebook that ``name`` means: a file, a shipped one's name, its number, or a part of its name.

    Raises:
        UsageError: there is none, or there are several.
    """
    path = Path(name)
    if path.suffix in {".ipynb", ".py"} and path.is_file():
        return path
    shipped = shipped_notebooks()
    exact = [one for one in shipped if name in (one.stem, one.stem.partition("-")[0])]
    found = exact or [one for one in shipped if name and name.casefold() in one.stem]
    if len(found) == 1:
        return found[0]
    what = (
        f"{name!r} may be each of {', '.join(one.stem for one in found)}"
        if found
        else f"There is no notebook {name!r}"
    )
    raise UsageError(
        f"{what}.",
        untouched=_UNTOUCHED,
        next_step=f"Name a file or one of {', '.join(one.stem for one in shipped)}.",
    )


def read_notebook(path: Path) -> NotebookNode:
    """A notebook from a percent script or an ``.ipynb``.

    Raises:
        UsageError: what reads notebooks is not installed.
        InputFileError: it is no notebook.
    """
    try:
        with lean_jsonschema():
            import jupytext
    except ImportError:
        raise UsageError(
            "What notebooks need is not installed.", untouched=_UNTOUCHED, next_step=NEEDED
        ) from None
    try:
        notebook: NotebookNode = jupytext.read(path)
    except (OSError, ValueError) as error:
        raise InputFileError(f"{path} is not a notebook: {error}", untouched=_UNTOUCHED) from error
    return notebook


def title_of(path: Path) -> str:
    """Its first heading, read without any library."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# # "):
            return line.removeprefix("# # ")
    return path.stem


def parameters_of(notebook: NotebookNode) -> dict[str, Any]:
    """What can be set, with its default: the assignments of the cell tagged ``parameters``."""
    return {
        target.id: ast.literal_eval(statement.value)
        for cell in notebook.cells
        if "parameters" in cell.metadata.get("tags", ())
        for statement in ast.parse(cell.source).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def copy_notebooks(folder: Path) -> list[Path]:
    """Copies of all notebooks as ``.ipynb`` in ``folder``, which is made where it is missing.

    Raises:
        UsageError: one of them is there already; none was copied.
        InputFileError: the folder cannot be written.
    """
    wanted = {folder / f"{path.stem}.ipynb": path for path in shipped_notebooks()}
    there = [path.name for path in wanted if path.exists()]
    if there:
        raise UsageError(
            f"{folder} holds {', '.join(there)} already, perhaps with your work in it.",
            untouched="No notebook was copied.",
            next_step="Name another folder, or move these away.",
        )
    read = {path: read_notebook(source) for path, source in wanted.items()}
    import nbformat

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, notebook in read.items():
            path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")  # type: ignore[no-untyped-call]
    except OSError as error:
        raise InputFileError(f"{folder} cannot be written: {error.strerror or error}.") from error
    return list(wanted)
