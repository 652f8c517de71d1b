"""What ends a run early, and what does not: budgets, refusals, breakdowns, a full disk, and the person (design 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pdsync.errors import (
    BadAnswer,
    Blocked,
    BudgetExhausted,
    Forbidden,
    Interrupted,
    PdsyncError,
    PlanOutdated,
    ServiceFault,
    StateError,
    StorageFull,
    Unauthorised,
    Unreachable,
)
from pdsync.model import Event, Progress, RunState, Side
from pdsync.store import StateWriter
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.test_apply import AGREED, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, contact, person

PEOPLE = 20


def busy(make_world: MakeWorld) -> World:
    """Twenty linked people whose city changed in Pipedrive; one write at a time, so that the order is the plan's."""
    world = make_world(CITY)
    world.pace = replace(world.pace, at_once=1)
    for n in range(PEOPLE):
        world.pipedrive.add(person(f"{n}", f"p{n}@example.com", city="Nantes", sync=35))
        world.plezi.add(contact(f"z{n}", f"p{n}@example.com", plz_city="Lyon"))
    world.link_all(((f"{n}", f"z{n}") for n in range(PEOPLE)), city=("Lyon", "Lyon"), **AGREED)
    return world


def fail_after(count: int, error: Exception) -> Callable[[Call], None]:
    """A hook: after so many updates every further one fails."""
    seen: list[Call] = []

    def hook(call: Call) -> None:
        if call.what == "update":
            seen.append(call)
            if len(seen) > count:
                raise error

    return hook


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (BudgetExhausted("no tokens until midnight"), RunState.STOPPED),
        (Unauthorised("the token was revoked"), RunState.FAILED),
        (Blocked("a firewall"), RunState.FAILED),
        (Unreachable("no network"), RunState.FAILED),
    ],
)
async def test_a_service_that_refuses_altogether_ends_the_run(
    make_world: MakeWorld, error: PdsyncError, state: RunState
) -> None:
    """What is done stays done, the rest is counted, the message says why, and planning again resumes."""
    world = busy(make_world)
    world.plezi.before = fail_after(10, error)
    run = await world.apply()
    assert run.state is state
    assert outcomes(run)["done"] == 10
    assert (sum(run.outcomes.values()), run.remaining) == (11, PEOPLE - 11)
    assert error.message in run.message
    assert len(world.plezi.writes()) == 11
    world.plezi.before = lambda _call: None
    assert outcomes(await world.apply())["done"] >= PEOPLE - 11
    assert world.pending() == []


async def test_what_may_have_got_through_stays_open_for_the_next_run(make_world: MakeWorld) -> None:
    """Unreachable after a try that nobody heard of again: the next run looks before it does anything."""
    world = busy(make_world)
    world.plezi.after = fail_after(10, Unreachable("no network"))
    run = await world.apply()
    assert outcomes(run) == {"done": 10, "intent": 1}
    world.plezi.after = lambda _call: None
    with pytest.raises(PlanOutdated):
        await world.apply()
    assert outcomes(world.state.history.run(run.id)) == {"done": 11}
    assert outcomes(await world.apply()) == {"done": PEOPLE - 11}
    assert len(world.plezi.writes()) == PEOPLE
    assert world.pending() == []


@pytest.mark.parametrize("error", [Forbidden("not yours"), ServiceFault("503"), BadAnswer("a teapot")])
async def test_a_service_that_refuses_record_after_record_ends_the_run(
    make_world: MakeWorld, error: PdsyncError
) -> None:
    """One such refusal may be about the record; five in a row are about the service."""
    world = busy(make_world)
    world.plezi.before = fail_after(10, error)
    run = await world.apply()
    assert (run.state, outcomes(run)) == (RunState.FAILED, {"done": 10, "failed": 5})
    assert "5 writes in a row" in run.message
    assert run.remaining == PEOPLE - 15


async def test_single_refusals_do_not_end_a_run(make_world: MakeWorld) -> None:
    """A failed record does not stop a run, whatever the reason."""
    world = busy(make_world)

    def every_third(call: Call) -> None:
        if call.what == "update" and int(call.record_id[1:]) % 3 == 0:
            raise ServiceFault("503")

    world.plezi.before = every_third
    run = await world.apply()
    assert (run.state, outcomes(run)) == (RunState.DONE, {"done": 13, "failed": 7})


async def test_a_run_that_cannot_read_writes_nothing(make_world: MakeWorld) -> None:
    """Without the precondition read there is no write."""
    world = busy(make_world)

    def deaf(call: Call) -> None:
        if call.what == "read":
            raise Unreachable("no network")

    world.plezi.before = deaf
    run = await world.apply()
    assert (run.state, outcomes(run), run.remaining) == (RunState.FAILED, {}, PEOPLE)
    assert world.plezi.writes() == []


