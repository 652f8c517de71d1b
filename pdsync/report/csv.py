"""All findings as CSV, one row per finding: for spreadsheets and for programs.

RFC 4180, UTF-8 with a byte order mark (without it Excel reads accents as two letters), every cell in quotation marks.
A cell that a spreadsheet would take for a formula gets an apostrophe: ``=HYPERLINK(...)`` in a person's name would
otherwise send what stands beside it to a stranger. The JSON report and the table of findings have exact values.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from pdsync.model import Side
from pdsync.report.inert import for_csv
from pdsync.report.rows import FindingRow, joined

__all__ = ["COLUMNS", "csv_pieces"]

COLUMNS: Final = (
    "severity", "code", "field", "group", "message", "fix", "rule", "records",
    *(f"{side}_{part}" for side in Side for part in ("ids", "names", "emails", "details", "links")),
    "since", "acknowledged", "finding",
)  # fmt: skip
"""The first line. ``records`` counts persons and contacts; several values of a cell are separated by ``; ``. ``since`` is
``new`` or ``persisting`` against the audit before."""

_TOGETHER: Final = 500
"""Rows per piece."""


def csv_pieces(findings: Iterable[FindingRow]) -> Iterator[str]:
    """The whole file, some hundred rows at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(COLUMNS)
    for number, finding in enumerate(findings, start=1):
        writer.writerow(_cells(finding))
        if number % _TOGETHER == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cells(finding: FindingRow) -> Iterator[str]:
    head = finding.head
    texts = (head.severity, head.code, head.field, head.group, head.message, head.fix, head.rule)
    yield from map(_often, texts)
    yield str(finding.records)
    for side in Side:
        known = finding.on(side)
        if not known:
            yield from ("",) * 5
            continue
        total = len(finding.ids[side])
        yield for_csv(joined(finding.ids[side]))
        for column in (
            [one.name for one in known],
            [one.emails for one in known],
            [one.more for one in known],
            [one.address for one in known],
        ):
            yield for_csv(joined(column, total=total)) if any(column) else ""
    yield from (head.since, _often(head.known), head.id)


_often = lru_cache(4_096)(for_csv)
"""Of texts that many findings share."""
