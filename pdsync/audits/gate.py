"""The quality gate: what the findings mean for a sync.

- Findings of severity ``blocking``: *not ready*; their records are kept out of plans, everything else may go ahead.
- More than an explicit ``allow`` or ``allow_percent``: *not ready*, and the whole plan is refused, whatever the severity.
- Warnings: *ready with warnings*. Findings of severity ``info`` count for nothing here.
- An audit that could not be made, or a snapshot that is not complete: never plain *ready*.
- What people acknowledged counts for none of this. It lets no record into a plan: what a blocking finding keeps out stays
  out (``blocked_subjects`` does not ask who knows of it); the gate only stops being about it.

``allow`` is compared with the number of findings (clusters, options, records: what the audit counts). ``allow_percent``
is compared, on each side by itself, with the share of that side's records that are concerned; the worse side counts, so
that a small list of contacts is not hidden behind a large list of persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pdsync.audits.wording import counted
from pdsync.model import AuditRule, AuditSummary, Coverage, Gate, GateState, Severity, Side

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["beyond_allowed", "blocked_subjects", "count_blocked", "judge", "without_acknowledged"]

_NOUNS = tuple(side.noun for side in Side)


def judge(
    summaries: Sequence[AuditSummary],
    *,
    blocked_records: int,
    coverage: Mapping[Side, Coverage],
    held_records: int = 0,
) -> Gate:
    """The gate over all summaries; each summary already holds its severity and what it exceeds.

    ``held_records``: kept out of plans by acknowledged findings only; said, and counting for nothing.
    """
    ranked = sorted(
        (summary for summary in summaries if summary.open), key=lambda summary: summary.severity.rank
    )
    reasons: list[str] = []
    if blocked_records:
        blocking = ", ".join(summary.code for summary in ranked if summary.severity is Severity.BLOCKING)
        reasons.append(f"{counted(blocked_records, 'record is', 'records are')} blocked ({blocking})")
    reasons += [f"{summary.code}: {summary.exceeded}" for summary in ranked if summary.exceeded]
    reasons += [
        f"{summary.code}: {summary.headline}{_known(summary)}"
        for summary in ranked
        if summary.severity is not Severity.INFO and not summary.exceeded
    ]
    gaps: dict[str, list[str]] = {}
    for summary in summaries:
        if summary.not_checked:
            gaps.setdefault(summary.not_checked, []).append(summary.code)
    not_checked = [f"{', '.join(codes)}: {why}" for why, codes in gaps.items()]
    not_checked += [
        f"the {side.label} snapshot is not complete: {held.reason or 'no reason given'}"
        for side, held in coverage.items()
        if not held.complete
    ]
    refused = tuple(f"{summary.code}: {summary.exceeded}" for summary in ranked if summary.exceeded)
    return Gate(
        state=_state(ranked, refused=bool(refused), unknown=bool(not_checked)),
        reasons=tuple(reasons),
        refused=refused,
        blocked_records=blocked_records,
        not_checked=tuple(not_checked),
        acknowledged=tuple(
            f"{summary.code}: {counted(summary.acknowledged, 'finding')}"
            for summary in summaries
            if summary.acknowledged
        ),
        held_records=held_records,
    )


def _known(summary: AuditSummary) -> str:
    """How many of an audit's findings do not count."""
    if not summary.acknowledged:
        return ""
    return f"; {summary.acknowledged:,} of {counted(summary.findings, 'finding')} acknowledged"


def without_acknowledged(table: pa.Table) -> pa.Table:
    """The rows of the findings that count for the gate."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.equal(table["acknowledged"].cast(pa.string()), "")) if table.num_rows else table


def beyond_allowed(
    rule: AuditRule, findings: int, records: Mapping[Side, int], totals: Mapping[Side, int]
) -> str:
    """Which threshold of ``rule`` is exceeded, in words; empty: none, or none set."""
    if rule.allow is not None and findings > rule.allow:
        return f"{counted(findings, 'finding')}, {rule.allow:,} allowed"
    if rule.allow_percent is None:
        return ""
    shares = {
        side: 100 * count / totals[side] for side, count in records.items() if count and totals.get(side)
    }
    if not shares:
        return ""
    worst = max(shares, key=lambda side: shares[side])
    if shares[worst] <= rule.allow_percent:
        return ""
    return (
        f"{counted(records[worst], worst.noun)} of {totals[worst]:,} "
        f"({_percent(shares[worst])} %), {_percent(rule.allow_percent)} % allowed"
    )


def blocked_subjects(table: pa.Table) -> dict[Side, dict[str, tuple[str, ...]]]:
    """By side and record id, the codes of the blocking findings that keep the record out of plans."""
    blocked: dict[Side, dict[str, tuple[str, ...]]] = {side: {} for side in Side}
    columns = _blocking(table).select(["side", "id", "code"])
    for batch in columns.to_batches(max_chunksize=10_000):
        for side, identifier, code in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            of_side = blocked[Side(side)]
            held = of_side.get(identifier, ())
            if code not in held:
                of_side[identifier] = (*held, code)
    return blocked


def count_blocked(table: pa.Table) -> int:
    """How many records blocking findings keep out of plans."""
    return int(_blocking(table).select(["side", "id"]).group_by(["side", "id"]).aggregate([]).num_rows)


def _blocking(table: pa.Table) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa
    import pyarrow.compute as pc

    severity = pc.equal(table["severity"].cast(pa.string()), str(Severity.BLOCKING))
    record = pc.is_in(table["noun"].cast(pa.string()), value_set=pa.array(_NOUNS))
    return table.filter(pc.and_(severity, record))


def _state(ranked: Sequence[AuditSummary], *, refused: bool, unknown: bool) -> GateState:
    severities = {summary.severity for summary in ranked}
    if refused or Severity.BLOCKING in severities:
        return GateState.NOT_READY
    return GateState.WARNINGS if unknown or Severity.WARNING in severities else GateState.READY


def _percent(share: float) -> str:
    """As many decimals as it takes not to say '20 %, 20 % allowed'."""
    return format(share, ".4g")
