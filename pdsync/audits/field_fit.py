"""Field mappings that cannot work at all: read-only targets, types that do not fit, one target with two sources (R6).

``planning.linting`` says so of the mapping before any record is read, and its word counts; these audits ask it, one
direction at a time, and say how many records hold a value that would get lost. A plan is refused for it, so the findings
block; an audit is not, because what else is wrong should come to light in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import Flow, every_flow, field_row, holder_rows, in_target
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, BoundMapping, Direction, Finding, Kind, Severity, Side
from pdsync.planning.linting import lint
from pdsync.planning.wording import listed, quoted
from pdsync.snapshots.columns import compared
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS", "is_audited"]

_NOT_YET: Final = (Kind.REFERENCE, Kind.COMPOSITE, Kind.OTHER)
_WAYS = {Side.PLEZI: Direction.TO_PLEZI, Side.PIPEDRIVE: Direction.TO_PIPEDRIVE}
_READ_ONLY: Final = frozenset({"read-only", "one-way-field"})
_UNFIT: Final = frozenset({"type-mismatch", "not-yet"})
_TWICE: Final = "written-twice"


def is_audited(finding: Finding, bound: BoundMapping) -> bool:
    """Whether these audits say what lint says here, so that nobody has to correct the mapping before an audit."""
    named = {field.written.pipedrive for field in bound.fields}
    return finding.code in {*_READ_ONLY, *_UNFIT, _TWICE} and finding.rule != "R10" and finding.field in named


def _lint_of(bound: BoundMapping, flow: Flow) -> tuple[Finding, ...]:
    """What lint holds against one field mapping in one direction."""
    written = replace(flow.bound.written, direction=_WAYS[flow.target])
    return lint(replace(bound, fields=(replace(flow.bound, written=written),)))


def _refused(codes: frozenset[str]) -> Callable[[AuditInputs], Found]:
    def find(inputs: AuditInputs) -> Found:
        frames: list[Frame] = []
        for flow in every_flow(inputs):
            against = {
                finding.code
                for finding in _lint_of(inputs.bound, flow)
                if finding.severity is Severity.BLOCKING and finding.field == flow.name
            }
            if against & codes:
                frames += _lost(inputs, flow, min(against & codes))
        return Found(frames)

    return find


def _lost(inputs: AuditInputs, flow: Flow, code: str) -> Iterator[Frame]:
    import narwhals as nw

    if code in _READ_ONLY:
        why = f"{in_target(flow)} is read-only"
    elif code == "not-yet":
        side = flow.target if flow.field.kind in _NOT_YET else flow.held.side
        why = f"{quoted(flow.bound.on(side).name)} in {side.label} is of a type that cannot be mapped yet"
    else:
        why = f"{quoted(flow.source.name)} ({flow.source.kind}) does not become {in_target(flow)} ({flow.field.kind})"
    holders = flow.held.frames.records
    if flow.was_read:
        holders = holders.filter(~nw.col(compared(flow.source.code)).is_null())
        number = _count(holders)
        noun = flow.held.side.noun
        lost = f"what {counted(number, f'{noun} holds', f'{noun}s hold')} cannot be written"
    else:
        number, lost = 0, f"nothing of it can be written; {quoted(flow.source.name)} was not read"
    said = {
        "key": f"{flow.key}\n{code}",
        "order": flow.order,
        "group": flow.name,
        "field": flow.name,
        "message": f"{why}: {lost}",
    }
    yield field_row(inputs, flow.target, flow.field.code, said, {"records": number})
    if number:
        yield holder_rows(flow.held, holders, said)


def _written_twice(inputs: AuditInputs) -> Found:
    by_target: dict[tuple[Side, str], dict[str, Flow]] = {}
    for flow in every_flow(inputs):
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
        if one.was_read
    ]
    holders = flow.held.frames.records
    if len(filled) > 1:
        holders = holders.filter(nw.sum_horizontal(*filled) > 1)
    number = _count(holders) if len(filled) > 1 else 0
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
    if number:
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
        severity=Severity.BLOCKING,
        title="values mapped into a field that takes none",
        why="What a service computes itself it takes from nobody; the values would stay where they are, and a plan is "
        "refused until the mapping says so.",
        rule="R6",
        fix="Change the direction of the field mapping, or switch it off.",
        needs=(Need.MAPPED,),
        find=_refused(_READ_ONLY),
        headline=_headline,
    ),
    Audit(
        code="type-mismatch",
        severity=Severity.BLOCKING,
        title="values of a type that the other side's field does not take",
        why="A field takes values of its own type only; these would never arrive, and a plan is refused until the mapping "
        "joins fields that fit.",
        rule="R2",
        fix="Map the field to one of the same type; make one if there is none.",
        needs=(Need.MAPPED,),
        find=_refused(_UNFIT),
        headline=_headline,
    ),
    Audit(
        code="written-twice",
        severity=Severity.BLOCKING,
        title="fields that are written from two places",
        why="Two sources of one field overwrite each other at every sync, and nobody can tell which value is meant.",
        rule="R2",
        fix="Keep one of the field mappings; give the other a field of its own.",
        needs=(Need.MAPPED,),
        find=_written_twice,
        headline=_headline,
    ),
)
