"""Times, bars and counts as short words: what several screens say alike."""

from __future__ import annotations

from datetime import datetime

__all__ = ["ago", "bar", "left_of"]


def ago(moment: datetime, now: datetime) -> str:
    """``just now``, ``6 min ago``, ``3 h ago``, ``2 days ago``."""
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3_600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 2 * 86_400:
        return f"{seconds // 3_600:.0f} h ago"
    return f"{seconds // 86_400:.0f} days ago"


def bar(share: float, width: int) -> str:
    """A bar of at most ``width`` cells; something above nothing has one cell at least."""
    return "▆" * max(round(share * width), 1 if share > 0 else 0)


def left_of(left: int | None, limit: int) -> str:
    """``207,440 of 210,000 tokens``."""
    return f"{limit:,} tokens a day" if left is None else f"{left:,} of {limit:,} tokens left today"
