"""The last look at a change before its request leaves: is it allowed at all?

The planner already decided by the same rules. They are asked again here, because a plan is a file that travels, and a
mistake at this place changes customers' data: special Plezi fields are never written to Plezi (R6), no value goes
against the direction of its field mapping (R16), and an opt-out is reversed by nothing (design 6, Consent).
"""

from __future__ import annotations

from pdsync.errors import Rejected
from pdsync.model import (
    BoundField,
    BoundMapping,
    Change,
    ChangeKind,
    FieldChange,
    Missing,
    Reason,
    Record,
    Side,
    Value,
    has_value,
)
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.planning.repairs import fixed_list, no_list, not_emptied, not_repaired
from pdsync.planning.scoping import find_field, holds, opted_out
from pdsync.planning.transforms import Untranslatable, translate

__all__ = ["ENROL", "OWNER", "opts_out", "refuse_forbidden", "reverses_opt_out"]

ENROL, OWNER = "enrol", "owner"
"""Keys of field changes that belong to no field mapping."""


def refuse_forbidden(bound: BoundMapping, change: Change, record: Record | None) -> None:
    """Raise if any part of this change may not be written.

    Args:
        bound: The mapping in force.
        change: What is about to be sent.
        record: The record as it is now; None for a create, or where nothing can be read.

    Raises:
        Rejected: with the rule.
    """
    if change.kind is ChangeKind.DELETE:
        return
    for one in change.fields:
        problem = _problem(bound, change, one)
        if not problem and record is not None and reverses_opt_out(bound, change.side, one, record):
            problem = "would opt in a person who opted out"
        if not problem and one.reason is Reason.REPAIR and opted_out(bound, record):
            problem = "belongs to a person who opted out"
        if problem:
            raise Rejected(
                f"{bound.schemas[change.side].name_of(one.code)!r} in {change.side.label} {problem}.",
                untouched="This record was not written.",
            )


def _problem(bound: BoundMapping, change: Change, one: FieldChange) -> str:
    side = change.side
    if side is Side.PLEZI and one.code in PLEZI_COMPUTED:
        return "is computed by Plezi and goes from Plezi to Pipedrive only (R6)"
    remote = bound.schemas[side].by_code.get(one.code)
    if remote is None:
        return "does not exist any more"
    if change.kind.of_options:
        fixed = fixed_list(bound.schemas[side], remote)
        return fixed if fixed or change.kind is ChangeKind.REMOVE_OPTIONS else no_list(bound, side, remote)
    if not remote.writable:
        return "cannot be written"
    if one.reason is Reason.UNDO:
        return ""
    if one.reason is Reason.REPAIR:
        only = "" if change.kind is ChangeKind.UPDATE else "is repaired in records that are there only"
        return only or not_repaired(bound, side, remote) or not_emptied(bound, side, remote, one.after)
    return _not_synced(bound, change, one)


def _not_synced(bound: BoundMapping, change: Change, one: FieldChange) -> str:
    """Why an ordinary sync may not write this value."""
    side = change.side
    if one.key == ENROL:
        rule = bound.mapping.enrol
        field = None if rule is None else find_field(bound, Side.PIPEDRIVE, rule.field)
        allowed = side is Side.PIPEDRIVE and field is not None and field.code == one.code
        return "" if allowed else "is not the flag that scope.enrol sets (R10)"
    if one.key == OWNER:
        allowed = change.kind is ChangeKind.CREATE and side is Side.PIPEDRIVE and one.code == "owner_id"
        return "" if allowed else "may only be given to a new person"
    mapped = bound.by_key.get(one.key)
    if mapped is None or mapped.on(side).code != one.code:
        return "is not written by any field mapping"
    return "" if mapped.writes(side) else f"is not written in the direction {mapped.written.direction} (R16)"


def reverses_opt_out(bound: BoundMapping, side: Side, one: FieldChange, record: Record) -> bool:
    """Whether this write would take an opt-out back."""
    current = record.get(one.code)
    if not has_value(current):
        return False
    return any(
        opts_out(bound, mapped, side, current) and not opts_out(bound, mapped, side, one.after)
        for mapped in _about(bound, side, one.code)
    )


def opts_out(bound: BoundMapping, mapped: BoundField | None, side: Side, value: Value | Missing) -> bool:
    """Whether a value of the consent field of ``side`` says that the person opted out.

    A side without a consent field of its own says so through the field that is mapped to the other side's.
    """
    consent = bound.mapping.consent.get(side)
    if consent is not None:
        field = find_field(bound, side, consent.field)
        return field is not None and has_value(value) and holds(field, value, consent.opted_out)
    consent = bound.mapping.consent.get(side.other)
    if consent is None or mapped is None or not has_value(value):
        return False
    across = translate(mapped, value, side.other)
    return not isinstance(across, Untranslatable) and holds(mapped.on(side.other), across, consent.opted_out)


def _about(bound: BoundMapping, side: Side, code: str) -> list[BoundField | None]:
    """The field mappings by which a field of ``side`` is about consent; [None]: it is the consent field, unmapped."""
    consent = bound.mapping.consent.get(side)
    if consent is not None:
        field = find_field(bound, side, consent.field)
        return [None] if field is not None and field.code == code else []
    consent = bound.mapping.consent.get(side.other)
    if consent is None:
        return []
    across = find_field(bound, side.other, consent.field)
    return [
        mapped
        for mapped in bound.fields
        if mapped.on(side).code == code and across is not None and mapped.on(side.other).code == across.code
    ]
