"""Nothing is written before everything holds: ledger, accounts, mapping, gate, confirmations, limits (design 7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.engine.limits import Planned, check_limits, parse_allow
from pdsync.errors import (
    AccountMismatch,
    ConfirmationNeeded,
    GateClosed,
    LimitExceeded,
    PdsyncError,
    PlanOutdated,
    UsageError,
)
from pdsync.model import (
    Account,
    Capabilities,
    Change,
    ChangeKind,
    Decision,
    FieldChange,
    Gate,
    GateState,
    Limits,
    Plan,
    Reason,
    Side,
)
from pdsync.store import Recent
from tests.engine.conftest import MakeWorld
from tests.engine.test_apply import linked_pair, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, R6, contact, person


@contextmanager
def untouched(world: World) -> Iterator[None]:
    """Nothing was written to either service or to the ledger, and no run was begun."""
    before = world.state.ledger.revision(), world.state.history.runs()
    yield
    assert [call for service in world.services.values() for call in service.writes()] == []
    assert before == (world.state.ledger.revision(), world.state.history.runs())


async def refused(
    world: World, plan: Plan, error: type[PdsyncError], words: str, **confirmed: Any
) -> PdsyncError:
    """The plan is refused with these words, and nothing was done."""
    with untouched(world), pytest.raises(error, match=words) as caught:
        await world.apply(plan, **confirmed)
    assert "Nothing was written" in caught.value.untouched
    assert caught.value.next_step
    return caught.value


def ready(make_world: MakeWorld) -> World:
    """A world with one update to make."""
    world = make_world(CITY, *R6)
    linked_pair(world, here={"city": "Nantes"})
    return world


async def test_a_plan_is_carried_out_once(make_world: MakeWorld) -> None:
    """The second time nothing happens, and the run that did it is named (exit 4)."""
    world = ready(make_world)
    plan = world.plan()
    run = await world.apply(plan)
    writes = len(world.plezi.writes())
    with pytest.raises(PlanOutdated, match=run.id) as caught:
        await world.apply(plan)
    assert caught.value.exit_code == 4
    assert len(world.plezi.writes()) == writes
    assert len(world.state.history.runs()) == 1


async def test_a_plan_that_failed_is_not_carried_out_again_either(make_world: MakeWorld) -> None:
    """Whatever came of it: planning again is what resumes."""
    world = ready(make_world)
    plan = world.plan()
    world.plezi.records["a"]["plz_city"] = "Paris"
    assert outcomes(await world.apply(plan)) == {"stale": 1}
    with pytest.raises(PlanOutdated, match="applied already"):
        await world.apply(plan)


async def test_a_plan_from_another_ledger_is_outdated(make_world: MakeWorld) -> None:
    """Anything that may alter a plan has happened since."""
    world = ready(make_world)
    plan = world.plan()
    with world.state.writing("pull") as writer:
        writer.record_existing(Side.PLEZI, ["a"])
    await refused(world, plan, PlanOutdated, "the ledger has changed")


async def test_a_plan_of_another_format_is_outdated(make_world: MakeWorld) -> None:
    """Also when it did not come from a file."""
    world = ready(make_world)
    await refused(world, world.plan(format=2), PlanOutdated, "format 2")


@pytest.mark.parametrize("part", ["mapping_digest", "mapping_version"])
async def test_a_plan_made_with_another_mapping_is_outdated(make_world: MakeWorld, part: str) -> None:
    """The mapping file, or fields and options of a service, changed since."""
    world = ready(make_world)
    await refused(world, world.plan(**{part: "other"}), PlanOutdated, "changed since")


async def test_a_plan_for_another_account_is_refused(make_world: MakeWorld) -> None:
    """Exit 2 before any write (design 6, Accounts)."""
    world = ready(make_world)
    accounts = {side: Account(side, f"{side}-1") for side in Side} | {
        Side.PLEZI: Account(Side.PLEZI, "9", "Other")
    }
    error = await refused(world, world.plan(accounts=accounts), AccountMismatch, r"Plezi account Other \(9\)")
    assert error.exit_code == 2


async def test_a_state_of_another_account_is_refused(make_world: MakeWorld) -> None:
    """The token is right for the plan, but the folder is another company's."""
    world = ready(make_world)
    with world.state.writing("pull") as writer:
        writer.bind_account(Account(Side.PLEZI, "9", "Other"))
    await refused(world, world.plan(), AccountMismatch, r"belongs to Plezi account Other \(9\)")


