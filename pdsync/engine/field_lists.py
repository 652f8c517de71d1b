"""Brings ``mappings/fields/SIDE.yaml`` up to date: fields and options, no person, so that it may be committed.

Pipedrive lists its own fields, so its answer replaces facts. Plezi has no known call that lists them, and an export shows
only its columns: what was seen there is added, marked ``observed: true``, and nothing else is touched (design 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pdsync.engine.checking import field_list_path
from pdsync.errors import InputFileError
from pdsync.model import Event, Field, Kind, Note, Option, RemoteSchema, Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot

__all__ = ["refresh_field_list"]

_OBSERVED_MOST = 500
"""Values of one field that are taken for options; a list that people choose from is shorter."""


def refresh_field_list(ws: Workspace, schema: RemoteSchema, on_event: Callable[[Event], None]) -> None:
    """Write what is new about a side's fields, and say what that was.

    Raises:
        MappingError, AccountMismatch, InputFileError, StorageFull: the list is unchanged.
    """
    from pdsync.mapfiles import update_field_list

    side = schema.side
    observed = side is Side.PLEZI or ws.settings.on(side).file is not None
    if observed:
        schema = _with_observed_options(ws, schema)
    update = update_field_list(field_list_path(ws.settings.mapping, side), schema, observed=observed)
    if not update:
        on_event(Note(f"{update.path}: nothing new"))
        return
    said = [("new", update.added), ("changed", update.changed), ("gone", update.gone)]
    parts = [f"{len(names)} {word} ({_shortened(names)})" for word, names in said if names]
    on_event(Note(f"{update.path}: {'written, ' if update.created else ''}{', '.join(parts) or 'no field'}"))


def _with_observed_options(ws: Workspace, schema: RemoteSchema) -> RemoteSchema:
    """The schema with the option values that the newest snapshot holds and no list names."""
    from pdsync.snapshots.reader import latest

    try:
        snapshot = latest(ws.folder.root, schema.side)
    except InputFileError:
        return schema
    if snapshot is None or snapshot.account.id != schema.account.id:
        return schema
    seen = _option_values(snapshot)
    fields = tuple(_extended(field, seen.get(field.code, [])) for field in schema.fields)
    return replace(schema, fields=fields)


def _option_values(snapshot: Snapshot) -> dict[str, list[str]]:
    """Field code -> values that records hold, in order."""
    from pdsync.snapshots.engines import collect

    seen: dict[str, list[str]] = {}
    rows = collect(snapshot.frames().options.select("code", "option").unique().sort("code", "option"))
    for row in rows.to_pylist():
        seen.setdefault(row["code"], []).append(row["option"])
    return seen


def _extended(field: Field, values: list[str]) -> Field:
    if field.kind not in (Kind.OPTION, Kind.OPTIONS):
        return field
    new = [value for value in values if field.option(value) is None][:_OBSERVED_MOST]
    return replace(field, options=(*field.options, *(Option(value, value, observed=True) for value in new)))


def _shortened(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
