"""Accepting what pdsync proposes for one finding by its name: what ``f`` does in the terminal UI, for ``pdsync fixes``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.acknowledging import parse_subject
from pdsync.engine.fixes import Decided, FixesWritten, decide, proposals_for
from pdsync.engine.stored_audits import finding_ids, stored_audits
from pdsync.errors import InputFileError, UsageError
from pdsync.model import Finding, Proposal, Repair, Subject

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["DecidedOne", "accept", "put_back"]


@dataclass(frozen=True, slots=True)
class DecidedOne:
    """What was decided about one finding."""

    written: FixesWritten
    proposals: tuple[Proposal, ...]


def accept(ws: Workspace, path: Path, code: str, subject: str) -> DecidedOne:
    """Put what pdsync proposes for a finding of the newest stored audit into a fix file, accepted.

    Args:
        ws: The workspace.
        path: The fix file; made if it is not there.
        code: Of the audit.
        subject: What the finding is about. Repairs of this record are accepted; where none is proposed, everything is
            that excludes nothing else.

    Raises:
        UsageError: no such finding, or pdsync knows no repair for it.
        MappingError, AccountMismatch, InputFileError, StateError, StorageFull: as ``engine.fixes.decide``.
    """
    return _decide(ws, path, code, subject, accepted=True)


def put_back(ws: Workspace, path: Path, code: str, subject: str) -> DecidedOne:
    """Take back what ``accept`` did: the proposals stay in the file, not accepted.

    Raises:
        As ``accept``.
    """
    return _decide(ws, path, code, subject, accepted=False)


def _decide(ws: Workspace, path: Path, code: str, named: str, *, accepted: bool) -> DecidedOne:
    subject = parse_subject(named)
    proposed = [one for finding in _findings(ws, code, subject) for one in proposals_for(ws, path, finding)]
    wanted = _about(proposed, subject)
    if not accepted:
        wanted = [one for one in wanted if one.accepted is not None]
    if not wanted:
        known = "pdsync knows no repair for this finding" if accepted else f"It is not in {path.name}"
        raise UsageError(
            f"{known}: {code} of {subject}.",
            untouched="The fix file is as it was.",
            next_step=f"See the finding, and what could be done: pdsync explain {subject}",
        )
    written = decide(ws, path, [replace(one, accepted=accepted) for one in wanted])
    return DecidedOne(written, tuple(one.proposal for one in wanted))


def _about(proposed: Sequence[Decided], subject: Subject) -> list[Decided]:
    """The proposals for this record; where there are none, all that exclude nothing."""
    own = [one for one in proposed if isinstance(one.proposal, Repair) and one.proposal.record == subject]
    return own or [one for one in proposed if not (isinstance(one.proposal, Repair) and one.proposal.one_of)]


def _findings(ws: Workspace, code: str, subject: Subject) -> list[Finding]:
    """The findings of this audit about this subject, in the newest audit that was kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pdsync.audits.table import samples

    newest = next((one for one in stored_audits(ws.folder.audits) if one.has_table), None)
    if newest is None:
        raise _refused("There is no audit to look into yet.", "pdsync audit")
    try:
        ids = finding_ids(newest.report.table, code, subject)
        rows = pq.read_table(newest.report.table, filters=[("finding", "in", ids)]) if ids else None
    except (OSError, pa.ArrowException) as error:
        raise InputFileError(
            f"The findings in {newest.report.table} cannot be read: {str(error).splitlines()[0][:200]}.",
            untouched="No fix file was written.",
            next_step="Audit again: pdsync audit",
        ) from error
    if rows is None:
        raise _refused(f"The last audit found no {code} about {subject}.", f"pdsync explain {subject}")
    return list(samples(rows, len(ids)))


def _refused(message: str, command: str) -> UsageError:
    return UsageError(
        message, untouched="The fix file is as it was.", next_step=f"See what was found: {command}"
    )
