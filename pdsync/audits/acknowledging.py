"""Which findings are acknowledged, and what became of each acknowledgement.

A finding about a field or an option is acknowledged when an entry names that field or option, however many records hold
it. A finding about records only is acknowledged when one entry names all of them: a third record that joins two known
duplicates is news, and counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from pdsync.audits.table import with_marks
from pdsync.model import Acknowledged, AcknowledgedState, Acknowledgement, Side, Subject

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["acknowledge", "not_checked"]

_NOUNS: Final = frozenset(side.noun for side in Side)
_UNNAMED: Final = 20


@dataclass(slots=True)
class _Touched:
    """A finding of which an entry names something."""

    records: dict[Subject, None] = field(default_factory=dict)
    things: dict[Subject, None] = field(default_factory=dict)
    """The fields and options that it is about."""

    def missing(self, entry: Acknowledgement) -> list[Subject]:
        """What the entry would have to name as well; none: the finding is acknowledged by it."""
        named = set(entry.subjects)
        if self.things:
            return [] if named.intersection(self.things) else list(self.things)
        return [subject for subject in self.records if subject not in named]


def acknowledge(
    table: pa.Table, entries: Sequence[Acknowledgement], today: date | None, *, complete: bool
) -> tuple[pa.Table, tuple[Acknowledged, ...]]:
    """Mark the acknowledged findings of one audit.

    Args:
        table: Its findings.
        entries: Those of this audit's code.
        today: By which it is judged whether they still hold.
        complete: Whether the audit could be made in full.

    Returns:
        The table with ``acknowledged``, and what became of each entry, in their order.
    """
    if not entries or today is None:
        return table, ()
    touched = _touched(table, entries)
    marks: dict[str, str] = {}
    became = tuple(_judge(entry, touched, today, marks, complete=complete) for entry in entries)
    return (_marked(table, marks) if marks else table), became


def not_checked(entry: Acknowledgement) -> Acknowledged:
    """Of an entry whose audit was not made."""
    return Acknowledged(entry, AcknowledgedState.NOT_CHECKED)


def _judge(
    entry: Acknowledgement,
    touched: dict[str, _Touched],
    today: date,
    marks: dict[str, str],
    *,
    complete: bool,
) -> Acknowledged:
    named = set(entry.subjects)
    matching = {
        finding: held
        for finding, held in touched.items()
        if named.intersection(held.things) or named.intersection(held.records)
    }
    if not matching:
        return Acknowledged(entry, AcknowledgedState.NOTHING if complete else AcknowledgedState.NOT_CHECKED)
    if not entry.holds_on(today):
        return Acknowledged(entry, AcknowledgedState.EXPIRED)
    unnamed: dict[Subject, None] = {}
    done = 0
    for finding, held in matching.items():
        missing = held.missing(entry)
        unnamed |= dict.fromkeys(missing)
        if not missing:
            done += 1
            marks.setdefault(finding, _mark(entry))
    state = AcknowledgedState.PARTIAL if unnamed else AcknowledgedState.HOLDS
    return Acknowledged(entry, state, done, tuple(unnamed)[:_UNNAMED])


def _mark(entry: Acknowledgement) -> str:
    until = entry.until.isoformat() if entry.until is not None else ""
    return json.dumps({"who": entry.who, "why": entry.why, "until": until}, ensure_ascii=False)


def _touched(table: pa.Table, entries: Sequence[Acknowledgement]) -> dict[str, _Touched]:
    """The findings that name a subject of an entry, with their subjects; records only where it is about nothing else."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = {subject for entry in entries for subject in entry.subjects}
    ids = pa.array(sorted({subject.id for subject in wanted}), table["id"].type)
    near = table.filter(pc.is_in(table["id"], value_set=ids)).select(["finding", "side", "noun", "id"])
    findings = {
        row["finding"]
        for row in near.to_pylist()
        if Subject(Side(row["side"]), row["noun"], row["id"]) in wanted
    }
    whole = table.filter(
        pc.is_in(table["finding"], value_set=pa.array(sorted(findings), table["finding"].type))
    )
    touched: dict[str, _Touched] = {}
    for batch in whole.select(["finding", "side", "noun", "id"]).to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            subject = Subject(Side(row["side"]), row["noun"], row["id"])
            held = touched.setdefault(row["finding"], _Touched())
            (held.records if subject.noun in _NOUNS else held.things)[subject] = None
    return touched


def _marked(table: pa.Table, marks: dict[str, str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    findings = pa.array(list(marks), table["finding"].type)
    place = pc.index_in(table["finding"], value_set=findings)
    texts = pc.fill_null(pc.take(pa.array(list(marks.values()), pa.string()), place), "")
    return with_marks(table, "acknowledged", texts)
