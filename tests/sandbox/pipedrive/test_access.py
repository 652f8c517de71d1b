from __future__ import annotations

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import OWNER, V2, make_person
from tests.sandbox_process import NO_TLS, SandboxProcess

COLLEAGUE = 7002
REFUSED = {
    "success": False,
    "error": "unauthorized access",
    "errorCode": 401,
    "error_info": "Please check developers.pipedrive.com",
}


@pytest.mark.parametrize("path", [f"{V2}/persons", "/v1/users/me", "/no/such/route"])
@pytest.mark.parametrize("given", ["nothing", "wrong", "query", "bearer"])
def test_only_the_header_opens(sandbox: SandboxProcess, path: str, given: str) -> None:
    """Without the right x-api-token every route is 401, also one that does not exist, and costs nothing."""
    token = sandbox.pipedrive_token
    headers = {"wrong": {"x-api-token": token[:-1]}, "bearer": {"authorization": f"Bearer {token}"}}.get(
        given, {}
    )
    params = {"api_token": token} if given == "query" else {}
    answer = httpx.get(sandbox.pipedrive_url + path, headers=headers, params=params, verify=NO_TLS)
    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert answer.headers["x-401-by-gw"] == "true"
    assert sandbox.control.tokens() == 0


def test_unknown_routes_and_methods(client: httpx.Client) -> None:
    """With a token they are 404 and 405, in Pipedrive's form, and cost nothing; a slash at the end is another route."""
    for method, path, status in (
        ("GET", "/api/v3/persons", 404),
        ("GET", "/v2/persons", 404),
        ("GET", f"{V2}/persons/", 404),
        ("GET", f"{V2}/persons/1/merge", 404),
        ("PUT", f"{V2}/persons/1", 405),
        ("DELETE", f"{V2}/persons", 405),
    ):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["success"]) == (status, False)


def test_v1_answers_under_both_prefixes(client: httpx.Client) -> None:
    """/v1 and /api/v1 are the same."""
    assert client.get("/v1/users").json() == client.get("/api/v1/users").json()


def test_who_am_i(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The user and the company that the token belongs to."""
    me = client.get("/v1/users/me").json()["data"]
    account = sandbox.control.state()["account"]
    assert (me["id"], me["is_you"], me["is_admin"]) == (OWNER, True, 1)
    assert {key: me["access"][0][key] for key in ("app", "admin")} == {"app": "global", "admin": True}
    assert str(me["company_id"]) == account["pipedrive_company_id"]
    assert me["company_domain"] == account["pipedrive_company_domain"]
    assert me["timezone_name"] == "Europe/Paris"
    sandbox.control.turn(pipedrive__shows_is_admin=False)
    assert "is_admin" not in client.get("/v1/users/me").json()["data"]


def test_a_colleague_sees_a_part(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Persons that only their owner sees are missing from a colleague's answers, and nothing says so."""
    hidden = make_person(client, name="Hidden Person", visible_to=1)["id"]
    shown = make_person(client, name="Shown Person", visible_to=3)["id"]
    own = make_person(client, name="Own Person", visible_to=1, owner_id=COLLEAGUE)["id"]
    client.headers["x-api-token"] = sandbox.control.new_token(COLLEAGUE)
    me = client.get("/v1/users/me").json()["data"]
    assert (me["id"], me["access"][0]["admin"]) == (COLLEAGUE, False)
    assert [person["id"] for person in client.get(f"{V2}/persons").json()["data"]] == [shown, own]
    assert client.get(f"{V2}/persons/{hidden}").status_code == 404
    assert client.patch(f"{V2}/persons/{hidden}", json={"name": "X"}).status_code == 404
    items = client.get(f"{V2}/persons/search", params={"term": "person"}).json()["data"]["items"]
    assert sorted(item["item"]["id"] for item in items) == [shown, own]


def test_a_regenerated_token_ends_the_old_one(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """One active token per user."""
    old, new = (sandbox.control.new_token(COLLEAGUE) for _ in range(2))
    assert client.get("/v1/users/me", headers={"x-api-token": old}).status_code == 401
    assert client.get("/v1/users/me", headers={"x-api-token": new}).status_code == 200
