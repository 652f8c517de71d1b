"""``pdsync audit``: what would go wrong in a sync, found before it happens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import SOURCES, Session, verb
from pdsync.model import AuditReport, Event, GateState, Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["audit"]


@verb("mapping", "state", *SOURCES)
@click.option("--pull", "read_first", is_flag=True, help="Read both sides first.")
@click.option(
    "--sample", type=click.IntRange(min=0), default=5, show_default=True, help="Findings shown per audit."
)
def audit(session: Session, *, read_first: bool, sample: int) -> ExitCode:
    """Look for what would go wrong, before anything is written.

    Audits the newest snapshots (pdsync pull). With --pipedrive FILE and --plezi FILE it audits two exports instead, and
    keeps nothing. Ends with 1 if the quality gate says "not ready".
    """
    from pdsync.report.json import audit_json
    from pdsync.report.text import audit_lines

    given = [side for side in Side if session.was_given(f"{side}.file")]
    if len(given) == len(Side) and not session.was_given("state"):
        with tempfile.TemporaryDirectory(prefix="pdsync-audit-") as folder:
            session.use_settings(replace(session.settings, state=Path(folder)), keeps_state=False)
            report = session.work(lambda ws, on_event: _audit(ws, on_event, tuple(Side), sample))
    else:
        sides = tuple(Side) if read_first else tuple(given)
        report = session.work(lambda ws, on_event: _audit(ws, on_event, sides, sample))
    session.deliver(
        lambda look: audit_lines(report, width=look.width, colour=look.colour),
        lambda: [audit_json(report)],
    )
    return ExitCode.FINDINGS if report.gate.state is GateState.NOT_READY else ExitCode.OK


async def _audit(
    ws: Workspace, on_event: Callable[[Event], None], sides: tuple[Side, ...], sample: int
) -> AuditReport:
    from pdsync.engine.examine import examine
    from pdsync.engine.pull import pull

    if sides:
        await pull(ws, sides=sides, on_event=on_event)
    return examine(ws, on_event=on_event, sample=sample)
