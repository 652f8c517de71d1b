"""What the records of findings are called, from the snapshots that an audit was made of.

Findings carry names only where they are about names; a report for people names everybody whom it can. Only the records
of findings are kept in memory, as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync.model import AuditReport, Side
from pdsync.snapshots.columns import compared

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RecordNames"]

_PARTS: Final = ("first_name", "last_name")
_WHOLE: Final = "name"


class RecordNames:
    """Names by side and id."""

    def __init__(self, names: pl.DataFrame) -> None:
        """``names``: the columns ``side``, ``id``, ``name``; each record once."""
        self._names = names

    @classmethod
    def of(cls, report: AuditReport) -> RecordNames:
        """Of the records that the findings of a stored audit are about. Snapshots that are gone know no names."""
        import polars as pl

        table = Path(report.table)
        found = pl.scan_parquet(table).select(pl.col("side").cast(pl.String), "id")
        parts = [pl.DataFrame(schema={"side": pl.String, "id": pl.String, "name": pl.String}).lazy()]
        for side in Side:
            records = table.parent.parent / "snapshots" / report.snapshots[side] / "records.parquet"
            names = _names(records)
            if names is not None:
                ids = found.filter(pl.col("side") == str(side)).select("id").unique()
                parts.append(
                    names.join(ids, on="id", how="semi").select(pl.lit(str(side)).alias("side"), "id", "name")
                )
        try:
            return cls(pl.concat(parts).collect(engine="streaming"))
        except (OSError, pl.exceptions.PolarsError):  # a damaged snapshot: the report goes without names
            return cls(parts[0].collect())

    def look_up(self, sides: Sequence[str], ids: Sequence[str]) -> list[str]:
        """The name of each record, in this order; empty where it is not known."""
        import polars as pl

        asked = pl.DataFrame({"side": sides, "id": ids}, schema={"side": pl.String, "id": pl.String})
        known = asked.join(self._names, on=["side", "id"], how="left", maintain_order="left")
        names: list[str] = known["name"].fill_null("").to_list()
        return names


def _names(records: Path) -> pl.LazyFrame | None:
    """``id`` and ``name`` of one snapshot; None where it is gone or was read without names."""
    import polars as pl

    if not records.is_file():
        return None
    try:
        held = pl.scan_parquet(records)
        columns = held.collect_schema().names()
    except (OSError, pl.exceptions.PolarsError):
        return None
    parts = [pl.col(compared(code)) for code in _PARTS if compared(code) in columns]
    both = pl.concat_str(parts, separator=" ", ignore_nulls=True) if parts else pl.lit(None, pl.String)
    both = pl.when(both == "").then(None).otherwise(both)
    whole = pl.col(compared(_WHOLE)) if compared(_WHOLE) in columns else pl.lit(None, pl.String)
    if not parts and compared(_WHOLE) not in columns:
        return None
    return held.select("id", pl.coalesce(both, whole).alias("name")).drop_nulls().unique("id", keep="any")
