from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request

from tests.sandbox.plezi.stand import API, WEBFORM, Stand, details


def request() -> Request:
    """Any request: the rate limit looks at none of it."""
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account"),
        ("GET", "/fields"),
        ("GET", "/fields/email"),
        ("POST", "/fields/plz_secteur/options"),
        ("GET", "/contacts"),
        ("POST", "/contacts"),
        ("GET", "/contacts/batch"),
        ("GET", "/contacts/search"),
        ("GET", "/contacts/1"),
        ("PATCH", "/contacts/1"),
        ("DELETE", "/contacts/1"),
    ],
)
async def test_every_contact_route_asks_for_the_keys(plezi: Stand, method: str, path: str) -> None:
    """Without the header pair nothing is answered, whatever else is wrong with the request."""
    answer = await plezi.client.request(method, API + path, headers={"X-API-Key": "wrong"})
    assert answer.status_code == 401
    assert details(answer) == ["X-API-Key is missing or wrong"]


async def test_wrong_company_is_refused(plezi: Stand) -> None:
    """The key of one company does not open another one."""
    answer = await plezi.client.get(API + "/account", headers={"X-Tenant-Company": "other"})
    assert answer.status_code == 401
    assert "names no company" in details(answer)[0]


async def test_form_submission_asks_for_the_keys(plezi: Stand) -> None:
    """The one known write is not open to everybody either."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(plezi.service.app), base_url="http://plezi"
    ) as anybody:
        answer = await anybody.get(WEBFORM)
    assert answer.status_code == 401


async def test_company_header_holds_the_name_or_the_id(plezi: Stand) -> None:
    """Customers send the name; that the id is taken instead is a switch."""
    tenant_id = (await plezi.client.get(API + "/account")).json()["data"]["id"]
    by_id = {"X-Tenant-Company": tenant_id}
    assert (await plezi.client.get(API + "/account", headers=by_id)).status_code == 401
    plezi.switches.turn({"plezi.tenant_header": "id"})
    assert (await plezi.client.get(API + "/account", headers=by_id)).status_code == 200
    assert (await plezi.client.get(API + "/account")).status_code == 401
    plezi.switches.turn({"plezi.tenant_header": "either"})
    assert (await plezi.client.get(API + "/account")).status_code == 200


async def test_refusal_status_is_a_switch(plezi: Stand) -> None:
    """Nobody knows whether Plezi says 401 or 403."""
    plezi.switches.turn({"plezi.refusal_status": 403})
    answer = await plezi.client.get(API + "/account", headers={"X-API-Key": "wrong"})
    assert answer.status_code == 403


async def test_account_names_the_tenant(plezi: Stand) -> None:
    """The tenant's identity lets a client notice that it was pointed at another account."""
    answer = await plezi.client.get(API + "/account")
    data = answer.json()["data"]
    assert data["type"] == "account"
    assert data["attributes"] == {"name": "acme"}
    assert len(data["id"]) == 24
    assert int(data["id"], 16)


async def test_unknown_path_and_method_answer_in_plezis_form(plezi: Stand) -> None:
    """Also what no route knows is answered with errors[], so that a client has one way to read failures."""
    missing = await plezi.client.get("/api/v1/contacts")
    assert (missing.status_code, details(missing)) == (404, ["Not Found"])
    wrong = await plezi.client.put(API + "/contacts")
    assert wrong.status_code == 405
    assert details(wrong) == ["Method Not Allowed"]


def test_no_rate_limit_is_known(plezi: Stand) -> None:
    """Without the switch requests are never refused for being many."""
    assert all(plezi.service.admit(request(), "/").refusal is None for _ in range(500))


def test_a_switch_adds_a_rate_limit(plezi: Stand) -> None:
    """With the switch the next request within a sliding minute is answered 429; later ones come in again."""
    plezi.switches.turn({"plezi.requests_per_minute": 3})
    assert [plezi.service.admit(request(), "/").refusal is None for _ in range(4)] == [
        True,
        True,
        True,
        False,
    ]
    refusal = plezi.service.admit(request(), "/").refusal
    assert refusal is not None
    assert refusal.status_code == 429
    plezi.clock.advance(61)
    assert plezi.service.admit(request(), "/").refusal is None
    plezi.service.forget()
    assert all(plezi.service.admit(request(), "/").refusal is None for _ in range(3))


def test_faults_answer_in_plezis_form(plezi: Stand) -> None:
    """A status that a fault asks for looks like one of Plezi's own errors."""
    answer = plezi.service.refuse(503)
    assert answer.status_code == 503
    assert b'"errors":[{"title":"Service Unavailable"' in bytes(answer.body)
