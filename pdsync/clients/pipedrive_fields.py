"""Pipedrive's list of person fields -> ``Field`` values (reference 2.4, 2.5, 2.11).

A field's code is not always the key that a person carries it under: the field ``email`` is the key ``emails``. Types
that this version does not know become ``Kind.OTHER`` and are read, never written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from pdsync.model import Field, Kind, Option

__all__ = ["LONGEST_OPTION", "MARKETING", "FieldRow", "OptionRow", "fields_of", "key_of", "options_of"]

MARKETING: Final = ("marketing_status", "doi_status")
"""Answered only when asked for, and only with the Campaigns app ([spec]); other optional fields are not read at all."""

_KINDS: Final = {
    "varchar": Kind.TEXT,
    "varchar_auto": Kind.TEXT,
    "text": Kind.TEXT,
    "phone": Kind.TEXT,
    "int": Kind.NUMBER,
    "double": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "enum": Kind.OPTION,
    "status": Kind.OPTION,
    "visible_to": Kind.OPTION,
    "varchar_options": Kind.OPTION,
    "set": Kind.OPTIONS,
    "user": Kind.REFERENCE,
    "org": Kind.REFERENCE,
    "people": Kind.REFERENCE,
    "deal": Kind.REFERENCE,
    "lead": Kind.REFERENCE,
    "project": Kind.REFERENCE,
    "stage": Kind.REFERENCE,
    "activity": Kind.REFERENCE,
    "picture": Kind.REFERENCE,
    "address": Kind.COMPOSITE,
    "monetary": Kind.COMPOSITE,
    "daterange": Kind.COMPOSITE,
    "time": Kind.COMPOSITE,
    "timerange": Kind.COMPOSITE,
}
_BY_CODE: Final = {
    "email": Kind.EMAILS,
    "emails": Kind.EMAILS,
    "phone": Kind.PHONES,
    "phones": Kind.PHONES,
    "im": Kind.COMPOSITE,
    "ims": Kind.COMPOSITE,
    "add_time": Kind.DATETIME,
    "update_time": Kind.DATETIME,
    "label_ids": Kind.OPTIONS,
    "marketing_status": Kind.OPTION,
    "doi_status": Kind.OPTION,
}
"""What Pipedrive's own fields deliver, whatever type the list gives them."""
_LONGEST: Final = {"varchar": 255, "varchar_auto": 255, "phone": 255, "text": 65_535}
"""Characters ([spec]: 255; 65k)."""
LONGEST_OPTION: Final = 255
"""Characters of an option's label ([spec] 1.2)."""
_READ_ONLY: Final = frozenset({"id", "add_time", "update_time", "picture_id", "doi_status"})
"""Not in the body of PATCH ([spec] 2.6)."""
_ALWAYS_THERE: Final = {
    "name": ("Name", "varchar"),
    "first_name": ("First name", "varchar"),
    "last_name": ("Last name", "varchar"),
    "email": ("Email", "varchar"),
    "phone": ("Phone", "phone"),
    "label_ids": ("Labels", "set"),
    "owner_id": ("Owner", "user"),
    "org_id": ("Organization", "org"),
    "add_time": ("Person created", "date"),
    "update_time": ("Update time", "date"),
}
"""Every person carries these ([spec]); no recording of the v2 field list says that it names them all."""
_KEYS: Final = {"email": "emails", "phone": "phones", "im": "im", "ims": "im"}
_MARKETING_STATUSES: Final = ("no_consent", "unsubscribed", "subscribed", "archived")
"""[spec] 2.5; used where the list gives no options."""


class OptionRow(msgspec.Struct, gc=False):
    """One entry of ``options``; the id is a number, or a word for built-in lists ([live] AMP)."""

    id: int | str
    label: str = ""


class FieldRow(msgspec.Struct):
    """One row of ``GET /personFields``. Only what is used is checked (reference 6.8)."""

    field_code: str
    field_name: str = ""
    field_type: str = ""
    options: list[OptionRow] | None = None
    is_custom_field: bool = False
    is_optional_response_field: bool = False
    is_writable: Any = None
    """Seen in live answers, not in the spec."""


def key_of(code: str) -> str:
    """The key under which a person carries one of Pipedrive's own fields."""
    return _KEYS.get(code, code)


def fields_of(rows: Iterable[FieldRow]) -> tuple[Field, ...]:
    """The fields that a read delivers, in the order of the list, those missing from the list last."""
    fields: dict[str, Field] = {}
    for row in rows:
        if row.field_code in fields or (row.is_optional_response_field and row.field_code not in MARKETING):
            continue
        fields[row.field_code] = _field(row)
    keys = {key_of(code) for code in fields}
    for code, (name, type_) in _ALWAYS_THERE.items():
        if key_of(code) not in keys:
            fields[code] = _field(FieldRow(field_code=code, field_name=name, field_type=type_))
    return tuple(fields.values())


def options_of(row: FieldRow) -> tuple[Option, ...]:
    """The list of a row, in its order."""
    return tuple(Option(id=str(option.id), label=option.label) for option in row.options or ())


def _field(row: FieldRow) -> Field:
    code, custom = row.field_code, row.is_custom_field
    kind = _KINDS.get(row.field_type, Kind.OTHER)
    if not custom:
        kind = _BY_CODE.get(code, kind)
    options = options_of(row)
    if not options and code == "marketing_status" and not custom:
        options = tuple(Option(id=status, label=status) for status in _MARKETING_STATUSES)
    return Field(
        code=code,
        name=row.field_name or code,
        kind=kind,
        remote_type=row.field_type,
        options=options,
        writable=kind is not Kind.OTHER
        and row.is_writable is not False
        and (custom or code not in _READ_ONLY),
        # null clears every custom field ([spec] 2.4); for Pipedrive's own fields it was never seen to work (2.6).
        clearable=custom,
        max_length=_LONGEST.get(row.field_type) if kind is Kind.TEXT else None,
        custom=custom,
    )
