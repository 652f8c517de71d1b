"""What keeps pdsync from writing to one person, in words with the next step, and the one sentence that sums it up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pdsync.model import (
    MISSING,
    BoundMapping,
    Candidate,
    Change,
    ChangeKind,
    Decision,
    Finding,
    Hold,
    HoldKind,
    LinkState,
    Match,
    Missing,
    Record,
    Severity,
    Side,
    Value,
)
from pdsync.planning.comparison import same
from pdsync.planning.scoping import opted_out
from pdsync.planning.wording import listed

__all__ = ["explain_holds", "verdict"]

_ALONE: Final = {
    "out-of-scope": (
        HoldKind.OUT_OF_SCOPE,
        "it does not pass the scope of the mapping",
        "change the record, or scope",
    ),
    "opted-out": (HoldKind.OPTED_OUT, "the person opted out, so nothing is created from it", ""),
    "consent-unread": (
        HoldKind.INCOMPLETE,
        "nobody can tell whether the person opted out: the field of consent was not read",
        "read it: with an account instead of an export, or with an export that holds the field",
    ),
    "existed-before": (
        HoldKind.EXISTED_BEFORE,
        "it was there before the first run, and such records are linked but not created on the other side",
        "adopt such records in a plan that you review: pdsync plan --adopt",
    ),
    "create-undone": (
        HoldKind.CREATE_HELD,
        "an undo deleted what was created from it, or nobody can tell whether a create happened",
        "look for it on the other side; if it is not there, release it: pdsync release",
    ),
    "not-complete": (
        HoldKind.INCOMPLETE,
        "nobody can tell whether it is missing on the other side: a snapshot is not complete",
        "read everything with a token that sees everybody: pdsync pull --full",
    ),
    "no-address": (
        HoldKind.INCOMPLETE,
        "it has no email address",
        "fill it in; the next plan tries again by itself",
    ),
    "direction": (HoldKind.OUT_OF_SCOPE, "the mapping creates nobody in this direction", ""),
}
"""``Decision.counts`` of a record without a partner: hold, sentence, next step."""


def explain_holds(
    bound: BoundMapping, candidate: Candidate, decision: Decision, findings: Sequence[Finding]
) -> tuple[Hold, ...]:
    """Everything that holds, the whole person's first."""
    return (*_of_person(bound, candidate, decision, findings), *_of_fields(bound, candidate))


def verdict(candidate: Candidate, decision: Decision) -> str:
    """What would happen now, in one sentence without people or values."""
    kinds = {change.kind for change in decision.changes}
    would = ["link both records"] if ChangeKind.LINK in kinds else []
    would += [_written(change) for change in decision.changes if not change.kind.ledger_only]
    if ChangeKind.UNLINK in kinds:
        would.append("mark the link as broken")
    said = [f"would {listed(would)}"] if would else []
    conflicts = sum(finding.code == "conflict" for finding in decision.findings)
    others = len(decision.findings) - conflicts
    if conflicts:
        said.append(f"{_counted(conflicts, 'conflict')} for a person to decide")
    if others and candidate.match is not Match.AMBIGUOUS:
        said.append(f"{_counted(others, 'finding')} in the way")
    return "; ".join(said) or "nothing to write" + _because(candidate, decision)


def _written(change: Change) -> str:
    side, fields = change.side, _counted(len(change.fields), "field")
    if change.kind is ChangeKind.CREATE:
        return f"create the {side.noun} in {side.label} with {fields}"
    return f"update {fields} in {side.label}"


def _because(candidate: Candidate, decision: Decision) -> str:
    if candidate.match is Match.AMBIGUOUS:
        return ": several records share an address, and nobody can tell who is who"
    if decision.counts.get("blocked"):
        return f": held by {', '.join(dict.fromkeys(candidate.blocked_by))}"
    for count, (_, text, _) in _ALONE.items():
        if candidate.match is Match.ALONE and decision.counts.get(count):
            return f": {text}"
    if candidate.pipedrive is None and candidate.plezi is None:
        return ": there is no record"
    return ""


def _of_person(
    bound: BoundMapping, candidate: Candidate, decision: Decision, findings: Sequence[Finding]
) -> Iterator[Hold]:
    if candidate.match is Match.AMBIGUOUS:
        yield Hold(
            HoldKind.AMBIGUOUS,
            "several records share an address: nobody can tell who is who, and none is written (R17)",
            "merge the duplicates, or correct the shared address",
        )
    for code in dict.fromkeys(candidate.blocked_by):
        finding = next(
            (one for one in findings if one.code == code and one.severity is Severity.BLOCKING), None
        )
        message = f": {finding.message}" if finding is not None else ""
        fix = finding.fix if finding is not None else ""
        yield Hold(HoldKind.BLOCKED, f"{code}{message}", fix)
    if candidate.link is not None and _is_broken(candidate):
        yield Hold(
            HoldKind.BROKEN,
            "the link is broken: one of its records was not in a complete snapshot",
            "restore the record or delete its partner, or, after a merge, let go of the link: pdsync release",
        )
    if candidate.match is Match.ALONE:
        for count, (kind, text, next_step) in _ALONE.items():
            if decision.counts.get(count):
                yield Hold(kind, text, next_step)
        for finding in decision.findings:
            if finding.code == "incomplete":
                yield Hold(HoldKind.INCOMPLETE, finding.message, finding.fix)
    else:
        out = [side.label for side in Side if opted_out(bound, candidate.record(side))]
        if out:
            yield Hold(HoldKind.OPTED_OUT, f"the person opted out in {listed(out)}; that is never reversed")
        if decision.counts.get("out-of-scope-held"):
            yield Hold(
                HoldKind.OUT_OF_SCOPE,
                "it left the scope of the mapping, which stops updates (when_left: stop)",
                "change the record, or the scope",
            )


def _is_broken(candidate: Candidate) -> bool:
    link = candidate.link
    return link is not None and (
        link.state is LinkState.BROKEN and (candidate.pipedrive is None or candidate.plezi is None)
    )


def _of_fields(bound: BoundMapping, candidate: Candidate) -> Iterator[Hold]:
    for field in bound.fields:
        if field.stopped:
            yield Hold(
                HoldKind.STOPPED, field.stopped, "correct the name in the mapping: pdsync check", field.key
            )
        mark = candidate.undone.get(field.key)
        if mark is not None and all(
            same(field.on(side).kind, _value(candidate.record(side), field.on(side).code), mark.on(side))
            for side in Side
        ):
            text = f"{field.written.pipedrive}: an undo left both sides as they are; neither is written until one changes"
            yield Hold(
                HoldKind.UNDONE,
                text,
                "change the value on either side, or let go of it: pdsync release",
                field.key,
            )
        for (key, side), (_, stored) in candidate.rejected_before.items():
            record = candidate.record(side)
            if key == field.key and same(field.on(side).kind, _value(record, field.on(side).code), stored):
                text = f"{field.written.name(side)}: {side.label} stored another value than was sent; not sent again"
                yield Hold(HoldKind.NOT_STORED, text, "change the value on either side", key)


def _value(record: Record | None, code: str) -> Value | Missing:
    return MISSING if record is None else record.get(code)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
