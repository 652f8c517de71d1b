"""Rows as the notebook wants them: Arrow, polars, DuckDB or pandas, and lazily where they lie on the disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pdsync.api import html
from pdsync.api.boxes import boxed_errors
from pdsync.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

__all__ = ["MOST_IN_PANDAS", "Source", "Table", "in_memory"]

MOST_IN_PANDAS: Final = 200_000
"""Rows that ``to_pandas`` makes without being told to: some 500 MB of a snapshot's records. A million contacts in pandas
are several GB, and a summary was wanted."""
_SHOWN: Final = 15
_WIDE: Final = 12
_LONG: Final = 300


@dataclass(frozen=True, slots=True)
class Source:
    """Where the rows of a table come from. Each is asked only when it is needed."""

    lazy: Callable[[], pl.LazyFrame]
    rows: Callable[[], int]
    head: Callable[[int], pl.LazyFrame] | None = None
    """The first rows, where translating values keeps polars from stopping early by itself."""
    duckdb: Callable[[duckdb.DuckDBPyConnection], Any] | None = None
    """A relation that DuckDB reads by itself, without a copy in memory; None: from Arrow."""


class Table:
    """Rows and named columns. Making one reads nothing; ``lazy`` and ``to_duckdb`` let queries run where the rows are.

    >>> import pdsync
    >>> persons = pdsync.demo().persons.records
    >>> persons.rows > 2_000
    True
    >>> import polars as pl
    >>> nameless = persons.lazy().filter(pl.col("last_name").is_null()).select(pl.len()).collect().item()
    >>> 0 < nameless < 100
    True
    """

    def __init__(
        self, title: str, source: Source, notes: Mapping[str, str] | None = None, *, shown: int = _SHOWN
    ) -> None:
        self.title = title
        """What it holds, in words."""
        self.notes: Mapping[str, str] = notes or {}
        """Column -> what it means."""
        self._source = source
        self._shown = shown

    @classmethod
    def of(cls, title: str, rows: pa.Table | pl.DataFrame, *, shown: int = _SHOWN) -> Table:
        """Rows that a query made, to be shown as harmless text: most libraries' tables let a CRM's markup through.

        Args:
            title: What they are, in words.
            rows: Of polars or Arrow.
            shown: So many rows its display lists, and says how many more there are.
        """
        import polars as pl

        return in_memory(
            title, lambda: rows.to_arrow() if isinstance(rows, pl.DataFrame) else rows, shown=shown
        )

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self._source.rows()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self.lazy().collect_schema().names())

    def __len__(self) -> int:
        return self.rows

    def lazy(self) -> pl.LazyFrame:
        """A polars query over the rows: filters and groups run where the rows are, only the result comes to memory."""
        return self._source.lazy()

    def to_polars(self) -> pl.DataFrame:
        """All rows in a polars frame.

        Raises:
            InputFileError: the file behind it is damaged or gone.
        """
        from pdsync.snapshots.engines import query_errors

        with boxed_errors(), query_errors():
            return self.lazy().collect()

    def to_arrow(self) -> pa.Table:
        """All rows as a ``pyarrow.Table``.

        Raises:
            InputFileError: the file behind it is damaged or gone.
        """
        return self.to_polars().to_arrow()

    def to_pandas(self, *, most: int | None = MOST_IN_PANDAS) -> pd.DataFrame:
        """All rows in a pandas frame, if they are no more than ``most`` (None: however many).

        Raises:
            UsageError: there are more.
            InputFileError: the file behind it is damaged or gone.
        """
        with boxed_errors():
            if most is not None and self.rows > most:
                raise UsageError(
                    f"{self.title}: {self.rows:,} rows are more than pandas should be given by accident ({most:,}).",
                    untouched="Nothing was loaded.",
                    next_step="Make them fewer first, with .lazy() (polars) or .to_duckdb() (SQL); "
                    "or say that you mean it: .to_pandas(most=None)",
                )
            frame: pd.DataFrame = self.to_arrow().to_pandas()
            return frame

    def to_duckdb(self, connection: duckdb.DuckDBPyConnection | None = None) -> Any:  # noqa: ANN401 - a DuckDB relation
        """A DuckDB relation over the rows, in ``connection`` or a fresh one in memory.

        Rows of a snapshot are read by DuckDB itself; other rows are copied.

        Raises:
            UsageError: DuckDB is not installed.
        """
        with boxed_errors():
            try:
                import duckdb
            except ImportError:
                raise UsageError(
                    "DuckDB is not installed.",
                    next_step="pip install 'pdsync[duckdb]', or use .lazy() (polars).",
                ) from None
            # An in-memory database spills into a folder of the current one: people's data where nobody expects it.
            opened = connection or duckdb.connect(":memory:", config={"temp_directory": ""})
            if self._source.duckdb is not None:
                return self._source.duckdb(opened)
            return opened.from_arrow(self.to_arrow())

    def __repr__(self) -> str:
        return f"{self.title}: {self.rows:,} rows, columns {', '.join(self.columns)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        first = self._source.head(self._shown) if self._source.head else self.lazy().head(self._shown)
        head = first.collect()
        names = head.columns[:_WIDE]
        right = frozenset(number for number, name in enumerate(names) if head.schema[name].is_numeric())
        left_out = (
            f" {len(head.columns) - _WIDE} more columns are not shown." if len(head.columns) > _WIDE else ""
        )
        more = f"The first {head.height} of {self.rows:,} rows." if self.rows > head.height else ""
        return html.bundle(
            repr(self),
            html.heading(f"{self.title}: {self.rows:,} {'row' if self.rows == 1 else 'rows'}"),
            html.table(
                names, [[_short(cell) for cell in row[:_WIDE]] for row in head.iter_rows()], right=right
            ),
            html.note(f"{more}{left_out}") if more or left_out else "",
        )


def in_memory(title: str, make: Callable[[], pa.Table], *, shown: int = _SHOWN) -> Table:
    """A table of rows that are made once, when they are first asked for."""
    from functools import cache

    @cache
    def made() -> pa.Table:
        with boxed_errors():
            return make()

    def lazy() -> pl.LazyFrame:
        import polars as pl

        frame = pl.from_arrow(made())
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table gives a frame, a column would give a series
        return frame.lazy()

    return Table(title, Source(lazy, lambda: made().num_rows), shown=shown)


def _short(cell: object) -> object:
    if isinstance(cell, str) and len(cell) > _LONG:
        return f"{cell[:_LONG]}..."
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return cell
