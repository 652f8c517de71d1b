"""What an acknowledged write means for the ledger: links, merge bases, marks and memories, in one transaction.

The merge base is what the answer (or a re-read) shows on the side that was written, and what the plan saw on the other
side: so a value that the server shortened or left alone is not taken for an edit of a person, and not sent again until
one of its inputs changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdsync.engine.preconditions import kind_of
from pdsync.model import (
    BoundMapping,
    Change,
    FieldChange,
    LinkState,
    MergeBase,
    Reason,
    Side,
    UndoneMark,
    Value,
)
from pdsync.model.values import MISSING
from pdsync.planning.comparison import same

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["CHANGED_AT", "Stored", "settle_create", "settle_delete", "settle_update"]


CHANGED_AT = "updated_at"
"""Under this name the journal keeps, beside the values, when the server says that the record was changed last."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a server holds after a write."""

    record_id: str
    values: Mapping[str, Value]
    """Field code -> value, of the fields that were written; one that is not shown is absent."""
    changed_at: str | None = None
    """The record's time of change after the write, as its answer shows it; None: it shows none."""

    @property
    def kept(self) -> Mapping[str, Value]:
        """What the journal keeps: an undo that deletes must know whether anybody touched the record since."""
        return {**self.values, CHANGED_AT: self.changed_at}

    def differing(self, bound: BoundMapping, change: Change) -> list[FieldChange]:
        """Fields that are not stored as they were sent."""
        return [
            one
            for one in change.fields
            if one.code in self.values
            and not same(kind_of(bound, change.side, one.code), self.values[one.code], one.after)
        ]


def settle_create(transaction: Transaction, bound: BoundMapping, change: Change, stored: Stored) -> str:
    """Link what was created; what is wrong with that, if anything (then nothing was changed).

    The caller has put the new id into ``change``.
    """
    ledger, pair = transaction.ledger, (change.pipedrive_id, change.plezi_id)
    try:
        ledger.set_link(pair, address=change.address, state=LinkState.OK)
    except ValueError:
        return f"the record {stored.record_id} that the service answered with is linked to another already"
    if change.enrols:
        ledger.enrol(change.pipedrive_id)
    ledger.release_create(change.side.other, change.partner_id)
    _settle_fields(transaction, bound, change, stored)
    return ""


def settle_update(transaction: Transaction, bound: BoundMapping, change: Change, stored: Stored) -> None:
    """Keep what an update of a (perhaps) linked record left on the server."""
    pair = (change.pipedrive_id, change.plezi_id)
    if change.enrols:
        transaction.ledger.enrol(change.pipedrive_id)
    if not all(pair):
        return
    email = bound.email[change.side]
    written = any(one.code == email for one in change.fields)
    moved = written and not any(one.code == email for one in stored.differing(bound, change))
    transaction.ledger.touch_link(pair, address=change.address if moved else "")
    _settle_fields(transaction, bound, change, stored)


def settle_delete(transaction: Transaction, change: Change, run_id: str) -> None:
    """Forget the link of a record that an undo deleted, and never create it again by itself."""
    transaction.ledger.remove_link((change.pipedrive_id, change.plezi_id))
    if change.partner_id:
        transaction.ledger.hold_create(change.side.other, change.partner_id, why="undone", run_id=run_id)


def _settle_fields(transaction: Transaction, bound: BoundMapping, change: Change, stored: Stored) -> None:
    pair, side = (change.pipedrive_id, change.plezi_id), change.side
    bases: dict[str, MergeBase | None] = {}
    marks: dict[str, UndoneMark | None] = {}
    memory: dict[str, tuple[Value, Value] | None] = {}
    differing = {one.key for one in stored.differing(bound, change)}
    for one in change.fields:
        if one.key not in bound.by_key:
            continue
        shown = stored.values.get(one.code, MISSING)
        here = None if shown is MISSING else shown
        if one.reason is Reason.UNDO:
            bases[one.key] = one.base
            marks[one.key] = _mark(side, here, one, lifted=one.key in change.unmark)
        elif one.source is not MISSING:
            bases[one.key] = None if shown is MISSING else MergeBase(*_halves(side, here, one.source))
        memory[one.key] = (one.after, here) if one.key in differing else None
    transaction.ledger.set_bases(pair, bases)
    transaction.ledger.set_undone(pair, marks)
    transaction.ledger.set_not_stored(pair, side, memory)


def _mark(side: Side, here: Value, one: FieldChange, *, lifted: bool) -> UndoneMark | None:
    if lifted or one.source is MISSING:
        return None
    return UndoneMark(*_halves(side, here, one.source))


def _halves(side: Side, here: Value, there: Value) -> tuple[Value, Value]:
    """(Pipedrive, Plezi) of a value on the side that was written and its counterpart."""
    return (here, there) if side is Side.PIPEDRIVE else (there, here)
