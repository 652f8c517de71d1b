"""Reads the table of an audit's findings as rows for reports, a piece at a time: nothing holds all of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.errors import InputFileError
from pdsync.model import Severity, Side, Subject
from pdsync.report.rows import FindingHead, FindingRow, RecordRow, SubjectRow

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.engine.record_names import RecordNames

__all__ = ["count_by_severity", "count_rows", "damage", "finding_rows", "record_rows"]

_COLUMNS: Final = (
    "finding", "code", "severity", "field", "group", "message", "fix", "rule", "since", "acknowledged",
    "side", "noun", "id", "link", "details",
)  # fmt: skip
_HEAD: Final = len(FindingHead._fields)
_BATCH: Final = 16_384
_NOUNS: Final = frozenset(side.noun for side in Side)

_Row = tuple[str, ...]


def finding_rows(
    path: Path, *, known: int = 20, most: int | None = None, names: RecordNames | None = None
) -> Iterator[FindingRow]:
    """One row per finding, in the order of the audit.

    Args:
        path: The Parquet file beside a stored audit.
        known: So many subjects of each side come whole, the others with their ids only.
        most: So many findings of each code; None: all.
        names: What records are called whose findings do not say it.

    Raises:
        InputFileError: the file is gone or damaged.
    """
    found: Counter[str] = Counter()
    for _, rows in groupby(_rows(path, most, names), key=lambda row: (row[1], row[0])):
        first = next(rows)
        head = FindingHead(*first[:_HEAD])
        found[head.code] += 1
        if most is not None and found[head.code] > most:
            continue
        ids: dict[Side, list[str]] = {side: [] for side in Side}
        whole: list[SubjectRow] = []
        records = 0
        for row in _chain(first, rows):
            side, noun = Side(row[_HEAD]), row[_HEAD + 1]
            records += noun in _NOUNS
            subject = Subject(side, noun, row[_HEAD + 2])
            if len(ids[side]) < known:
                whole.append(_subject(row, subject))
                ids[side].append(whole[-1].short_id)
            else:
                ids[side].append(SubjectRow(subject).short_id)
        yield FindingRow(head, tuple(whole), ids, records)


def record_rows(path: Path, *, names: RecordNames | None = None) -> Iterator[RecordRow]:
    """One row per finding and subject, in the order of the audit.

    Raises:
        InputFileError: the file is gone or damaged.
    """
    for row in _rows(path, None, names):
        subject = Subject(Side(row[_HEAD]), row[_HEAD + 1], row[_HEAD + 2])
        yield RecordRow(FindingHead(*row[:_HEAD]), _subject(row, subject))


def count_rows(path: Path) -> int:
    """Rows of the table: findings times their subjects.

    Raises:
        InputFileError: the file is gone or damaged.
    """
    import pyarrow.parquet as pq

    with damage(path):
        return int(pq.read_metadata(path).num_rows)


def count_by_severity(path: Path) -> dict[Side, dict[Severity, int]]:
    """Distinct records by the gravest finding that each has; records without any are not counted.

    Raises:
        InputFileError: the file is gone or damaged.
    """
    import polars as pl

    ranks = {str(severity): severity.rank for severity in Severity}
    with damage(path):
        counts = (
            pl.scan_parquet(path)
            .select(pl.col("side", "noun", "severity").cast(pl.String), "id")
            .filter(pl.col("noun").is_in(sorted(_NOUNS)))
            .group_by("side", "id")
            .agg(pl.col("severity").replace_strict(ranks, return_dtype=pl.Int8).min().alias("rank"))
            .group_by("side", "rank")
            .len()
            .collect(engine="streaming")
        )
    held = {(side, rank): number for side, rank, number in counts.iter_rows()}
    return {
        side: {severity: held.get((str(side), severity.rank), 0) for severity in Severity} for side in Side
    }


def _rows(path: Path, most: int | None, names: RecordNames | None) -> Iterator[_Row]:
    """Plain rows, the name of the subject last.

    With ``most``, pieces that hold nothing but more of a code that had enough are passed over.
    """
    import pyarrow.parquet as pq

    seen: Counter[str] = Counter()
    last = ""
    with damage(path), pq.ParquetFile(path) as file:
        held = [name for name in _COLUMNS if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=_BATCH, columns=held):
            # audits that were stored before findings could be acknowledged lack two columns
            columns = [
                _texts(batch.column(name)) if name in held else [""] * batch.num_rows for name in _COLUMNS
            ]
            ids, codes = columns[0], columns[1]
            if most is not None and codes[0] == codes[-1] and seen[codes[0]] > most:
                continue
            for identifier, code in zip(ids, codes, strict=True):
                seen[code] += identifier != last
                last = identifier
            sides, records = columns[_HEAD], columns[_HEAD + 2]
            called = names.look_up(sides, records) if names is not None else [""] * len(ids)
            yield from zip(*columns, called, strict=True)


def _texts(column: pa.Array) -> list[Any]:
    import pyarrow as pa

    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    texts: list[Any] = plain.to_pylist()
    return texts


def _subject(row: _Row, subject: Subject) -> SubjectRow:
    link, details, called = row[_HEAD + 3 :]
    held = json.loads(details) if details else {}
    called = called if subject.noun in _NOUNS else ""
    return SubjectRow(subject, link or "", held if isinstance(held, dict) else {}, called)


def _chain(first: _Row, rest: Iterator[_Row]) -> Iterator[_Row]:
    yield first
    yield from rest


@contextmanager
def damage(path: Path) -> Iterator[None]:
    """A file that cannot be read is one clear message."""
    import polars as pl
    import pyarrow as pa

    try:
        yield
    except (OSError, ValueError, pa.ArrowException, pl.exceptions.PolarsError) as error:
        raise InputFileError(
            f"The findings in {path} cannot be read: {(str(error).splitlines() or [''])[0][:200]}",
            untouched="No report was written.",
            next_step="Audit again: pdsync audit",
        ) from error
