"""``pdsync check``: the mapping's problems, like a compiler's, before anything is read or written."""

from __future__ import annotations

import asyncio

import click

from pdsync.cli.shell.data import finding_data
from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import Finding, Severity

__all__ = ["check"]


@verb("mapping")
@click.option(
    "--live", is_flag=True, help="Ask the accounts for their fields instead of reading the field lists."
)
def check(session: Session, *, live: bool) -> ExitCode:
    """Name every problem of the mapping file, with file, line and column.

    Without --live it needs no account: fields are looked up in the field lists beside the mapping (fields/*.yaml). Ends
    with 2 if there is a problem, with 0 if there are at most warnings.
    """
    from pdsync.mapfiles import render_problems

    findings = asyncio.run(_check(session, live=live))
    session.deliver(
        lambda: render_problems(findings) if findings else f"{session.settings.mapping}: no problems",
        lambda: {"mapping": str(session.settings.mapping), "findings": [finding_data(f) for f in findings]},
    )
    blocked = any(finding.severity is Severity.BLOCKING for finding in findings)
    return ExitCode.USAGE if blocked else ExitCode.OK


async def _check(session: Session, *, live: bool) -> tuple[Finding, ...]:
    from pdsync.engine.checking import check as check_mapping
    from pdsync.engine.workspace import Workspace

    async with Workspace.open(session.settings) as ws:
        return await check_mapping(ws, live=live)
