"""Query strings, read strictly: a parameter that is misspelt or has a wrong value is refused, never passed over."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from starlette.datastructures import QueryParams

from pdsync.sandbox.plezi.problems import bad_request


def only(query: QueryParams, allowed: Collection[str]) -> None:
    """Refuse parameters other than these, and any that is sent twice."""
    names = [name for name, _ in query.multi_items()]
    details = [f"unknown parameter {name}" for name in dict.fromkeys(names) if name not in allowed]
    details += [f"{name} is sent twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if details:
        raise bad_request(*details)


def one_of(query: QueryParams, name: str, choices: Sequence[str]) -> str:
    """One of `choices`; the first where the parameter is missing."""
    value = query.get(name, choices[0])
    if value not in choices:
        raise bad_request(f"{name} is one of {', '.join(choices)}, not {value!r}")
    return value


def whole_number(query: QueryParams, name: str, default: int, most: int | None = None) -> int:
    """A whole number from 1 up to `most`."""
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdecimal()) or int(text) < 1 or (most is not None and int(text) > most):
        end = "up" if most is None else f"to {most}"
        raise bad_request(f"{name} is a whole number from 1 {end}, not {text!r}")
    return int(text)


def moment(query: QueryParams, name: str) -> str | None:
    """A time in RFC 3339 with its offset, as the whole second in UTC from which on it counts."""
    text = query.get(name)
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
        if parsed.tzinfo is None or "T" not in text:
            raise ValueError
        utc = parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise bad_request(f"{name} is a time such as 2026-09-01T00:00:00Z, not {text!r}") from None
    up = math.ceil(utc.microsecond / 1_000_000)
    return (utc.replace(microsecond=0) + timedelta(seconds=up)).strftime("%Y-%m-%dT%H:%M:%SZ")
