"""How values, fields, sides and reasons read on a screen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pdsync.model import MISSING, Kind, Missing, Severity, Side, Value, is_empty
from pdsync.report.inert import for_terminal, one_line
from pdsync.report.text.layout import Role

if TYPE_CHECKING:
    from pdsync.model import Account, BoundMapping, Change, FieldChange, Reason, SideTotals

__all__ = [
    "SEVERITY_ROLE",
    "Names",
    "account_words",
    "counted",
    "known_words",
    "list_words",
    "moment",
    "option_texts",
    "options_words",
    "reason_words",
    "shown",
    "values_words",
]

SEVERITY_ROLE = {Severity.BLOCKING: Role.BAD, Severity.WARNING: Role.WARN, Severity.INFO: Role.DIM}

_LONGEST = 200
"""Characters of a value that are looked at; the line's width cuts further."""
_MOST_ITEMS = 20


def counted(number: int, one: str, many: str = "") -> str:
    """``1 person``, ``1,204 persons``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def values_words(totals: SideTotals, side: Side) -> str:
    """``1,220 values and up to 240 that Plezi works out``: how much a plan writes to this side."""
    known = known_words(totals)
    return (
        f"{known} and up to {totals.deferred:,} that {side.other.label} works out"
        if totals.deferred
        else known
    )


def known_words(totals: SideTotals) -> str:
    """``1,220 values``, ``2 new options and 3 values``: what is known of it when the plan is made."""
    options, values = options_words(totals), counted(totals.values, "value")
    if not options:
        return values
    return f"{options} and {values}" if totals.values else options


def list_words(change: Change) -> str:
    """``2 new options in``, ``take 2 options off``: what is done to a list, in front of its field."""
    number = len(change.fields)
    from pdsync.model import ChangeKind

    if change.kind is ChangeKind.ADD_OPTIONS:
        return f"{counted(number, 'new option')} in"
    return f"take {counted(number, 'option')} off"


def option_texts(field: FieldChange) -> tuple[str, str]:
    """An option of a list: what is there after, and before (nothing, of a new one)."""
    if field.before is MISSING:
        return shown(field.after), ""
    return "(off the list)", shown(field.before)


def options_words(totals: SideTotals) -> str:
    """``2 new options``, ``2 options off lists``; empty: no list is changed."""
    words = [counted(totals.options, "new option")] if totals.options else []
    if totals.options_off:
        words.append(f"{counted(totals.options_off, 'option')} off lists")
    return " and ".join(words)


def moment(text: str) -> str:
    """``2026-11-02 12:00`` of an RFC 3339 time in UTC."""
    return for_terminal(text[:16].replace("T", " "))


def account_words(account: Account) -> str:
    """``acme.pipedrive.com (Acme SAS)``: what is known of an account."""
    where, name = for_terminal(account.domain), for_terminal(account.name)
    if where and name:
        return f"{where} ({name})"
    return where or name or for_terminal(account.id)


def shown(value: Value | Missing) -> str:
    """A delivered value on one line. Blanks at its ends, which nobody would see, are shown by quotation marks."""
    if value is MISSING:
        return "(not read)"
    if is_empty(value):
        return "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = one_line(value, _LONGEST)
        return f'"{text}"' if text != text.strip() or text in ("(empty)", "(not read)") else text
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, Mapping):
        return _shown_mapping(value)
    assert isinstance(value, Sequence)  # noqa: S101 - nothing else is left of Value
    items = [shown(item) for item in value[:_MOST_ITEMS]]
    if len(value) > _MOST_ITEMS:
        items.append(f"and {len(value) - _MOST_ITEMS:,} more")
    return ", ".join(items)


def _shown_mapping(value: Mapping[str, Value]) -> str:
    """An entry of an address or phone list by its value; any other object as JSON."""
    if isinstance(value.get("value"), str) and set(value) <= {"value", "label", "primary"}:
        primary = " (primary)" if value.get("primary") is True else ""
        return shown(value["value"]) + primary
    return one_line(json.dumps(value, ensure_ascii=False), _LONGEST)


@dataclass(frozen=True, slots=True)
class Names:
    """What people call fields and options. Without a bound mapping: their codes."""

    bound: BoundMapping | None = None

    def field(self, side: Side, code: str) -> str:
        """The name of a field on one side."""
        known = self.bound.schemas[side].by_code.get(code) if self.bound is not None else None
        return for_terminal(known.name if known is not None else code)

    def of_change(self, side: Side, change: FieldChange) -> str:
        """The name of the field that a change writes: as the mapping has it, else the field's own."""
        return self.written(side, change.key, change.code)

    def written(self, side: Side, key: str, code: str) -> str:
        """The name of the field with this code, written by the field mapping with this key."""
        written = self.bound.by_key.get(key) if self.bound is not None else None
        return for_terminal(written.written.name(side)) if written is not None else self.field(side, code)

    def of_key(self, key: str) -> str:
        """The name of a field mapping, as its Pipedrive field is called."""
        written = self.bound.by_key.get(key) if self.bound is not None else None
        return for_terminal(written.written.pipedrive if written is not None else key)

    def value(self, side: Side, code: str, value: Value | Missing) -> str:
        """A value, options by their labels."""
        known = self.bound.schemas[side].by_code.get(code) if self.bound is not None else None
        if (
            known is None
            or known.kind not in (Kind.OPTION, Kind.OPTIONS)
            or value is MISSING
            or is_empty(value)
        ):
            return shown(value)
        from pdsync.planning.comparison import comparison_form

        items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        labels = []
        for item in items[:_MOST_ITEMS]:
            option = known.option(comparison_form(Kind.OPTION, item) or "")
            labels.append(shown(option.label) if option is not None else f"{shown(item)} (not in the list)")
        return ", ".join(labels)


def reason_words(reason: Reason, target: Side) -> str:
    """Why a value is written, in a few words."""
    return _REASONS[reason.value].format(source=target.other.label)


_REASONS: Final[Mapping[str, str]] = {
    "fill": "was empty",
    "changed": "{source} changed it",
    "overwrites": "one way: {source} wins",
    "policy": "conflict: {source} wins by the mapping",
    "clear": "emptied in {source}",
    "create": "",
    "enrol": "enrolled by the mapping",
    "consent": "opted out in {source}",
    "follows-create": "once {source} has made the record",
    "undo": "as before the run",
    "repair": "accepted repair",
}
"""By the reason's value: the first picture of the terminal UI waits for this page, and for no plan."""
