"""The digest of a record: equal digests mean that nothing which the mapping reads has changed."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from pdsync.model import MISSING, BoundMapping, Record
from pdsync.planning.comparison import comparison_form

__all__ = ["MISSING_FORM", "digest_of_forms", "record_digest"]

MISSING_FORM = "\ufffe-"
"""Stands for a value that was not read, which is not the same as an empty one."""


def record_digest(bound: BoundMapping, record: Record) -> str:
    """The digest of a record under a mapping: 32 hex digits over the fields in ``bound.codes`` and ``bound.version``.

    What the snapshot writer stores, and what a link keeps of each side after a write. It tells apart missing, empty
    and value, by comparison form, so that a new label of an address or ``12.0`` for ``12`` is no change.
    """
    fields = bound.schemas[record.side].by_code
    forms: list[str | None] = []
    for code in bound.codes[record.side]:
        field = fields.get(code)
        value = record.get(code)
        forms.append(
            MISSING_FORM if value is MISSING or field is None else comparison_form(field.kind, value)
        )
    return digest_of_forms(bound.version, forms)


def digest_of_forms(version: str, forms: Iterable[str | None]) -> str:
    """The digest of comparison forms in the order of ``BoundMapping.codes``; None is empty."""
    digest = blake2b(version.encode() + b"\n", digest_size=16)
    for form in forms:
        if form is None:
            digest.update(b"\0")
        else:
            text = form.encode("utf-8", "surrogatepass")
            digest.update(b"%d:" % len(text))
            digest.update(text)
    return digest.hexdigest()
