"""Accepting what pdsync proposes for one finding by its name: what ``f`` does in the terminal UI, for ``pdsync fixes``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pdsync.engine.acknowledging import parse_subject
from pdsync.engine.fix_findings import findings_about
from pdsync.engine.fixes import Decided, FixesWritten, decide, proposals_for
from pdsync.errors import UsageError
from pdsync.model import MergeProposal, MissingOption, Proposal, Repair, Side, Subject

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["Named", "NamedDecisions", "decide_named"]

Named: TypeAlias = tuple[str, str]
"""Code of an audit, and what its finding is about: ``pipedrive:person/1042``."""


@dataclass(frozen=True, slots=True)
class NamedDecisions:
    """What was decided, and what came of it in the file."""

    written: FixesWritten
    accepted: tuple[Proposal, ...]
    put_back: tuple[Proposal, ...]


def decide_named(
    ws: Workspace, path: Path, accept: Sequence[Named], put_back: Sequence[Named] = ()
) -> NamedDecisions:
    """Accept what pdsync proposes for findings of the newest stored audit, or take that back: all of it, or nothing.

    Of a record only its own repairs are accepted, and a merge that it is part of; of two that exclude each other, the one
    for the record that was named. Of a field or an option everything that excludes nothing and can be carried out.

    Args:
        ws: The workspace.
        path: The fix file; made if it is not there.
        accept: Findings.
        put_back: Findings of which nothing is to be accepted any more; the proposals stay in the file.

    Raises:
        UsageError: no such finding, pdsync knows no repair for it, or nothing of it is accepted.
        MappingError, AccountMismatch, InputFileError, StateError, StorageFull: as ``engine.fixes.decide``.
    """
    back = [one for code, subject in put_back for one in _put_back(ws, path, code, parse_subject(subject))]
    wanted = [one for code, subject in accept for one in _accepted(ws, path, code, parse_subject(subject))]
    written = decide(ws, path, [*back, *wanted])
    return NamedDecisions(
        written,
        tuple(one.proposal for one in wanted if one.accepted),
        tuple(one.proposal for one in back),
    )


def _accepted(ws: Workspace, path: Path, code: str, subject: Subject) -> Iterator[Decided]:
    proposed = _proposed(ws, path, code, subject)
    chosen = [one for one in proposed if _is_about(one.proposal, subject)]
    if not chosen:
        raise UsageError(
            f"pdsync knows no repair for this: {code} of {subject}.",
            untouched="The fix file is as it was.",
            next_step=f"See the finding, and what could be done: pdsync explain {subject}",
        )
    yield from (replace(one, accepted=True) for one in chosen)
    # Of those that exclude each other one is accepted: the others are not, if they are in the file.
    instead = {one.proposal.one_of for one in chosen if isinstance(one.proposal, Repair)} - {""}
    yield from (
        replace(one, accepted=False)
        for one in proposed
        if one not in chosen
        and one.accepted
        and isinstance(one.proposal, Repair)
        and one.proposal.one_of in instead
    )


def _proposed(ws: Workspace, path: Path, code: str, subject: Subject) -> list[Decided]:
    findings = findings_about(ws.folder.audits, code, subject)
    return [one for finding in findings for one in proposals_for(ws, path, finding)]


def _is_about(proposal: Proposal, subject: Subject) -> bool:
    """Whether somebody who names this subject means this proposal."""
    record = subject.noun == subject.side.noun
    match proposal:
        case Repair():
            return proposal.record == subject if record else not proposal.one_of
        case MergeProposal():
            return subject in (proposal.keep, *proposal.merge)
        case MissingOption():
            return not record and proposal.side is not Side.PLEZI
        case _:
            return not record


def _put_back(ws: Workspace, path: Path, code: str, subject: Subject) -> list[Decided]:
    """What is accepted in the file, whatever the last audit says of it by now."""
    from pdsync.engine.fix_pairs import load_checked

    found: list[Decided] = []
    if path.exists():
        if subject.noun == subject.side.noun:
            held = [one for one in load_checked(path).repairs if (one.code, one.record) == (code, subject)]
            found = [Decided(one, accepted=one.accepted) for one in held]
        else:
            found = _proposed(ws, path, code, subject)
    accepted = [one for one in found if one.accepted and not isinstance(one.proposal, MergeProposal)]
    if not accepted:
        raise UsageError(
            f"Nothing is accepted in {path.name} for {code} of {subject}.",
            untouched="The fix file is as it was.",
            next_step=f"See what it holds: pdsync fixes {path}",
        )
    return [replace(one, accepted=False) for one in accepted]
