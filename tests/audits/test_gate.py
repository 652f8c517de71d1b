"""The quality gate: what findings mean for a sync (design 1, 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.audits.gate import beyond_allowed, blocked_subjects, judge
from pdsync.model import AuditRule, AuditSummary, Coverage, GateState, Severity, Side
from tests.audits.build import COMPLETE, World

WHOLE = dict.fromkeys(Side, COMPLETE)
TOTALS = {Side.PIPEDRIVE: 1_000, Side.PLEZI: 10}
CODES = ("duplicate-email", "missing-last-name", "one-word-name", "missing-first-name", "option-mismatch")


def summary(
    code: str, severity: Severity, findings: int = 1, exceeded: str = "", not_checked: str = ""
) -> AuditSummary:
    """An audit that found so much."""
    return AuditSummary(
        code, severity, "t", "w", "R1", findings, {Side.PIPEDRIVE: findings}, headline=f"{findings} of {code}",
        exceeded=exceeded, not_checked=not_checked,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], GateState.READY),
        ([Severity.INFO], GateState.READY),
        ([Severity.INFO, Severity.WARNING], GateState.WARNINGS),
        ([Severity.WARNING, Severity.BLOCKING], GateState.NOT_READY),
    ],
)
def test_state_by_severity(severities: list[Severity], expected: GateState) -> None:
    """Blocking findings: not ready. Warnings: ready with warnings. Anything less: ready."""
    gate = judge(
        [summary(f"a{n}", one) for n, one in enumerate(severities)], blocked_records=0, coverage=WHOLE
    )

    assert gate.state is expected
    assert gate.refused == ()


def test_an_audit_without_findings_counts_for_nothing() -> None:
    """A blocking audit that found nothing blocks nothing."""
    gate = judge([summary("duplicate-email", Severity.BLOCKING, 0)], blocked_records=0, coverage=WHOLE)

    assert gate.state is GateState.READY
    assert gate.reasons == ()


@pytest.mark.parametrize("severity", list(Severity))
def test_beyond_a_threshold_refuses_the_plan(severity: Severity) -> None:
    """More than an explicit allowance is not ready and refuses the whole plan, whatever the severity."""
    gate = judge(
        [summary("a", severity, exceeded="3 findings, 2 allowed")], blocked_records=0, coverage=WHOLE
    )

    assert gate.state is GateState.NOT_READY
    assert gate.refused == ("a: 3 findings, 2 allowed",)


def test_blocked_records_alone_do_not_refuse_the_plan() -> None:
    """Blocking findings keep their records out; the rest of the plan may go ahead."""
    gate = judge([summary("duplicate-email", Severity.BLOCKING, 14)], blocked_records=31, coverage=WHOLE)

    assert gate.refused == ()
    assert gate.reasons == (
        "31 records are blocked (duplicate-email)",
        "duplicate-email: 14 of duplicate-email",
    )
    assert gate.blocked_records == 31


def test_not_checked_is_never_plain_ready() -> None:
    """What could not be looked at may hold anything."""
    unchecked = summary("option-mismatch", Severity.WARNING, 0, not_checked="no option values")

    gate = judge([unchecked], blocked_records=0, coverage=WHOLE)

    assert gate.state is GateState.WARNINGS
    assert gate.not_checked == ("option-mismatch: no option values",)


def test_what_several_audits_lack_is_said_once() -> None:
    """An export without addresses stops a dozen of them: one line says why, and names them all."""
    lacking = [
        summary(code, Severity.WARNING, 0, not_checked=why)
        for code, why in (("a", "no addresses"), ("b", "no names"), ("c", "no addresses"))
    ]
    gate = judge(lacking, blocked_records=0, coverage=WHOLE)

    assert gate.not_checked == ("a, c: no addresses", "b: no names")


def test_a_partial_snapshot_is_never_plain_ready() -> None:
    """Who was not read was not audited."""
    coverage = WHOLE | {Side.PLEZI: Coverage(complete=False, reason="a file that nobody confirmed")}

    gate = judge([], blocked_records=0, coverage=coverage)

    assert gate.state is GateState.WARNINGS
    assert gate.not_checked == ("the Plezi snapshot is not complete: a file that nobody confirmed",)


@pytest.mark.parametrize(
    ("rule", "findings", "records", "expected"),
    [
        (AuditRule(), 999, {Side.PIPEDRIVE: 999}, ""),
        (AuditRule(allow=3), 3, {Side.PIPEDRIVE: 99}, ""),
        (AuditRule(allow=3), 4, {Side.PIPEDRIVE: 99}, "4 findings, 3 allowed"),
        (AuditRule(allow=0), 1, {}, "1 finding, 0 allowed"),
        (AuditRule(allow_percent=2), 50, {Side.PIPEDRIVE: 20}, ""),
        (AuditRule(allow_percent=2), 50, {Side.PIPEDRIVE: 21}, "21 persons of 1,000 (2.1 %), 2 % allowed"),
        (AuditRule(allow_percent=2), 1, {Side.PLEZI: 1}, "1 contact of 10 (10 %), 2 % allowed"),
        (
            AuditRule(allow_percent=2),
            9,
            {Side.PIPEDRIVE: 30, Side.PLEZI: 1},
            "1 contact of 10 (10 %), 2 % allowed",
        ),
        (AuditRule(allow_percent=0), 0, {Side.PIPEDRIVE: 0, Side.PLEZI: 0}, ""),
        (AuditRule(allow_percent=0), 1, {Side.PIPEDRIVE: 1}, "1 person of 1,000 (0.1 %), 0 % allowed"),
        (AuditRule(allow=100, allow_percent=50), 9, {Side.PLEZI: 9}, "9 contacts of 10 (90 %), 50 % allowed"),
    ],
)
def test_thresholds(rule: AuditRule, findings: int, records: dict[Side, int], expected: str) -> None:
    """Findings count for allow; allow_percent is of each side's own records, and the worse side counts."""
    assert beyond_allowed(rule, findings, records, TOTALS) == expected


