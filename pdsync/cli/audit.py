"""``pdsync audit``: what would go wrong in a sync, found before it happens."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import SOURCES, Session, verb
from pdsync.errors import UsageError
from pdsync.model import AuditReport, Event, GateState, Side

if TYPE_CHECKING:
    from pdsync.engine.fixes import FixesWritten
    from pdsync.engine.workspace import Workspace

__all__ = ["audit"]


@verb("mapping", "state", *SOURCES)
@click.option("--pull", "read_first", is_flag=True, help="Read both sides first.")
@click.option(
    "--sample", type=click.IntRange(min=0), default=5, show_default=True, help="Findings shown per audit."
)
@click.option(
    "--output",
    "-o",
    "files",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="Also a report as a file; may be repeated. Its ending says which: .html (a page with charts), .xlsx or .csv "
    "(every finding), .md (for a pull request; no person), .json.",
)
@click.option(
    "--from", "kept", metavar="AUDIT", help="An audit that was kept (its id, or last), instead of a new one."
)
@click.option(
    "--fixes",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also a new file of proposed repairs, for you to review: then pdsync plan --fixes FILE.",
)
@click.option(
    "--fixes-for", multiple=True, metavar="CODE", help="Repairs for this audit only; may be repeated."
)
@click.option(
    "--near-duplicates",
    is_flag=True,
    help="Also look for one person under several addresses. For information; takes longer.",
)
def audit(
    session: Session,
    *,
    read_first: bool,
    sample: int,
    files: tuple[Path, ...],
    kept: str | None,
    fixes: Path | None,
    fixes_for: tuple[str, ...],
    near_duplicates: bool,
) -> ExitCode:
    """Look for what would go wrong, before anything is written.

    Audits the newest snapshots (pdsync pull). With --pipedrive FILE and --plezi FILE it audits two exports instead, and
    keeps nothing. Ends with 1 if the quality gate says "not ready".
    """
    from pdsync.engine.exporting import check_report_files
    from pdsync.report.json import audit_json
    from pdsync.report.text import audit_lines

    check_report_files(files)
    wanted = _check_fixes(fixes, fixes_for, kept)
    new = partial(_audit, sample=sample, files=files, fixes=wanted, near_duplicates=near_duplicates)
    given = [side for side in Side if session.was_given(f"{side}.file")]
    if kept is not None and (given or read_first or near_duplicates):
        raise UsageError(
            "--from shows an audit as it was; --pull, --near-duplicates, --pipedrive and --plezi make a new one.",
            untouched="Nothing was read or written.",
            next_step="Leave out one of them.",
        )
    if len(given) == len(Side) and not session.was_given("state"):
        with tempfile.TemporaryDirectory(prefix="pdsync-audit-") as folder:
            session.use_settings(replace(session.settings, state=Path(folder)), keeps_state=False)
            report = session.work(partial(new, sides=tuple(Side)))
        report = replace(report, table="")  # which went with the folder
    elif kept is not None:
        report = session.work(lambda ws, on_event: _kept(ws, on_event, kept, sample, files))
    else:
        sides = tuple(Side) if read_first else tuple(given)
        report = session.work(partial(new, sides=sides))
    for file in files:
        session.say(f"Written: {file}")
    if wanted is not None and wanted.written is not None:
        for line in _about(wanted.written):
            session.say(line)
    session.deliver(
        lambda look: audit_lines(report, width=look.width, colour=look.colour),
        lambda: [audit_json(report)],
    )
    return ExitCode.FINDINGS if report.gate.state is GateState.NOT_READY else ExitCode.OK


async def _audit(
    ws: Workspace,
    on_event: Callable[[Event], None],
    *,
    sides: tuple[Side, ...],
    sample: int,
    files: tuple[Path, ...],
    fixes: _Fixes | None,
    near_duplicates: bool,
) -> AuditReport:
    from pdsync.engine.examine import examine
    from pdsync.engine.exporting import export_audit
    from pdsync.engine.pull import pull

    if sides:
        await pull(ws, sides=sides, on_event=on_event)
    report = examine(ws, on_event=on_event, sample=sample, near_duplicates=near_duplicates)
    export_audit(report, files, on_event=on_event)
    if fixes is not None:
        from pdsync.engine.fixes import write_fixes

        fixes.written = write_fixes(ws, fixes.path, codes=fixes.codes, report=report, on_event=on_event)
    return report


@dataclass(slots=True)
class _Fixes:
    """The fix file that is asked for, and what came of it."""

    path: Path
    codes: tuple[str, ...]
    written: FixesWritten | None = None


def _check_fixes(path: Path | None, codes: tuple[str, ...], kept: str | None) -> _Fixes | None:
    from pdsync.engine.fixes import check_new_file

    if path is None:
        if codes:
            raise UsageError("--fixes-for says what goes into the file that --fixes names.")
        return None
    if kept is not None:
        raise UsageError(
            "--fixes proposes repairs for what is there now; --from shows an audit as it was.",
            untouched="Nothing was read or written.",
            next_step="Leave out one of them.",
        )
    check_new_file(path, codes)
    return _Fixes(path, codes)


def _about(written: FixesWritten) -> Iterator[str]:
    """What stands in the new file, and what to do with it."""
    counts = ", ".join(f"{code} {count:,}" for code, count in written.counts.items())
    yield f"{written.words}, {written.accepted:,} of them accepted from the start{f': {counts}' if counts else ''}."
    yield from written.notes
    yield f"Review it, then: pdsync plan --fixes {written.path}"


async def _kept(
    ws: Workspace, on_event: Callable[[Event], None], name: str, sample: int, files: tuple[Path, ...]
) -> AuditReport:
    from pdsync.engine.auditfiles import find_audit
    from pdsync.engine.exporting import export_audit

    report = find_audit(ws, name, sample=sample)
    export_audit(report, files, on_event=on_event)
    return report
