"""The guard before a cassette is written, the scrubber, and a search of all cassettes for what must never be in one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import vcr.serializers.yamlserializer as yaml_serializer  # type: ignore[import-untyped]
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.clients.conftest import CASSETTES
from tests.clients.recording import (
    KEPT_REQUEST_HEADERS,
    KEPT_RESPONSE_HEADERS,
    Exchange,
    GuardedPersister,
    Scrubber,
    UnsafeRecording,
    foreign_addresses,
    problems,
)

API = "https://pipedrive.example.com/api/v2"
TOKEN = "0123456789abcdef0123456789abcdef01234567"


def _exchange(method: str, path: str, data: Any = None, status: int = 200, request: str = "") -> Exchange:
    return Exchange(method, f"{API}{path}", request, status, json.dumps({"data": data}))


CREATED = _exchange("POST", "/persons", {"id": 7, "emails": [{"value": "zoe@example.com"}]})


def test_a_recording_of_its_own_persons_may_be_written() -> None:
    """Created, read, changed, listed, deleted, gone: all of one person whom the recording made itself."""
    assert (
        problems(
            [
                _exchange("GET", "/users/me", {"id": 1, "email": "florent@example.com"}),
                _exchange("GET", "/personFields", [{"id": 5, "field_code": "name"}]),
                CREATED,
                _exchange("GET", "/persons/7", {"id": 7}),
                _exchange("PATCH", "/persons/7", {"id": 7}),
                _exchange("GET", "/persons?limit=500", [{"id": 7}]),
                _exchange("GET", "/persons?ids=7", [{"id": 7}]),
                _exchange("DELETE", "/persons/7", {"id": 7}),
                _exchange("GET", "/persons/7", None, 404),
                _exchange("GET", "/persons", []),
                _exchange("POST", "/persons", None, 400),
            ]
        )
        == []
    )


@pytest.mark.parametrize(
    "exchange",
    [
        _exchange("GET", "/persons", [{"id": 7}, {"id": 8}]),
        _exchange("GET", "/persons/8", {"id": 8}),
        _exchange("GET", "/persons/8", {"id": 7}),
        _exchange("PATCH", "/persons/8", {"id": 8}),
        _exchange("DELETE", "/persons/8", {"id": 8}),
        _exchange("GET", "/persons?ids=7,8", [{"id": 7}]),
        _exchange("GET", "/persons", [{"name": "no id"}]),
        _exchange("GET", "/persons", ["odd"]),
        _exchange("POST", "/persons", {"id": 8}, 500),
        Exchange("GET", f"{API}/persons", "", 200, "<html>Zoé</html>"),
        Exchange("GET", f"{API}/persons", "", 200, '{"data": [{"id": 7}, {"id"'),
        Exchange(
            "GET", "https://plezi.example.com/api/sandbox/v1/contacts", "", 200, '{"data": [{"id": "a1"}]}'
        ),
        Exchange("GET", "https://plezi.example.com/api/sandbox/v1/contacts/a1", "", 200, "{}"),
    ],
)
def test_somebody_elses_person_stops_it(exchange: Exchange) -> None:
    """One person whom the recording did not create, in a body, a path or a query: nothing is written."""
    (first, *_) = problems([CREATED, exchange])
    assert "did not create" in first


def test_a_person_is_known_only_after_it_was_created() -> None:
    """A create at the end does not excuse what came before."""
    assert problems([_exchange("GET", "/persons/7", {"id": 7}), CREATED])


@pytest.mark.parametrize(
    "text",
    [
        "someone@mail.test",
        '{"value": "jean.dupont@acme.test"}',
        "?email=jean%40acme.fr&x=1",
        "?email=jean%2540acme.fr",
        '"jean\\u0040acme.fr"',
        "zoe@example.com.evil.test",
        "zoe@notexample.com",
        "zoe@example.de",
        "é.müller@firma.example",
        "a@example.com,b@acme.test",
    ],
)
def test_addresses_of_real_domains_stop_it(text: str) -> None:
    """In a request's address, in its body or in the answer, however it is spelt."""
    for exchange in (
        Exchange("GET", f"{API}/users?{text}", "", 200, ""),
        Exchange("GET", f"{API}/users", text, 200, ""),
        Exchange("GET", f"{API}/users", "", 200, text),
    ):
        (problem, *_) = problems([exchange])
        assert "the address" in problem


@given(st.from_regex(r"[a-z.]{1,20}@([a-z]{1,8}\.)?example\.(com|org|net)", fullmatch=True))
def test_reserved_addresses_are_fine(address: str) -> None:
    """example.com, .org and .net and what lies below them belong to nobody (RFC 2606)."""
    assert foreign_addresses(f'{{"email": "{address}"}}') == []


