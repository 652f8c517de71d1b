"""``pdsync explain``: everything that is known of one person, and what would happen to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import Event, Explanation

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["explain"]


@verb("mapping", "state")
@click.argument("person", metavar="EMAIL|ID")
@click.option("--live", is_flag=True, help="Read the two records again first: one or two requests.")
def explain(session: Session, *, person: str, live: bool) -> ExitCode:
    """Explain one person: both records, link, findings, what would be written and why.

    An email address, pipedrive:person/1042, plezi:contact/ab12, or an id that only one side has. Works from what was
    read last; without --live no request leaves, and nothing is written.
    """
    from pdsync.report.explanation_json import explanation_json
    from pdsync.report.text import explanation_lines

    async def find(ws: Workspace, on_event: Callable[[Event], None]) -> Explanation:
        from pdsync.engine.explaining import explain, explain_live

        if live:
            return await explain_live(ws, person, on_event=on_event)
        return explain(ws, person, on_event=on_event)

    explanation = session.work(find)
    session.deliver(
        lambda look: explanation_lines(explanation, width=look.width, colour=look.colour),
        lambda: [explanation_json(explanation)],
    )
    return ExitCode.OK
