"""A run does exactly what its plan says: values, units, bases, links, order, and nothing twice (design 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pdsync.errors import Rejected
from pdsync.model import (
    Capabilities,
    Change,
    ChangeKind,
    Condition,
    Decision,
    Direction,
    Enrolment,
    FieldChange,
    FieldMapping,
    MergeBase,
    Outcome,
    Reason,
    Record,
    RecordOutcome,
    RunState,
    RunSummary,
    Side,
    Value,
)
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call, Service
from tests.engine.world import World
from tests.planning.build import CITY, R6, SECTOR, contact, person

AGREED = {"first_name": ("Lucile", "Lucile"), "last_name": ("Rivière", "Rivière")}


def linked_pair(
    world: World, *, here: dict[str, object] | None = None, there: dict[str, object] | None = None
) -> None:
    """Person 1 and contact a, synced before: Lucile Rivière from Lyon."""
    world.pipedrive.add(person("1", sync=35, **({"city": "Lyon"} | (here or {}))))  # type: ignore[arg-type]
    world.plezi.add(contact("a", **({"plz_city": "Lyon"} | (there or {}))))  # type: ignore[arg-type]
    world.link("1", "a", city=("Lyon", "Lyon"), **AGREED)


def outcomes(run: RunSummary) -> dict[str, int]:
    """Outcome -> how many."""
    return {outcome.value: count for outcome, count in sorted(run.outcomes.items())}


def messages(world: World) -> list[str]:
    """What was said of changes that did not simply succeed."""
    return [event.message for event in world.events if isinstance(event, RecordOutcome) and event.message]


async def test_a_first_run_links_creates_and_fills_and_a_second_plan_is_empty(make_world: MakeWorld) -> None:
    """Applying a plan and planning again gives an empty plan: the law, through the real engine."""
    world = make_world(CITY, *R6)
    world.pipedrive.add(
        person("1", "l@example.com", city="Lyon", sync=35), person("2", "n@example.com", sync=35)
    )
    world.plezi.add(contact("a", "l@example.com", plezi_url="https://p/a"), contact("c", "c@example.com"))
    run = await world.apply()
    assert (run.state, run.remaining, outcomes(run)) == (RunState.DONE, 0, {"done": 6})
    assert run.writes == {Side.PIPEDRIVE: 3, Side.PLEZI: 2}
    assert world.state.ledger.count_links() == 3
    assert world.pipedrive.records["1"]["plezi_url"] == "https://p/a"
    assert world.plezi.records["a"]["plz_city"] == "Lyon"
    assert world.pending() == []


async def test_a_run_without_changes_writes_nothing(make_world: MakeWorld) -> None:
    """A plan that is empty is carried out, and recorded, without a single request."""
    world = make_world(CITY)
    linked_pair(world)
    before = world.state.ledger.revision()
    run = await world.apply()
    assert (run.state, outcomes(run), run.values) == (RunState.DONE, {}, 0)
    assert world.pipedrive.calls == world.plezi.calls == []
    assert world.state.ledger.revision() == before


async def test_an_update_is_one_request_with_only_what_changed(make_world: MakeWorld) -> None:
    """What both sides agree on is not sent."""
    world = make_world(CITY, SECTOR)
    linked_pair(world, here={"city": "Nantes"})
    await world.apply()
    assert [(c.record_id, dict(c.values)) for c in world.plezi.writes()] == [("a", {"plz_city": "Nantes"})]
    assert world.pipedrive.writes() == []


async def test_names_go_as_a_unit(make_world: MakeWorld) -> None:
    """First and last name are sent together: the one that did not change as it is right now (R11)."""
    world = make_world()
    linked_pair(world, here={"first_name": "Lucie"})
    await world.apply()
    assert [dict(c.values) for c in world.plezi.writes()] == [{"first_name": "Lucie", "last_name": "Rivière"}]


async def test_an_unchanged_name_that_is_empty_is_not_sent(make_world: MakeWorld) -> None:
    """Clearing a name was never seen to work; an empty one stays out."""
    world = make_world()
    world.pipedrive.add(person("1", first_name="Lucie", last_name=None))
    world.plezi.add(contact("a", first_name="Lucile", last_name=None))
    world.link("1", "a", first_name=("Lucile", "Lucile"))
    await world.apply()
    assert [dict(c.values) for c in world.plezi.writes()] == [{"first_name": "Lucie"}]


async def test_a_list_is_built_from_what_is_there_now(make_world: MakeWorld) -> None:
    """PATCH replaces lists: one address changes; others, labels, order and primary flag stay as a person left them."""
    world = make_world()
    world.pipedrive.add(person("1", "x@example.com", "l@example.com"))
    world.plezi.add(contact("a", "l@example.com"))
    world.link("1", "a", **AGREED)
    world.plezi.records["a"]["email"] = "new@example.com"
    plan = world.plan()
    world.pipedrive.records["1"]["email"] = [
        {"value": "l@example.com", "primary": True, "label": "home"},
        {"value": "X@example.com", "primary": False, "label": ""},
    ]
    await world.apply(plan)
    assert world.pipedrive.records["1"]["email"] == [
        {"value": "new@example.com", "primary": True, "label": "home"},
        {"value": "X@example.com", "primary": False, "label": ""},
    ]
    assert world.state.ledger.links_by_id(Side.PLEZI, ["a"])["a"].address == "new@example.com"
    assert world.pending() == []


async def test_what_was_edited_since_the_plan_is_stale(make_world: MakeWorld) -> None:
    """A field to be written that no longer holds what the plan saw: skipped, counted, and the rest goes on."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.pipedrive.add(person("2", "n@example.com", city="Brest", sync=35))
    world.plezi.add(contact("b", "n@example.com", plz_city="Lille"))
    world.link("2", "b", city=("Lille", "Lille"), **AGREED)
    plan = world.plan()
    world.plezi.records["a"]["plz_city"] = "Paris"
    run = await world.apply(plan)
    assert outcomes(run) == {"done": 1, "stale": 1}
    assert (run.state, run.writes[Side.PLEZI]) == (RunState.DONE, 1)
    assert messages(world) == ["'Ville' was changed in Plezi since the plan was made"]
    assert world.plezi.records["a"]["plz_city"] == "Paris"
    assert world.plezi.records["b"]["plz_city"] == "Brest"