async def test_a_closed_gate_refuses_the_whole_plan(make_world: MakeWorld) -> None:
    """A count beyond its ``allow`` is lifted by nothing but the mapping."""
    world = ready(make_world)
    gate = Gate(GateState.NOT_READY, refused=("31 duplicate-email, 10 allowed",))
    await refused(world, world.plan(gate=gate), GateClosed, "31 duplicate-email")


async def test_blocking_findings_alone_do_not_refuse_a_plan(make_world: MakeWorld) -> None:
    """They keep their own records out; the others are synced."""
    world = ready(make_world)
    gate = Gate(GateState.NOT_READY, reasons=("31 records share an address",), blocked_records=31)
    assert outcomes(await world.apply(world.plan(gate=gate))) == {"done": 1}


@pytest.mark.parametrize(
    ("flag", "said"), [("--first-run", "first_run"), ("--accept-unguarded", "accept_unguarded")]
)
async def test_what_planning_found_needs_a_word_from_a_person(
    make_world: MakeWorld, flag: str, said: str
) -> None:
    """The flag is named, and with it the plan is carried out."""
    world = ready(make_world)
    plan = world.plan(needs=(flag,))
    error = await refused(world, plan, ConfirmationNeeded, ".")
    assert flag in error.next_step
    assert outcomes(await world.apply(plan, **{said: True})) == {"done": 1}


async def test_a_side_that_cannot_be_read_again_is_asked_about_in_any_case(make_world: MakeWorld) -> None:
    """Also if the plan says nothing of it."""
    world = make_world(CITY, capabilities={Side.PLEZI: Capabilities(read_by_id=False)})
    linked_pair(world, here={"city": "Nantes"})
    await refused(world, world.plan(needs=()), ConfirmationNeeded, "Plezi cannot be read by id")


FORBIDDEN = [
    (Side.PLEZI, FieldChange("score=behaviour_score", "behaviour_score", None, 1, Reason.FILL), "R6"),
    (Side.PLEZI, FieldChange("city=plz_city", "state", None, "x", Reason.FILL), "R6"),
    (Side.PLEZI, FieldChange("city=plz_city", "plz_phone", None, "x", Reason.FILL), "not written by any"),
    (Side.PLEZI, FieldChange("nothing", "plz_city", None, "x", Reason.FILL), "not written by any"),
    (Side.PLEZI, FieldChange("city=plz_city", "gone", None, "x", Reason.FILL), "does not exist"),
    (Side.PLEZI, FieldChange("enrol", "plz_city", None, "x", Reason.ENROL), "R10"),
    (Side.PIPEDRIVE, FieldChange("enrol", "sync", None, 35, Reason.ENROL), "R10"),
    (Side.PIPEDRIVE, FieldChange("owner", "owner_id", None, 1, Reason.CREATE), "does not exist"),
    (Side.PIPEDRIVE, FieldChange("function=function", "function", None, "x", Reason.FILL), "R16"),
    (Side.PLEZI, FieldChange("score=behaviour_score", "behaviour_score", None, 1, Reason.UNDO), "R6"),
]


@pytest.mark.parametrize(("side", "one", "words"), FORBIDDEN)
async def test_a_plan_that_the_mapping_does_not_allow_is_refused_whole(
    make_world: MakeWorld, side: Side, one: FieldChange, words: str
) -> None:
    """R6, R10, R16, asked before the first write: a plan is a file that travels."""
    from pdsync.model import Direction, FieldMapping

    world = make_world(CITY, *R6, FieldMapping("Function", "function", Direction.TO_PLEZI))
    linked_pair(world)
    good = FieldChange("city=plz_city", "plz_city", "Lyon", "Nantes", Reason.CHANGED, "Nantes")
    changes = tuple(
        Change(ChangeKind.UPDATE, s, "1", "a", fields=(f,)) for s, f in ((Side.PLEZI, good), (side, one))
    )
    await refused(world, world.plan(Decision(changes)), PlanOutdated, words)


