"""Every report, byte by byte. What a renderer says is a contract with people, scripts and pull requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import Side
from pdsync.report.json import audit_json, history_json, plan_json, run_json
from pdsync.report.markdown import audit_markdown, history_markdown, plan_markdown, run_markdown
from pdsync.report.text import audit_lines, history_lines, plan_lines, run_lines
from pdsync.report.text.values import values_words
from tests.report import build
from tests.report.golden import check


@pytest.mark.parametrize("width", [80, 120])
def test_audit_text(width: int) -> None:
    """Ready or not, why, one line per audit, then examples: at the width that is there."""
    check(f"audit-{width}.txt", audit_lines(build.audit_report(), width=width))


def test_audit_text_in_colour() -> None:
    """Colour and weight are added to words, never instead of them."""
    check("audit-colour.txt", audit_lines(build.audit_report(), width=100, colour=True, findings=False))


@pytest.mark.parametrize("width", [80, 120])
def test_plan_text(width: int) -> None:
    """What would be written where, what holds it, what cannot be undone, then change by change (design 7)."""
    check(f"plan-{width}.txt", plan_lines(build.plan(), width=width, bound=build.bound()))


def test_plan_text_without_names() -> None:
    """A plan file on a machine without the mapping still reads, with codes for names."""
    check("plan-codes.txt", plan_lines(build.plan(), most=1))


def test_plan_text_says_what_is_not_known_yet() -> None:
    """Values that the other service works out when it creates a record are counted apart: some turn out empty."""
    totals = build.HEADER.totals
    held = replace(totals.sides[Side.PIPEDRIVE], deferred=100)
    sides = {**totals.sides, Side.PIPEDRIVE: held}
    header = replace(build.HEADER, totals=replace(totals, sides=sides))
    said = [line for line in plan_lines(build.plan(header=header), width=120) if line.startswith("->")]

    assert "2,412 values" in said[0]
    assert said[0].endswith("up to 100 more that Plezi works out")
    assert "works out" not in said[1]
    assert values_words(held, Side.PIPEDRIVE) == "2,412 values and up to 100 that Plezi works out"


def test_empty_plan_text() -> None:
    """A second plan says that there is nothing to do before anything else."""
    check("plan-empty.txt", plan_lines(build.empty_plan(), bound=build.bound()))


def test_history_text() -> None:
    """R26: every run in one line."""
    check("history.txt", history_lines([build.UNDO, build.RUN]))


def test_no_history_text() -> None:
    """Before the first run the table says so."""
    assert list(history_lines([])) == ["No runs yet."]


def test_run_text() -> None:
    """R26: one run with every value written; what did not succeed stands first."""
    check("run.txt", run_lines(build.RUN, build.journal(), bound=build.bound()))


def test_audit_markdown() -> None:
    """Counts, codes and ids for a pull request."""
    check("audit.md", audit_markdown(build.audit_report()))


def test_plan_markdown() -> None:
    """Counts, codes and ids for a pull request."""
    check("plan.md", plan_markdown(build.plan()))


def test_run_markdown() -> None:
    """Counts, codes and ids for a pull request."""
    check("run.md", run_markdown(build.RUN, build.journal()))


def test_history_markdown() -> None:
    """R26, as a table."""
    check("history.md", history_markdown([build.UNDO, build.RUN]))


def test_audit_json() -> None:
    """Exact values in a fixed order of keys."""
    check("audit.json", audit_json(build.audit_report()).splitlines())


def test_plan_json() -> None:
    """Exact values in a fixed order of keys; what was not read is not there."""
    check("plan.json", "".join(plan_json(build.plan())).splitlines())


def test_run_json() -> None:
    """Exact values in a fixed order of keys."""
    check("run.json", "".join(run_json(build.RUN, build.journal())).splitlines())


def test_history_json() -> None:
    """Exact values in a fixed order of keys."""
    check("history.json", "".join(history_json([build.UNDO, build.RUN])).splitlines())


def test_a_long_journal_is_counted_not_printed() -> None:
    """Of a run with many entries the first are shown, with the command that shows all; the rest only counts."""
    entries = (entry for _ in range(40) for entry in build.journal())

    lines = list(run_lines(build.RUN, entries, most=2))

    assert "Not done (80)" in lines
    assert "Done (40)" in lines
    assert lines.count(f"  and 78 more: pdsync history {build.RUN.id} --all") == 1
    assert lines[-1] == f"  and 38 more: pdsync history {build.RUN.id} --all"
    assert list(run_markdown(build.RUN, build.journal() * 3, most=2))[-1] == "- and 4 more"
