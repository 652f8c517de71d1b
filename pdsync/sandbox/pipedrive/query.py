"""Query parameters of the lists: limits, cursors, times, comma lists.

[spec] limit (100, at most 500), up to 100 ids, up to 15 custom fields; [live] AIR, WHAL ``updated_since`` takes
whole seconds and a ``T`` only; [live] N8N (decoded) the cursor is base64url JSON without padding that names the
first item of the next page. Invented: the wording of refusals, that a cursor together with another order than
its own is refused.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from starlette.datastructures import QueryParams

from pdsync.sandbox.pipedrive.problems import ApiError, invalid
from pdsync.sandbox.pipedrive.values import LARGEST_INTEGER
from pdsync.sandbox.switches import Switches

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 500
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,19}", re.ASCII)

Direction: TypeAlias = Literal["asc", "desc"]


def check_known(query: QueryParams, known: frozenset[str], switches: Switches) -> None:
    """Refuse unknown parameters, where the switch says so."""
    if switches.on("pipedrive.strict_query_parameters") and (unknown := set(query) - known):
        raise invalid(f"Unknown query parameter '{min(unknown)}'")


def integer(query: Mapping[str, str], name: str) -> int | None:
    """A whole number, or None where the parameter is missing."""
    text = query.get(name)
    return None if text is None else _parse_integer(text, name)


def path_id(text: str, what: str) -> int:
    """The id in a path."""
    value = _parse_integer(text, what)
    if value < 1:
        raise invalid(f"{what}: must be greater than or equal to 1")
    return value


def limit(query: Mapping[str, str], switches: Switches) -> int:
    """How many items a page has."""
    value = integer(query, "limit")
    if value is None:
        return DEFAULT_LIMIT
    if value < 1:
        raise invalid("limit: must be greater than or equal to 1")
    if value > LARGEST_LIMIT and switches.text("pipedrive.large_limit") == "refuse":
        raise invalid(f"limit: must be less than or equal to {LARGEST_LIMIT}")
    return min(value, LARGEST_LIMIT)


def flag(query: Mapping[str, str], name: str) -> bool:
    """``true`` or ``false``; missing is false."""
    text = query.get(name, "false")
    if text not in ("true", "false"):
        raise invalid(f"{name}: must be a boolean")
    return text == "true"


def choice(query: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    """One of a few words."""
    text = query.get(name)
    if text is not None and text not in choices:
        raise invalid(f"{name}: must be one of {', '.join(choices)}")
    return text


def words(query: Mapping[str, str], name: str, most: int | None = None) -> list[str] | None:
    """A comma list, or None where the parameter is missing."""
    text = query.get(name)
    if text is None:
        return None
    found = [word.strip() for word in text.split(",") if word.strip()]
    if most is not None and len(found) > most:
        raise invalid(f"{name}: must contain at most {most} items")
    return found


def ids(query: Mapping[str, str], most: int = 100) -> list[int] | None:
    """The parameter ``ids``."""
    found = words(query, "ids", most)
    return None if found is None else [_parse_integer(text, "ids") for text in found]


def moment(query: Mapping[str, str], name: str) -> str | None:
    """A time of whole seconds, in UTC, in the form that the rows have."""
    text = query.get(name)
    return None if text is None else parse_moment(text, name)


def parse_moment(text: object, where: str) -> str:
    """RFC 3339 without fractions. A plus sign that was not percent-encoded arrives as a blank, and is refused too."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise _not_a_moment(where)
    try:
        return (
            datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        )
    except (ValueError, OverflowError) as error:
        raise _not_a_moment(where) from error


def encode_cursor(content: Mapping[str, Any]) -> str:
    """An opaque mark of the next page."""
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).rstrip(b"=").decode()


def decode_cursor(query: Mapping[str, str]) -> dict[str, Any] | None:
    """What `encode_cursor` was given, or None where there is no cursor."""
    text = query.get("cursor")
    if text is None:
        return None
    try:
        content = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise bad_cursor() from error
    if not isinstance(content, dict):
        raise bad_cursor()
    return content


def bad_cursor() -> ApiError:
    """A cursor that this server did not make, or not for this list."""
    return invalid("cursor: is not valid")


def _parse_integer(text: str, name: str) -> int:
    if not _INTEGER.fullmatch(text) or abs(int(text)) > LARGEST_INTEGER:
        raise invalid(f"{name}: must be an integer")
    return int(text)


def _not_a_moment(where: str) -> ApiError:
    return invalid(f"{where}: not a valid datetime")


def is_id(value: object) -> bool:
    """Whether a value from a cursor can be an id."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_INTEGER
