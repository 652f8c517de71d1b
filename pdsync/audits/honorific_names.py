"""Titles inside a name: "M. Jean", "Mme Rivière", "Dr. Müller", "Herr".

A word that may as well be a name or an initial (M, Me, Sr) counts with its dot, or with more words behind it. Where the
title is all that the first name holds, the rest is split again by the connector's rule (R11).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.lists import entries
from pdsync.audits.odd_names import BEGIN, END, NAMES_NEEDED, Fault, find_names, plain, spelt, split
from pdsync.model import Severity

__all__ = ["AUDITS", "fault", "pattern"]

_OFTEN_FAMILIES: Final = frozenset(["herr", "frau", "sir", "miss", "maitre", "professeur"])
"""Not looked for at the end of a name, where they are somebody's."""
_GLUED: Final = re.compile(r"^(\w{2,4})\.(?=\w)")
_AROUND: Final = "()[],;"


def _find(inputs: AuditInputs) -> Found:
    return find_names(inputs, pattern(), fault)


@cache
def pattern() -> str:
    """What every name with a title contains."""
    listed = "|".join(spelt(word) for word in (*entries("honorifics"), *entries("short_honorifics")))
    return f"{BEGIN}(?:{listed}){END}"


def fault(first: str, last: str) -> Fault | None:
    """Which part holds a title, and what is left without it."""
    rest = _without_title(first)
    if rest is not None:
        if rest or len(last.split()) < 2:
            return _fault("first_name", {"first_name": rest})
        given, family = split(last)
        return _fault("first_name", {"first_name": given, "last_name": family})
    rest = _without_title(last)
    if rest is None or (first and not rest):  # a family name of that word
        return None
    return _fault("last_name", {"last_name": rest})


def _fault(part: str, suggested: dict[str, str]) -> Fault:
    return Fault("holds a title (Mr, Mme, Dr)", (part,), suggested)


def _without_title(text: str) -> str | None:
    """What is left of a part without its title; None: it has none."""
    words = _GLUED.sub(_apart, text).split()
    kept = list(words)
    while kept and _is_title(kept[0], more=_is_word(kept[1:2])):
        kept = kept[1:]
    while len(kept) > 1 and _is_title(kept[-1], more=False) and _bare(kept[-1]) not in _OFTEN_FAMILIES:
        kept = kept[:-1]
    return None if len(kept) == len(words) else " ".join(kept).rstrip(",")


def _apart(match: re.Match[str]) -> str:
    """``Dr.Jean`` in two words, but not ``Th.Mann``."""
    title = _bare(match[1])
    return f"{match[1]}. " if title in _titles() else match[0]


def _is_title(word: str, *, more: bool) -> bool:
    bare = _bare(word)
    return bare in _titles() or (bare in _short_titles() and (more or word.rstrip(_AROUND).endswith(".")))


def _is_word(following: list[str]) -> bool:
    """Whether a name follows, and not one more initial."""
    return bool(following) and len(following[0].strip(".")) > 1


def _bare(word: str) -> str:
    return plain(word.strip(_AROUND).rstrip("."))


@cache
def _titles() -> frozenset[str]:
    return frozenset(entries("honorifics"))


@cache
def _short_titles() -> frozenset[str]:
    return frozenset(entries("short_honorifics"))


AUDITS = (
    Audit(
        code="honorific-in-name",
        severity=Severity.WARNING,
        title="records with a title inside the name (M., Mme, Dr, Herr)",
        why="Pipedrive takes the first word of a name for the first name, so the title becomes one; and the same person "
        "without the title counts as changed.",
        rule="R11",
        fix="Move the title to a field of its own; the name without it is in the details.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
