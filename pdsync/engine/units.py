"""What is sent for a change: the values that changed, and what belongs to them as a unit (design 7).

First and last name go together, because Pipedrive computes the full name from what it is sent. Lists are replaced
whole by a PATCH, so a list is built from what the record holds right now: one entry changes, the others, their labels,
their order and the primary flag stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pdsync.model import Change, FieldChange, Kind, Reason, Record, RemoteSchema, Value, has_value
from pdsync.planning.comparison import addresses
from pdsync.planning.keys import address_key

__all__ = ["exact", "values_to_send"]

_NAMES = ("first_name", "last_name")
"""The same codes on both sides (R12)."""
_EXACT = (Reason.REPAIR, Reason.UNDO)
"""These change how an address is written; to all others two spellings of one address are the same."""


def exact(schema: RemoteSchema, change: Change, record: Record) -> Change:
    """The change with each ``after`` as it will be sent: lists built from the record as it is now."""
    fields = tuple(
        replace(one, after=_list(one, record.get(one.code))) if _is_list(schema, one) else one
        for one in change.fields
    )
    return replace(change, fields=fields)


def values_to_send(change: Change, record: Record | None) -> dict[str, Value]:
    """Field code -> value for one request, of a change that is ``exact``."""
    values = {one.code: one.after for one in change.fields}
    named = [code for code in _NAMES if code in values]
    if record is not None and len(named) == 1:
        (other,) = (code for code in _NAMES if code not in values)
        unchanged = record.get(other)
        if has_value(unchanged):
            values[other] = unchanged
    return values


def _is_list(schema: RemoteSchema, one: FieldChange) -> bool:
    field = schema.by_code.get(one.code)
    return field is not None and field.kind in (Kind.EMAILS, Kind.PHONES)


def _list(one: FieldChange, current: object) -> Value:
    """``after`` as a change to the list that is there now: what left ``before`` leaves, what joined it joins."""
    if not isinstance(one.after, Sequence) or isinstance(one.after, str):
        return one.after
    if not isinstance(current, Sequence) or isinstance(current, str):
        return one.after
    before = {address_key(address) for address in addresses(one.before)}
    after = {address_key(address): address for address in addresses(one.after)}
    gone = [key for key in _keys(one.before) if key not in after]
    new = [entry for entry in one.after if _key(entry) not in before]
    respelled = set(addresses(one.before)).difference(after.values()) if one.reason in _EXACT else set()
    entries: list[Value] = []
    for entry in current:
        if _key(entry) not in gone:
            other = _text(entry) in respelled
            entries.append(_with_address(entry, after[_key(entry)]) if other else entry)
        elif new:
            entries.append(_with_address(entry, new.pop(0)))
    return [*entries, *new]


def _keys(value: object) -> list[str]:
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [_key(item) for item in items]


def _key(entry: object) -> str:
    return address_key(_text(entry))


def _text(entry: object) -> str:
    text = entry.get("value") if isinstance(entry, Mapping) else entry
    return text if isinstance(text, str) else ""


def _with_address(entry: Value, new: Value) -> Value:
    """The entry that is there, with the address of the new one."""
    if isinstance(entry, Mapping):
        address = new.get("value") if isinstance(new, Mapping) else new
        return {**entry, "value": address}
    return new
