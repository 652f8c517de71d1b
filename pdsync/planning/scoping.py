"""Who may be created, who is still updated, and who opted out: tests on one record (R9, R10, R13; design 6)."""

from __future__ import annotations

from collections.abc import Sequence

from pdsync.model import (
    BoundMapping,
    Condition,
    Field,
    FieldChange,
    Kind,
    Reason,
    Record,
    Side,
    Value,
    WhenLeft,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.comparison import comparison_form

__all__ = [
    "consent_unread",
    "enrolment",
    "find_field",
    "holds",
    "matches",
    "may_create",
    "may_update",
    "opted_out",
    "option_value",
]


def find_field(bound: BoundMapping, side: Side, name: str) -> Field | None:
    """The one field of ``side`` that ``name`` means; None if there is none or several (lint has said so)."""
    found = bound.schemas[side].named(name)
    return found[0] if len(found) == 1 else None


def holds(field: Field, value: Value, wanted: Sequence[Value]) -> bool:
    """Whether a delivered value is, or for a list contains, one of ``wanted``: option labels or plain values."""
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    plain = Kind.TEXT if field.kind in (Kind.OPTION, Kind.OPTIONS, Kind.OTHER) else field.kind
    wishes = {comparison_form(plain, wish) for wish in wanted} | {
        comparison_form(Kind.TEXT, w) for w in wanted
    }
    wishes.discard(None)
    for item in items:
        form = comparison_form(plain, item)
        option = field.option(form) if form is not None else None
        if form in wishes or (option is not None and comparison_form(Kind.TEXT, option.label) in wishes):
            return True
    return False


def matches(
    bound: BoundMapping, condition: Condition, record: Record, overrides: dict[str, Value] | None = None
) -> bool:
    """Whether a record meets a condition. A missing value meets none."""
    field = find_field(bound, record.side, condition.field)
    if field is None:
        return False
    value = (overrides or {}).get(field.code, record.get(field.code))
    if value is MISSING:
        return False
    if condition.empty is not None:
        return is_empty(value) is condition.empty
    return not is_empty(value) and holds(field, value, condition.equals or condition.has)


def may_create(
    bound: BoundMapping, target: Side, source: Record, overrides: dict[str, Value] | None = None
) -> bool:
    """Whether the scope lets this record be created on ``target``."""
    scope = bound.mapping.scope.get(target)
    return scope is not None and (scope.where is None or matches(bound, scope.where, source, overrides))


def may_update(
    bound: BoundMapping, target: Side, source: Record, overrides: dict[str, Value] | None = None
) -> bool:
    """Whether the linked record on ``target`` is still updated from this one."""
    scope = bound.mapping.scope.get(target)
    if scope is None:
        return True
    return scope.when_left is WhenLeft.CONTINUE or may_create(bound, target, source, overrides)


def opted_out(bound: BoundMapping, record: Record | None) -> bool:
    """Whether the consent field of this record's side says that the person opted out."""
    if record is None:
        return False
    consent = bound.mapping.consent.get(record.side)
    if consent is None:
        return False
    field = find_field(bound, record.side, consent.field)
    value = MISSING if field is None else record.get(field.code)
    return (
        field is not None
        and value is not MISSING
        and not is_empty(value)
        and holds(field, value, consent.opted_out)
    )


def consent_unread(bound: BoundMapping, record: Record | None) -> bool:
    """Whether nobody can say if this person opted out: the consent field of its side was not read."""
    consent = None if record is None else bound.mapping.consent.get(record.side)
    if record is None or consent is None:
        return False
    field = find_field(bound, record.side, consent.field)
    return field is None or record.get(field.code) is MISSING


def enrolment(bound: BoundMapping, person: Record | None, *, enrolled_before: bool) -> FieldChange | None:
    """The write that sets the scope flag, if it is due: only into an empty flag that pdsync has not set before (R10)."""
    rule = bound.mapping.enrol
    if rule is None or person is None or enrolled_before:
        return None
    if opted_out(bound, person) or consent_unread(bound, person):
        return None
    field = find_field(bound, person.side, rule.field)
    if field is None or not field.writable:
        return None
    before = person.get(field.code)
    if before is MISSING or not is_empty(before) or not matches(bound, rule.where, person):
        return None
    after = option_value(field, rule.to)
    if after is None:
        return None
    return FieldChange(
        key="enrol", code=field.code, before=before, after=after, reason=Reason.ENROL, source=None
    )


def option_value(field: Field, wanted: Value) -> Value:
    """The value to write for a label (option fields), or the value itself; None for a label that is not in the list."""
    if field.kind not in (Kind.OPTION, Kind.OPTIONS):
        return wanted
    text = comparison_form(Kind.TEXT, wanted)
    for option in field.options:
        if text in (option.label, option.id):
            identity: Value = int(option.id) if option.id.isascii() and option.id.isdigit() else option.id
            return [identity] if field.kind is Kind.OPTIONS else identity
    return None