async def test_half_an_emoji_is_carried_like_any_text(make_world: MakeWorld) -> None:
    """A text that somebody cut in two: planned, journalled, written and taken back to the letter."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Zo \ud83d"})
    world.plezi.add(contact("b", "b@example.com", first_name="\udc00"))
    run = await world.apply()
    assert outcomes(run) == {"done": 2}
    assert world.plezi.records["a"]["plz_city"] == "Zo \ud83d"
    assert world.pending() == []
    await world.undo(run)
    assert world.plezi.records["a"]["plz_city"] == "Lyon"


async def test_edits_of_other_fields_do_not_matter(make_world: MakeWorld) -> None:
    """Only the fields to be written count: ``update_time`` moves with every note, and people go on working."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    plan = world.plan()
    world.plezi.records["a"] |= {"plz_phone": "+33 1 99 00 12 34", "update_time": "2026-11-23T20:00:00Z"}
    assert outcomes(await world.apply(plan)) == {"done": 1}


async def test_the_same_value_in_another_spelling_is_not_stale(make_world: MakeWorld) -> None:
    """Comparison forms decide, not bytes: a space at the end is no edit."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    plan = world.plan()
    world.plezi.records["a"]["plz_city"] = "Lyon "
    assert outcomes(await world.apply(plan)) == {"done": 1}


async def test_a_record_that_is_gone_fails_alone(make_world: MakeWorld) -> None:
    """One deleted record does not stop a run."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    plan = world.plan()
    del world.plezi.records["a"]
    assert outcomes(await world.apply(plan)) == {"failed": 1}
    assert messages(world) == ["the record is gone"]


