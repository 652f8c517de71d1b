"""YAML text -> ``Mapping``, or every problem at once with file, line and column; field lists; the JSON Schemas.

The names below come with their first use, so that importing this package loads neither PyYAML nor, until a file is
read, jsonschema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdsync.mapfiles.fields import load_fields, read_fields
    from pdsync.mapfiles.fieldwriting import FieldListUpdate, update_field_list
    from pdsync.mapfiles.problems import in_order, render_problems, summary
    from pdsync.mapfiles.reading import check_mapping, load_mapping, read_mapping
    from pdsync.mapfiles.shipped import schema_path, shipped_fields, shipped_mapping

__all__ = [
    "FieldListUpdate",
    "check_mapping",
    "in_order",
    "load_fields",
    "load_mapping",
    "read_fields",
    "read_mapping",
    "render_problems",
    "schema_path",
    "shipped_fields",
    "shipped_mapping",
    "summary",
    "update_field_list",
]

_MODULES = {
    "fields": ("load_fields", "read_fields"),
    "fieldwriting": ("FieldListUpdate", "update_field_list"),
    "problems": ("in_order", "render_problems", "summary"),
    "reading": ("check_mapping", "load_mapping", "read_mapping"),
    "shipped": ("schema_path", "shipped_fields", "shipped_mapping"),
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"pdsync.mapfiles.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
