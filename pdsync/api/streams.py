"""Rows that are made one by one and may be many, as a table on the disk: a journal, the values of a plan.

They are written once, when they are first asked for, into a folder that only this user may enter, and queried there.
The folder lives as long as any table or query that reads from it; queries of polars keep only paths of files alive, so
the rows come through a source of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.api.boxes import boxed_errors
from pdsync.api.tables import Source, Table
from pdsync.api.temporary import new_folder, remove_with

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

__all__ = ["streamed"]

_GROUP: Final = 20_000
"""Rows that are Python objects at once."""


class _Kept:
    """A Parquet file that is gone when nobody reads from it any more."""

    def __init__(self, schema: pa.Schema, rows: Iterable[dict[str, Any]]) -> None:
        folder = new_folder("pdsync-rows-")
        remove_with(self, folder)
        self.path = folder / "rows.parquet"
        self.rows = _write(self.path, schema, iter(rows))

    def scan(self) -> pl.LazyFrame:
        import polars as pl
        from polars.io.plugins import register_io_source

        plain = pl.scan_parquet(self.path, glob=False)

        def read(
            columns: list[str] | None, predicate: pl.Expr | None, most: int | None, batch: int | None
        ) -> Iterator[pl.DataFrame]:
            del batch
            frame = pl.scan_parquet(self.path, glob=False)
            frame = frame if predicate is None else frame.filter(predicate)
            frame = frame if columns is None else frame.select(columns)
            yield from (frame if most is None else frame.head(most)).collect_batches(maintain_order=True)

        return register_io_source(read, schema=plain.collect_schema(), is_pure=True)


def streamed(
    title: str, schema: Callable[[], pa.Schema], rows: Callable[[], Iterable[dict[str, Any]]]
) -> Table:
    """A table of rows that are made when they are first asked for, and then are on the disk."""

    @cache
    def kept() -> _Kept:
        with boxed_errors():
            return _Kept(schema(), rows())

    def relation(connection: duckdb.DuckDBPyConnection) -> Any:  # noqa: ANN401 - a DuckDB relation
        return connection.from_arrow(kept().scan().collect().to_arrow())

    return Table(title, Source(lambda: kept().scan(), lambda: kept().rows, duckdb=relation))


def _write(path: Path, schema: pa.Schema, rows: Iterator[dict[str, Any]]) -> int:
    """How many there were."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(rows, _GROUP)):
            writer.write_table(pa.Table.from_pylist(some, schema=schema))
            count += len(some)
    return count
