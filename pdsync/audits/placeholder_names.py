"""Something that fills a name field and is no name: "test", "xxx", "-", "inconnu", "n/a"."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.lists import entries
from pdsync.audits.odd_names import BEGIN, END, NAMES_NEEDED, SPACES, Fault, find_names, plain, spelt
from pdsync.model import Severity

__all__ = ["AUDITS", "fault", "pattern"]

_SHORT_FOR_NOTHING: Final = frozenset(
    "n/a n.a. n.a #n/a #na nc n/c n.c. n.c nr n/r n.r. n.r tbd tbc k.a. s/o".split()  # noqa: SIM905 - read at a glance
)
"""Not available, non communiqué, non renseigné, to be done, keine Angabe, sans objet; with stops or strokes."""
_EDGES: Final = " \t\n\r\u00a0.-_*()[]{}<>?!:;,#/\\'\"’«»~=+|"
_TESTING: Final = re.compile(r"test(?: ?[0-9]+)?")
_REPEATED: Final = re.compile(r"([a-z])\1{2,}")
_NUMERALS: Final = frozenset(["iii"])
_BLANKS: Final = frozenset("\u2800\u3164\u115f\u1160\uffa0")
"""Seen by nobody, though Unicode calls them symbols or letters."""
_DOES: Final = (frozenset(["john", "jane", "jon"]), "doe")


def _find(inputs: AuditInputs) -> Found:
    return find_names(inputs, pattern(), fault)


@cache
def pattern() -> str:
    """What every placeholder contains: no letter or digit between spaces, or a word that is meant for none."""
    listed = "|".join(spelt(entry) for entry in (*entries("placeholders"), "test", "doe"))
    repeated = "|".join(f"{spelt(letter)}{{3,}}" for letter in "abcdefghijklmnopqrstuvwxyz")
    short = "|".join(
        "".join(spelt(c) if c.isalpha() else re.escape(c) for c in word) for word in _SHORT_FOR_NOTHING
    )
    silent = rf"(?:^|[{SPACES}])[^{SPACES}\p{{L}}\p{{N}}]+(?:[{SPACES}]|$)"
    return f"{silent}|{BEGIN}(?:{listed}|{repeated}|{short}){END}"


def fault(first: str, last: str) -> Fault | None:
    """Which parts are placeholders."""
    folded = plain(first), plain(last)
    if folded[0] in _DOES[0] and folded[1] == _DOES[1]:
        return Fault("is a placeholder", ("first_name", "last_name"))
    parts = tuple(
        part for part, text in (("first_name", first), ("last_name", last)) if _is_placeholder(text)
    )
    return Fault("is a placeholder", parts) if parts else None


def _is_placeholder(text: str) -> bool:
    if _says_nothing(text):
        return True
    written = plain(text).strip()
    if written in _SHORT_FOR_NOTHING:
        return True
    bare = re.sub(r"[\s_-]+", " ", written.strip(_EDGES))
    if bare in _listed() or _TESTING.fullmatch(bare):
        return True
    return bool(_REPEATED.fullmatch(bare)) and bare not in _NUMERALS


def _says_nothing(text: str) -> bool:
    """Something to see, but no letter and no digit: a dash, dots, an emoji."""
    if any(c.isalnum() for c in text):
        return False
    return any(unicodedata.category(c)[0] not in "CZM" and c not in _BLANKS for c in text)


@cache
def _listed() -> frozenset[str]:
    return frozenset(entries("placeholders"))


AUDITS = (
    Audit(
        code="placeholder-name",
        severity=Severity.WARNING,
        title="records with something that fills a name field and is no name (test, xxx, -, n/a)",
        why="It keeps a required field from being empty and nothing else: the contact passes as complete, and mails begin "
        "with 'Dear xxx'.",
        rule="R13, R14",
        fix="Write the name, or empty the field; remove records that somebody made to try things out.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
