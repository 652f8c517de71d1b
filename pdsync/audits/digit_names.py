"""Digits inside a name: a telephone number, a year, a customer number, "Martin 2"."""

from __future__ import annotations

from typing import Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.odd_names import NAMES_NEEDED, Fault, find_names
from pdsync.model import Severity

__all__ = ["AUDITS", "PATTERN", "fault"]

PATTERN: Final = r"\p{Nd}"
"""Decimal digits of every script; that the engines and Python agree on them is tested."""


def _find(inputs: AuditInputs) -> Found:
    return find_names(inputs, PATTERN, fault)


def fault(first: str, last: str) -> Fault | None:
    """Which part holds a digit; an address is another audit's."""
    parts = tuple(
        part
        for part, text in (("first_name", first), ("last_name", last))
        if "@" not in text and any(c.isdecimal() for c in text)
    )
    return Fault("holds digits", parts) if parts else None


AUDITS = (
    Audit(
        code="digits-in-name",
        severity=Severity.WARNING,
        title="records with digits inside the name",
        why="It is a number that belongs to another field, or a second record of somebody who is there already; the sync "
        "copies it into every mail.",
        rule="R11",
        fix="Move the number to its own field, or merge the records.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
