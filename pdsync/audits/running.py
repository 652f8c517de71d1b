"""Runs the audits over their inputs: one table of findings, one summary per audit, one gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from pdsync.audits.acknowledging import acknowledge, not_checked
from pdsync.audits.declaring import Audit, Found
from pdsync.audits.gate import beyond_allowed, count_blocked, judge, without_acknowledged
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.record_links import with_links
from pdsync.audits.registry import every_audit
from pdsync.audits.table import findings_table, join_tables, samples
from pdsync.audits.wording import records_counted
from pdsync.model import (
    Acknowledged,
    Acknowledgement,
    AuditRule,
    AuditSummary,
    Event,
    Gate,
    Progress,
    Severity,
    Side,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AuditResult", "run_audits"]

_GROUPS = 20
"""How many groups a summary names; the table has them all."""

_NOUNS = frozenset(side.noun for side in Side)


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What the audits say."""

    summaries: tuple[AuditSummary, ...]
    """Gravest first, then by number of records, then by code. Audits that the mapping switches off are not among them."""
    gate: Gate
    table: pa.Table
    """Every finding, one row per finding and subject (``pdsync.audits.table``), in the order of the summaries."""
    acknowledgements: tuple[Acknowledged, ...] = ()
    """What became of each entry, in the order given."""


def run_audits(
    inputs: AuditInputs,
    *,
    on_event: Callable[[Event], None] | None = None,
    sample: int = 5,
    audits: Iterable[Audit] | None = None,
    accepted: Sequence[Acknowledgement] = (),
    today: date | None = None,
) -> AuditResult:
    """Run every audit that the mapping does not switch off, and of those on request the ones that were asked for.

    Args:
        inputs: Both sides, the mapping, the links.
        on_event: Told ``Progress`` of stage ``audit`` after each audit.
        sample: How many findings each summary carries for people.
        audits: Which audits; None: all that there are.
        accepted: Findings that people acknowledged.
        today: By which it is judged whether they still hold; needed where there are any.
    """
    every = list(audits or every_audit())
    informing = {audit.code for audit in every if audit.on_request}
    rules = {code: rule for code, rule in inputs.bound.mapping.audits.items() if code not in informing}
    chosen = [
        audit
        for audit in every
        if (audit.code in inputs.asked if audit.on_request else not rules.get(audit.code, AuditRule()).off)
    ]
    done: list[tuple[AuditSummary, pa.Table]] = []
    became: dict[int, Acknowledged] = {}
    for number, audit in enumerate(chosen, start=1):
        entries = [(place, one) for place, one in enumerate(accepted) if one.code == audit.code]
        summary, table, known = _run(
            audit, inputs, rules.get(audit.code, AuditRule()), sample, [one for _, one in entries], today
        )
        done.append((summary, table))
        became |= {place: one for (place, _), one in zip(entries, known, strict=True)}
        if on_event is not None:
            on_event(Progress("audit", number, len(chosen)))
    done.sort(key=lambda pair: _order(pair[0]))
    table = join_tables([found for _, found in done])
    summaries = tuple(summary for summary, _ in done)
    kept_out = count_blocked(table)
    blocked = count_blocked(without_acknowledged(table)) if accepted else kept_out
    gate = judge(
        summaries,
        blocked_records=blocked,
        held_records=kept_out - blocked,
        coverage={side: inputs.sides[side].coverage for side in Side},
    )
    known = tuple(became.get(place) or not_checked(entry) for place, entry in enumerate(accepted))
    return AuditResult(summaries, gate, table, known)


def _run(
    audit: Audit,
    inputs: AuditInputs,
    rule: AuditRule,
    sample: int,
    accepted: Sequence[Acknowledgement],
    today: date | None,
) -> tuple[AuditSummary, pa.Table, tuple[Acknowledged, ...]]:
    lacking = _lacking(audit.needs, inputs)
    found = audit.find(inputs) if len(lacking) < len(Side) else Found(())
    severity = rule.severity or audit.severity
    table = findings_table(
        found.rows,
        code=audit.code,
        severity=severity,
        fix=audit.fix,
        rule=audit.rule,
        link=partial(with_links, inputs),
    )
    gaps = "; ".join((*lacking.values(), *found.not_checked))
    table, became = acknowledge(table, accepted, today, complete=not gaps)
    findings, records = _findings(table), _records(table)
    counted = without_acknowledged(table) if became else table
    remaining = _findings(counted) if became else findings
    totals = {side: inputs.sides[side].total for side in Side}
    summary = AuditSummary(
        code=audit.code,
        severity=severity,
        title=audit.title,
        why=audit.why,
        rule=audit.rule,
        fix=audit.fix,
        findings=findings,
        acknowledged=findings - remaining,
        records=records,
        groups=_groups(table),
        samples=samples(table, sample),
        allow=rule.allow,
        allow_percent=rule.allow_percent,
        exceeded=beyond_allowed(rule, remaining, _records(counted) if became else records, totals),
        not_checked=gaps,
    )
    headline = found.headline or (audit.headline or records_counted)(summary)
    return replace(summary, headline=headline if findings else ""), table, became


def _findings(table: pa.Table) -> int:
    return len(table["finding"].combine_chunks().unique())


def _lacking(needs: Iterable[Need], inputs: AuditInputs) -> dict[Side, str]:
    """Why a side cannot be checked, by side."""
    lacking: dict[Side, str] = {}
    for side in Side:
        missing = [str(need) for need in needs if inputs.lacks(need, side)]
        if missing:
            lacking[side] = f"what was read from {side.label} holds no {' and no '.join(missing)}"
    return lacking


def _records(table: pa.Table) -> dict[Side, int]:
    """Distinct records per side."""
    import pyarrow as pa
    import pyarrow.compute as pc

    record = pc.is_in(table["noun"].cast(pa.string()), value_set=pa.array(sorted(_NOUNS)))
    sides = table["side"].cast(pa.string())
    return {
        side: pc.count_distinct(table["id"].filter(pc.and_(record, pc.equal(sides, str(side))))).as_py()
        for side in Side
    }


def _groups(table: pa.Table) -> dict[str, int]:
    """Findings per group, largest first, then by name."""
    distinct = table.select(["group", "finding"]).group_by(["group", "finding"]).aggregate([])
    counts = [
        (row["group"], row["count_all"])
        for row in distinct.group_by("group").aggregate([([], "count_all")]).to_pylist()
        if row["group"]
    ]
    counts.sort(key=lambda pair: (-pair[1], pair[0]))
    return dict(counts[:_GROUPS])


def _order(summary: AuditSummary) -> tuple[int, int, int, str]:
    rank = list(Severity).index(summary.severity)
    return (0 if summary.findings else 1, rank, -sum(summary.records.values()), summary.code)
