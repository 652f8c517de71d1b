from __future__ import annotations

from typing import Any

import httpx
import pytest

from pdsync.sandbox.assembly import SWITCHES
from tests.sandbox.pipedrive.scenario import V2, make_field, make_person
from tests.sandbox_process import NO_TLS, SandboxProcess


def ask(sandbox: SandboxProcess, method: str, path: str, **options: Any) -> httpx.Response:
    """A control call with the key."""
    control = sandbox.ready["control"]
    return httpx.request(
        method, control["url"] + path, headers={"x-sandbox-key": control["key"]}, verify=NO_TLS, **options
    )


@pytest.mark.parametrize("headers", [{}, {"x-sandbox-key": "wrong"}, {"x-sandbox-key": "é"}])
def test_a_key_is_needed(sandbox: SandboxProcess, headers: dict[str, str]) -> None:
    """Nobody resets the sandbox by accident; Pipedrive's token does not open it."""
    url = f"{sandbox.ready['control']['url']}/reset"
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert httpx.post(url, headers=encoded).status_code == 403
    assert httpx.post(url, headers=sandbox.pipedrive_headers).status_code == 403


def test_every_switch_says_what_it_is_and_where_it_comes_from(sandbox: SandboxProcess) -> None:
    """Meaning, mark and source are there, names are unique, and the default is among the choices."""
    switches = sandbox.control.switches()
    assert len(switches) == len(SWITCHES)
    for switch in switches.values():
        assert switch["value"] == switch["default"] or switch["name"].startswith("plezi.")
        assert len(switch["meaning"]) > 20
        assert switch["source"]
        assert not switch["choices"] or switch["default"] in switch["choices"]


def test_assumptions_without_a_switch_are_listed_too(sandbox: SandboxProcess) -> None:
    """With a mark that admits that they are no facts, and under names of their own."""
    listing = ask(sandbox, "GET", "/switches").json()
    names = [entry["name"] for kind in ("switches", "fixed") for entry in listing[kind]]
    assert len(names) == len(set(names))
    assert {entry["mark"] for entry in listing["fixed"]} <= {"infer", "unknown", "invented"}


def test_switches_are_turned_together_or_not_at_all(sandbox: SandboxProcess) -> None:
    """One wrong position, and none is turned."""
    body = {"pipedrive.seats": 9, "pipedrive.plan": "gold"}
    assert ask(sandbox, "PUT", "/switches", json=body).status_code == 400
    assert sandbox.control.switches()["pipedrive.seats"]["value"] == 1
    sandbox.control.turn(pipedrive__seats=9)
    sandbox.control.restore_switches()
    assert sandbox.control.switches()["pipedrive.seats"]["value"] == 1


@pytest.mark.parametrize("position", [1, "true", None, 1.5, [True]])
def test_a_switch_takes_its_own_type(sandbox: SandboxProcess, position: object) -> None:
    """A number is no truth."""
    answer = ask(sandbox, "PUT", "/switches", json={"pipedrive.any_label": position})
    assert (answer.status_code, "takes a bool" in answer.json()["error"]) == (400, True)


def test_the_clock_goes_forward(sandbox: SandboxProcess) -> None:
    """Time stamps follow it, and it can be put back."""
    sandbox.control.advance_clock(365 * 86_400)
    with sandbox.pipedrive() as client:
        ahead = make_person(client)["add_time"]
        ask(sandbox, "DELETE", "/clock")
        assert make_person(client)["add_time"] < ahead


def test_a_reset_leaves_keys_only(sandbox: SandboxProcess) -> None:
    """Records, fields, ledger, faults, budget and clock are as in a new file."""
    before = sandbox.control.state()["account"]
    with sandbox.pipedrive() as client:
        make_field(client, "enum", "Oui")
        make_person(client)
        sandbox.control.faults({"kind": "html"})
        sandbox.control.advance_clock(60)
        sandbox.control.turn(pipedrive__plan="lite")
        sandbox.control.reset()
        state = sandbox.control.state()
        assert state["account"] == before
        assert set(state["counts"].values()) == {0}
        assert (state["budget"], state["clock"]["offset_seconds"]) == ({"limit": 210_000, "spent": 0}, 0)
        assert sandbox.control.fault_rules() == []
        assert make_person(client)["id"] == 1
        assert make_field(client, "enum", "Oui")["options"][0]["id"] == 31


def test_worlds_can_be_put_in(sandbox: SandboxProcess) -> None:
    """Into an empty account only; a field that was looked up before is not remembered wrongly."""
    with sandbox.pipedrive() as client:
        client.get(f"{V2}/personFields")
        assert ask(sandbox, "GET", "/seed").status_code == 404
        planted = sandbox.control.seed("bench", size=20)
        assert planted["figures"]["persons"] == sandbox.control.state()["counts"]["persons"]
        assert (
            sum(field["is_custom_field"] for field in client.get(f"{V2}/personFields").json()["data"]) == 10
        )
    assert ask(sandbox, "POST", "/seed", json={"world": "demo"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/clock", {}),
        ("POST", "/clock", {"advance_seconds": "1"}),
        ("POST", "/clock", {"advance_seconds": 1e300}),
        ("POST", "/pipedrive/tokens", {"user_id": []}),
        ("POST", f"/pipedrive/persons/{10**30}/touch", None),
        ("PUT", "/switches", {"pipedrive.time_zone": "Mars/Olympus"}),
        ("PUT", "/switches", {"pipedrive.seats": 0}),
        ("POST", "/budget", []),
        ("PUT", "/switches", "x"),
        ("PUT", "/faults", {"faults": {}}),
        ("POST", "/seed", {"world": "atlantis"}),
        ("GET", "/ledger?since_id=x", None),
    ],
)
def test_wrong_calls_are_refused(sandbox: SandboxProcess, method: str, path: str, body: object) -> None:
    """With a sentence."""
    answer = ask(sandbox, method, path, json=body)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)


def test_what_is_not_there(sandbox: SandboxProcess) -> None:
    """Routes, users and persons that do not exist are 404."""
    assert ask(sandbox, "GET", "/nothing").status_code == 404
    assert ask(sandbox, "POST", "/pipedrive/tokens", json={"user_id": 1}).status_code == 404
    assert ask(sandbox, "POST", "/pipedrive/persons/1/touch").status_code == 404
