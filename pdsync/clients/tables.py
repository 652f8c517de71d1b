"""An export as headers and numbered rows, whatever kind of file it is: CSV (or TSV), XLSX, Parquet.

Exports come from Excel in French, from a Mac of 2009, from a script: encoding, separator and quotes are found out from
the file, not asked for. Rows are read as they are needed; a row that cannot be read is handed on as such, with its line,
and the next one follows. Text that looks like a formula is text.
"""

from __future__ import annotations

import codecs
import csv
import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from pdsync.clients.archives import check_workbook
from pdsync.errors import InputFileError
from pdsync.model import Value

__all__ = ["BadRow", "Row", "Table", "open_table"]

_SAMPLE: Final = 1 << 18
_SEPARATORS: Final = (";", ",", "\t", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LARGEST_ROW_GROUP: Final = 1 << 30
"""Bytes, unpacked."""
_BATCH: Final = 500
_UNREADABLE: Final = "\udcff"
"""Stands for bytes that the encoding does not have. Half a character, so no file can hold it: a U+FFFD that stands in a
file is what somebody's program wrote there, and data (``damaged-name`` finds it)."""


def _marked(error: UnicodeError) -> tuple[str, int]:
    """How decoding goes on behind such bytes."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _UNREADABLE, error.end


_MARKED: Final = "pdsync.marked"
codecs.register_error(_MARKED, _marked)


class Row(NamedTuple):
    """One row: as many cells as there are headers."""

    line: int
    """Counts from 1, the header included; in Parquet the row's number, the first being 1."""
    cells: Sequence[Value]


class BadRow(NamedTuple):
    """One row that cannot be read."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """An opened export."""

    path: Path
    headers: tuple[str, ...]
    header_line: int
    format: str
    """In words: ``CSV, cp1252, separated by ';'``."""
    read: Callable[[], Iterator[Row | BadRow]]
    """All rows from the beginning; may be called again."""


def open_table(path: Path, *, encoding: str = "") -> Table:
    """Look at a file and get ready to read it. ``encoding`` overrides what would be guessed for CSV.

    Raises:
        InputFileError: not there, empty, or of no known kind.
    """
    try:
        with path.open("rb") as file:
            begins = file.read(8)
    except OSError as error:
        raise InputFileError(
            f"{path} cannot be read: {error.strerror or error}.", untouched="Nothing was read or written."
        ) from error
    if begins.startswith(b"PK\x03\x04"):
        return _workbook(path)
    if begins.startswith(b"PAR1"):
        return _parquet(path)
    if begins.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputFileError(
            f"{path} is an old Excel file (XLS) or is protected by a password.",
            untouched="Nothing was read or written.",
            next_step="Save it as XLSX or CSV, without a password.",
        )
    return _csv(path, encoding)


# CSV


@dataclass(frozen=True, slots=True)
class _Dialect:
    encoding: str
    separator: str
    quote: str
    skip: int
    """Lines before the header: Excel's ``sep=;``."""


def _csv(path: Path, encoding: str) -> Table:
    name = encoding or _encoding(path)
    try:
        codecs.lookup(name)
        with path.open(encoding=name, errors=_MARKED, newline="") as file:
            sample = file.read(_SAMPLE)
    except (LookupError, UnicodeError) as error:
        raise InputFileError(
            f"{path} is not text in the encoding {name}: {error}.", untouched="Nothing was read or written."
        ) from error
    dialect = _dialect(name, sample)
    rows = _csv_rows(path, dialect)
    header = next((row for row in rows if isinstance(row, Row)), None)
    if header is None:
        raise _empty(path)
    names = _names(header.cells)
    shown = {"\t": "tab"}.get(dialect.separator, repr(dialect.separator))

    def read() -> Iterator[Row | BadRow]:
        rows = _csv_rows(path, dialect)
        for row in rows:
            if row.line > header.line:
                yield _fitted(row, len(names))

    return Table(path, names, header.line, f"CSV, {name}, separated by {shown}", read)


def _encoding(path: Path) -> str:
    """What a file is probably written in.

    A byte order mark, else UTF-8 if the whole file is (or nearly is: one broken name must not garble all others),
    else what charset-normalizer thinks of the old Western ones.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
        for mark, name in _BOMS:
            if sample.startswith(mark):
                return name
        if b"\0" in sample[:4096]:
            return "utf-16-le" if sample[1:2] == b"\0" else "utf-16-be"
        file.seek(0)
        good, bad = _utf8_census(file.read)
    if bad == 0 or good > 20 * bad:
        return "utf-8"
    from charset_normalizer import from_bytes

    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    best = from_bytes(telling, cp_isolation=["cp1252", "mac_roman"]).best()
    return best.encoding if best is not None else "cp1252"


def _utf8_census(read: Callable[[int], bytes]) -> tuple[int, int]:
    """How many characters beyond ASCII are UTF-8, and how many bytes are not."""
    decoder = codecs.getincrementaldecoder("utf-8")(_MARKED)
    good = bad = 0
    while True:
        chunk = read(1 << 20)
        text = decoder.decode(chunk, final=not chunk)
        if not text.isascii():
            wrong = text.count(_UNREADABLE)
            bad += wrong
            good += len(text) - len(text.encode("ascii", "ignore")) - wrong
        if not chunk:
            return good, bad


def _dialect(encoding: str, sample: str) -> _Dialect:
    """Separator and quotes by which most rows have as many cells as the header."""
    skip, said = 0, ""
    first, _, rest = sample.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == len("sep=") + 1:
        skip, said, sample = 1, first.strip()[-1], rest
    if len(sample) >= _SAMPLE - len(first) - 2:
        sample = sample[: sample.rfind("\n") + 1] or sample
    quote = '"'
    if (
        '"' not in sample
        and len(re.findall(r"(?:^|[;,\t|])'[^'\n]*'(?=[;,\t|\r\n]|$)", sample, re.MULTILINE)) > 1
    ):
        quote = "'"
    separator = said or max(_SEPARATORS, key=lambda each: _fit(sample, each, quote))
    return _Dialect(encoding, separator, quote, skip)


def _fit(sample: str, separator: str, quote: str) -> tuple[float, int]:
    """(share of rows as wide as the header, width of the header); a single column fits nothing."""
    reader = csv.reader(sample.splitlines(keepends=True), delimiter=separator, quotechar=quote)
    widths: list[int] = []
    try:
        widths.extend(len(row) for row in itertools.islice(reader, 200) if row)
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] == 1:
        return 0.0, 0
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def _csv_rows(path: Path, dialect: _Dialect) -> Iterator[Row | BadRow]:
    """Rows that are not blank. ``strict``: a stray quote is a bad row, not a guess.

    The first one is the header: a column with a damaged name is better than the first person as header.
    """
    with path.open(encoding=dialect.encoding, errors=_MARKED, newline="") as file:
        for _ in range(dialect.skip):
            file.readline()
        reader = csv.reader(file, delimiter=dialect.separator, quotechar=dialect.quote, strict=True)
        is_header = True
        while True:
            line = reader.line_num + dialect.skip + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                last = reader.line_num + dialect.skip
                until = f" (lines {line} to {last} belong to it)" if last > line else ""
                yield BadRow(line, f"{error}{until}")
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if is_header:
                is_header = False
                yield Row(line, [cell.replace(_UNREADABLE, "\ufffd") for cell in cells])
            elif any(_UNREADABLE in cell for cell in cells):
                yield BadRow(line, f"holds bytes that are not {dialect.encoding}")
            else:
                yield Row(line, cells)


def _fitted(row: Row | BadRow, width: int) -> Row | BadRow:
    """A row has as many cells as there are headers; blank ones too many are cut off."""
    if isinstance(row, BadRow) or len(row.cells) == width:
        return row
    if len(row.cells) > width and not any(str(cell).strip() for cell in row.cells[width:]):
        return Row(row.line, row.cells[:width])
    return BadRow(row.line, f"has {len(row.cells)} cells instead of {width}")


def _names(cells: Sequence[Value]) -> tuple[str, ...]:
    names = [str(cell if cell is not None else "").strip().removeprefix("\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _empty(path: Path) -> InputFileError:
    return InputFileError(
        f"{path} is empty.", untouched="Nothing was read or written.", next_step="Export it again."
    )


# XLSX


def _workbook(path: Path) -> Table:
    check_workbook(path)
    from python_calamine import CalamineError, CalamineWorkbook, WorkbookClosed

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        found: tuple[str, Any, int, list[Any]] | None = None
        for name in workbook.sheet_names:
            each = workbook.get_sheet_by_name(name)
            first, cells = next(((i, row) for i, row in enumerate(each.iter_rows(), 1) if any(row)), (0, []))
            if cells and (found is None or _filled(cells) > _filled(found[3])):
                found = name, each, first, cells
        if found is None:
            raise _empty(path)
        name, sheet, first, cells = found
    except (CalamineError, WorkbookClosed, OSError) as error:
        raise InputFileError(
            f"{path} is no workbook that can be read: {error}.", untouched="Nothing was read or written."
        ) from error
    names = _names([_cell(cell) for cell in cells])

    def read() -> Iterator[Row | BadRow]:
        for line, row in enumerate(sheet.iter_rows(), 1):
            if line <= first:
                continue
            values = [_cell(cell) for cell in row]
            if any(value not in (None, "") for value in values):
                yield _fitted(Row(line, values), len(names))

    others = len(workbook.sheet_names) - 1
    of = f", the widest of {others + 1}" if others else ""
    return Table(path, names, first, f"XLSX, sheet {name!r}{of}", read)


def _filled(cells: Sequence[object]) -> int:
    """Columns that have a name: by this an export is told from a sheet of notes before it."""
    return sum(1 for cell in cells if cell not in (None, ""))


# Parquet


def _parquet(path: Path) -> Table:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
        meta = file.metadata
        largest = max((meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)), default=0)
    except (pa.ArrowException, OSError) as error:
        raise InputFileError(
            f"{path} is no Parquet file that can be read: {error}.", untouched="Nothing was read or written."
        ) from error
    if largest > _LARGEST_ROW_GROUP:
        raise InputFileError(
            f"{path} has a row group of {largest // 2**20:,} MB unpacked, which does not fit into memory.",
            untouched="Nothing was read or written.",
            next_step="Write it again in smaller row groups.",
        )
    names = tuple(file.schema_arrow.names)

    def read() -> Iterator[Row | BadRow]:
        line = 0
        try:
            for batch in file.iter_batches(batch_size=_BATCH):
                columns = [_plain_column(pa, column) for column in batch.columns]
                for cells in zip(*columns, strict=True):
                    line += 1
                    yield Row(line, [_cell(cell) for cell in cells])
        except (pa.ArrowException, OSError) as error:
            raise InputFileError(f"{path} breaks off after row {line}: {error}.") from error

    return Table(path, names, 0, f"Parquet, {meta.num_rows:,} rows", read)


def _plain_column(pa: Any, column: Any) -> list[object]:  # noqa: ANN401 - pyarrow has no types
    """Python values; nanoseconds, which Python has not, are cut to microseconds."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[object] = column.to_pylist()
    return values


def _cell(cell: object) -> Value:  # noqa: PLR0911 - one line per type
    """A typed cell as a value: whole floats as integers, times in ISO form."""
    if cell is None or isinstance(cell, (str, bool, int)):
        return cell
    if isinstance(cell, (float, Decimal)):
        if not math.isfinite(cell):
            return None
        return int(cell) if cell == int(cell) else float(cell)
    if isinstance(cell, datetime):
        at_midnight = cell.time() == time() and cell.tzinfo is None
        return cell.date().isoformat() if at_midnight else cell.isoformat().replace("+00:00", "Z")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, Mapping):
        return {str(key): _cell(value) for key, value in cell.items()}
    if isinstance(cell, Sequence):
        return [_cell(value) for value in cell]
    return str(cell)
