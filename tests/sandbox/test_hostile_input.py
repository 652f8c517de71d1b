from __future__ import annotations

import socket
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox.pipedrive.scenario import V2, every_field, make_person
from tests.sandbox_process import SandboxProcess

PERSONS = f"{V2}/persons"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["name", "first_name", "last_name", "emails", "phones", "label_ids", "owner_id", "org_id", "visible_to"]
)


@pytest.fixture(scope="module")
def client(sandbox_module: SandboxProcess) -> Any:
    """A client of an account with a field of each type, without limits."""
    sandbox_module.control.turn(pipedrive__limits_enforced=False, pipedrive__references_checked=False)
    with sandbox_module.pipedrive() as client:
        client.headers["content-type"] = "application/json"
        yield client


@pytest.fixture(scope="module")
def codes(client: httpx.Client) -> list[str]:
    """The codes of a field of each type."""
    return [code for code, _ in every_field(client).values()]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"NaN",
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": "\\ud800"}',
        b'\xff\xfe{"name": "x"}',
        b'{"name": "caf\xe9"}',
        b"[" * 100_000,
        b'{"owner_id": ' + b"9" * 100 + b"}",
        b'{"owner_id": ' + b"9" * 10_000 + b"}",
        b'{"name": "x", "owner_id": 1e400}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_json_is_400(client: httpx.Client, body: bytes) -> None:
    """Never 500, and nothing is made."""
    before = len(client.get(PERSONS, params={"limit": 500}).json()["data"])
    answer = client.post(PERSONS, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "ERR_SCHEMA_VALIDATION_FAILED")
    assert len(client.get(PERSONS, params={"limit": 500}).json()["data"]) == before


def test_a_body_beyond_bounds_is_413(client: httpx.Client) -> None:
    """And the server goes on."""
    assert client.post(PERSONS, content=b"x" * (9 * 1024 * 1024)).status_code == 413
    assert client.get(PERSONS).status_code == 200


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(KEYS, JSON, max_size=4))
def test_any_body_is_answered(client: httpx.Client, body: dict[str, Any]) -> None:
    """Any JSON under known keys is taken or refused, and what is taken comes back when asked for."""
    answer = client.post(PERSONS, json=body)
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 200:
        person = answer.json()["data"]
        assert client.get(f"{PERSONS}/{person['id']}").json()["data"] == person


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(number=st.integers(0, 15), value=JSON)
def test_any_custom_value_is_answered(
    client: httpx.Client, codes: list[str], number: int, value: Any
) -> None:
    """Each of the 16 types takes or refuses any JSON."""
    answer = client.post(PERSONS, json={"name": "Zoé", "custom_fields": {codes[number]: value}})
    assert answer.status_code in {200, 400}, answer.text


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    params=st.dictionaries(
        st.sampled_from(
            ["limit", "cursor", "ids", "sort_by", "updated_since", "custom_fields", "include_fields", "term"]
        ),
        st.text(max_size=20) | st.integers().map(str),
    ),
    path=st.sampled_from(["", "/search", "/1"]),
)
def test_any_query_is_answered(client: httpx.Client, params: dict[str, str], path: str) -> None:
    """Any text in a parameter."""
    assert client.get(PERSONS + path, params=params).status_code in {200, 400, 404}


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100).filter(str.strip))
def test_any_text_is_kept(client: httpx.Client, text: str) -> None:
    """A last name of any characters comes back as sent, and a search for it finds it."""
    person = make_person(client, first_name="Zoé", last_name=text)
    assert person["last_name"] == text
    if len(text.strip()) > 1:
        params = {"term": text, "fields": "name", "limit": "500"}
        found = client.get(f"{PERSONS}/search", params=params).json()["data"]["items"]
        assert person["id"] in [item["item"]["id"] for item in found]
    client.delete(f"{PERSONS}/{person['id']}")


def test_a_client_that_leaves_is_noted(sandbox: SandboxProcess) -> None:
    """Half a request, then silence: nothing is written, the row says why."""
    host, port = sandbox.pipedrive_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST {PERSONS} HTTP/1.1\r\nhost: x\r\nx-api-token: {sandbox.pipedrive_token}\r\n"
        connection.sendall(f"{head}content-length: 100\r\n\r\n{{".encode())
    entry: dict[str, Any] = {}
    for _ in range(200):
        entries = sandbox.control.ledger(entries=1)["entries"]
        if entries:
            entry = entries[0]
            break
        time.sleep(0.02)
    assert (entry["fault"], entry["status"]) == ("client_left", None)


def test_what_is_no_http_is_refused(sandbox: SandboxProcess) -> None:
    """And the server goes on."""
    host, port = sandbox.pipedrive_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 400"
    assert sandbox.control.requests() == 0
