"""An audit as files: complete, private, and whole or not there."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pdsync.audits.table import table_schema
from pdsync.engine import exporting
from pdsync.engine.exporting import REPORT_ENDINGS, check_report_files, export_audit
from pdsync.engine.finding_rows import count_by_severity, finding_rows, record_rows
from pdsync.engine.record_names import RecordNames
from pdsync.errors import InputFileError, StorageFull, UsageError
from pdsync.model import AuditReport, Event, Progress, Severity, Side
from tests.report.build import audit_report

Row = tuple[str, str, str, str, str]


def stored(folder: Path, *rows: Row, chunk: int = 1_000_000) -> Path:
    """A table of findings: code, severity, finding, side, id."""
    columns = {name: [""] * len(rows) for name in table_schema().names}
    columns |= dict(
        zip(("code", "severity", "finding", "side", "id"), map(list, zip(*rows, strict=True)), strict=True)
    )
    columns["noun"] = [Side(side).noun for side in columns["side"]]
    columns["details"] = [json.dumps({"first_name": f"Ada {identifier}"}) for identifier in columns["id"]]
    path = folder / "found.parquet"
    pq.write_table(pa.table(columns, schema=table_schema()), path, row_group_size=chunk)
    return path


def rows() -> Iterator[Row]:
    """A cluster of three persons and a contact, then 50 persons with a finding each."""
    for identifier in ("1", "2", "3"):
        yield "duplicate-email", "blocking", "a", "pipedrive", identifier
    yield "duplicate-email", "blocking", "a", "plezi", "c1"
    for number in range(50):
        yield "one-word-name", "info", f"{number:04}", "pipedrive", str(number)


@pytest.fixture
def report(tmp_path: Path) -> AuditReport:
    """An audit with its table."""
    return replace(audit_report(), table=str(stored(tmp_path, *rows())))


def test_a_finding_is_one_row(report: AuditReport) -> None:
    """Subjects come together; the first of each side whole, the others by id (all of them)."""
    first, second, *_ = finding_rows(Path(report.table), known=2)

    assert (first.head.code, first.records) == ("duplicate-email", 4)
    assert first.ids == {Side.PIPEDRIVE: ["1", "2", "3"], Side.PLEZI: ["c1"]}
    assert [one.name for one in first.subjects] == ["Ada 1", "Ada 2", "Ada c1"]
    assert second.head.id == "0000"


@pytest.mark.parametrize("batch", [1, 2, 3, 7, 1000])
def test_rows_do_not_depend_on_pieces(
    report: AuditReport, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finding whose subjects lie in two pieces of the file is still one; each code has as many as asked for."""
    monkeypatch.setattr("pdsync.engine.finding_rows._BATCH", batch)
    found = list(finding_rows(Path(report.table)))
    few = list(finding_rows(Path(report.table), most=3))

    assert [one.head.id for one in found] == ["a", *(f"{number:04}" for number in range(50))]
    assert sum(one.records for one in found) == 54
    assert [one.head.id for one in few] == ["a", "0000", "0001", "0002"]
    assert len(list(record_rows(Path(report.table)))) == 54


def test_records_count_once_by_their_gravest_finding(report: AuditReport) -> None:
    """Persons 1 to 3 have an info as well; they are blocked."""
    assert count_by_severity(Path(report.table)) == {
        Side.PIPEDRIVE: {Severity.BLOCKING: 3, Severity.WARNING: 0, Severity.INFO: 47},
        Side.PLEZI: {Severity.BLOCKING: 1, Severity.WARNING: 0, Severity.INFO: 0},
    }


@pytest.mark.parametrize("ending", REPORT_ENDINGS)
@pytest.mark.long
def test_files_are_private_and_replaced(report: AuditReport, ending: str, tmp_path: Path) -> None:
    """What was there before is replaced, whatever its rights were; nothing else is left in the folder."""
    file = tmp_path / "out" / f"audit{ending.upper()}"
    file.parent.mkdir()
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)

    export_audit(report, [file])

    assert file.read_bytes()[:3] != b"old"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize(("ending", "total"), [(".csv", 51), (".xlsx", 51 + 54)])
