"""Writing the files of a snapshot: private, in bounded memory, and whole or not at all.

A snapshot grows in a hidden folder beside the others and gets its name by one rename after everything reached the disk.
The hidden folder is locked while its writer lives, so that the next writer can tell a leftover from work in progress.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.errors import StateError, StorageFull

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HIDDEN", "ParquetStream", "StagingFolder", "clean_leftovers", "remove_folder", "storage_errors"]

HIDDEN: Final = ".writing-"
"""Prefix of folders that are no snapshot yet, or no longer one."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
_GROUP_BYTES: Final = 32 * 1024 * 1024
_GROUP_ROWS: Final = 50_000


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """The border at which the operating system's errors on writing become pdsync's."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(
                f"No room left for a snapshot in {folder}.",
                untouched="The unfinished snapshot was removed; earlier ones are kept.",
                next_step="Make room (old snapshots: pdsync keeps the newest of each side), then run the command again.",
            ) from error
        raise StateError(
            f"Snapshots cannot be written to {folder}: {error.strerror or error}.",
            untouched="The unfinished snapshot was removed; earlier ones are kept.",
            next_step="Check the folder's owner and rights, or choose another one with --state.",
        ) from error


class StagingFolder:
    """A hidden, locked folder that becomes a snapshot by ``publish`` or vanishes by ``discard``."""

    def __init__(self, parent: Path) -> None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._parent = parent
        while True:
            self.path = parent / f"{HIDDEN}{secrets.token_hex(8)}"
            self.path.mkdir(mode=0o700)
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            # Between mkdir and flock somebody's clean-up may have taken the folder for a leftover: then take another.
            if _try_lock(self._lock) and self.path.exists():
                break
            os.close(self._lock)

    def publish(self, name: str) -> Path:
        """Give the folder its final name, after it has reached the disk."""
        final = self._parent / name
        os.fsync(self._lock)
        self.path.rename(final)
        _sync_folder(self._parent)
        self._unlock()
        return final

    def discard(self) -> None:
        """Remove it with all it holds; safe to call twice."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def write_text(self, name: str, text: str) -> None:
        """Write one small file, private, and wait until it is on the disk."""
        with open(_create(self.path / name), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


class ParquetStream:
    """One Parquet file that grows by row groups; holds at most about 32 MB of rows in memory."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        os.close(_create(path))
        self.path = path
        self.schema = schema
        self._sink = pa.OSFile(str(path), "wb")
        self._writer: Any = pq.ParquetWriter(
            self._sink, schema, compression="zstd", write_page_checksum=True, store_schema=True
        )
        self._held: list[pa.RecordBatch] = []
        self._bytes = 0
        self._rows = 0

    def write(self, columns: Sequence[Sequence[Any]]) -> None:
        """Add rows, given column by column in the order of the schema."""
        import pyarrow as pa

        arrays = [pa.array(values, field.type) for values, field in zip(columns, self.schema, strict=True)]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self.schema)
        self._held.append(batch)
        self._bytes += batch.nbytes
        self._rows += batch.num_rows
        if self._bytes >= _GROUP_BYTES or self._rows >= _GROUP_ROWS:
            self._flush()

    def close(self) -> int:
        """Write what is held and the footer, wait for the disk, and return the file's size in bytes."""
        self._flush()
        self._writer.close()
        self._sink.close()
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            return os.fstat(descriptor).st_size
        finally:
            os.close(descriptor)

    def abort(self) -> None:
        """Let go of the file, in whatever state it is."""
        self._held.clear()
        with suppress(Exception):  # the disk may be full: the footer need not fit
            self._writer.close()
        self._writer.is_open = False
        with suppress(Exception):
            self._sink.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            held, self._held = self._held, []
            self._bytes = self._rows = 0
            table = pa.Table.from_batches(held, self.schema).combine_chunks()
            self._writer.write_table(table, row_group_size=max(1, table.num_rows))


def clean_leftovers(parent: Path) -> int:
    """Remove hidden folders that no living process is writing; how many there were."""
    removed = 0
    for folder in parent.glob(f"{HIDDEN}*"):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            continue
        try:
            if _try_lock(lock):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        finally:
            os.close(lock)
    return removed


def remove_folder(folder: Path) -> None:
    """Remove a snapshot so that it is never seen half there: first its name, then its files."""
    hidden = folder.with_name(f"{HIDDEN}{secrets.token_hex(8)}")
    folder.rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _create(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
