"""What a killed run left open is settled before anything else is written, and nothing is sent again (design 7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pdsync.engine.committing import Committer
from pdsync.engine.recovery import recover
from pdsync.errors import PlanOutdated, Unreachable
from pdsync.model import (
    Capabilities,
    Change,
    ChangeKind,
    Note,
    Outcome,
    RunKind,
    RunState,
    RunSummary,
    Side,
    Waiting,
)
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.test_apply import linked_pair, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, R6, contact, person


def killed(world: World, *intended: Change, total: int = 10) -> str:
    """The journal of a run that was killed right after it had written these intents."""
    run = RunSummary(
        id="20261123-200000-dead",
        kind=RunKind.APPLY,
        state=RunState.RUNNING,
        plan_id="p",
        mapping_name="test",
        started_at="2026-11-23T20:00:00Z",
        remaining=total,
    )
    with world.state.writing("apply") as writer, writer.transaction() as transaction:
        transaction.journal.begin(run)
        for change in intended:
            transaction.journal.intent(
                run.id, change, server_at=world.services[change.side].now, address_before=""
            )
    return run.id


def only(world: World, kind: ChangeKind) -> Change:
    """The one planned change of this kind."""
    (change,) = [change for change in world.plan().changes() if change.kind is kind]
    return change


async def settle(world: World) -> RunSummary:
    """What the next run does first; returns the dead one."""
    with world.state.writing("recovery") as writer:
        async with Committer(writer) as committer:
            await recover(world.parts.job(committer), world.tell)
    assert world.state.history.is_settled()
    return world.state.history.run("20261123-200000-dead")


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_create_under_way_is_looked_for(make_world: MakeWorld, *, arrived: bool) -> None:
    """Nobody is created twice: what is there is adopted and linked, what is not is planned again."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", sync=35))
    change = only(world, ChangeKind.CREATE)
    killed(world, change)
    if arrived:
        world.plezi.insert({one.code: one.after for one in change.fields})
    run = await settle(world)
    assert outcomes(run) == ({"adopted": 1} if arrived else {"failed": 1})
    assert world.plezi.writes() == []
    await world.apply()
    assert len(world.plezi.records) == 1
    assert world.state.ledger.links_by_id(Side.PIPEDRIVE, ["1"])["1"].plezi_id in world.plezi.records
    assert world.pending() == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_an_update_under_way_is_looked_at(make_world: MakeWorld, *, arrived: bool) -> None:
    """What is there becomes the base, so that no later plan takes it for somebody's edit; what is not is planned again."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    killed(world, only(world, ChangeKind.UPDATE))
    if arrived:
        world.plezi.records["a"]["plz_city"] = "Nantes"
    run = await settle(world)
    assert outcomes(run) == ({"done": 1} if arrived else {"failed": 1})
    assert len(world.pending()) == (0 if arrived else 1)
    assert world.plezi.writes() == []


async def test_an_update_whose_record_is_gone_failed(make_world: MakeWorld) -> None:
    """Nothing to settle but the journal."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    killed(world, only(world, ChangeKind.UPDATE))
    del world.plezi.records["a"]
    assert outcomes(await settle(world)) == {"failed": 1}


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_delete_under_way_is_looked_at(make_world: MakeWorld, *, arrived: bool) -> None:
    """Gone: the link goes too, and is not made again; still there: nothing happened."""
    world = make_world(CITY)
    linked_pair(world)
    killed(world, Change(ChangeKind.DELETE, Side.PLEZI, "1", "a", number=1))
    if arrived:
        del world.plezi.records["a"]
    assert outcomes(await settle(world)) == ({"done": 1} if arrived else {"failed": 1})
    assert world.state.ledger.is_new() is arrived
    assert world.state.ledger.undone_creates(Side.PIPEDRIVE) == ({"1"} if arrived else set())


