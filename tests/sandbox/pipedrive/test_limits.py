from __future__ import annotations

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import V2, make_person
from tests.sandbox_process import SandboxProcess

PERSONS = f"{V2}/persons"
DAY = 86_400


def hammer(client: httpx.Client, path: str, times: int) -> list[int]:
    """The statuses of many requests."""
    return [client.get(path).status_code for _ in range(times)]


def test_headers_tell_window_and_balance(client: httpx.Client) -> None:
    """The balance is the one before the call, the reset is in seconds from now."""
    first, second = client.get(PERSONS), client.post(PERSONS, json={"name": "Zoé"})
    assert {name: value for name, value in first.headers.items() if "ratelimit" in name} == {
        "x-ratelimit-limit": "120",
        "x-ratelimit-remaining": "119",
        "x-ratelimit-reset": "2",
        "x-daily-ratelimit-token-limit": "210000",
        "x-daily-ratelimit-token-remaining": "210000",
    }
    assert second.headers["x-ratelimit-remaining"] == "118"
    assert second.headers["x-daily-ratelimit-token-remaining"] == "209990"
    assert first.headers["x-correlation-id"] != second.headers["x-correlation-id"]
    assert "retry-after" not in first.headers


def test_headers_may_be_missing(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A client cannot require them."""
    sandbox.control.turn(pipedrive__rate_limit_headers=False)
    assert not [name for name in client.get(PERSONS).headers if "ratelimit" in name]


def test_the_balance_may_be_after_the_call(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """It is our reading that it is before."""
    sandbox.control.turn(pipedrive__balance_before_call=False)
    assert client.get(PERSONS).headers["x-daily-ratelimit-token-remaining"] == "209990"


@pytest.mark.parametrize(("plan", "burst", "budget"), [("lite", 20, 30_000), ("growth", 40, 60_000)])
def test_plans(sandbox: SandboxProcess, client: httpx.Client, plan: str, burst: int, budget: int) -> None:
    """Each has its window and its budget; seats multiply the budget."""
    sandbox.control.turn(pipedrive__plan=plan, pipedrive__seats=5)
    headers = client.get(PERSONS).headers
    assert headers["x-ratelimit-limit"] == str(burst)
    assert headers["x-daily-ratelimit-token-limit"] == str(5 * budget)


def test_a_burst_ends_in_429(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Refused requests cost nothing; after the window everything is fine again."""
    sandbox.control.turn(pipedrive__plan="lite")
    statuses = hammer(client, PERSONS, 25)
    assert statuses == [200] * 20 + [429] * 5
    refused = client.get(PERSONS)
    assert refused.json()["success"] is False
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert int(refused.headers["x-ratelimit-reset"]) in {1, 2}
    assert int(refused.headers["x-daily-ratelimit-token-remaining"]) == 30_000 - 200
    sandbox.control.advance_clock(2)
    assert client.get(PERSONS).status_code == 200
    assert sandbox.control.state()["budget"]["spent"] == sandbox.control.tokens() == 210


def test_the_window_is_per_token(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A colleague's token has its own; the daily budget is shared."""
    sandbox.control.turn(pipedrive__plan="lite")
    hammer(client, PERSONS, 21)
    answer = client.get(PERSONS, headers={"x-api-token": sandbox.control.new_token(7002)})
    assert answer.status_code == 200
    assert answer.headers["x-daily-ratelimit-token-remaining"] == str(30_000 - 200)


def test_search_has_a_window_of_its_own(client: httpx.Client) -> None:
    """Ten in two seconds, on every plan; other calls go on."""
    statuses = hammer(client, f"{PERSONS}/search?term=zo", 11)
    assert statuses == [200] * 10 + [429]
    assert client.get(PERSONS).status_code == 200


def test_an_exhausted_budget_lasts_until_midnight(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """429 on everything that costs more than what is left; the header says why; the next day is a new one."""
    sandbox.control.spend_tokens(210_000 - 4)
    refused = client.post(PERSONS, json={"name": "Zoé"})
    assert refused.status_code == 429
    assert refused.headers["x-daily-ratelimit-token-remaining"] == "4"
    assert int(refused.headers["x-ratelimit-remaining"]) == 0
    assert sandbox.control.state()["counts"]["persons"] == 0
    sandbox.control.advance_clock(DAY)
    assert client.post(PERSONS, json={"name": "Zoé"}).status_code == 200


def test_hammering_ends_in_html(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Whoever goes on after 429s is shown a page, on every call, for a while."""
    sandbox.control.turn(pipedrive__plan="lite", pipedrive__block_after_refusals=3)
    assert hammer(client, PERSONS, 24) == [200] * 20 + [429] * 3 + [403]
    blocked = client.get(PERSONS)
    assert blocked.headers["content-type"].startswith("text/html")
    assert "Cloudflare" in blocked.text
    sandbox.control.advance_clock(59)
    assert client.get(PERSONS).status_code == 403
    sandbox.control.advance_clock(2)
    assert client.get(PERSONS).status_code == 200


def test_limits_may_be_off(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """For loading; tokens are counted all the same."""
    sandbox.control.turn(pipedrive__plan="lite", pipedrive__limits_enforced=False)
    assert set(hammer(client, PERSONS, 30)) == {200}
    assert sandbox.control.tokens() == 300


def test_validation_errors_cost_too(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A refused body is a call like any other."""
    client.post(PERSONS, json={})
    client.get(f"{PERSONS}/99")
    assert sandbox.control.tokens() == 6


def test_the_ledger_has_every_request(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Per route with statuses and tokens; the newest rows on request; control calls are not in it."""
    make_person(client)
    client.get(PERSONS, params={"limit": 1})
    mark = sandbox.control.ledger()["last_id"]
    client.get(f"{PERSONS}/1")
    client.get(f"{PERSONS}/2")
    client.get("/nowhere")
    ledger = sandbox.control.ledger(entries=3)
    assert (ledger["requests"], ledger["tokens"]) == (5, 17)
    route = {"side": "pipedrive", "method": "GET", "route": f"{PERSONS}/{{id}}", "requests": 2, "tokens": 2}
    assert route | {"statuses": {"200": 1, "404": 1}} in ledger["routes"]
    assert [(entry["route"], entry["path"], entry["status"]) for entry in ledger["entries"]] == [
        (f"{PERSONS}/{{id}}", f"{PERSONS}/1", 200),
        (f"{PERSONS}/{{id}}", f"{PERSONS}/2", 404),
        ("-", "/nowhere", 404),
    ]
    assert sandbox.control.requests(since_id=mark) == 3
    assert sandbox.control.tokens(method="POST", side="pipedrive") == 5
    assert sandbox.control.requests(route=PERSONS) == 2
    sandbox.control.clear_ledger()
    assert sandbox.control.requests() == 0
    assert sandbox.control.state()["budget"]["spent"] == 17
