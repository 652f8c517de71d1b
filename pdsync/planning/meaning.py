"""What a mapping means, as one digest: plans and record digests are only valid under the mapping they were made with.

Comments, the order of keys, quotes and values that equal the default change nothing, so they do not change the digest.
Neither does the order of lists: of field mappings (it is the order on screens), pairs, labels in a test or required
fields; none of them is ever "the first that fits". The description is left out as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as MappingType
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass

from pdsync.model import Mapping, Place

__all__ = ["meaning_digest"]

_MEANINGLESS = frozenset({"path", "place", "places", "digest", "description"})


def meaning_digest(mapping: Mapping) -> str:
    """SHA-256 of what the mapping means, 64 hex digits."""
    text = json.dumps(_plain(mapping), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"pdsync mapping 1\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Place):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in _MEANINGLESS}
        return {name: item for name, item in named.items() if item is not None}
    if isinstance(value, MappingType):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, AbstractSet)):
        return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
