"""Runs the audits over their inputs: one table of findings, one summary per audit, one gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.gate import beyond_allowed, count_blocked, judge
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.registry import every_audit
from pdsync.audits.table import findings_table, join_tables, samples
from pdsync.audits.wording import records_counted
from pdsync.model import AuditRule, AuditSummary, Event, Gate, Progress, Severity, Side

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


def run_audits(
    inputs: AuditInputs,
    *,
    on_event: Callable[[Event], None] | None = None,
    sample: int = 5,
    audits: Iterable[Audit] | None = None,
) -> AuditResult:
    """Run every audit that the mapping does not switch off, and of those on request the ones that were asked for.

    Args:
        inputs: Both sides, the mapping, the links.
        on_event: Told ``Progress`` of stage ``audit`` after each audit.
        sample: How many findings each summary carries for people.
        audits: Which audits; None: all that there are.
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
    for number, audit in enumerate(chosen, start=1):
        done.append(_run(audit, inputs, rules.get(audit.code, AuditRule()), sample))
        if on_event is not None:
            on_event(Progress("audit", number, len(chosen)))
    done.sort(key=lambda pair: _order(pair[0]))
    table = join_tables([found for _, found in done])
    summaries = tuple(summary for summary, _ in done)
    gate = judge(
        summaries,
        blocked_records=count_blocked(table),
        coverage={side: inputs.sides[side].coverage for side in Side},
    )
    return AuditResult(summaries, gate, table)


def _run(audit: Audit, inputs: AuditInputs, rule: AuditRule, sample: int) -> tuple[AuditSummary, pa.Table]:
    lacking = _lacking(audit.needs, inputs)
    found = audit.find(inputs) if len(lacking) < len(Side) else Found(())
    severity = rule.severity or audit.severity
    table = findings_table(found.rows, code=audit.code, severity=severity, fix=audit.fix, rule=audit.rule)
    findings = table["finding"].combine_chunks().unique()
    records = _records(table)
    totals = {side: inputs.sides[side].total for side in Side}
    summary = AuditSummary(
        code=audit.code,
        severity=severity,
        title=audit.title,
        why=audit.why,
        rule=audit.rule,
        fix=audit.fix,
        findings=len(findings),
        records=records,
        groups=_groups(table),
        samples=samples(table, sample),
        allow=rule.allow,
        allow_percent=rule.allow_percent,
        exceeded=beyond_allowed(rule, len(findings), records, totals),
        not_checked="; ".join((*lacking.values(), *found.not_checked)),
    )
    headline = found.headline or (audit.headline or records_counted)(summary)
    return replace(summary, headline=headline if len(findings) else ""), table


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
    distinct = table.filter(record).select(["side", "id"]).group_by(["side", "id"]).aggregate([])
    per_side = distinct.group_by("side").aggregate([([], "count_all")]).to_pylist()
    counts = {row["side"]: row["count_all"] for row in per_side}
    return {side: counts.get(str(side), 0) for side in Side}


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
