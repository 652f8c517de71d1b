"""Where storage errors become pdsync's: the one border between SQLAlchemy, SQLite, the file system and the rest.

What an error means to the person is decided by its code, never by its text. Statements and their parameters stay out
of messages: they hold personal data.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pdsync.errors import StateError, StorageFull

__all__ = ["is_full", "sql_border", "storage_full", "unusable"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Disk full, quota reached, file size limit (RLIMIT_FSIZE) reached."""
_FULL = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMMAP,
    }
)
"""SQLite says FULL only for ENOSPC; a file size limit shows as a failed write."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def is_full(error: OSError) -> bool:
    """Whether a file operation failed for lack of room."""
    return error.errno in _NO_ROOM


def storage_full(path: Path) -> StorageFull:
    """The one message for a full disk."""
    return StorageFull(
        f"There is no room left for {path}.",
        untouched="What was there before is as it was; a step that did not fit was not half done.",
        next_step="Make room, then run the same command again.",
    )


def unusable(path: Path, error: OSError, what: str) -> StateError:
    """An error of the file system in words: ``what`` could not be done to ``path``."""
    if is_full(error):
        return storage_full(path)
    return StateError(
        f"{path} cannot be {what}: {error.strerror}.",
        untouched="Nothing was changed.",
        next_step="Correct its owner and rights, or name another folder with --state or PDSYNC_STATE.",
    )


@contextmanager
def sql_border(path: Path) -> Iterator[None]:
    """Turn what SQLAlchemy and SQLite raise inside into StateError or StorageFull, naming ``path``."""
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError

    try:
        yield
    except DBAPIError as error:
        raise _translated(path, error.orig) from error
    except SQLAlchemyError as error:
        raise StateError(
            f"The state {path} gave an answer that pdsync does not understand ({type(error).__name__}).",
            untouched="This step was not carried out.",
            next_step="Please report it; a copy of the state folder from before helps.",
        ) from error
    except sqlite3.Error as error:
        raise _translated(path, error) from error


def _translated(path: Path, error: BaseException | None) -> StateError:
    extended = getattr(error, "sqlite_errorcode", 0) or 0
    plain = extended & 0xFF
    if extended in _FULL or plain == sqlite3.SQLITE_FULL:
        return storage_full(path)
    if plain in _DAMAGED:
        return StateError(
            f"{path} is damaged, or no state of pdsync at all.",
            untouched="Nothing was changed.",
            next_step="Put back a copy of it, or start anew with another folder: --state or PDSYNC_STATE.",
        )
    if plain in _READ_ONLY:
        return StateError(
            f"{path} may not be written.",
            untouched="Nothing was changed.",
            next_step="Correct its owner and rights, or name another folder with --state or PDSYNC_STATE.",
        )
    if plain in _BUSY:
        return StateError(
            f"{path} is held by another program for too long.",
            untouched="This step was not carried out.",
            next_step="Close what has it open (a database browser, a backup), then run the same command again.",
        )
    return StateError(
        f"{path} cannot be used: {error}.",
        untouched="This step was not carried out.",
        next_step="Check the disk and the rights of the folder, or name another one with --state or PDSYNC_STATE.",
    )
