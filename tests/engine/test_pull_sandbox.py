"""Reading the stand-ins over HTTP: what it costs, and that everything arrives."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.pull import pull
from pdsync.engine.workspace import Workspace
from pdsync.errors import AccountMismatch, PdsyncError, Unauthorised
from pdsync.model import Side
from pdsync.settings import load_settings
from pdsync.snapshots.reader import list_snapshots
from tests.sandbox_process import SandboxProcess

P, Z = Side.PIPEDRIVE, Side.PLEZI
MAPPING = Path(__file__).parents[2] / "mappings" / "contacts.yaml"
COLLEAGUE = 7002
"""The user of the stand-in who is no administrator."""
PERSONS = "/api/v2/persons"
FIELDS = "/api/v2/personFields"
ME = "/api/v1/users/me"


def workspace(sandbox: SandboxProcess, folder: Path, **environment: str) -> Workspace:
    """Pdsync's own view of both stand-ins."""
    plezi = sandbox.ready["plezi"]
    usual = {
        "PDSYNC_PIPEDRIVE_URL": sandbox.pipedrive_url,
        "PDSYNC_PIPEDRIVE_TOKEN": sandbox.pipedrive_token,
        "PDSYNC_PIPEDRIVE_PLAN": "ultimate",
        "PDSYNC_PLEZI_PROFILE": "sandbox",
        "PDSYNC_PLEZI_URL": sandbox.plezi_url,
        "PDSYNC_PLEZI_TENANT": plezi["tenant"],
        "PDSYNC_PLEZI_API_KEY": plezi["api_key"],
        "PDSYNC_STATE": str(folder / "state"),
        "PDSYNC_MAPPING": str(MAPPING),
    }
    return Workspace.open(load_settings(environment=usual | environment))


@pytest.fixture
def seeded(sandbox: SandboxProcess) -> SandboxProcess:
    """The demo's 2,000 persons and 1,400 contacts, and nothing counted yet."""
    sandbox.control.seed("demo")
    sandbox.control.clear_ledger()
    return sandbox


async def test_a_full_read_costs_what_it_must_and_no_more(seeded: SandboxProcess, tmp_path: Path) -> None:
    """N persons: max(1, ceil(N/500)) list calls, ceil(fields/500) field calls and one users/me; nothing is written."""
    async with workspace(seeded, tmp_path) as ws:
        found = await pull(ws)
    counts = {side: found[side].rows for side in Side}
    assert counts == {P: 2_000, Z: 1_400}
    assert all(snapshot.coverage.complete and snapshot.digest_basis for snapshot in found.values())
    requests = {
        route: seeded.control.requests(side="pipedrive", route=route) for route in (PERSONS, FIELDS, ME)
    }
    assert requests == {PERSONS: ceil(2_000 / 500), FIELDS: 1, ME: 1}
    assert seeded.control.requests(side="pipedrive") == sum(requests.values())
    assert {seeded.control.requests(method=method) for method in ("POST", "PATCH", "PUT", "DELETE")} == {0}


async def test_an_increment_costs_two_calls_and_sees_new_and_changed(
    seeded: SandboxProcess, tmp_path: Path
) -> None:
    """New persons have no update_time and are found by their id; changed ones by time (reference 6.3)."""
    async with workspace(seeded, tmp_path) as ws:
        first = await pull(ws)
    seeded.control.advance_clock(3_600)
    with seeded.pipedrive() as http:
        http.patch(f"{PERSONS}/1", json={"first_name": "Changed"}).raise_for_status()
        http.post(PERSONS, json={"name": "New Person"}).raise_for_status()
    seeded.control.clear_ledger()
    async with workspace(seeded, tmp_path) as ws:
        second = (await pull(ws, sides=[P], incremental=True))[P]
    assert second.rows == 2_001
    assert seeded.control.requests(side="pipedrive", route=PERSONS) == 2
    assert next(second.records(ids=["1"]))[0].get("first_name") == "Changed"
    before = {one.id: one for batch in first[P].records() for one in batch}
    after = {one.id: one for batch in second.records() for one in batch}
    assert len(after.keys() - before.keys()) == 1
    assert {key for key in before if before[key].values != after[key].values} == {"1"}


async def test_a_token_of_another_company_is_refused_before_it_reads(
    seeded: SandboxProcess, tmp_path: Path
) -> None:
    """Design 6, Accounts; the state is from one sandbox, the token from another."""
    async with workspace(seeded, tmp_path) as ws:
        await pull(ws)
    with SandboxProcess(tmp_path / "other.db") as other:
        async with workspace(other, tmp_path) as ws:
            with pytest.raises(AccountMismatch):
                await pull(ws)
        assert other.control.requests(route=PERSONS) == 0
    assert len(list_snapshots(tmp_path / "state")) == 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html", "side": "pipedrive", "route": PERSONS, "nth": 3},
        {"kind": "html", "side": "plezi", "nth": 4},
        {"kind": "expired_token", "side": "pipedrive", "route": PERSONS, "nth": 2},
    ],
)
async def test_a_read_that_fails_leaves_no_snapshot(
    seeded: SandboxProcess, tmp_path: Path, fault: dict[str, Any]
) -> None:
    """HTML instead of JSON, a token that expires in the middle: one error, nothing half read of either side."""
    seeded.control.faults(fault)
    async with workspace(seeded, tmp_path) as ws:
        with pytest.raises(PdsyncError):
            await pull(ws)
    assert list_snapshots(tmp_path / "state") == []
    assert list((tmp_path / "state" / "snapshots").glob(".*")) == []


async def test_a_wrong_token_reads_nothing(seeded: SandboxProcess, tmp_path: Path) -> None:
    """401 on the first call."""
    async with workspace(seeded, tmp_path, PDSYNC_PIPEDRIVE_TOKEN="0" * 40) as ws:
        with pytest.raises(Unauthorised):
            await pull(ws)
    assert seeded.control.requests(route=PERSONS) == 0


async def test_a_token_that_does_not_see_everybody_proves_no_absence(
    seeded: SandboxProcess, tmp_path: Path
) -> None:
    """Design 6, Absence: complete needs admin access, or a person's word."""
    token = seeded.control.new_token(COLLEAGUE)
    async with workspace(seeded, tmp_path, PDSYNC_PIPEDRIVE_TOKEN=token) as ws:
        found = await pull(ws)
    assert (found[P].coverage.complete, found[Z].coverage.complete) == (False, True)
    assert "confirm_complete_read" in found[P].coverage.reason
    confirmed = {"PDSYNC_PIPEDRIVE_TOKEN": token, "PDSYNC_PIPEDRIVE_CONFIRM_COMPLETE_READ": "true"}
    async with workspace(seeded, tmp_path, **confirmed) as ws:
        assert (await pull(ws, sides=[P]))[P].coverage.complete
