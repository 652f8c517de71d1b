"""How messages speak of words that people wrote: quoted safely, and with the likeliest word they meant.

A mapping problem names a field, an option or a key as somebody typed it. What is typed may be long, hold control
characters, or be one letter off; all messages treat that alike.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from pdsync.model import Value

__all__ = ["closest", "did_you_mean", "listed", "quoted"]

_LONGEST = 60
_LONGEST_COMPARED = 200
"""Comparing is quadratic in the length; no field, label or key that people type is longer."""


def quoted(value: Value) -> str:
    """A value in quotes, on one line: control characters escaped, accents kept, cut after 60 characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return repr(value if len(value) <= _LONGEST else value[:_LONGEST] + "...")
    if isinstance(value, (int, float)):
        text = repr(value)
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
    return "a list" if not hasattr(value, "items") else "a group of keys"


def listed(words: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def closest(word: str, candidates: Iterable[str]) -> str:
    """The candidate that ``word`` most likely means, by spelling without case and accents; empty if none is near."""
    wanted = _plain(word)
    if not wanted or len(wanted) > _LONGEST_COMPARED:
        return ""
    spellings: dict[str, str] = {}
    for candidate in candidates:
        if len(candidate) <= _LONGEST_COMPARED:
            spellings.setdefault(_plain(candidate), candidate)
    near = difflib.get_close_matches(wanted, spellings, n=1, cutoff=0.6)
    return spellings[near[0]] if near else ""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """``; did you mean 'Secteur'?``, or nothing.

    Where both look the same on a screen (a composed and a decomposed accent, a space at the end), it is shown escaped.
    """
    near = closest(word, candidates)
    if not near:
        return ""
    if _on_screen(near) == _on_screen(word):
        return f"; did you mean {near!a}? It looks the same and is written with other characters"
    return f"; did you mean {quoted(near)}?"


def _on_screen(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _plain(text: str) -> str:
    """Without case, accents and the difference between space, hyphen and underscore."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return bare.replace("_", " ").replace("-", " ").strip()
