"""The table of findings: one row per finding and subject, complete and countable, whatever engine found it.

Columns that repeat (code, severity, message, ...) are dictionary-encoded, so that a million findings stay small. The
table may hold personal data in ``group``, ``link`` and ``details``; ``message``, ``fix`` and the ids hold none, apart from
option labels. ``acknowledged`` is JSON (``who``, ``why``, ``until``) or empty; ``since`` is ``new`` or ``persisting``
against the audit before, or empty where there is nothing to compare with.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pdsync.model import Finding, Severity, Side, Subject, Value
from pdsync.snapshots.engines import collect, query_errors

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

__all__ = [
    "COLUMNS",
    "DETAILS_LIMIT",
    "empty_table",
    "findings_table",
    "join_tables",
    "samples",
    "table_schema",
    "with_marks",
]

COLUMNS = (
    "code", "severity", "finding", "group", "side", "noun", "id", "field", "message", "fix", "rule", "link", "details",
    "acknowledged", "since",
)  # fmt: skip
_REPEATED = frozenset(
    {"code", "severity", "group", "side", "noun", "field", "message", "fix", "rule", "acknowledged", "since"}
)
_GIVEN = ("order", "key", "group", "side", "noun", "id", "field", "message", "fix", "link", "details")
_NOUNS = tuple(side.noun for side in Side)

DETAILS_LIMIT = 20
"""Subjects whose details a sample carries; the table has them all."""


def table_schema() -> pa.Schema:
    """The schema that every findings table has. All text; no nulls but in ``link`` and ``details``."""
    import pyarrow as pa

    repeated = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([(name, repeated if name in _REPEATED else pa.large_string()) for name in COLUMNS])


def empty_table() -> pa.Table:
    """No findings."""
    return table_schema().empty_table()


def findings_table(
    frames: Sequence[nw.LazyFrame[Any]],
    *,
    code: str,
    severity: Severity,
    fix: str,
    rule: str,
) -> pa.Table:
    """Run the queries of one audit and give their rows the table's form, in an order that does not depend on the engine.

    Findings come in the ``order`` that the audit gives, those of one subject each by side and id as people count; the
    subjects of a finding by side, records last, and id.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = (
        pa.concat_tables([_collected(frame) for frame in frames]) if frames else _given_schema().empty_table()
    )
    if rows.num_rows == 0:
        return empty_table()
    noun = rows["noun"]
    for side in Side:
        noun = pc.if_else(
            pc.and_(pc.is_null(noun), pc.equal(rows["side"], str(side))), _text(side.noun), noun
        )
    subject = pc.binary_join_element_wise(
        pc.binary_join_element_wise(rows["side"], noun, _text(":")), rows["id"], _text("/")
    )
    key = pc.coalesce(rows["key"], subject)
    order = pc.sort_indices(
        pa.table(
            {
                "order": pc.fill_null(rows["order"], _text("")),
                "key": pc.fill_null(rows["key"], _text("")),
                "record": pc.is_in(noun, value_set=pa.array(_NOUNS, pa.large_string())),
                "side": rows["side"],
                "length": pc.utf8_length(rows["id"]),
                "id": rows["id"],
            }
        ),
        sort_keys=[(name, "ascending") for name in ("order", "key", "record", "side", "length", "id")],
    )
    columns = {
        "code": _constant(code, rows.num_rows),
        "severity": _constant(str(severity), rows.num_rows),
        "finding": _digests(code, key),
        "group": pc.fill_null(rows["group"], _text("")),
        "side": rows["side"],
        "noun": noun,
        "id": rows["id"],
        "field": pc.fill_null(rows["field"], _text("")),
        "message": pc.fill_null(rows["message"], _text("")),
        "fix": pc.fill_null(rows["fix"], _text(fix)),
        "rule": _constant(rule, rows.num_rows),
        "link": rows["link"],
        "details": rows["details"],
        "acknowledged": _constant("", rows.num_rows),
        "since": _constant("", rows.num_rows),
    }
    return _formed(pa.table(columns).take(order))


