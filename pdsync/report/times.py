"""When a snapshot was taken, in words: reports have no clock of their own."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["read_at"]

_TAKEN: Final = re.compile(r"-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)\d\dZ-")


def read_at(snapshot: str) -> str:
    """``2026-11-02 12:00 UTC`` of a snapshot's id; empty where the id does not say it."""
    found = _TAKEN.search(snapshot)
    if found is None:
        return ""
    year, month, day, hour, minute = found.groups()
    return f"{year}-{month}-{day} {hour}:{minute} UTC"
