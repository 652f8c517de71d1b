"""How each field mapping of one person stands, and why: the planner's own decision, told field by field.

Nothing is decided here. What ``planning.decide`` wrote down is looked up; where it wrote nothing, the same functions that
it asked are asked again for the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pdsync.model import (
    MISSING,
    BoundField,
    BoundMapping,
    Candidate,
    Decision,
    Direction,
    ExplainedField,
    FieldChange,
    FieldStanding,
    Finding,
    Match,
    Missing,
    Reason,
    Side,
    Value,
    is_empty,
)
from pdsync.planning.comparison import comparison_form, same
from pdsync.planning.emails import decide_address
from pdsync.planning.merging import HeldBack, Write, merge
from pdsync.planning.scoping import may_update
from pdsync.planning.transforms import agree

if TYPE_CHECKING:
    from pdsync.model import Link

__all__ = ["explain_fields"]

_REASONS: Final = {
    Reason.FILL: "it is empty in {target}",
    Reason.CHANGED: "{source} changed it since both last agreed",
    Reason.OVERWRITES: "it flows from {source} only, and {source} wins",
    Reason.POLICY: "both differ, and the mapping lets {source} win",
    Reason.CLEAR: "it was emptied in {source}, and the mapping passes that on",
    Reason.CREATE: "part of the new record in {target}",
    Reason.ENROL: "the mapping enrols this person",
    Reason.CONSENT: "the person opted out in {source}, and opting out always wins",
    Reason.FOLLOWS_CREATE: "{source} makes it when it creates the record",
    Reason.UNDO: "as before the run",
}


def explain_fields(
    bound: BoundMapping,
    candidate: Candidate,
    decision: Decision | None,
    *,
    link: Link | None,
    undecided: str = "",
) -> tuple[ExplainedField, ...]:
    """Every field mapping, in the order of the mapping.

    Args:
        bound: The mapping.
        candidate: As the planner was given it.
        decision: What the planner said; None: it cannot be asked, for the reason ``undecided``.
        link: Of the pair, or the one that the planner would make.
        undecided: One sentence.
    """
    return tuple(_explain(bound, field, candidate, decision, link, undecided) for field in bound.fields)


def _explain(
    bound: BoundMapping,
    field: BoundField,
    candidate: Candidate,
    decision: Decision | None,
    link: Link | None,
    undecided: str,
) -> ExplainedField:
    values: dict[Side, Value | Missing] = {}
    for side in Side:
        record = candidate.record(side)
        values[side] = MISSING if record is None else record.get(field.on(side).code)
    writes = _writes(field, decision)
    standing, why = _standing(bound, field, candidate, decision, values, writes, link, undecided)
    return ExplainedField(
        key=field.key,
        names={side: field.written.name(side) for side in Side},
        codes={side: field.on(side).code for side in Side},
        direction=field.written.direction,
        values=values,
        standing=standing,
        why=why,
        base=candidate.bases.get(field.key),
        writes=writes,
        undone=candidate.undone.get(field.key),
        not_stored={
            side: memory for (key, side), memory in candidate.rejected_before.items() if key == field.key
        },
    )


def _writes(field: BoundField, decision: Decision | None) -> Mapping[Side, FieldChange]:
    return {
        change.side: one
        for change in (decision.changes if decision is not None else ())
        for one in change.fields
        if one.key == field.key
    }


def _standing(
    bound: BoundMapping,
    field: BoundField,
    candidate: Candidate,
    decision: Decision | None,
    values: Mapping[Side, Value | Missing],
    writes: Mapping[Side, FieldChange],
    link: Link | None,
    undecided: str,
) -> tuple[FieldStanding, str]:
    if field.written.direction is Direction.OFF:
        return FieldStanding.OFF, "the mapping switches it off"
    if field.stopped:
        return FieldStanding.HELD, field.stopped
    if writes:
        return FieldStanding.WRITE, "; ".join(_reason(target, one) for target, one in writes.items())
    said = _finding(field, decision)
    if said is not None:
        standing = FieldStanding.CONFLICT if said.code == "conflict" else FieldStanding.PROBLEM
        return standing, said.message
    if candidate.pipedrive is None or candidate.plezi is None:
        where = "neither side" if candidate.pipedrive is candidate.plezi else "one side only"
        return FieldStanding.ONE_SIDE, f"there is a record on {where}"
    if any(value is MISSING for value in values.values()):
        sides = " and ".join(side.label for side in Side if values[side] is MISSING)
        return FieldStanding.NOT_READ, f"it was not read from {sides}"
    if _equal(bound, field, candidate, values, link):
        both_empty = all(is_empty(value) for value in values.values())
        return FieldStanding.SAME, "both are empty" if both_empty else "both hold the same"
    return FieldStanding.HELD, undecided or _why_held(bound, field, candidate, values)


def _reason(target: Side, change: FieldChange) -> str:
    return _REASONS[change.reason].format(source=target.other.label, target=target.label)


def _finding(field: BoundField, decision: Decision | None) -> Finding | None:
    """What the planner says of this field mapping."""
    for finding in decision.findings if decision is not None else ():
        key = finding.details.get("key")
        if key == field.key or (
            key is None and finding.field in (field.written.pipedrive, field.written.plezi)
        ):
            return finding
    return None


def _equal(
    bound: BoundMapping,
    field: BoundField,
    candidate: Candidate,
    values: Mapping[Side, Value | Missing],
    link: Link | None,
) -> bool:
    if field.pipedrive.code == bound.email[Side.PIPEDRIVE] and link is not None:
        outcome = decide_address(field, candidate, link)
        return not (outcome.target or outcome.problem or outcome.held_back)
    here, there = values[Side.PIPEDRIVE], values[Side.PLEZI]
    return here is not MISSING and there is not MISSING and agree(field, here, there)


def _why_held(
    bound: BoundMapping, field: BoundField, candidate: Candidate, values: Mapping[Side, Value | Missing]
) -> str:
    """Why nothing is written although both differ: the first reason that the planner meets."""
    if candidate.match is Match.AMBIGUOUS:
        return "nobody can tell who is who"
    if candidate.blocked_by:
        return f"held by {', '.join(dict.fromkeys(candidate.blocked_by))}"
    mark = candidate.undone.get(field.key)
    if mark is not None and all(same(field.on(side).kind, values[side], mark.on(side)) for side in Side):
        return "an undo left it so; it stays until one side changes"
    outcome = merge(field, values, candidate.bases.get(field.key))
    if isinstance(outcome, Write):
        return _why_not_written(bound, field, candidate, outcome.target)
    source = field.written.direction.source
    if isinstance(outcome, HeldBack) and source is not None:
        if is_empty(values[source]):
            return f"it flows from {source.label} only, where it is empty"
        return (
            f"it flows from {source.label} only; {source.other.label} changed alone, and is not written back"
        )
    if any(is_empty(value) for value in values.values()):
        return "an emptied field never empties the other side (empty: ignore)"
    return "neither side changed since both last agreed"


def _why_not_written(bound: BoundMapping, field: BoundField, candidate: Candidate, target: Side) -> str:
    memory = candidate.rejected_before.get((field.key, target))
    if memory is not None:
        record = candidate.record(target)
        now = MISSING if record is None else record.get(field.on(target).code)
        kind = field.on(target).kind
        if comparison_form(kind, now) == comparison_form(kind, memory[1]):
            return f"{target.label} did not store this value when it was sent; it is not sent again"
    source = candidate.record(target.other)
    if source is not None and not may_update(bound, target, source):
        return f"{target.other.label}'s record is out of scope, and the mapping stops its updates (when_left: stop)"
    if not bound.schemas[target].capabilities.update:
        return f"{target.label} cannot update records through this API profile"
    return "left alone: the value has no counterpart there, or the person opted out"
