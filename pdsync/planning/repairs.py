"""What a fix file may touch: values that belong to the side they are repaired on, and lists that may get options (R24).

A repair corrects a record where its data comes from; the ordinary sync then carries it across by its own rules. So a field
that only the other side writes is not repaired here, and neither is anything that is about consent, that the service
computes, or that pdsync has no business with.
"""

from __future__ import annotations

from pdsync.model import BoundField, BoundMapping, Field, Kind, RemoteSchema, Side, Value, is_empty
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.planning.scoping import find_field

__all__ = ["REPAIR", "fixed_list", "mapped_by", "no_list", "not_emptied", "not_repaired"]

REPAIR = "repair"
"""Key of the field change of a repair in a field that no field mapping is about: the flag of the scope."""

_REPAIRED = (Kind.TEXT, Kind.OPTION, Kind.OPTIONS, Kind.EMAILS)


def mapped_by(bound: BoundMapping, side: Side, code: str) -> BoundField | None:
    """The field mapping that reads this field of ``side``; the one that reads it first, if there are several."""
    found = [mapped for mapped in bound.fields if mapped.on(side).code == code]
    return next((mapped for mapped in found if mapped.writes(side.other)), next(iter(found), None))


def not_repaired(bound: BoundMapping, side: Side, field: Field) -> str:
    """Why a field of ``side`` may not be repaired, in words that follow its name; empty: it may."""
    if side is Side.PLEZI and field.code in PLEZI_COMPUTED:
        return "is computed by Plezi and goes from Plezi to Pipedrive only (R6)"
    if _is_about_consent(bound, side, field.code):
        return "says whether a person opted out, which nothing but the person changes"
    if not field.writable:
        return f"cannot be written in {side.label}"
    if field.kind not in _REPAIRED:
        return f"holds values that are not repaired by a file ({field.kind})"
    if field.code in _flags(bound, side):
        return ""
    mapped = mapped_by(bound, side, field.code)
    if mapped is None or mapped.stopped:
        return "is not part of the mapping"
    if not mapped.writes(side.other):
        into = "is switched off in the mapping"
        if mapped.writes(side):
            into = f"is written from {side.other.label}; repair it there"
        return into
    return ""


def not_emptied(bound: BoundMapping, side: Side, field: Field, value: Value) -> str:
    """Why this value may not be written although the field may be repaired: it would empty what must not be empty."""
    if not is_empty(value):
        return ""
    mapped = mapped_by(bound, side, field.code)
    if mapped is not None and mapped.written.locked:
        return "is part of every record and is never emptied (R12, R15)"
    return "" if field.clearable else "cannot be emptied: that is not known to work"


def no_list(bound: BoundMapping, side: Side, field: Field) -> str:
    """Why no option may be added to a field of ``side``, in words that follow its name; empty: one may.

    Whether the service has a call for it is another question: ``fixed_list``.
    """
    if field.kind not in (Kind.OPTION, Kind.OPTIONS):
        return f"has no list of options ({field.kind})"
    mapped = mapped_by(bound, side, field.code)
    if mapped is None or mapped.stopped:
        return "is not part of the mapping"
    return "is locked: it is not to be touched (R12, R15)" if mapped.written.locked else ""


def fixed_list(schema: RemoteSchema, field: Field) -> str:
    """Why nothing can change the list of a field, in words that follow its name; empty: something can."""
    label = schema.side.label
    if not schema.capabilities.change_lists:
        return f"is a list of {label} that no known call changes"
    if not field.custom or not field.writable:
        return f"is one of {label}'s own fields; only lists of custom fields can be changed"
    return ""


def _flags(bound: BoundMapping, side: Side) -> set[str]:
    """The fields of ``side`` by which the scope decides who is created on the other one (R9)."""
    scope = bound.mapping.scope.get(side.other)
    where = scope.where if scope is not None else None
    field = find_field(bound, side, where.field) if where is not None else None
    return {field.code} if field is not None else set()


def _is_about_consent(bound: BoundMapping, side: Side, code: str) -> bool:
    own = bound.mapping.consent.get(side)
    if own is not None:
        field = find_field(bound, side, own.field)
        if field is not None and field.code == code:
            return True
    across = bound.mapping.consent.get(side.other)
    theirs = find_field(bound, side.other, across.field) if across is not None else None
    return theirs is not None and any(
        mapped.on(side).code == code and mapped.on(side.other).code == theirs.code for mapped in bound.fields
    )