async def test_the_base_is_what_the_server_shows(make_world: MakeWorld) -> None:
    """A server that shortens what it is sent: said once, remembered, and not sent again until an input changes."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.plezi.alter = lambda values: {code: str(value)[:3] for code, value in values.items()}
    run = await world.apply()
    assert outcomes(run) == {"not-stored-as-sent": 1}
    assert world.state.ledger.bases([("1", "a")])[("1", "a")]["city=plz_city"] == MergeBase("Nantes", "Nan")
    assert world.state.ledger.not_stored([("1", "a")]) == {
        ("1", "a"): {("city=plz_city", Side.PLEZI): ("Nantes", "Nan")}
    }
    assert world.pending() == []
    world.pipedrive.records["1"]["city"] = "Rennes"
    assert [one.after for c in world.pending() for one in c.fields] == ["Rennes"]
    world.plezi.alter = lambda values: values
    assert outcomes(await world.apply()) == {"done": 1}
    assert world.state.ledger.not_stored([("1", "a")]) == {}


async def test_a_value_that_the_server_leaves_alone_is_not_sent_for_ever(make_world: MakeWorld) -> None:
    """Pipedrive silently keeps a forbidden status (reference 2.5): no loop, and no false conflict."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.plezi.alter = lambda _values: {}
    assert outcomes(await world.apply()) == {"not-stored-as-sent": 1}
    assert [decision for decision in world.decisions() if decision.findings] == []
    assert world.pending() == []


async def test_what_the_answer_does_not_show_is_read_again(make_world: MakeWorld) -> None:
    """The merge base is what is stored, not what was sent."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.plezi.hide = frozenset({"plz_city"})
    world.plezi.alter = lambda values: {code: f"{value} " for code, value in values.items()}
    assert outcomes(await world.apply()) == {"done": 1}
    assert world.state.ledger.bases([("1", "a")])[("1", "a")]["city=plz_city"] == MergeBase(
        "Nantes", "Nantes "
    )
    assert [call.what for call in world.plezi.calls] == ["read", "update", "read"]


async def test_computed_values_follow_the_create_in_the_same_plan(make_world: MakeWorld) -> None:
    """The person gets its ``plezi_url`` from the answer of the create (R7), or from a re-read where that is silent."""
    for hidden in (frozenset[str](), frozenset({"plezi_url", "behaviour_score"})):
        world = make_world(*R6)
        world.plezi.hide = hidden
        world.pipedrive.add(person("1", sync=35))
        assert outcomes(await world.apply()) == {"done": 2}
        written = world.pipedrive.records["1"]
        assert (written["plezi_url"], written["score"]) == ("https://p/1001", "3")
        base = world.state.ledger.bases([("1", "1001")])[("1", "1001")]["score=behaviour_score"]
        assert base == MergeBase("3", 3)


async def test_values_that_are_not_computed_yet_are_left_for_later(make_world: MakeWorld) -> None:
    """An empty computed value writes nothing: neither an empty one nor a guess."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", sync=35))
    empty = {"plezi_url": None, "behaviour_score": None, "state": None, "source": None}
    insert = world.plezi.insert
    world.plezi.insert = lambda values: _emptied(world.plezi, insert(values), empty)  # type: ignore[method-assign]
    assert outcomes(await world.apply()) == {"done": 1, "skipped": 1}
    assert world.pipedrive.writes() == []


def _emptied(service: Service, record_id: str, values: dict[str, None]) -> str:
    service.records[record_id] |= values
    return record_id


