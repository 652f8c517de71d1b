"""YAML text -> ``Mapping``, or every problem at once with file, line and column; changes in place; field lists; schemas.

The names below come with their first use, so that importing this package loads neither PyYAML nor, until a file is
read, jsonschema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdsync.mapfiles.accepted import accepted_path, holds_address, load_accepted, read_accepted
    from pdsync.mapfiles.accepted_writing import add_accepted, remove_accepted
    from pdsync.mapfiles.columnmaps import read_columns, write_columns
    from pdsync.mapfiles.document import Source
    from pdsync.mapfiles.edits import (
        AddFieldMapping,
        AddPairs,
        Edit,
        Entry,
        RemoveFieldMapping,
        RemovePair,
        SetDirection,
        edited,
    )
    from pdsync.mapfiles.fields import load_fields, read_fields
    from pdsync.mapfiles.fieldwriting import FieldListUpdate, update_field_list
    from pdsync.mapfiles.files import read_source, write_whole
    from pdsync.mapfiles.problems import in_order, render_problems, summary
    from pdsync.mapfiles.reading import Reading, check_mapping, check_text, load_mapping, read_mapping
    from pdsync.mapfiles.shipped import schema_path, shipped_fields, shipped_mapping

__all__ = [
    "AddFieldMapping",
    "AddPairs",
    "Edit",
    "Entry",
    "FieldListUpdate",
    "Reading",
    "RemoveFieldMapping",
    "RemovePair",
    "SetDirection",
    "Source",
    "accepted_path",
    "add_accepted",
    "check_mapping",
    "check_text",
    "edited",
    "holds_address",
    "in_order",
    "load_accepted",
    "load_fields",
    "load_mapping",
    "read_accepted",
    "read_columns",
    "read_fields",
    "read_mapping",
    "read_source",
    "remove_accepted",
    "render_problems",
    "schema_path",
    "shipped_fields",
    "shipped_mapping",
    "summary",
    "update_field_list",
    "write_columns",
    "write_whole",
]

_MODULES = {
    "accepted": ("accepted_path", "holds_address", "load_accepted", "read_accepted"),
    "accepted_writing": ("add_accepted", "remove_accepted"),
    "columnmaps": ("read_columns", "write_columns"),
    "document": ("Source",),
    "edits": (
        "AddFieldMapping",
        "AddPairs",
        "Edit",
        "Entry",
        "RemoveFieldMapping",
        "RemovePair",
        "SetDirection",
        "edited",
    ),
    "fields": ("load_fields", "read_fields"),
    "fieldwriting": ("FieldListUpdate", "update_field_list"),
    "files": ("read_source", "write_whole"),
    "problems": ("in_order", "render_problems", "summary"),
    "reading": ("Reading", "check_mapping", "check_text", "load_mapping", "read_mapping"),
    "shipped": ("schema_path", "shipped_fields", "shipped_mapping"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"pdsync.mapfiles.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
