"""Options that were deleted and are still held, where a list is mapped to a text (R24).

Between two lists ``option-mismatch`` reports them. A text takes what it gets: the bare id, ``34``, would arrive there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import Flow, field_row, flows, holder_rows, in_target, unread
from pdsync.audits.inputs import OPTION_KINDS, AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity
from pdsync.planning.wording import quoted
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    frames: list[Frame] = []
    unknown: list[str] = []
    for flow in flows(inputs):
        if not _concerns(flow):
            continue
        if flow.source.options:
            frames += _of_flow(inputs, flow)
        else:
            unknown.append(f"the list of {quoted(flow.source.name)} in {flow.held.side.label} is not known")
    return Found(frames, not_checked=(*unknown, *unread(inputs, _concerns)))


def _concerns(flow: Flow) -> bool:
    return flow.source.kind in OPTION_KINDS and flow.field.kind not in OPTION_KINDS and flow.takes_writes


def _of_flow(inputs: AuditInputs, flow: Flow) -> Iterator[Frame]:
    import narwhals as nw

    listed = [option.id for option in flow.source.options]
    of_field = flow.held.frames.options.filter(nw.col("code") == flow.source.code)
    strays = of_field.filter(~nw.col("option").is_in(listed)).select("id", "option").unique()
    counts = collect(strays.group_by("option").agg(nw.len().alias("records"))).to_pylist()
    noun = flow.held.side.noun
    for row in sorted(counts, key=lambda row: str(row["option"])):
        option, records = str(row["option"]), int(row["records"])
        said = {
            "key": f"{flow.key}\n{option}",
            "order": f"{flow.order} {option}",
            "group": flow.name,
            "field": flow.name,
            "message": f"{counted(records, f'{noun} holds', f'{noun}s hold')} {quoted(option)}, which is in the list of "
            f"{quoted(flow.source.name)} no more; {in_target(flow)} would get it as it stands",
        }
        details = {"option": option, "label": None, "records": records}
        yield field_row(inputs, flow.held.side, f"{flow.source.code}/{option}", said, details, noun="option")
        yield holder_rows(flow.held, strays.filter(nw.col("option") == option), said)


def _headline(summary: AuditSummary) -> str:
    """``2 options, 8 records``."""
    return f"{counted(summary.findings, 'option')}, {counted(sum(summary.records.values()), 'record')}"


AUDITS = (
    Audit(
        code="deleted-option",
        severity=Severity.WARNING,
        title="deleted options that would arrive in a text on the other side",
        why="The label of a deleted option is gone for good; what is left is its id, which nobody over there can read.",
        rule="R24",
        fix="Give these records an option of the list, or none.",
        needs=(Need.MAPPED,),
        find=_find,
        headline=_headline,
    ),
)
