"""Puts together what the planner may know of each candidate: records from the snapshots, memory from the ledger.

The set-based query names the candidates; this module reads them in windows, so that memory is bounded by the window
and not by the number of contacts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pdsync.model import BoundMapping, Candidate, Link, LinkState, Match, Record, Side

if TYPE_CHECKING:
    from pdsync.snapshots.candidates import CandidateRow
    from pdsync.store.reader import LedgerReader

__all__ = ["Lookup", "Surroundings", "gather", "gather_one"]


class Lookup(Protocol):
    """Records of one side by id: ``RecordLookup``, or a few that were read already."""

    def get(self, ids: Collection[str]) -> Mapping[str, Record]:
        """These records; absent ones are left out."""
        ...


@dataclass(frozen=True)
class Surroundings:
    """What holds for all candidates of one plan."""

    bound: BoundMapping
    lookups: Mapping[Side, Lookup]
    ledger: LedgerReader
    blocked: Mapping[Side, Mapping[str, tuple[str, ...]]]
    """Record id -> codes of the blocking findings on it."""
    dropped_keys: frozenset[str] = frozenset()
    """Field mappings whose fields, transform or option pairs changed: their bases, marks and memories are void (R22)."""
    adopt: bool = False
    """``plan --adopt``: who existed before the first run may be created as well."""
    existed: Mapping[Side, set[str]] = field(default_factory=dict)
    undone_creates: Mapping[Side, set[str]] = field(default_factory=dict)
    enrolled: set[str] = field(default_factory=set)


def gather(around: Surroundings, rows: Sequence[CandidateRow]) -> Iterator[Candidate]:
    """The candidates of one window, in the order of ``rows``."""
    records = {side: _read(around, side, rows) for side in Side}
    pairs = [(row.pipedrive_id, row.plezi_id) for row in rows if row.match is Match.LINKED]
    remembered, void = _Memory(around.ledger, pairs), around.dropped_keys
    for row in rows:
        person = records[Side.PIPEDRIVE].get(row.pipedrive_id)
        contact = records[Side.PLEZI].get(row.plezi_id)
        blocked = _blocked(around, person, contact)
        enrolled = row.pipedrive_id in around.enrolled
        match row.match:
            case Match.LINKED:
                pair = (row.pipedrive_id, row.plezi_id)
                yield Candidate(
                    Match.LINKED,
                    person,
                    contact,
                    link=remembered.links.get(pair) or Link(*pair, row.address, LinkState.OK),
                    bases={k: base for k, base in remembered.bases.get(pair, {}).items() if k not in void},
                    undone={k: mark for k, mark in remembered.undone.get(pair, {}).items() if k not in void},
                    rejected_before={
                        key: memory
                        for key, memory in remembered.refused.get(pair, {}).items()
                        if key[0] not in void
                    },
                    blocked_by=blocked,
                    enrolled_before=enrolled,
                    taken=row.taken,
                    contested=row.contested,
                )
            case Match.PAIRED:
                yield Candidate(
                    Match.PAIRED,
                    person,
                    contact,
                    blocked_by=blocked,
                    enrolled_before=enrolled,
                    address=row.address,
                )
            case Match.AMBIGUOUS:
                yield Candidate(Match.AMBIGUOUS, members=row.members)
            case Match.ALONE:
                yield _alone(around, person or contact, blocked, enrolled=enrolled)


def gather_one(
    bound: BoundMapping,
    ledger: LedgerReader,
    row: CandidateRow,
    records: Mapping[Side, Record],
    blocked: Mapping[Side, Mapping[str, tuple[str, ...]]],
) -> Candidate:
    """One candidate, as ``gather`` puts it together, without looking at anybody else.

    Args:
        bound: The mapping.
        ledger: What is remembered.
        row: Who it is.
        records: Of the two, those that are there.
        blocked: As in ``Surroundings``.
    """
    memory = {side: ledger.remembered(side, record.id) for side, record in records.items()}
    signed = ledger.signatures()
    around = Surroundings(
        bound=bound,
        lookups={side: _Few({one.id: one} if (one := records.get(side)) else {}) for side in Side},
        ledger=ledger,
        blocked=blocked,
        dropped_keys=frozenset(f.key for f in bound.fields if signed.get(f.key, f.signature) != f.signature),
        existed={side: {records[side].id} for side, held in memory.items() if held.existed_before},
        undone_creates={side: {records[side].id} for side, held in memory.items() if held.create_held},
        enrolled={records[side].id for side, held in memory.items() if held.enrolled},
    )
    (candidate,) = gather(around, [row])
    return candidate


@dataclass(frozen=True, slots=True)
class _Few:
    """Records that were read already."""

    records: Mapping[str, Record]

    def get(self, ids: Collection[str], /) -> Mapping[str, Record]:
        return {one: self.records[one] for one in ids if one in self.records}


class _Memory:
    """What the ledger holds on the linked pairs of one window."""

    def __init__(self, ledger: LedgerReader, pairs: Sequence[tuple[str, str]]) -> None:
        self.links = ledger.links_of(pairs)
        self.bases = ledger.bases(pairs)
        self.undone = ledger.undone(pairs)
        self.refused = ledger.not_stored(pairs)


def _alone(
    around: Surroundings, record: Record | None, blocked: tuple[str, ...], *, enrolled: bool
) -> Candidate:
    if record is None:
        return Candidate(Match.ALONE)
    here, there = (record, None) if record.side is Side.PIPEDRIVE else (None, record)
    return Candidate(
        Match.ALONE,
        here,
        there,
        blocked_by=blocked,
        existed_before=not around.adopt and record.id in around.existed.get(record.side, ()),
        create_undone=record.id in around.undone_creates.get(record.side, ()),
        enrolled_before=enrolled,
    )


def _blocked(around: Surroundings, *records: Record | None) -> tuple[str, ...]:
    return tuple(
        code
        for record in records
        if record is not None
        for code in around.blocked.get(record.side, {}).get(record.id, ())
    )


def _read(around: Surroundings, side: Side, rows: Sequence[CandidateRow]) -> Mapping[str, Record]:
    """The records of one side that this window needs, with the fields that the mapping reads and nothing else."""
    ids = [row.pipedrive_id if side is Side.PIPEDRIVE else row.plezi_id for row in rows]
    return around.lookups[side].get([identifier for identifier in ids if identifier])
