"""``pdsync notebooks``: copies of the shipped notebooks, to explore with."""

from __future__ import annotations

from pathlib import Path

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb

__all__ = ["notebooks"]


@verb()
@click.argument("folder", type=click.Path(path_type=Path))
def notebooks(session: Session, *, folder: Path) -> ExitCode:
    """Copy the notebooks into FOLDER, to run and change them in Jupyter.

    Each runs on invented people until its first cell names your account. Nothing there is overwritten.
    """
    from pdsync.api.notebook_files import copy_notebooks

    made = copy_notebooks(folder)
    session.deliver(
        lambda _: [str(path) for path in made],
        lambda: {"kind": "notebooks", "version": 1, "paths": [str(path) for path in made]},
    )
    session.say(f"Open them: jupyter lab {folder}")
    return ExitCode.OK