async def test_a_dead_run_gets_its_end_and_what_was_left_is_counted(make_world: MakeWorld) -> None:
    """History never shows a run that goes on for ever."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    killed(world, only(world, ChangeKind.UPDATE), total=10)
    run = await settle(world)
    assert (run.state, run.remaining) == (RunState.FAILED, 9)
    assert run.ended_at
    assert "ended from outside" in run.message
    assert any(isinstance(event, Note) and run.id in event.text for event in world.events)


async def test_what_is_younger_than_the_longest_wait_is_waited_for(make_world: MakeWorld) -> None:
    """The request of a process that was just killed may still arrive; the person is told what is waited for."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    killed(world, only(world, ChangeKind.UPDATE))
    waits: list[float] = []

    async def late(seconds: float) -> None:
        waits.append(seconds)
        world.plezi.records["a"]["plz_city"] = "Nantes"

    world.pace = replace(world.pace, sleep=late)
    assert outcomes(await settle(world)) == {"done": 1}
    assert [25 < seconds <= 30 for seconds in waits] == [True]
    assert [event.side for event in world.events if isinstance(event, Waiting)] == [Side.PLEZI]


async def test_a_clock_that_was_wrong_makes_nobody_wait_for_it(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An intent that was written a year ahead is waited for like one of right now, not for a year."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    monkeypatch.setattr("pdsync.store.journal.now", lambda: datetime.now(UTC) + timedelta(days=365))
    killed(world, only(world, ChangeKind.UPDATE))
    monkeypatch.undo()
    await settle(world)
    assert [event.seconds for event in world.events if isinstance(event, Waiting)] == [world.pace.patience]


async def test_an_old_intent_is_looked_at_at_once(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that died yesterday keeps nobody waiting."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    monkeypatch.setattr("pdsync.store.journal.now", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    killed(world, only(world, ChangeKind.UPDATE))
    await settle(world)
    assert not [event for event in world.events if isinstance(event, Waiting)]


async def test_apply_settles_first_and_then_asks_for_a_new_plan(make_world: MakeWorld) -> None:
    """The plan was made without knowing what had happened: exit 4; the next plan knows."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", sync=35))
    plan = world.plan()
    change = only(world, ChangeKind.CREATE)
    killed(world, change)
    world.plezi.insert({one.code: one.after for one in change.fields})
    with pytest.raises(PlanOutdated, match="ledger has changed"):
        await world.apply(plan)
    assert len(world.plezi.records) == 1
    assert world.plezi.writes() == []
    await world.apply()
    assert world.pending() == []


async def test_a_service_that_does_not_answer_leaves_the_rest_open(make_world: MakeWorld) -> None:
    """Settling is resumed by the next run; nothing is guessed."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    killed(world, only(world, ChangeKind.UPDATE))

    def deaf(_call: Call) -> None:
        raise Unreachable("no network")

    world.plezi.before = deaf
    with pytest.raises(Unreachable):
        await settle(world)
    assert len(world.state.history.open_intents()) == 1
    world.plezi.before = lambda _call: None
    assert outcomes(await settle(world)) == {"failed": 1}


@pytest.mark.parametrize("kind", [ChangeKind.CREATE, ChangeKind.UPDATE])
async def test_a_side_that_cannot_be_read_is_left_to_a_person(
    make_world: MakeWorld, kind: ChangeKind
) -> None:
    """Nobody can tell: a create is never tried again by itself, an update is planned by what the next read shows."""
    world = make_world(CITY, capabilities={Side.PLEZI: Capabilities(read_all=False, read_by_id=False)})
    linked_pair(world, here={"city": "Nantes"})
    world.pipedrive.add(person("2", "n@example.com", sync=35))
    killed(world, only(world, kind))
    run = await settle(world)
    assert outcomes(run) == {"failed": 1}
    held = {"2"} if kind is ChangeKind.CREATE else set()
    assert world.state.ledger.undone_creates(Side.PIPEDRIVE) == held


async def test_two_that_match_are_left_to_a_person(make_world: MakeWorld) -> None:
    """As for an answer that was lost: no guess, no retry, no third one."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    change = only(world, ChangeKind.CREATE)
    killed(world, change)
    for _ in range(2):
        world.pipedrive.insert({one.code: one.after for one in change.fields})
    run = await settle(world)
    assert outcomes(run) == {Outcome.FAILED.value: 1}
    assert world.state.ledger.undone_creates(Side.PLEZI) == {"c"}
    assert world.pending() == []