def join_tables(tables: Sequence[pa.Table]) -> pa.Table:
    """All findings in one table, in the order given."""
    import pyarrow as pa

    return pa.concat_tables(tables).unify_dictionaries() if tables else empty_table()


def with_marks(table: pa.Table, column: str, marks: pa.Array) -> pa.Table:
    """The table with ``acknowledged`` or ``since`` filled, one text per row."""
    import pyarrow as pa

    place = table.schema.get_field_index(column)
    encoded = marks.cast(pa.string()).dictionary_encode().cast(table.schema.field(place).type)
    return table.set_column(place, table.schema.field(place), encoded)


def samples(table: pa.Table, limit: int) -> tuple[Finding, ...]:
    """The first findings of a table as values for people; each names at most ``DETAILS_LIMIT`` subjects."""
    import pyarrow.compute as pc

    if table.num_rows == 0 or limit < 1:
        return ()
    ends = pc.run_end_encode(table["finding"].combine_chunks()).run_ends[:limit].to_pylist()
    starts = [0, *ends[:-1]]
    return tuple(
        _finding(table.slice(start, min(end - start, DETAILS_LIMIT)).to_pylist(), end - start)
        for start, end in zip(starts, ends, strict=True)
    )


def _finding(rows: Sequence[dict[str, Any]], size: int) -> Finding:
    """One finding of ``size`` subjects, from the rows of the first of them."""
    subjects: list[Subject] = []
    details: list[Value] = []
    for row in rows:
        subject = Subject(Side(row["side"]), row["noun"], row["id"])
        subjects.append(subject)
        held: dict[str, Value] = {"subject": str(subject)}
        if row["link"]:
            held["link"] = row["link"]
        details.append(held | (json.loads(row["details"]) if row["details"] else {}))
    first = rows[0]
    said: dict[str, Value] = {"id": first["finding"], "subjects": details}
    if size > len(rows):
        said["more"] = size - len(rows)
    if first["group"]:
        said["group"] = first["group"]
    if first.get("acknowledged"):
        said["acknowledged"] = json.loads(first["acknowledged"])
    if first.get("since"):
        said["since"] = first["since"]
    return Finding(
        code=first["code"],
        severity=Severity(first["severity"]),
        message=first["message"],
        subjects=tuple(subjects),
        field=first["field"],
        fix=first["fix"],
        rule=first["rule"],
        details=said,
    )


def _collected(frame: nw.LazyFrame[Any]) -> pa.Table:
    """The rows of one query, with every column that rows may have."""
    import pyarrow as pa

    with query_errors():
        held = frame.collect_schema().names()
    table = collect(frame.select(*(name for name in _GIVEN if name in held)))
    absent = pa.nulls(table.num_rows, pa.large_string())
    columns = [table[name].cast(pa.large_string()) if name in held else absent for name in _GIVEN]
    return pa.table(columns, schema=_given_schema())


def _text(text: str) -> pa.Scalar:
    import pyarrow as pa

    return pa.scalar(text, pa.large_string())


def _given_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, pa.large_string()) for name in _GIVEN])


def _digests(code: str, keys: pa.ChunkedArray) -> pa.Array:
    """The finding ids: 16 hex digits over code and identity, each identity hashed once."""
    import pyarrow as pa

    encoded = keys.combine_chunks().dictionary_encode()
    start = blake2b(code.encode(), digest_size=8)
    start.update(b"\n")
    digests: list[str] = []
    for key in encoded.dictionary:
        digest = start.copy()
        digest.update(key.as_py().encode())
        digests.append(digest.hexdigest())
    return pa.array(digests, pa.large_string()).take(encoded.indices)


def _constant(text: str, length: int) -> pa.Array:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), length), pa.array([text], pa.string())
    )


def _formed(table: pa.Table) -> pa.Table:
    """The columns in the table's types."""
    import pyarrow as pa

    schema = table_schema()
    columns = []
    for field in schema:
        column = table[field.name]
        if pa.types.is_dictionary(field.type) and not pa.types.is_dictionary(column.type):
            column = column.cast(pa.string()).dictionary_encode()
        columns.append(column.cast(field.type))
    return pa.table(columns, schema=schema)
