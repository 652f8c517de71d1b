"""Field mappings that cannot work at all: read-only targets, types that do not fit, one target with two sources (R6).

``planning.linting`` says so of the mapping before any record is read, and its word counts; these audits ask it, one
direction at a time, and say how many records hold a value that would get lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import Flow, field_row, flows, holder_rows, in_target
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, BoundMapping, Direction, Finding, Severity, Side
from pdsync.planning.linting import lint
from pdsync.planning.wording import listed, quoted
from pdsync.snapshots.columns import compared
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]

_WAYS = {Side.PLEZI: Direction.TO_PLEZI, Side.PIPEDRIVE: Direction.TO_PIPEDRIVE}


def _lint_of(bound: BoundMapping, flow: Flow) -> tuple[Finding, ...]:
    """What lint holds against one field mapping in one direction."""
    written = replace(flow.bound.written, direction=_WAYS[flow.target])
    return lint(replace(bound, fields=(replace(flow.bound, written=written),)))


def _refused(code: str) -> Callable[[AuditInputs], Found]:
    def find(inputs: AuditInputs) -> Found:
        frames: list[Frame] = []
        for flow in flows(inputs):
            against = [
                finding
                for finding in _lint_of(inputs.bound, flow)
                if finding.severity is Severity.BLOCKING and finding.field == flow.name and _is(finding, code)
            ]
            if against:
                frames += _lost(inputs, flow, code)
        return Found(frames)

    return find


def _is(finding: Finding, code: str) -> bool:
    return finding.code in (("read-only", "one-way-field") if code == "read-only" else (code,))


def _lost(inputs: AuditInputs, flow: Flow, code: str) -> Iterator[Frame]:
    import narwhals as nw

    holders = flow.held.frames.records.filter(~nw.col(compared(flow.source.code)).is_null())
    number = _count(holders)
    why = (
        f"{in_target(flow)} is read-only"
        if code == "read-only"
        else f"{quoted(flow.source.name)} ({flow.source.kind}) does not become {in_target(flow)} ({flow.field.kind})"
    )
    noun = flow.held.side.noun
    said = {
        "key": f"{flow.key}\n{code}",
        "order": flow.order,
        "group": flow.name,
        "field": flow.name,
        "message": f"{why}: what {counted(number, f'{noun} holds', f'{noun}s hold')} cannot be written",
    }
    yield field_row(inputs, flow.target, flow.field.code, said, {"records": number})
    yield holder_rows(flow.held, holders, said)


def _written_twice(inputs: AuditInputs) -> Found:
    by_target: dict[tuple[Side, str], dict[str, Flow]] = {}
    for flow in flows(inputs):
        by_target.setdefault((flow.target, flow.field.code), {}).setdefault(flow.source.code, flow)
    frames: list[Frame] = []
    for sources in by_target.values():
        if len(sources) > 1:
            frames += _competing(inputs, list(sources.values()))
    return Found(frames)


def _competing(inputs: AuditInputs, sources: list[Flow]) -> Iterator[Frame]:
    """One finding: the field that several are written into, and the records in which two or more of these are filled."""
    import narwhals as nw

    flow = sources[0]
    filled = [
        nw.when(nw.col(compared(one.source.code)).is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
        for one in sources
    ]
    holders = flow.held.frames.records.filter(nw.sum_horizontal(*filled) > 1)
    number = _count(holders)
    names = listed(quoted(one.source.name) for one in sources)
    noun = flow.held.side.noun
    said = {
        "key": f"{flow.target}\n{flow.field.code}\nwritten-twice",
        "order": flow.order,
        "group": flow.name,
        "field": flow.name,
        "message": f"{in_target(flow)} is written from {names}; "
        f"{counted(number, f'{noun} holds', f'{noun}s hold')} more than one of them",
    }
    yield field_row(inputs, flow.target, flow.field.code, said, {"records": number})
    yield holder_rows(flow.held, holders, said)


def _count(records: Frame) -> int:
    import narwhals as nw

    return int(collect(records.select(nw.len().alias("records")))["records"][0].as_py())


def _headline(summary: AuditSummary) -> str:
    """``2 fields; 208 records``."""
    return f"{counted(summary.findings, 'field')}; {counted(sum(summary.records.values()), 'record')}"


AUDITS = (
    Audit(
        code="read-only-target",
        severity=Severity.WARNING,
        title="values mapped into a field that takes none",
        why="What a service computes itself it takes from nobody; the values would stay where they are, and a plan is "
        "refused until the mapping says so.",
        rule="R6",
        fix="Change the direction of the field mapping, or switch it off.",
        needs=(Need.MAPPED,),
        find=_refused("read-only"),
        headline=_headline,
    ),
    Audit(
        code="type-mismatch",
        severity=Severity.WARNING,
        title="values of a type that the other side's field does not take",
        why="A field takes values of its own type only; these would never arrive, and a plan is refused until the mapping "
        "joins fields that fit.",
        rule="R2",
        fix="Map the field to one of the same type; make one if there is none.",
        needs=(Need.MAPPED,),
        find=_refused("type-mismatch"),
        headline=_headline,
    ),
    Audit(
        code="written-twice",
        severity=Severity.WARNING,
        title="fields that are written from two places",
        why="Two sources of one field overwrite each other at every sync, and nobody can tell which value is meant.",
        rule="R2",
        fix="Keep one of the field mappings; give the other a field of its own.",
        needs=(Need.MAPPED,),
        find=_written_twice,
        headline=_headline,
    ),
)
