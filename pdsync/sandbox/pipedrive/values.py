"""What a custom field of each of the 16 types takes, and what it keeps.

Forms are [doc] MIG, seen [live] by ANT for enum, set, date and some others; ``[]`` for a set is refused [spec];
wording "Expected 'number' ..." and "Time custom field value expected 'object'" [live] MMED. Invented: the
wording of the other messages, the time zone's number, that a currency is three capitals, that the ids of a set
come back in ascending order (that any order is possible is said by section 6.10 of the reference).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.fieldbook import SUBFIELDS, CustomField, FieldBook
from pdsync.sandbox.pipedrive.problems import ApiError, invalid
from pdsync.sandbox.switches import Switches

SHORT_TEXT = 255
LONG_TEXT = 65_535
LARGEST_INTEGER = 2**63 - 1
ADDRESS_PARTS = tuple(code for code, _, _ in SUBFIELDS["address"])
_TIME_ZONE_ID = 254
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d:\d\d", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}")
_REFERENCES = {
    "user": "SELECT 1 FROM pipedrive_users WHERE id = ?",
    "org": "SELECT 1 FROM pipedrive_organizations WHERE id = ?",
    "people": "SELECT 1 FROM pipedrive_persons WHERE id = ? AND deleted_time IS NULL",
}


def is_integer(value: object) -> bool:
    """A whole number that a column can hold; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER


