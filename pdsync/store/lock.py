"""One writer per state folder: a lock that the operating system takes back when its holder dies.

The file says who holds it, for people; the lock itself is the kernel's, so that a crashed run never has to be cleaned
up after, and nobody is ever asked to delete a lock file.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from pdsync.errors import StateError, StateLocked
from pdsync.store.border import is_full, storage_full

__all__ = ["StateLock"]


class StateLock:
    """Taken with ``acquire``, given back with ``release`` or by the death of the process. Counts nested takers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._depth = 0

    @property
    def held(self) -> bool:
        """Whether this very object holds the lock."""
        return self._descriptor is not None

    def acquire(self, verb: str) -> None:
        """Take the lock, or say at once who has it.

        Raises:
            StateLocked: another process (or another object of this one) holds it.
            StateError, StorageFull: the file cannot be made.
        """
        if self._descriptor is not None:
            self._depth += 1
            return
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(self._path, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held = _locked(descriptor)
            os.close(descriptor)
            raise held from None
        except OSError as error:
            os.close(descriptor)
            raise _unusable(self._path, error) from error
        try:
            _sign(descriptor, verb)
        except OSError as error:
            os.close(descriptor)
            raise _unusable(self._path, error) from error
        self._descriptor, self._depth = descriptor, 1

    def release(self) -> None:
        """Give back what the last ``acquire`` took; the lock is free once every taker gave it back."""
        if self._descriptor is None:
            return
        self._depth -= 1
        if self._depth == 0:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)


def _sign(descriptor: int, verb: str) -> None:
    text = json.dumps(
        {
            "user": _user(),
            "host": socket.gethostname(),
            "process": os.getpid(),
            "verb": verb,
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
    )
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return str(os.getuid())


def _locked(descriptor: int) -> StateLocked:
    holder, since = "another process", None
    try:
        said = json.loads(os.pread(descriptor, 4096, 0))
        holder = f"{said['user']}@{said['host']}, process {said['process']}, pdsync {said['verb']}"
        since = datetime.fromisoformat(said["since"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # it has just been taken and is not signed yet
    when = f" since {since:%Y-%m-%d %H:%M:%S} UTC" if since is not None else ""
    return StateLocked(
        f"This state is in use{when}: {holder}.",
        holder=holder,
        since=since,
        untouched="Nothing was read or written.",
        next_step="Wait until it has finished, or end it; the lock is free the moment that process is gone.",
    )


def _unusable(path: Path, error: OSError) -> StateError:
    if is_full(error):
        return storage_full(path)
    return StateError(
        f"The lock {path} cannot be taken: {error.strerror}.",
        untouched="Nothing was read or written.",
        next_step="Name another folder with --state or PDSYNC_STATE.",
    )
