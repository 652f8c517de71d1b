"""``pdsync check``: the mapping's problems, like a compiler's, before anything is read or written."""

from __future__ import annotations

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import Severity

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
    from pdsync.engine.checking import check as check_mapping
    from pdsync.mapfiles import render_problems
    from pdsync.report.inert import for_terminal
    from pdsync.report.json import finding_data

    mapping = session.settings.mapping
    findings = session.work(lambda ws, _: check_mapping(ws, live=live))
    session.deliver(
        lambda _: [
            for_terminal(render_problems(findings), lines=True) if findings else f"{mapping}: no problems"
        ],
        lambda: {
            "kind": "check",
            "version": 1,
            "mapping": str(mapping),
            "findings": [finding_data(finding) for finding in findings],
        },
    )
    blocked = any(finding.severity is Severity.BLOCKING for finding in findings)
    return ExitCode.USAGE if blocked else ExitCode.OK
