"""Points in time as the state keeps them: RFC 3339, UTC, milliseconds, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["as_moment", "as_text", "now"]


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


def as_text(moment: datetime) -> str:
    """``2026-11-23T20:51:03.123Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_moment(text: str) -> datetime | None:
    """The moment that ``as_text`` wrote (or any RFC 3339 text with a zone); None for an empty or other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