async def test_what_depends_on_a_failed_change_is_skipped(make_world: MakeWorld) -> None:
    """A create that is refused: no link, no follow-up, said why; the others go on."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", "l@example.com", sync=35), person("2", "n@example.com", sync=35))

    def refuse(call: Call) -> None:
        if call.what == "create" and call.values["email"] == "l@example.com":
            raise Rejected("no such domain")

    world.plezi.before = refuse
    run = await world.apply()
    assert outcomes(run) == {"done": 2, "failed": 1, "skipped": 1}
    assert sorted(messages(world)) == ["it follows change 1, which did not succeed", "no such domain"]
    assert world.state.ledger.count_links() == 1


async def test_a_flag_is_set_before_the_create_that_needs_it(make_world: MakeWorld) -> None:
    """Enrolment (R10): flag, create, computed values, in this order, and the flag is remembered as set once."""
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",)))
    world = make_world(*R6, enrol=enrol)
    world.pipedrive.add(person("1", sync=None, label_ids=[5]))
    plan = world.plan()
    assert [(c.kind, c.depends_on) for c in plan.changes()] == [
        (ChangeKind.UPDATE, 0),
        (ChangeKind.CREATE, 1),
        (ChangeKind.UPDATE, 2),
    ]
    assert outcomes(await world.apply(plan)) == {"done": 3}
    assert world.pipedrive.records["1"]["sync"] == 35
    assert world.state.ledger.enrolled() == {"1"}
    assert world.pending() == []


async def test_without_the_flag_nothing_is_created(make_world: MakeWorld) -> None:
    """The flag was set by somebody meanwhile: stale, and the create that was planned on it does not happen."""
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",)))
    world = make_world(*R6, enrol=enrol)
    world.pipedrive.add(person("1", sync=None, label_ids=[5]))
    plan = world.plan()
    world.pipedrive.records["1"]["sync"] = 36
    assert outcomes(await world.apply(plan)) == {"skipped": 2, "stale": 1}
    assert world.plezi.records == {}
    assert world.state.ledger.enrolled() == set()


async def test_a_create_adopts_its_source(make_world: MakeWorld) -> None:
    """Who existed before the first run is created once a reviewed plan says so, and never asked about again."""
    world = make_world()
    world.plezi.add(contact("a"))
    plan = world.plan()
    with world.state.writing("pull") as writer:
        writer.record_existing(Side.PLEZI, ["a", "b"])
    revision = world.state.ledger.revision()
    plan = replace(plan, header=replace(plan.header, ledger_revision=revision))
    await world.apply(plan)
    assert world.state.ledger.existing_ids(Side.PLEZI) == {"b"}


async def test_an_intent_is_on_disk_before_its_request_leaves(make_world: MakeWorld) -> None:
    """At the very moment a request arrives, another process would find its intent in the journal."""
    world = make_world(CITY, *R6)
    linked_pair(world, here={"city": "Nantes"})
    world.pipedrive.add(person("2", "n@example.com", sync=35))
    seen: list[tuple[str, set[str]]] = []

    def look(call: Call) -> None:
        if call.what != "read":
            seen.append(
                (call.what, {entry.change.kind.value for entry in world.state.history.open_intents()})
            )

    world.plezi.before = world.pipedrive.before = look
    await world.apply()
    assert len(seen) == 3
    assert all(what in kinds for what, kinds in seen)
    assert world.state.history.open_intents() == []


async def test_the_journal_keeps_what_an_undo_needs(make_world: MakeWorld) -> None:
    """Values before and after, what was stored and when, the base and the address that were replaced (R26)."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    run = await world.apply()
    (entry,) = world.state.history.entries(run.id)
    stored = {"plz_city": "Nantes", "updated_at": world.plezi.changed["a"]}
    assert (entry.outcome, entry.record_id, entry.stored) == (Outcome.DONE, "a", stored)
    assert [(one.before, one.after) for one in entry.change.fields] == [("Lyon", "Nantes")]
    assert entry.bases_before == {"city=plz_city": MergeBase("Lyon", "Lyon")}
    assert entry.address_before == "l@example.com"
    assert entry.server_at


