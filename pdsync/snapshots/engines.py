"""The engines that run the queries: one text in narwhals, run by polars or DuckDB with equal results."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from pdsync.errors import InputFileError, UsageError

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl
    import pyarrow as pa

__all__ = [
    "ENGINES", "DuckDbEngine", "PolarsEngine", "QueryEngine", "collect", "collect_frame", "open_engine", "query_errors",
]  # fmt: skip


class QueryEngine(Protocol):
    """Makes lazy frames that can be joined with each other; frames of two engine objects cannot."""

    name: str

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        """A Parquet file as a lazy frame."""
        ...

    def table(self, table: pa.Table) -> nw.LazyFrame[Any]:
        """An Arrow table as a lazy frame."""
        ...

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """Run a query now and keep its rows in memory, so that what builds on it does not run it again."""
        ...


class PolarsEngine:
    """polars: fastest on one machine, and always installed."""

    name = "polars"

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        import narwhals as nw
        import polars as pl

        return nw.from_native(pl.scan_parquet(path, glob=False))

    def table(self, table: pa.Table) -> nw.LazyFrame[Any]:
        import narwhals as nw
        import polars as pl

        frame = pl.from_arrow(table)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table gives a frame, a column would give a series
        return nw.from_native(frame.lazy())

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        with query_errors():
            return frame.collect("polars").lazy()


class DuckDbEngine:
    """DuckDB, for people whose data lives there. One connection, as relations of two cannot be joined."""

    name = "duckdb"

    def __init__(self) -> None:
        try:
            import duckdb
        except ImportError:
            raise UsageError(
                "The engine duckdb is not installed.",
                next_step="pip install 'pdsync[duckdb]', or use the engine polars.",
            ) from None
        # An in-memory database spills into a folder .tmp in the current one: people's data where nobody expects it.
        self._connection = duckdb.connect(":memory:", config={"temp_directory": ""})

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        import narwhals as nw

        with query_errors():  # it looks into the file at once
            return nw.from_native(self._connection.read_parquet(glob.escape(str(path))))

    def table(self, table: pa.Table) -> nw.LazyFrame[Any]:
        import narwhals as nw

        return nw.from_native(self._connection.from_arrow(table))

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        return self.table(collect(frame))


ENGINES: Final[Mapping[str, Callable[[], QueryEngine]]] = {"polars": PolarsEngine, "duckdb": DuckDbEngine}
_FOREIGN: Final = frozenset({"polars", "narwhals", "duckdb", "_duckdb", "pyarrow"})


def open_engine(name: str = "polars") -> QueryEngine:
    """A fresh engine.

    Raises:
        UsageError: no such engine, or it is not installed.
    """
    if name not in ENGINES:
        raise UsageError(f"There is no engine {name!r}.", next_step=f"Choose one of {', '.join(ENGINES)}.")
    return ENGINES[name]()


def collect(frame: nw.LazyFrame[Any]) -> pa.Table:
    """Run a query and give its rows.

    Raises:
        InputFileError: a table of a snapshot is damaged or gone.
    """
    with query_errors():
        return frame.collect("pyarrow").to_native()


def collect_frame(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Run a query and give its rows to polars, whatever engine ran it: without a copy where that was polars.

    Raises:
        InputFileError: a table of a snapshot is damaged or gone.
    """
    import narwhals as nw
    import polars as pl

    if frame.implementation is nw.Implementation.POLARS:
        with query_errors():
            rows = frame.collect("polars").to_native()
    else:
        rows = pl.from_arrow(collect(frame))
    assert isinstance(rows, pl.DataFrame)  # noqa: S101 - a table gives a frame, a column would give a series
    return rows


@contextmanager
def query_errors() -> Iterator[None]:
    """The border at which the engines' exceptions become pdsync's."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _FOREIGN:
            raise InputFileError(
                f"A snapshot could not be queried: {type(error).__name__}: {str(error).splitlines()[0][:300]}",
                untouched="Nothing was planned from it.",
                next_step="Read both sides again: pdsync pull",
            ) from error
        raise
