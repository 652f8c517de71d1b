"""Exchanges that go wrong, against the stand-ins over real sockets: nothing half done, nobody twice, and it converges."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.apply import apply, settle_interrupted
from pdsync.engine.pace import Pace
from pdsync.engine.prepare import prepare
from pdsync.engine.pull import pull
from pdsync.engine.undo import prepare_undo
from pdsync.errors import Interrupted, PlanOutdated, StateLocked
from pdsync.model import Change, Event, Outcome, Plan, RecordOutcome, RunState, RunSummary, Side
from tests.faults.accounts import CONTACTS, PERSONS, Accounts, doubles, environment, workspace
from tests.sandbox_process import SandboxProcess

PACE = Pace(look_again=(0.1, 0.3))
SIDES = {"pipedrive": PERSONS, "plezi": CONTACTS}


def _quiet(_event: Event) -> None:
    """Nobody listens."""


class Desk:
    """Six people to be created on each side, and three to be updated there."""

    def __init__(self, accounts: Accounts, folder: Path) -> None:
        self.accounts = accounts
        self.control = accounts.sandbox.control
        self.folder = folder

    def set_up(self) -> None:
        """Three pairs, each with something to fill on both sides, and six people who are on one side only."""
        for n in range(3):
            person = self.accounts.person(f"p{n}@example.com")
            self.accounts.edit_person(person, **{"Chiffre d'affaires": n + 1})
            self.accounts.contact(f"p{n}@example.com")
        for n in range(3, 9):
            self.accounts.person(f"p{n}@example.com")
            self.accounts.contact(f"p{n + 6}@example.com")

    async def plan(self) -> Plan:
        """Read both sides, and plan."""
        async with workspace(self.accounts.sandbox, self.folder) as ws:
            await settle_interrupted(ws, pace=PACE)
            await pull(ws)
            return await prepare(ws, adopt=True)

    async def apply(
        self, plan: Plan, pace: Pace = PACE, on_event: Callable[[Event], None] | None = None
    ) -> RunSummary:
        """Carry a plan out."""
        async with workspace(self.accounts.sandbox, self.folder) as ws:
            return await apply(ws, plan, first_run=True, pace=pace, on_event=on_event or _quiet)

    async def sync(self) -> RunSummary:
        """Plan and apply."""
        return await self.apply(await self.plan())

    async def pending(self) -> list[Change]:
        """What a plan made now would write."""
        return [change for change in (await self.plan()).changes() if not change.kind.ledger_only]

    async def check_converged(self) -> None:
        """Nobody twice, everybody there, and nothing left to do."""
        everyone = sorted(f"p{n}@example.com" for n in range(15))
        assert self.accounts.addresses() == {"pipedrive": everyone, "plezi": everyone}
        assert await self.pending() == []


@pytest.fixture
def desk(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Desk]:
    """Empty accounts with every field, and a state of this test's own."""
    sandbox.control.seed("empty")
    accounts = Accounts(sandbox)
    yield Desk(accounts, tmp_path)
    sandbox.control.faults()
    accounts.close()


def rules(kind: str, **more: Any) -> list[dict[str, Any]]:
    """The second create and the second update on each side go wrong."""
    return [
        {"kind": kind, "side": side, "method": method, "route": f"{SIDES[side]}*", "nth": 2} | more
        for side in SIDES
        for method in ("POST", "PATCH")
    ]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        pytest.param("drop_before_commit", {}, marks=pytest.mark.long),
        ("drop_after_commit", {}),
        pytest.param("truncated_body", {}, marks=pytest.mark.long),
        pytest.param("html", {}, marks=pytest.mark.long),
        pytest.param("late_commit", {"seconds": 0.2}, marks=pytest.mark.long),
        pytest.param("status", {"status": 500}, marks=pytest.mark.long),
    ],
)
async def test_a_single_bad_exchange_is_put_right_within_the_run(
    desk: Desk, kind: str, more: dict[str, Any]
) -> None:
    """Whatever happens to one create and one update per side, the same run gets everybody there, once."""
    desk.set_up()
    plan = await desk.plan()
    desk.control.faults(*rules(kind, **more))
    run = await desk.apply(plan)
    assert run.state is RunState.DONE
    assert set(run.outcomes) <= {Outcome.DONE, Outcome.ADOPTED}, run.outcomes
    if kind in ("drop_after_commit", "truncated_body", "html", "late_commit"):
        assert run.outcomes[Outcome.ADOPTED] == 2
    hits = [rule["hits"] for rule in desk.control.fault_rules()]
    assert hits == [1, 1, 1, 1]
    desk.control.faults()
    await desk.check_converged()


