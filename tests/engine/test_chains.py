"""One run carries a value through two field mappings, and leaves nothing for the next plan."""

from __future__ import annotations

from typing import Any

import pytest

from pdsync.engine.leaving_out import Without
from pdsync.engine.narrowing import parse_only
from pdsync.errors import Rejected
from pdsync.model import Change, Condition, Direction, Enrolment, FieldMapping, Outcome
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.world import World, updates
from tests.planning.build import contact, person

THERE = FieldMapping("city", "plz_city", Direction.TO_PLEZI)
BACK = FieldMapping("phone_text", "plz_city", Direction.TO_PIPEDRIVE)
OTHER = FieldMapping("revenue", "plz_revenue", Direction.TO_PLEZI)


def edited(make_world: MakeWorld) -> World:
    """A linked pair that agreed; since then somebody wrote another city into Pipedrive."""
    world = make_world(BACK, THERE, OTHER)
    world.pipedrive.add(person("1", city="Paris", phone_text="Paris"))
    world.plezi.add(contact("a", plz_city="Paris"))
    agreed = {"first_name": ("Lucile", "Lucile"), "last_name": ("Rivière", "Rivière")}
    world.link("1", "a", city=("Paris", "Paris"), phone_text=("Paris", "Paris"), **agreed)
    world.pipedrive.records["1"] |= {"city": "Lyon", "revenue": 7}
    return world


def left(world: World) -> list[Any]:
    """What the planner would still do, the ledger included."""
    return [change for decision in world.decisions() for change in decision.changes]


async def test_the_second_plan_is_empty(make_world: MakeWorld) -> None:
    """Three fields hold the new city after one run, and one undo takes all of it back."""
    world = edited(make_world)
    run = await world.apply()
    assert (run.outcomes[Outcome.DONE], left(world)) == (2, [])
    assert world.pipedrive.records["1"]["phone_text"] == "Lyon"
    await world.undo(run)
    assert (world.pipedrive.records["1"]["phone_text"], world.plezi.records["a"]["plz_city"]) == (
        "Paris",
        "Paris",
    )
    assert world.pending() == []


async def test_what_the_service_made_of_it_is_passed_on(make_world: MakeWorld) -> None:
    """Plezi cuts the city off: Pipedrive's other field gets what Plezi holds, not what Plezi was sent."""
    world = edited(make_world)
    world.plezi.alter = lambda values: values | ({"plz_city": "Ly"} if "plz_city" in values else {})
    await world.apply()
    assert world.pipedrive.records["1"]["phone_text"] == "Ly"
    assert world.pending() == []


async def test_nothing_is_passed_on_that_was_not_written(make_world: MakeWorld) -> None:
    """The first write is refused: the second is skipped, and the next plan has both again."""
    world = edited(make_world)

    def refuse(call: Call) -> None:
        if call.what == "update":
            raise Rejected("Plezi does not take that.")

    world.plezi.before = refuse
    run = await world.apply()
    assert (run.outcomes[Outcome.FAILED], run.outcomes[Outcome.SKIPPED]) == (1, 1)
    assert world.pipedrive.records["1"]["phone_text"] == "Paris"
    world.plezi.before = lambda _call: None
    await world.apply()
    assert (world.pipedrive.records["1"]["phone_text"], left(world)) == ("Lyon", [])


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["phone_text"], []),
        (["phone_text", "revenue"], [("plezi", "a", "plz_revenue")]),
        (["phone_text", "city"], [("plezi", "a", "plz_city"), ("pipedrive", "1", "phone_text")]),
    ],
)
def test_a_pilot_passes_nothing_on_that_it_does_not_write(
    make_world: MakeWorld, only: list[str], expected: list[Any]
) -> None:
    """``--only FIELD`` of the second field mapping alone would write a value that is not there."""
    world = edited(make_world)
    (decision,) = world.decisions()
    assert updates(parse_only(only, world.bound).narrow(decision).changes) == expected


async def test_what_is_left_out_is_not_passed_on(make_world: MakeWorld) -> None:
    """``--without FIELD`` takes what rests on that field out of the plan as well, and nothing else."""
    world = edited(make_world)
    changes = list(world.plan().changes())
    assert [change.depends_on for change in changes] == [0, 1]

    def with_fields(change: Change, fields: tuple[Any, ...]) -> Change:
        return Change(**{name: getattr(change, name) for name in change.__slots__} | {"fields": fields})

    remaining = Without(keys=frozenset({"city=plz_city"})).left(changes, with_fields)
    assert updates(remaining) == [("plezi", "a", "plz_revenue")]


async def test_what_a_create_wrote_is_carried_back_in_the_same_run(make_world: MakeWorld) -> None:
    """A contact is created from a person, whose other field holds its city after the same run."""
    world = make_world(BACK, THERE)
    world.pipedrive.add(person("1", city="Lyon"))
    await world.apply()
    assert (world.pipedrive.records["1"]["phone_text"], left(world)) == ("Lyon", [])


async def test_a_person_is_created_enrolled_and_never_enrolled_again(make_world: MakeWorld) -> None:
    """R10: the flag comes with the create; whoever empties it afterwards is left alone."""
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("label_ids", has=("Customer",)))
    world = make_world(FieldMapping("label_ids", "plz_phone", Direction.TO_PIPEDRIVE), enrol=enrol)
    world.plezi.add(contact("a", plz_phone="Customer"))
    await world.apply()
    (created,) = world.pipedrive.records
    assert (world.pipedrive.records[created]["sync"], left(world)) == (35, [])
    world.pipedrive.records[created]["sync"] = None
    assert world.pending() == []
