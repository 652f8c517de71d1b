"""Fix files: what audits found, as proposed repairs that a person reviews, accepts and turns into a plan.

This is the face of the subject. ``write_fixes`` puts every repair that pdsync knows into a new file; ``proposals_for`` and
``decide`` show and accept those for one finding, as a screen does. Nothing here writes to a service: ``engine.fix_plan``
makes an ordinary plan of what is accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.fix_findings import findings_of, most_proposals
from pdsync.engine.fix_git import keep_out_of_git
from pdsync.engine.fix_known import know
from pdsync.engine.fix_proposals import REPAIRED, WORDS, propose
from pdsync.engine.inputs import bind_mapping, check_accounts, newest_snapshots
from pdsync.engine.private_files import private_file
from pdsync.errors import AccountMismatch, MappingError, UsageError
from pdsync.model import (
    AuditReport,
    BoundMapping,
    Event,
    Finding,
    FixFile,
    MergeProposal,
    MissingOption,
    PairProposal,
    Progress,
    Proposal,
    Repair,
    Side,
)
from pdsync.planning.wording import did_you_mean, quoted

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.mapfiles.document import Source
    from pdsync.snapshots.reader import Snapshot

__all__ = ["Decided", "FixesWritten", "check_new_file", "decide", "proposals_for", "write_fixes"]


@dataclass(frozen=True, slots=True)
class FixesWritten:
    """What a fix file got, or lost."""

    path: Path
    proposals: int
    """How many entries were written or removed. 0: the file is as it was, and ``words`` say why."""
    accepted: int = 0
    """How many of them begin as accepted: those that change the spelling of a value and nothing else."""
    words: str = ""
    """One sentence for people: '2 proposals are in fixes.yaml', 'pdsync knows no repair for this finding'."""
    notes: tuple[str, ...] = ()
    """What else is to be known: an entry in .gitignore, findings that did not fit into the file."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Proposals by audit code; pairs, missing options and merges by ``pairs``, ``options``, ``merges``."""


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposal, and what was decided about it."""

    proposal: Proposal
    accepted: bool | None
    """None: the file does not hold it. A merge, which nothing carries out, is only held or not."""

    @property
    def as_written(self) -> Proposal:
        """The proposal as it stands in the file."""
        if isinstance(self.proposal, MergeProposal):
            return self.proposal
        return replace(self.proposal, accepted=self.accepted is True)


def _ignore(event: Event) -> None:
    del event


def check_new_file(path: Path, codes: Collection[str] = ()) -> None:
    """See that a new fix file could be written, before anything is audited for it.

    Raises:
        UsageError: it is there already, its folder is not, or there is no such audit.
    """
    if path.exists() or path.is_symlink():
        raise UsageError(
            f"{path} is there already, perhaps with decisions in it.",
            untouched="Nothing was audited or written.",
            next_step="Name another file, or delete this one first.",
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"{path}: there is no folder {path.parent}.", untouched="Nothing was audited or written."
        )
    for code in codes:
        if code not in REPAIRED:
            raise UsageError(
                f"pdsync knows no repairs for {quoted(code)}{did_you_mean(code, REPAIRED)}",
                untouched="Nothing was audited or written.",
                next_step=f"It knows some for: {', '.join(REPAIRED)}.",
            )


def write_fixes(
    ws: Workspace,
    path: Path,
    *,
    codes: Collection[str] = (),
    report: AuditReport | None = None,
    on_event: Callable[[Event], None] = _ignore,
) -> FixesWritten:
    """Write every repair that pdsync can propose for the newest snapshots into a new file.

    Args:
        ws: The workspace.
        path: The new file: mode 0600, and kept out of git.
        codes: Only for findings of these audits.
        report: An audit of the newest snapshots that was kept; None: they are audited now.
        on_event: Told of progress.

    Raises:
        UsageError: as ``check_new_file``; git tracks the file; nothing was read yet.
        MappingError, AccountMismatch, InputFileError, StateError, StorageFull
    """
    from pdsync.mapfiles.fixes_writing import fixes_lines

    check_new_file(path, codes)
    if report is None or not report.table:
        from pdsync.engine.examine import examine

        report = examine(ws, on_event=on_event, sample=0)
    bound, snapshots = _bound(ws)
    findings, unread = findings_of(report, codes or REPAIRED)
    known = know(bound, snapshots, ws.state.ledger, findings)
    proposals: list[Proposal] = []
    for number, finding in enumerate(findings, start=1):
        if len(proposals) >= most_proposals():
            unread += len(findings) - number + 1
            break
        proposals += propose(finding, known)
        if number % 500 == 0:
            on_event(Progress("fixes", number, len(findings)))
    fixes = _file(bound, proposals)
    notes = []
    if unread:
        notes.append(
            f"{unread:,} findings are not in it: a file takes about {most_proposals():,} proposals. Do these first and "
            "audit again, or take some audits only: --fixes-for CODE"
        )
    notes += [
        f"{side.label} cannot be updated as it was read (an export, or an API profile without that call): its repairs are a "
        "list for people"
        for side in Side
        if not bound.schemas[side].capabilities.update
        and any(repair.record.side is side for repair in fixes.repairs)
    ]
    notes += [note for note in (keep_out_of_git(path),) if note]
    text = "\n".join(fixes_lines(fixes, WORDS)) + "\n"
    _check_readable(path, text)
    with private_file(path) as file:
        file.write(text.encode("utf-8"))
    return _written(path, proposals, len(proposals), notes=notes)


def proposals_for(ws: Workspace, path: Path, finding: Finding) -> tuple[Decided, ...]:
    """What pdsync proposes for one finding, each as the fix file has it if it is there; none where it knows no repair.

    The finding is one of an audit's samples, or of ``engine.findings.FindingsTable``.

    Raises:
        MappingError: the file, or the mapping, has problems.
        AccountMismatch: the file is for other accounts.
        InputFileError, StateError
    """
    from pdsync.mapfiles.fixes_writing import decisions

    bound, snapshots = _bound(ws)
    proposals = list(propose(finding, know(bound, snapshots, ws.state.ledger, [finding])))
    if not proposals or not path.exists():
        return tuple(Decided(proposal, None) for proposal in proposals)
    return tuple(starmap(Decided, decisions(_open(path, bound), proposals)))


def decide(ws: Workspace, path: Path, wanted: Sequence[Decided]) -> FixesWritten:
    """Put proposals into a fix file as they are decided, or take out again those that shall not be there.

    The file is made if it is not there. Everything else in it stays as it is, comments and other decisions included.

    Raises:
        MappingError: the file, or the mapping, has problems; two of what is accepted exclude each other.
        UsageError: git tracks it.
        AccountMismatch: the file is for other accounts.
        InputFileError, StateError, StorageFull
    """
    from pdsync.mapfiles.document import Source
    from pdsync.mapfiles.fixes_writing import added, decided, fixes_lines, removed

    bound, _ = _bound(ws)
    kept = [one.as_written for one in wanted if one.accepted is not None]
    gone = [one.proposal for one in wanted if one.accepted is None]
    if not kept and not path.exists():
        return FixesWritten(path, 0, words=f"there is no {path.name}")
    notes = [note for note in (keep_out_of_git(path) if kept else "",) if note]
    before = _open(path, bound) if path.exists() else None
    if before is None:
        source = Source(str(path), "\n".join(fixes_lines(_file(bound, kept), WORDS)) + "\n")
        count = len(kept)
    else:
        source, out = removed(before, gone)
        source, more = added(source, kept)
        source, changed = decided(source, kept)
        count = out + more + changed
    if not count:
        return FixesWritten(path, 0, words=f"{path.name} says so already")
    _check_sound(before, source)
    _save(path, source)
    accepted = sum(one.accepted is True for one in wanted if not isinstance(one.proposal, MergeProposal))
    words = _said(path, kept, accepted) if kept else f"{_counted(len(gone))} left {path.name}"
    return replace(_written(path, kept, count, notes=notes), accepted=accepted, words=words)


def _check_sound(before: Source | None, source: Source) -> None:
    """See that a decision made no problem that was not there: two repairs of one value, two that exclude each other."""
    from pdsync.mapfiles.fixes import read_text
    from pdsync.mapfiles.problems import render_problems

    there = read_text(before)[2] if before is not None else ()
    problems = read_text(source)[2]
    if len(problems) > len(there):
        raise MappingError(
            render_problems(problems), findings=problems, untouched=f"{source.path} is as it was."
        )


def _said(path: Path, kept: Sequence[Proposal], accepted: int) -> str:
    be = "is" if len(kept) == 1 else "are"
    if all(isinstance(one, MergeProposal) for one in kept):
        return f"{_counted(len(kept))} {be} in {path.name}: records are merged by hand"
    how = (
        "accepted" if accepted == len(kept) else f"{accepted:,} accepted" if accepted else "not accepted yet"
    )
    return f"{_counted(len(kept))} {be} in {path.name}, {how}"


def _counted(number: int) -> str:
    return f"{number:,} proposal{'' if number == 1 else 's'}"


def _bound(ws: Workspace) -> tuple[BoundMapping, Mapping[Side, Snapshot]]:
    snapshots = newest_snapshots(ws)
    check_accounts(ws.state.ledger, snapshots)
    schemas = {side: one.schema for side, one in snapshots.items()}
    bound, _ = bind_mapping(ws, schemas, ws.state.ledger, to_audit=True)
    return bound, snapshots


def _file(bound: BoundMapping, proposals: Sequence[Proposal]) -> FixFile:
    return FixFile(
        mapping=bound.mapping.name,
        accounts={side: bound.schemas[side].account.id for side in Side},
        repairs=tuple(one for one in proposals if isinstance(one, Repair)),
        pairs=tuple(one for one in proposals if isinstance(one, PairProposal)),
        options=tuple(one for one in proposals if isinstance(one, MissingOption)),
        merges=tuple(one for one in proposals if isinstance(one, MergeProposal)),
    )


def _check_readable(path: Path, text: str) -> None:
    from pdsync.mapfiles.document import MAX_BYTES

    if len(text.encode("utf-8")) > MAX_BYTES:
        raise UsageError(
            f"{path} would be larger than the {MAX_BYTES:,} bytes that can be read again.",
            untouched="No fix file was written.",
            next_step="Take some audits only: --fixes-for CODE",
        )


def _open(path: Path, bound: BoundMapping) -> Source:
    """The text of a fix file that is there, for the accounts in hand."""
    from pdsync.mapfiles.files import read_source
    from pdsync.mapfiles.fixes import read_text
    from pdsync.mapfiles.problems import render_problems

    source, findings = read_source(path)
    if source is None:
        raise MappingError(render_problems(findings), findings=findings)
    fixes, document, findings = read_text(source)
    if document is None or (fixes is None and any(one.code == "mapping-schema" for one in findings)):
        raise MappingError(render_problems(findings), findings=findings)
    if fixes is not None and fixes.accounts != {side: bound.schemas[side].account.id for side in Side}:
        raise AccountMismatch(
            f"{path} is a fix file of other accounts.",
            untouched="It is as it was.",
            next_step="Name another file.",
        )
    return source


def _save(path: Path, source: Source) -> None:
    with private_file(path.resolve()) as file:
        file.write(source.mark + source.text.encode(source.encoding))


def _written(
    path: Path, proposals: Iterable[Proposal], count: int, *, notes: Sequence[str] = ()
) -> FixesWritten:
    counts = Counter(_kind(one) for one in proposals)
    accepted = sum(isinstance(one, Repair) and one.accepted for one in proposals)
    words = f"{count:,} proposal{' is' if count == 1 else 's are'} in {path.name}"
    return FixesWritten(path, count, accepted, words, tuple(notes), dict(counts))


def _kind(proposal: Proposal) -> str:
    match proposal:
        case Repair():
            return proposal.code
        case PairProposal():
            return "pairs"
        case MissingOption():
            return "options"
        case MergeProposal():
            return "merges"
