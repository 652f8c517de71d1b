"""Sides, directions and values: the smallest words, on which all others rest."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum
from typing import Final, TypeAlias, TypeGuard

__all__ = ["MISSING", "Direction", "Kind", "Missing", "Side", "Value", "composed", "has_value", "is_empty"]

Value: TypeAlias = bool | int | float | str | Sequence["Value"] | Mapping[str, "Value"] | None
"""A value as a service delivers it: what JSON can say. Empty is None, "", blank text, [] or {}, and a list of these."""


class Missing(Enum):
    """The third state of a value: it was not read. Neither empty nor a value; never written, never compared."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


class Side(StrEnum):
    """One of the two services. A direction is a value: no function exists twice, once per side."""

    PIPEDRIVE = "pipedrive"
    PLEZI = "plezi"

    @property
    def other(self) -> Side:
        """The side across."""
        return Side.PLEZI if self is Side.PIPEDRIVE else Side.PIPEDRIVE

    @property
    def label(self) -> str:
        """The name as people write it."""
        return "Pipedrive" if self is Side.PIPEDRIVE else "Plezi"

    @property
    def noun(self) -> str:
        """What one record is called there: ``person`` or ``contact``."""
        return "person" if self is Side.PIPEDRIVE else "contact"


class Direction(StrEnum):
    """Which way a field mapping flows (R16)."""

    BOTH = "both"
    TO_PLEZI = "to_plezi"
    TO_PIPEDRIVE = "to_pipedrive"
    OFF = "off"

    def writes(self, target: Side) -> bool:
        """Whether this direction allows a write to ``target``."""
        return self is Direction.BOTH or self == f"to_{target}"

    @property
    def source(self) -> Side | None:
        """The one side that values come from; None for ``both`` and ``off``."""
        if self is Direction.TO_PLEZI:
            return Side.PIPEDRIVE
        return Side.PLEZI if self is Direction.TO_PIPEDRIVE else None


class Kind(StrEnum):
    """What sort of value a field holds, whatever the service calls the type."""

    TEXT = "text"
    """Text, also varchar and phone as a custom field."""
    NUMBER = "number"
    DATE = "date"
    """A day, ``YYYY-MM-DD``."""
    DATETIME = "datetime"
    """A moment, RFC 3339, UTC."""
    BOOLEAN = "boolean"
    OPTION = "option"
    """One of a list: Pipedrive's ``enum`` (delivered: option id), Plezi's drop-down (delivered: slug)."""
    OPTIONS = "options"
    """Several of a list: Pipedrive's ``set`` (list of ids), Plezi's multiple selection (list of slugs)."""
    EMAILS = "emails"
    """Addresses: Pipedrive's list of {value, label, primary}, Plezi's one string."""
    PHONES = "phones"
    """Pipedrive's list of {value, label, primary}."""
    REFERENCE = "reference"
    """The id of something else: owner, organisation, user. Read by audits, not yet written."""
    COMPOSITE = "composite"
    """Objects such as monetary, address, time range. Compared as a whole."""
    OTHER = "other"
    """A type that this version does not know. Read, never written."""


def is_empty(value: Value | Missing) -> bool:
    """Whether a value is empty: None, blank text, an empty list or object. 0 and False are values; missing is not empty.

    A list of nothing but empty entries is empty: Pipedrive also says "no phone" as ``[{"value": "", "primary": true}]``
    (reference 2.2). Taken for a value, it would erase the other side's number.
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value or not value.strip(_BLANK)
    if isinstance(value, (int, float)):
        return False
    if isinstance(value, Mapping):
        return is_empty(value["value"]) if "value" in value else not value
    if isinstance(value, Sequence):
        return all(map(is_empty, value))
    return False


def has_value(value: Value | Missing) -> TypeGuard[Value]:
    """Whether a value was read and is not empty."""
    return value is not MISSING and not is_empty(value)


_BLANK = " \t\r\n\v\f\u00a0\u2007\u202f\u200b\u200c\u200d\u2060\ufeff"
"""White space that people cannot see, no-break and zero-width space included."""


def composed(text: str) -> str:
    """The text in the one Unicode form (NFC) in which names of options are compared: é is one sign, not e and an accent."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
