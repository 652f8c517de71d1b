"""Renews a snapshot from what changed, so that the hours between two full reads cost little.

An increment sees new and changed records, never deletions. What it leaves is therefore complete for absence (whoever is not
in it is not there: new records came with the increment) but not for presence: a record deleted since the last full
read may still be in it. ``Coverage.full_read_at`` says since when; writing such a record ends as not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pdsync.model import Account, BoundMapping, Coverage, Record, RemoteSchema
from pdsync.snapshots.reader import Snapshot
from pdsync.snapshots.writer import SnapshotWriter

__all__ = ["complete_increment", "merge_increment"]


def merge_increment(
    previous: Snapshot,
    changed: Iterable[Sequence[Record]],
    *,
    folder: Path,
    schema: RemoteSchema,
    account: Account,
    bound: BoundMapping | None,
    taken_at: datetime,
    service_time: datetime | None = None,
) -> Snapshot:
    """A new snapshot: the previous one with these records in place of their earlier selves.

    Args:
        previous: what the increment goes on from; complete or partial, and the new one is the same.
        changed: pages of records as they are now.
        folder: the ``snapshots`` folder of the state.
        schema: the fields as they are now; a field that the previous snapshot lacks is missing in its records.
        account: whose data this is.
        bound: as in ``SnapshotWriter``.
        taken_at: when the increment's read began.
        service_time: the same by the service's clock.

    Raises:
        StorageFull, StateError: nothing half done stays behind.
        InputFileError: the previous snapshot is damaged.
    """
    with SnapshotWriter(
        folder, previous.side, schema, account, bound=bound, taken_at=taken_at, service_time=service_time
    ) as writer:
        for page in changed:
            writer.add(page)
        return complete_increment(writer, previous)


def complete_increment(writer: SnapshotWriter, previous: Snapshot) -> Snapshot:
    """Finish a writer that holds what changed: add everybody else from the previous snapshot."""
    changed = frozenset(writer.seen)
    for batch in previous.records():
        writer.add([record for record in batch if record.id not in changed])
    return writer.finish(_renewed(previous), increment_of=previous.id)


def _renewed(previous: Snapshot) -> Coverage:
    full_read_at = previous.coverage.full_read_at or previous.manifest.taken_at
    return replace(previous.coverage, full_read_at=full_read_at)
