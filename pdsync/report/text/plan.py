"""A plan on a terminal: what would be written where, what holds it, what cannot be undone, then change by change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from pdsync.model import (
    BoundMapping,
    Change,
    ChangeKind,
    FieldChange,
    Finding,
    Plan,
    PlanHeader,
    Reason,
    Side,
    SideTotals,
    Value,
    is_empty,
)
from pdsync.report.inert import for_terminal
from pdsync.report.text.audit import gate_lines
from pdsync.report.text.layout import (
    Line,
    Piece,
    Role,
    cells,
    columns,
    fit,
    line,
    pad,
    painted,
    told_apart,
    wrap,
)
from pdsync.report.text.values import (
    SEVERITY_ROLE,
    Names,
    account_words,
    counted,
    list_words,
    moment,
    option_texts,
    options_words,
    reason_words,
    shown,
)

__all__ = ["after_role", "change_lines", "plan_lines"]

_LABEL = 13
"""Cells of the labels in front of what is to be known of a plan."""
_MARKS = {
    ChangeKind.CREATE: "+",
    ChangeKind.UPDATE: "~",
    ChangeKind.DELETE: "-",
    ChangeKind.LINK: "=",
    ChangeKind.UNLINK: "x",
    ChangeKind.SETTLE: "=",
    ChangeKind.ADD_OPTIONS: "+",
    ChangeKind.REMOVE_OPTIONS: "-",
}
_COUNTS = {
    "held-back": "changed at the target of a one-way field, held back",
    "out-of-scope": "out of scope",
    "out-of-scope-held": "out of scope, updates stopped",
    "existed-before": "there before the first run, not created (plan --adopt)",
    "blocked": "blocked by audit findings",
    "undone": "undone, waiting for a new value (see: pdsync release)",
    "create-undone": "held, because what was created was undone, or may be there already (see: pdsync release)",
    "unknown-option-skipped": "without a counterpart in the list, skipped",
    "skipped-missing": "not read, skipped",
    "opted-out": "opted out, not created",
    "consent-unread": "not created, because the field of consent was not read",
    "no-address": "without an email address, not created",
    "direction": "not created, because the address does not go that way",
    "not-complete": "waiting for a complete read of both sides, to be linked, created or given a new address",
    "not-seen": "linked and not in a snapshot that is not complete",
    "not-stored-before": "sent before and not stored as sent, waiting for a new value",
    "already-repaired": "as the fix file wants it already",
    "opt-out-not-carried": "opted out on one side only, and no field carries it across",
}


def plan_lines(
    plan: Plan,
    *,
    width: int = 100,
    colour: bool = False,
    bound: BoundMapping | None = None,
    most: int | None = 50,
) -> Iterator[str]:
    """The plan as lines. Reads its changes twice, from the file, one at a time.

    Args:
        plan: The plan.
        width: Cells of the terminal.
        colour: Whether to colour words.
        bound: Names for fields and options, and the limits; None: codes, and no limits.
        most: How many changes, and findings of each code, are shown; None: all.
    """
    return painted(_lines(plan, width, bound, most), colour=colour)


def change_lines(
    change: Change, width: int, names: Names, *, outcome: Piece | None = None, record_id: str = ""
) -> Iterator[Line]:
    """One change: a line that says what and whom, then a line per value.

    Args:
        change: The change.
        width: Cells of the terminal.
        names: How fields and options are called.
        outcome: What became of it, in a run; None in a plan.
        record_id: The id that a create came to.
    """
    start = line((f"{_MARKS[change.kind]} ", Role.STRONG), f"{_what(change, record_id)}  ")
    end = line("  ", outcome) if outcome is not None else ()
    room = max(width - sum(cells(text) for text, _ in (*start, *end)), 20)
    yield (*start, (fit(for_terminal(change.title), room), Role.NAME), *end)
    yield from _field_lines(change, width, names)


def _lines(plan: Plan, width: int, bound: BoundMapping | None, most: int | None) -> Iterator[Line]:
    names = Names(bound)
    yield from _header(plan.header, width, bound)
    yield from _irreversible(plan)
    yield from _findings(plan, width, names, most)
    yield from _changes(plan, width, names, most)


def _header(header: PlanHeader, width: int, bound: BoundMapping | None) -> Iterator[Line]:
    what = f"UNDO of {for_terminal(header.undoes)}" if header.undoes else "DRY RUN"
    made = f", made {moment(header.made_at)} UTC" if header.made_at else ""
    yield line((what, Role.STRONG), f"  plan {header.id}, mapping {for_terminal(header.mapping_name)}{made}")
    yield line(
        f"  Pipedrive {account_words(header.accounts[Side.PIPEDRIVE])}"
        f"  <->  Plezi {account_words(header.accounts[Side.PLEZI])}"
    )
    yield line()
    if header.is_empty:
        yield line(("Nothing to write.", Role.GOOD))
    else:
        yield from _writes(header.totals.sides)
    for label, said in _facts(header, bound):
        shown_label = label
        for text in said:
            for part in wrap(text, width - _LABEL):
                yield line((pad(shown_label, _LABEL), Role.DIM), part)
                shown_label = ""
    yield line()
    yield line("Audits say:")
    yield from gate_lines(header.gate, width, reasons=True)


def _writes(sides: Mapping[Side, SideTotals]) -> Iterator[Line]:
    rows = []
    for side, totals in sides.items():
        row = [f"-> {side.label}", counted(totals.updates, "update"), counted(totals.creates, "create")]
        row += [counted(totals.values, "value"), f"{totals.clears:,} emptied"]
        row.append(counted(totals.deletes, "delete") if totals.deletes else "")
        rows.append([*row, options_words(totals), _deferred(side, totals)])
    for row in columns(rows, right=frozenset({1, 2, 3, 4}), gap=3):
        yield line((row[0], Role.STRONG), "".join(row[1:]))


def _deferred(side: Side, totals: SideTotals) -> str:
    """What only a create's answer will tell."""
    return f"up to {totals.deferred:,} more that {side.other.label} works out" if totals.deferred else ""


