"""Opens an export in place of an account: what its columns are taken for is shown, and kept where somebody wants that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.errors import InputFileError
from pdsync.model import Event, Note, RemoteSchema, Side

if TYPE_CHECKING:
    from pdsync.clients.columns import ColumnMap
    from pdsync.clients.files import FileClient
    from pdsync.settings import Settings

__all__ = ["open_export"]


def open_export(settings: Settings, side: Side, file: Path, on_event: Callable[[Event], None]) -> FileClient:
    """The export, read with the field list's help where there is one: names become codes, labels become option ids.

    Its columns are those of the column map that the settings name, if that is there and has this side; else they are
    found out from the headers. A map that is not there yet is written, with both sides.

    Raises:
        InputFileError: the export cannot be read, has no column that is known, or lacks a column of the map.
        MappingError: the column map is wrong; every problem at once.
        UsageError: the column map cannot be written.
    """
    from pdsync.clients import open_file
    from pdsync.clients.columns import RECORD_ID

    listed = _listed(settings, side)
    fields = listed.fields if listed is not None else ()
    account = listed.account if listed is not None and listed.account.id else None
    # An export shows what its maker chose; only a person can confirm that it shows everybody.
    known = replace(account, sees_everything=False) if account is not None else None
    columns = _columns(settings, side, on_event)
    client = open_file(side, file, columns=columns, fields=fields, account=known)
    where = f"as {settings.columns} says" if columns is not None else "by their headers"
    on_event(Note(f"{file}: {client.format}; columns {where}:"))
    for line in client.columns.lines():
        on_event(Note(f"  {line}"))
    if all(column.because == "own field" for column in client.columns.columns if column.code):
        # One known column is enough. With none it is a photograph, another program's file, or has no header.
        raise InputFileError(
            f"No column of {file} is known, so it is no export of {side.noun}s that could be read.",
            untouched="Nothing was read or written.",
            next_step="Is its first row the header? If so, --columns FILE writes the list above; say there which column is "
            "which field.",
        )
    codes = {column.code for column in client.columns.columns}
    if "email" not in codes:
        on_event(
            Note(
                "  No column is known as the email address, by which people are matched: name it in a column map (field: "
                "email)."
            )
        )
    if RECORD_ID not in codes:
        on_event(Note(f"  No column is known as the id: a {side.noun} is called by its line in the file."))
    if settings.columns is None and client.columns.assumed:
        on_event(
            Note("  To correct what is assumed: --columns FILE writes this list, and reads it the next time.")
        )
    return client


def _columns(settings: Settings, side: Side, on_event: Callable[[Event], None]) -> ColumnMap | None:
    """What the person said of this side; None: nothing."""
    from pdsync.clients.columns import ColumnMap
    from pdsync.mapfiles import read_columns, write_columns

    path = settings.columns
    if path is None:
        return None
    if not path.exists():
        exports = [one for one in Side if settings.on(one).file is not None]
        write_columns(path, {one: _found_out(settings, one) for one in exports})
        on_event(Note(f"Written: {path}; correct it, and the next command with --columns reads it."))
        return None
    known = {
        one: [field.code for field in listed.fields] for one in Side if (listed := _listed(settings, one))
    }
    columns = read_columns(path, known).get(side)
    if columns is None:
        return None
    found = {entry["column"]: (entry["field"], entry.get("label")) for entry in _found_out(settings, side)}
    if found == {entry["column"]: (entry["field"], entry.get("label")) for entry in columns}:
        return None  # nobody corrected anything: what is assumed is shown as assumed
    return ColumnMap.from_data({"version": 1, "columns": columns})


def _found_out(settings: Settings, side: Side) -> list[dict[str, object]]:
    """The columns of a side's export by their headers, as data."""
    from pdsync.clients import open_file

    listed, file = _listed(settings, side), settings.on(side).file
    assert file is not None  # noqa: S101 - asked for exports only
    client = open_file(side, file, fields=listed.fields if listed is not None else ())
    return [entry for entry in client.columns.to_data()["columns"] if entry["column"]]


def _listed(settings: Settings, side: Side) -> RemoteSchema | None:
    """The field list beside the mapping."""
    from pdsync.engine.checking import field_list_path
    from pdsync.mapfiles import read_fields

    return read_fields(field_list_path(settings.mapping, side))[0]
