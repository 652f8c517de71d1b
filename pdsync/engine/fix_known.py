"""What may be known when repairs are proposed: the records of some findings, their links and partners. Read once for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdsync.model import BoundMapping, Field, Finding, Link, Record, Side, Subject
from pdsync.planning.repairs import mapped_by
from pdsync.planning.scoping import opted_out

if TYPE_CHECKING:
    from pdsync.snapshots.reader import Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["Known", "know"]

_SHORT = 100
"""Characters of a field's name up to which a file calls it by name."""


@dataclass(frozen=True, slots=True)
class Known:
    """Some records with all that the mapping reads of them."""

    bound: BoundMapping
    records: Mapping[Subject, Record]
    links: Mapping[Side, Mapping[str, Link]]
    """By side, the links of these records by id."""
    partners: Mapping[Subject, Subject]
    """Who is linked to whom, or would be by address."""

    def link(self, subject: Subject) -> Link | None:
        return self.links[subject.side].get(subject.id)

    def partner(self, subject: Subject) -> Record | None:
        """The record of the same person on the other side."""
        across = self.partners.get(subject)
        return None if across is None else self.records.get(across)

    def is_opted_out(self, subject: Subject) -> bool:
        """Whether the person opted out, here or on the other side."""
        return opted_out(self.bound, self.records.get(subject)) or opted_out(
            self.bound, self.partner(subject)
        )

    def name(self, side: Side, field: Field) -> str:
        """What a file calls a field: as the mapping does, else by its name, if no other bears it, else by its code."""
        mapped = mapped_by(self.bound, side, field.code)
        name = mapped.written.name(side) if mapped is not None else field.name
        return (
            name if len(name) <= _SHORT and self.bound.schemas[side].named(name) == (field,) else field.code
        )


def know(
    bound: BoundMapping,
    snapshots: Mapping[Side, Snapshot],
    ledger: LedgerReader | None,
    findings: Iterable[Finding],
) -> Known:
    """Read what proposals for these findings may look at: one pass over each snapshot.

    Raises:
        InputFileError: a snapshot is damaged.
    """
    subjects = {
        subject for finding in findings for subject in finding.subjects if subject.noun == subject.side.noun
    }
    ids = {side: {subject.id for subject in subjects if subject.side is side} for side in Side}
    links = {side: ledger.links_by_id(side, sorted(ids[side])) if ledger is not None else {} for side in Side}
    partners: dict[Subject, Subject] = {}
    for side in Side:
        for identifier, link in links[side].items():
            _join(partners, Subject(side, side.noun, identifier), link.id(side.other))
    for here, there in _by_address(snapshots, {s: ids[s] - links[s].keys() for s in Side}):
        _join(partners, here, there)
    wanted = subjects | set(partners.values())
    records = {
        record.subject: record
        for side, snapshot in snapshots.items()
        for batch in snapshot.records([s.id for s in wanted if s.side is side], bound.codes[side])
        for record in batch
    }
    return Known(bound, records, links, partners)


def _join(partners: dict[Subject, Subject], here: Subject, there: str) -> None:
    across = here.side.other
    partners[here] = Subject(across, across.noun, there)


def _by_address(
    snapshots: Mapping[Side, Snapshot], ids: Mapping[Side, set[str]]
) -> Iterator[tuple[Subject, str]]:
    """Records without a link, each with the one record of the other side that it shares an address with.

    Nobody else may hold that address.
    """
    import narwhals as nw

    from pdsync.snapshots.engines import collect, open_engine

    if not any(ids.values()):
        return
    engine = open_engine("polars")
    held = {
        side: snapshots[side]
        .frames(engine)
        .addresses.filter(~nw.col("rank").is_null())
        .select("key", nw.col("id").alias(f"{side}_id"))
        for side in Side
    }
    for side in Side:
        if not ids[side]:
            continue
        own, across = f"{side}_id", f"{side.other}_id"
        keys = held[side].filter(nw.col(own).is_in(sorted(ids[side]))).select("key").unique()
        meeting = collect(
            held[side]
            .join(keys, on="key", how="semi")
            .join(held[side.other].join(keys, on="key", how="semi"), on="key", how="inner")
            .select(own, across, "key")
        ).to_pylist()
        holders: dict[str, set[tuple[str, str]]] = {}
        partners: dict[str, set[str]] = {}
        for row in meeting:
            holders.setdefault(row["key"], set()).add((row[own], row[across]))
            partners.setdefault(row[own], set()).add(row[across])
        for row in meeting:
            alone = len(holders[row["key"]]) == 1 and len(partners[row[own]]) == 1
            if alone and row[own] in ids[side]:
                yield Subject(side, side.noun, row[own]), row[across]
