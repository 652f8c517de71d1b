"""The state folder: where ledger, snapshots, plans and audits of one pair of accounts live.

It holds personal data: only its owner may look inside (0700), and it carries its own ``.gitignore``, so that it stays
out of git wherever it is put.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from pdsync.errors import StateError, StorageFull

__all__ = ["StateFolder", "no_room"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class StateFolder:
    """The paths inside; nothing exists until ``prepare`` is called."""

    root: Path

    @property
    def database(self) -> Path:
        """Ledger, journal and runs."""
        return self.root / "state.sqlite3"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    @property
    def plans(self) -> Path:
        return self.root / "plans"

    @property
    def audits(self) -> Path:
        return self.root / "audits"

    @property
    def fixes(self) -> Path:
        """Where a screen keeps its fix file: it is private here, and outside of git."""
        return self.root / "fixes.yaml"

    @property
    def crashes(self) -> Path:
        """Reports of bugs, without personal data."""
        return self.root / "crashes"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    def prepare(self) -> StateFolder:
        """Make the folders where they are missing, for this user only.

        Raises:
            StorageFull: no room left.
            StateError: the folder cannot be made or written.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.chmod(0o700)
            for folder in (self.snapshots, self.plans, self.audits):
                folder.mkdir(mode=0o700, exist_ok=True)
            ignore = self.root / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
                ignore.chmod(0o600)
        except OSError as error:
            if error.errno in _FULL:
                raise no_room(self.root) from error
            raise StateError(
                f"The state folder {self.root} cannot be used: {error.strerror}.",
                untouched="Nothing was read or written.",
                next_step="Name another folder with --state or PDSYNC_STATE.",
            ) from error
        return self


def no_room(where: Path) -> StorageFull:
    """The one message for a full disk."""
    return StorageFull(
        f"There is no room left for {where}.",
        untouched="What was there before is as it was.",
        next_step="Make room, or name another folder with --state or PDSYNC_STATE; then run the same command again.",
    )
