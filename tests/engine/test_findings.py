"""Searching the findings of an audit, and what was kept of audits."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.engine.findings import GROUPS, SORTS, FindingRow, FindingsTable, Heading, Query, parse_query
from pdsync.engine.stored_audits import stored_audits
from pdsync.errors import InputFileError, UsageError
from pdsync.model import AuditReport, Side
from pdsync.report.json import audit_json
from tests.report.build import audit_report

COLUMNS = (
    "code", "severity", "finding", "group", "side", "noun", "id", "field", "message", "fix", "rule", "link", "details",
)  # fmt: skip


def table(*rows: tuple[str, ...]) -> FindingsTable:
    """A table of these rows: code, finding, side, id, field, details."""
    columns = [
        (code, "warning", finding, field, side, Side(side).noun, identifier, field, f"about {code}", "mend", "R1",
         f"https://example.com/{identifier}", details or None)
        for code, finding, side, identifier, field, details in rows
    ]  # fmt: skip
    return FindingsTable(pl.DataFrame(columns, schema=dict.fromkeys(COLUMNS, pl.String), orient="row"))


TABLE = table(
    ("duplicate-email", "a", "pipedrive", "1", "", '{"addresses": [{"delivered": "Zoé@example.com"}]}'),
    ("duplicate-email", "a", "pipedrive", "2", "", ""),
    ("duplicate-email", "a", "plezi", "c1", "", '{"first_name": "Zoé", "last_name": "Rivière"}'),
    ("option-mismatch", "b", "pipedrive", "9", "Secteur", '{"label": "Énergie", "records": 12}'),
    ("missing-last-name", "c", "plezi", "c7", "last_name", '{"first_name": null, "last_name": ""}'),
)


def codes(query: str, **how: str) -> list[str]:
    """The codes that a query finds, in order."""
    found = TABLE.select(parse_query(query), **how)  # type: ignore[arg-type]
    return [row.code for row in (found[n] for n in range(len(found))) if isinstance(row, FindingRow)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["duplicate-email", "option-mismatch", "missing-last-name"]),
        ("ENERGIE", ["option-mismatch"]),
        ("riviere zoe", ["duplicate-email"]),
        ("code:dup", ["duplicate-email"]),
        ("code:dup code:opt", ["duplicate-email", "option-mismatch"]),
        ("field:sect", ["option-mismatch"]),
        ("side:plezi", ["duplicate-email", "missing-last-name"]),
        ("side:plezi code:missing", ["missing-last-name"]),
        ("/^opt/", ["option-mismatch"]),
        ("severity:warning", ["duplicate-email", "option-mismatch", "missing-last-name"]),
        ("severity:info", []),
        ('"about missing"', ["missing-last-name"]),
    ],
)
def test_a_query_finds(query: str, expected: list[str]) -> None:
    """Words without case and accents, patterns, and keys; all of them, and one of several values of a key."""
    assert expected == codes(query)


def test_a_finding_is_one_row_with_its_first_subject_of_each_side() -> None:
    """A name where one is known, else an option with how many hold it, an address, an id."""
    found = TABLE.select(Query())
    rows = [row for row in (found[n] for n in range(3)) if isinstance(row, FindingRow)]

    assert [(row.pipedrive, row.plezi) for row in rows] == [
        ("Zoé@example.com +1", "Zoé Rivière"),
        ("Énergie (12)", ""),
        ("", "c7"),
    ]
    assert [row.records for row in rows] == [3, 1, 1]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("group", GROUPS)
def test_every_order_shows_every_finding_once(sort: str, group: str) -> None:
    """Sorting and grouping lose nothing; the heads of groups count what stands below them."""
    found = TABLE.select(Query(), sort=sort, group=group, descending=True)
    rows = [found[n] for n in range(len(found))]

    assert {0, 1, 2} == {row.number for row in rows if isinstance(row, FindingRow)}
    assert found.count == sum(isinstance(row, FindingRow) for row in rows) == 3
    heads = [row.count for row in rows if isinstance(row, Heading)]
    assert sum(heads) == (3 if group else 0)


@given(st.text(max_size=30))
def test_nothing_that_is_typed_breaks_the_search(text: str) -> None:
    """Every text is a query, or is told to be no regular expression."""
    try:
        query = parse_query(text)
    except UsageError:
        return
    assert 0 <= TABLE.select(query).count <= 3


def test_a_finding_whole() -> None:
    """All subjects with what is known of them."""
    finding = TABLE.finding(0)

    assert [str(s) for s in finding.subjects] == [
        "pipedrive:person/1",
        "pipedrive:person/2",
        "plezi:contact/c1",
    ]
    assert finding.fix == "mend"


def test_an_empty_table_is_searched_too() -> None:
    """No finding is the best outcome."""
    assert table().select(parse_query("x")).count == 0


def test_a_table_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    """Damaged or missing: audit again."""
    with pytest.raises(InputFileError, match="cannot be read"):
        FindingsTable.open(str(tmp_path / "gone.parquet"))


def test_stored_audits_come_newest_first_and_whole(tmp_path: Path) -> None:
    """What was kept is what was said, samples aside; what is no audit is passed over."""
    report: AuditReport = audit_report()
    for name in ("20261101T120000Z-00000001", "20261102T120000Z-00000002"):
        (tmp_path / f"{name}.json").write_text(audit_json(report), encoding="utf-8")
    (tmp_path / "20261103T120000Z-00000003.json").write_text("{", encoding="utf-8")

    found = list(stored_audits(tmp_path))

    assert [one.id for one in found] == ["20261102T120000Z-00000002", "20261101T120000Z-00000001"]
    assert found[0].report.gate == report.gate
    assert [one.headline for one in report.summaries] == [one.headline for one in found[0].report.summaries]
    assert [one.groups for one in report.summaries] == [one.groups for one in found[0].report.summaries]
    assert not found[0].has_table
