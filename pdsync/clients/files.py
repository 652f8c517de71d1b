"""An export that stands for a side: read-only, streamed, with the same records as the service would deliver.

Without access to an API a person still gets the audit and the plan. Rows become records by the column map; those that
cannot are told with file and line (``problems``) and make the read incomplete, but do not stop it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn, Unpack

from pdsync.clients.columns import RECORD_ID, ColumnMap, kind_of, match_columns
from pdsync.clients.file_values import Cells, split_addresses, split_name, text_of
from pdsync.clients.protocol import Requests
from pdsync.clients.tables import BadRow, Row, Table, open_table
from pdsync.errors import InputFileError, Unsupported
from pdsync.model import (
    Account,
    Capabilities,
    Field,
    Finding,
    Kind,
    Option,
    Place,
    Record,
    RemoteSchema,
    Severity,
    Side,
    Value,
    is_empty,
)

__all__ = ["MOST_TOLD", "PAGE", "FileClient", "connect"]

PAGE: Final = 500
MOST_TOLD: Final = 1_000
"""Bad rows that are told one by one; beyond them only how many there are."""
_MOST_OBSERVED: Final = 10_000
"""Options taken from data; Pipedrive's own cap is 10 000 options a field (reference 2.11)."""
_CAPABILITIES: Final = Capabilities(read_by_id=False, create=False, update=False)
_NAME_PARTS: Final = ("first_name", "last_name")


def connect(
    side: Side,
    path: Path,
    *,
    columns: ColumnMap | None = None,
    fields: Sequence[Field] = (),
    account: Account | None = None,
    encoding: str = "",
) -> FileClient:
    """A client over one file; its header was read, its rows were not.

    Raises:
        InputFileError: not there, of no known kind, damaged or too large; or the map names columns it has not.
    """
    table = open_table(path, encoding=encoding)
    if columns is None:
        matched = match_columns(table.headers, side, fields)
    else:
        matched = columns.over(table.headers)
    if not any(column.code for column in matched.columns):
        raise InputFileError(
            f"No column of {path} is known: {', '.join(map(repr, table.headers[:10]))}.",
            untouched="Nothing was read or written.",
            next_step="Is the first row the header? A column map can say which column is what.",
        )
    return FileClient(
        side, table, matched, fields, account or Account(side, "file", path.name, sees_everything=False)
    )