def _facts(header: PlanHeader, bound: BoundMapping | None) -> Iterator[tuple[str, list[str]]]:
    """What else is to be known before a plan is applied: a label and its lines."""
    totals = header.totals
    if bound is not None and not header.is_empty:
        yield "limits", [_limits(bound, side, held) for side, held in totals.sides.items()]
    yield "cost", [_cost(side, held) for side, held in totals.sides.items() if held.requests]
    yield "careful", [text for side, held in totals.sides.items() for text in _warnings(side, held)]
    kept = [
        counted(number, one, many)
        for number, one, many in (
            (totals.links, "new link", ""),
            (totals.unlinks, "broken link", ""),
            (totals.settles, "agreed pair noted", "agreed pairs noted"),
        )
        if number
    ]
    yield "ledger", [", ".join(kept)] if kept else []
    yield (
        "not written",
        [f"{count:,} {_COUNTS.get(code, code)}" for code, count in sorted(totals.counts.items()) if count],
    )
    yield "narrowed to", [for_terminal(text) for text in header.narrowed]
    yield "apply needs", [" ".join(map(for_terminal, header.needs))] if header.needs else []


def _warnings(side: Side, totals: SideTotals) -> Iterator[str]:
    if totals.submissions:
        yield f"{side.label}: {counted(totals.submissions, 'create')} by form submission, with its side effects"
    if totals.unguarded:
        yield f"{side.label} cannot be re-read before a write"


def _limits(bound: BoundMapping, side: Side, totals: SideTotals) -> str:
    limits = bound.mapping.limits
    return (
        f"{side.label}: creates {totals.made:,} of {limits.creates:,}, clears {totals.clears:,} of {limits.clears:,}, "
        f"changes {totals.updates:,} of {totals.linked:,} linked ({limits.changed_percent:g} % allowed)"
    )


def _cost(side: Side, totals: SideTotals) -> str:
    tokens = f", {counted(totals.tokens, 'token')}" if totals.tokens else ""
    return f"{side.label}: {counted(totals.requests, 'request')}{tokens}"


def _irreversible(plan: Plan) -> Iterator[Line]:
    """What an undo could not take back, counted (design 7)."""
    reasons = Counter((change.side, why) for change in plan.changes() for why in change.irreversible)
    if not reasons:
        return
    yield line()
    yield line(("Cannot be undone", Role.STRONG))
    for (side, why), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield line(f"  {count:,} x {side.label}: {for_terminal(why)}")


def _findings(plan: Plan, width: int, names: Names, most: int | None) -> Iterator[Line]:
    """Findings, code by code as they come; conflicts with their three values."""
    seen: Counter[str] = Counter()
    for finding in plan.findings():
        if not seen:
            yield line()
            yield line(("Findings", Role.STRONG))
        seen[finding.code] += 1
        if most is None or seen[finding.code] <= most:
            yield from _finding(finding, width, names)
    for code, count in seen.items():
        listed = max(count, plan.header.totals.findings.get(code, 0))
        shown_here = count if most is None else min(count, most)
        if listed > shown_here:
            yield line((f"  and {listed - shown_here:,} more of {code}", Role.DIM))


