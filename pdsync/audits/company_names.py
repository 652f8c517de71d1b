"""Companies entered as persons: "Rivière SARL", "Müller GmbH", "Dupont & Fils".

Legal forms that are somebody's name as well (Sas, Sa, Nv) count only as the last of several words, in capitals, in a name
that is not all in capitals. The lists are ``lists/company_*.txt``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.folding import folded
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.lists import entries
from pdsync.audits.odd_names import BEGIN, END, NAMES_NEEDED, Fault, find_names, plain, spelt
from pdsync.model import Severity

__all__ = ["AUDITS", "fault", "pattern"]

_DOTTED: Final = (
    "s.a.r.l",
    "s.a r.l",
    "s.a.s",
    "s.c.i",
    "e.u.r.l",
    "g.m.b.h",
    "s.r.l",
    "s.r.o",
    "s.p.a",
    "l.t.d",
)
_DOTTED_AT_END: Final = ("s.a", "e.v", "n.v", "b.v")
"""Two letters may be initials, unless a name stands before them."""
_OUTSIDE: Final = re.compile("[^\x00-\xff’]")


def _find(inputs: AuditInputs) -> Found:
    return find_names(inputs, pattern(), fault)


@cache
def pattern() -> str:
    """What every such name contains: a listed word, a form with dots, or a firm's sons."""
    listed = [
        *entries("company_words"),
        *(form.lower() for form in entries("company_forms")),
        *entries("company_ends"),
    ]
    alternatives = [spelt(word) for word in listed]
    alternatives += [spelt(form).replace(r"\.", r"\. ?") for form in (*_DOTTED, *_DOTTED_AT_END)]
    return f"{BEGIN}(?:{'|'.join(alternatives)}){END}"


def fault(first: str, last: str) -> Fault | None:
    """Whether the whole name is a company's."""
    whole = f"{first} {last}".strip()
    words = [word.strip("().,;") for word in whole.split()]
    found = any(plain(word) in _words() for word in words)
    if not found and len(words) > 1:
        found = words[-1] in _forms() and any(c.islower() for c in whole)
    if not found:
        found = bool(_firm().search(folded(_OUTSIDE.sub("\uffff", whole))))
    return Fault("This is probably the name of a company", ()) if found else None


@cache
def _firm() -> re.Pattern[str]:
    """Forms with dots, and "& Sons" at the end of a folded name."""
    anywhere = "|".join(map(_dotted, _DOTTED))
    at_end = "|".join(map(_dotted, _DOTTED_AT_END))
    joined = r"(?:[&+]|(?<![a-z])(?:et|and|und|e|y)(?![a-z]))\s*"
    return re.compile(
        rf"(?<![a-z])(?:{anywhere})(?![a-z])|\S\s+(?:{at_end})\W*$|{joined}(?:{'|'.join(entries('company_ends'))})(?![a-z])(?:\s*kg)?\W*$"
    )


def _dotted(form: str) -> str:
    return form.replace(".", r"\. ?")


@cache
def _words() -> frozenset[str]:
    return frozenset(entries("company_words"))


@cache
def _forms() -> frozenset[str]:
    return frozenset(entries("company_forms"))


AUDITS = (
    Audit(
        code="company-as-name",
        severity=Severity.WARNING,
        title="records whose name is a company's (SARL, GmbH, Ltd)",
        why="The sync would make a contact of it, split the company into first and last name, and write to it as to a "
        "person.",
        rule="R11, R13",
        fix="Make it an organisation, and enter the person who works there.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