async def interrupt(world: World, *, when: int) -> None:
    """Start a run, and cancel it as Ctrl-C does once ``when`` updates have arrived."""
    arrived = asyncio.Event()

    def count(_call: Call) -> None:
        if len(world.plezi.writes()) >= when:
            arrived.set()

    world.plezi.seconds = 0.001
    world.plezi.before = count
    task = asyncio.create_task(world.apply())
    await arrived.wait()
    task.cancel()
    await task


async def test_the_person_may_stop_a_run(make_world: MakeWorld) -> None:
    """What is under way is finished and journalled, then it stops: exit 130, and every write has its outcome."""
    world = busy(make_world)
    with pytest.raises(Interrupted) as caught:
        await interrupt(world, when=7)
    (run,) = world.state.history.runs()
    assert caught.value.exit_code == 130
    assert run.id in str(caught.value)
    assert run.state is RunState.STOPPED
    assert world.state.history.open_intents() == []
    assert outcomes(run) == {"done": len(world.plezi.writes())}
    assert run.remaining == PEOPLE - len(world.plezi.writes()) > 0
    world.plezi.before = lambda _call: None
    await world.apply()
    assert world.pending() == []


async def test_an_error_in_whoever_listens_ends_the_run_in_order(make_world: MakeWorld) -> None:
    """A progress bar that breaks must not leave a request without its outcome."""
    world = busy(make_world)

    def break_(event: Event) -> None:
        if isinstance(event, Progress) and event.done == 5:
            raise BrokenPipeError

    world.on_event = break_
    with pytest.raises(BrokenPipeError):
        await world.apply()
    (run,) = world.state.history.runs()
    assert run.state is RunState.FAILED
    assert world.state.history.open_intents() == []
    assert outcomes(run)["done"] == len(world.plezi.writes())


async def test_progress_counts_every_change_once(make_world: MakeWorld) -> None:
    """From nothing to all, one by one, in the words of the run."""
    world = busy(make_world)
    await world.apply()
    steps = [(e.stage, e.done, e.total) for e in world.events if isinstance(e, Progress)]
    assert steps == [("apply", n, PEOPLE) for n in range(PEOPLE + 1)]


async def test_a_full_disk_stops_before_the_next_request(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No intent on disk, no request: nothing is sent that could not be found again; the next run settles the rest."""
    world = busy(make_world)
    store = StateWriter.transaction
    room = {"left": 12}

    def transaction(self: StateWriter) -> Any:
        room["left"] -= 1
        if room["left"] < 0:
            raise StorageFull("no room left")
        return store(self)

    monkeypatch.setattr(StateWriter, "transaction", transaction)
    with pytest.raises(StorageFull):
        await world.apply()
    monkeypatch.undo()
    sent = len(world.plezi.writes())
    (run,) = world.state.history.runs()
    assert 0 < sent < PEOPLE
    assert run.state is RunState.RUNNING
    assert outcomes(run) == {"done": sent - 1, "intent": 1} or outcomes(run) == {"done": sent}
    with pytest.raises(PlanOutdated):
        await world.apply(world.plan(*world.decisions(), ledger_revision=world.state.ledger.revision() - 1))
    assert world.state.history.open_intents() == []
    (run,) = world.state.history.runs()
    assert (run.state, outcomes(run), run.remaining) == (RunState.FAILED, {"done": sent}, PEOPLE - sent)
    await world.apply()
    assert world.pending() == []


async def test_a_state_that_breaks_is_raised_and_not_hidden(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A damaged file in the middle of a run is told as what it is."""
    world = busy(make_world)
    plan = world.plan()
    with world.state.writing("apply"):
        pass
    monkeypatch.setattr(world.state.history, "recent", _broken)
    with pytest.raises(StateError, match="damaged"):
        await world.apply(plan)
    assert world.plezi.writes() == []


def _broken(_since: object) -> None:
    raise StateError("damaged")


@pytest.mark.parametrize("side", Side)
async def test_the_other_side_stops_too(make_world: MakeWorld, side: Side) -> None:
    """A run whose one half cannot go on ends as a whole: half a sync is worse than a later one."""
    world = busy(make_world)
    for n in range(PEOPLE):
        world.pipedrive.records[f"{n}"]["city"] = "Lyon"
        where = world.services[Side.PLEZI if n % 2 else Side.PIPEDRIVE]
        where.records[f"z{n}" if n % 2 else f"{n}"]["plz_city" if n % 2 else "city"] = "Nantes"
    world.services[side].before = fail_after(3, Unauthorised("revoked"))
    world.services[side.other].seconds = 0.01
    run = await world.apply()
    assert run.state is RunState.FAILED
    assert run.remaining > 0
