"""Puts the accepted option pairs of a fix file into the mapping: in place, every other character of it stays."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.inputs import newest_snapshots
from pdsync.errors import MappingError, UsageError
from pdsync.mapfiles.edits import AddPairs, Entry, edited
from pdsync.mapfiles.files import read_source, write_whole
from pdsync.mapfiles.fixes import load_fixes
from pdsync.mapfiles.problems import render_problems
from pdsync.mapfiles.reading import check_text
from pdsync.model import FieldMapping, FixFile, PairProposal, Severity
from pdsync.planning.wording import did_you_mean, quoted

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["is_in_mapping", "load_checked", "write_pairs"]


def load_checked(path: Path) -> FixFile:
    """A fix file, its audits compared with those that there are.

    Raises:
        MappingError: with every problem, in the order of the file.
    """
    from pdsync.audits.registry import audit_codes

    return load_fixes(path, audits=audit_codes())


def is_in_mapping(ws: Workspace, pair: PairProposal) -> bool:
    """Whether the mapping has this pair."""
    return any(
        field.pipedrive == pair.field
        and any((held.pipedrive, held.plezi) == (pair.pipedrive, pair.plezi) for held in field.options.pairs)
        for field in ws.mapping.fields
    )


def write_pairs(ws: Workspace, fixes: FixFile) -> int:
    """Add the accepted pairs that the mapping does not have yet, and see that it is still in order.

    Returns:
        How many were added.

    Raises:
        UsageError: a pair of a field that is not mapped, or may not be touched (R12); or of another mapping.
        MappingError: with these pairs the mapping has problems, or it is written in a way in which they cannot be added.
        InputFileError, StorageFull: it cannot be written.
    """
    path = ws.settings.mapping
    if fixes.mapping != ws.mapping.name:
        raise UsageError(
            f"{fixes.path} is of the mapping {quoted(fixes.mapping)}; {path} is {quoted(ws.mapping.name)}.",
            untouched="Nothing was changed.",
        )
    groups: dict[Entry, list[tuple[str, str]]] = {}
    for pair in fixes.pairs:
        if pair.accepted and not is_in_mapping(ws, pair):
            groups.setdefault(_entry(ws, fixes, pair), []).append((pair.pipedrive, pair.plezi))
    if not groups:
        return 0
    source, findings = read_source(path)
    if source is None:
        raise MappingError(render_problems(findings), findings=findings)
    for entry, pairs in groups.items():
        source = edited(source, AddPairs(entry, tuple(dict.fromkeys(pairs))))
    schemas = {side: snapshot.schema for side, snapshot in newest_snapshots(ws).items()}
    wrong = tuple(
        finding for finding in check_text(source, schemas).findings if finding.severity is Severity.BLOCKING
    )
    if wrong:
        raise MappingError(
            f"With these pairs the mapping would have problems:\n{render_problems(wrong)}",
            findings=wrong,
            untouched=f"{path} is as it was.",
            next_step=f"Correct the pairs in {fixes.path}.",
        )
    write_whole(Path(path), source.mark + source.text.encode(source.encoding))
    return sum(len(dict.fromkeys(pairs)) for pairs in groups.values())


def _entry(ws: Workspace, fixes: FixFile, pair: PairProposal) -> Entry:
    number, field = _mapped(ws, fixes, pair)
    if field.locked:
        raise UsageError(
            f"{quoted(pair.field)} is locked: its field mapping is not to be touched (R12).",
            untouched="Nothing was changed.",
        )
    return Entry(field.pipedrive, field.plezi, number)


def _mapped(ws: Workspace, fixes: FixFile, pair: PairProposal) -> tuple[int, FieldMapping]:
    for number, field in enumerate(ws.mapping.fields):
        if field.pipedrive == pair.field:
            return number, field
    meant = did_you_mean(pair.field, (field.pipedrive for field in ws.mapping.fields))
    raise UsageError(
        f"{pair.place or fixes.path}: there is no field mapping of {quoted(pair.field)}{meant}",
        untouched="Nothing was changed.",
    )
