"""Precondition reads: batched, only as many as can be written within ten seconds, and never trusted longer (design 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pdsync.engine.pace import Pace
from pdsync.engine.preconditions import BatchSize
from pdsync.errors import Overdue
from pdsync.model import Capabilities, Side
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.test_apply import AGREED, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, contact, person

ALL = {"changed_percent": 100.0}


def people(make_world: MakeWorld, count: int, read_batch: int = 100) -> World:
    """So many updates to be made in Plezi."""
    able = Capabilities(read_batch=read_batch, recent_first=True)
    world = make_world(CITY, capabilities={Side.PLEZI: able})
    for n in range(count):
        world.pipedrive.add(person(f"{n}", f"p{n}@example.com", city="Nantes", sync=35))
        world.plezi.add(contact(f"z{n}", f"p{n}@example.com", plz_city="Lyon"))
    world.link_all(((f"{n}", f"z{n}") for n in range(count)), city=("Lyon", "Lyon"), **AGREED)
    return world


def batches(world: World) -> list[int]:
    """How many records each precondition read asked for, in order."""
    sizes: list[int] = []
    last = ""
    for call in world.plezi.calls:
        if call.what == "read":
            if last == "read":
                sizes[-1] += 1
            else:
                sizes.append(1)
        last = call.what
    return sizes


@pytest.mark.parametrize(
    ("written", "seconds", "size"),
    [
        (10, 1.0, 20),
        (10, 0.0, 20),
        (10, 10.0, 5),
        (10, 60.0, 1),
        (10, 500.0, 1),
        (0, 5.0, 10),
        (10, 4.0, 12),
    ],
)
def test_the_size_follows_the_pace(written: int, seconds: float, size: int) -> None:
    """Half of what ten seconds allow at the measured pace, at most double at a time, at least one."""
    batch = BatchSize(Pace(), most=100)
    assert batch.now == 10
    batch.learn(written, seconds)
    assert batch.now == size


def test_the_size_stays_within_what_the_side_can_read() -> None:
    """``read_batch`` of the capabilities is the most, at any pace."""
    batch = BatchSize(Pace(), most=15)
    batch.learn(10, 0.1)
    batch.learn(15, 0.1)
    assert batch.now == 15
    assert BatchSize(Pace(), most=1).now == 1
    assert BatchSize(Pace(), most=0).now == 1


@pytest.mark.long
async def test_a_quick_service_is_read_in_growing_batches(make_world: MakeWorld) -> None:
    """10, 20, 40, 80: few requests where writing is quick."""
    world = people(make_world, 100)
    assert outcomes(await world.apply(allow=ALL)) == {"done": 100}
    assert sum(batches(world)) == 100
    assert len(batches(world)) <= 6


async def test_a_slow_service_is_read_one_by_one(make_world: MakeWorld) -> None:
    """At twelve seconds a write only one record may be read ahead."""
    world = people(make_world, 24)
    time = {"now": 0.0}

    def slow(call: Call) -> None:
        if call.what == "update":
            time["now"] += 12.0

    world.plezi.before = slow
    world.pace = replace(world.pace, at_once=1, clock=lambda: time["now"])
    assert outcomes(await world.apply()) == {"done": 24}
    ages, read_at = [], {}
    now = 0.0
    for call in world.plezi.calls:
        if call.what == "read":
            read_at[call.record_id] = now
        else:
            ages.append(now - read_at[call.record_id])
            now += 12.0
    assert max(ages) <= 10
    assert len(ages) == 24


async def test_a_value_that_changes_while_a_record_waits_is_noticed(make_world: MakeWorld) -> None:
    """What was read more than ten seconds ago is read again before it is written."""
    world = people(make_world, 10)
    time = {"now": 0.0}

    def stall(call: Call) -> None:
        if call.what == "update" and call.record_id == "z0":
            time["now"] += 11.0
            world.plezi.records["z9"]["plz_city"] = "Paris"

    world.plezi.before = stall
    world.pace = replace(world.pace, at_once=1, clock=lambda: time["now"])
    assert outcomes(await world.apply()) == {"done": 9, "stale": 1}
    assert world.plezi.records["z9"]["plz_city"] == "Paris"


def waits(world: World, side: Side, time: dict[str, float], meanwhile: Callable[[], None]) -> None:
    """The service makes the first write wait for eleven seconds, longer than what was read for it is good for."""
    waited: list[Call] = []

    def before(call: Call) -> None:
        if call.what in ("create", "update", "delete"):
            assert call.within is not None
            assert 0 <= call.within <= world.pace.freshness
            waited.append(call)
            if len(waited) == 1:
                time["now"] += 11.0
                meanwhile()
                raise Overdue("the window was full")

    world.services[side].before = before
    world.pace = replace(world.pace, clock=lambda: time["now"])


async def test_a_write_that_has_to_wait_looks_again_before_it_leaves(make_world: MakeWorld) -> None:
    """A pause after 429 may be longer than ten seconds: a person's edit in it is not written over (design 7)."""
    world = people(make_world, 1)
    waits(world, Side.PLEZI, {"now": 0.0}, lambda: world.plezi.records["z0"].update(plz_city="Paris"))
    assert outcomes(await world.apply()) == {"stale": 1}
    assert world.plezi.records["z0"]["plz_city"] == "Paris"
    assert world.state.history.is_settled()