def test_long_lists_tell_how_far_they_are(
    report: AuditReport, ending: str, total: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a million rows take a minute: somebody watches."""
    monkeypatch.setattr(exporting, "_TOLD", 20)
    told: list[Event] = []
    summaries = (replace(report.summaries[0], findings=51),)
    export_audit(replace(report, summaries=summaries), [tmp_path / f"a{ending}"], on_event=told.append)

    assert told[0] == Progress("report", 20, total)
    assert told[-1] == Progress("report", total, total)


def test_csv_holds_every_finding(report: AuditReport, tmp_path: Path) -> None:
    """Not the samples: all."""
    file = tmp_path / "all.csv"
    export_audit(report, [file])

    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 51


def test_other_endings_are_refused_before_anything(tmp_path: Path) -> None:
    """The message names the endings that there are."""
    with pytest.raises(UsageError) as caught:
        check_report_files([tmp_path / "a.csv", tmp_path / "audit.docx"])

    assert ".docx stands for no report" in caught.value.message
    assert all(ending in caught.value.next_step for ending in REPORT_ENDINGS)
    with pytest.raises(UsageError, match="a name without an ending"):
        check_report_files([tmp_path / "audit"])
    with pytest.raises(UsageError, match="there is no folder"):
        check_report_files([tmp_path / "nowhere" / "audit.csv"])


def test_a_missing_table_leaves_what_was_there(report: AuditReport, tmp_path: Path) -> None:
    """The message says what to type; the old report is as it was, and no half file is left."""
    file = tmp_path / "out" / "all.csv"
    file.parent.mkdir()
    file.write_text("old", encoding="utf-8")

    for table in (str(tmp_path / "gone.parquet"), ""):
        with pytest.raises(InputFileError) as caught:
            export_audit(replace(report, table=table), [file])
        assert "pdsync audit" in caught.value.next_step

    assert file.read_text(encoding="utf-8") == "old"
    assert list(file.parent.iterdir()) == [file]


def test_a_full_disk_leaves_what_was_there(
    report: AuditReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old report is as it was."""
    file = tmp_path / "out" / "all.json"
    file.parent.mkdir()
    file.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pdsync.engine.private_files.os.fsync", full)
    with pytest.raises(StorageFull):
        exporting.export_audit(report, [file])

    assert file.read_text(encoding="utf-8") == "old"
    assert list(file.parent.iterdir()) == [file]


def test_pages_need_what_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the message says what to install, and that other endings need nothing."""
    monkeypatch.setattr(exporting, "find_spec", lambda _: None)

    check_report_files([tmp_path / "audit.xlsx"])
    with pytest.raises(UsageError) as caught:
        check_report_files([tmp_path / "audit.html"])
    assert "pip install 'pdsync[reports]'" in caught.value.next_step


def snapshot(folder: Path, name: str, columns: dict[str, list[Any]]) -> None:
    """The records of a snapshot."""
    (folder / "snapshots" / name).mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "snapshots" / name / "records.parquet")


@pytest.mark.parametrize("batch", [2, 1000])
def test_everybody_is_named(
    report: AuditReport, tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the snapshot where the finding does not say it; by nothing where the snapshot is gone."""
    monkeypatch.setattr("pdsync.engine.finding_rows._BATCH", batch)
    (tmp_path / "audits").mkdir()
    held = pq.read_table(report.table)
    blank = held.set_column(
        held.schema.get_field_index("details"), "details", pa.array([None] * held.num_rows, pa.large_string())
    )
    pq.write_table(blank, tmp_path / "audits" / "a.parquet")
    stored_report = replace(report, table=str(tmp_path / "audits" / "a.parquet"))
    columns: dict[str, list[Any]] = {
        "id": ["1", "2", "3", "4"],
        "c:first_name": ["Ada", None, None, "x"],
        "c:last_name": ["Lupin", "Rivière", None, "y"],
        "c:name": ["?", "?", "Zoé", "z"],
    }
    snapshot(tmp_path, report.snapshots[Side.PIPEDRIVE], columns)
    names = RecordNames.of(stored_report)
    first, second, *_ = finding_rows(Path(stored_report.table), names=names)

    assert [one.name for one in first.subjects] == ["Ada Lupin", "Rivière", "Zoé", ""]
    assert [one.subject.name for one in record_rows(Path(stored_report.table), names=names)][:5] == [
        "Ada Lupin", "Rivière", "Zoé", "", "",
    ]  # fmt: skip
    assert [one.name for one in next(finding_rows(Path(report.table), names=names)).subjects][:2] == [
        "Ada 1",
        "Ada 2",
    ]
    assert second.subjects[0].name == ""
    snapshot(tmp_path, report.snapshots[Side.PLEZI], {"id": ["c1"], "c:name": ["Zoé Lupin"]})
    assert (
        next(finding_rows(Path(stored_report.table), names=RecordNames.of(stored_report))).subjects[-1].name
        == "Zoé Lupin"
    )


def test_a_damaged_snapshot_costs_the_names_only(report: AuditReport, tmp_path: Path) -> None:
    """The report is written all the same."""
    (tmp_path / "audits").mkdir()
    table = Path(report.table).rename(tmp_path / "audits" / "a.parquet")
    for side in Side:
        snapshot(tmp_path, report.snapshots[side], {"id": ["1"], "c:name": ["Ada"]})
        (tmp_path / "snapshots" / report.snapshots[side] / "records.parquet").write_bytes(
            b"PAR1 and then nothing"
        )
    moved = replace(report, table=str(table))

    assert RecordNames.of(moved).look_up(["pipedrive"], ["1"]) == [""]
    export_audit(moved, [tmp_path / "all.csv"])
    assert (tmp_path / "all.csv").stat().st_size > 1_000