@pytest.mark.parametrize(
    "change",
    [
        Change(ChangeKind.DELETE, Side.PLEZI, "1", "a"),
        Change(ChangeKind.UPDATE, Side.PLEZI, "1", "a", depends_on=2),
        Change(ChangeKind.LINK, Side.PIPEDRIVE, "1", "a", depends_on=1),
    ],
)
async def test_a_plan_that_is_not_in_order_is_refused(make_world: MakeWorld, change: Change) -> None:
    """Only an undo deletes, and a change follows an earlier one: else a run could wait for ever."""
    world = ready(make_world)
    await refused(world, world.plan(Decision((change,))), PlanOutdated, "Change 1 of the plan")


Allow = Mapping[str, float]

# -- limits (R29) -------------------------------------------------------------------------------------------------


def crowd(make_world: MakeWorld, people: int, **mapping: Any) -> World:
    """So many persons to be created in Plezi."""
    world = make_world(**mapping)
    world.pipedrive.add(*(person(f"{n}", f"p{n}@example.com", sync=35) for n in range(people)))
    return world


async def test_creates_are_limited_before_the_first_write(make_world: MakeWorld) -> None:
    """R29: the whole plan is held, the number and the flag are named, and naming it lifts the limit."""
    world = crowd(make_world, 8, limits=Limits(creates=5))
    plan = world.plan()
    error = await refused(
        world, plan, LimitExceeded, "Plezi: 8 creates within 24 hours; limits.creates allows 5"
    )
    assert "--allow creates=8" in error.next_step
    assert error.exit_code == 1
    await refused(world, plan, LimitExceeded, "allows 7", allow={"creates": 7})
    assert outcomes(await world.apply(plan, allow={"creates": 8}))["done"] == 8


async def test_writes_of_earlier_runs_count(make_world: MakeWorld) -> None:
    """Two runs within 24 hours share one limit."""
    world = crowd(make_world, 4, limits=Limits(creates=5))
    await world.apply()
    world.pipedrive.add(*(person(f"9{n}", f"q{n}@example.com", sync=35) for n in range(2)))
    plan = world.plan()
    with pytest.raises(LimitExceeded, match=r"6 creates within 24 hours \(4 of them by earlier runs\)"):
        await world.apply(plan)
    assert outcomes(await world.apply(plan, allow={"creates": 6}))["done"] == 2


async def test_an_undo_is_not_held_and_does_not_count(make_world: MakeWorld) -> None:
    """It only takes back what a reviewed run has written."""
    world = ready(make_world)
    world.bound = replace(world.bound, mapping=replace(world.bound.mapping, limits=Limits(0, 0, 0)))
    world.plezi.records["a"]["plz_city"] = None
    world.pipedrive.records["1"]["city"] = "Lyon"
    with world.state.writing("test") as writer, writer.transaction() as transaction:
        transaction.ledger.set_bases(("1", "a"), {"city=plz_city": None})
    run = await world.apply()
    assert outcomes(await world.undo(run)) == {"done": 1}
    assert world.plezi.records["a"]["plz_city"] is None


LIFTED = "--allow creates=600 --allow clears=60 --allow changed_percent=33.3"


def hold(
    planned: Planned, recent: Recent | None = None, linked: int = 1000, allow: Allow | None = None
) -> None:
    """Check a plan for Plezi only."""
    none = {side: Recent() for side in Side}
    check_limits(
        Limits(creates=500, clears=50, changed_percent=20),
        {Side.PIPEDRIVE: Planned(), Side.PLEZI: planned},
        none | {Side.PLEZI: recent or Recent()},
        linked,
        allow or {},
    )


def ids(count: int, start: int = 0) -> set[str]:
    """So many record ids."""
    return {str(n) for n in range(start, start + count)}


