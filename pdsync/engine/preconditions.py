"""Whether a record still is what the plan saw: read again in batches, shortly before it is written (design 7).

Only the fields to be written count: a person may edit all others meanwhile, and ``update_time`` moves for reasons of
its own. There is no compare-and-set in either service, so the time between look and write is kept short instead: a
batch is only as large as can be written within ten seconds at the pace that was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pdsync.model import BoundMapping, Change, ChangeKind, Kind, Record, Side
from pdsync.model.values import MISSING
from pdsync.planning.comparison import same

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.engine.pace import Pace

__all__ = ["BatchSize", "guarded", "kind_of", "read_records", "stale"]

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


def guarded(bound: BoundMapping, change: Change) -> bool:
    """Whether this change has something to look at before its write, on a side that can be read by id."""
    return change.kind is not ChangeKind.CREATE and bound.schemas[change.side].capabilities.read_by_id


async def read_records(client: Client, ids: Sequence[str], most: int) -> Mapping[str, Record]:
    """These records as they are now, by id; absent ones are left out."""
    found: dict[str, Record] = {}
    for start in range(0, len(ids), max(1, most)):
        found |= await client.read(ids[start : start + max(1, most)])
    return found


def stale(bound: BoundMapping, change: Change, record: Record) -> str:
    """The first field that no longer holds what the plan saw, in words; empty: all do."""
    for one in change.fields:
        current = record.get(one.code)
        if one.before is MISSING:
            continue
        if current is MISSING:
            return f"{one.code} is not delivered any more"
        if not same(kind_of(bound, change.side, one.code), current, one.before):
            return f"{one.code} was changed since the plan was made"
    return ""


def kind_of(bound: BoundMapping, side: Side, code: str) -> Kind:
    """How values of a field are compared; one that the side no longer has counts as unknown."""
    field = bound.schemas[side].by_code.get(code)
    return Kind.OTHER if field is None else field.kind
