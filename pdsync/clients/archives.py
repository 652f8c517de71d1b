"""Whether an XLSX file may be handed to a reader: it is a ZIP from somewhere, and small files can claim to be huge.

Two bombs are known. A ZIP whose parts unpack to gigabytes: so every part is unpacked once and counted, whatever its
header claims. And a sheet with one cell far out, for readers hold a sheet as a full rectangle: so the furthest row and
column are looked for. Nothing is kept of what is unpacked.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from pdsync.errors import InputFileError

__all__ = ["LARGEST_UNPACKED", "MOST_CELLS", "MOST_PARTS", "check_workbook"]

LARGEST_UNPACKED: Final = 1024 * 1024 * 1024
"""Bytes of all parts together; 300,000 contacts with 40 columns unpack to about 0.6 GB."""
MOST_PARTS: Final = 2_000
MOST_CELLS: Final = 50_000_000
"""Cells of a sheet's rectangle."""
_CHUNK: Final = 1 << 20
_REFERENCE: Final = re.compile(rb"""\br=["']([A-Za-z]{0,3})([0-9]{1,9})["']""")
_LONGEST_REFERENCE: Final = 24
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")


def check_workbook(path: Path) -> None:
    """Pass, or say why not.

    Raises:
        InputFileError: no ZIP, not a workbook, encrypted, or too large once unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names:
            raise _refusal(
                path, "is a ZIP file, but no workbook (XLSX)", "Unpack it, or save the table as XLSX or CSV."
            )
        if len(parts) > MOST_PARTS:
            raise _refusal(path, f"has {len(parts):,} parts; a workbook has a few dozen")
        left = LARGEST_UNPACKED
        with path.open("rb") as file:
            for part in parts:
                left -= _measure(path, file, part, left)
    except zipfile.BadZipFile as error:
        raise _refusal(path, f"is damaged: {error}", "Export it again.") from error
    except (OSError, zlib.error, struct.error) as error:
        raise _refusal(path, f"cannot be read: {error}", "Export it again.") from error


def _measure(path: Path, file: BinaryIO, part: zipfile.ZipInfo, left: int) -> int:
    """The unpacked size of a part; a sheet's rectangle is looked at on the way."""
    is_sheet = part.filename.startswith("xl/worksheets/")
    size, furthest_row, furthest_column, tail = 0, 0, 0, b""
    for chunk in _unpacked(path, file, part):
        size += len(chunk)
        if size > left:
            raise _refusal(path, f"unpacks to more than {LARGEST_UNPACKED // 2**20:,} MB", "Save it as CSV.")
        if is_sheet:
            text = tail + chunk
            for letters, digits in set(_REFERENCE.findall(text)):
                furthest_row = max(furthest_row, int(digits))
                furthest_column = max(furthest_column, _column(letters))
            tail = text[-_LONGEST_REFERENCE:]
    if furthest_row * max(furthest_column, 1) > MOST_CELLS:
        raise _refusal(
            path,
            f"has a cell in row {furthest_row:,} and one in column {furthest_column:,}: too large a rectangle",
            "Delete the stray cells, or save it as CSV.",
        )
    return size


def _unpacked(path: Path, file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    if part.flag_bits & 1:
        raise _refusal(path, "is protected by a password", "Save it without one.")
    file.seek(part.header_offset)
    signature, name_length, extra_length = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("a part is not where the list says")
    file.seek(name_length + extra_length, 1)
    packed = part.compress_size
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refusal(path, "is packed in a way that workbooks are not")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while packed > 0:
        data = file.read(min(_CHUNK, packed))
        if not data:
            raise zipfile.BadZipFile("it ends too early")
        packed -= len(data)
        if inflate is None:
            yield data
            continue
        while data:
            yield inflate.decompress(data, _CHUNK)
            data = inflate.unconsumed_tail


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _refusal(path: Path, problem: str, next_step: str = "") -> InputFileError:
    return InputFileError(f"{path} {problem}.", untouched="Nothing was read or written.", next_step=next_step)
