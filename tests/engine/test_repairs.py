"""Repairs carried out: to the letter, guarded, invisible to the ledger, carried across by the next sync, undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import (
    Change,
    ChangeKind,
    Consent,
    Decision,
    Direction,
    FieldChange,
    MergeBase,
    Outcome,
    Reason,
    RunState,
    Side,
    Value,
)
from pdsync.model.values import MISSING
from tests.engine.conftest import MakeWorld
from tests.engine.test_apply import linked_pair, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, R6, emails, person

PAIR = ("1", "a")


def repair(
    code: str, before: Value, after: Value, *, key: str = "repair", record: tuple[str, str] = PAIR
) -> Decision:
    """A repair of one value of a person."""
    change = FieldChange(key, code, before, after, Reason.REPAIR, source=MISSING)
    return Decision(
        changes=(Change(ChangeKind.UPDATE, Side.PIPEDRIVE, *record, fields=(change,), title="x"),)
    )


def pending(world: World) -> list[tuple[Side, str, Value]]:
    """What an ordinary plan made now would write."""
    return [(change.side, one.code, one.after) for change in world.pending() for one in change.fields]


async def test_the_next_sync_carries_a_repair_across_and_undo_takes_it_back(make_world: MakeWorld) -> None:
    """No base moves: to the planner a person changed the value (design 6); after the undo a plan is empty."""
    world = make_world(CITY)
    linked_pair(world)
    bases = world.state.ledger.bases([PAIR])
    run = await world.apply(world.plan(repair("city", "Lyon", "Lyon 2e", key="city=plz_city")))
    assert (run.state, outcomes(run), run.values) == (RunState.DONE, {"done": 1}, 1)
    assert world.state.ledger.bases([PAIR]) == bases
    assert pending(world) == [(Side.PLEZI, "plz_city", "Lyon 2e")]
    await world.undo(run)
    assert world.pipedrive.records["1"]["city"] == "Lyon"
    assert pending(world) == []


async def test_a_repair_that_was_carried_across_can_be_undone_for_itself(make_world: MakeWorld) -> None:
    """What was there comes back on the side that was repaired; the other side is left to a person."""
    world = make_world(CITY)
    linked_pair(world)
    run = await world.apply(world.plan(repair("city", "Lyon", "Lyon 2e", key="city=plz_city")))
    await world.apply()
    assert world.plezi.records["a"]["plz_city"] == "Lyon 2e"
    await world.undo(run)
    assert (world.pipedrive.records["1"]["city"], world.plezi.records["a"]["plz_city"]) == (
        "Lyon",
        "Lyon 2e",
    )
    assert pending(world) == []


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        ("last_name", " Rivière\u00a0", "Rivière"),
        ("email", emails("L@Example.com", "b@example.com"), emails("l@example.com", "b@example.com")),
        ("email", emails("l@example.com", "b@example.com"), emails("l@example.com")),
    ],
)
async def test_spelling_counts_for_repairs_and_for_their_undo(
    make_world: MakeWorld, code: str, before: Value, after: Value
) -> None:
    """No comparison sees a space or a capital; a repair writes it, its undo puts it back, and the redo writes it again."""
    world = make_world()
    world.pipedrive.add(replace(person("1"), values=dict(person("1").values) | {code: before}))
    run = await world.apply(world.plan(repair(code, before, after, record=("1", ""))))
    assert world.pipedrive.records["1"][code] == after
    undo = await world.undo(run)
    assert world.pipedrive.records["1"][code] == before
    await world.undo(undo)
    assert world.pipedrive.records["1"][code] == after


async def test_a_list_keeps_what_somebody_changed_meanwhile(make_world: MakeWorld) -> None:
    """One address is spelt anew; a label that changed since the plan stays changed."""
    world = make_world()
    world.pipedrive.add(person("1", "L@Example.com", "b@example.com"))
    plan = world.plan(
        repair("email", emails("L@Example.com", "b@example.com"), emails("l@example.com", "b@example.com"))
    )
    world.pipedrive.records["1"]["email"] = [
        {"value": "L@Example.com", "primary": True, "label": "home"},
        {"value": "b@example.com", "primary": False, "label": "work"},
    ]
    await world.apply(plan)
    assert world.pipedrive.records["1"]["email"] == [
        {"value": "l@example.com", "primary": True, "label": "home"},
        {"value": "b@example.com", "primary": False, "label": "work"},
    ]


async def test_a_record_that_changed_since_is_stale(make_world: MakeWorld) -> None:
    """Like any other write (design 7)."""
    world = make_world(CITY)
    world.pipedrive.add(person("1", city="Natnes"))
    plan = world.plan(repair("city", "Natnes", "Nantes", key="city=plz_city"))
    world.pipedrive.records["1"]["city"] = "Brest"
    run = await world.apply(plan)
    assert run.outcomes[Outcome.STALE] == 1
    assert world.pipedrive.writes() == []


FORBIDDEN = [
    ("plezi_url", "x", "y", "is written from Plezi"),
    ("last_name", "Rivière", None, "is never emptied"),
    ("revenue", 1, 2, "are not repaired"),
    ("function", "x", "y", "is not part of the mapping"),
    ("marketing_status", "subscribed", "no_consent", "nothing but the person"),
]


@pytest.mark.parametrize(("code", "before", "after", "why"), FORBIDDEN)
async def test_a_plan_that_repairs_what_may_not_be_is_refused(
    make_world: MakeWorld, code: str, before: Value, after: Value, why: str
) -> None:
    """A plan is a file that travels: the rules are asked again before the first write."""
    from pdsync.errors import PlanOutdated

    world = make_world(CITY, *R6, consent={Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",))})
    world.pipedrive.add(person("1", **{code: before}))
    with pytest.raises(PlanOutdated, match=why):
        await world.apply(world.plan(repair(code, before, after)))
    assert world.pipedrive.writes() == []


async def test_who_opted_out_since_is_not_touched(make_world: MakeWorld) -> None:
    """The last look sees it."""
    world = make_world(CITY, consent={Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",))})
    world.pipedrive.add(person("1", city="Natnes"))
    plan = world.plan(repair("city", "Natnes", "Nantes", key="city=plz_city"))
    world.pipedrive.records["1"]["marketing_status"] = "unsubscribed"
    run = await world.apply(plan)
    assert run.outcomes[Outcome.FAILED] == 1
    assert world.pipedrive.writes() == []


async def test_a_direction_away_from_the_side_is_enough(make_world: MakeWorld) -> None:
    """A field that only flows to Plezi is repaired in Pipedrive, where its values come from (R16)."""
    world = make_world(replace(CITY, direction=Direction.TO_PLEZI))
    linked_pair(world)
    await world.apply(world.plan(repair("city", "Lyon", "Lyon 2e", key="city=plz_city")))
    assert pending(world) == [(Side.PLEZI, "plz_city", "Lyon 2e")]
    assert world.state.ledger.bases([PAIR])[PAIR]["city=plz_city"] == MergeBase("Lyon", "Lyon")
