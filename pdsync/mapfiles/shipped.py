"""Where the files are that come with pdsync: the default mapping, its field lists, the JSON Schemas.

In a wheel they lie inside the package; in a checkout the mapping and the lists are in ``mappings/`` at the top, where
people edit them.
"""

from __future__ import annotations

from pathlib import Path

from pdsync.model import Side

__all__ = ["schema_path", "shipped_fields", "shipped_mapping"]

_HERE = Path(__file__).parent


def shipped_mapping() -> Path:
    """The default mapping, ``contacts.yaml``."""
    return _shipped() / "contacts.yaml"


def shipped_fields(side: Side) -> Path:
    """The field list of one side that goes with the default mapping."""
    return _shipped() / "fields" / f"{side}.yaml"


def schema_path(name: str = "mapping-v1") -> Path:
    """The JSON Schema of mappings (``mapping-v1``) or of field lists (``field-list-v1``)."""
    return _HERE / f"{name}.schema.json"


def _shipped() -> Path:
    inside = _HERE / "shipped"
    return inside if inside.is_dir() else _HERE.parent.parent / "mappings"