async def test_a_refused_token_stops_the_run_and_the_next_one_resumes(desk: Desk) -> None:
    """401 in the middle: what is done is done, what remains is counted, nothing is half done."""
    desk.set_up()
    plan = await desk.plan()
    desk.control.faults({"kind": "expired_token", "side": "pipedrive", "method": "POST"})
    run = await desk.apply(plan)
    assert run.state is RunState.FAILED
    assert "401" in run.message
    assert run.remaining + sum(run.outcomes.values()) == sum(1 for _ in plan.changes())
    desk.control.faults()
    await desk.sync()
    await desk.check_converged()


@pytest.mark.long
async def test_an_exhausted_budget_stops_the_run_and_tomorrow_resumes_it(desk: Desk) -> None:
    """The tokens of the day are used up in the middle of a run (reference 3)."""
    desk.set_up()
    plan = await desk.plan()
    left = desk.control.state()
    desk.control.spend_tokens(_remaining(left) - 40)
    run = await desk.apply(plan)
    assert run.state is RunState.STOPPED
    assert run.remaining > 0
    desk.control.restore_budget()
    assert {side: doubles(held) for side, held in desk.accounts.addresses().items()} == {
        "pipedrive": [],
        "plezi": [],
    }
    await desk.sync()
    await desk.check_converged()


def _remaining(state: dict[str, Any]) -> int:
    budget = state["budget"]
    return int(budget["limit"]) - int(budget["spent"])


@pytest.mark.long
async def test_a_plan_is_carried_out_once_also_over_the_wire(desk: Desk) -> None:
    """The second time: exit 4, and not a single write."""
    desk.set_up()
    plan = await desk.plan()
    run = await desk.apply(plan)
    desk.control.clear_ledger()
    with pytest.raises(PlanOutdated, match=run.id):
        await desk.apply(plan)
    assert sum(desk.control.requests(method=method) for method in ("POST", "PATCH", "DELETE")) == 0
    await desk.check_converged()


async def test_a_run_costs_one_request_per_change_and_the_reads_before(desk: Desk) -> None:
    """One POST per create, one PATCH per update; below ten ids one token each for the precondition (design 7).

    What is looked at: the record that is updated, and the one that a create is made from.
    """
    desk.set_up()
    plan = await desk.plan()
    desk.control.clear_ledger()
    run = await desk.apply(plan)
    assert run.state is RunState.DONE
    assert desk.control.requests(side="pipedrive", method="POST") == 6
    assert desk.control.requests(side="plezi", method="POST") == 6
    assert desk.control.requests(side="plezi", method="PATCH") == 3
    updates = desk.control.requests(side="pipedrive", method="PATCH")
    assert updates == run.writes[Side.PIPEDRIVE] - 6
    reads = desk.control.requests(side="pipedrive", method="GET") - 2  # users/me and the field list
    tokens = desk.control.tokens(side="pipedrive")
    assert tokens <= 2 + 10 + 5 * (6 + updates) + max(reads, 10 * reads)
    assert reads <= updates + 6
    assert plan.header.totals.sides[Side.PIPEDRIVE].writes == 6 + updates


