"""Whether a record still is what the plan saw: read again in batches, shortly before it is written (design 7).

Only the fields to be written count: a person may edit all others meanwhile, and ``update_time`` moves for reasons of
its own. There is no compare-and-set in either service, so the time between look and write is kept short instead: a
batch is only as large as can be written within ten seconds at the pace that was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pdsync.model import BoundMapping, Change, ChangeKind, Kind, Outline, Record, Side, Value
from pdsync.model.values import MISSING
from pdsync.planning.comparison import same
from pdsync.planning.scoping import consent_unread, enrolment, may_create, opted_out

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.engine.pace import Pace

__all__ = ["BatchSize", "guard_of", "kind_of", "outdated", "read_records"]

_CAUTION = 0.5
"""Of the time that is allowed, so much is planned with: the pace of the last batch may not be that of the next."""


class BatchSize:
    """How many records the next precondition read may cover."""

    def __init__(self, pace: Pace, most: int) -> None:
        self._pace = pace
        self._most = max(1, most)
        self._size = max(1, min(pace.first_batch, self._most))

    @property
    def now(self) -> int:
        return self._size

    def learn(self, written: int, seconds: float) -> None:
        """So many records were written within so many seconds of their read."""
        if written < 1:
            return
        within = int(written / max(seconds, 1e-3) * self._pace.freshness * _CAUTION)
        # At most double at a time: one quick batch proves little.
        self._size = max(1, min(within, self._size * 2, self._most))


def guard_of(bound: BoundMapping, change: Outline) -> tuple[Side, str] | None:
    """The record to look at before this write, as (side, id): the one that is written, or the source of a create.

    None: there is none, or its side cannot be read by id.
    """
    create = change.kind is ChangeKind.CREATE
    side, record_id = (change.side.other, change.partner_id) if create else (change.side, change.record_id)
    return (side, record_id) if record_id and bound.schemas[side].capabilities.read_by_id else None


async def read_records(client: Client, ids: Sequence[str], most: int) -> Mapping[str, Record]:
    """These records as they are now, by id; absent ones are left out."""
    found: dict[str, Record] = {}
    for start in range(0, len(ids), max(1, most)):
        found |= await client.read(ids[start : start + max(1, most)])
    return found


def outdated(bound: BoundMapping, change: Change, record: Record) -> str:
    """Why the record of ``guard_of`` is no longer as the plan saw it, in words; empty: it is."""
    return (
        _source_changed(bound, change, record)
        if change.kind is ChangeKind.CREATE
        else _target_changed(bound, change, record)
    )


def _target_changed(bound: BoundMapping, change: Change, record: Record) -> str:
    """Whether a field to be written no longer holds what the plan saw."""
    for one in change.fields:
        if one.before is not MISSING:
            problem = _differs(bound, record, one.code, one.before)
            if problem:
                return problem
    return ""


def _source_changed(bound: BoundMapping, change: Change, source: Record) -> str:
    """Whether the record that is to be created on the other side may no longer be, or not with these values."""
    if opted_out(bound, source):
        return "the person opted out since the plan was made"
    if consent_unread(bound, source):
        return f"{source.side.label} does not say any more whether the person opted out"
    flag = enrolment(bound, source, enrolled_before=False) if change.depends_on else None
    # A flag that this very run has set may take a moment to show.
    if not may_create(bound, change.side, source, {flag.code: flag.after} if flag is not None else {}):
        return "the record left the scope since the plan was made"
    for one in change.fields:
        mapped = bound.by_key.get(one.key)
        if mapped is None or one.source is MISSING:
            continue
        problem = _differs(bound, source, mapped.on(source.side).code, one.source)
        if problem:
            return problem
    return ""


def _differs(bound: BoundMapping, record: Record, code: str, seen: Value) -> str:
    """Whether a field holds another value than the plan saw, in words; empty: it does not."""
    current, name = record.get(code), bound.schemas[record.side].name_of(code)
    if current is MISSING:
        return f"{name!r} is not delivered by {record.side.label} any more"
    if not same(kind_of(bound, record.side, code), current, seen):
        return f"{name!r} was changed in {record.side.label} since the plan was made"
    return ""


def kind_of(bound: BoundMapping, side: Side, code: str) -> Kind:
    """How values of a field are compared; one that the side no longer has counts as unknown."""
    field = bound.schemas[side].by_code.get(code)
    return Kind.OTHER if field is None else field.kind
