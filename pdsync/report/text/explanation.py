"""One person on a terminal: the answer first, then both records side by side, and everything that it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from pdsync.model import (
    MISSING,
    Change,
    ExplainedField,
    ExplainedRecord,
    Explanation,
    FieldStanding,
    LinkState,
    Match,
    Outcome,
    PlannedFor,
    Side,
    WrittenValue,
)
from pdsync.report.inert import for_terminal, one_line
from pdsync.report.text.layout import Line, Role, cells, fit, hanging, line, pad, painted, wrap
from pdsync.report.text.standing import aside_words
from pdsync.report.text.values import SEVERITY_ROLE, Names, moment

__all__ = ["explanation_lines", "explanation_pieces"]

_MARKS = {
    FieldStanding.SAME: ("=", Role.DIM),
    FieldStanding.WRITE: (">", Role.STRONG),
    FieldStanding.CONFLICT: ("!", Role.BAD),
    FieldStanding.PROBLEM: ("!", Role.BAD),
    FieldStanding.HELD: ("|", Role.WARN),
    FieldStanding.NOT_READ: ("?", Role.WARN),
    FieldStanding.ONE_SIDE: (".", Role.DIM),
    FieldStanding.OFF: ("x", Role.DIM),
}
_WORDS = {
    FieldStanding.WRITE: "would be written",
    FieldStanding.CONFLICT: "conflict",
    FieldStanding.PROBLEM: "cannot be written",
    FieldStanding.HELD: "held",
    FieldStanding.NOT_READ: "not read",
    FieldStanding.OFF: "off",
}
_MATCHES = {
    Match.LINKED: "linked",
    Match.PAIRED: "not linked yet; their address is the same, and nobody else has it",
    Match.ALONE: "alone: nobody on the other side has one of its addresses",
    Match.AMBIGUOUS: "shares an address with others: nobody can tell who is who (R17)",
}
_FINE = frozenset({Outcome.DONE, Outcome.ADOPTED})
_MOST_WRITTEN = 20
_MOST_SUBJECTS = 5
_NAME = 24
_LONGEST = 200


def explanation_lines(explanation: Explanation, *, width: int = 100, colour: bool = False) -> Iterator[str]:
    """The explanation as lines of at most ``width`` cells where words allow it."""
    return painted(explanation_pieces(explanation, width), colour=colour)


def explanation_pieces(one: Explanation, width: int) -> Iterator[Line]:
    """The same lines, for whoever paints them otherwise."""
    names = Names(one.bound)
    yield line((one_line(one.title, _LONGEST), Role.STRONG))
    yield from hanging(line(), f"{one.verdict[:1].upper()}{one.verdict[1:]}.", width)
    yield line()
    yield from hanging(line(), _together(one), width)
    if one.others:
        more = f" and {one.more_others:,} more" if one.more_others else ""
        said = ", ".join(for_terminal(str(other)) for other in one.others)
        yield from hanging(line("  with "), f"{said}{more}", width)
    for side in Side:
        if side in one.records:
            yield from _record(one.records[side], width)
    yield line()
    yield from _fields(one, names, width)
    for head, lines in (
        ("held", _holds(one, width)),
        (_found_head(one), _findings(one, width)),
        (_plan_head(one.plan), _plan(one.plan, names, width)),
        ("written by runs, newest first", _written(one, names, width)),
        ("not known", _not_known(one, width)),
    ):
        held = list(lines)
        if held:
            yield line()
            for text in wrap(head, width):
                yield line((text, Role.STRONG))
            yield from held


def _together(one: Explanation) -> str:
    said = _MATCHES[one.match]
    if one.link is not None:
        state = "" if one.link.state is LinkState.OK else ", broken"
        since = f" since {moment(one.linked_at)}" if one.linked_at else ""
        on = f" on {one_line(one.link.address, _LONGEST)}" if one.link.address else ""
        said = f"linked{since}{on}{state}"
    return said


def _record(record: ExplainedRecord, width: int) -> Iterator[Line]:
    when = f"{'read just now,' if record.live else 'read'} {moment(record.read_at)} UTC"
    subject = one_line(str(record.subject), _LONGEST)
    yield line(
        pad(record.side.label, 10), " ", (subject, Role.NAME), f"  {when}" if record.record else "  not there"
    )
    parts = [", ".join(one_line(address, _LONGEST) for address in record.addresses), for_terminal(record.url)]
    if any(parts):
        yield from hanging(line(" " * 11), "  ".join(part for part in parts if part), width)


def _fields(one: Explanation, names: Names, width: int) -> Iterator[Line]:
    """Three columns, and below each field that does not simply agree why that is so."""
    if not one.fields:
        return
    longest = max(cells(for_terminal(field.names[Side.PIPEDRIVE])) for field in one.fields)
    wide = min(_NAME, max(len("field"), longest))
    room = max(12, (width - wide - 8) // 2)
    yield line("  ", pad("field", wide), "  ", pad(Side.PIPEDRIVE.label, room), "  ", Side.PLEZI.label)
    for field in one.fields:
        mark, role = _MARKS[field.standing]
        shown = {side: _value(one, field, names, side) for side in Side}
        name = for_terminal(field.names[Side.PIPEDRIVE])
        yield line(
            (mark, role), " ", (pad(name, wide), role if role is not Role.DIM else Role.PLAIN), "  ",
            pad(shown[Side.PIPEDRIVE], room), "  ", fit(shown[Side.PLEZI], room),
        )  # fmt: skip
        if field.standing in _WORDS:
            yield from hanging(line("    ", (_WORDS[field.standing], role), ": "), _why(field, names), width)


def _value(one: Explanation, field: ExplainedField, names: Names, side: Side) -> str:
    if side not in one.records or one.records[side].record is None:
        return "-"
    return names.value(side, field.codes[side], field.values[side])


def _why(field: ExplainedField, names: Names) -> str:
    """The reason, what would be written where, and what both last agreed on."""
    parts = [for_terminal(field.why)]
    parts += [
        f"{side.label} <- {names.value(side, field.codes[side], change.after) if not change.deferred else 'then'}"
        for side, change in field.writes.items()
    ]
    if field.base is not None:
        agreed = {side: names.value(side, field.codes[side], field.base.on(side)) for side in Side}
        both = dict.fromkeys(agreed.values())
        parts.append(f"last agreed on {' | '.join(both)}")
    return "; ".join(parts)


def _holds(one: Explanation, width: int) -> Iterator[Line]:
    for hold in one.holds:
        said = for_terminal(hold.text) + (f"; {for_terminal(hold.next_step)}" if hold.next_step else "")
        yield from hanging(line("  ", (str(hold.kind), Role.WARN), "  "), said, width)


def _found_head(one: Explanation) -> str:
    if not one.audited_at:
        return "found, looked for just now"
    return f"found by the audit of {moment(one.audited_at)} UTC"


def _findings(one: Explanation, width: int) -> Iterator[Line]:
    if not one.findings:
        yield line("  nothing")
    for finding in one.findings:
        start = line("  ", (str(finding.severity), SEVERITY_ROLE[finding.severity]), "  ", finding.code, "  ")
        yield from hanging(start, one_line(finding.message, 500) + aside_words(finding), width)
        others = [str(subject) for subject in finding.subjects if subject not in one.subjects]
        if others:
            more = f" and {len(others) - _MOST_SUBJECTS:,} more" if len(others) > _MOST_SUBJECTS else ""
            said = " ".join(for_terminal(other) for other in others[:_MOST_SUBJECTS]) + more
            yield from hanging(line("      with "), said, width)


def _plan_head(plan: PlannedFor | None) -> str:
    if plan is None:
        return ""
    what = "undo" if plan.undoes else "plan"
    state = f"carried out by run {plan.run_id}" if plan.run_id else "not carried out"
    fits = (
        "what would be decided now" if plan.is_current else "older than what was read, agreed or mapped since"
    )
    return f"newest {what} {plan.id} of {moment(plan.made_at)} UTC, {state}: {fits}"


def _plan(plan: PlannedFor | None, names: Names, width: int) -> Iterator[Line]:
    if plan is None:
        return
    for change in plan.changes:
        yield from hanging(line("  ", (_change(change), Role.STRONG), "  "), _changed(change, names), width)
    for finding in plan.findings:
        yield from hanging(line("  "), f"{finding.code}: {one_line(finding.message, 500)}", width)
    if plan.narrowed:
        yield from hanging(line("  narrowed to "), for_terminal(", ".join(plan.narrowed)), width)
    elif not plan.changes and not plan.findings:
        yield line("  nothing for this person")


def _change(change: Change) -> str:
    if change.kind.ledger_only:
        return str(change.kind)
    return f"{change.kind} {change.side.label}"


def _changed(change: Change, names: Names) -> str:
    said = [
        f"{names.of_change(change.side, one)} <- "
        f"{'then' if one.deferred else names.value(change.side, one.code, one.after)}"
        for one in change.fields
    ]
    return "; ".join(said) or ("only in pdsync's own memory" if change.kind.ledger_only else "")


def _written(one: Explanation, names: Names, width: int) -> Iterator[Line]:
    for value in one.written[:_MOST_WRITTEN]:
        start = line(
            "  ", moment(value.at), f"  {value.run_kind} ", (for_terminal(value.run_id), Role.DIM), "  "
        )
        yield from hanging(start, _write_words(value, names), width)
    hidden = len(one.written) - _MOST_WRITTEN
    more = one.more_written + max(0, hidden)
    if more:
        yield line((f"  and {more:,} more: pdsync explain --json, pdsync history", Role.DIM))


def _write_words(value: WrittenValue, names: Names) -> str:
    if not value.code:
        said = f"{value.side.label}: the record was deleted"
    else:
        before = names.value(value.side, value.code, value.before) if value.before is not MISSING else ""
        after = names.value(value.side, value.code, value.after)
        field = names.field(value.side, value.code)
        was = f" (was {before})" if before else ""
        said = f"{value.side.label} {field} <- {after}{was}"
    if value.outcome not in _FINE:
        said += f": {value.outcome}"
    if value.error:
        said += f": {one_line(value.error, _LONGEST)}"
    return said


def _not_known(one: Explanation, width: int) -> Iterator[Line]:
    for text in one.not_known:
        yield from hanging(line("  "), for_terminal(text), width)
