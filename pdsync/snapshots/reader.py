"""Opens snapshots: as lazy frames for queries, as records for the planner, by id for single look-ups."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pdsync.model import Account, Coverage, Record, RemoteSchema, Side, Value
from pdsync.snapshots.columns import delivered
from pdsync.snapshots.encoding import decode_value
from pdsync.snapshots.engines import QueryEngine, open_engine
from pdsync.snapshots.files import HIDDEN
from pdsync.snapshots.manifest import RECORDS, TABLES, Manifest, damaged, read_manifest

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

__all__ = [
    "Frames",
    "RecordLookup",
    "Snapshot",
    "latest",
    "list_snapshots",
    "open_snapshot",
    "snapshot_folders",
    "snapshots_folder",
]


@dataclass(frozen=True, slots=True)
class Frames:
    """The tables of a snapshot as lazy frames of one engine."""

    records: nw.LazyFrame[Any]
    """``id``, ``updated_at``, ``digest``, and ``d:CODE`` and ``c:CODE`` of each field."""
    addresses: nw.LazyFrame[Any]
    """``id``, ``key``, ``delivered``, ``label``, ``primary``, ``position``, ``rank`` (null: repeats a key of its record)."""
    options: nw.LazyFrame[Any]
    """``id``, ``code``, ``option``."""


@dataclass(frozen=True)
class Snapshot:
    """What was read from one side at one time."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def side(self) -> Side:
        return self.manifest.side

    @property
    def account(self) -> Account:
        return self.manifest.account

    @property
    def coverage(self) -> Coverage:
        return self.manifest.coverage

    @property
    def rows(self) -> int:
        """Records it holds."""
        return self.manifest.rows

    @property
    def digest_basis(self) -> str:
        """``BoundMapping.version`` under which the digests hold; empty: it has none."""
        return self.manifest.digest_basis

    @cached_property
    def taken_at(self) -> datetime:
        """When the read began, by this machine's clock."""
        return datetime.fromisoformat(self.manifest.taken_at)

    @cached_property
    def service_time(self) -> datetime | None:
        """The same moment by the service's clock, where it is known."""
        return datetime.fromisoformat(self.manifest.service_time) if self.manifest.service_time else None

    @cached_property
    def full_read_at(self) -> datetime:
        """When the last full read began that this snapshot rests on."""
        return datetime.fromisoformat(self.coverage.full_read_at or self.manifest.taken_at)

    @cached_property
    def schema(self) -> RemoteSchema:
        """The fields as they were when it was read."""
        return RemoteSchema(self.manifest.account, self.manifest.fields, self.manifest.capabilities)

    @cached_property
    def read_codes(self) -> frozenset[str]:
        """Codes of the fields that were read of at least one record; of a snapshot without records all that there are.

        An export holds the columns that its maker chose: a field that is known and never read is not an empty field.

        Raises:
            InputFileError: the file is damaged.
        """
        known = self.schema.by_code
        if not self.rows:
            return frozenset(known)
        with self._reading(), self._parquet() as file:
            groups = [file.metadata.row_group(number) for number in range(file.metadata.num_row_groups)]
            places = {name: place for place, name in enumerate(file.schema_arrow.names)}
        return frozenset(
            code
            for code in known
            if any(_holds_something(group, places[delivered(code)]) for group in groups)
        )

    def age(self, now: datetime | None = None) -> timedelta:
        """How long ago the read began; never negative."""
        return max(timedelta(0), (now or datetime.now(UTC)) - self.taken_at)

    def path(self, table: Literal["records", "addresses", "options"]) -> Path:
        """The Parquet file of a table."""
        return self.folder / f"{table}.parquet"

    def frames(self, engine: QueryEngine | str = "polars") -> Frames:
        """Its tables as lazy frames. To join two snapshots, pass the same engine object to both."""
        chosen = open_engine(engine) if isinstance(engine, str) else engine
        return Frames(*(chosen.scan(self.folder / table) for table in TABLES))

    def records(
        self,
        ids: Collection[str] | None = None,
        codes: Collection[str] | None = None,
        batch_size: int = 2_000,
    ) -> Iterator[list[Record]]:
        """Records in file order, in lists of at most ``batch_size``; memory is bounded by one row group.

        Args:
            ids: only these, wherever they are in the file (for many small look-ups use ``lookup``); None: all.
            codes: only these fields, in ``Record.values``; None: all. Codes that the snapshot does not have are missing.
            batch_size: records per list.

        Raises:
            InputFileError: the file is damaged.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        wanted = self._codes(codes)
        chosen = None if ids is None else pa.array(sorted(set(ids)), pa.string())
        columns = ["id", "updated_at", *map(delivered, wanted)]
        with self._reading(), self._parquet() as file:
            for batch in file.iter_batches(batch_size, columns=columns):
                kept = batch if chosen is None else batch.filter(pc.is_in(batch.column(0), value_set=chosen))
                if kept.num_rows:
                    yield _to_records(self.side, wanted, kept)

    def ids(self) -> Iterator[str]:
        """The id of every record, in file order.

        Raises:
            InputFileError: the file is damaged.
        """
        with self._reading(), self._parquet() as file:
            for batch in file.iter_batches(50_000, columns=["id"]):
                yield from batch.column(0).to_pylist()

    def lookup(self, codes: Collection[str] | None = None) -> RecordLookup:
        """Records by id in any order, from memory: about the size of the delivered values of ``codes`` as text.

        Raises:
            InputFileError: the file is damaged.
        """
        wanted = self._codes(codes)
        with self._reading(), self._parquet() as file:
            table = file.read(["id", "updated_at", *map(delivered, wanted)])
        return RecordLookup(self.side, wanted, table)

    def _codes(self, codes: Collection[str] | None) -> list[str]:
        known = self.schema.by_code
        return list(known) if codes is None else [code for code in dict.fromkeys(codes) if code in known]

    @contextmanager
    def _parquet(self) -> Iterator[Any]:
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.folder / RECORDS, page_checksum_verification=True) as file:
            yield file

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """The border at which exceptions of reading become pdsync's."""
        import pyarrow as pa

        try:
            yield
        except (pa.ArrowException, OSError, ValueError) as error:
            raise damaged(self.folder, f"{RECORDS}: {str(error).splitlines()[0][:300]}") from error


