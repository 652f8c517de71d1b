"""Undo: back to what was there where it still is what pdsync wrote, said before what is not, and quiet afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.errors import PlanOutdated
from pdsync.model import (
    Capabilities,
    Change,
    ChangeKind,
    Condition,
    Decision,
    Direction,
    Enrolment,
    FieldChange,
    MergeBase,
    Plan,
    Reason,
    RunKind,
    RunState,
    Side,
    UndoneMark,
)
from tests.engine.conftest import MakeWorld
from tests.engine.test_apply import AGREED, linked_pair, outcomes
from tests.engine.test_guards import CONSENT, OPT_OUT, REMOTE
from tests.planning.build import CITY, R6, SECTOR, contact, emails, person

PAIR = ("1", "a")


def kept(plan: Plan) -> list[str]:
    """What the plan says will not be undone."""
    return sorted(f"{finding.subjects[0]}: {finding.message}" for finding in plan.findings())


async def test_an_undo_restores_values_and_bases_and_a_plan_after_it_is_empty(make_world: MakeWorld) -> None:
    """The law, through the real engine: undo followed by plan is empty, until somebody changes a value."""
    world = make_world(CITY, SECTOR)
    linked_pair(world, here={"city": "Nantes", "sector": 2}, there={"first_name": "Lucie"})
    before = {side: dict(service.records) for side, service in world.services.items()}
    bases = world.state.ledger.bases([PAIR])
    run = await world.apply()
    assert run.values == 3
    undo = await world.undo(run)
    assert (undo.kind, undo.state, outcomes(undo)) == (RunKind.UNDO, RunState.DONE, {"done": 2})
    assert before == {side: service.records for side, service in world.services.items()}
    assert bases == world.state.ledger.bases([PAIR])
    assert world.pending() == []
    assert (undo.undoes, world.state.history.run(run.id).undone_by) == (run.id, undo.id)
    world.pipedrive.records["1"]["city"] = "Brest"
    assert [(c.side, one.code, one.after) for c in world.pending() for one in c.fields] == [
        (Side.PLEZI, "plz_city", "Brest")
    ]


async def test_what_an_undo_left_is_marked_on_both_sides(make_world: MakeWorld) -> None:
    """The mark holds what the undo left here and what is there: the planner compares both (design 7)."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    await world.apply()
    world.pipedrive.records["1"]["city"] = "Rennes"
    await world.undo()
    assert world.state.ledger.undone([PAIR]) == {PAIR: {"city=plz_city": UndoneMark("Rennes", "Lyon")}}


async def test_a_value_that_somebody_changed_since_is_left(make_world: MakeWorld) -> None:
    """Only what still equals the journal's after-value goes back; the rest is listed before anything is written."""
    world = make_world(CITY, SECTOR)
    linked_pair(world, here={"city": "Nantes", "sector": 2})
    await world.apply()
    world.plezi.records["a"]["plz_city"] = "Paris"
    plan = await world.undo_plan()
    assert kept(plan) == ["plezi:contact/a: Ville: somebody changed it since"]
    assert plan.header.totals.counts == {"changed-since": 1}
    assert outcomes(await world.apply(plan)) == {"done": 1}
    assert (world.plezi.records["a"]["plz_city"], world.plezi.records["a"]["plz_sector"]) == ("Paris", None)


async def test_a_value_changed_after_the_undo_was_planned_is_stale(make_world: MakeWorld) -> None:
    """An undo is read again before its writes like any run."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    await world.apply()
    plan = await world.undo_plan()
    world.plezi.records["a"]["plz_city"] = "Paris"
    assert outcomes(await world.apply(plan)) == {"stale": 1}
    assert world.plezi.records["a"]["plz_city"] == "Paris"


async def test_creates_stay_and_are_listed(make_world: MakeWorld) -> None:
    """Without ``--delete-created`` the new record stays linked; what was written back to its source goes back."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", sync=35))
    await world.apply()
    plan = await world.undo_plan()
    assert kept(plan) == ["plezi:contact/1001: what was created stays; --delete-created would delete it"]
    assert outcomes(await world.apply(plan)) == {"done": 1}
    assert list(world.plezi.records) == ["1001"]
    assert world.pipedrive.records["1"]["plezi_url"] is None
    assert world.state.ledger.count_links() == 1
    assert world.pending() == []


@pytest.mark.parametrize("side", Side)
async def test_created_records_are_deleted_if_a_person_says_so(make_world: MakeWorld, side: Side) -> None:
    """``--delete-created``: deleted, unlinked, and never created again by itself."""
    world = make_world(*R6)
    if side is Side.PLEZI:
        world.pipedrive.add(person("1", sync=35))
    else:
        world.plezi.add(contact("a"))
    await world.apply()
    plan = await world.undo_plan(delete_created=True)
    assert [c.kind for c in plan.changes() if c.side is side] == [ChangeKind.DELETE]
    assert kept(plan) == []
    await world.apply(plan)
    assert world.services[side].records == {}
    assert world.state.ledger.is_new()
    assert world.state.ledger.undone_creates(side.other) == {"1" if side is Side.PLEZI else "a"}
    assert world.pending() == []


