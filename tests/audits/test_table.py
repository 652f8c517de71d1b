"""The table of findings: complete, in one form and one order, whatever found them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa
import pytest

from pdsync.audits.table import COLUMNS, empty_table, findings_table, join_tables, samples, table_schema
from pdsync.model import Severity, Side, Subject
from pdsync.snapshots.engines import open_engine


def table(engine: str, *frames: Mapping[str, Sequence[str | None]], code: str = "test-code") -> pa.Table:
    """A findings table from columns of text."""
    made = open_engine(engine)
    lazy = [made.table(pa.table({k: pa.array(v, pa.string()) for k, v in frame.items()})) for frame in frames]
    return findings_table(
        lazy, code=code, severity=Severity.WARNING, fix="Mend it.", rule="R1", link=_first_only
    )


def _first_only(rows: pl.DataFrame) -> pl.DataFrame:
    """A page for person 1 alone."""
    pages = ["https://a" if one == "1" else None for one in rows["id"]]
    return rows.with_columns(pl.Series("link", pages, pl.String))


def test_one_form(engine: str) -> None:
    """Columns that an audit leaves out are filled: noun by side, the audit's own fix, no nulls but link and details."""
    rows = table(
        engine, {"side": ["plezi"], "id": ["c"], "fix": [None]}, {"side": ["pipedrive"], "id": ["1"]}
    )

    assert rows.schema == table_schema()
    assert rows.column_names == list(COLUMNS)
    first, second = rows.to_pylist()
    assert (first["noun"], first["id"], second["noun"], second["id"]) == ("person", "1", "contact", "c")
    assert {row["fix"] for row in rows.to_pylist()} == {"Mend it."}
    assert first | {"finding": ""} == {
        "code": "test-code", "severity": "warning", "finding": "", "group": "", "side": "pipedrive", "noun": "person",
        "id": "1", "field": "", "message": "", "fix": "Mend it.", "rule": "R1", "link": "https://a", "details": None,
        "acknowledged": "", "since": "",
    }  # fmt: skip


def test_order_is_that_of_people(engine: str) -> None:
    """Ids in the order of numbers, persons before contacts, subjects of a finding together and options first."""
    rows = table(
        engine,
        {"side": ["plezi", "pipedrive", "pipedrive", "pipedrive"], "id": ["5", "100", "20", "3"]},
    )
    assert rows["id"].to_pylist() == ["3", "20", "100", "5"]

    rows = table(
        engine,
        {
            "order": ["2", "1", "1", "1"],
            "key": ["b", "a", "a", "a"],
            "side": ["pipedrive", "plezi", "plezi", "pipedrive"],
            "noun": [None, None, "option", None],
            "id": ["9", "c", "f/x", "10"],
        },
    )
    assert rows["id"].to_pylist() == ["f/x", "10", "c", "9"]


def test_ids_rest_on_code_and_identity(engine: str) -> None:
    """The same finding has the same id in every run; another subject, key or code has another."""
    one = table(engine, {"side": ["pipedrive"], "id": ["1"], "message": ["a"], "group": ["x"]})
    again = table(engine, {"side": ["pipedrive", "pipedrive"], "id": ["2", "1"], "message": ["b", "c"]})
    contact = table(engine, {"side": ["plezi"], "id": ["1"]})
    other = table(engine, {"side": ["pipedrive"], "id": ["1"]}, code="other-code")
    keyed = table(engine, {"side": ["pipedrive", "plezi"], "id": ["1", "1"], "key": ["k", "k"]})

    (first,) = one["finding"].to_pylist()
    assert again["finding"].to_pylist()[0] == first
    assert len(first) == 16
    ids = {
        first,
        *again["finding"].to_pylist(),
        *contact["finding"].to_pylist(),
        *other["finding"].to_pylist(),
    }
    assert len(ids) == 4
    assert len(set(keyed["finding"].to_pylist()) - ids) == 1


def test_no_findings(engine: str) -> None:
    """Nothing found is an empty table of the same form."""
    assert table(engine).num_rows == 0
    assert table(engine, {"side": [], "id": []}).schema == table_schema()
    assert join_tables([]).schema == empty_table().schema
    assert samples(empty_table(), 5) == ()


def test_samples_are_findings_for_people(engine: str) -> None:
    """The first findings as values, with subjects, links and details; the rest is counted."""
    rows = table(
        engine,
        {
            "order": ["1"] * 25 + ["2", "3"],
            "key": ["a"] * 25 + ["b", "c"],
            "side": ["pipedrive"] * 27,
            "id": [str(number) for number in range(1, 28)],
            "message": ["many"] * 25 + ["one", "other"],
            "details": ['{"role": "x"}'] + [None] * 26,
            "group": ["g"] * 27,
            "field": ["f"] * 27,
        },
    )
    first, second = samples(join_tables([rows, empty_table()]), 2)

    assert first.message == "many"
    assert first.severity is Severity.WARNING
    assert (first.fix, first.rule, first.field) == ("Mend it.", "R1", "f")
    assert first.subjects[:2] == (
        Subject(Side.PIPEDRIVE, "person", "1"),
        Subject(Side.PIPEDRIVE, "person", "2"),
    )
    assert len(first.subjects) == 20
    subjects = first.details["subjects"]
    assert isinstance(subjects, list)
    assert subjects[0] == {"subject": "pipedrive:person/1", "link": "https://a", "role": "x"}
    assert first.details["more"] == 5
    assert first.details["group"] == "g"
    assert second.subjects == (Subject(Side.PIPEDRIVE, "person", "26"),)
    assert samples(rows, 0) == ()


def test_details_may_hold_anything(engine: str) -> None:
    """A name is never taken for structure: quotes, line ends and nulls go through as text."""
    rows = table(engine, {"side": ["plezi"], "id": ['c"\n|'], "details": ['{"name": "a\\u0000\\n"}']})

    (finding,) = samples(rows, 1)

    assert finding.subjects[0].id == 'c"\n|'
    subjects = finding.details["subjects"]
    assert isinstance(subjects, list)
    assert subjects[0]["name"] == "a\x00\n"


@pytest.mark.parametrize("count", [50_000])
def test_repeated_text_is_stored_once(engine: str, count: int) -> None:
    """A million findings with one message stay small: texts that repeat are kept once."""
    ids = [str(number) for number in range(count)]
    rows = table(
        engine, {"side": ["plezi"] * count, "id": ids, "message": ["This contact has no last name"] * count}
    )

    assert rows.nbytes < 100 * count