def _holds_something(group: Any, place: int) -> bool:  # noqa: ANN401 - pyarrow has no types
    """Whether a column of a row group has a value that is not null; without statistics it may have."""
    statistics = group.column(place).statistics
    if statistics is None or not statistics.has_null_count:
        return True
    return bool(statistics.null_count < group.num_rows)


class RecordLookup:
    """Records of one snapshot by id, decoded when asked for."""

    def __init__(self, side: Side, codes: Sequence[str], table: pa.Table) -> None:
        self._side = side
        self._codes = codes
        self._table = table.combine_chunks()
        self._rows: dict[str, int] = {key: row for row, key in enumerate(table.column("id").to_pylist())}

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, ids: Collection[str]) -> Mapping[str, Record]:
        """These records by id; absent ones are left out. Ask for some hundreds at once."""
        import pyarrow as pa

        rows = [self._rows[key] for key in ids if key in self._rows]
        if not rows:
            return {}
        records = _to_records(self._side, self._codes, self._table.take(pa.array(rows, pa.int64())))
        return {record.id: record for record in records}


def snapshots_folder(state_dir: Path) -> Path:
    """Where the snapshots of a state are."""
    return state_dir / "snapshots"


def open_snapshot(folder: Path) -> Snapshot:
    """Open one snapshot and check that its files are whole.

    Raises:
        InputFileError: not a snapshot, of another format, truncated or damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    manifest = read_manifest(folder)
    snapshot = Snapshot(folder, manifest)
    expected = {"id", "updated_at", "digest", *(delivered(field.code) for field in manifest.fields)}
    for table in TABLES:
        try:
            size = (folder / table).stat().st_size
            if size != manifest.sizes.get(table, size):
                raise damaged(folder, f"{table} has {size} bytes instead of {manifest.sizes[table]}")
            with pq.ParquetFile(folder / table) as file:
                rows, names = file.metadata.num_rows, set(file.schema_arrow.names)
        except FileNotFoundError:
            raise damaged(folder, f"{table} is missing") from None
        except (pa.ArrowException, OSError) as error:
            raise damaged(folder, f"{table}: {str(error).splitlines()[0][:300]}") from error
        if table == RECORDS and (rows != manifest.rows or not expected <= names):
            raise damaged(folder, f"{table} does not hold what the manifest says")
    return snapshot


def list_snapshots(state_dir: Path, side: Side | None = None) -> list[Snapshot]:
    """Every snapshot of the state, or of one side, newest first.

    Raises:
        InputFileError: one of them cannot be read; the message names its folder.
    """
    return [open_snapshot(folder) for folder in snapshot_folders(state_dir, side)]


def latest(state_dir: Path, side: Side) -> Snapshot | None:
    """The newest snapshot of a side, or None when nothing was read yet.

    Raises:
        InputFileError: the newest cannot be read. An older one is never taken silently in its place.
    """
    return next((open_snapshot(folder) for folder in snapshot_folders(state_dir, side)), None)


def snapshot_folders(state_dir: Path, side: Side | None) -> list[Path]:
    """The folders of all snapshots or of one side, newest first, by the time in their names; nothing is read."""
    folder = snapshots_folder(state_dir)
    sides = tuple(f"{one}-" for one in ([side] if side else Side))
    if not folder.is_dir():
        return []
    found = [
        path for path in folder.iterdir() if path.name.startswith(sides) and not path.name.startswith(HIDDEN)
    ]
    return sorted(found, key=lambda path: (path.name.split("-", 1)[1], path.name), reverse=True)


def _to_records(side: Side, codes: Sequence[str], batch: pa.RecordBatch | pa.Table) -> list[Record]:
    ids: list[str] = batch.column(0).to_pylist()
    times: list[str | None] = batch.column(1).to_pylist()
    values: list[dict[str, Value]] = [{} for _ in ids]
    for number, code in enumerate(codes):
        for row, text in zip(values, batch.column(number + 2).to_pylist(), strict=True):
            if text is not None:
                row[code] = decode_value(text)
    return [Record(side, *parts) for parts in zip(ids, values, times, strict=True)]