async def test_both_sides_are_written_at_the_same_time(make_world: MakeWorld) -> None:
    """Each side within its own budget: one waits for nothing that the other does."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.pipedrive.add(person("2", "n@example.com", city="Lille"))
    world.plezi.add(contact("b", "n@example.com", plz_city="Brest"))
    world.link("2", "b", city=("Lille", "Lille"), **AGREED)
    meeting = asyncio.Barrier(2)
    for service in world.services.values():
        service.update = _meets(meeting, service.update)  # type: ignore[method-assign, assignment]
    async with asyncio.timeout(10):
        assert outcomes(await world.apply()) == {"done": 2}


Update = Callable[[str, Mapping[str, Value]], Coroutine[Any, Any, Record]]


def _meets(barrier: asyncio.Barrier, update: Update) -> Update:
    async def meet(record_id: str, values: Mapping[str, Value], **options: Any) -> Record:
        await barrier.wait()
        return await update(record_id, values, **options)

    return meet


@pytest.mark.long
async def test_many_people_are_written_once_each(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many blocks of the plan, more than may wait at once, with dependencies across block borders."""
    monkeypatch.setattr("pdsync.engine.scheduling._BLOCK", 7)
    monkeypatch.setattr("pdsync.engine.scheduling._AHEAD", 20)
    world = make_world(*R6)
    world.pipedrive.add(*(person(str(n), f"p{n}@example.com", sync=35) for n in range(140)))
    world.plezi.add(*(contact(f"z{n}", f"z{n}@example.com") for n in range(70)))
    run = await world.apply()
    assert (run.state, outcomes(run)) == (RunState.DONE, {"done": 140 * 2 + 70})
    assert len(world.plezi.writes()) == 140
    assert len(world.pipedrive.writes()) == 140 + 70
    assert world.pending() == []


async def test_links_of_the_ledger_only_send_nothing(make_world: MakeWorld) -> None:
    """Links and settled bases are no requests; links are listed in the journal, settled bases only counted."""
    world = make_world(CITY)
    world.pipedrive.add(
        person("1", "l@example.com", city="Lyon"), person("2", "n@example.com", city="Nantes")
    )
    world.plezi.add(
        contact("a", "l@example.com", plz_city="Lyon"), contact("b", "n@example.com", plz_city="Lille")
    )
    world.link("2", "b", city=("Lille", "Lille"), **AGREED)
    world.plezi.records["b"]["plz_city"] = "Nantes"
    run = await world.apply()
    assert outcomes(run) == {"done": 2}
    assert run.writes == {Side.PIPEDRIVE: 0, Side.PLEZI: 0}
    assert [entry.change.kind for entry in world.state.history.entries(run.id)] == [ChangeKind.LINK]
    assert world.state.ledger.bases([("2", "b")])[("2", "b")]["city=plz_city"] == MergeBase(
        "Nantes", "Nantes"
    )
    assert world.pipedrive.calls == world.plezi.calls == []


async def test_a_link_that_does_not_fit_any_more_fails_with_what_follows(make_world: MakeWorld) -> None:
    """A record that is linked otherwise is not linked again, nor written in the name of that link."""
    world = make_world(CITY)
    linked_pair(world)
    world.plezi.add(contact("b", "b@example.com"))
    write = FieldChange("city=plz_city", "plz_city", None, "Lyon", Reason.FILL, "Lyon")
    wrong = Decision(
        (
            Change(ChangeKind.LINK, Side.PIPEDRIVE, "1", "b", "b@example.com"),
            Change(ChangeKind.UPDATE, Side.PLEZI, "1", "b", fields=(write,), depends_on=1),
        )
    )
    assert outcomes(await world.apply(world.plan(wrong))) == {"failed": 1, "skipped": 1}
    assert world.plezi.writes() == []


async def test_unlinking_marks_the_link_as_broken(make_world: MakeWorld) -> None:
    """A linked record that is gone: no write to its partner (design 6, Absence)."""
    world = make_world(CITY)
    linked_pair(world)
    del world.plezi.records["a"]
    assert outcomes(await world.apply()) == {"done": 1}
    (row,) = world.state.ledger.links_table().to_pylist()
    assert row["state"] == "broken"
    assert world.pending() == []


async def test_a_side_without_reading_is_written_unguarded_if_a_person_says_so(make_world: MakeWorld) -> None:
    """No precondition read, no re-read: the answer alone says what is stored."""
    blind = {Side.PLEZI: Capabilities(read_by_id=False, read_batch=1, delete=True)}
    world = make_world(FieldMapping("city", "plz_city", Direction.BOTH), capabilities=blind)
    linked_pair(world, here={"city": "Nantes"})
    run = await world.apply(accept_unguarded=True)
    assert outcomes(run) == {"done": 1}
    assert [call.what for call in world.plezi.calls] == ["update"]
