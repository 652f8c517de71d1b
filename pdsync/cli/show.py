"""``pdsync show``: a plan that was made before, here or elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import BoundMapping, Event, Plan

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["show"]


@verb("mapping", "state")
@click.argument("plan")
@click.option("--all", "everything", is_flag=True, help="Every change and finding, however many.")
@click.option("--markdown", is_flag=True, help="For a pull request: counts, codes and ids, and no person.")
def show(session: Session, *, plan: str, everything: bool, markdown: bool) -> ExitCode:
    """Show a plan: what would be written where, and why.

    PLAN is a file, the id of a plan in the state folder or the beginning of it, or "last".
    """
    from pdsync.report.json import plan_json
    from pdsync.report.markdown import plan_markdown
    from pdsync.report.text import plan_lines

    async def find(ws: Workspace, _: Callable[[Event], None]) -> tuple[Plan, BoundMapping | None]:
        from pdsync.engine.examine import known_names
        from pdsync.engine.planfiles import find_plan

        return find_plan(ws, plan), known_names(ws)

    found, names = session.work(find)
    most = None if everything else 50
    session.deliver(
        lambda look: (
            plan_markdown(found, most=sys.maxsize if everything else 50)
            if markdown
            else plan_lines(found, width=look.width, colour=look.colour, bound=names, most=most)
        ),
        lambda: plan_json(found),
    )
    return ExitCode.OK
