"""A plan and a run of any size are gone through without holding them: only what is looked at is read."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.plan_review import PlanReview
from pdsync.errors import InputFileError, Interrupted
from pdsync.model import Change, ChangeKind, Plan, Side
from pdsync.store import PlanWriter, read_plan
from pdsync.store.codec import decode
from pdsync.store.outlines import PlanChanges, outline_with
from pdsync.tui.widgets.plan_pages import PlanPages
from tests.report.build import HEADER, bound, conflict, create, opt_out, settle, update

PEOPLE = 900


def changes(people: int) -> Iterator[Change]:
    """For each a ledger entry, an update, and a create for every third."""
    for number in range(people):
        here, there = str(number), f"c{number:x}"
        yield replace(settle(), pipedrive_id=here, plezi_id=there)
        yield replace(update(), depends_on=0, title=f"Lucile {number}", pipedrive_id=here, plezi_id=there)
        if number % 3 == 0:
            yield replace(create(), depends_on=0, plezi_id=f"d{number:x}", title="half \ud83d an emoji")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """A plan file of some thousand changes and a conflict."""
    with PlanWriter(tmp_path_factory.mktemp("plans")) as writer:
        writer.add_changes(changes(PEOPLE))
        writer.add_changes([replace(opt_out(), depends_on=0)])
        writer.add_finding(conflict())
        return read_plan(Path(writer.finish(HEADER).path))


def test_the_first_page_of_a_plan_reads_no_more_than_it_shows(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening, and turning to any page, decodes the changes on it alone; grouped or filtered as well."""
    decoded: list[object] = []

    def counting(kind: type[Any], line: bytes) -> Any:
        decoded.append(kind)
        return decode(kind, line)

    monkeypatch.setattr("pdsync.store.plans.decode", counting)
    pages = PlanPages(plan, bound())

    for grouping, words in (("person", ""), ("field", ""), ("side", ""), ("person", "lucile 9")):
        rows = pages.rows(pages.order(grouping, words), (), 118)
        middle = len(rows) // 2
        for index in (*range(40), *range(middle, middle + 40)):
            rows[index]
        assert decoded.count(Change) <= 80, (grouping, words)
        decoded.clear()


def test_a_plan_under_review_takes_some_bytes_for_a_change(plan: Plan) -> None:
    """What is kept of a change is its place, its side and its fields: 300,000 of them fit into some megabytes."""
    PlanReview(plan, bound())  # what is made once for all plans
    tracemalloc.start()
    review = PlanReview(plan, bound())
    kept, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert kept / len(review) < 60
    assert most - kept < 500_000


def test_by_person_by_field_by_side_and_by_words_the_same_values_are_there(plan: Plan) -> None:
    """Every grouping holds every value once; what is only for the ledger is not shown."""
    review = PlanReview(plan, bound())
    written = [one for one in plan.changes() if not one.kind.ledger_only]
    everything = range(len(review))

    assert [review.change(number) for number in everything] == written
    by_side = [number for side in Side for number in review.of_side(side, everything)]
    assert sorted(by_side) == list(everything)
    values = [
        (number, field)
        for one in review.by_field(everything)
        for number, field in zip(one.changes, one.fields, strict=True)
    ]
    assert sorted(values) == [(n, f) for n, one in enumerate(written) for f in range(len(one.fields))]
    for one in review.by_field(everything):
        assert {
            review.change(n).fields[f].key for n, f in zip(one.changes[:9], one.fields[:9], strict=True)
        } == {one.key}
    assert [review.change(n).title for n in review.holding("LUCILE 899")] == ["Lucile 899"]
    assert [review.change(n).plezi_id for n in review.holding("opted")] == ["5f03"]
    assert len(review.conflicts_holding("conflict last")) == 1
    assert review.conflicts_holding("nobody") == []


def test_a_search_is_left_when_nobody_waits_for_it(plan: Plan) -> None:
    """One types faster than a large plan is read."""
    with pytest.raises(Interrupted):
        PlanReview(plan, bound()).holding("lucile", lambda: True)


def test_an_outline_says_what_the_change_says(plan: Plan) -> None:
    """Also where half an emoji makes the quick reader give up; with fewer fields it is still the same change."""
    shown = (
        "kind",
        "side",
        "pipedrive_id",
        "plezi_id",
        "record_id",
        "partner_id",
        "title",
        "number",
        "depends_on",
    )
    file = PlanChanges(plan)
    for (place, outline), change in zip(file.outlines(), plan.changes(), strict=True):
        assert [getattr(outline, name) for name in shown] == [getattr(change, name) for name in shown]
        assert set(outline.bases) == set(change.bases)
        assert [(one.key, one.before, one.after, one.deferred) for one in outline.fields] == [
            (one.key, one.before, one.after, one.deferred) for one in change.fields
        ]
        if change.kind is ChangeKind.CREATE:
            assert file.at(place) == change
            assert [one.key for one in outline_with(outline, tuple(outline.fields[:1])).fields] == [
                change.fields[0].key
            ]


def test_a_plan_whose_file_is_gone_says_so_in_its_rows(tmp_path: Path) -> None:
    """A row that cannot be read any more is a row that says why, not the end of the program."""
    with PlanWriter(tmp_path) as writer:
        writer.add_changes([update()])
        made = writer.finish(HEADER)
    pages = PlanPages(made, bound())
    rows = pages.rows(pages.order("person"), (), 118)
    Path(made.path).unlink()

    assert "cannot be used" in str(rows[0])
    assert rows.at(0).change is None
    with pytest.raises(InputFileError):
        pages.order("person", "lucile")
