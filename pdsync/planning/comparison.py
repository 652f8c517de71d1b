"""The comparison form of a value: what decides whether two values of one field are the same.

Computed once when a record is read, stored beside the delivered value, and never sent anywhere. Two values of
different fields are only compared after translation (``transforms.py``), because the same thing is an option id here
and a slug there.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from pdsync.model import MISSING, Kind, Missing, Value, is_empty
from pdsync.planning.keys import address_key

__all__ = ["addresses", "comparison_form", "same", "trimmed"]

_EDGES = " \t\r\n\v\f\u00a0\u2007\u202f\u200b\u200c\u200d\u2060\ufeff"
_MIDNIGHT = re.compile(r"(?<=^\d{4}-\d\d-\d\d)[T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)?$", re.ASCII)
"""Behind a day: what a service that knows moments only makes of it."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.ASCII)
_MOST_DIGITS = 400
"""Beyond the range of a double (1e308) a text is no number that either service holds; '1e999999' must not become a
text of a million digits."""


def comparison_form(kind: Kind, value: Value | Missing) -> str | None:
    """The comparison form of a delivered value of this kind; None for empty and for missing.

    Text: NFC, outer white space off, line ends as line feeds; case and inner spaces count. Number: the shortest decimal
    (12, 12.0 and "12" are one). Day: without a midnight behind it. Moment: in UTC, whatever zone it is written in.
    Options: identities, as a sorted JSON list when there may be several. Addresses: a sorted JSON list of address keys.
    Everything else: canonical JSON.
    """
    if value is MISSING or is_empty(value):
        return None
    match kind:
        case Kind.TEXT | Kind.REFERENCE | Kind.OPTION:
            return _text(value) if isinstance(value, str) else _scalar(value)
        case Kind.DATE | Kind.DATETIME:
            return _day(_scalar(value)) if kind is Kind.DATE else _moment(_scalar(value))
        case Kind.NUMBER:
            return _number(value)
        case Kind.BOOLEAN:
            return _boolean(value)
        case Kind.OPTIONS:
            items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
            forms = sorted({_scalar(item) for item in items if not is_empty(item)})
            return _canonical(forms) if forms else None
        case Kind.EMAILS:
            keys = sorted({address_key(address) for address in addresses(value)})
            return _canonical(keys) if keys else None
        case _:
            return _canonical(value)


def same(kind: Kind, left: Value | Missing, right: Value | Missing) -> bool:
    """Whether two delivered values of one field are the same; missing equals only missing."""
    if left is MISSING or right is MISSING:
        return left is right
    return comparison_form(kind, left) == comparison_form(kind, right)


def trimmed(text: str) -> str:
    """The text without the white space and invisible characters at its ends, which no comparison sees."""
    return text.strip(_EDGES)


def addresses(value: Value | Missing) -> list[str]:
    """The addresses in an email value, as delivered: Pipedrive's list of {value, label, primary} or one string.

    Primary first, then in the order of the list; blank ones left out.
    """
    if value is MISSING or is_empty(value):
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Sequence):
        return []
    entries: list[tuple[bool, str]] = []
    for item in value:
        text = item.get("value") if isinstance(item, Mapping) else item
        if isinstance(text, str) and not is_empty(text):
            entries.append((isinstance(item, Mapping) and item.get("primary") is True, text))
    return [text for primary, text in entries if primary] + [text for primary, text in entries if not primary]


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, str):
        return _text(value)
    return _canonical(value)


def _text(value: str) -> str:
    if value.isascii() and "\r" not in value:
        return value.strip(_EDGES)
    return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip(_EDGES)


def _day(text: str) -> str:
    return _MIDNIGHT.sub("", text)


def _moment(text: str) -> str:
    """The moment in UTC, without a fraction of nothing; without a zone it is UTC already. What is none stays text."""
    if not _MOMENT.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat().replace("+00:00", "Z")


def _number(value: Value) -> str:
    """Shortest decimal; a text that is not a number stays text, so that it differs from every number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return _scalar(value) if isinstance(value, bool) else _canonical(value)
    text = _text(value) if isinstance(value, str) else repr(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        return text
    shortest = format(number.normalize(), "f")
    return "0" if shortest == "-0" else shortest


def _boolean(value: Value) -> str:
    if isinstance(value, str) and _text(value).lower() in ("true", "false"):
        return _text(value).lower()
    return _scalar(value)


def _canonical(value: Value) -> str:
    return json.dumps(_normal(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _normal(value: Value) -> Value:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_normal(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