def is_number(value: object) -> bool:
    """A finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= LARGEST_INTEGER if isinstance(value, int) else math.isfinite(value)


def is_date(value: object) -> bool:
    """A date that exists, as ``YYYY-MM-DD``."""
    return _is_form_of(_DATE, date.fromisoformat, value)


def is_time(value: object) -> bool:
    """A time of day, as ``HH:MM:SS``."""
    return _is_form_of(_TIME, time.fromisoformat, value)


def _is_form_of(form: re.Pattern[str], parse: Callable[[str], object], value: object) -> bool:
    if not isinstance(value, str) or not form.fullmatch(value):
        return False
    try:
        parse(value)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Values:
    """Checks values against the fields, options and records of this account."""

    db: Database
    switches: Switches
    book: FieldBook

    def accept(self, field: CustomField, value: object) -> Any:  # noqa: ANN401 - the value as it is kept
        """The value as it is kept; None clears. Raises the refusal."""
        return None if value is None else _READERS[field.type](self, field, value)

    def text(self, value: str, longest: int, where: str) -> str | None:
        """Text as it is kept, by the switches for long, blank and padded text."""
        if self.switches.on("pipedrive.trims_text"):
            value = value.strip()
        if len(value) > longest:
            if self.switches.text("pipedrive.long_text") == "refuse":
                raise invalid(f"{where} length must be less than or equal to {longest} characters long")
            value = value[:longest]
        if not value and self.switches.on("pipedrive.empty_text_is_null"):
            return None
        return value

    def address(self, value: object, where: str) -> dict[str, str | None]:
        """An address: only ``value`` is needed, parts left out become null ([doc] MIG)."""
        if not isinstance(value, dict):
            raise invalid(f"{where} expected 'object'")
        if unknown := value.keys() - {"value", *ADDRESS_PARTS}:
            raise invalid(f"{where}: Unknown key '{min(unknown)}'")
        if not isinstance(value.get("value"), str):
            raise invalid(f"{where}: 'value' is required and must be a string")
        for part in ADDRESS_PARTS:
            if not isinstance(value.get(part), str | None):
                raise invalid(f"{where}: '{part}' must be a string")
        return {"value": value["value"]} | {part: value.get(part) for part in ADDRESS_PARTS}

    def exists(self, kind: str, id_: int) -> bool:
        """Whether there is such a user, organization or person; always, while references are not checked."""
        if not self.switches.on("pipedrive.references_checked"):
            return True
        return self.db.value(_REFERENCES[kind], (id_,)) is not None

    def read_short_text(self, field: CustomField, value: object) -> str | None:
        return self._text(field, value, SHORT_TEXT)

    def read_long_text(self, field: CustomField, value: object) -> str | None:
        return self._text(field, value, LONG_TEXT)

    def _text(self, field: CustomField, value: object, longest: int) -> str | None:
        if not isinstance(value, str):
            raise _refusal("string", field)
        return self.text(value, longest, f"custom_fields: '{field.code}'")

    def read_number(self, field: CustomField, value: object) -> object:
        if not is_number(value):
            raise _refusal("number", field)
        return value

    def read_date(self, field: CustomField, value: object) -> object:
        if not is_date(value):
            raise _refusal("date", field)
        return value

    def read_date_range(self, field: CustomField, value: object) -> dict[str, Any]:
        return self._range(field, value, is_date, "date")

    def read_time_range(self, field: CustomField, value: object) -> dict[str, Any]:
        zone = self._zone()
        return self._range(field, value, is_time, "time", zone.keys()) | zone

    def read_address(self, field: CustomField, value: object) -> dict[str, Any]:
        return self.address(value, f"custom_fields: '{field.code}'")

    def read_option(self, field: CustomField, value: object) -> int:
        if not isinstance(value, int) or not is_integer(value):
            raise _refusal("number", field)
        if value not in self.book.options(field.code):
            raise invalid(
                f"custom_fields: Unknown option id '{value}' for person custom field '{field.code}'"
            )
        return value

    def read_options(self, field: CustomField, value: object) -> list[int]:
        if not isinstance(value, list):
            raise _refusal("array", field)
        if not value:
            raise invalid(f"custom_fields: '{field.code}' must contain at least 1 items")
        return sorted({self.read_option(field, item) for item in value})

    def _range(
        self,
        field: CustomField,
        value: object,
        is_part: Callable[[object], bool],
        part: str,
        ignored: Iterable[str] = (),
    ) -> dict[str, Any]:
        found = _object(field, value, {"value", "until"}, ignored)
        for name in ("value", "until"):
            if not is_part(found.get(name)):
                raise invalid(f"custom_fields: '{field.code}': '{name}' is required and must be a {part}")
        return {"value": found["value"], "until": found["until"]}

    def read_time(self, field: CustomField, value: object) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid("custom_fields: Time custom field value expected 'object'")
        zone = self._zone()
        found = _object(field, value, {"value"}, zone.keys())
        if not is_time(found.get("value")):
            raise invalid(f"custom_fields: '{field.code}': 'value' is required and must be a time")
        return {"value": found["value"]} | zone

    def read_money(self, field: CustomField, value: object) -> dict[str, Any]:
        found = _object(field, value, {"value", "currency"})
        if not is_number(found.get("value")):
            raise invalid(f"custom_fields: '{field.code}': 'value' is required and must be a number")
        currency = found.get("currency")
        if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
            raise invalid(
                f"custom_fields: '{field.code}': 'currency' is required and must be a currency code"
            )
        return {"value": found["value"], "currency": currency}

    def read_reference(self, field: CustomField, value: object) -> int:
        if not isinstance(value, int) or not is_integer(value):
            raise _refusal("number", field)
        if not self.exists(field.type, value):
            raise invalid(f"custom_fields: '{field.code}': there is no {field.type} with the id {value}")
        return value

    def _zone(self) -> dict[str, Any]:
        return {"timezone_id": _TIME_ZONE_ID, "timezone_name": self.switches.text("pipedrive.time_zone")}


_READERS: dict[str, Callable[[Values, CustomField, object], Any]] = {
    "varchar": Values.read_short_text,
    "varchar_auto": Values.read_short_text,
    "phone": Values.read_short_text,
    "text": Values.read_long_text,
    "double": Values.read_number,
    "enum": Values.read_option,
    "set": Values.read_options,
    "date": Values.read_date,
    "daterange": Values.read_date_range,
    "time": Values.read_time,
    "timerange": Values.read_time_range,
    "monetary": Values.read_money,
    "address": Values.read_address,
    "user": Values.read_reference,
    "org": Values.read_reference,
    "people": Values.read_reference,
}
CREATABLE_TYPES = tuple(_READERS)
"""[spec] POST /personFields: the 16 types."""


def _object(field: CustomField, value: object, keys: set[str], ignored: Iterable[str] = ()) -> dict[str, Any]:
    """An object with known keys; those that the server itself adds may be sent back."""
    if not isinstance(value, dict):
        raise _refusal("object", field)
    if unknown := value.keys() - keys - set(ignored):
        raise invalid(f"custom_fields: '{field.code}': Unknown key '{min(unknown)}'")
    return value


def _refusal(expected: str, field: CustomField) -> ApiError:
    return invalid(f"custom_fields: Expected '{expected}' as value for person custom field '{field.code}'")
