"""YAML text -> ``Mapping``, or every problem at once with file, line and column; field lists; the JSON Schemas.

Importing this package loads PyYAML (20 ms). jsonschema is loaded when a file is read.
"""

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
