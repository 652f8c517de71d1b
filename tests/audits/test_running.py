"""All audits together: one table, the same on every engine."""

from __future__ import annotations

from pathlib import Path

from pdsync.model import GateState, Side
from tests.audits.build import World, subjects


def test_one_run_gives_summaries_table_and_gate(tmp_path: Path, engine: str) -> None:
    """The engine gets everything that plans, reports and screens need from one call."""
    world = World(tmp_path)
    world.person("1", "lucile@example.com")
    world.person("2", "Lucile@EXAMPLE.com", last_name=None)
    world.contact("a", "lucile@example.com")

    result = world.audited(
        engine, "duplicate-email", "missing-first-name", "missing-last-name", "one-word-name"
    )

    assert subjects(result, "duplicate-email") == [{"person/1", "person/2", "contact/a"}]
    assert subjects(result, "missing-last-name") == [{"person/2"}]
    assert {s.code: s.findings for s in result.summaries if s.findings} == {
        "duplicate-email": 1, "missing-last-name": 1, "one-word-name": 1,
    }  # fmt: skip
    assert result.gate.state is GateState.NOT_READY
    assert result.gate.blocked_records == 3
    assert {s.code: s.records for s in result.summaries}["duplicate-email"] == {
        Side.PIPEDRIVE: 2,
        Side.PLEZI: 1,
    }
