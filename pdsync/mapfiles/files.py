"""A file's bytes as text, or the one reason why they are none."""

from __future__ import annotations

import codecs
from pathlib import Path

from pdsync.mapfiles.document import MAX_BYTES, Source
from pdsync.model import Finding, Place, Severity

__all__ = ["read_source"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What editors put first; YAML 1.2 (5.2) asks readers to accept all three. It takes no column."""


def read_source(path: Path | str) -> tuple[Source | None, tuple[Finding, ...]]:
    """The text of a UTF-8 or UTF-16 file of at most ``MAX_BYTES``; never raises for what the disk says."""
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None, (_unreadable(name, "there is no such file", "pdsync init writes one"),)
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
        return Source(name, body.decode(encoding)), ()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, "replace")
        place = Source(name, before).place(len(before))
        message = f"the byte 0x{body[error.start]:02X} is not {encoding.upper()}; save the file as UTF-8"
        return None, (Finding("file-encoding", Severity.BLOCKING, message, place=place),)


def _unreadable(name: str, message: str, fix: str = "") -> Finding:
    return Finding("file-unreadable", Severity.BLOCKING, message, place=Place(name, 1, 1), fix=fix)
