"""A notebook run on somebody's data and made a page for a client: one file, no scripts, no code, fit for printing."""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.api.notebook_files import NEEDED, find_notebook, parameters_of, read_notebook
from pdsync.draft7 import lean_jsonschema
from pdsync.errors import InputFileError, UsageError

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["make_report"]

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
:root {{ color-scheme: light; }}
body {{ font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: #1d2327; background: #fff;
  max-width: 62rem; margin: 2.5rem auto; padding: 0 1.5rem; }}
h1 {{ font-size: 2rem; line-height: 1.2; margin: 0 0 .3rem; }}
h2 {{ font-size: 1.3rem; margin: 2.2rem 0 .5rem; padding-top: .6rem; border-top: 1px solid #d0d5d9; }}
.made {{ color: #56616a; margin: 0 0 1.2rem; }}
nav {{ background: #f3f5f7; border-radius: 6px; padding: .7rem 1rem; margin: 1.2rem 0; }}
nav strong {{ display: block; }}
nav ol {{ margin: .2rem 0 0; padding-left: 1.4rem; columns: 2; }}
a {{ color: #00558c; }}
svg, img {{ max-width: 100%; height: auto; }}
.jp-Cell {{ margin: .6rem 0; }}
.jp-OutputPrompt, .jp-InputPrompt, .jp-Collapser, .anchor-link {{ display: none; }}
code {{ font-size: .92em; }}
footer {{ margin-top: 3rem; color: #56616a; font-size: .85rem; border-top: 1px solid #d0d5d9; padding-top: .6rem; }}
@page {{ margin: 16mm 14mm; }}
@media print {{
  body {{ max-width: none; margin: 0; padding: 0; font-size: 10.5pt; }}
  h2 {{ break-after: avoid; }}
  .jp-OutputArea-output, svg, tr {{ break-inside: avoid; }}
  nav {{ break-inside: avoid; }}
  a {{ color: inherit; text-decoration: none; }}
}}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p class="made">Made on {date} with pdsync {version}{parameters}</p>
<nav><strong>Contents</strong><ol>{contents}</ol></nav>
</header>
<main>
{body}
</main>
<footer>pdsync {version}, notebook {name}. May hold personal data: hand it only to people who may see it.</footer>
</body>
</html>
"""
_KERNEL: Final = "python3"
_WITH_SCRIPTS: Final = "searchable"
"""The parameter by which notebooks show tables to search and sort; a page has no scripts, so it gets plain ones."""
_TITLE: Final = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_HEADING: Final = re.compile(r'<h2 id="([^"]*)">(.*?)</h2>', re.DOTALL)
_PICTURE: Final = re.compile(r'alt="[^"]*" src="data:image/svg\+xml;base64,([^"]+)"')
_TITLE_OF_CHART: Final = re.compile(r'<text[^>]*font-size="14px"[^>]*>([^<]+)</text>')
"""Titles have their size by the theme that the notebooks set; nothing else in a chart is so large."""
_ANCHOR: Final = re.compile(r'<a class="anchor-link".*?</a>', re.DOTALL)


def make_report(name: str, output: Path | None = None, parameters: Mapping[str, str] | None = None) -> Path:
    """Run a notebook from its first to its last cell and write what it shows as one HTML file.

    Args:
        name: A shipped notebook's name, number or a part of it (``readiness``), or a file.
        output: The file to write; None: its name and today's date, in the current folder.
        parameters: Values for its cell of parameters, as text.

    Returns:
        The file, readable by this user only: it may show people.

    Raises:
        UsageError: no such notebook or parameter, or what notebooks need is not installed; or the notebook stopped,
            then with what it said.
        InputFileError: the file cannot be written.
    """
    path = find_notebook(name)
    notebook = read_notebook(path)
    # A script without Jupyter's header is a notebook as well; papermill asks for the language.
    notebook.metadata.setdefault("kernelspec", {"name": _KERNEL, "display_name": "Python 3"}).setdefault(
        "language", "python"
    )
    known = parameters_of(notebook)
    given = _typed(parameters or {}, {key: known[key] for key in known if key != _WITH_SCRIPTS}, path.stem)
    target = output or Path(f"{path.stem}-{datetime.now(UTC):%Y-%m-%d}.html")
    fixed = {_WITH_SCRIPTS: False} if _WITH_SCRIPTS in known else {}
    page = _page(_run(notebook, given | fixed, path.stem), path.stem, given)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600)
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputFileError(
            f"The report cannot be written to {target}: {error.strerror or error}.",
            untouched="Nothing else was changed.",
            next_step="Name another file with --output.",
        ) from error
    return target


def _typed(given: Mapping[str, str], known: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The parameters in the types of their defaults; folders and files from where the person is."""
    typed: dict[str, Any] = {}
    for key, text in given.items():
        if key not in known:
            raise UsageError(
                f"The notebook {name} has no parameter {key!r}.",
                untouched="No report was made.",
                next_step=f"It has: {', '.join(f'{one}={default!r}' for one, default in known.items())}.",
            )
        if isinstance(known[key], int):
            if not text.lstrip("-").isdecimal():
                raise UsageError(
                    f"{key} takes a whole number, not {text!r}.", untouched="No report was made."
                )
            typed[key] = int(text)
        elif key in {"account", "other_mapping"} and text not in {"", "demo"}:
            typed[key] = str(Path(text).expanduser().absolute())
        else:
            typed[key] = text
    return typed


def _run(notebook: NotebookNode, parameters: Mapping[str, Any], name: str) -> NotebookNode:
    """The notebook with the outputs of all its cells, run in a process of its own."""
    try:
        with lean_jsonschema():
            import nbformat
            import papermill
            from papermill.exceptions import PapermillExecutionError
    except ImportError:
        raise UsageError(
            "What reports need is not installed.", untouched="No report was made.", next_step=NEEDED
        ) from None
    with tempfile.TemporaryDirectory(prefix="pdsync-report-") as folder:
        given, made = Path(folder) / "given.ipynb", Path(folder) / "made.ipynb"
        given.write_text(nbformat.writes(notebook), encoding="utf-8")  # type: ignore[no-untyped-call]
        try:
            run: NotebookNode = papermill.execute_notebook(
                given,
                made,
                dict(parameters),
                kernel_name=_KERNEL,
                progress_bar=False,
                cwd=Path.cwd(),
                extra_arguments=["--IPKernelApp.log_level=ERROR"],
            )
        except PapermillExecutionError as error:
            raise UsageError(
                f"The notebook {name} stopped: {error.evalue}",
                untouched="No report was made.",
                next_step=""
                if error.ename in _named_errors()
                else f"It was a {error.ename}; see it with: pdsync notebooks DIR",
            ) from error
        return run


def _named_errors() -> frozenset[str]:
    from pdsync import errors

    return frozenset(errors.__all__)


def _page(notebook: NotebookNode, name: str, parameters: Mapping[str, Any]) -> str:
    """The page around what the cells showed."""
    from nbconvert import HTMLExporter

    from pdsync import __version__

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input=True, exclude_input_prompt=True, exclude_output_prompt=True
    )
    body = _ANCHOR.sub("", exporter.from_notebook_node(notebook)[0])
    body = _PICTURE.sub(_described, body)
    heads = _TITLE.search(body)
    said = "".join(
        f", {key} = {value}" for key, value in parameters.items() if key != "account" and value != ""
    )
    return _PAGE.format(
        title=heads.group(1) if heads else escape(name),
        date=f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC",
        version=escape(__version__),
        parameters=escape(said),
        contents="".join(
            f'<li><a href="#{anchor}">{words}</a></li>' for anchor, words in _HEADING.findall(body)
        ),
        body=_TITLE.sub("", body, count=1),
        name=escape(name),
    )


def _described(picture: re.Match[str]) -> str:
    """A chart with its title as the text for those who do not see it."""
    title = _TITLE_OF_CHART.search(base64.b64decode(picture.group(1)).decode("utf-8", "replace"))
    words = escape(unescape(title.group(1)), quote=True) if title else "Chart"
    return f'alt="{words}" src="data:image/svg+xml;base64,{picture.group(1)}"'