async def test_a_created_record_that_somebody_changed_is_not_deleted(make_world: MakeWorld) -> None:
    """A person's work on the new record is not thrown away."""
    world = make_world(*R6)
    world.plezi.add(contact("a"))
    await world.apply()
    world.pipedrive.records["1001"]["last_name"] = "Martin"
    plan = await world.undo_plan(delete_created=True)
    assert kept(plan) == ["pipedrive:person/1001: somebody changed what was created; it stays"]
    world.pipedrive.records["1001"]["last_name"] = "Rivière"
    plan = await world.undo_plan(delete_created=True)
    world.pipedrive.records["1001"]["last_name"] = "Martin"
    assert outcomes(await world.apply(plan)) == {"stale": 1}
    assert "1001" in world.pipedrive.records


@pytest.mark.parametrize(
    "work", [{"city": "Brest"}, {}], ids=["a field that pdsync never wrote", "a note or a deal"]
)
async def test_work_beside_what_was_written_keeps_a_created_record(
    make_world: MakeWorld, work: dict[str, str]
) -> None:
    """A salesperson's telephone number, note or deal on the new person is not deleted with it."""
    world = make_world(*R6)
    world.plezi.add(contact("a"))
    await world.apply()
    world.pipedrive.edit("1001", **work)
    plan = await world.undo_plan(delete_created=True)
    assert kept(plan) == ["pipedrive:person/1001: somebody changed what was created; it stays"]


async def test_what_later_runs_wrote_does_not_keep_a_created_record(make_world: MakeWorld) -> None:
    """A second run of pdsync is nobody's work: what it wrote elsewhere does not stand in the way."""
    world = make_world(CITY)
    world.plezi.add(contact("a"))
    run = await world.apply()
    world.plezi.edit("a", plz_city="Brest")
    assert outcomes(await world.apply()) == {"done": 1}
    plan = await world.undo_plan(run, delete_created=True)
    assert [c.kind for c in plan.changes()] == [ChangeKind.DELETE]


async def test_an_opted_out_record_is_not_deleted(make_world: MakeWorld) -> None:
    """Deleting it would forget the opt-out, and whoever is created again would be written to again (design 6, Consent)."""
    world = make_world(consent=CONSENT, remote=REMOTE)
    world.plezi.add(contact("a"))
    await world.apply()
    (created,) = world.pipedrive.records
    world.pipedrive.records[created]["marketing_status"] = "unsubscribed"
    plan = await world.undo_plan(delete_created=True)
    assert kept(plan) == [f"pipedrive:person/{created}: the person opted out, which is never taken back"]
    assert plan.header.totals.counts == {"opt-out-stays": 1}


async def test_a_created_record_that_is_gone_is_only_listed(make_world: MakeWorld) -> None:
    """Somebody deleted it first; or between plan and undo."""
    world = make_world()
    world.plezi.add(contact("a"))
    await world.apply()
    plan = await world.undo_plan(delete_created=True)
    del world.pipedrive.records["1001"]
    assert kept(await world.undo_plan(delete_created=True)) == ["pipedrive:person/1001: the record is gone"]
    assert outcomes(await world.apply(plan)) == {"done": 1}
    assert [call.what for call in world.pipedrive.writes()] == ["create"]
    assert world.state.ledger.is_new()


async def test_without_a_delete_call_creates_stay(make_world: MakeWorld) -> None:
    """What the profile cannot do is said, not tried."""
    world = make_world(
        capabilities={Side.PLEZI: Capabilities(read_batch=100, recent_first=True, delete=False)}
    )
    world.pipedrive.add(person("1", sync=35))
    await world.apply()
    plan = await world.undo_plan(delete_created=True)
    assert kept(plan) == ["plezi:contact/1001: Plezi cannot delete through this API profile"]
    assert plan.header.is_empty


async def test_opt_outs_are_left_out(make_world: MakeWorld) -> None:
    """Opting out is reversed by nothing, undo included (design 6, Consent)."""
    world = make_world(OPT_OUT, CITY, consent=CONSENT, remote=REMOTE)
    world.pipedrive.add(person("1", marketing_status="subscribed", city="Nantes"))
    world.plezi.add(contact("a", plz_consent="unsubscribed"))
    world.link("1", "a", **AGREED)
    await world.apply()
    assert world.pipedrive.records["1"]["marketing_status"] == "unsubscribed"
    plan = await world.undo_plan()
    assert kept(plan) == ["pipedrive:person/1: Marketing status: an opt-out is never taken back"]
    await world.apply(plan)
    assert world.pipedrive.records["1"]["marketing_status"] == "unsubscribed"
    assert world.plezi.records["a"]["plz_city"] is None


