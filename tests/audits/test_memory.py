"""No audit makes Python objects of all records: what it holds in Python grows with what it finds, not with who is there."""

from __future__ import annotations

import tracemalloc

import pytest

from pdsync.audits.declaring import Audit
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.registry import every_audit
from pdsync.audits.running import run_audits
from tests.audits.planted import clean
from tests.audits.test_planted import EXACT

FEW, MANY = 200, 6_000
EACH = 12
"""Bytes for each record more: a Python text takes four times that, even if it is empty."""


@pytest.fixture(scope="module", name="inputs")
def _inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, AuditInputs]:
    """A small and a large world without defects."""
    return {size: clean(tmp_path_factory.mktemp("clean"), size).inputs() for size in (FEW, MANY)}


def peak(inputs: AuditInputs, audit: Audit) -> int:
    """Bytes of Python objects at once; what polars and Arrow hold is none of them."""
    inputs.made.clear()
    run_audits(inputs, audits=[audit])  # caches of patterns and lists are filled
    inputs.made.clear()
    tracemalloc.start()
    try:
        result = run_audits(inputs, audits=[audit])
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert result.table.num_rows < FEW


@pytest.mark.parametrize("audit", EXACT, ids=lambda audit: audit.code)
@pytest.mark.long
def test_people_stay_in_columns(audit: Audit, inputs: dict[int, AuditInputs]) -> None:
    """Thirty times the people, and hardly a Python object more."""
    more = peak(inputs[MANY], audit) - peak(inputs[FEW], audit)

    assert more < EACH * 2 * (MANY - FEW)


@pytest.mark.long
def test_the_measure_sees_python_objects(inputs: dict[int, AuditInputs]) -> None:
    """The ids alone, as Python texts, are beyond the limit: a test that could not fail would prove nothing."""
    import narwhals as nw

    from pdsync.audits.declaring import Found
    from pdsync.snapshots.engines import collect

    def find(given: AuditInputs) -> Found:
        held = [
            collect(side.frames.records.select(nw.col("id")))["id"].to_pylist()
            for side in given.sides.values()
        ]
        assert held
        return Found(())

    from dataclasses import replace

    greedy = replace(every_audit()[0], find=find)
    assert peak(inputs[MANY], greedy) - peak(inputs[FEW], greedy) > EACH * 2 * (MANY - FEW)
