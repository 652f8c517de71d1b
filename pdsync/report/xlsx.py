"""All findings as an XLSX workbook: a summary, one row per finding, one row per record concerned.

Every cell that holds text is declared to be text, so that nothing in it can be a formula. Rows are written as they come:
a workbook of a million findings needs no more memory than one of a hundred, apart from its links. Excel's own limits are
kept and said on the first sheet: 1,048,576 rows (more go on another sheet) and 65,530 links per sheet (further addresses
are plain text there).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Final

from pdsync.model import AuditReport, GateState, Severity, Side
from pdsync.report.changes import acknowledged_texts, acknowledgement_texts, since_texts, solved_texts
from pdsync.report.inert import for_sheet
from pdsync.report.links import LINKS_NOTE
from pdsync.report.rows import FindingRow, RecordRow, joined
from pdsync.report.text.standing import standing_words
from pdsync.report.text.values import account_words, counted
from pdsync.report.times import read_at

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["write_xlsx"]

_ROWS: Final = 1_048_576
"""Of one sheet, the head among them. Excel: Specifications and limits."""
_LINKS: Final = 65_530
"""Of one sheet; Excel repairs a file with more by taking all of them away."""
_FORMULA: Final = ("=", "+", "-", "@")
"""What begins a formula once somebody edits the cell; such cells are marked as quoted, as by an apostrophe."""

_COLOURS: Final = {
    Severity.BLOCKING: ("#FBE3D6", "#7A2E00"),
    Severity.WARNING: ("#FFF3D1", "#5C4300"),
    Severity.INFO: ("#E3F1FA", "#0B3C5D"),
}
_STATES: Final = {
    GateState.READY: ("#D9F0E3", "#00462F"),
    GateState.WARNINGS: _COLOURS[Severity.WARNING],
    GateState.NOT_READY: _COLOURS[Severity.BLOCKING],
}
_FINDINGS: Final = (
    ("Severity", 10), ("Audit", 22), ("Field", 18), ("Group", 20), ("Message", 70), ("What to do", 50), ("Rule", 8),
    ("Records", 9),
    *((f"{side.label} {what}", width) for side in Side for what, width in (
        ("records", 16), ("names", 28), ("emails", 32), ("details", 24), ("link", 30))),
    ("Since last", 11), ("Acknowledged", 30), ("Finding", 18),
)  # fmt: skip
_RECORDS: Final = (
    ("Severity", 10), ("Audit", 22), ("Where", 11), ("What", 9), ("Id", 26), ("Name", 30), ("Emails", 34),
    ("Details", 34), ("Link", 42), ("Field", 18), ("Group", 20), ("Message", 70), ("Since last", 11),
    ("Acknowledged", 30), ("Finding", 18),
)  # fmt: skip
_AUDITS: Final = (
    ("Severity", 22), ("Audit", 26), ("Findings", 11), *((f"{side.noun.capitalize()}s", 11) for side in Side),
    ("Allowed", 10), ("Exceeded", 34), ("What was found", 60), ("Changes", 28), ("Not checked", 40), ("Why it matters", 70),
    ("What to do", 60), ("Rule", 8),
)  # fmt: skip


@dataclass(slots=True)
class _Link:
    """An address that a cell leads to."""

    address: str


_Cell = str | int | _Link


def write_xlsx(
    stream: IO[bytes],
    report: AuditReport,
    findings: Iterable[FindingRow],
    records: Iterable[RecordRow],
    *,
    scratch: str,
) -> None:
    """Write the workbook.

    Args:
        stream: Where to.
        report: The audit.
        findings: All of them, in order.
        records: The same findings, one row per subject.
        scratch: A folder for what is not yet packed: it holds the same people as the workbook.
    """
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "tmpdir": scratch,
        "strings_to_urls": False,
        "strings_to_formulas": False,
    }
    with Workbook(stream, options) as book:
        book.use_zip64()
        book.set_properties({"title": "pdsync audit", "created": _made(report)})
        formats = _Formats(book)
        summary = book.add_worksheet("Summary")
        first_findings, first_records = book.add_worksheet("Findings"), book.add_worksheet("Records")
        lists = [
            _Sheets(book, first_findings, _FINDINGS, formats).fill(
                (one.head.severity, one.head.code, _finding_cells(one)) for one in findings
            ),
            _Sheets(book, first_records, _RECORDS, formats).fill(
                (one.finding.severity, one.finding.code, _record_cells(one)) for one in records
            ),
        ]
        _Summary(summary, formats).write(report, lists[0], list(_notes(lists)))


class _Formats:
    """The looks of cells."""

    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top"}
        self.plain = book.add_format(top)
        self.quoted = book.add_format({"quote_prefix": True, **top})
        self.wrapped = book.add_format({"text_wrap": True, **top})
        self.number = book.add_format({"num_format": "#,##0", **top})
        self.link = book.add_format({"font_color": "#00558C", "underline": 1, **top})
        self.bold = book.add_format({"bold": True, **top})
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.head = book.add_format(
            {"bold": True, "bg_color": "#1F3A4D", "font_color": "#FFFFFF", "valign": "vcenter"}
        )
        self.severity = {str(one): self._painted(book, colours) for one, colours in _COLOURS.items()}
        self.state = {one: self._painted(book, colours, font_size=14) for one, colours in _STATES.items()}

    @staticmethod
    def _painted(book: Workbook, colours: tuple[str, str], **more: int) -> Format:
        ground, ink = colours
        return book.add_format({"bg_color": ground, "font_color": ink, "bold": True, "valign": "top", **more})


@dataclass(slots=True)
class _Sheets:
    """A long table, on as many sheets as it takes."""

    book: Workbook
    sheet: Worksheet
    columns: Sequence[tuple[str, int]]
    formats: _Formats
    row: int = 0
    links: int = 0
    rows: int = 0
    """Of all sheets."""
    plain_links: int = 0
    """Addresses that are text, because their sheet had no room for another link."""
    names: list[str] = field(default_factory=list)
    starts: dict[str, str] = field(default_factory=dict)
    """Audit -> where its first row is."""

    def fill(self, rows: Iterable[tuple[str, str, Iterable[_Cell]]]) -> _Sheets:
        """Write rows of severity, audit and further cells."""
        self._begin(self.sheet)
        for severity, code, cells in rows:
            if self.row >= _ROWS:
                self._end()
                self._begin(self.book.add_worksheet(f"{self.names[0]} {len(self.names) + 1}"))
            self.starts.setdefault(code, f"internal:'{self.names[-1]}'!B{self.row + 1}")
            look = self.formats.severity.get(severity, self.formats.plain)
            self.sheet.write_string(self.row, 0, for_sheet(severity), look)
            self.sheet.write_string(self.row, 1, for_sheet(code), self.formats.plain)
            for column, cell in enumerate(cells, start=2):
                self._cell(column, cell)
            self.row += 1
            self.rows += 1
        self._end()
        return self

    def _cell(self, column: int, cell: _Cell) -> None:
        if isinstance(cell, int):
            self.sheet.write_number(self.row, column, cell, self.formats.number)
        elif isinstance(cell, _Link):
            if not cell.address:
                return
            if self.links < _LINKS:
                self.links += 1
                self.sheet.write_url(self.row, column, cell.address, self.formats.link, cell.address)
            else:
                self.plain_links += 1
                self.sheet.write_string(self.row, column, cell.address, self.formats.plain)
        elif cell:
            text, begins_formula = _ready(cell)
            look = self.formats.quoted if begins_formula else self.formats.plain
            self.sheet.write_string(self.row, column, text, look)

    def _begin(self, sheet: Worksheet) -> None:
        self.sheet, self.row, self.links = sheet, 1, 0
        self.names.append(sheet.get_name())
        _begin_table(sheet, 0, self.columns, self.formats)
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        _print_wide(sheet)

    def _end(self) -> None:
        self.sheet.autofilter(0, 0, max(self.row - 1, 1), len(self.columns) - 1)


@dataclass(slots=True)
class _Summary:
    """The first sheet: the answer, what it rests on, and one row per audit."""

    sheet: Worksheet
    formats: _Formats
    row: int = 0

    def write(self, report: AuditReport, findings: _Sheets, notes: Sequence[str]) -> None:
        for column, (_, width) in enumerate(_AUDITS):
            self.sheet.set_column(column, column, width, self.formats.plain)
        self._line("pdsync audit", look=self.formats.title)
        gate = report.gate
        blocked = counted(gate.blocked_records, "record is blocked", "records are blocked")
        self._line(
            str(gate.state).upper(),
            blocked if gate.blocked_records else "",
            look=self.formats.state[gate.state],
        )
        self.row += 1
        for side in Side:
            said = f"{counted(report.totals[side], side.noun)}, {account_words(report.accounts[side])}"
            read = read_at(report.snapshots[side])
            self._line(side.label, f"{said}, read {read}" if read else said)
        self._line("Mapping", report.mapping_name)
        for label, texts in (
            ("Because", gate.reasons),
            ("No plan can be applied", gate.refused),
            ("Not checked", gate.not_checked),
            ("Acknowledged", acknowledged_texts(report)),
            ("To look after", acknowledgement_texts(report)),
            ("Since last", since_texts(report)),
            ("Solved", solved_texts(report)),
            ("Note", notes),
        ):
            for number, text in enumerate(texts):
                self._line(label if number == 0 else "", text)
        self.row += 1
        _begin_table(self.sheet, self.row, _AUDITS, self.formats)
        start = self.row
        self.row += 1
        for one in report.summaries:
            self.sheet.write_string(self.row, 0, str(one.severity), self.formats.severity[str(one.severity)])
            place = findings.starts.get(one.code)
            if place is None:
                self.sheet.write_string(self.row, 1, for_sheet(one.code), self.formats.plain)
            else:
                self.sheet.write_url(self.row, 1, place, self.formats.link, for_sheet(one.code))
            for column, number in enumerate(
                (one.findings, *(one.records.get(side, 0) for side in Side)), start=2
            ):
                self.sheet.write_number(self.row, column, number, self.formats.number)
            allowed = [f"{one.allow:,}"] if one.allow is not None else []
            allowed += [f"{one.allow_percent:g} %"] if one.allow_percent is not None else []
            texts = (
                ", ".join(allowed),
                one.exceeded,
                one.headline,
                standing_words(one, report.differences),
                one.not_checked,
                one.why,
                one.fix,
                one.rule,
            )
            for column, text in enumerate(texts, start=5):
                if text:
                    self.sheet.write_string(self.row, column, for_sheet(text), self.formats.wrapped)
            self.row += 1
        self.sheet.autofilter(start, 0, max(self.row - 1, start + 1), len(_AUDITS) - 1)
        _print_wide(self.sheet)

    def _line(self, label: str, text: str = "", *, look: Format | None = None) -> None:
        self.sheet.write_string(self.row, 0, label, look or self.formats.bold)
        if text:
            self.sheet.write_string(self.row, 1, for_sheet(text), self.formats.plain)
        self.row += 1


@lru_cache(8_192)
def _ready(text: str) -> tuple[str, bool]:
    """A text for a cell, and whether it begins as a formula does; many findings share most of their texts."""
    harmless = for_sheet(text)
    return harmless, harmless.lstrip().startswith(_FORMULA)


def _begin_table(sheet: Worksheet, row: int, columns: Sequence[tuple[str, int]], formats: _Formats) -> None:
    for column, (name, width) in enumerate(columns):
        if row == 0:
            sheet.set_column(column, column, width, formats.plain)
        sheet.write_string(row, column, name, formats.head)


def _print_wide(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&RPage &P of &N")


def _finding_cells(finding: FindingRow) -> Iterator[_Cell]:
    head = finding.head
    yield from (head.field, head.group, head.message, head.fix, head.rule, finding.records)
    for side in Side:
        known, ids = finding.on(side), finding.ids.get(side, ())
        shown = len(known)
        yield joined(ids[:shown], total=len(ids))
        for texts in (
            [one.name for one in known],
            [one.emails for one in known],
            [one.more for one in known],
        ):
            yield joined(texts)
        yield _Link(next((one.address for one in known if one.address), ""))
    yield from (head.since, head.known, head.id)


def _record_cells(row: RecordRow) -> Iterator[_Cell]:
    head, held = row.finding, row.subject
    yield from (
        held.subject.side.label,
        held.subject.noun,
        held.subject.id,
        held.name,
        held.emails,
        held.more,
    )
    yield _Link(held.address)
    yield from (head.field, head.group, head.message, head.since, head.known, head.id)


def _notes(lists: Sequence[_Sheets]) -> Iterator[str]:
    """What a reader has to know about this workbook."""
    yield (
        "Findings has one row per finding and names its first records; Records has one row per finding and record. "
        "Exact values are in the JSON report."
    )
    for one in lists:
        if len(one.names) > 1:
            yield f"{one.names[0]}: {one.rows:,} rows, more than a sheet takes; they go on in {', '.join(one.names[1:])}."
        if one.plain_links:
            yield (
                f"{one.names[0]}: {one.plain_links:,} addresses are plain text, because Excel takes {_LINKS:,} links "
                "per sheet; copy them into a browser."
            )
    yield LINKS_NOTE


def _made(report: AuditReport) -> datetime:
    """When the later side was read; the beginning of time where no snapshot says it."""
    times = [read_at(snapshot) for snapshot in report.snapshots.values()]
    last = max((time for time in times if time), default="1980-01-01 00:00 UTC")
    return datetime.strptime(last, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
