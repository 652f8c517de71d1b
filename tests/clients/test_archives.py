"""Workbooks that are bombs: refused before a reader sees them, in bounded memory."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from pdsync.clients import archives
from pdsync.clients.archives import check_workbook
from pdsync.errors import InputFileError

SHEET = b'<worksheet><sheetData><row r="1"><c r="A1" t="s"/></row>%s</sheetData></worksheet>'


def _zip(path: Path, parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _workbook(path: Path, sheet: bytes = SHEET % b"", **more: bytes) -> Path:
    return _zip(path, {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": sheet} | more)


def test_an_ordinary_workbook_passes(tmp_path: Path) -> None:
    """Packed or stored."""
    check_workbook(_workbook(tmp_path / "a.xlsx"))
    check_workbook(_zip(tmp_path / "b.xlsx", {"xl/workbook.xml": b"<workbook/>"}, zipfile.ZIP_STORED))


def test_a_part_that_unpacks_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted while it is unpacked, a megabyte at a time; nothing is kept."""
    monkeypatch.setattr(archives, "LARGEST_UNPACKED", 30 * 2**20)
    path = _workbook(tmp_path / "bomb.xlsx", **{"xl/sharedStrings.xml": b"\0" * (60 * 2**20)})
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    with pytest.raises(InputFileError, match="unpacks to more than 30 MB"):
        check_workbook(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * 2**20


def test_a_header_that_lies_about_the_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes are counted, not believed: a part that claims ten bytes is still unpacked to its end."""
    monkeypatch.setattr(archives, "LARGEST_UNPACKED", 2**20)
    path = _workbook(tmp_path / "liar.xlsx", **{"xl/media/x": b"\0" * (4 * 2**20)})
    content = path.read_bytes()
    size = struct.pack("<I", 4 * 2**20)
    assert size in content
    path.write_bytes(content.replace(size, struct.pack("<I", 10)))
    with pytest.raises(InputFileError, match="unpacks to more than"):
        check_workbook(path)


@pytest.mark.parametrize(
    "cell", [b'<c r="XFD1048576"/>', b"<c s='1' r='xfd1048576'/>", b'<row r="1048576"><c r="ZZ1"/></row>']
)
def test_a_cell_far_out(tmp_path: Path, cell: bytes) -> None:
    """Readers hold a sheet as a rectangle: a few hundred bytes would ask for gigabytes."""
    with pytest.raises(InputFileError, match="too large a rectangle"):
        check_workbook(_workbook(tmp_path / "far.xlsx", SHEET % cell))


def test_a_reference_across_two_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The far cell is found wherever the chunks are cut."""
    for size in range(30, 90, 7):
        monkeypatch.setattr(archives, "_CHUNK", size)
        with pytest.raises(InputFileError, match="rectangle"):
            check_workbook(_workbook(tmp_path / f"{size}.xlsx", SHEET % b'<c r="XFD1048576"/>'))


def test_tall_but_narrow_is_fine(tmp_path: Path) -> None:
    """A million rows of forty columns is an export, not a bomb."""
    check_workbook(_workbook(tmp_path / "tall.xlsx", SHEET % b'<c r="AN1048576"/>'))


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"readme.txt": b"x"}, "no workbook"),
        ({"xl/workbook.xml": b""} | {f"p{n}": b"" for n in range(2100)}, "2,101 parts"),
    ],
)
def test_archives_that_are_no_workbook(tmp_path: Path, parts: dict[str, bytes], says: str) -> None:
    """Said in words."""
    with pytest.raises(InputFileError, match=says):
        check_workbook(_zip(tmp_path / "x.xlsx", parts))


def test_packed_in_an_odd_way(tmp_path: Path) -> None:
    """Workbooks are deflated or stored."""
    with pytest.raises(InputFileError, match="packed in a way"):
        check_workbook(_zip(tmp_path / "x.xlsx", {"xl/workbook.xml": b"x" * 100}, zipfile.ZIP_LZMA))


def test_a_password(tmp_path: Path) -> None:
    """An encrypted part is named as such."""
    path = _workbook(tmp_path / "x.xlsx")
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(InputFileError, match="password"):
        check_workbook(path)


def test_damage(tmp_path: Path) -> None:
    """A broken stream, a part that is elsewhere, a file that ends early."""
    path = _workbook(tmp_path / "x.xlsx", SHEET % (b"x" * 2000))
    content = path.read_bytes()
    broken = bytearray(content)
    start = content.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml")
    broken[start : start + 8] = b"\xff" * 8
    moved = content.replace(b"PK\x03\x04", b"PK\x03\x05", 1)
    for number, bad in enumerate((bytes(broken), moved, content[:-30])):
        other = tmp_path / f"{number}.xlsx"
        other.write_bytes(bad)
        with pytest.raises(InputFileError, match=r"damaged|cannot be read"):
            check_workbook(other)