async def test_a_write_that_had_to_wait_leaves_if_nothing_changed(make_world: MakeWorld) -> None:
    """It was looked at twice, and sent once."""
    world = people(make_world, 1)
    waits(world, Side.PLEZI, {"now": 0.0}, lambda: None)
    assert outcomes(await world.apply()) == {"done": 1}
    assert [call.what for call in world.plezi.calls] == ["read", "update", "read", "update"]


async def test_a_write_that_always_has_to_wait_fails_in_the_end(make_world: MakeWorld) -> None:
    """A service that never lets it leave is in trouble: the record failed, the next plan tries again."""
    world = people(make_world, 1)

    def never(call: Call) -> None:
        if call.what == "update":
            raise Overdue("the window was full")

    world.plezi.before = never
    assert outcomes(await world.apply()) == {"failed": 1}
    assert world.plezi.records["z0"]["plz_city"] == "Lyon"


async def test_a_create_that_has_to_wait_looks_at_its_source_again(make_world: MakeWorld) -> None:
    """Who leaves the scope while the service makes the create wait is not created."""
    world = make_world()
    world.pipedrive.add(person("1", sync=35))
    waits(world, Side.PLEZI, {"now": 0.0}, lambda: world.pipedrive.records["1"].update(sync=None))
    assert outcomes(await world.apply()) == {"stale": 1}
    assert world.plezi.records == {}
    assert world.state.history.is_settled()


async def test_a_delete_that_has_to_wait_looks_again(make_world: MakeWorld) -> None:
    """What somebody edits while the undo of a create waits is not deleted."""
    world = make_world()
    world.plezi.add(contact("a"))
    await world.apply()
    plan = await world.undo_plan(delete_created=True)
    waits(
        world,
        Side.PIPEDRIVE,
        {"now": 0.0},
        lambda: world.pipedrive.records["1001"].update(last_name="Martin"),
    )
    assert outcomes(await world.apply(plan)) == {"stale": 1}
    assert "1001" in world.pipedrive.records


async def test_a_batch_whose_read_took_too_long_is_read_again(make_world: MakeWorld) -> None:
    """Single reads that a pause tears apart: the first of them are old when the last one comes."""
    world = people(make_world, 2)
    time = {"now": 0.0}
    reads: list[str] = []

    def stall(call: Call) -> None:
        if call.what == "read":
            reads.append(call.record_id)
            if len(reads) == 2:
                time["now"] += 60.0
                world.plezi.records["z0"]["plz_city"] = "Paris"

    world.plezi.before = stall
    world.pace = replace(world.pace, clock=lambda: time["now"])
    assert outcomes(await world.apply()) == {"done": 1, "stale": 1}
    assert world.plezi.records["z0"]["plz_city"] == "Paris"


async def test_a_side_that_reads_one_by_one_is_asked_one_by_one(make_world: MakeWorld) -> None:
    """``read_batch`` 1: the fake refuses more (see ``Service.read``)."""
    world = people(make_world, 12, read_batch=1)
    assert outcomes(await world.apply()) == {"done": 12}


async def test_no_more_than_so_many_writes_are_under_way(make_world: MakeWorld) -> None:
    """``at_once`` bounds what a crash can leave open."""
    world = people(make_world, 60)
    world.plezi.seconds = 0.002
    most = {"open": 0}
    world.plezi.before = lambda _call: most.update(
        open=max(most["open"], len(world.state.history.open_intents()))
    )
    world.pace = replace(world.pace, at_once=4)
    assert outcomes(await world.apply(allow=ALL)) == {"done": 60}
    assert 1 < most["open"] <= 4