async def test_undo_takes_everything_back_that_was_listed_as_undoable(desk: Desk) -> None:
    """Values as before, creates deleted on demand, and a plan after it is empty."""
    desk.set_up()
    before = desk.accounts.persons(), desk.accounts.contacts()
    run = await desk.sync()
    async with workspace(desk.accounts.sandbox, desk.folder) as ws:
        plan = await prepare_undo(ws, run.id, delete_created=True, pace=PACE)
        assert [finding.message for finding in plan.findings()] == []
        undone = await apply(ws, plan, pace=PACE)
    assert undone.outcomes == {Outcome.DONE: 6 * 3 + 3 + 3}
    after = desk.accounts.persons(), desk.accounts.contacts()
    for old, new in zip(before, after, strict=True):
        assert {key: _timeless(value) for key, value in old.items()} == {
            key: _timeless(v) for key, v in new.items()
        }
    assert await desk.pending() == []


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {code: value for code, value in record.items() if code not in ("update_time", "updated_at")}


@pytest.mark.long
async def test_two_runs_at_once_do_not_happen(desk: Desk) -> None:
    """The second is told who holds the lock, and since when; the first goes on undisturbed."""
    desk.set_up()
    plan = await desk.plan()
    desk.control.faults({"kind": "latency", "seconds": 0.2, "method": "POST"})
    begun = asyncio.Event()
    first = asyncio.create_task(desk.apply(plan, on_event=lambda _event: begun.set()))
    await begun.wait()
    with pytest.raises(StateLocked, match="pdsync apply") as caught:
        await desk.apply(plan)
    assert caught.value.since is not None
    assert (await first).state is RunState.DONE
    desk.control.faults()
    await desk.check_converged()


async def test_stopping_by_hand_leaves_every_request_answered(desk: Desk) -> None:
    """Ctrl-C in the middle of slow answers: each of them is waited for and journalled."""
    desk.set_up()
    plan = await desk.plan()
    desk.control.faults({"kind": "latency", "seconds": 0.1, "method": "POST"})
    third = asyncio.Event()
    heard: list[Event] = []

    def listen(event: Event) -> None:
        heard.append(event)
        if sum(isinstance(one, RecordOutcome) for one in heard) == 3:
            third.set()

    pace = Pace(look_again=PACE.look_again, at_once=2)
    run = asyncio.create_task(desk.apply(plan, pace, listen))
    await third.wait()
    run.cancel()
    with pytest.raises(Interrupted):
        await run
    async with workspace(desk.accounts.sandbox, desk.folder) as ws:
        assert ws.state.history.is_settled()
        assert ws.state.history.run("last").state is RunState.STOPPED
    desk.control.faults()
    await desk.sync()
    await desk.check_converged()


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from pdsync.engine.apply import apply
from pdsync.engine.pace import Pace
from pdsync.engine.workspace import Workspace
from pdsync.errors import StorageFull
from pdsync.settings import load_settings
from pdsync.store import read_plan

async def main(plan, room):
    async with Workspace.open(load_settings()) as ws:
        size = max(path.stat().st_size for path in Path(ws.folder.root).glob("state.sqlite3*"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, resource.RLIM_INFINITY))
        try:
            await apply(ws, read_plan(plan), pace=Pace(look_again=(0.1,)))
        except StorageFull as error:
            print(error)
            return 3
        return 0

sys.exit(asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]))))
"""


@pytest.mark.long
@pytest.mark.parametrize("room", [0, 40_000])
async def test_a_disk_that_fills_up_in_the_middle_of_a_run(desk: Desk, room: int) -> None:
    """RLIMIT_FSIZE: one clear message, and the next run settles what was under way and finishes the rest."""
    desk.set_up()
    plan = await desk.plan()
    variables = os.environ | environment(desk.accounts.sandbox, desk.folder)
    command = [sys.executable, "-c", LIMITED, plan.path, str(room)]
    done = await asyncio.to_thread(
        subprocess.run, command, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 3, done.stdout + done.stderr
    assert "no room left" in done.stdout
    assert "Traceback" not in done.stderr
    assert {side: doubles(held) for side, held in desk.accounts.addresses().items()} == {
        "pipedrive": [],
        "plezi": [],
    }
    await desk.sync()
    await desk.check_converged()
