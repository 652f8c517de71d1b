"""Writes what a snapshot holds as the export that a person would download: labels for options, one column per address."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from pdsync.model import Field, Kind, Record, Side, Value
from pdsync.snapshots.reader import Snapshot

__all__ = ["export"]

Cell = str | float | bool | None
_LABELS = ("work", "home", "mobile", "other")
_OWN = {
    "id": "ID",
    "name": "Name",
    "first_name": "First name",
    "last_name": "Last name",
    "label_ids": "Labels",
    "marketing_status": "Marketing status",
    "org_id": "Organization",
    "owner_id": "Owner",
}
"""Pipedrive's own names of its fields, as its exports have them."""


def export(snapshot: Snapshot, path: Path) -> Path:
    """Every record of a snapshot, as CSV the way that a French Excel saves it, as XLSX, or as Parquet."""
    columns = list(_columns(snapshot))
    records = (record for batch in snapshot.records() for record in batch)
    rows: list[list[Cell]] = [[header for header, _ in columns]]
    rows += ([cell(record) for _, cell in columns] for record in records)
    _WRITERS[path.suffix](path, rows)
    return path


_Column = tuple[str, Callable[[Record], Cell]]


def _columns(snapshot: Snapshot) -> Iterator[_Column]:
    side = snapshot.side
    yield ("Person - ID" if side is Side.PIPEDRIVE else "id"), lambda record: record.id
    for field in snapshot.schema.fields:
        if field.code in ("id", "_id") or field.kind in (Kind.COMPOSITE, Kind.OTHER):
            continue
        if field.kind in (Kind.EMAILS, Kind.PHONES) and side is Side.PIPEDRIVE:
            name = "Email" if field.kind is Kind.EMAILS else "Phone"
            for label in _LABELS:
                yield f"Person - {name} - {label.title()}", _address(field, label)
        else:
            header = f"Person - {_OWN.get(field.code, field.name)}" if side is Side.PIPEDRIVE else field.code
            yield header, _single(field)


def _address(field: Field, label: str) -> Callable[[Record], Cell]:
    def cell(record: Record) -> Cell:
        entries: Any = record.values.get(field.code) or ()
        return ", ".join(entry["value"] for entry in entries if entry["label"] == label) or None

    return cell


def _single(field: Field) -> Callable[[Record], Cell]:
    labels = {option.id: option.label for option in field.options}

    def shown(value: Value) -> str:
        return labels.get(str(value), str(value))

    def cell(record: Record) -> Cell:
        value = record.values.get(field.code)
        if value is None or (isinstance(value, (bool, float, int)) and not labels):
            return value
        if isinstance(value, Mapping):
            return None
        if isinstance(value, Sequence) and not isinstance(value, str):
            return ", ".join(map(shown, value)) or None
        return shown(value)

    return cell


def _write_csv(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        for row in rows:
            writer.writerow(
                [
                    "" if cell is None else str(cell).lower() if isinstance(cell, bool) else cell
                    for cell in row
                ]
            )


def _write_xlsx(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Data")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write(number, column, cell)


def _write_parquet(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    """As a script would: a column has one type; where cells have several, it is text."""
    header, *people = rows
    columns: list[list[Cell]] = [list(cells) for cells in zip(*people, strict=True)]
    for cells in columns:
        if len({type(cell) for cell in cells if cell is not None}) > 1:
            cells[:] = [None if cell is None else str(cell) for cell in cells]
    pq.write_table(pa.table(columns, names=[str(name) for name in header]), path)


_WRITERS: Mapping[str, Callable[[Path, Sequence[Sequence[Cell]]], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".parquet": _write_parquet,
}
