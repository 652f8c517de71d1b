"""kill -9 at any moment: nobody created twice, no acknowledged change lost, the next run converges.

A process applies a plan against the stand-ins and is killed at a step chosen by a seed: before, during and after
requests, before and after commits. Then people go on editing, and the next run starts from what it finds.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.apply import settle_interrupted
from pdsync.engine.prepare import prepare
from pdsync.engine.pull import pull
from pdsync.model import Outcome, Plan, RunState, Side
from pdsync.store import State
from tests.faults.accounts import Accounts, doubles, environment, workspace
from tests.faults.driver import PACE
from tests.sandbox_process import SandboxProcess

ROOT = Path(__file__).parents[2]
LATENCY = 0.02
STEPS = 65
"""About as many as an undisturbed round takes; a kill beyond the end is no kill, and is tried again."""


class Driver:
    """``tests.faults.driver``, which starts a process for each apply."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.driver"],
            env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def apply(self, plan: str, step: int, variables: dict[str, str]) -> dict[str, Any] | None:
        """What a run came to; None: it was killed at this step."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"plan": plan, "step": step, "environment": variables}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, "the driver ended; its message stands above"
        answer: dict[str, Any] | None = json.loads(said)
        return answer

    def close(self) -> None:
        """Let it end."""
        self._process.communicate(timeout=10)


class Office:
    """Two services in use, and pdsync between them."""

    def __init__(self, accounts: Accounts, driver: Driver, folder: Path, seed: int) -> None:
        self.sandbox = accounts.sandbox
        self.driver = driver
        self.folder = folder
        self.accounts = accounts
        self.dice = random.Random(seed)
        self.people = 0
        self.pairs: list[tuple[str, str]] = []
        self.revenue: dict[str, int] = {}
        """Person -> the last revenue that a salesperson entered."""
        self.names: dict[str, str] = {}
        """Contact -> the last first name that a marketer entered."""
        for _ in range(6):
            address = self._address()
            self.pairs.append((self.accounts.person(address), self.accounts.contact(address)))

    def _address(self) -> str:
        self.people += 1
        return f"p{self.people}@example.com"

    def work(self) -> None:
        """A few new people on both sides, a few edits on both sides, each of a value that the other does not touch."""
        for _ in range(3):
            self.accounts.person(self._address())
            self.accounts.contact(self._address())
        for person, contact in self.dice.sample(self.pairs, 3):
            self.revenue[person] = self.dice.randrange(10**6)
            self.accounts.edit_person(person, **{"Chiffre d'affaires": self.revenue[person]})
            self.names[contact] = self.dice.choice(["Lucie", "Zoé", "Maël", "Inès", "Noé", "Léa"])
            self.accounts.edit_contact(contact, first_name=self.names[contact])

    async def plan(self, *, settle: bool) -> Plan:
        """Read both sides and plan, after settling what a killed run left (or leave that to apply)."""
        async with workspace(self.sandbox, self.folder) as ws:
            if settle:
                await settle_interrupted(ws, pace=PACE)
            await pull(ws)
            return await prepare(ws, adopt=True)

    def apply(self, plan: Plan, step: int) -> dict[str, Any] | None:
        """Apply in a process of its own; None: it was killed."""
        return self.driver.apply(plan.path, step, environment(self.sandbox, self.folder))

    def state(self) -> State:
        """The state, to look at."""
        return State.open(self.folder / "state" / "state.sqlite3", self.folder / "state" / "lock")

    def check_nobody_twice(self) -> None:
        """Every address exists once per side at most."""
        assert {side: doubles(held) for side, held in self.accounts.addresses().items()} == {
            "pipedrive": [],
            "plezi": [],
        }

    def check_nothing_lost(self) -> None:
        """Whatever the journal calls created is there and linked, and both sides hold what people entered last."""
        persons, contacts = self.accounts.persons(), self.accounts.contacts()
        with self.state() as state:
            for run in state.history.runs():
                for entry in state.history.entries(run.id, written=True):
                    held = persons if entry.change.side is Side.PIPEDRIVE else contacts
                    assert entry.record_id in held or entry.change.kind.ledger_only, entry
            links = state.ledger.links_by_id(Side.PIPEDRIVE, persons)
        assert {link.pipedrive_id for link in links.values()} == persons.keys()
        assert {link.plezi_id for link in links.values()} == contacts.keys()
        for person, contact in self.pairs:
            revenues = persons[person]["Chiffre d'affaires"], contacts[contact]["plz_chiffre_d_affaires"]
            assert set(revenues) == {self.revenue.get(person)}
            names = persons[person]["first_name"], contacts[contact]["first_name"]
            assert set(names) == {self.names.get(contact, "Lucile")}

    def check_everyone_arrived(self) -> None:
        """Both sides hold everybody."""
        everyone = sorted(f"p{n}@example.com" for n in range(1, self.people + 1))
        assert self.accounts.addresses() == {"pipedrive": everyone, "plezi": everyone}


@pytest.fixture
def office(request: pytest.FixtureRequest, sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Office]:
    """Empty accounts, and nothing else is under way in them."""
    sandbox.control.seed("empty")
    accounts = Accounts(sandbox)
    driver = Driver()
    opened = Office(accounts, driver, tmp_path, seed=request.param)
    sandbox.control.faults(
        {"kind": "latency", "seconds": LATENCY, "method": "POST"},
        {"kind": "latency", "seconds": LATENCY, "method": "PATCH"},
    )
    yield opened
    driver.close()
    sandbox.control.faults()
    accounts.close()


async def survive(office: Office, kills: int) -> list[int]:
    """Sync, and be killed so many times; returns the steps at which it happened."""
    assert office.apply(await office.plan(settle=False), 0) is not None  # the pairs have met, and agree
    steps: list[int] = []
    while len(steps) < kills:
        office.work()
        step = office.dice.randrange(1, STEPS)
        settle = bool(office.dice.randrange(2))
        answer = office.apply(await office.plan(settle=settle), step)
        if answer is None:
            steps.append(step)
        elif answer["state"] == "outdated":
            assert not settle
        office.check_nobody_twice()
    return steps


async def converge(office: Office) -> None:
    """The next runs finish the work, and then nothing is left to do."""
    answer = office.apply(await office.plan(settle=True), 0)
    assert answer is not None
    assert answer["state"] == RunState.DONE
    assert set(answer["outcomes"]) <= {Outcome.DONE}, answer
    office.check_everyone_arrived()
    office.check_nothing_lost()
    again = await office.plan(settle=False)
    assert [change for change in again.changes() if not change.kind.ledger_only] == []
    with office.state() as state:
        assert state.history.is_settled()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("office", [1], indirect=True)
async def test_a_run_killed_at_any_step_loses_nothing_and_doubles_nobody(office: Office) -> None:
    """Two kills in a row, each in the middle of a run that also settles what the one before left open."""
    steps = await survive(office, kills=2)
    assert len(set(steps)) > 1
    await converge(office)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("office", range(2, 8), indirect=True)
async def test_a_hundred_more_kills(office: Office) -> None:
    """Twenty in a row from each of six other seeds; in make check-all."""
    steps = await survive(office, kills=20)
    assert len(set(steps)) > 10
    await converge(office)
