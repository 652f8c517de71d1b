"""Judges in Python what a query could not clear: each distinct value once, never record by record.

A query finds what may be at fault by a cheap test; what it lets through is judged here, and the verdicts are joined back
by a query. So the cost in Python follows the number of odd values, and every record with one of them is found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING, Any

from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.audits.origins import with_origin
from pdsync.model import Value
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["Verdict", "judged", "rows"]

_BATCH = 10_000
"""Distinct values that are Python objects at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a value."""

    message: str
    """Without the value itself: messages name no people."""
    field: str = ""
    details: Mapping[str, Value] = attribute(default_factory=dict)


def judged(
    inputs: AuditInputs,
    frame: nw.LazyFrame[Any],
    columns: Sequence[str],
    judge: Callable[..., Verdict | None],
    carried: Sequence[str] = ("id",),
) -> nw.LazyFrame[Any] | None:
    """The rows of ``frame`` whose values are at fault, with ``field``, ``message`` and ``details``; None: there are none.

    Args:
        inputs: Of the audit.
        frame: ``columns`` and ``carried``; few rows, as they are kept in memory; text without nulls, because a join does
            not find them.
        columns: What is judged; few rows may have most values in common.
        judge: Is given the values of one row, in the order of ``columns``; the same values, the same verdict.
        carried: What else of ``frame`` the result keeps: who has these values.
    """
    found: dict[str, list[str | None]] = {name: [] for name in (*columns, "field", "message", "details")}
    kept = inputs.engine.keep(frame)
    for batch in collect(kept.select(*columns).unique()).to_batches(max_chunksize=_BATCH):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            verdict = judge(*values)
            if verdict is not None:
                details = json.dumps(dict(verdict.details), ensure_ascii=False)
                row = (*values, verdict.field, verdict.message, details)
                for column, value in zip(found.values(), row, strict=True):
                    column.append(value)
    if not found["message"]:
        return None
    return kept.join(inputs.frame(found), on=list(columns), how="inner").select(
        *carried, "field", "message", "details"
    )


def rows(inputs: AuditInputs, held: SideInputs, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A frame with ``id``, ``field``, ``message`` and ``details``, with side and origin."""
    import narwhals as nw

    return with_origin(inputs, held, frame).with_columns(nw.lit(str(held.side)).alias("side"))
