"""A database of known defects: precision and recall are 1 over all exact audits; and what thresholds do to each of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pdsync.audits.declaring import Audit
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.registry import every_audit
from pdsync.audits.running import AuditResult, run_audits
from pdsync.audits.wording import counted
from pdsync.model import AuditRule, AuditSummary, GateState, Severity
from tests.audits.build import subjects
from tests.audits.planted import plant

LIKELY = {"near-duplicate"}
"""Audits that judge by likelihood; their precision and recall are measured, not held."""
ELSEWHERE: set[str] = {"consent-not-covered"}
"""Found only where the mapping says nothing of consent; ``opted-out-mailed`` only where it does."""
EXACT = [audit for audit in every_audit() if audit.code not in LIKELY]


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3))])
@pytest.mark.parametrize(
    ("consent", "engine"),
    [
        (True, "polars"),
        pytest.param(True, "duckdb", marks=pytest.mark.long),
        pytest.param(False, "polars", marks=pytest.mark.long),
        pytest.param(False, "duckdb", marks=pytest.mark.long),
    ],
)
def test_every_planted_defect_and_no_other(seed: int, consent: bool, engine: str, tmp_path: Path) -> None:
    """Every exact audit finds what was planted, with exactly these subjects, and finds nothing in anybody else."""
    made = plant(tmp_path, seed, consent=consent)
    expected = {code: sorted(map(sorted, found)) for code, found in made.expected.items()}
    assert expected.keys() == {audit.code for audit in EXACT} - (
        {"opted-out-mailed"} if not consent else ELSEWHERE
    )

    result = made.world.audited(engine)

    for audit in EXACT:
        assert sorted(map(sorted, subjects(result, audit.code))) == expected.get(audit.code, []), audit.code


@pytest.fixture(scope="module", name="inputs")
def _inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, AuditInputs]:
    """With and without consent in the mapping."""
    return {
        consent: plant(tmp_path_factory.mktemp("planted"), 1, consent=consent).world.inputs()
        for consent in (True, False)
    }


@pytest.mark.parametrize("audit", EXACT, ids=lambda audit: audit.code)
@pytest.mark.long
def test_thresholds(audit: Audit, inputs: dict[bool, AuditInputs]) -> None:
    """``allow``, ``allow_percent``, ``severity`` and ``off`` mean the same for every audit (design 5, ``audits``)."""
    source = inputs[audit.code not in ELSEWHERE]

    def ruled(rule: AuditRule) -> tuple[AuditResult, AuditSummary]:
        mapping = replace(source.bound.mapping, audits={audit.code: rule})
        result = run_audits(replace(source, bound=replace(source.bound, mapping=mapping)), audits=[audit])
        return result, result.summaries[0]

    _, plain = ruled(AuditRule())
    assert plain.findings

    within, summary = ruled(AuditRule(allow=plain.findings))
    assert not summary.exceeded
    assert not within.gate.refused

    beyond, summary = ruled(AuditRule(allow=plain.findings - 1))
    assert summary.exceeded == f"{counted(plain.findings, 'finding')}, {plain.findings - 1} allowed"
    assert beyond.gate.state is GateState.NOT_READY
    assert beyond.gate.refused == (f"{audit.code}: {summary.exceeded}",)

    has_records = any(plain.records.values())
    if has_records:
        beyond, summary = ruled(AuditRule(allow_percent=0))
        assert summary.exceeded.endswith("0 % allowed")
        assert beyond.gate.state is GateState.NOT_READY
        assert not ruled(AuditRule(allow_percent=100))[1].exceeded

    for severity, state in (
        (Severity.BLOCKING, GateState.NOT_READY),
        (Severity.WARNING, GateState.WARNINGS),
        (Severity.INFO, GateState.READY),
    ):
        graded, summary = ruled(AuditRule(severity=severity))
        assert summary.severity is severity
        assert set(graded.table["severity"].to_pylist()) == {severity}
        assert graded.gate.state is state
        assert bool(graded.gate.blocked_records) is (severity is Severity.BLOCKING and has_records)

    mapping = replace(source.bound.mapping, audits={audit.code: AuditRule(off=True)})
    off = run_audits(replace(source, bound=replace(source.bound, mapping=mapping)), audits=[audit])
    assert not off.summaries
    assert not off.table.num_rows