class FileClient:
    """One export. See ``protocol.Client`` for what each call promises."""

    def __init__(
        self, side: Side, table: Table, columns: ColumnMap, listed: Sequence[Field], account: Account
    ) -> None:
        self.side = side
        self.columns = columns
        """What each column is taken for; to be shown."""
        self.format = table.format
        """In words: ``CSV, cp1252, separated by ';'``."""
        self._table = table
        self._listed = tuple(listed)
        self._account = account
        self._schema: RemoteSchema | None = None
        self._bad: list[BadRow] = []
        self._bad_count = 0

    async def account(self) -> Account:
        return self._account

    async def schema(self) -> RemoteSchema:
        """Fields of the list that was given, else those of the columns; where a list has no options, those in the data."""
        if self._schema is None:
            self._schema = RemoteSchema(self._account, self._observed(self._fields()), _CAPABILITIES)
        return self._schema

    def _fields(self) -> tuple[Field, ...]:
        by_code = {field.code: field for field in self._listed}
        codes = [column.code for column in self.columns.columns if column.code not in ("", RECORD_ID)]
        for code in [*codes, *self._derived_names()]:
            if code not in by_code:
                custom = any(c.code == code and c.because == "own field" for c in self.columns.columns)
                by_code[code] = Field(
                    code=code, name=code, kind=kind_of(code), remote_type="column", custom=custom
                )
        return tuple(by_code.values())

    def _derived_names(self) -> tuple[str, ...]:
        """Where only the whole name is there, its parts follow from it (R11)."""
        codes = {column.code for column in self.columns.columns}
        only_whole = "name" in codes and not any(part in codes for part in _NAME_PARTS)
        return _NAME_PARTS if self.side is Side.PIPEDRIVE and only_whole else ()

    def _observed(self, fields: Sequence[Field]) -> tuple[Field, ...]:
        """Drop-downs of which nobody gave the list, with the options that the rows hold."""
        columns = [column.code for column in self.columns.columns]
        open_lists = {
            field.code: (columns.index(field.code), field)
            for field in fields
            if field.kind in (Kind.OPTION, Kind.OPTIONS) and not field.options and field.code in columns
        }
        if not open_lists:
            return tuple(fields)
        cells = Cells(self.side, fields)
        seen: dict[str, dict[str, None]] = {code: {} for code in open_lists}
        for row in self._table.read():
            if isinstance(row, BadRow):
                continue
            for code, (at, field) in open_lists.items():
                if len(seen[code]) < _MOST_OBSERVED:
                    seen[code].update(dict.fromkeys(cells.labels(field, row.cells[at])))
        return tuple(
            replace(
                field,
                options=tuple(Option(id=label, label=label, observed=True) for label in seen[field.code]),
            )
            if field.code in seen
            else field
            for field in fields
        )

    async def pages(
        self,
        *,
        since: datetime | None = None,  # noqa: ARG002 - an export cannot tell what changed: all rows come
        known_highest_id: str = "",  # noqa: ARG002
    ) -> AsyncIterator[Sequence[Record]]:
        page: list[Record] = []
        reading = _Reading(
            self.side, self.columns, (await self.schema()).fields, derives=bool(self._derived_names())
        )
        ids: set[str] = set()
        self._bad, self._bad_count = [], 0
        for row in self._table.read():
            outcome = row if isinstance(row, BadRow) else reading.record(row)
            if isinstance(outcome, Record) and outcome.id in ids:
                outcome = BadRow(row.line, f"its id {outcome.id!r} stands in an earlier row")
            if isinstance(outcome, BadRow):
                self._bad_count += 1
                if len(self._bad) < MOST_TOLD:
                    self._bad.append(outcome)
                continue
            ids.add(outcome.id)
            page.append(outcome)
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

    def newest(self) -> AsyncIterator[Sequence[Record]]:
        self._refuse("tell which records are new")

    async def read(self, ids: Sequence[str]) -> Mapping[str, Record]:
        self._refuse(f"be asked for {len(ids)} single records")

    async def create(
        self,
        values: Mapping[str, Value],
        *,
        within: float | None = None,  # noqa: ARG002 - nothing is ever sent
    ) -> Record:
        self._refuse(f"take a new record with {len(values)} values")

    async def update(
        self,
        record_id: str,
        values: Mapping[str, Value],
        *,
        within: float | None = None,  # noqa: ARG002 - nothing is ever sent
    ) -> Record:
        self._refuse(f"take {len(values)} values for record {record_id}")

    async def delete(
        self,
        record_id: str,
        *,
        within: float | None = None,  # noqa: ARG002 - nothing is ever sent
    ) -> None:
        self._refuse(f"lose record {record_id}")

    async def options(self, code: str) -> Sequence[Option] | None:
        self._refuse(f"be asked for the list of {code}")

    async def add_options(self, code: str, labels: Sequence[str]) -> Sequence[Option]:
        self._refuse(f"take {len(labels)} options for {code}")

    async def remove_options(self, code: str, ids: Sequence[str]) -> None:
        self._refuse(f"lose {len(ids)} options of {code}")

    async def owner_id(self, address: str) -> str:
        self._refuse(f"tell the id of the user {address}")

    def server_time(self) -> datetime | None:
        return None

    def cost(self, **counts: Unpack[Requests]) -> tuple[int, int]:  # noqa: ARG002 - nothing is asked for over a wire
        return 0, 0

    def problems(self) -> Sequence[Finding]:
        path = str(self._table.path)
        found = [
            Finding(
                "bad-row",
                Severity.WARNING,
                f"this row was left out: {bad.reason}",
                place=Place(path, bad.line, 1),
                fix="correct it in the file, or export again",
            )
            for bad in self._bad
        ]
        more = self._bad_count - len(found)
        if more:
            found.append(
                Finding(
                    "bad-row", Severity.WARNING, f"{more:,} more rows were left out", place=Place(path, 1, 1)
                )
            )
        return found

    async def aclose(self) -> None:
        return

    def _refuse(self, what: str) -> NoReturn:
        raise Unsupported(
            f"{self._table.path} is an export and cannot {what}.",
            untouched="Nothing was written.",
            next_step=f"Point {self.side}.url and its key at the account to write to it.",
        )


