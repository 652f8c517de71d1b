"""First and last name that are the same: one of them was copied to get past a required field.

Case, accents, spaces and hyphens do not make a difference; a single letter is an initial and not enough to go by.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.folding import letters
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.judging import rows
from pdsync.audits.odd_names import (
    NAMES_NEEDED,
    Fault,
    judge_frame,
    name_columns,
    odd_names,
    ordinary,
    text_frame,
)
from pdsync.model import Severity

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "fault", "maybe_equal"]

_REPEATED: Final = 2
"""Letters at least."""


def _find(inputs: AuditInputs) -> Found:
    import narwhals as nw

    frames = []
    for held in inputs.having(*NAMES_NEEDED):
        names, odd = text_frame(inputs, held), odd_names(inputs, held)
        if len(name_columns(inputs, held)) == 1:
            words = nw.col("name").str.split(" ")
            two = names.filter(ordinary("name", whole=True), nw.col("name").str.contains(" ", literal=True))
            parts = two.with_columns(
                words.list.get(0).alias("first_name"), words.list.get(1).alias("last_name")
            )
            suspects = nw.concat([parts.filter(maybe_equal()).select("id", "name"), odd])
        else:
            # No row is in both: what the first test finds need not be ordinary.
            suspects = nw.concat(
                [
                    inputs.engine.keep(names.filter(_may_be_as_long())).filter(_may_begin_alike()),
                    odd.filter(_may_begin_alike() & ~_may_be_as_long()),
                ]
            )
        found = judge_frame(inputs, held, suspects, fault)
        if found is not None:
            frames.append(rows(inputs, held, found))
    return Found(frames)


def fault(first: str, last: str) -> Fault | None:
    """Whether both are one name."""
    name = letters(first)
    if len(name) < _REPEATED or name != letters(last):
        return None
    return Fault("First and last name are the same", ())


def maybe_equal() -> nw.Expr:
    """Whether first and last name, if they are ordinary, may be one: as long, and beginning alike."""
    return _may_be_as_long() & _may_begin_alike()


def _may_be_as_long() -> nw.Expr:
    """A hyphen more or less makes no other name. Cheap, so it comes first."""
    import narwhals as nw

    first, last = nw.col("first_name"), nw.col("last_name")
    long = first.str.len_chars() == last.str.len_chars()
    joined = first.str.contains("-", literal=True) | last.str.contains("-", literal=True)
    return (long | joined) & (first != "")


def _may_begin_alike() -> nw.Expr:
    """Case is easy in ASCII; whatever begins otherwise may begin alike."""
    import narwhals as nw

    first, last = (nw.col(code).str.slice(0, 1) for code in ("first_name", "last_name"))
    ascii_letters = first.str.contains("[A-Za-z]") & last.str.contains("[A-Za-z]")
    return ~ascii_letters | (first.str.to_lowercase() == last.str.to_lowercase())


AUDITS = (
    Audit(
        code="equal-names",
        severity=Severity.WARNING,
        title="records whose first and last name are the same",
        why="One of them was copied to fill a required field: the contact passes as complete and is not.",
        rule="R13, R14",
        fix="Write the part that is missing, or empty it; in Plezi, look at the form that the contact came from.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