def test_a_side_without_records_exceeds_nothing() -> None:
    """No percentage of nothing."""
    assert beyond_allowed(AuditRule(allow_percent=0), 1, {Side.PLEZI: 1}, {Side.PLEZI: 0}) == ""


def test_the_mapping_rules(tmp_path: Path, engine: str) -> None:
    """The mapping sets severities, thresholds and switches audits off; the table carries what it says."""
    rules = {
        "duplicate-email": AuditRule(severity=Severity.INFO),
        "missing-last-name": AuditRule(severity=Severity.BLOCKING, allow_percent=40),
        "one-word-name": AuditRule(off=True),
    }
    world = World(tmp_path, rules=rules)
    world.person("1", "a@example.com", last_name=None)
    world.person("2", "a@example.com")

    result = world.audited(engine, *CODES)

    assert {(row["code"], row["severity"]) for row in result.table.to_pylist()} == {
        ("duplicate-email", "info"),
        ("missing-last-name", "blocking"),
    }
    assert "one-word-name" not in [one.code for one in result.summaries]
    assert blocked_subjects(result.table)[Side.PIPEDRIVE] == {"1": ("missing-last-name",)}
    assert result.gate.state is GateState.NOT_READY
    assert result.gate.refused == ("missing-last-name: 1 person of 2 (50 %), 40 % allowed",)


def test_codes_that_block_are_all_named(tmp_path: Path, engine: str) -> None:
    """A record that two audits block says so, each code once; options and fields are no records."""
    rules = {code: AuditRule(severity=Severity.BLOCKING) for code in CODES}
    world = World(tmp_path, rules=rules)
    world.person("1", "a@example.com", last_name=None)
    world.person("2", "a@example.com")

    blocked = blocked_subjects(world.audited(engine, *CODES).table)

    assert {key: sorted(codes) for key, codes in blocked[Side.PIPEDRIVE].items()} == {
        "1": ["duplicate-email", "missing-last-name", "one-word-name"],
        "2": ["duplicate-email"],
    }
    assert blocked[Side.PLEZI] == {}
