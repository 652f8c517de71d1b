"""``pdsync tui``: the same, on a screen: audit, review, run and watch without leaving the keyboard."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from pdsync.cli.demo import point_at
from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.stand_in import PLAN, StandIn
from pdsync.cli.shell.verbs import SOURCES, Session, verb
from pdsync.errors import UsageError

__all__ = ["tui"]


@verb("mapping", "state", "read_only", *SOURCES)
@click.option("--demo", is_flag=True, help="On invented people, with no account, on this machine only.")
def tui(session: Session, *, demo: bool) -> ExitCode:
    """Do all of this on a screen: audit, review, run and watch.

    Every action there is also a command, and each screen names it. With --read-only nothing can be written to either
    service. --demo starts stand-ins of both services with invented people, and removes everything at the end.
    """
    if session.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "The terminal UI needs a terminal.",
            untouched="Nothing was read or written.",
            next_step="For scripts there are the other verbs: pdsync --help",
        )
    if not demo:
        return _run(session, demo=False)
    with tempfile.TemporaryDirectory(prefix="pdsync-tui-") as folder:
        session.say("Starting the sandbox ...")
        here = Path(folder)
        with StandIn(here / "sandbox.sqlite3", ["--seed", "demo", "--plan", PLAN]) as stand_in:
            read_only = session.settings.read_only
            point_at(session, stand_in, here, keep=False)
            session.use_settings(replace(session.settings, read_only=read_only), keeps_state=False)
            return _run(session, demo=True)


def _run(session: Session, *, demo: bool) -> ExitCode:
    from pdsync.tui import run

    return ExitCode(run(session.settings, demo=demo))