@pytest.mark.parametrize(
    ("planned", "recent", "linked", "held"),
    [
        (Planned(creates=500), Recent(), 1000, False),
        (Planned(creates=501), Recent(), 1000, True),
        (Planned(creates=1), Recent(creates=500), 1000, True),
        (Planned(creates=0), Recent(creates=900), 1000, False),
        (Planned(clears=50), Recent(), 1000, False),
        (Planned(clears=51), Recent(), 1000, True),
        (Planned(clears=1), Recent(clears=50), 1000, True),
        (Planned(changed=ids(200)), Recent(), 1000, False),
        (Planned(changed=ids(201)), Recent(), 1000, True),
        (Planned(changed=ids(50)), Recent(), 60, False),
        (Planned(changed=ids(51)), Recent(), 60, True),
        (Planned(changed=ids(150)), Recent(changed=ids(60, 1000)), 1000, True),
        (Planned(changed=ids(150)), Recent(changed=ids(150)), 1000, False),
        (Planned(changed=ids(51)), Recent(), 0, True),
    ],
)
def test_where_the_limits_lie(planned: Planned, recent: Recent, linked: int, *, held: bool) -> None:
    """R29: 500 creates, 50 clears, 20 % of the linked records above 50 changes; a record changed twice counts once."""
    if held:
        with pytest.raises(LimitExceeded):
            hold(planned, recent, linked=linked)
    else:
        hold(planned, recent, linked=linked)


def test_all_that_is_exceeded_is_said_at_once() -> None:
    """One message, one command that lifts everything."""
    with pytest.raises(LimitExceeded) as caught:
        hold(Planned(600, 60, ids(333)))
    assert str(caught.value).splitlines() == [
        "Plezi: 600 creates within 24 hours; limits.creates allows 500.",
        "Plezi: 60 emptied values within 24 hours; limits.clears allows 50.",
        "Plezi: 333 of 1,000 linked records would be changed within 24 hours (33.3 %); limits.changed_percent allows 20 %.",
        "Nothing was written; the plan is kept.",
        "Review the plan. If it is meant so, carry it out with " + LIFTED,
    ]


@given(st.integers(0, 2000), st.integers(0, 200), st.integers(0, 400), st.integers(1, 1500))
def test_the_flags_that_a_message_names_are_enough(
    creates: int, clears: int, changed: int, linked: int
) -> None:
    """What the message says to type lifts the limit, whatever the numbers."""
    planned = Planned(creates, clears, ids(changed))
    try:
        hold(planned, linked=linked)
    except LimitExceeded as error:
        flags = error.next_step.partition("with ")[2].replace("--allow ", "").split()
        hold(planned, linked=linked, allow=parse_allow(flags))


def test_naming_a_lower_number_lowers_nothing() -> None:
    """``--allow`` lifts; what the mapping allows stays allowed."""
    hold(Planned(creates=400), allow={"creates": 1})


WRONG = ("creates", "creates=", "creates=x", "creates=-1", "creates=nan", "creates=inf", "deletes=5", "=5")


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_allow_is_a_usage_error(text: str) -> None:
    """Only the three limits, only numbers."""
    with pytest.raises(UsageError, match="--allow"):
        parse_allow([text])


def test_an_allow_may_come_several_times() -> None:
    """``--allow creates=1200 --allow changed_percent=33.3``."""
    assert parse_allow(["creates=1200", "changed_percent=33.3"]) == {"creates": 1200, "changed_percent": 33.3}


def test_only_linked_records_count_as_changed_and_only_filled_values_as_cleared() -> None:
    """A flag of a lone person and a value that follows a create are no share of the linked records."""
    planned = Planned()
    clear = FieldChange("k", "c", "x", None, Reason.CLEAR)
    follow = FieldChange("k", "c", "x", None, Reason.FOLLOWS_CREATE, deferred="d")
    planned.add(Change(ChangeKind.UPDATE, Side.PLEZI, "1", "a", fields=(clear, follow)))
    planned.add(Change(ChangeKind.UPDATE, Side.PLEZI, "", "b", fields=(replace(clear, before=None),)))
    assert planned == Planned(0, 1, {"a"})


async def test_people_who_are_new_are_no_change_of_linked_ones(make_world: MakeWorld) -> None:
    """A run creates many and writes their addresses back: no fifth of the linked records, on that day or by the next run."""
    world = make_world(*R6, limits=Limits(changed_percent=1))
    world.pipedrive.add(*(person(f"{n}", f"p{n}@example.com", sync=35) for n in range(60)))
    world.plezi.add(contact("a", "x@example.com"))
    assert outcomes(await world.apply())["done"] == 121
    list(world.plezi.records.values())[-1]["first_name"] = "Maël"
    assert outcomes(await world.apply()) == {"done": 1}
