"""Writes files that hold people: readable by their owner only, and either whole or not there."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pdsync.engine.folder import no_room
from pdsync.errors import UsageError

__all__ = ["private_file"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def private_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to write (mode 0600), which takes the place of ``target`` when everything went well, and vanishes otherwise.

    Raises:
        UsageError: the folder is not there or may not be written.
        StorageFull: no room left.
    """
    try:
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.", suffix=".tmp")
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _unwritable(target: Path, error: OSError) -> Exception:
    if error.errno in _FULL:
        return no_room(target)
    return UsageError(
        f"{target} cannot be written: {error.strerror or error}.",
        untouched="What was there before is as it was.",
        next_step="Name another file.",
    )
