"""Writes an audit as files for people: the ending of a file's name says which report it becomes.

::

    export_audit(report, [Path("audit.html"), Path("audit.xlsx")])

The one way to reports as files, for the command line, the terminal UI and notebooks. Files hold people (Markdown aside), so
they are private, and whole or not there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final, TypeVar

from pdsync.engine.finding_rows import count_by_severity, count_rows, finding_rows, record_rows
from pdsync.engine.private_files import private_file
from pdsync.engine.record_names import RecordNames
from pdsync.errors import InputFileError, UsageError
from pdsync.model import AuditReport, Event, Progress

__all__ = ["REPORT_ENDINGS", "check_report_files", "export_audit"]

REPORT_ENDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".html": "one page with charts, to search and to print",
        ".xlsx": "every finding with links, for spreadsheets",
        ".csv": "every finding, one row each",
        ".md": "counts, codes and ids for a pull request, no person",
        ".json": "for programs",
    }
)
"""What the endings stand for, in words for help texts."""

_TOLD: Final = 5_000
"""Rows between two words about progress."""
_DRAW: Final = ("altair", "vl_convert")
"""The libraries of the extra ``reports``."""


def check_report_files(files: Iterable[Path]) -> None:
    """See that these files could be written, before anything is audited for them.

    Raises:
        UsageError: an ending that stands for no report, a folder that is not there, or a library that is not installed.
    """
    for file in files:
        if file.suffix.lower() not in REPORT_ENDINGS:
            known = "; ".join(f"{ending} ({says})" for ending, says in REPORT_ENDINGS.items())
            raise UsageError(
                f"{file}: {file.suffix or 'a name without an ending'} stands for no report.",
                untouched="Nothing was audited or written.",
                next_step=f"The ending decides: {known}.",
            )
        if not file.parent.is_dir():
            raise UsageError(
                f"{file}: there is no folder {file.parent}.",
                untouched="Nothing was audited or written.",
                next_step="Make the folder, or name another file.",
            )
        if file.suffix.lower() == ".html" and not all(map(find_spec, _DRAW)):
            raise UsageError(
                "What draws the charts of an HTML report is not installed.",
                untouched="Nothing was audited or written.",
                next_step="pip install 'pdsync[reports]', or choose another ending: .xlsx, .csv, .md or .json.",
            )


def _ignore(event: Event) -> None:
    del event


def export_audit(
    report: AuditReport, files: Sequence[Path], *, on_event: Callable[[Event], None] = _ignore
) -> None:
    """Write one report per file, each in the form that its ending stands for (``REPORT_ENDINGS``).

    Args:
        report: An audit that was stored: the findings are read from the table beside it.
        files: What is there is replaced, once the new file is whole.
        on_event: Told ``Progress`` of stage ``report``, by file, while rows are written.

    Raises:
        UsageError: as ``check_report_files``; or a file cannot be written.
        InputFileError: the table of findings is gone or damaged.
        StorageFull: no room left.
    """
    check_report_files(files)
    for file in files:
        with private_file(file) as stream:
            _WRITERS[file.suffix.lower()](report, stream, on_event)


def _table(report: AuditReport) -> Path:
    """Where the findings are."""
    if not report.table:
        raise InputFileError(
            "The findings of this audit were not kept.",
            untouched="No report was written.",
            next_step="Audit again: pdsync audit",
        )
    return Path(report.table)


_Row = TypeVar("_Row")


def _told(rows: Iterable[_Row], on_event: Callable[[Event], None], done: int, total: int) -> Iterator[_Row]:
    """The rows, and now and then how many there were; ``done``: before these."""
    for number, row in enumerate(rows, start=done + 1):
        yield row
        if number % _TOLD == 0 or number == total:
            on_event(Progress("report", number, total))


def _findings(report: AuditReport) -> int:
    return sum(one.findings for one in report.summaries)


def _html(report: AuditReport, stream: IO[bytes], on_event: Callable[[Event], None]) -> None:
    del on_event  # a page takes the same few seconds whatever was found
    from pdsync.report.html import PER_AUDIT, html_pieces

    table = _table(report)
    pieces = html_pieces(
        report,
        finding_rows(table, known=10, most=PER_AUDIT, names=RecordNames.of(report)),
        count_by_severity(table),
        everything="All of them: the same command with -o findings.xlsx, or .csv.",
    )
    for piece in pieces:
        stream.write(piece.encode("utf-8"))


def _xlsx(report: AuditReport, stream: IO[bytes], on_event: Callable[[Event], None]) -> None:
    from xlsxwriter.exceptions import FileCreateError

    from pdsync.report.xlsx import write_xlsx

    table, names = _table(report), RecordNames.of(report)
    findings, records = _findings(report), count_rows(table)
    total = findings + records
    with tempfile.TemporaryDirectory(prefix="pdsync-") as scratch:
        try:
            write_xlsx(
                stream,
                report,
                _told(finding_rows(table, known=5, names=names), on_event, 0, total),
                _told(record_rows(table, names=names), on_event, findings, total),
                scratch=scratch,
            )
        except FileCreateError as error:  # its way to say that the disk is full
            cause = error.args[0] if error.args else None
            raise (cause if isinstance(cause, OSError) else OSError(str(error))) from error


def _csv(report: AuditReport, stream: IO[bytes], on_event: Callable[[Event], None]) -> None:
    from pdsync.report.csv import csv_pieces

    rows = finding_rows(_table(report), names=RecordNames.of(report))
    for piece in csv_pieces(_told(rows, on_event, 0, _findings(report))):
        stream.write(piece.encode("utf-8"))


def _markdown(report: AuditReport, stream: IO[bytes], on_event: Callable[[Event], None]) -> None:
    del on_event
    from pdsync.report.markdown import audit_markdown

    for line in audit_markdown(report):
        stream.write(f"{line}\n".encode())


def _json(report: AuditReport, stream: IO[bytes], on_event: Callable[[Event], None]) -> None:
    del on_event
    from pdsync.report.json import audit_json

    stream.write(audit_json(report).encode("utf-8"))


_WRITERS: Final[Mapping[str, Callable[[AuditReport, IO[bytes], Callable[[Event], None]], None]]] = (
    MappingProxyType({".html": _html, ".xlsx": _xlsx, ".csv": _csv, ".md": _markdown, ".json": _json})
)
