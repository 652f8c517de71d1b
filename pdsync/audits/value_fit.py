"""Values that the other side cannot hold: too long, no number, no date, several where one goes (design 6, ``rejected``).

Whether a value fits is what the planner says when it translates it (``planning.transforms.translate``). A cheap test in
the query clears nearly all; each distinct value that is left is translated once. All records with such a value count,
those that are not in scope today included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import Flow, flows, single_rows, unread
from pdsync.audits.inputs import OPTION_KINDS, AuditInputs, Need
from pdsync.audits.wording import records_counted
from pdsync.model import AuditSummary, Kind, Severity, Value
from pdsync.planning.transforms import Untranslatable, translate, translates
from pdsync.snapshots.columns import compared, delivered
from pdsync.snapshots.encoding import decode_value
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]

_BATCH: Final = 10_000
"""Distinct values that are Python objects at once."""
_NUMBER: Final = r"^-?[0-9]{1,300}(\.[0-9]{1,300})?$"
_EARLY_DAY: Final = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
"""Days that every month has."""
_SHOWN: Final = 2_000
"""Characters of the longest value that details carry."""

_Suspects = Callable[[Flow], "nw.Expr | None"]
"""From a flow to the test that values at fault pass, others perhaps too; None: no value can be at fault."""


def _too_long(flow: Flow) -> nw.Expr | None:
    import narwhals as nw

    source, room = flow.source, flow.field.max_length
    if room is None or flow.field.kind is not Kind.TEXT:
        return None
    exact, form = nw.col(delivered(source.code)), nw.col(compared(source.code))
    if source.kind in OPTION_KINDS:
        return ~form.is_null()
    return (exact.str.len_chars() > room + 2) | (form.str.len_chars() > room)  # JSON text has two quotes more


def _wrong_format(flow: Flow) -> nw.Expr | None:
    import narwhals as nw

    form = nw.col(compared(flow.source.code))
    match flow.field.kind:
        case Kind.NUMBER:
            return ~form.str.contains(_NUMBER)
        case Kind.BOOLEAN if flow.source.kind is not Kind.BOOLEAN:
            return ~form.is_in(["true", "false"])
        case Kind.DATE:
            return ~form.str.contains(_EARLY_DAY if flow.source.kind is Kind.DATETIME else f"{_EARLY_DAY}$")
        case Kind.DATETIME if flow.source.kind is not Kind.DATETIME:
            return ~form.is_null()
    return None


def _several(flow: Flow) -> nw.Expr | None:
    import narwhals as nw

    if (flow.source.kind, flow.field.kind) != (Kind.OPTIONS, Kind.OPTION):
        return None
    return nw.col(compared(flow.source.code)).str.contains(",", literal=True)


def _finder(suspects: _Suspects) -> Callable[[AuditInputs], Found]:
    def test_of(flow: Flow) -> nw.Expr | None:
        return suspects(flow) if flow.takes_writes and translates(flow.source, flow.field) else None

    def find(inputs: AuditInputs) -> Found:
        frames = []
        for flow in flows(inputs):
            test = test_of(flow)
            if test is not None:
                frames += _of_flow(inputs, flow, test)
        return Found(frames, not_checked=unread(inputs, lambda flow: test_of(flow) is not None))

    return find


def _of_flow(inputs: AuditInputs, flow: Flow, test: nw.Expr) -> list[Frame]:
    """The records of one flow whose values do not fit; empty if there are none."""
    import narwhals as nw

    column, form = nw.col(delivered(flow.source.code)), nw.col(compared(flow.source.code))
    suspects = inputs.engine.keep(
        flow.held.frames.records.filter(~form.is_null()).filter(test).select("id", column.alias("value"))
    )
    found: dict[str, list[str | None]] = {"value": [], "message": []}
    for batch in collect(suspects.select("value").unique()).to_batches(max_chunksize=_BATCH):
        for text in batch.column(0).to_pylist():
            message = _why_not(flow, decode_value(text))
            if message:
                found["value"].append(text)
                found["message"].append(message)
    if not found["value"]:
        return []
    said = {"key": flow.key, "order": flow.order, "group": flow.name, "field": flow.name}
    exact = nw.col("value")
    shown = nw.when(exact.str.len_chars() <= _SHOWN).then(exact).otherwise(nw.lit("null"))
    details = nw.concat_str([nw.lit('{"value":'), shown, nw.lit("}")])
    rows = suspects.join(inputs.frame(found), on="value", how="inner")
    return [single_rows(flow.held, rows.select("id", "message", details.alias("details")), said)]


def _why_not(flow: Flow, value: Value) -> str:
    """Why this value does not fit, without the value; empty: it does, or another audit says why not."""
    written = translate(flow.bound, value, flow.target)
    if not isinstance(written, Untranslatable) or written.code != "rejected":
        return ""
    return f"{written.message} ({flow.target.label})"


def _headline(summary: AuditSummary) -> str:
    """``2 persons (Function)``."""
    names = ", ".join(list(summary.groups)[:3])
    more = f" and {len(summary.groups) - 3} more fields" if len(summary.groups) > 3 else ""
    return f"{records_counted(summary)} ({names}{more})"


AUDITS = (
    Audit(
        code="value-too-long",
        severity=Severity.WARNING,
        title="values that are longer than the other side takes",
        why="A value that the other side cannot hold is left out of the sync: it is never cut, because half a value would "
        "come back as a change.",
        rule="R2",
        fix="Shorten the value, or map the field to one that takes longer text.",
        needs=(Need.MAPPED,),
        find=_finder(_too_long),
        headline=_headline,
    ),
    Audit(
        code="wrong-format",
        severity=Severity.WARNING,
        title="values that are no number, date or yes-or-no where the other side takes one",
        why="A value that the other side cannot hold is left out of the sync; nobody guesses whether 04/09 is in April.",
        rule="R2",
        fix="Correct the value (a date as YYYY-MM-DD, a number with a point and nothing else), or map fields of one type.",
        needs=(Need.MAPPED,),
        find=_finder(_wrong_format),
        headline=_headline,
    ),
    Audit(
        code="several-options",
        severity=Severity.WARNING,
        title="several options where the other side takes one",
        why="Nobody can tell which of them is meant to arrive, so none does.",
        rule="R24",
        fix="Leave one option in the record, or make the field on the other side a multiple choice.",
        needs=(Need.MAPPED,),
        find=_finder(_several),
        headline=_headline,
    ),
)
