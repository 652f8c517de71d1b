"""Free text that would land in a list, or in Plezi's function (R23).

Every spelling would become a value of its own there; for a list, only the spellings that it has arrive at all. The audit
counts them: how many different values, of how many records, and how many are left if case, accents and punctuation are
overlooked.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import Flow, field_row, flows, holder_rows, in_target, unread
from pdsync.audits.inputs import OPTION_KINDS, AuditInputs, Need
from pdsync.audits.qualifying import in_scope
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Kind, Severity, Side, Value
from pdsync.planning.transforms import Untranslatable, slug, translate
from pdsync.planning.wording import quoted
from pdsync.snapshots.columns import compared, delivered
from pdsync.snapshots.encoding import decode_value
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]

_BATCH: Final = 10_000
"""Distinct values that are Python objects at once."""
_SHOWN: Final = 20
"""Values that details carry: the commonest."""


def _find(inputs: AuditInputs) -> Found:
    frames: list[Frame] = []
    for flow in flows(inputs):
        if _goes_into_list(flow):
            frames += _into_list(inputs, flow)
        elif _goes_into_function(flow):
            frames += _into_function(inputs, flow)
    concerns = unread(inputs, lambda flow: _goes_into_list(flow) or _goes_into_function(flow))
    return Found(frames, not_checked=concerns)


def _goes_into_list(flow: Flow) -> bool:
    """A list that nobody knows cannot tell which spellings it has."""
    is_text = flow.source.kind not in (*OPTION_KINDS, Kind.EMAILS, Kind.PHONES)
    return is_text and flow.takes_writes and flow.field.kind in OPTION_KINDS and bool(flow.field.options)


def _goes_into_function(flow: Flow) -> bool:
    is_function = flow.target is Side.PLEZI and flow.field.code == "function"
    return flow.source.kind is Kind.TEXT and flow.takes_writes and is_function


def _into_list(inputs: AuditInputs, flow: Flow) -> Iterator[Frame]:
    """One finding: the values that the list does not have, and everybody who holds one."""
    import narwhals as nw

    spellings = _Spellings(flow, flow.held.frames.records)
    if not spellings.outside:
        return
    message = (
        f"{quoted(flow.source.name)} holds {counted(spellings.distinct, 'different value')}, of which "
        f"{len(spellings.outside):,} are not in the list of {in_target(flow)}"
    )
    said = _said(flow, message)
    yield field_row(inputs, flow.held.side, flow.source.code, said, spellings.details())
    held = flow.held.frames.records.select("id", nw.col(delivered(flow.source.code)).alias("value"))
    outside = inputs.frame({"value": spellings.outside})
    yield holder_rows(flow.held, held.join(outside, on="value", how="semi"), said)


def _into_function(inputs: AuditInputs, flow: Flow) -> Iterator[Frame]:
    """One finding: all spellings in scope, and everybody whose function would land in Plezi."""
    import narwhals as nw

    records = flow.held.frames.records.join(in_scope(inputs, flow.target), on="id", how="semi")
    filled = records.filter(~nw.col(compared(flow.source.code)).is_null())
    spellings = _Spellings(flow, filled)
    if not spellings.distinct:
        return
    message = (
        f"{quoted(flow.source.name)} would put {counted(spellings.distinct, 'different value')} of "
        f"{counted(spellings.records, flow.held.side.noun)} into {in_target(flow)}"
    )
    if spellings.alike < spellings.distinct:
        message += f", {spellings.alike:,} if case, accents and punctuation are overlooked"
    said = _said(flow, message)
    yield field_row(inputs, flow.held.side, flow.source.code, said, spellings.details())
    yield holder_rows(flow.held, filled, said)


def _said(flow: Flow, message: str) -> dict[str, str]:
    return {"key": flow.key, "order": flow.order, "group": flow.name, "field": flow.name, "message": message}


class _Spellings:
    """The values of a field, each counted once."""

    def __init__(self, flow: Flow, records: Frame) -> None:
        import narwhals as nw

        form = nw.col(compared(flow.source.code))
        exact = nw.col(delivered(flow.source.code)).alias("value")
        counts = (
            records.filter(~form.is_null()).select(exact).group_by("value").agg(nw.len().alias("records"))
        )
        into_list = flow.field.kind in OPTION_KINDS
        self.distinct = self.records = 0
        self.outside: list[str | None] = []
        """As delivered, in JSON: what the list does not have."""
        folded: set[str] = set()
        common: Counter[str] = Counter()
        for batch in collect(counts).to_batches(max_chunksize=_BATCH):
            for text, number in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                value = decode_value(text)
                outside = into_list and isinstance(translate(flow.bound, value, flow.target), Untranslatable)
                self.distinct += 1
                self.records += number
                folded.add(slug(str(value)) or str(value))
                if outside:
                    self.outside.append(text)
                if outside or not into_list:
                    common[str(value)] += number
        self.alike = len(folded)
        self._common = common

    def details(self) -> dict[str, Value]:
        """Counts, and the commonest values."""
        first = sorted(self._common.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
        return {
            "values": self.distinct,
            "alike": self.alike,
            "records": self.records,
            "not_in_list": len(self.outside),
            "commonest": dict(first),
        }


def _headline(summary: AuditSummary) -> str:
    """``Function; 1,204 records``."""
    return f"{', '.join(list(summary.groups)[:3])}; {counted(sum(summary.records.values()), 'record')}"


AUDITS = (
    Audit(
        code="free-text-values",
        severity=Severity.WARNING,
        title="free text that would land in a list, or in Plezi's function",
        why="Every spelling of a function, or of anything else that people type, lands in Plezi as a value of its own, and "
        "segments are built on values.",
        rule="R23",
        fix="Use the direction to_pipedrive for this field, or make it a list with the same options on both sides.",
        needs=(Need.MAPPED,),
        find=_find,
        headline=_headline,
    ),
)