def test_nothing_is_written_unless_the_guard_agrees(tmp_path: Path) -> None:
    """The file stays as it was, byte by byte; a harmless recording replaces it."""
    path = tmp_path / "cassette.yaml"
    path.write_text("as it was")

    def recorded(id_: int) -> dict[str, Any]:
        body = {"string": json.dumps({"data": {"id": id_}}).encode()}
        request = SimpleNamespace(
            method="GET",
            uri=f"{API}/persons/{id_}",
            body=None,
            _to_dict=lambda: {"method": "GET", "body": None},
        )
        return {"requests": [request], "responses": [{"status": {"code": 200}, "headers": {}, "body": body}]}

    with pytest.raises(UnsafeRecording, match="person 8"):
        GuardedPersister.save_cassette(str(path), recorded(8), yaml_serializer)
    assert path.read_text() == "as it was"
    GuardedPersister.save_cassette(str(path), {"requests": [], "responses": []}, yaml_serializer)
    assert path.read_text() != "as it was"


def test_the_scrubber_takes_out_keys_hosts_and_whose_account_it_was() -> None:
    """Headers but a few, the port, known secrets in query and bodies, the body of a key check, and the user."""
    scrub = Scrubber({"127.0.0.1:4711": "pipedrive.example.com"}, [TOKEN])
    request = SimpleNamespace(
        uri=f"http://127.0.0.1:4711/api/v1/users/me?api_token={TOKEN}&x=1",
        headers={"x-api-token": TOKEN, "Content-Type": "application/json", "host": "127.0.0.1"},
        body=f'{{"echo": "{TOKEN}"}}'.encode(),
    )
    clean = scrub.request(request)
    assert clean.uri == "https://pipedrive.example.com/api/v1/users/me?api_token=***&x=1"
    assert clean.headers == {"Content-Type": "application/json"}
    assert TOKEN.encode() not in clean.body
    me = {
        "id": 1,
        "name": "Real Name",
        "email": "real@acme.test",
        "company_id": 9,
        "company_domain": "acme-real",
    }
    response = scrub.response(
        {
            "status": {"code": 200},
            "headers": {"Set-Cookie": ["a"], "CF-Ray": ["b"], "Content-Type": ["application/json"]},
            "body": {"string": json.dumps({"data": me, "echo": TOKEN}).encode()},
        }
    )
    text = response["body"]["string"].decode()
    assert response["headers"] == {"content-type": ["application/json"]}
    for secret in ("Real Name", "acme.fr", "acme-real", TOKEN):
        assert secret not in text
    keys = SimpleNamespace(uri="http://x/api/v1/api_keys/authenticate", headers={}, body=b"client_secret=1")
    assert scrub.request(keys).body == b""
    assert (
        scrub.request(SimpleNamespace(uri="http://127.0.0.1:4711/_sandbox/reset", headers={}, body=None))
        is None
    )


def test_scrubbing_twice_changes_nothing_more() -> None:
    """It runs when recording and again when replaying."""
    scrub = Scrubber({"127.0.0.1:4711": "pipedrive.example.com"}, [TOKEN])
    raw = {
        "status": {"code": 200},
        "headers": {"Date": ["x"]},
        "body": {"string": b'{"company_domain": "x"}'},
    }
    once = scrub.response(raw)
    assert scrub.response(once) == once


# every cassette in the repository

FILES = sorted(CASSETTES.rglob("*"))
_TOKEN_LIKE = re.compile(
    r"(?<![0-9A-Za-z+/])(?:[0-9a-f]{32,}|[A-Za-z0-9+/]{43}=|eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_.-]+)"
)
_SECRET_WORDS = re.compile(
    r"(?i)x-api-token|api_token|x-api-key|x-tenant-company|x-authorization|authorization:|bearer|client_secret|"
    r"client_id|set-cookie|cf-ray|127\.0\.0\.1|localhost|signature="
)


def test_there_are_cassettes() -> None:
    """The search below searches something."""
    assert len([path for path in FILES if path.suffix == ".yaml"]) >= 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_cassette_holds_a_secret_or_a_stranger(path: Path) -> None:
    """No key, no header that carries one, no real host, no address but invented ones; nobody that it did not create."""
    text = path.read_text(encoding="utf-8")
    interactions = yaml.safe_load(text)["interactions"]
    bodies = [i["response"]["body"]["string"] for i in interactions] + [
        i["request"]["body"] or "" for i in interactions
    ]
    plain = text + "".join(bodies)
    assert _SECRET_WORDS.findall(plain) == []
    codes = {row["field_code"] for body in bodies for row in _field_rows(body)}
    assert set(_TOKEN_LIKE.findall(plain)) - codes == set(), "token-like strings that are no field codes"
    assert foreign_addresses(plain) == []
    exchanges = [
        Exchange(
            i["request"]["method"],
            i["request"]["uri"],
            i["request"]["body"] or "",
            i["response"]["status"]["code"],
            i["response"]["body"]["string"],
        )
        for i in interactions
    ]
    assert problems(exchanges) == []
    hosts = {exchange.uri.split("/")[2] for exchange in exchanges}
    assert hosts <= {"pipedrive.example.com", "plezi.example.com"}
    for interaction in interactions:
        assert {name.lower() for name in interaction["request"]["headers"]} <= set(KEPT_REQUEST_HEADERS)
        assert {name.lower() for name in interaction["response"]["headers"]} <= set(KEPT_RESPONSE_HEADERS)


def _field_rows(body: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(body)
    except ValueError:
        return []
    data = content.get("data") if isinstance(content, dict) else content
    return (
        [row for row in data if isinstance(row, dict) and "field_code" in row]
        if isinstance(data, list)
        else []
    )
