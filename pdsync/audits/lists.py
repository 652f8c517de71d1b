"""The lists that audits compare with: words and domains in plain text, each with its source and its limits on top."""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["entries"]


@cache
def entries(name: str) -> tuple[str, ...]:
    """The entries of ``lists/NAME.txt``, in their order: separated by commas, without the lines that begin with #."""
    text = (resources.files("pdsync.audits") / "lists" / f"{name}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return tuple(entry.strip() for line in lines for entry in line.split(",") if entry.strip())
