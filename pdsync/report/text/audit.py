"""An audit report on a terminal: ready or not and why, one line per audit, then what each found and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pdsync.model import AuditReport, AuditSummary, Finding, Gate, GateState, Severity, Side, Value
from pdsync.report.inert import for_terminal
from pdsync.report.text.layout import Line, Role, hanging, line, pad, painted
from pdsync.report.text.standing import (
    acknowledgement_lines,
    aside_words,
    since_lines,
    solved_lines,
    standing_words,
)
from pdsync.report.text.values import SEVERITY_ROLE, account_words, counted, shown

__all__ = ["audit_lines", "gate_lines"]

_STATE_ROLE = {GateState.READY: Role.GOOD, GateState.WARNINGS: Role.WARN, GateState.NOT_READY: Role.BAD}
_SUBJECTS = 10
"""Subjects of one finding that are shown."""


def audit_lines(
    report: AuditReport, *, width: int = 100, colour: bool = False, findings: bool = True
) -> Iterator[str]:
    """The report as lines.

    Args:
        report: What the audits said.
        width: Cells of the terminal.
        colour: Whether to colour words.
        findings: Whether to show, below the overview, examples of what was found.
    """
    return painted(_lines(report, width, findings=findings), colour=colour)


def gate_lines(gate: Gate, width: int, *, reasons: bool = False) -> Iterator[Line]:
    """The gate: its state, with ``reasons`` what it rests on, what refuses every plan, what was not checked."""
    state = str(gate.state).upper()
    said = (
        counted(gate.blocked_records, "record is blocked", "records are blocked")
        if gate.blocked_records
        else ""
    )
    yield line((state, _STATE_ROLE[gate.state]), f"   {said}" if said else "")
    if reasons:
        for why in gate.reasons:
            yield from hanging(line("  "), for_terminal(why), width)
    for why in gate.refused:
        yield from hanging(
            line(("refused", Role.BAD), "  "), f"{for_terminal(why)}: no plan can be applied", width
        )
    for why in gate.not_checked:
        yield from hanging(line(("not checked", Role.WARN), "  "), for_terminal(why), width)
    if gate.acknowledged:
        stay = (
            f"; {counted(gate.held_records, 'record stays', 'records stay')} out of plans all the same"
            if gate.held_records
            else ""
        )
        said = for_terminal("; ".join(gate.acknowledged)) + stay
        yield from hanging(line(("acknowledged", Role.STRONG), "  "), said, width)


def _lines(report: AuditReport, width: int, *, findings: bool) -> Iterator[Line]:
    yield from gate_lines(report.gate, width)
    read = " and ".join(
        f"{counted(report.totals[side], side.noun)} in {side.label} {account_words(report.accounts[side])}"
        for side in Side
    )
    yield from hanging(
        line(), f"{read}, {report.seconds:.1f} s, mapping {for_terminal(report.mapping_name)}", width
    )
    yield from acknowledgement_lines(report.acknowledgements, width)
    yield from since_lines(report.differences, width)
    yield line()
    yield from _overview(report, width)
    if findings:
        for summary in report.summaries:
            if summary.findings:
                yield line()
                yield from _details(summary, width)
        yield from solved_lines(report.differences, width)
    if report.table:
        yield line()
        yield from hanging(line("every finding: "), for_terminal(report.table), width)


def _overview(report: AuditReport, width: int) -> Iterator[Line]:
    """One line per audit with findings; the others together in one."""
    summaries = report.summaries
    names = max((len(summary.code) for summary in summaries), default=0)
    severities = max(len(severity) for severity in Severity)
    for summary in summaries:
        if not summary.findings:
            continue
        start = line(
            (pad(str(summary.severity), severities), SEVERITY_ROLE[summary.severity]),
            "  ",
            (pad(summary.code, names), Role.STRONG),
            "  ",
        )
        headline = for_terminal(summary.headline)
        said = f"{headline} ({summary.rule})" if summary.rule else headline
        aside = standing_words(summary, report.differences)
        yield from hanging(start, f"{said} [{aside}]" if aside else said, width)
    clean = [summary.code for summary in summaries if not summary.findings and not summary.not_checked]
    if clean:
        yield from hanging(line((pad("ok", severities), Role.GOOD), "  "), ", ".join(clean), width)


def _details(summary: AuditSummary, width: int) -> Iterator[Line]:
    yield line((summary.code, Role.STRONG), f"  {counted(summary.findings, 'finding')}: {summary.title}")
    yield from hanging(
        line("  why  "), f"{summary.why} ({summary.rule})" if summary.rule else summary.why, width
    )
    yield from hanging(line("  fix  "), summary.fix, width)
    if summary.exceeded:
        yield from hanging(line("  ", ("over", Role.BAD), " "), summary.exceeded, width)
    if len(summary.groups) > 1 or (summary.groups and sum(summary.groups.values()) != summary.findings):
        groups = "; ".join(f"{for_terminal(name)} {count:,}" for name, count in summary.groups.items())
        yield from hanging(line("  by   "), groups, width)
    for finding in summary.samples:
        yield from _finding(finding, width)
    hidden = summary.findings - len(summary.samples)
    if hidden > 0:
        yield line((f"  and {hidden:,} more", Role.DIM))


def _finding(finding: Finding, width: int) -> Iterator[Line]:
    yield from hanging(line("  - "), for_terminal(finding.message) + aside_words(finding), width)
    details = _by_subject(finding.details.get("subjects"))
    for subject in finding.subjects[:_SUBJECTS]:
        held = details.get(str(subject), {})
        said = "  ".join(_words(held))
        link = held.get("link")
        place = for_terminal(link) if isinstance(link, str) else ""
        start = line("      ", (for_terminal(str(subject)), Role.NAME), "  ")
        yield from hanging(start, "  ".join(part for part in (said, place) if part), width)
    more = finding.details.get("more")
    hidden = len(finding.subjects) - _SUBJECTS + (more if isinstance(more, int) else 0)
    if hidden > 0:
        yield line((f"      and {hidden:,} more", Role.DIM))


def _by_subject(subjects: Value) -> Mapping[str, Mapping[str, Value]]:
    if not isinstance(subjects, Sequence) or isinstance(subjects, str):
        return {}
    return {
        str(item["subject"]): item for item in subjects if isinstance(item, Mapping) and "subject" in item
    }


def _words(held: Mapping[str, Value]) -> Iterator[str]:
    """What a person wants to see of one subject: names, addresses as typed, how many records hold an option."""
    name = [held.get("first_name"), held.get("last_name")]
    if any(isinstance(part, str) for part in name):
        yield " | ".join(shown(part) for part in name)
    addresses = held.get("addresses")
    if isinstance(addresses, Sequence) and not isinstance(addresses, str):
        yield ", ".join(_address(item) for item in addresses if isinstance(item, Mapping))
    if held.get("role") == "counterpart":
        yield "(its counterpart)"
    if isinstance(held.get("label"), str):
        yield shown(held["label"])
    records = held.get("records")
    if isinstance(records, int):
        yield f"held by {counted(records, 'record')}"


def _address(item: Mapping[str, Value]) -> str:
    return shown(item.get("delivered")) + ("" if item.get("primary") else " (not primary)")
