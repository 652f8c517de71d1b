"""The time of the stand-ins: the machine's clock plus an offset that tests push forward.

Everything that has to do with time asks here: time stamps, burst windows, the daily budget, the 30 days after
which a deleted person is gone, late commits. Pushing the clock thus replaces waiting. The offset is kept in the
file, so that a restart does not turn time back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from pdsync.sandbox.database import Database

_SETTING = "clock_offset_seconds"


class Clock:
    """Seconds since 1970, in the time of the stand-ins."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._offset = float(db.setting(_SETTING, 0.0))
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        """The time now."""
        return time.time() + self._offset

    def utc(self) -> datetime:
        """The time now, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def stamp(self) -> str:
        """The time now in whole seconds, as Pipedrive's v2 writes it: ``2026-09-01T08:15:00Z``."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now()))

    @property
    def offset(self) -> float:
        """How far the clock is ahead of the machine's, in seconds."""
        return self._offset

    def advance(self, seconds: float) -> None:
        """Push the clock forward. Whoever waits for a time looks again."""
        self._set(self._offset + seconds)

    def restore(self) -> None:
        """Back to the machine's time."""
        self._set(0.0)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change of the offset."""
        self._listeners.append(listener)

    def _set(self, offset: float) -> None:
        self._offset = offset
        self._db.set_setting(_SETTING, offset or None)
        for listener in self._listeners:
            listener()
