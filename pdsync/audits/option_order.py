"""Lists that both sides have and show in another order (R24).

Nothing breaks by it; but lists must be exactly the same for Plezi's own connector, and people who compare two screens
find what differs at once when the order does not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import field_row
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, BoundField, Severity, Side
from pdsync.planning.wording import quoted

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    """One finding per field, with both fields as subjects. A list that was put together from data has no order."""
    frames: list[Frame] = []
    for number, bound in enumerate(inputs.option_fields()):
        if any(option.observed for side in Side for option in bound.on(side).options):
            continue
        positions = _positions(bound)
        moves = len(positions) - _longest_rise(positions)
        if not moves:
            continue
        said = {
            "key": bound.key,
            "order": f"{number:06}",
            "group": bound.written.pipedrive,
            "field": bound.written.pipedrive,
            "message": f"{quoted(bound.written.pipedrive)}: of {len(positions):,} options that both lists have, "
            f"{moves:,} would have to move for the order to be the same",
        }
        details = {"options": len(positions), "moves": moves}
        frames += [field_row(inputs, side, bound.on(side).code, said, details) for side in Side]
    return Found(frames)


def _positions(bound: BoundField) -> list[int]:
    """For each Pipedrive option with a counterpart, in the order of its list, where that stands in Plezi's; each once."""
    places = {option.id: place for place, option in enumerate(bound.plezi.options)}
    across = bound.option_to[Side.PLEZI]
    found = [places.get(across.get(option.id, "")) for option in bound.pipedrive.options]
    return list(dict.fromkeys(place for place in found if place is not None))


def _longest_rise(positions: Sequence[int]) -> int:
    """How many of them can stay where they are: the longest rising subsequence."""
    tails: list[int] = []
    for position in positions:
        place = bisect_left(tails, position)
        tails[place : place + 1] = [position]
    return len(tails)


def _headline(summary: AuditSummary) -> str:
    """``2 fields``."""
    return counted(summary.findings, "field")


AUDITS = (
    Audit(
        code="option-order",
        severity=Severity.INFO,
        title="lists whose options stand in another order on the other side",
        why="The lists must be exactly the same on both sides; options find each other in any order, but people who compare "
        "the lists do not.",
        rule="R24",
        fix="Give one list the order of the other, where people look at both.",
        needs=(Need.MAPPED,),
        find=_find,
        headline=_headline,
    ),
)
