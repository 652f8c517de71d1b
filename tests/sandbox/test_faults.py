from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import V2
from tests.sandbox_process import SandboxProcess

PERSONS = f"{V2}/persons"
ZOE = {"name": "Zoé O'Brien"}


def persons(sandbox: SandboxProcess) -> int:
    """How many there are."""
    count: int = sandbox.control.state()["counts"]["persons"]
    return count


def last(sandbox: SandboxProcess) -> dict[str, Any]:
    """The newest row of the ledger."""
    entry: dict[str, Any] = sandbox.control.ledger(entries=1)["entries"][0]
    return entry


@pytest.fixture
def client(sandbox: SandboxProcess) -> Any:
    """A client of an empty account."""
    with sandbox.pipedrive() as client:
        yield client


def test_a_drop_before_the_commit_leaves_nothing(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The connection is lost for real, nothing is written, nothing is charged; the row has no status."""
    sandbox.control.faults({"kind": "drop_before_commit", "method": "POST", "route": PERSONS, "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(PERSONS, json=ZOE)
    assert persons(sandbox) == 0
    entry = last(sandbox)
    assert (entry["status"], entry["tokens"], entry["fault"]) == (None, 0, "drop_before_commit")
    assert client.post(PERSONS, json=ZOE).status_code == 200


def test_a_drop_after_the_commit_loses_the_answer_only(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The client sees the same as before, but the person is there."""
    sandbox.control.faults({"kind": "drop_after_commit", "method": "POST", "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(PERSONS, json=ZOE)
    assert persons(sandbox) == 1
    entry = last(sandbox)
    assert (entry["status"], entry["tokens"], entry["fault"]) == (200, 5, "drop_after_commit")


def test_a_late_commit_comes_when_its_time_comes(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A look right after the lost answer finds nothing; later the person is there, and the row has its status."""
    sandbox.control.faults({"kind": "late_commit", "method": "POST", "seconds": 3600, "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(PERSONS, json=ZOE)
    assert persons(sandbox) == 0
    assert sandbox.control.state()["late_writes"] == 1
    sandbox.control.advance_clock(3000)
    assert persons(sandbox) == 0
    sandbox.control.advance_clock(600)
    assert persons(sandbox) == 1
    entry = last(sandbox)
    assert (entry["status"], entry["tokens"], entry["fault"]) == (200, 5, "late_commit")


def test_a_late_commit_also_comes_by_itself(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Without a push of the clock, after real time."""
    sandbox.control.faults({"kind": "late_commit", "method": "POST", "seconds": 0.2, "times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(PERSONS, json=ZOE)
    deadline = time.monotonic() + 10
    while persons(sandbox) == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert persons(sandbox) == 1


def test_late_writes_can_be_called_in(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A test need not wait, and an emptied account is not written to."""
    sandbox.control.faults({"kind": "late_commit", "method": "POST", "seconds": 3600})
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(PERSONS, json=ZOE)
    sandbox.control.flush_late_writes()
    assert persons(sandbox) == 2
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(PERSONS, json=ZOE)
    sandbox.control.reset()
    sandbox.control.flush_late_writes()
    assert persons(sandbox) == 0


def test_a_truncated_body_breaks_off(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The headers promise more than what comes; the write has happened."""
    sandbox.control.faults({"kind": "truncated_body", "times": 1})
    with client.stream("POST", PERSONS, json=ZOE) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|peer closed"):
            answer.read()
    assert persons(sandbox) == 1


def test_html_comes_instead_of_json(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With status 200, as some middle box would answer; the write has happened."""
    sandbox.control.faults({"kind": "html", "times": 1})
    answer = client.post(PERSONS, json=ZOE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert persons(sandbox) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_statuses_are_answered(sandbox: SandboxProcess, client: httpx.Client, status: int) -> None:
    """Without the handler, in the form of the service: 502 and 503 come from in front of it, as HTML."""
    sandbox.control.faults({"kind": "status", "status": status, "times": 1})
    answer = client.post(PERSONS, json=ZOE)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(
        "text/html" if status in {502, 503} else "application/json"
    )
    assert ("x-ratelimit-reset" in answer.headers) is (status == 429)
    assert persons(sandbox) == 0
    assert last(sandbox)["fault"] == f"status_{status}"


def test_a_token_expires(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """401 with the token that was good a moment ago; it is for the rule to say until when."""
    sandbox.control.faults({"kind": "expired_token"})
    assert client.get(PERSONS).status_code == 401
    sandbox.control.faults()
    assert client.get(PERSONS).status_code == 200


def test_latency_delays_and_adds_up(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Several latencies add up, and go together with another fault; meanwhile others are served."""
    sandbox.control.faults(
        {"kind": "latency", "seconds": 0.1},
        {"kind": "latency", "seconds": 0.1},
        {"kind": "status", "status": 500},
    )
    started = time.monotonic()
    assert client.get(PERSONS).status_code == 500
    assert time.monotonic() - started >= 0.2
    assert last(sandbox)["milliseconds"] >= 200


def test_a_slow_answer_times_out(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The client gives up; the write happens all the same."""
    sandbox.control.faults({"kind": "latency", "seconds": 0.5, "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        client.post(PERSONS, json=ZOE, timeout=0.1)
    deadline = time.monotonic() + 10
    while persons(sandbox) == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert persons(sandbox) == 1


def test_the_third_and_the_next_two(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Of a rule, nth counts matching requests, times counts hits, and rules say how far they are."""
    sandbox.control.faults(
        {"kind": "status", "status": 500, "method": "GET", "route": f"{PERSONS}/*", "nth": 3},
        {"kind": "status", "status": 502, "method": "POST", "times": 2},
    )
    assert [client.get(f"{PERSONS}/9").status_code for _ in range(4)] == [404, 404, 500, 404]
    assert [client.post(PERSONS, json=ZOE).status_code for _ in range(3)] == [502, 502, 200]
    assert client.get(PERSONS).status_code == 200
    first, second = sandbox.control.fault_rules()
    assert (first["seen"], first["hits"], second["seen"], second["hits"]) == (4, 1, 3, 2)


def test_chance_is_repeatable(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The same seed gives the same faults, another seed others."""

    def statuses(seed: int) -> list[int]:
        sandbox.control.faults({"kind": "status", "status": 503, "probability": 0.5}, seed=seed)
        return [client.get(f"{PERSONS}/1").status_code for _ in range(30)]

    assert statuses(7) == statuses(7) != statuses(8)
    assert 5 < statuses(7).count(503) < 25


def test_sides_are_apart(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A rule for Plezi does not touch Pipedrive, and control calls are never hit."""
    sandbox.control.faults({"kind": "drop_before_commit", "side": "plezi"})
    assert client.get(PERSONS).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{sandbox.plezi_url}/api/sandbox/v1/account", headers=sandbox.plezi_headers)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({}, "kind is one of"),
        ({"kind": "earthquake"}, "kind is one of"),
        ({"kind": []}, "kind is one of"),
        ({"kind": "status", "status": [500]}, "status is one of"),
        ({"kind": "html", "colour": "red"}, "a fault has no colour"),
        ({"kind": "html", "nth": 0}, "nth is a whole number from 1"),
        ({"kind": "html", "times": True}, "times is a whole number from 1"),
        ({"kind": "html", "probability": 2}, "probability lies between 0 and 1"),
        ({"kind": "html", "seconds": 2}, "latency and late_commit, and no other kind, take seconds"),
        ({"kind": "latency"}, "latency and late_commit, and no other kind, take seconds"),
        ({"kind": "latency", "seconds": -1}, "seconds are not negative"),
        ({"kind": "status"}, "the kind 'status', and no other, takes a status"),
        ({"kind": "status", "status": 418}, "status is one of 429, 500, 502, 503"),
        ({"kind": "html", "route": 5}, "route is a pattern"),
    ],
)
def test_wrong_rules_are_refused(sandbox: SandboxProcess, rule: dict[str, Any], problem: str) -> None:
    """And the rules in force stay."""
    sandbox.control.faults({"kind": "html"})
    control = sandbox.ready["control"]
    answer = httpx.put(
        f"{control['url']}/faults", headers={"x-sandbox-key": control["key"]}, json={"faults": [rule]}
    )
    assert (answer.status_code, problem in answer.json()["error"]) == (400, True)
    assert [kept["kind"] for kept in sandbox.control.fault_rules()] == ["html"]
