"""Both lists of the mapped drop-down fields side by side: which option meets which, and how many records hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pdsync.model import BoundMapping, Kind, Side

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.snapshots.reader import Snapshot as Stored

__all__ = ["options_table"]


def options_table(bound: BoundMapping, pair: Mapping[Side, Stored]) -> pa.Table:
    """Rows of ``Account.options``: every option of both lists, and those that only records know."""
    import pyarrow as pa

    held = {side: _held(stored) for side, stored in pair.items()}
    rows: list[dict[str, Any]] = []
    for one in bound.fields:
        if any(one.on(side).kind not in (Kind.OPTION, Kind.OPTIONS) for side in Side):
            continue
        for side in Side:
            field, other = one.on(side), one.on(side.other)
            counts = held[side].get(field.code, {})
            labels = {option.id: option.label for option in field.options}
            for option in (*labels, *(known for known in counts if known not in labels)):
                meets = one.option_to[side.other].get(option)
                partner = other.option(meets) if meets is not None else None
                rows.append(
                    {
                        "field": one.written.pipedrive,
                        "side": str(side),
                        "option": option,
                        "label": labels.get(option, f"{option} (not in the list)"),
                        "records": counts.get(option, 0),
                        "counterpart": partner.label if partner else meets,
                    }
                )
    names = ("field", "side", "option", "label", "counterpart")
    schema = pa.schema([*((name, pa.string()) for name in names), ("records", pa.int64())])
    return pa.Table.from_pylist(rows, schema=schema)


def _held(stored: Stored) -> dict[str, dict[str, int]]:
    """Field code -> option -> records that hold it."""
    import polars as pl

    counts = (
        pl.scan_parquet(stored.path("options"), glob=False)
        .group_by("code", "option")
        .agg(pl.len())
        .sort("code", "option")
    ).collect()
    held: dict[str, dict[str, int]] = {}
    for code, option, number in counts.iter_rows():
        held.setdefault(code, {})[option] = number
    return held
