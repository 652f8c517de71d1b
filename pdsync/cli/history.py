"""``pdsync history``: every run, and every value that a run wrote (R26)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import BoundMapping, Event, JournalEntry, RunSummary

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["history"]


@verb("mapping", "state")
@click.argument("run", required=False)
@click.option("--all", "everything", is_flag=True, help="Every run or journal entry, however many.")
def history(session: Session, *, run: str | None, everything: bool) -> ExitCode:
    """List runs, or what one run wrote.

    RUN is a run's id, the beginning of it, or "last": then every change is shown with what was there before.
    """
    from pdsync.report.json import history_json, run_json
    from pdsync.report.text import history_lines, run_lines

    most = None if everything else 50
    if run is None:
        runs = session.work(lambda ws, _: _runs(ws, most))
        session.deliver(
            lambda look: history_lines(runs, colour=look.colour) if runs else ["No run yet."],
            lambda: history_json(runs),
        )
        return ExitCode.OK

    async def find(
        ws: Workspace, _: Callable[[Event], None]
    ) -> tuple[RunSummary, list[JournalEntry], BoundMapping | None]:
        from pdsync.engine.examine import known_names

        summary = ws.state.history.run(run)
        return summary, list(ws.state.history.entries(summary.id)), known_names(ws)

    summary, entries, names = session.work(find)
    session.deliver(
        lambda look: run_lines(
            summary, entries, width=look.width, colour=look.colour, bound=names, most=most
        ),
        lambda: run_json(summary, entries),
    )
    return ExitCode.OK


async def _runs(ws: Workspace, most: int | None) -> list[RunSummary]:
    return ws.state.history.runs(most)
