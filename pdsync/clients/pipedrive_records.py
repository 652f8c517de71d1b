"""A person on the wire <-> values by field code.

Reading: one typed struct is generated from the field list, so that a page of 500 persons is decoded in a few
milliseconds and every value lands under its code. Writing: codes become Pipedrive's body, lists as objects, custom
fields nested, empty as what the field type accepts (``null``, never ``[]`` for a custom list).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from pdsync.clients.pipedrive_fields import key_of
from pdsync.errors import Unsupported
from pdsync.model import Field, Kind, Record, RemoteSchema, Side, Value, is_empty

__all__ = ["Next", "PersonShape", "body_of", "one_type", "page_type"]

_UNSET: Final = msgspec.UNSET


class Next(msgspec.Struct):
    """Where a list goes on."""

    next_cursor: str | None = None


class PersonShape:
    """The persons of one account: the type to decode, and how a decoded one becomes a ``Record``."""

    def __init__(self, fields: Sequence[Field]) -> None:
        own = [field.code for field in fields if not field.custom]
        custom = [field.code for field in fields if field.custom]
        nested = _struct("CustomFields", [(code, code) for code in custom])
        # 'ims' is what some texts call 'im' (reference 2.1): both are looked at.
        keys = list(dict.fromkeys([key_of(code) for code in own if code != "id"] + ["ims", "is_deleted"]))
        self.type: Any = msgspec.defstruct(
            "Person",
            [
                ("id", int),
                ("custom_fields", nested | None | msgspec.UnsetType, _UNSET),
                *((f"k{number}", Any, _UNSET) for number in range(len(keys))),
            ],
            rename={f"k{number}": key for number, key in enumerate(keys)},
            gc=False,
        )
        self._own = [
            (code, _getter(self.type, "id" if code == "id" else f"k{keys.index(key_of(code))}"))
            for code in own
        ]
        self._custom = custom
        self._ims = _getter(self.type, f"k{keys.index('ims')}")
        self._deleted = _getter(self.type, f"k{keys.index('is_deleted')}")
        self._im_codes = [code for code in own if key_of(code) == "im"]

    def record(self, person: Any) -> Record | None:  # noqa: ANN401 - a generated struct
        """The person as a record; None if it is deleted (reference 6.4)."""
        if self._deleted(person) is True:
            return None
        values: dict[str, Value] = {}
        for code, get in self._own:
            value = get(person)
            if value is not _UNSET:
                values[code] = value
        if self._im_codes:
            ims = self._ims(person)
            for code in self._im_codes:
                if code not in values and ims is not _UNSET:
                    values[code] = ims
        # null for the whole object means that the account has no custom field, or that none was read: missing, not empty.
        if person.custom_fields is not _UNSET and person.custom_fields is not None:
            pairs = zip(self._custom, msgspec.structs.astuple(person.custom_fields), strict=True)
            values.update((code, value) for code, value in pairs if value is not _UNSET)
        updated = values.get("update_time")
        return Record(Side.PIPEDRIVE, str(person.id), values, updated if isinstance(updated, str) else None)


def page_type(person: Any) -> Any:  # noqa: ANN401 - generated classes
    """What a list call answers: persons of this shape, and where the list goes on."""
    return msgspec.defstruct(
        "Persons", [("data", list[person] | None), ("additional_data", Next | None, None)], gc=False
    )


def one_type(person: Any) -> Any:  # noqa: ANN401 - generated classes
    """What a call about one person answers."""
    return msgspec.defstruct("OnePerson", [("data", person)], gc=False)


def _struct(name: str, codes: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401 - a generated class
    """A struct with one optional field per code; codes of 40 hex digits are no identifiers, so they are renamed."""
    return msgspec.defstruct(
        name,
        [(f"c{number}", Any, _UNSET) for number in range(len(codes))],
        rename={f"c{number}": code for number, (code, _) in enumerate(codes)},
        gc=False,
    )


def _getter(shape: Any, attribute: str) -> Callable[[Any], Any]:  # noqa: ANN401 - generated classes
    """The slot's own reader: quicker than ``getattr`` by name, for it is called for every value of every person."""
    getter: Callable[[Any], Any] = getattr(shape, attribute).__get__
    return getter


def body_of(values: Mapping[str, Value], schema: RemoteSchema) -> dict[str, object]:
    """The JSON body that writes exactly these values.

    Raises:
        Unsupported: an unknown or read-only field, or emptying one of Pipedrive's own (reference 2.6).
    """
    body: dict[str, object] = {}
    custom: dict[str, object] = {}
    for code, value in values.items():
        field = schema.by_code.get(code)
        if field is None or not field.writable:
            problem = "has no field" if field is None else "does not let anybody write"
            raise Unsupported(f"Pipedrive {problem} {code!r}.", untouched="This record was not written.")
        if field.custom:
            custom[code] = _custom_value(field, value)
        else:
            body[key_of(code)] = _own_value(field, value)
    if custom:
        body["custom_fields"] = custom
    return body


def _custom_value(field: Field, value: Value) -> object:
    if is_empty(value):
        return None
    if field.kind is Kind.OPTION:
        return _number(value)
    if field.kind is Kind.OPTIONS:
        return [_number(item) for item in _items(value)]
    return value


def _own_value(field: Field, value: Value) -> object:
    if field.kind in (Kind.EMAILS, Kind.PHONES):
        return [_entry(item) for item in _items(value) if not is_empty(item)]
    if field.kind is Kind.OPTIONS:
        return [_number(item) for item in _items(value)]
    if is_empty(value):
        raise Unsupported(
            f"Emptying {field.name!r} was never seen to work in Pipedrive.",
            untouched="This record was not written.",
            next_step="Empty it in Pipedrive by hand.",
        )
    return _number(value) if field.kind in (Kind.OPTION, Kind.REFERENCE) else value


def _items(value: Value) -> list[Value]:
    if is_empty(value):
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _entry(item: Value) -> object:
    """v2 takes objects only ([doc] MIG); what else a delivered entry holds is not sent back."""
    if not isinstance(item, Mapping):
        return {"value": item}
    return {key: item[key] for key in ("value", "primary", "label") if key in item and item[key] is not None}


def _number(value: Value) -> Value:
    """Option ids and references are numbers in v2 (reference 2.4); those of built-in lists are words."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