class _Reading:
    """Turns rows into records."""

    def __init__(self, side: Side, columns: ColumnMap, fields: Sequence[Field], *, derives: bool) -> None:
        self._side = side
        self._cells = Cells(side, fields)
        by_code = {field.code: field for field in fields}
        self._single: list[tuple[int, Field]] = []
        self._lists: dict[str, tuple[Field, list[tuple[int, str]]]] = {}
        self._id_at: int | None = None
        for at, column in enumerate(columns.columns):
            field = by_code.get(column.code)
            if column.code == RECORD_ID:
                self._id_at = at
            elif field is not None and field.kind in (Kind.EMAILS, Kind.PHONES):
                self._lists.setdefault(field.code, (field, []))[1].append((at, column.label))
            elif field is not None:
                self._single.append((at, field))
        self._derives = derives

    def record(self, row: Row) -> Record | BadRow:
        """The record of a row."""
        identity = str(row.line)
        if self._id_at is not None:
            identity = text_of(row.cells[self._id_at]).strip()
            if not identity:
                return BadRow(row.line, "its id is blank")
        values: dict[str, Value] = {
            field.code: self._cells.value(field, row.cells[at]) for at, field in self._single
        }
        for code, (field, places) in self._lists.items():
            values[code] = self._entries(field, [(row.cells[at], label) for at, label in places])
        if self._derives:
            first, last = split_name(text_of(values.get("name")))
            values["first_name"], values["last_name"] = first or None, last or None
        updated = values.get("update_time" if self._side is Side.PIPEDRIVE else "updated_at")
        return Record(self._side, identity, values, updated if isinstance(updated, str) else None)

    def _entries(self, field: Field, cells: Sequence[tuple[Value, str]]) -> Value:
        """Pipedrive's list of {value, label, primary}; Plezi's one string."""
        entries: list[dict[str, Value]] = []
        for cell, label in cells:
            entries.extend(_entry(item, label, field.kind) for item in _items(cell, field.kind))
        entries = [entry for entry in entries if not is_empty(entry.get("value"))]
        if self._side is Side.PLEZI:
            return entries[0]["value"] if entries else None
        if not any(entry["primary"] for entry in entries):
            for number, entry in enumerate(entries):
                entry["primary"] = number == 0
        return list(entries)


def _items(cell: Value, kind: Kind) -> Iterator[Value]:
    if is_empty(cell):
        return
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        yield from cell
    elif isinstance(cell, str) and kind is Kind.EMAILS:
        yield from split_addresses(cell)
    else:
        yield cell


def _entry(item: Value, label: str, kind: Kind) -> dict[str, Value]:
    """One address or number; an entry that came whole (from Parquet) stays whole."""
    if isinstance(item, Mapping):
        said = item.get("label")
        return {
            "value": item.get("value"),
            "label": (label or "work") if said is None else said,
            "primary": item.get("primary") is True,
        }
    text = text_of(item)
    return {
        "value": text.strip() if kind is Kind.EMAILS else text,
        "label": label or "work",
        "primary": False,
    }
