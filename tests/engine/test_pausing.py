"""A run that is held sends nothing new, keeps its place, and looks again before it goes on (design 7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from pdsync.engine.apply import Confirmed, carry_out
from pdsync.engine.pausing import Pause
from pdsync.errors import Interrupted
from pdsync.model import RunState, RunSummary
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.test_apply import outcomes
from tests.engine.test_stopping import PEOPLE, busy
from tests.engine.world import World


async def run(world: World, pause: Pause) -> RunSummary:
    """The run, with a gate that the test holds."""
    plan = world.plan()
    with world.state.writing("apply") as writer:
        return await carry_out(replace(world.parts, pause=pause), writer, plan, Confirmed(), world.tell)


async def held(world: World, pause: Pause, *, at: int) -> asyncio.Task[RunSummary]:
    """A run that was held when its write number ``at`` arrived, and has come to rest."""
    arrived = asyncio.Event()

    def hold(call: Call) -> None:
        if call.what == "update" and len(world.plezi.writes()) == at:
            pause.hold()
            arrived.set()

    world.plezi.before = hold
    task = asyncio.create_task(run(world, pause))
    await arrived.wait()
    for _ in range(1_000):  # its answer and outcome are on their way, however busy the machine
        if not world.state.history.open_intents():
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    return task


async def test_nothing_is_sent_while_a_run_is_held(make_world: MakeWorld) -> None:
    """What is under way is finished and journalled, the run stays open, and then every change is carried out once."""
    world, pause = busy(make_world), Pause()
    task = await held(world, pause, at=7)
    assert pause.held
    assert not task.done()
    assert len(world.plezi.writes()) == 7
    assert world.state.history.open_intents() == []
    assert world.state.history.run("last").state is RunState.RUNNING

    await asyncio.sleep(0.05)
    assert len(world.plezi.writes()) == 7
    pause.release()
    summary = await task
    assert (summary.state, outcomes(summary)) == (RunState.DONE, {"done": PEOPLE})
    assert len(world.plezi.writes()) == PEOPLE
    assert world.pending() == []


async def test_what_changed_during_the_pause_is_stale(make_world: MakeWorld) -> None:
    """The records are read again after it: nobody's work of these minutes is written over."""
    world, pause = busy(make_world), Pause()
    task = await held(world, pause, at=7)
    world.plezi.records["z15"]["plz_city"] = "Brest"
    pause.release()
    summary = await task
    assert outcomes(summary) == {"done": PEOPLE - 1, "stale": 1}
    assert world.plezi.records["z15"]["plz_city"] == "Brest"


async def test_a_held_run_can_be_stopped(make_world: MakeWorld) -> None:
    """It ends as any stopped run does, sends nothing more, and planning again resumes it."""
    world, pause = busy(make_world), Pause()
    task = await held(world, pause, at=7)
    calls = len(world.plezi.calls)
    task.cancel()
    with pytest.raises(Interrupted):
        await task
    assert len(world.plezi.calls) == calls
    assert world.state.history.run("last").remaining == PEOPLE - 7
    await run(world, Pause())
    assert world.pending() == []


async def test_a_run_may_be_held_before_it_begins(make_world: MakeWorld) -> None:
    """The gate counts from the first write on."""
    world, pause = busy(make_world), Pause()
    pause.hold()
    task = asyncio.create_task(run(world, pause))
    await asyncio.sleep(0.05)
    assert world.plezi.calls == []
    pause.release()
    assert outcomes(await task) == {"done": PEOPLE}
