"""A real person through a mapping that is still being written: what each field mapping would do to them.

From what was read last; no request leaves. The planner itself is asked, so that what is shown here is what a plan made
with this mapping would say of this person, except for what audits found: a mapping is judged here, and not a person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pdsync.engine.explained_fields import explain_fields
from pdsync.engine.finding_people import find_person, read_records
from pdsync.engine.gathering import gather_one
from pdsync.engine.inputs import newest_snapshots
from pdsync.errors import UsageError
from pdsync.model import (
    BoundMapping,
    ChangeKind,
    Decision,
    ExplainedField,
    Finding,
    Link,
    Match,
    Record,
    Side,
    Subject,
)
from pdsync.model import Mapping as MappingValue
from pdsync.planning.binding import bind
from pdsync.planning.decide import decide
from pdsync.planning.drafting import title_of

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.candidates import CandidateRow

__all__ = ["People", "Preview"]


@dataclass(frozen=True, slots=True)
class Preview:
    """One person under one mapping."""

    number: int
    """Of all, from 0."""
    people: int
    title: str
    match: Match
    ids: Mapping[Side, str]
    bound: BoundMapping
    """The mapping on the fields that were read: names for what is shown."""
    fields: Mapping[tuple[int, int], ExplainedField]
    """By line and column of the entry in the file."""
    writes: Mapping[Side, int] = field(default_factory=dict)
    """Values that would be written, by the side that is written."""
    creates: Side | None = None
    """Where a record would be made."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Why nothing is made or written, as plans count it."""
    findings: tuple[Finding, ...] = ()
    """What the planner has to say of this person."""
    stale: tuple[Side, ...] = ()
    """Read before the last run wrote: what stands there now is not what is shown."""


class People:
    """Everybody who was read last: pairs first, then who is on one side only."""

    def __init__(self, ws: Workspace) -> None:
        """Look who is there; some seconds for some hundred thousand.

        Raises:
            UsageError: a side was never read.
            InputFileError: a snapshot is damaged.
        """
        from pdsync.snapshots.candidates import find_candidates

        self._ws = ws
        self._snapshots = newest_snapshots(ws)
        self.snapshots = {side: snapshot.id for side, snapshot in self._snapshots.items()}
        """What they were read into."""
        found = find_candidates(
            self._snapshots[Side.PIPEDRIVE],
            self._snapshots[Side.PLEZI],
            ws.state.ledger.links_table(),
            version="",
        )
        pairs: list[CandidateRow] = []
        alone: list[CandidateRow] = []
        for row in found:
            if row.match in (Match.LINKED, Match.PAIRED):
                pairs.append(row)
            elif row.match is Match.ALONE:
                alone.append(row)
        self._rows = [*pairs, *alone]
        self._read: tuple[int, dict[Side, Record]] | None = None
        """The person who was shown last: whoever changes a mapping looks at one for a while."""

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def are_newest(self) -> bool:
        """Whether nothing was read since."""
        from pdsync.snapshots.reader import snapshot_folders

        root = self._ws.folder.root
        newest = {side: next(iter(snapshot_folders(root, side)), None) for side in Side}
        return all(
            folder is not None and folder.name == self.snapshots[side] for side, folder in newest.items()
        )

    def find(self, asked: str) -> int:
        """The number of a person: by address, or the beginning of one, or by id.

        Raises:
            UsageError: nobody, or nobody whom a mapping is applied to.
        """
        text = asked.strip()
        number = self._by_beginning(text) if text else None
        if number is not None:
            return number
        who = find_person(self._ws, self._snapshots, text)
        number = self._number_of(who)
        if number is None:
            raise UsageError(
                f"{who} shares its addresses with others: nobody can tell who is who, and nothing is written (R17).",
                untouched="Nothing was changed.",
            )
        return number

    def preview(self, number: int, mapping: MappingValue) -> Preview:
        """What this mapping, as far as it can be read, would do to this person.

        Raises:
            UsageError: nobody is there.
            InputFileError: a snapshot is damaged.
        """
        if not self._rows:
            raise UsageError("Nobody was read.", untouched="Nothing was changed.")
        number %= len(self._rows)
        row = self._rows[number]
        ledger = self._ws.state.ledger
        schemas = {side: snapshot.schema for side, snapshot in self._snapshots.items()}
        bound, _ = bind(mapping, schemas, bound_before=ledger.field_bindings())
        records = self._records(number)
        candidate = gather_one(bound, ledger, row, records, {})
        coverage = {side: snapshot.coverage for side, snapshot in self._snapshots.items()}
        decision = decide(bound, candidate, coverage)
        link = candidate.link
        if link is None and row.match is Match.PAIRED:
            link = Link(row.pipedrive_id, row.plezi_id, row.address)
        explained = explain_fields(bound, candidate, decision, link=link)
        places = [one.written.place for one in bound.fields]
        return Preview(
            number=number,
            people=len(self._rows),
            title=title_of(bound, *records.values()) or row.pipedrive_id or row.plezi_id,
            match=row.match,
            ids={side: record.id for side, record in records.items()},
            bound=bound,
            fields={
                (place.line, place.column): one
                for place, one in zip(places, explained, strict=True)
                if place is not None
            },
            writes=_writes(decision),
            creates=next((one.side for one in decision.changes if one.kind is ChangeKind.CREATE), None),
            counts=decision.counts,
            findings=decision.findings,
            stale=self._stale(),
        )

    def _stale(self) -> tuple[Side, ...]:
        written = self._ws.state.history.last_write_at()
        return tuple(
            side for side, snapshot in self._snapshots.items() if written and snapshot.taken_at <= written
        )

    def _records(self, number: int) -> dict[Side, Record]:
        read = self._read
        if read is None or read[0] != number:
            row = self._rows[number]
            ids = {Side.PIPEDRIVE: row.pipedrive_id, Side.PLEZI: row.plezi_id}
            found = {
                side: read_records(self._snapshots[side], [one]).get(one) for side, one in ids.items() if one
            }
            read = (number, {side: record for side, record in found.items() if record is not None})
            self._read = read
        return read[1]

    def _by_beginning(self, text: str) -> int | None:
        """The first in the order of the list of whom an address begins so."""
        import narwhals as nw

        from pdsync.snapshots.engines import collect

        keys: set[tuple[Side, str]] = set()
        for side, snapshot in self._snapshots.items():
            addresses = snapshot.frames().addresses.filter(nw.col("key").str.starts_with(text.lower()))
            keys |= {(side, one) for one in collect(addresses.select("id"))["id"].to_pylist()}
        return self._first(keys)

    def _number_of(self, who: Subject) -> int | None:
        return self._first({(who.side, who.id)})

    def _first(self, wanted: Collection[tuple[Side, str]]) -> int | None:
        for number, row in enumerate(self._rows):
            if (Side.PIPEDRIVE, row.pipedrive_id) in wanted or (Side.PLEZI, row.plezi_id) in wanted:
                return number
        return None


def _writes(decision: Decision) -> dict[Side, int]:
    writes: dict[Side, int] = {}
    for change in decision.changes:
        if not change.kind.ledger_only:
            writes[change.side] = writes.get(change.side, 0) + len(change.fields)
    return writes
