"""``pdsync apply``: carries out exactly one plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.cli.shell.writing import as_allowance, confirm, deliver_run
from pdsync.model import Event, Plan

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["apply"]


@verb("mapping", "state", "read_only")
@click.argument("plan")
@click.option(
    "--allow", multiple=True, metavar="LIMIT=N", help="Lift a limit by naming the number: creates=1200."
)
@click.option(
    "--first-run", is_flag=True, help="An empty ledger may meet persons that carry a plezi_url already."
)
@click.option(
    "--accept-unguarded", is_flag=True, help="Write to a side that cannot be read again before the write."
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def apply(
    session: Session, *, plan: str, allow: tuple[str, ...], first_run: bool, accept_unguarded: bool, yes: bool
) -> ExitCode:
    """Carry out exactly one plan.

    PLAN is a file, the id of a plan in the state folder or the beginning of it, or "last". Each record is read again
    before it is written: what changed since is left alone and counted as stale. Ends with 1 if anything failed or was
    stale, with 4 if the plan no longer fits.
    """
    from pdsync.engine.apply import apply as carry_out
    from pdsync.engine.planfiles import find_plan

    allowed = as_allowance(allow)

    async def find(ws: Workspace, _: Callable[[Event], None]) -> Plan:
        return find_plan(ws, plan)

    found = session.work(find)
    confirm(session, found, yes=yes)
    run = session.work(
        lambda ws, on_event: carry_out(
            ws,
            found,
            allow=allowed,
            first_run=first_run,
            accept_unguarded=accept_unguarded,
            on_event=on_event,
        )
    )
    return deliver_run(session, run)
