"""Snapshots for analysts: columns by the names that people know, options by their labels, queries on the files."""

from __future__ import annotations

import glob
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from pdsync.api import html
from pdsync.api.boxes import boxed_errors
from pdsync.api.tables import Source, Table, in_memory
from pdsync.api.temporary import new_folder, remove_with
from pdsync.api.working import work
from pdsync.errors import UsageError
from pdsync.model import Field, Kind, Side
from pdsync.report.text.values import account_words, counted

if TYPE_CHECKING:
    import duckdb
    import polars as pl
    import pyarrow as pa

    from pdsync.snapshots.reader import Snapshot as Stored

__all__ = ["Snapshot", "open_export", "open_snapshot"]

_Stored: TypeAlias = Literal["records", "addresses", "options"]

_HASHED: Final = re.compile(r"[0-9a-f]{40}")
"""Pipedrive's key of a custom field: nobody knows it by heart."""
_TAKEN: Final = frozenset({"id", "updated_at"})
"""Columns that every snapshot has, whatever fields the service names so."""


class Snapshot:
    """What was read from one side at one time. Its tables stay on the disk until a query asks for them.

    >>> import pdsync
    >>> contacts = pdsync.demo().contacts
    >>> contacts.side, contacts.rows > 1_400, contacts.complete
    ('plezi', True, True)
    """

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    @property
    def id(self) -> str:
        return self._stored.id

    @property
    def side(self) -> str:
        """``pipedrive`` or ``plezi``."""
        return str(self._stored.side)

    @property
    def account(self) -> str:
        """Whose data it is, in words."""
        return account_words(self._stored.account)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._stored.folder

    @property
    def rows(self) -> int:
        """Records it holds."""
        return self._stored.rows

    @property
    def complete(self) -> bool:
        """Whether what is not in it is not there."""
        return self._stored.coverage.complete

    @property
    def taken_at(self) -> datetime:
        """When the read began (UTC)."""
        return self._stored.taken_at

    @cached_property
    def records(self) -> Table:
        """One row per record: ``id``, ``updated_at`` (moment, UTC), and each field.

        Standard fields are called by their code (``first_name``), Pipedrive's custom fields by their name, because
        their code is a hash. Values are in comparison form: text without outer white space, numbers as numbers, days as
        dates, drop-down options by their label; null is empty or not read. Several options, addresses and other objects
        are JSON; ``options`` and ``addresses`` have them one by one.
        """
        columns = self._columns
        return Table(
            f"{self._stored.side.label}: {self._stored.side.noun}s",
            Source(
                lambda: self._translated(self._scan("records")),
                lambda: self.rows,
                head=lambda most: self._translated(self._scan("records").head(most)),
                duckdb=lambda connection: self._relation(connection, "records").project(
                    ", ".join(
                        ['"id"', 'TRY_CAST("updated_at" AS TIMESTAMPTZ) AS "updated_at"']
                        + [column.sql() for column in columns]
                    )
                ),
            ),
            {column.name: f"{column.field.name} ({column.field.kind})" for column in columns},
        )

    @cached_property
    def addresses(self) -> Table:
        """One row per email address.

        Columns: ``id``, ``key`` (what makes two addresses one), ``delivered`` (as it is written),
        ``label``, ``primary``, ``position`` (from 0).
        """
        names = ["id", "key", "delivered", "label", "primary", "position"]
        return self._whole("addresses", names, f"{self._stored.side.label}: email addresses")

    @cached_property
    def options(self) -> Table:
        """One row per option that a record holds: ``id``, ``field``, ``option`` (its identity), ``label``."""
        names = {column.field.code: column.name for column in self._columns}
        labels = {
            (field.code, option.id): option.label
            for field in self._stored.schema.fields
            for option in field.options
        }

        def lazy() -> pl.LazyFrame:
            import polars as pl

            known = pl.LazyFrame(
                [(code, option, label) for (code, option), label in labels.items()],
                schema={"code": pl.String, "option": pl.String, "label": pl.String},
                orient="row",
            )
            return (
                self._scan("options")
                .join(known, on=["code", "option"], how="left")
                .select("id", pl.col("code").replace(names).alias("field"), "option", "label")
            )

        return Table(f"{self._stored.side.label}: options held", Source(lazy, lambda: self._rows("options")))

    @cached_property
    def fields(self) -> Table:
        """One row per field, and in how many records it is filled.

        Columns: ``column`` (in ``records``), ``code``, ``name``, ``kind``, ``options`` (how many it has),
        ``custom``, ``filled`` (records in which it is not empty), ``percent`` of all records.
        """
        return in_memory(f"{self._stored.side.label}: fields", self._fields)

    def _fields(self) -> pa.Table:
        import polars as pl

        columns = self._columns
        counts = (
            self._scan("records")
            .select(pl.col(column.stored).count().alias(f"{n}") for n, column in enumerate(columns))
            .collect()
            .row(0)
        )
        return pl.DataFrame(
            [
                (
                    column.name,
                    column.field.code,
                    column.field.name,
                    str(column.field.kind),
                    len(column.field.options),
                    column.field.custom,
                    filled,
                    100 * filled / self.rows if self.rows else 0.0,
                )
                for column, filled in zip(columns, counts, strict=True)
            ],
            schema={
                "column": pl.String,
                "code": pl.String,
                "name": pl.String,
                "kind": pl.String,
                "options": pl.Int64,
                "custom": pl.Boolean,
                "filled": pl.Int64,
                "percent": pl.Float64,
            },
            orient="row",
        ).to_arrow()

    def _whole(self, table: _Stored, names: list[str], title: str) -> Table:
        listed = ", ".join(f'"{name}"' for name in names)
        return Table(
            title,
            Source(
                lambda: self._scan(table).select(names),
                lambda: self._rows(table),
                duckdb=lambda connection: self._relation(connection, table).project(listed),
            ),
        )

    # Each asks self for the file when it runs: as long as a table is used, the snapshot is, and its folder with it.
    def _scan(self, table: _Stored) -> pl.LazyFrame:
        import polars as pl

        return pl.scan_parquet(self._stored.path(table), glob=False)

    def _translated(self, records: pl.LazyFrame) -> pl.LazyFrame:
        return records.select("id", _moment("updated_at"), *(column.polars() for column in self._columns))

    def _rows(self, table: _Stored) -> int:
        import pyarrow.parquet as pq

        return int(pq.read_metadata(self._stored.path(table)).num_rows)

    def _relation(self, connection: duckdb.DuckDBPyConnection, table: _Stored) -> duckdb.DuckDBPyRelation:
        return connection.read_parquet(glob.escape(str(self._stored.path(table))))

    @cached_property
    def _columns(self) -> tuple[_Column, ...]:
        fields = [field for field in self._stored.schema.fields if field.code not in _TAKEN]
        wanted = [
            field.name
            if field.custom and _HASHED.fullmatch(field.code) and field.name.strip()
            else field.code
            for field in fields
        ]
        known = Counter(name.casefold() for name in wanted)
        return tuple(
            _Column(field, name if known[name.casefold()] == 1 else field.code)
            for field, name in zip(fields, wanted, strict=True)
        )

    def __repr__(self) -> str:
        coverage = "complete" if self.complete else f"not complete ({self._stored.coverage.reason})"
        noun = counted(self.rows, self._stored.side.noun)
        return f"{self._stored.side.label}, {self.account}: {noun}, read {self.taken_at:%Y-%m-%d %H:%M} UTC, {coverage}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        fields = self.fields.to_polars().sort("percent", descending=True)
        return html.bundle(
            repr(self),
            html.heading(f"{self._stored.side.label}: {counted(self.rows, self._stored.side.noun)}"),
            html.paragraph(repr(self)),
            html.table(
                ("column", "kind", "filled", "%"),
                [
                    (name, kind, filled, f"{share:.0f}")
                    for name, kind, filled, share in fields.select(
                        "column", "kind", "filled", "percent"
                    ).iter_rows()
                ],
                right=frozenset({2, 3}),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Column:
    """One field as a column of ``records``, for polars and in SQL."""

    field: Field
    name: str

    @property
    def stored(self) -> str:
        from pdsync.snapshots.columns import compared

        return compared(self.field.code)

    @property
    def labels(self) -> dict[str, str]:
        return (
            {option.id: option.label for option in self.field.options}
            if self.field.kind is Kind.OPTION
            else {}
        )

    def polars(self) -> pl.Expr:
        import polars as pl

        column = pl.col(self.stored)
        match self.field.kind:
            case Kind.NUMBER:
                column = column.cast(pl.Float64, strict=False)
            case Kind.DATE:
                column = column.str.to_date("%Y-%m-%d", strict=False)
            case Kind.DATETIME:
                column = _moment(self.stored)
            case Kind.BOOLEAN:
                column = column.replace_strict(
                    {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
                )
            case Kind.OPTION if self.labels:
                column = column.replace(self.labels)
        return column.alias(self.name)

    def sql(self) -> str:
        column = _name(self.stored)
        kinds = {
            Kind.NUMBER: "DOUBLE",
            Kind.DATE: "DATE",
            Kind.DATETIME: "TIMESTAMPTZ",
            Kind.BOOLEAN: "BOOLEAN",
        }
        if self.field.kind in kinds:
            column = f"TRY_CAST({column} AS {kinds[self.field.kind]})"
        elif self.labels:
            pairs = ", ".join(f"{_quoted(key)}: {_quoted(label)}" for key, label in self.labels.items())
            column = f"COALESCE(MAP {{{pairs}}}[{column}], {column})"
        return f"{column} AS {_name(self.name)}"


def open_snapshot(folder: str | Path) -> Snapshot:
    """Open one snapshot: a folder ``snapshots/SIDE-TIME-ID`` of a state folder.

    Raises:
        InputFileError: not a snapshot, or damaged.

    >>> import pdsync
    >>> stored = pdsync.demo().snapshots()[0]
    >>> pdsync.open_snapshot(stored.folder).id == stored.id
    True
    """
    from pdsync.snapshots.reader import open_snapshot as open_stored

    with boxed_errors():
        return Snapshot(open_stored(Path(folder)))


def open_export(file: str | Path, side: str, *, progress: bool = True) -> Snapshot:
    r"""Read an export (CSV, XLSX or Parquet) of one side as a snapshot of its own, in a temporary folder.

    Args:
        file: The export.
        side: ``pipedrive`` or ``plezi``.
        progress: Whether to show a bar when it takes long.

    Raises:
        InputFileError: the file cannot be read as such an export.
        UsageError: no such side.

    >>> import pdsync, pathlib, tempfile
    >>> export = pathlib.Path(tempfile.mkdtemp()) / "contacts.csv"
    >>> _ = export.write_text("Email,First name,Last name\nzoe@example.com,Zoé,Martin\n", encoding="utf-8")
    >>> pdsync.open_export(export, "plezi").rows
    1
    """
    from pdsync.engine.pull import pull
    from pdsync.settings import load_settings

    with boxed_errors():
        if side not in tuple(Side):
            raise UsageError(f"There is no side {side!r}.", next_step="Say pipedrive or plezi.")
        folder = new_folder("pdsync-export-")
        settings = load_settings(
            {f"{side}.file": str(file), "state": folder, "mapping": str(_default_mapping())},
            environment={},
        )
    chosen = Side(side)
    try:
        read = work(settings, lambda ws, tell: pull(ws, sides=(chosen,), on_event=tell), progress=progress)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return remove_with(Snapshot(read[chosen]), folder)


def _default_mapping() -> Path:
    from pdsync.mapfiles import shipped_mapping

    return shipped_mapping()


def _moment(column: str) -> pl.Expr:
    import polars as pl

    return pl.col(column).str.to_datetime(time_unit="us", time_zone="UTC", strict=False).alias(column)


def _name(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
