"""``pdsync report``: a notebook run on the user's data, as one HTML file for a client."""

from __future__ import annotations

from pathlib import Path

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.errors import UsageError

__all__ = ["report"]


@verb()
@click.argument("notebook", required=False)
@click.option(
    "--parameter",
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="For the notebook; may be repeated. account=FOLDER names whose data [the invented people of the demo].",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to put it [NOTEBOOK-DATE.html].",
)
def report(
    session: Session, *, notebook: str | None, parameters: tuple[str, ...], output: Path | None
) -> ExitCode:
    """Run a notebook and write what it shows as one HTML file.

    NOTEBOOK is a shipped one by its name, number or a part of it (readiness), or a file of your own; without it, the
    shipped ones are listed. The file needs no network, holds no code, and prints well.
    """
    from pdsync.api.notebook_files import shipped_notebooks, title_of
    from pdsync.api.reports import make_report

    if notebook is None:
        known = {path.stem: title_of(path) for path in shipped_notebooks()}
        session.deliver(
            lambda _: [f"{name:<24}{title}" for name, title in known.items()],
            lambda: {"kind": "reports", "version": 1, "notebooks": known},
        )
        return ExitCode.OK
    session.say("Running the notebook ...")
    made = make_report(notebook, output, dict(_pair(text) for text in parameters))
    session.deliver(lambda _: [str(made)], lambda: {"kind": "report", "version": 1, "path": str(made)})
    return ExitCode.OK


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise UsageError(
            f"--parameter {text}: expected NAME=VALUE.",
            untouched="No report was made.",
            next_step="For example: -p account=.",
        )
    return name, value
