"""One SQLite file: opened, checked, brought to today's format, and connected to safely.

WAL, so that a plan can be made while a run is writing; every commit reaches the disk before it counts (synchronous =
FULL), because an acknowledged change must survive the power cut; mode 0600, because it holds personal data.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdsync import __version__
from pdsync.errors import StateError, StateFromFuture
from pdsync.store.border import sql_border, unusable
from pdsync.store.lock import StateLock

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

__all__ = ["Database"]

_PATIENCE = 10.0
"""Seconds to wait for another connection's commit; runs keep others out by the lock, so this is for readers."""


class Database:
    """Both ways into one state file: ``reading`` cannot write, ``writing`` is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader = _engine(path, begin="BEGIN", read_only=True)
        self._writer = _engine(path, begin="BEGIN IMMEDIATE", read_only=False)

    @classmethod
    def open(cls, path: Path, lock: StateLock) -> Database:
        """Open the file, making it or bringing it to today's format first (which takes the lock).

        Raises:
            StateError: it is damaged, foreign or may not be used.
            StateFromFuture: a newer pdsync wrote it.
            StateLocked: its format is old and another process holds the lock.
            StorageFull
        """
        from pdsync.store.migrations import FORMAT

        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            path.chmod(0o600)
        except OSError as error:
            raise unusable(path, error, "opened") from error
        database = cls(path)
        try:
            if database._format() < FORMAT:
                lock.acquire("migration of the state")
                try:
                    database._migrate()
                finally:
                    lock.release()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view of everything committed so far."""
        with sql_border(self.path), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it, or nothing."""
        with sql_border(self.path), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()

    def _format(self) -> int:
        """The format of the file: 0 for an empty one.

        Raises:
            StateError, StateFromFuture
        """
        from pdsync.store.migrations import FORMAT

        with self.reading() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = set(names.scalars())
            if not tables:
                return 0
            if not {"meta", "links", "journal"} <= tables:
                raise StateError(
                    f"{self.path} is a database of another program, not a state of pdsync.",
                    untouched="Nothing was changed.",
                    next_step="Name another folder with --state or PDSYNC_STATE.",
                )
            rows = connection.exec_driver_sql(
                "SELECT key, value FROM meta WHERE key IN ('format', 'written_by')"
            )
            known: dict[str, str] = {str(key): str(value) for key, value in rows}
        written = int(known.get("format", "0"))
        if written > FORMAT:
            raise StateFromFuture(
                f"{self.path} was written by pdsync {known.get('written_by', '')} (state format {written}); this is pdsync "
                f"{__version__}, which knows formats up to {FORMAT}.",
                untouched="Nothing was changed.",
                next_step="Upgrade pdsync, or name another folder with --state or PDSYNC_STATE.",
            )
        return written

    def _migrate(self) -> None:
        import sqlalchemy as sa

        from pdsync.store.migrations import MIGRATIONS, migrate
        from pdsync.store.tables import meta

        written = self._format()
        for number, step in enumerate(MIGRATIONS[written:], written + 1):
            with self.writing() as connection:
                migrate(connection, step)
                for key, value in (("format", str(number)), ("written_by", __version__)):
                    connection.execute(sa.update(meta).where(meta.c.key == key).values(value=value))


def _engine(path: Path, *, begin: str, read_only: bool) -> Engine:
    import sqlalchemy as sa

    # Parameters hold personal data: never in an error or a log.
    url = sa.URL.create("sqlite", database=str(path))
    engine = sa.create_engine(url, connect_args={"timeout": _PATIENCE}, hide_parameters=True)

    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - a DBAPI connection has no type of its own
        connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    sa.event.listen(engine, "connect", prepare)
    sa.event.listen(engine, "begin", start)
    return engine
