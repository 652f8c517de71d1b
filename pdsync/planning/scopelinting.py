"""Whether the tests of scope, enrolment and consent can ever be true for the fields that they look at (R9, R10).

A label that no option bears would silently match nobody: nobody created, or worse, nobody seen as opted out. So each
value has to be one that the field can hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pdsync.model import BoundMapping, Condition, Field, Finding, Kind, Place, Severity, Side, Value
from pdsync.planning.comparison import comparison_form
from pdsync.planning.scoping import find_field, holds, option_value
from pdsync.planning.wording import did_you_mean, quoted

__all__ = ["lint_scope"]

_LISTS = (Kind.OPTION, Kind.OPTIONS)
_NO_VALUES = (Kind.EMAILS, Kind.PHONES, Kind.COMPOSITE, Kind.OTHER)
_ENROL = "scope.enrol"


def lint_scope(bound: BoundMapping) -> Iterator[Finding]:
    """Every value in scope, enrolment and consent that its field cannot hold."""
    mapping = bound.mapping
    for target, scope in mapping.scope.items():
        if scope.where is not None:
            yield from _condition(bound, target.other, scope.where, f"scope.to_{target}.where")
    if mapping.enrol is not None:
        yield from _condition(bound, Side.PIPEDRIVE, mapping.enrol.where, f"{_ENROL}.where")
        yield from _flag(bound, mapping.enrol.field, mapping.enrol.to)
        yield from _read_by_scope(bound, mapping.enrol.field, mapping.enrol.to)
    for side, consent in mapping.consent.items():
        field = find_field(bound, side, consent.field)
        if field is not None:
            at = _At(bound, side, field, f"consent.{side}.opted_out", f"consent.{side}")
            yield from _values(at, consent.opted_out)


@dataclass(frozen=True, slots=True)
class _At:
    """A test on one field, and where it stands."""

    bound: BoundMapping
    side: Side
    field: Field
    path: str
    """Of its values; of one of several with its number behind."""
    around: str

    def place(self, number: int | None = None) -> Place | None:
        places = self.bound.mapping.places
        tries = (
            [self.path, self.around] if number is None else [f"{self.path}.{number}", self.path, self.around]
        )
        return next((places[path] for path in tries if path in places), None)

    def problem(self, code: str, message: str, number: int | None = None, *, rule: str = "R9") -> Finding:
        return Finding(
            code, Severity.BLOCKING, message, field=self.field.name, place=self.place(number), rule=rule
        )


def _condition(bound: BoundMapping, side: Side, condition: Condition, path: str) -> Iterator[Finding]:
    field = find_field(bound, side, condition.field)
    if field is None or condition.empty is not None:
        return
    word, other = ("has", "is") if condition.has else ("is", "has")
    at = _At(bound, side, field, f"{path}.{word}", path)
    several = field.kind is Kind.OPTIONS
    if several is not (word == "has"):
        holds = "is a multiple choice" if several else "holds one value"
        yield at.problem("wrong-test", f"{word}: {quoted(condition.field)} {holds}; use {other}")
        return
    yield from _values(at, condition.has or condition.equals)


def _values(at: _At, values: Sequence[Value]) -> Iterator[Finding]:
    for number, value in enumerate(values):
        wrong = _cannot_hold(at.side, at.field, value)
        if wrong:
            yield at.problem("unknown-option" if at.field.kind in _LISTS else "wrong-value", wrong, number)


def _flag(bound: BoundMapping, name: str, to: Value) -> Iterator[Finding]:
    """R10: the flag has to take a value, and this one."""
    field = find_field(bound, Side.PIPEDRIVE, name)
    if field is None:
        return
    if not field.writable:
        at = _At(bound, Side.PIPEDRIVE, field, f"{_ENROL}.set.field", _ENROL)
        yield at.problem(
            "read-only", f"{quoted(name)} is read-only in Pipedrive and cannot be set", rule="R10"
        )
        return
    at = _At(bound, Side.PIPEDRIVE, field, f"{_ENROL}.set.to", _ENROL)
    if field.kind is Kind.REFERENCE:
        yield at.problem(
            "not-yet", f"{quoted(name)} is a field of type reference; it cannot be set yet", rule="R10"
        )
        return
    wrong = _cannot_hold(Side.PIPEDRIVE, field, to)
    if wrong:
        yield at.problem("unknown-option" if field.kind in _LISTS else "wrong-value", wrong, rule="R10")
    writer = next(
        (f for f in bound.fields if f.pipedrive.code == field.code and f.writes(Side.PIPEDRIVE)), None
    )
    if (
        writer is not None and writer.written.pipedrive != name
    ):  # under one name, the file's own check has said so
        at = _At(bound, Side.PIPEDRIVE, field, f"{_ENROL}.set.field", _ENROL)
        message = (
            f"{quoted(name)} is {quoted(writer.written.pipedrive)}, which a field mapping writes already; "
            "one field takes values from one place only"
        )
        yield at.problem("written-twice", message, rule="R10")


def _read_by_scope(bound: BoundMapping, name: str, to: Value) -> Iterator[Finding]:
    """R10: the flag that enrolment sets is the one that scope reads, and passes; by whichever name either is called."""
    scope = bound.mapping.scope.get(Side.PLEZI)
    where = None if scope is None else scope.where
    flag = find_field(bound, Side.PIPEDRIVE, name)
    read = None if where is None else find_field(bound, Side.PIPEDRIVE, where.field)
    if flag is None or read is None or where is None:
        return
    if read.code != flag.code:
        at = _At(bound, Side.PIPEDRIVE, flag, f"{_ENROL}.set.field", _ENROL)
        message = (
            f"enrolling sets {quoted(name)}, but scope.to_plezi.where reads {quoted(where.field)}; "
            "both have to be the same field (R10)"
        )
        yield at.problem("enrolment", message, rule="R10")
        return
    value = option_value(flag, to)
    if value is None:
        return  # said by _flag
    passes = not where.empty if where.empty is not None else holds(flag, value, where.equals or where.has)
    if not passes:
        at = _At(bound, Side.PIPEDRIVE, flag, f"{_ENROL}.set.to", _ENROL)
        message = (
            f"{quoted(to)} does not pass the test in scope.to_plezi.where, so nobody would be enrolled (R10)"
        )
        yield at.problem("enrolment", message, rule="R10")


def _cannot_hold(side: Side, field: Field, value: Value) -> str:
    """Why a field never holds this value, in words; empty if it may."""
    name = f"{quoted(field.name)} in {side.label}"
    if field.kind in _LISTS:
        words = [word for option in field.options for word in (option.label, option.id)]
        if not isinstance(value, str):
            return f"{name} has no option {quoted(value)}; a label goes in quotes"
        if comparison_form(Kind.TEXT, value) in {comparison_form(Kind.TEXT, word) for word in words}:
            return ""
        return f"{name} has no option {quoted(value)}{did_you_mean(value, words)}"
    if field.kind in _NO_VALUES:
        return f"{name} cannot be tested for a value, only for being empty"
    if field.kind is Kind.BOOLEAN and not isinstance(value, bool):
        return f"{name} is true or false, never {quoted(value)}"
    if field.kind is Kind.NUMBER and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return f"{name} holds numbers, never {quoted(value)}"
    if field.kind in (Kind.TEXT, Kind.DATE, Kind.DATETIME) and not isinstance(value, str):
        return f"{name} holds text, never {quoted(value)} without quotes"
    return ""
