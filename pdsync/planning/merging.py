"""The three-way merge of one field mapping: who changed since both sides last agreed, and what follows.

This is the table of design 6 and nothing else. It knows neither scope nor limits nor how a value is sent; it says what
should happen, as one value of a closed union, and ``decide`` turns that into changes and findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pdsync.model import (
    BoundField,
    EmptyPolicy,
    MergeBase,
    Missing,
    Reason,
    Side,
    Value,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.comparison import comparison_form
from pdsync.planning.transforms import agree

__all__ = ["PLEZI_COMPUTED", "Conflict", "HeldBack", "Merge", "Nothing", "Settle", "Unread", "Write", "merge"]

PLEZI_COMPUTED = frozenset({"behaviour_score", "state", "source", "plezi_url"})
"""Special Plezi fields: they go from Plezi to Pipedrive only, and Plezi wins where there is no base (R6)."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Neither side changed, or an empty value is to be ignored."""


@dataclass(frozen=True, slots=True)
class Unread:
    """One side's value was not read: skip."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Both agree: the base becomes this."""

    base: MergeBase


@dataclass(frozen=True, slots=True)
class Write:
    """The other side's value belongs on ``target``; empty means clear it."""

    target: Side
    reason: Reason


@dataclass(frozen=True, slots=True)
class HeldBack:
    """The target of a one-way field mapping changed alone: counted, not written."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both changed, and no policy decides."""


Merge: TypeAlias = Nothing | Unread | Settle | Write | HeldBack | Conflict


def merge(bound: BoundField, values: Mapping[Side, Value | Missing], base: MergeBase | None) -> Merge:
    """Decide one field mapping of one pair from both delivered values and the merge base (None: none)."""
    pipedrive, plezi = values[Side.PIPEDRIVE], values[Side.PLEZI]
    if pipedrive is MISSING or plezi is MISSING:
        return Unread()
    if base is not None and _untouched(pipedrive, base.pipedrive) and _untouched(plezi, base.plezi):
        return Nothing()
    known: dict[Side, Value] = {Side.PIPEDRIVE: pipedrive, Side.PLEZI: plezi}
    changed = {side: base is not None and _differs(bound, side, known[side], base.on(side)) for side in Side}
    if agree(bound, pipedrive, plezi):
        both_empty_from_the_start = base is None and is_empty(pipedrive)
        if both_empty_from_the_start or (base is not None and not any(changed.values())):
            return Nothing()
        return Settle(MergeBase(pipedrive, plezi))
    source = bound.written.direction.source
    if source is not None:
        return _one_way(bound, source, known, base, changed)
    if base is None:
        return _first_meeting(bound, known)
    return _two_way(bound, known, changed)


def _untouched(value: Value, base: Value) -> bool:
    """Whether a value is the very one of the base: what most are, and cheaper to see than by comparison form."""
    return type(value) is type(base) and value == base


def _differs(bound: BoundField, side: Side, value: Value, base: Value) -> bool:
    kind = bound.on(side).kind
    return comparison_form(kind, value) != comparison_form(kind, base)


def _one_way(  # noqa: PLR0911 - one return per row of the table
    bound: BoundField,
    source: Side,
    values: Mapping[Side, Value],
    base: MergeBase | None,
    changed: Mapping[Side, bool],
) -> Merge:
    target = source.other
    if base is None:
        if is_empty(values[source]):
            return HeldBack()
        if is_empty(values[target]):
            return Write(target, Reason.FILL)
        if source is Side.PLEZI and bound.plezi.code in PLEZI_COMPUTED:
            return Write(target, Reason.OVERWRITES)
        if bound.policy.winner is source:
            return Write(target, Reason.POLICY)
        return HeldBack() if bound.policy.winner is target else Conflict()
    if not changed[source]:
        return HeldBack() if changed[target] else Nothing()
    if is_empty(values[source]):
        if bound.written.empty is EmptyPolicy.IGNORE:
            return HeldBack() if changed[target] else Nothing()
        return Write(target, Reason.OVERWRITES if changed[target] else Reason.CLEAR)
    return Write(target, Reason.OVERWRITES if changed[target] else Reason.CHANGED)


def _first_meeting(bound: BoundField, values: Mapping[Side, Value]) -> Merge:
    for side in Side:
        if is_empty(values[side]):
            return Write(side, Reason.FILL)
    return _by_policy(bound)


def _two_way(bound: BoundField, values: Mapping[Side, Value], changed: Mapping[Side, bool]) -> Merge:
    ignore_empty = bound.written.empty is EmptyPolicy.IGNORE
    if all(changed.values()):
        if ignore_empty:
            for side in Side:
                if is_empty(values[side]):
                    return Write(side, Reason.CHANGED)
        return _by_policy(bound)
    for side in Side:
        if changed[side]:
            if not is_empty(values[side]):
                return Write(side.other, Reason.CHANGED)
            return Nothing() if ignore_empty else Write(side.other, Reason.CLEAR)
    return Nothing()


def _by_policy(bound: BoundField) -> Merge:
    winner = bound.policy.winner
    return Conflict() if winner is None else Write(winner.other, Reason.POLICY)