def taking_back(kind: ChangeKind, record_id: str) -> Decision:
    """A change such as an undo makes, of any record."""
    one = FieldChange("city=plz_city", "plz_city", "Lyon", None, Reason.UNDO)
    return Decision(changes=(Change(kind, Side.PLEZI, "9", record_id, fields=(one,)),))


@pytest.mark.parametrize(
    ("kind", "record_id", "of", "why"),
    [
        (ChangeKind.UPDATE, "b", "this", "did not write that"),
        (ChangeKind.DELETE, "b", "this", "did not write that"),
        (ChangeKind.DELETE, "a", "this", "did not create that record"),
        (ChangeKind.DELETE, "a", "another", "does not know"),
        (ChangeKind.UPDATE, "a", "", "only an undo takes a value back"),
    ],
)
async def test_a_plan_that_says_it_is_an_undo_takes_back_only_what_was_done(
    make_world: MakeWorld, kind: ChangeKind, record_id: str, of: str, why: str
) -> None:
    """No limit holds an undo, and it may delete: so a plan file cannot just claim to be one."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.plezi.add(contact("b", "b@example.com", plz_city="Lyon"))
    run = await world.apply(
        world.plan(*(d for d in world.decisions() if any(c.plezi_id == "a" for c in d.changes)))
    )
    before = dict(world.plezi.records)
    plan = world.plan(taking_back(kind, record_id), undoes={"this": run.id, "another": "x"}.get(of, ""))
    with pytest.raises(PlanOutdated, match=why):
        await world.apply(plan)
    assert world.plezi.records == before


async def test_what_cannot_be_emptied_is_listed(make_world: MakeWorld) -> None:
    """The value was empty before, and clearing it was never seen to work: the plan had said so as irreversible."""
    world = make_world()
    linked_pair(world, here={"first_name": None}, there={"first_name": "Lucile"})
    world.link("1", "a")
    with world.state.writing("test") as writer, writer.transaction() as transaction:
        transaction.ledger.set_bases(PAIR, {"first_name=first_name": None})
    plan = world.plan()
    assert [c.irreversible for c in plan.changes()] == [
        ("First name stays filled: clearing it is not known to work",)
    ]
    await world.apply(plan)
    undo = await world.undo_plan()
    assert kept(undo) == [
        "pipedrive:person/1: First name: it was empty, and emptying it is not known to work"
    ]
    assert undo.header.is_empty


async def test_an_address_goes_back_and_the_link_rests_on_it_again(make_world: MakeWorld) -> None:
    """One entry of the list goes back; what a person did to the others meanwhile stays."""
    world = make_world()
    world.pipedrive.add(person("1", "l@example.com"))
    world.plezi.add(contact("a", "l@example.com"))
    world.link("1", "a", **AGREED)
    world.plezi.records["a"]["email"] = "new@example.com"
    await world.apply()
    assert world.state.ledger.links_of([PAIR])[PAIR].address == "new@example.com"
    world.pipedrive.records["1"]["email"] = [
        {"value": "new@example.com", "primary": False, "label": "home"},
    ]
    await world.undo()
    assert world.pipedrive.records["1"]["email"] == [
        {"value": "l@example.com", "primary": False, "label": "home"}
    ]
    assert world.state.ledger.links_of([PAIR])[PAIR].address == "l@example.com"
    assert world.pending() == []


async def test_a_list_that_is_longer_than_before_gets_shorter_by_that_entry_only(
    make_world: MakeWorld,
) -> None:
    """Somebody added an address meanwhile: the whole is no longer what pdsync wrote, so it is left (listed)."""
    world = make_world()
    world.pipedrive.add(person("1", "l@example.com"))
    world.plezi.add(contact("a", "l@example.com"))
    world.link("1", "a", **AGREED)
    world.plezi.records["a"]["email"] = "new@example.com"
    await world.apply()
    world.pipedrive.records["1"]["email"] = emails("new@example.com", "second@example.com")
    assert kept(await world.undo_plan()) == ["pipedrive:person/1: Email: somebody changed it since"]


async def test_a_flag_that_was_set_goes_back_and_is_not_set_again(make_world: MakeWorld) -> None:
    """Enrolment is undone like any value; the ledger remembers that it was done once (R10)."""
    world = make_world(enrol=Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",))))
    world.pipedrive.add(person("1", sync=None, label_ids=[5]))
    await world.apply()
    await world.undo(delete_created=True)
    assert world.pipedrive.records["1"]["sync"] is None
    assert world.plezi.records == {}
    assert world.pending() == []


async def test_what_was_not_stored_needs_no_undo(make_world: MakeWorld) -> None:
    """The server kept the old value: there is nothing to take back, and nothing to report."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.plezi.alter = lambda _values: {}
    await world.apply()
    plan = await world.undo_plan()
    assert (plan.header.is_empty, kept(plan)) == (True, [])


