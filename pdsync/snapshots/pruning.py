"""Removes old snapshots: they hold personal data, and nobody looks at them again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pdsync.model import Side
from pdsync.snapshots.files import clean_leftovers, remove_folder, storage_errors
from pdsync.snapshots.reader import snapshot_folders, snapshots_folder

__all__ = ["prune"]


def prune(
    state_dir: Path,
    *,
    keep: int = 10,
    older_than: timedelta | None = None,
    protect: Collection[str] = (),
    now: datetime | None = None,
) -> list[str]:
    """Remove snapshots that are not among the newest ``keep`` of their side, or older than ``older_than``.

    Never the newest of a side, and none whose id is in ``protect`` (those behind a run that can be undone, design 7).
    Damaged ones go by the same rules, as their name says side and time. Also clears away what killed writers left.

    Returns:
        The ids removed, newest first.

    Raises:
        StateError: a snapshot cannot be removed.
    """
    folder = snapshots_folder(state_dir)
    clean_leftovers(folder)
    moment = now or datetime.now(UTC)
    removed = []
    for side in Side:
        for place, path in enumerate(snapshot_folders(state_dir, side)):
            too_old = older_than is not None and moment - _taken_at(path) > older_than
            if place > 0 and (place >= keep or too_old) and path.name not in protect:
                with storage_errors(folder):
                    remove_folder(path)
                removed.append(path.name)
    return removed


def _taken_at(path: Path) -> datetime:
    """By the name; one that says no time counts as oldest."""
    try:
        return datetime.strptime(path.name.split("-")[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
