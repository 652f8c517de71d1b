"""From records to the three tables of a snapshot: the one place where values get comparison form, key and digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pdsync.errors import BadAnswer
from pdsync.model import (
    MISSING,
    BoundMapping,
    Field,
    Kind,
    Missing,
    Record,
    RemoteSchema,
    Side,
    Value,
    is_empty,
)
from pdsync.planning.comparison import comparison_form
from pdsync.planning.keys import address_key
from pdsync.snapshots.digests import MISSING_FORM, digest_of_forms
from pdsync.snapshots.encoding import encode_value, storable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tabulator", "compared", "delivered", "identity_code", "table_schemas"]

_OPTION_KINDS: Final = (Kind.OPTION, Kind.OPTIONS)
_REMEMBERED: Final = 20_000
"""Values of one kind whose comparison forms are remembered, some 5 MB."""

_Columns = list[list[Any]]


def delivered(code: str) -> str:
    """The column with the delivered values of a field, as JSON."""
    return f"d:{storable(code)}"


def compared(code: str) -> str:
    """The column with the comparison forms of a field."""
    return f"c:{storable(code)}"


def identity_code(schema: RemoteSchema, bound: BoundMapping | None) -> str:
    """The field whose addresses say who a record is: the mapping's, else the first field of addresses; may be empty."""
    if bound is not None:
        return bound.email[schema.side]
    return next((field.code for field in schema.fields if field.kind is Kind.EMAILS), "")


def table_schemas(schema: RemoteSchema) -> tuple[pa.Schema, pa.Schema, pa.Schema]:
    """The Arrow schemas of records, addresses and options."""
    import pyarrow as pa

    text = pa.string()
    codes = [column for field in schema.fields for column in (delivered(field.code), compared(field.code))]
    records = pa.schema(
        [("id", text), ("updated_at", text), ("digest", text), *((code, text) for code in codes)]
    )
    addresses = pa.schema(
        [
            ("id", text),
            ("key", text),
            ("delivered", text),
            ("label", text),
            ("primary", pa.bool_()),
            ("position", pa.int32()),
            ("rank", pa.int32()),
        ]
    )
    return records, addresses, pa.schema([("id", text), ("code", text), ("option", text)])


class Tabulator:
    """Turns records of one side into columns, in the order of ``table_schemas``."""

    def __init__(self, schema: RemoteSchema, bound: BoundMapping | None) -> None:
        self._side: Side = schema.side
        self._fields: Sequence[Field] = schema.fields
        self._identity = identity_code(schema, bound)
        self._version = bound.version if bound is not None else ""
        self._known: dict[Kind, dict[str, str | None]] = {kind: {} for kind in Kind}
        """JSON text of a value -> its comparison form."""
        self._digest_codes = bound.codes[schema.side] if bound is not None else ()

    def columns(self, records: Sequence[Record]) -> tuple[_Columns, _Columns, _Columns]:
        """The columns of records, addresses and options for these records.

        Raises:
            BadAnswer: a record of the other side, or one without a usable id.
        """
        for record in records:
            self._check(record)
        per_field: _Columns = []
        forms: dict[str, list[str | None]] = {}
        addresses: _Columns = [[], [], [], [], [], [], []]
        options: _Columns = [[], [], []]
        for field in self._fields:
            values = [record.get(field.code) for record in records]
            texts = [None if value is MISSING else encode_value(value) for value in values]
            exact = self._forms(field.kind, values, texts)
            per_field += [
                texts,
                [form if form is None or form.isascii() else storable(form) for form in exact],
            ]
            forms[field.code] = [
                MISSING_FORM if text is None else form for text, form in zip(texts, exact, strict=True)
            ]
            if field.kind in _OPTION_KINDS:
                _add_options(options, field, records, exact)
        for record in records:
            _add_addresses(addresses, record.id, record.get(self._identity))
        head: _Columns = [
            [record.id for record in records],
            [record.updated_at and storable(record.updated_at) for record in records],
            self._digests(forms, len(records)),
        ]
        return [*head, *per_field], addresses, options

    def _forms(
        self, kind: Kind, values: Sequence[Value | Missing], texts: Sequence[str | None]
    ) -> list[str | None]:
        """Comparison forms; a value that came before (an option, a first name, nothing) is not worked out again."""
        known = self._known[kind]
        if len(known) > _REMEMBERED:
            known.clear()
        forms: list[str | None] = []
        for value, text in zip(values, texts, strict=True):
            if text is None:
                forms.append(None)
                continue
            if text not in known:
                known[text] = comparison_form(kind, value)
            forms.append(known[text])
        return forms

    def _digests(self, forms: Mapping[str, list[str | None]], count: int) -> list[str | None]:
        if not self._version:
            return [None] * count
        missing: list[str | None] = [MISSING_FORM] * count
        columns = [forms.get(code, missing) for code in self._digest_codes]
        return [digest_of_forms(self._version, (column[row] for column in columns)) for row in range(count)]

    def _check(self, record: Record) -> None:
        if record.side is not self._side:
            raise BadAnswer(
                f"A {record.side.noun} was delivered among the {self._side.noun}s; nothing was kept."
            )
        if not record.id or storable(record.id) != record.id:
            raise BadAnswer(
                f"{self._side.label} delivered a {self._side.noun} without a usable id ({record.id!r}).",
                untouched="Nothing was kept of this read.",
            )


def _add_options(
    columns: _Columns, field: Field, records: Sequence[Record], forms: Sequence[str | None]
) -> None:
    """One row per option held, by the identity that the comparison form names."""
    for record, form in zip(records, forms, strict=True):
        if form is None:
            continue
        for identity in json.loads(form) if field.kind is Kind.OPTIONS else (form,):
            columns[0].append(record.id)
            columns[1].append(storable(field.code))
            columns[2].append(storable(identity))


def _add_addresses(columns: _Columns, record_id: str, value: Value | object) -> None:
    """One row per address: of Pipedrive's list of {value, label, primary}, a list of texts, or one text.

    ``rank`` counts a record's keys, primary ones first, then in the order of the list; null on a row that repeats a key.
    Queries that take the rows with a rank thus see each record and key once, without grouping.
    """
    if isinstance(value, str):
        entries: Sequence[Any] = (value,)
    elif isinstance(value, Sequence):
        entries = value
    else:
        return
    rows = []
    for position, entry in enumerate(entries):
        nested = isinstance(entry, Mapping)
        text = entry.get("value") if nested else entry
        key = address_key(text) if isinstance(text, str) and not is_empty(text) else ""
        if not key:
            continue
        label = entry.get("label") if nested else None
        primary = entry.get("primary") is True if nested else position == 0
        said = storable(label) if isinstance(label, str) else None
        rows.append((record_id, storable(key), storable(text), said, primary, position))
    ranks: dict[str, int] = {}
    ranked: dict[int, int] = {}
    for _, key, _, _, _, position in sorted(rows, key=lambda row: (not row[4], row[5])):
        if key not in ranks:
            ranked[position] = ranks[key] = len(ranks)
    for row in rows:
        for column, cell in zip(columns, (*row, ranked.get(row[5])), strict=True):
            column.append(cell)
