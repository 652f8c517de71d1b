"""``pdsync undo``: takes back what a run wrote, as far as nobody changed it since."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.cli.shell.writing import confirm, deliver_run
from pdsync.model import BoundMapping, Event, Plan

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["undo"]


@verb("mapping", "state", "read_only")
@click.argument("run")
@click.option("--delete-created", is_flag=True, help="Also delete the records that the run created.")
@click.option("--dry-run", is_flag=True, help="Show what would be taken back, and write nothing.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def undo(session: Session, *, run: str, delete_created: bool, dry_run: bool, yes: bool) -> ExitCode:
    """Take back what a run wrote.

    RUN is a run's id, the beginning of it, or "last". A value goes back to what it was before, if it is still what the
    run wrote; what somebody changed since stays. The plan to undo is a plan like any other.
    """
    from pdsync.engine.apply import apply as carry_out
    from pdsync.engine.undo import prepare_undo

    async def prepare(ws: Workspace, on_event: Callable[[Event], None]) -> tuple[Plan, BoundMapping | None]:
        from pdsync.engine.examine import known_names

        made = await prepare_undo(ws, run, delete_created=delete_created, on_event=on_event)
        return made, known_names(ws)

    made, names = session.work(prepare)
    if dry_run:
        from pdsync.report.json import plan_json
        from pdsync.report.text import plan_lines

        session.deliver(
            lambda look: plan_lines(made, width=look.width, colour=look.colour, bound=names),
            lambda: plan_json(made),
        )
        return ExitCode.OK
    confirm(session, made, yes=yes)
    return deliver_run(session, session.work(lambda ws, on_event: carry_out(ws, made, on_event=on_event)))