async def test_a_record_that_is_gone_is_listed(make_world: MakeWorld) -> None:
    """Nothing to restore it into."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    await world.apply()
    del world.plezi.records["a"]
    plan = await world.undo_plan()
    assert kept(plan) == ["plezi:contact/a: the record is gone"]
    assert plan.header.totals.counts == {"record-gone": 1}


async def test_failed_and_stale_changes_need_no_undo(make_world: MakeWorld) -> None:
    """Only what was written is taken back."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    plan = world.plan()
    world.plezi.records["a"]["plz_city"] = "Paris"
    await world.apply(plan)
    undo = await world.undo_plan()
    assert (list(undo.changes()), kept(undo)) == ([], [])


async def test_an_undo_is_carried_out_once(make_world: MakeWorld) -> None:
    """Its plan is outdated afterwards, and a second undo of the same run finds nothing more to take back."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    run = await world.apply()
    plan = await world.undo_plan(run)
    await world.apply(plan)
    with pytest.raises(PlanOutdated):
        await world.apply(plan)
    again = await world.undo_plan(run)
    assert (list(again.changes()), again.header.totals.counts) == ([], {"changed-since": 1})


async def test_the_undo_of_an_undo_puts_back_values_bases_and_lifts_the_marks(make_world: MakeWorld) -> None:
    """A person who changed their mind: as after the first run, and the planner is free again."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    await world.apply()
    await world.undo()
    assert outcomes(await world.undo()) == {"done": 1}
    assert world.plezi.records["a"]["plz_city"] == "Nantes"
    assert world.state.ledger.bases([PAIR])[PAIR]["city=plz_city"] == MergeBase("Nantes", "Nantes")
    assert world.state.ledger.undone([PAIR]) == {}
    assert world.pending() == []


async def test_a_deleted_record_does_not_come_back(make_world: MakeWorld) -> None:
    """The undo of an undo lists what it cannot put back."""
    world = make_world()
    world.plezi.add(contact("a"))
    await world.apply()
    await world.undo(delete_created=True)
    assert kept(await world.undo_plan()) == ["pipedrive:person/1001: what was deleted does not come back"]


async def test_an_undo_without_reading_goes_by_the_journal_if_a_person_says_so(make_world: MakeWorld) -> None:
    """Unguarded: what the run left is taken for what is there."""
    world = make_world(CITY, capabilities={Side.PLEZI: Capabilities(read_by_id=False)})
    linked_pair(world, here={"city": "Nantes"})
    await world.apply(accept_unguarded=True)
    plan = await world.undo_plan()
    assert plan.header.needs == ("--accept-unguarded",)
    await world.apply(plan, accept_unguarded=True)
    assert world.plezi.records["a"]["plz_city"] == "Lyon"
    assert world.state.ledger.undone([PAIR])[PAIR] == {"city=plz_city": UndoneMark("Nantes", "Lyon")}


async def test_the_direction_may_have_changed_since(make_world: MakeWorld) -> None:
    """An undo takes back what was written, also where the mapping would no longer write it."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    run = await world.apply()
    one_way = tuple(
        replace(field, written=replace(field.written, direction=Direction.TO_PIPEDRIVE))
        if field.key == "city=plz_city"
        else field
        for field in world.bound.fields
    )
    world.bound = replace(world.bound, fields=one_way)
    plan = await world.undo_plan(run)
    assert [one.reason for change in plan.changes() for one in change.fields] == [Reason.UNDO]
    assert outcomes(await world.apply(plan)) == {"done": 1}


@pytest.mark.long
async def test_an_undo_of_many_goes_window_by_window(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a window of the journal: everything goes back, each record is read twice and written once."""
    monkeypatch.setattr("pdsync.engine.undo._WINDOW", 7)
    world = make_world(CITY)
    for n in range(40):
        world.pipedrive.add(person(f"{n}", f"p{n}@example.com", city="Nantes", sync=35))
        world.plezi.add(contact(f"z{n}", f"p{n}@example.com", plz_city="Lyon"))
    world.link_all(((f"{n}", f"z{n}") for n in range(40)), city=("Lyon", "Lyon"), **AGREED)
    await world.apply()
    world.plezi.calls.clear()
    assert outcomes(await world.undo()) == {"done": 40}
    assert {record["plz_city"] for record in world.plezi.records.values()} == {"Lyon"}
    assert sum(call.what == "update" for call in world.plezi.calls) == 40
    assert sum(call.what == "read" for call in world.plezi.calls) == 2 * 40