def _finding(finding: Finding, width: int, names: Names) -> Iterator[Line]:
    who = " ".join(for_terminal(str(subject)) for subject in finding.subjects[:4])
    more = f" and {len(finding.subjects) - 4:,} more" if len(finding.subjects) > 4 else ""
    name = for_terminal(str(finding.details.get("name", "")))
    told: Line = line((f"  {fit(name, width // 3)}", Role.NAME)) if name else ()
    yield line("! ", (finding.code, SEVERITY_ROLE[finding.severity]), *told, f"  {who}{more}")
    said = for_terminal(finding.message)
    fix = f" Fix: {for_terminal(finding.fix)}." if finding.fix else ""
    for text in wrap(f"{said}.{fix}", width - 4):
        yield line(f"    {text}")
    if finding.code == "conflict":
        yield from _conflict(finding, width, names)


def _conflict(finding: Finding, width: int, names: Names) -> Iterator[Line]:
    """Both values, and what both sides last agreed on."""
    key = finding.details.get("key")
    bound = names.bound.by_key.get(key) if names.bound is not None and isinstance(key, str) else None
    base = finding.details.get("base")
    for side in Side:
        value = finding.details.get(side)
        text = names.value(side, bound.on(side).code, value) if bound is not None else shown(value)
        agreed: Value = base.get(side) if isinstance(base, Mapping) else None
        was = names.value(side, bound.on(side).code, agreed) if bound is not None else shown(agreed)
        since = f"   agreed before: {was}" if isinstance(base, Mapping) else "   never agreed"
        yield line(
            f"    {pad(side.label, 9)}  ", (fit(text, width // 3), Role.STRONG), fit(since, width // 2)
        )


def _changes(plan: Plan, width: int, names: Names, most: int | None) -> Iterator[Line]:
    """Every change that writes, up to ``most``; what only the ledger notes is counted above."""
    number = 0
    for change in plan.changes():
        if change.kind.ledger_only:
            continue
        if number == 0:
            yield line()
            yield line(("Changes", Role.STRONG))
        number += 1
        if most is None or number <= most:
            yield from change_lines(change, width, names)
    if most is not None and number > most:
        yield line((f"  and {number - most:,} more: pdsync show {plan.header.id} --all", Role.DIM))


def _what(change: Change, record_id: str) -> str:
    """``update pipedrive:person/1042``, ``create in Plezi from pipedrive:person/1042``, ``2 new options in ...``."""
    if change.kind.of_options:
        return f"{list_words(change)} {for_terminal(str(change.subject))}"
    record = change.record_id or record_id
    subject = (
        f"{change.side}:{change.side.noun}/{for_terminal(record)}" if record else f"in {change.side.label}"
    )
    said = f"{change.kind} {subject}"
    if change.kind is ChangeKind.CREATE and change.partner_id:
        other = change.side.other
        said += f" from {other}:{other.noun}/{for_terminal(change.partner_id)}"
    return said


def _field_lines(change: Change, width: int, names: Names) -> Iterator[Line]:
    """``    status   Accepted <- Engaged   Plezi changed it``, aligned within the change."""
    rows = [_field_texts(change, field, names) for field in change.fields]
    if not rows:
        return
    labels = min(max(cells(row[0]) for row in rows), width // 4)
    whys = max(cells(row[3]) for row in rows)
    sides = 2 if any(row[2] for row in rows) else 1
    room = max((width - labels - whys - 14) // sides, 12)
    afters, befores = (min(max(cells(row[column]) for row in rows), room) for column in (1, 2))
    for (label, whole, was_whole, why), field in zip(rows, change.fields, strict=True):
        after, before = told_apart(whole, was_whole, min(afters, befores)) if befores else (whole, "")
        start = line(f"    {pad(label, labels)}  ", (pad(after, afters), after_role(field)))
        was = f"  <- {pad(before, befores)}" if befores else ""
        yield (*start, (was, Role.DIM), (f"   {why}" if why else "", Role.DIM))


def after_role(field: FieldChange) -> Role:
    """How the value is shown that will stand there: apart from what stood there, and from an emptied field."""
    return Role.GOOD if field.deferred or not is_empty(field.after) else Role.WARN


def _field_texts(change: Change, field: FieldChange, names: Names) -> tuple[str, str, str, str]:
    """Field, value after, value before (nothing on a create), reason."""
    side = change.side
    if change.kind.of_options:
        after, before = option_texts(field)
        return names.of_change(side, field), after, before, reason_words(field.reason, side)
    deferred = field.reason is Reason.FOLLOWS_CREATE or bool(field.deferred)
    after = "(known then)" if deferred else names.value(side, field.code, field.after)
    before = "" if change.kind is ChangeKind.CREATE else names.value(side, field.code, field.before)
    return names.of_change(side, field), after, before, reason_words(field.reason, side)
