"""The table of findings: one row per finding and subject, complete and countable, whatever engine found it.

Columns that repeat (code, severity, message, ...) are dictionary-encoded, so that a million findings stay small. The
table may hold personal data in ``group``, ``link`` and ``details``; ``message``, ``fix`` and the ids hold none, apart from
option labels. ``acknowledged`` is JSON (``who``, ``why``, ``until``) or empty; ``since`` is ``new`` or ``persisting``
against the audit before, or empty where there is nothing to compare with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from pdsync.model import Finding, Severity, Side, Subject, Value
from pdsync.snapshots.engines import collect_frame, query_errors

if TYPE_CHECKING:
    import narwhals as nw
    import polars as pl
    import pyarrow as pa

__all__ = [
    "COLUMNS",
    "DETAILS_LIMIT",
    "empty_table",
    "finding",
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
_GIVEN = ("order", "key", "group", "side", "noun", "id", "field", "message", "fix", "details")
_TOLD = frozenset({"group", "field", "message", "fix"})
"""What most audits say of all records alike."""
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
    link: Callable[[pl.DataFrame], pl.DataFrame],
) -> pa.Table:
    """Run the queries of one audit and give their rows the table's form, in an order that does not depend on the engine.

    Findings come in the ``order`` that the audit gives, those of one subject each by side and id as people count; the
    subjects of a finding by side, records last, and id.

    Args:
        frames: As ``Found.rows``.
        code: Of the audit, as are severity, fix and rule.
        severity: Which the mapping may have changed.
        fix: Where a row has none of its own.
        rule: The connector rules that the audit rests on.
        link: Puts ``link`` beside ``side``, ``noun`` and ``id``, in any order (``record_links``).
    """
    import polars as pl

    given = [rows for frame in frames if (rows := _collected(frame)).height]
    if not given:
        return empty_table()
    side, noun, identifier = pl.col("side"), pl.col("noun"), pl.col("id")
    filled = pl.concat(given).with_columns(
        pl.coalesce(noun, side.replace({str(one): one.noun for one in Side})),
        pl.col("fix").fill_null(fix),
        pl.col("order", "key", "group", "field", "message").fill_null(""),
    )
    del given  # a large audit's rows are held once
    same = {
        name: filled[name][0]
        for name in ("order", "key", "noun", "side", *_TOLD)
        if (filled[name] == filled[name][0]).all()
    }
    varied = [name for name in ("order", "key", "noun", "side") if name not in same]
    rows = (
        link(filled.drop(same.keys() & _TOLD))
        .lazy()
        .sort(
            *(noun.is_in(_NOUNS) if name == "noun" else name for name in varied),
            identifier.str.len_chars(),
            identifier,
        )
        .with_columns(
            pl.when(pl.col("key") == "")
            .then(pl.concat_str([side, pl.lit(":"), noun, pl.lit("/"), identifier]))
            .otherwise(pl.col("key"))
            .alias("key")
        )
        .drop("order")
        .collect()
    )
    del filled
    said = {name: text for name, text in same.items() if name in _TOLD}
    said |= {"code": code, "severity": str(severity), "rule": rule, "acknowledged": "", "since": ""}
    columns = {name: _constant(text, rows.height) for name, text in said.items()}
    columns["finding"] = _digests(code, rows["key"])
    return _formed(rows.drop("key"), columns)


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
        finding(table.slice(start, min(end - start, DETAILS_LIMIT)).to_pylist(), end - start)
        for start, end in zip(starts, ends, strict=True)
    )


def finding(rows: Sequence[Mapping[str, Any]], size: int) -> Finding:
    """One finding of ``size`` subjects as a value for people, from the rows of the first of them."""
    subjects: list[Subject] = []
    details: list[Value] = []
    for row in rows:
        subject = Subject(Side(row["side"]), row["noun"], row["id"])
        subjects.append(subject)
        held: dict[str, Value] = {"subject": str(subject)}
        if row["link"]:
            held["link"] = row["link"]
        told = json.loads(row["details"]) if row["details"] else {}
        details.append(held | told if isinstance(told, dict) else held)
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


def _collected(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """The rows of one query, with every column that rows may have."""
    import polars as pl

    with query_errors():
        held = frame.collect_schema().names()
    found = collect_frame(frame.select(*(name for name in _GIVEN if name in held)))
    absent = [pl.lit(None, pl.String).alias(name) for name in _GIVEN if name not in held]
    return found.with_columns(pl.all().cast(pl.String), *absent).select(_GIVEN)


def _digests(code: str, keys: pl.Series) -> pa.Array:
    """The finding ids: 16 hex digits over code and identity, each identity hashed once; equal ones are neighbours."""
    import polars as pl

    start = blake2b(code.encode(), digest_size=8)
    start.update(b"\n")

    def digest(key: str) -> str:
        state = start.copy()
        state.update(key.encode())
        return state.hexdigest()

    runs = keys.rle_id()
    each = keys.filter(keys.is_first_distinct()) if runs[-1] + 1 < len(keys) else keys
    digests = pl.Series([digest(key) for key in each.to_list()], dtype=pl.String)
    return _text(digests.gather(runs) if len(each) < len(keys) else digests)


def _text(series: pl.Series) -> pa.Array:
    import polars as pl
    import pyarrow as pa

    return series.cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())


def _constant(text: str, length: int) -> pa.Array:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(
        pa.repeat(pa.scalar(0, pa.int32()), length), pa.array([text], pa.string())
    )


def _repeated(series: pl.Series) -> pa.Array:
    """A dictionary of the texts in the order in which they come first, so that engines agree on it as well."""
    import polars as pl
    import pyarrow as pa

    texts = series.unique(maintain_order=True)
    if len(texts) == 1:
        return _constant(texts[0], len(series))
    indices = series.cast(pl.Enum(texts)).to_physical().cast(pl.Int32)
    return pa.DictionaryArray.from_arrays(indices.to_arrow(), _text(texts).cast(pa.string()))


def _formed(rows: pl.DataFrame, columns: Mapping[str, pa.Array]) -> pa.Table:
    """The columns in the table's types: those given, the others of ``rows``."""
    import pyarrow as pa

    made = dict(columns)
    for name in COLUMNS:
        if name not in made:
            made[name] = (_repeated if name in _REPEATED else _text)(rows[name])
    return pa.table([made[name] for name in COLUMNS], schema=table_schema())
