"""Changes of lists in every report: what is added and taken off, in words, and never as values of a person (R24)."""

from __future__ import annotations

import json

import jsonschema

from pdsync.api.plans import change_rows
from pdsync.model import Change, JournalEntry, Outcome, RecordOutcome, Side
from pdsync.report.json import plan_json, run_json
from pdsync.report.markdown import plan_markdown
from pdsync.report.text import narrate, plan_lines, run_lines
from pdsync.report.text.values import Names, values_words
from pdsync.tui.widgets.plan_pages import PlanPages, PlanRows
from tests.report import build
from tests.report.golden import check
from tests.report.test_schemas import schema


def entry(change: Change, outcome: Outcome) -> JournalEntry:
    """The journal of a change."""
    stored = {str(one.after): "71" for one in change.fields}
    return JournalEntry(
        build.RUN.id, change.number, change, outcome, "2026-11-02T12:05:01+00:00", stored=stored
    )


def test_on_a_terminal() -> None:
    """How many options, under which field, each label inert; the limits count them as creates."""
    check("plan-lists.txt", plan_lines(build.list_plan(), bound=build.bound()))


def test_in_markdown() -> None:
    """For a pull request: numbers and field codes; no label, which somebody may have typed."""
    lines = list(plan_markdown(build.list_plan()))
    assert "Lists: 2 new options and 1 option off lists in Pipedrive." in lines
    assert "- 2 new options in `pipedrive:field/sector`" in lines
    assert "- take 1 option off `pipedrive:field/sector`" in lines
    assert "nergie" not in "\n".join(lines)
    assert not any(line.startswith("| values by field") for line in lines)


def test_in_json() -> None:
    """As published; the identity of what is taken off is there."""
    text = "".join(plan_json(build.list_plan()))
    data = json.loads(text)
    jsonschema.Draft7Validator(schema("plan")).validate(data)
    added, taken = data["changes"]
    assert (added["kind"], [one["after"] for one in added["fields"]]) == (
        "add-options",
        ["Énergie verte", build.HOSTILE],
    )
    assert "before" not in added["fields"][0]
    assert (taken["fields"][0]["before"], taken["fields"][0]["option"]) == ("Énergie verte", "71")
    run = "".join(run_json(build.RUN, [entry(build.longer_list(), Outcome.DONE)]))
    jsonschema.Draft7Validator(schema("run")).validate(json.loads(run))
    assert json.loads(run)["journal"][0]["stored"]["Énergie verte"] == "71"


def test_in_history_and_while_it_runs() -> None:
    """The same words; what a run tells of goes by code."""
    lines = list(run_lines(build.RUN, [entry(build.longer_list(), Outcome.ADOPTED)], bound=build.bound()))
    assert "+ 2 new options in pipedrive:field/sector  Secteur  adopted" in lines
    said = narrate(
        RecordOutcome(build.shorter_list(), Outcome.STALE, "it stays in the list: 1 person holds it")
    )
    assert said == "take 1 option off pipedrive:field/sector: stale: it stays in the list: 1 person holds it"


def test_in_the_question_before_writing() -> None:
    """Only what there is: no zero values beside new options."""
    totals = build.list_plan().header.totals.sides[Side.PIPEDRIVE]
    assert values_words(totals, Side.PIPEDRIVE) == "2 new options and 1 option off lists"


def test_in_tables() -> None:
    """Labels, not values that no option of the list has."""
    names = Names(build.bound())
    assert [
        (row["kind"], row["field"], row["before"], row["after"])
        for change in (build.longer_list(), build.shorter_list())
        for row in change_rows(change, names)
    ] == [
        ("add-options", "sector", None, "Énergie verte"),
        ("add-options", "sector", None, build.HOSTILE),
        ("remove-options", "sector", "Énergie verte", None),
    ]


def drawn(rows: PlanRows) -> list[str]:
    """The rows as text."""
    return ["".join(text for text, _ in rows[number].line).rstrip() for number in range(len(rows))]  # type: ignore[union-attr]


def test_on_the_screen() -> None:
    """Grouped by person or by field; left out by its field; found by a label."""
    pages = PlanPages(build.list_plan(), build.bound())
    by_person = drawn(pages.rows(pages.order("person"), (), 100))
    assert by_person[0].strip() == "+ 2 new options in pipedrive:field/sector  Secteur"
    assert by_person[1].split()[:3] == ["sector", "Énergie", "verte"]
    by_field = drawn(pages.rows(pages.order("field"), (), 120))
    assert "Énergie verte" in by_field[1]
    assert "not in the list" not in "".join(by_person + by_field)
    left = drawn(pages.rows(pages.order("person"), {"pipedrive:field/sector"}, 100))
    assert all("left out" in row for row in left)
    assert len(pages.rows(pages.order("person", "verte"), (), 100)) == 5
    assert len(pages.rows(pages.order("person", "nobody"), (), 100)) == 0
