"""Acknowledged findings are shown, count for nothing at the gate, and let nobody into a plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from pdsync.audits.acknowledging import acknowledge
from pdsync.audits.gate import blocked_subjects, count_blocked, judge, without_acknowledged
from pdsync.audits.table import samples, table_schema
from pdsync.model import (
    Acknowledged,
    AcknowledgedState,
    Acknowledgement,
    AuditSummary,
    Coverage,
    GateState,
    Severity,
    Side,
    Subject,
)

TODAY = date(2026, 11, 23)
COMPLETE = {side: Coverage(complete=True) for side in Side}


def findings(**held: Sequence[str]) -> pa.Table:
    """A blocking findings table: finding -> its subjects."""
    rows: list[dict[str, Any]] = []
    for finding, subjects in held.items():
        for text in subjects:
            subject = Subject.parse(text)
            row: dict[str, Any] = dict.fromkeys(table_schema().names, "")
            row |= {"code": "duplicate-email", "severity": "blocking", "finding": finding, "message": "m"}
            row |= {"side": str(subject.side), "noun": subject.noun, "id": subject.id}
            row |= {"link": None, "details": None}
            rows.append(row)
    return pa.Table.from_pylist(rows, schema=table_schema())


def entry(subject: str, *also: str, until: date | None = None) -> Acknowledgement:
    """An entry by one of us."""
    return Acknowledgement(
        "duplicate-email",
        Subject.parse(subject),
        "florent",
        "one mailbox",
        tuple(map(Subject.parse, also)),
        until,
    )


def became(table: pa.Table, one: Acknowledgement, *, complete: bool = True) -> Acknowledged:
    """What becomes of one entry."""
    (result,) = acknowledge(table, [one], TODAY, complete=complete)[1]
    return result


PAIR = findings(a=["pipedrive:person/1", "pipedrive:person/2", "plezi:contact/x"], b=["pipedrive:person/3"])


def test_a_finding_whose_records_are_all_named_is_acknowledged() -> None:
    """Its rows say who, why and until when; the others count as before."""
    one = entry("pipedrive:person/1", "pipedrive:person/2", "plezi:contact/x", until=TODAY)
    table, results = acknowledge(PAIR, [one], TODAY, complete=True)

    assert [(r.state, r.findings) for r in results] == [(AcknowledgedState.HOLDS, 1)]
    assert without_acknowledged(table)["finding"].to_pylist() == ["b"]
    first, second = samples(table, 2)
    assert first.details["acknowledged"] == {"who": "florent", "why": "one mailbox", "until": "2026-11-23"}
    assert "acknowledged" not in second.details


def test_a_record_that_joins_is_news() -> None:
    """A finding that is also about somebody nobody named counts, and says who that is."""
    result = became(PAIR, entry("pipedrive:person/1", "pipedrive:person/2"))

    assert result.state is AcknowledgedState.PARTIAL
    assert result.unnamed == (Subject.parse("plezi:contact/x"),)
    assert result.findings == 0


def test_two_entries_do_not_make_one() -> None:
    """Each was written about another situation: what they name together, nobody has looked at."""
    halves = [entry("pipedrive:person/1"), entry("pipedrive:person/2", "plezi:contact/x")]
    table, results = acknowledge(PAIR, halves, TODAY, complete=True)

    assert {one.state for one in results} == {AcknowledgedState.PARTIAL}
    assert without_acknowledged(table).num_rows == PAIR.num_rows


@pytest.mark.parametrize(("until", "state"), [("2026-11-23", "holds"), ("2026-11-22", "expired")])
def test_it_holds_through_its_last_day(until: str, state: str) -> None:
    """The day after, the finding counts again, and that is said."""
    one = entry("pipedrive:person/3", until=date.fromisoformat(until))
    table, (result,) = acknowledge(PAIR, [one], TODAY, complete=True)

    assert result.state == state
    assert ("b" in without_acknowledged(table)["finding"].to_pylist()) is (state == "expired")


def test_an_entry_about_nothing_is_said() -> None:
    """Unless the audit was not made in full: then nobody can tell."""
    gone = entry("pipedrive:person/99", until=date(2020, 1, 1))
    assert became(PAIR, gone).state is AcknowledgedState.NOTHING
    assert became(PAIR, gone, complete=False).state is AcknowledgedState.NOT_CHECKED
    same_id_elsewhere = entry("plezi:contact/3")
    assert became(PAIR, same_id_elsewhere).state is AcknowledgedState.NOTHING


def test_a_field_or_option_is_acknowledged_whoever_holds_it() -> None:
    """The number of holders plays no part; naming a holder does not acknowledge the option."""
    table = findings(o=["plezi:option/plz_secteur/santé", "plezi:contact/1", "plezi:contact/2"])
    assert became(table, entry("plezi:option/plz_secteur/santé")).state is AcknowledgedState.HOLDS
    holder = became(table, entry("plezi:contact/1"))
    assert holder.state is AcknowledgedState.PARTIAL
    assert holder.unnamed == (Subject.parse("plezi:option/plz_secteur/santé"),)


def test_acknowledging_lets_nobody_into_a_plan() -> None:
    """What a blocking finding keeps out of plans stays out, whoever knows of it; only the gate stops being about it."""
    table, _ = acknowledge(PAIR, [entry("pipedrive:person/3")], TODAY, complete=True)

    assert blocked_subjects(table) == blocked_subjects(PAIR)
    assert blocked_subjects(table)[Side.PIPEDRIVE]["3"] == ("duplicate-email",)
    assert (count_blocked(PAIR), count_blocked(without_acknowledged(table))) == (4, 3)


def summary(findings: int, acknowledged: int, severity: Severity = Severity.BLOCKING) -> AuditSummary:
    """One audit with so many findings."""
    return AuditSummary(
        "duplicate-email",
        severity,
        "",
        "",
        "",
        findings,
        headline=f"{findings} clusters",
        acknowledged=acknowledged,
    )


def test_the_gate_counts_what_nobody_acknowledged() -> None:
    """All acknowledged: ready, and it says what stays out of plans. One open: not ready because of that one."""
    known = judge([summary(2, 2)], blocked_records=0, held_records=5, coverage=COMPLETE)
    assert (known.state, known.reasons) == (GateState.READY, ())
    assert (known.acknowledged, known.held_records) == (("duplicate-email: 2 findings",), 5)

    still = judge([summary(2, 1)], blocked_records=3, held_records=2, coverage=COMPLETE)
    assert still.state is GateState.NOT_READY
    assert still.reasons == (
        "3 records are blocked (duplicate-email)",
        "duplicate-email: 2 clusters; 1 of 2 findings acknowledged",
    )


def test_no_entries_change_nothing() -> None:
    """Without acknowledgements the table is the one that came."""
    assert acknowledge(PAIR, [], TODAY, complete=True) == (PAIR, ())
