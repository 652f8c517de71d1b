"""From addresses at fault to findings: one per record, however many of its addresses are.

Audits of single addresses name those that a query could not clear; what is left is few, so it is brought together by
record in Python, a batch at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Found
from pdsync.audits.held_addresses import each_address, spelling
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.audits.origins import with_origin
from pdsync.audits.wording import counted
from pdsync.model import Value
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["Judge", "find_addresses"]

_MOST: Final = 50
"""Addresses of one record that details carry."""

Judge = Callable[[Mapping[str, Any]], Mapping[str, Value] | None]
"""From one row (``id``, ``key``, ``delivered``, ``primary`` and what the query added) to what details say of it; None:
the address is in order."""


def find_addresses(
    inputs: AuditInputs,
    suspects: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]],
    kind: str,
    judge: Judge | None = None,
) -> Found:
    """One finding for each record that holds such an address, first or not.

    Args:
        inputs: Of the audit.
        suspects: From the addresses of a side, each key of a record once, to those that may be at fault.
        kind: What such an address is called: ``malformed``.
        judge: Decides; left out: the query has.
    """
    frames = []
    for held in inputs.having(Need.ADDRESSES):
        columns: dict[str, list[str | None]] = {name: [] for name in ("id", "message", "details")}
        found = suspects(each_address(inputs, held))
        for identifier, details in _by_record(found, judge or _convicted):
            number = len(details)
            message = f"This {held.side.noun} has {counted(number, f'{kind} email address', f'{kind} email addresses')}"
            said = json.dumps({"addresses": details[:_MOST]}, ensure_ascii=False)
            for column, value in zip(columns.values(), (identifier, message, said), strict=True):
                column.append(value)
        if columns["id"]:
            frames.append(_rows(inputs, held, columns))
    return Found(frames)


def _convicted(row: Mapping[str, Any]) -> Mapping[str, Value]:
    del row
    return {}


def _by_record(frame: nw.LazyFrame[Any], judge: Judge) -> Iterator[tuple[str, list[Value]]]:
    """Each record with an address at fault, and these addresses in the order of its list."""
    found = collect(frame.with_columns(spelling())).sort_by([("id", "ascending"), ("position", "ascending")])
    rows = (row for batch in found.to_batches(max_chunksize=5_000) for row in batch.to_pylist())
    for identifier, held in groupby(rows, key=lambda row: str(row["id"])):
        details: list[Value] = []
        for row in held:
            verdict = judge(row)
            if verdict is not None:
                details.append({"delivered": row["delivered"], "primary": bool(row["primary"]), **verdict})
        if details:
            yield identifier, details


def _rows(
    inputs: AuditInputs, held: SideInputs, columns: Mapping[str, list[str | None]]
) -> nw.LazyFrame[Any]:
    import narwhals as nw

    frame = inputs.frame(columns).with_columns(
        nw.lit(str(held.side)).alias("side"), nw.lit(inputs.bound.email[held.side]).alias("field")
    )
    return with_origin(inputs, held, frame)
