"""A file's bytes as text, or the one reason why they are none; and text as a file, all of it or nothing."""

from __future__ import annotations

import codecs
import errno
import os
import tempfile
from pathlib import Path

from pdsync.errors import InputFileError, StorageFull
from pdsync.mapfiles.document import MAX_BYTES, Source
from pdsync.model import Finding, Place, Severity

__all__ = ["read_source", "write_whole"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What editors put first; YAML 1.2 (5.2) asks readers to accept all three. It takes no column."""


def read_source(path: Path | str, *, missing: str = "") -> tuple[Source | None, tuple[Finding, ...]]:
    """The text of a UTF-8 or UTF-16 file of at most ``MAX_BYTES``; never raises for what the disk says.

    ``missing``: where such a file comes from, said where there is none.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None, (_unreadable(name, "there is no such file", missing),)
    except IsADirectoryError:
        return None, (_unreadable(name, "this is a folder, not a file"),)
    except PermissionError:
        return None, (_unreadable(name, "this file may not be read by you"),)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return None, (_unreadable(name, f"this file cannot be read: {reason}"),)
    if len(raw) > MAX_BYTES:
        return None, (
            _unreadable(name, f"this file is larger than {MAX_BYTES:,} bytes, the most that is read"),
        )
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _BYTE_ORDER_MARKS if raw.startswith(mark)), (b"", "utf-8")
    )
    body = raw[len(mark) :]
    try:
        return Source(name, body.decode(encoding), mark=mark, encoding=encoding), ()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        place = Source(name, before).place(len(before))
        message = f"the byte 0x{body[error.start]:02X} is not {encoding.upper()}; save the file as UTF-8"
        return None, (Finding("file-encoding", Severity.BLOCKING, message, place=place),)


def write_whole(file: Path, raw: bytes) -> None:
    """All of it or nothing: written beside the file, then put in its place. A link stays a link, permissions stay.

    Raises:
        InputFileError, StorageFull: it cannot be written. It is unchanged.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        target = file.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=target.parent)
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(raw)
            beside.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        unchanged = "The file is as it was."
        if error.errno == errno.ENOSPC:
            raise StorageFull(f"No room left on the disk for {file}.", untouched=unchanged) from error
        raise InputFileError(f"{file} cannot be written: {error.strerror}.", untouched=unchanged) from error


def _unreadable(name: str, message: str, fix: str = "") -> Finding:
    return Finding("file-unreadable", Severity.BLOCKING, message, place=Place(name, 1, 1), fix=fix)
