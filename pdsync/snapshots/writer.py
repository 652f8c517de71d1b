"""Streams the records of one side into a snapshot."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from pdsync.errors import PdsyncError
from pdsync.model import Account, BoundMapping, Coverage, Record, RemoteSchema, Side
from pdsync.snapshots.columns import Tabulator, table_schemas
from pdsync.snapshots.files import ParquetStream, StagingFolder, clean_leftovers, storage_errors
from pdsync.snapshots.manifest import MANIFEST, TABLES, Manifest, as_text

if TYPE_CHECKING:
    from pdsync.snapshots.reader import Snapshot

__all__ = ["SnapshotWriter"]

_CHUNK: Final = 2_000
"""Records that are turned into columns at once: enough to spread the cost, few enough to hold as Python values."""


class SnapshotWriter:
    """Takes records page by page and ends as one snapshot, or as nothing.

    Used as a context manager: leaving it without ``finish`` removes all that was written. An id that comes twice
    (paging over data that moves) is kept once, as it came last.

    Args:
        folder: the ``snapshots`` folder of the state; made if absent.
        side: whose records they are.
        schema: the fields to keep; values of other codes are dropped.
        account: whose data this is.
        bound: the mapping that digests rest on, or None for a snapshot without digests.
        taken_at: when the read began, by this machine's clock; must know its time zone.
        service_time: the same moment by the service's clock, from which an increment goes on.

    Raises:
        StorageFull: no room left; nothing half done stays behind.
        StateError: the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        side: Side,
        schema: RemoteSchema,
        account: Account,
        *,
        bound: BoundMapping | None,
        taken_at: datetime,
        service_time: datetime | None = None,
    ) -> None:
        self.folder = folder
        self.side = side
        self.schema = schema
        self.account = account
        self.bound = bound
        self.taken_at = taken_at.astimezone(UTC)
        self.service_time = service_time
        self.seen: set[str] = set()
        """Ids added so far."""
        self._again: dict[str, int] = {}
        """Ids that came more than once -> how many times too often."""
        self._pending: list[Record] = []
        self._tabulator = Tabulator(schema, bound)
        self._open = True
        with storage_errors(folder):
            self._staging = StagingFolder(folder)
        clean_leftovers(folder)
        self._streams: list[ParquetStream] = []
        try:
            with storage_errors(folder):
                for name, arrow in zip(TABLES, table_schemas(schema), strict=True):
                    self._streams.append(ParquetStream(self._staging.path / name, arrow))
        except PdsyncError:
            self.abort()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()

    @property
    def rows(self) -> int:
        """Distinct records added so far."""
        return len(self.seen)

    def add(self, records: Sequence[Record]) -> None:
        """Add records, in the order read.

        Raises:
            StorageFull, StateError: as above; the writer is then closed.
            BadAnswer: a record that cannot be kept (of the other side, without an id).
        """
        for record in records:
            if record.id in self.seen:
                self._again[record.id] = self._again.get(record.id, 0) + 1
            else:
                self.seen.add(record.id)
        self._pending.extend(records)
        if len(self._pending) >= _CHUNK:
            self._drain()

    def finish(self, coverage: Coverage, *, increment_of: str = "") -> Snapshot:
        """Write what is left, then the manifest, then give the snapshot its name; return it opened.

        Raises:
            StorageFull, StateError: as above; nothing half done stays behind.
        """
        from pdsync.snapshots.reader import open_snapshot

        self._drain()
        try:
            with storage_errors(self.folder):
                sizes = {stream.path.name: stream.close() for stream in self._streams}
                manifest = self._manifest(coverage, sizes, increment_of)
                self._staging.write_text(MANIFEST, manifest.to_json())
                if self._again:
                    return self._rewritten(manifest)
                published = self._staging.publish(manifest.id)
                self._open = False
        except BaseException:
            self.abort()
            raise
        return open_snapshot(published)

    def abort(self) -> None:
        """Remove everything that was written; does nothing after ``finish``."""
        if not self._open:
            return
        self._open = False
        self._pending.clear()
        for stream in self._streams:
            stream.abort()
        self._staging.discard()

    def _drain(self) -> None:
        pending, self._pending = self._pending, []
        try:
            for start in range(0, len(pending), _CHUNK):
                tables = self._tabulator.columns(pending[start : start + _CHUNK])
                with storage_errors(self.folder):
                    for stream, columns in zip(self._streams, tables, strict=True):
                        stream.write(columns)
        except BaseException:
            self.abort()
            raise

    def _rewritten(self, manifest: Manifest) -> Snapshot:
        """Write the snapshot a second time, each id only as it came last; rare, so it may take twice as long."""
        from pdsync.snapshots.reader import Snapshot

        staged = Snapshot(self._staging.path, manifest)
        skip = dict(self._again)
        with SnapshotWriter(
            self.folder,
            self.side,
            self.schema,
            self.account,
            bound=self.bound,
            taken_at=self.taken_at,
            service_time=self.service_time,
        ) as second:
            for batch in staged.records():
                kept = []
                for record in batch:
                    if skip.get(record.id, 0):
                        skip[record.id] -= 1
                    else:
                        kept.append(record)
                second.add(kept)
            self.abort()
            return second.finish(manifest.coverage, increment_of=manifest.increment_of)

    def _new_id(self) -> str:
        """Side, second, and eight hex digits: the microsecond, so that names sort by time, and some dice."""
        while True:
            digits = f"{self.taken_at.microsecond:05x}{secrets.randbelow(4096):03x}"
            name = f"{self.side}-{self.taken_at:%Y%m%dT%H%M%SZ}-{digits}"
            if not (self.folder / name).exists():
                return name

    def _manifest(self, coverage: Coverage, sizes: dict[str, int], increment_of: str) -> Manifest:
        return Manifest(
            id=self._new_id(),
            side=self.side,
            account=self.account,
            fields=self.schema.fields,
            capabilities=self.schema.capabilities,
            coverage=coverage,
            taken_at=as_text(self.taken_at),
            service_time=as_text(self.service_time) if self.service_time else "",
            rows=self.rows,
            highest_id=max(self.seen, key=lambda one: (len(one), one), default=""),
            sizes=sizes,
            digest_basis=self.bound.version if self.bound is not None else "",
            increment_of=increment_of,
        )
