from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pdsync.sandbox.assembly import Sandbox, Seeding
from pdsync.sandbox.control import KEY_HEADER, PREFIX, Control
from pdsync.sandbox.faults import Fault
from pdsync.sandbox.ledger import Selection
from tests.sandbox.plezi.stand import API, FORM, WEBFORM, details

KEYS = {"plezi_tenant": "acme", "plezi_api_key": "key"}


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    """Both stand-ins as they are served, with fields and nobody in them."""
    opened = Sandbox.open(tmp_path / "sandbox.db", KEYS, {})
    opened.seed(Seeding("empty", 1, 0, 0))
    yield opened
    opened.close()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """A client in front of Plezi's gateway."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(sandbox.gateway(sandbox.plezi)),
        base_url="http://plezi",
        headers={"X-Tenant-Company": "acme", "X-API-Key": "key"},
    ) as made:
        yield made


def rows(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Plezi's part of the request ledger, as method, route, status and fault."""
    entries = sandbox.ledger.entries(Selection(side="plezi"), 100)
    return [
        {name: entry[name] for name in ("method", "route", "status", "fault", "tokens")} for entry in entries
    ]


async def test_requests_are_in_the_ledger(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Every request is written down under the template of its path, and costs nothing: no cost is known."""
    form = {"form_id": FORM.form_id, "content_web_form_id": FORM.content_web_form_id}
    await client.get(WEBFORM, params=form | {"email": "a@example.com"})
    await client.get(f"{API}/contacts/{'0' * 24}")
    assert rows(sandbox) == [
        {"method": "GET", "route": WEBFORM, "status": 201, "fault": None, "tokens": 0},
        {"method": "GET", "route": f"{API}/contacts/{{id}}", "status": 404, "fault": None, "tokens": 0},
    ]


async def test_fixed_paths_are_not_taken_for_ids(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """`batch` and `search` have routes of their own, for handlers as for fault rules."""
    await client.get(f"{API}/contacts/batch?ids=1")
    await client.get(f"{API}/contacts/search?email=a@example.com")
    assert [row["route"] for row in rows(sandbox)] == [f"{API}/contacts/batch", f"{API}/contacts/search"]


async def test_faults_hit_plezi_alone(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """A rule for Plezi's creates fails the first one, before it is carried out, and in Plezi's form."""
    sandbox.faults.replace(
        [Fault("status", side="plezi", method="POST", route=f"{API}/contacts", status=503, times=1)]
    )
    failed = await client.post(f"{API}/contacts", json={"email": "a@example.com"})
    assert (failed.status_code, details(failed)) == (503, ["the sandbox answers 503 Service Unavailable"])
    assert (await client.post(f"{API}/contacts", json={"email": "a@example.com"})).status_code == 201
    assert [row["fault"] for row in rows(sandbox)] == ["status_503", None]


async def test_rate_limit_by_switch(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """The added limit answers 429 without running the handler, until the minute has slid on."""
    sandbox.switches.turn({"plezi.requests_per_minute": 2})
    statuses = [(await client.get(f"{API}/account")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    sandbox.clock.advance(60)
    assert (await client.get(f"{API}/account")).status_code == 200


async def test_fields_are_read_anew_after_a_reset(sandbox: Sandbox, client: httpx.AsyncClient) -> None:
    """Nothing of the old account is remembered."""
    assert (await client.get(f"{API}/fields/plz_secteur")).status_code == 200
    sandbox.reset()
    assert (await client.get(f"{API}/fields/plz_secteur")).status_code == 404
    sandbox.seed(Seeding("demo", 1, 0, 0))
    answer = await client.get(f"{API}/contacts?per_page=200&page=7")
    assert (len(answer.json()["data"]), answer.json()["meta"]["total_results"]) == (200, 1400)


async def test_what_plezi_computes_changes_behind_its_api(
    sandbox: Sandbox, client: httpx.AsyncClient
) -> None:
    """Score and state move by themselves, and updated_at with them; only the control API can do that."""
    created = (await client.post(f"{API}/contacts", json={"email": "a@example.com"})).json()["data"]
    sandbox.clock.advance(5)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Control(sandbox).app()),
        base_url="http://sandbox",
        headers={KEY_HEADER: sandbox.account.control_key},
    ) as control:
        path = f"{PREFIX}/plezi/contacts/{created['id']}/computed"
        moved = await control.post(path, json={"behaviour_score": 42, "state": "Engaged"})
        wrong = [
            (await control.post(path, json={"behaviour_score": "42"})).status_code,
            (await control.post(path, json={"email": "b@example.com"})).status_code,
            (await control.post(f"{PREFIX}/plezi/contacts/none/computed", json={})).status_code,
        ]
    now = (await client.get(f"{API}/contacts/{created['id']}")).json()["data"]
    assert moved.json() == {"data": now}
    assert wrong == [422, 422, 404]
    attributes = now["attributes"]
    assert (attributes["behaviour_score"], attributes["state"], attributes["source"]) == (42, "Engaged", None)
    assert attributes["updated_at"] > created["attributes"]["updated_at"]
