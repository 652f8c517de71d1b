"""Plezi on the wire: signature, headers, form submissions, and lists that change while they are read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from pdsync import errors
from pdsync.clients import PleziCredentials, open_plezi
from pdsync.clients.plezi import PleziClient
from pdsync.clients.plezi_keys import authorization
from pdsync.clients.profiles import load_profile
from pdsync.model import Kind, Record
from tests.clients.fakes import FakeClock, Script, answer, html

KEYS = PleziCredentials("Société Dupré", "k" * 32, "PUBLIC", "SECRET")
LOCAL = "http://127.0.0.1:4711"
OURS = """version: 1
name: ours
extends: app-v1
side_effects_accepted: true
form: {form_id: "123456789012345678901234", content_web_form_id: cwf-1}
"""


def _client(
    api: httpx.AsyncBaseTransport, profile: str = "sandbox", url: str = LOCAL, **given: Any
) -> PleziClient:
    return open_plezi(KEYS, profile, url, clock=given.get("clock") or FakeClock(), transport=api)


def _ours(tmp_path: Path, text: str = OURS) -> str:
    path = tmp_path / "ours.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _contact(id_: Any, **values: Any) -> dict[str, Any]:
    return {"id": id_, "type": "contact", "attributes": {"email": f"zoe{id_}@example.com", **values}}


def _list(*ids: Any, total: int | None = None) -> dict[str, Any]:
    return {
        "data": [_contact(id_) for id_ in ids],
        "meta": {"total_results": len(ids) if total is None else total},
    }


async def _all(pages: Any) -> list[Record]:
    return [record async for page in pages for record in page]


# keys


@pytest.mark.parametrize(
    ("endpoint", "query", "signature"),
    [
        (
            "content_web_forms",
            "sort_by=title&sort_dir=asc&page=1&per_page=20",
            "iVpt/SZw0mf+C78Y8asa84GJaxvfeS4eLZjWmU8wRds=",
        ),
        ("analytics_script", "", "ht9i9O8lAmQTp+pp7O2iU+1nkFQEfpBG+w9MbWng3tc="),
    ],
)
def test_signature_vectors(endpoint: str, query: str, signature: str) -> None:
    """Reference plezi-api 4.4: the separator is a backslash and an n, two characters."""
    scheme = load_profile("brain-v1").authentication
    header = authorization(scheme, "PUBLIC", "SECRET", f"/api/v1/{endpoint}", query, 1_700_000_000)
    assert header == (f"plezi id=PUBLIC,algo=hmac-sha256,nonce=WP-PLEZI,signature={signature},ts=1700000000")


async def test_what_is_signed_is_what_is_sent() -> None:
    """The vector of the forms list, through the whole client: order, encoding, constants, time."""
    page = {
        "data": [{"id": "u-1", "attributes": {"title": "Demande de devis"}}],
        "meta": {"total_results": 1},
    }
    api = Script(answer(200, page))
    client = _client(api, "brain-v1", "https://brain.plezi.co", clock=FakeClock(1_700_000_000))
    assert await client.forms() == [("u-1", "Demande de devis")]
    (request,) = api.requests
    assert str(request.url).endswith(
        "/api/v1/content_web_forms?sort_by=title&sort_dir=asc&page=1&per_page=20"
    )
    assert "signature=iVpt/SZw0mf+C78Y8asa84GJaxvfeS4eLZjWmU8wRds=" in request.headers["X-AUTHORIZATION"]


async def test_a_second_attempt_is_signed_anew() -> None:
    """A retry minutes later must not carry an old time."""
    api = Script(answer(429), answer(200, {"data": []}))
    await _client(api, "brain-v1", "https://brain.plezi.co").forms()
    first, second = (request.headers["X-AUTHORIZATION"] for request in api.requests)
    assert first != second


async def test_the_key_check_carries_its_keys_in_the_body_only() -> None:
    """POST api_keys/authenticate is not signed (reference plezi-api 4.1), and is asked once."""
    api = Script(answer(200, {}))
    client = _client(api, "brain-v1", "https://brain.plezi.co")
    account = await client.account()
    await client.account()
    (request,) = api.requests
    assert dict(parse_qsl(request.content.decode())) == {"client_id": "PUBLIC", "client_secret": "SECRET"}
    assert "X-AUTHORIZATION" not in request.headers
    assert account.id == "Société Dupré"


async def test_an_account_without_a_tenant_is_named_by_a_digest() -> None:
    """The current generation knows no tenant: state is bound to the key pair, and does not hold the key."""
    keys = PleziCredentials(public_key="PUBLIC", secret_key="SECRET")
    client = open_plezi(keys, "brain-v1", clock=FakeClock(), transport=Script(answer(200, {})))
    assert (await client.account()).id == f"key-{hashlib.sha256(b'PUBLIC').hexdigest()[:16]}"


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_keys(status: int) -> None:
    """Neither status is documented: both say that the keys are refused."""
    api = Script(answer(status, {"errors": [{"title": "Unauthorized", "detail": "no valid pair"}]}))
    with pytest.raises((errors.Unauthorised, errors.Forbidden), match="no valid pair"):
        await _client(api, "brain-v1", "https://brain.plezi.co").account()


async def test_the_header_pair_may_hold_accents() -> None:
    """X-Tenant-Company is a company's NAME (reference plezi-api 3.1)."""
    api = Script(answer(200, {"data": {"id": "t1", "attributes": {"name": "Dupré"}}}))
    await _client(api).account()
    (request,) = api.requests
    raw = dict(request.headers.raw)
    assert raw[b"X-Tenant-Company"].decode() == "Société Dupré"
    assert raw[b"X-API-Key"] == b"k" * 32


@pytest.mark.parametrize(
    ("profile", "keys", "missing"),
    [
        ("app-v1", PleziCredentials(api_key="k"), "plezi.tenant"),
        ("app-v1", PleziCredentials("Acme"), "plezi.api_key"),
        ("brain-v1", PleziCredentials("Acme", "k", "p"), "plezi.secret_key"),
    ],
)
def test_missing_keys(profile: str, keys: PleziCredentials, missing: str) -> None:
    """Said before any request, by the setting's name."""
    with pytest.raises(errors.SettingsError, match=missing):
        open_plezi(keys, profile)


def test_no_address() -> None:
    """The sandbox's profile has none: its port is another one every time."""
    with pytest.raises(errors.SettingsError, match=r"plezi\.url"):
        open_plezi(KEYS, "sandbox")


@pytest.mark.parametrize(
    "given", [{"api_key": "a\nb"}, {"secret_key": "clé"}, {"tenant": "a\r\nX-Evil: 1"}, {"api_key": "a\x7f"}]
)
def test_keys_that_no_header_can_carry(given: dict[str, str]) -> None:
    """A key copied with a line break is refused without being shown."""
    with pytest.raises(errors.SettingsError) as caught:
        PleziCredentials(**given)
    assert next(iter(given.values())) not in str(caught.value)


def test_keys_are_not_shown() -> None:
    """Repr says that they are there; the tenant is no key."""
    assert repr(KEYS) == "PleziCredentials(api_key=***, public_key=***, secret_key=***)"
    assert repr(PleziCredentials()) == "PleziCredentials(api_key=, public_key=, secret_key=)"


# form submissions


async def test_a_submission_on_the_wire(tmp_path: Path) -> None:
    """One GET: form ids, plain text, several options joined by a bare comma, empty values left out (7.3, [code])."""
    api = Script(answer(201, {"anything": "is not read"}))
    made = await _client(api, _ours(tmp_path), "https://app.plezi.co").create(
        {
            "email": "zoe@example.com",
            "first_name": "Zoé & Co",
            "plz_centres_d_interet": ["crm", "evenements"],
            "plz_partenaire": True,
            "plz_ca": 12,
            "last_name": None,
            "company": "  ",
        }
    )
    (request,) = api.requests
    assert request.method == "GET"
    assert request.url.query.decode() == (
        "keep_multiple_select_values=true&form_id=123456789012345678901234&content_web_form_id=cwf-1"
        "&email=zoe%40example.com&first_name=Zo%C3%A9%20%26%20Co&plz_centres_d_interet=crm,evenements"
        "&plz_partenaire=true&plz_ca=12"
    )
    assert (made.id, made.values) == ("", {})


@pytest.mark.parametrize("reply", [answer(200, {}), answer(201), html(), httpx.Response(200, content=b"")])
async def test_the_body_of_a_success_is_not_read(tmp_path: Path, reply: httpx.Response) -> None:
    """Its shape is unknown (reference plezi-api 3.1): whatever it is, the status decides."""
    await _client(Script(reply), _ours(tmp_path), "https://app.plezi.co").create({"email": "zoe@example.com"})


@pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), answer(500), answer(502)])
async def test_a_submission_is_never_repeated(tmp_path: Path, failure: Any) -> None:
    """It is a GET, and still a write with side effects: one request, AnswerLost."""
    api = Script(failure, answer(200))
    with pytest.raises(errors.AnswerLost):
        await _client(api, _ours(tmp_path), "https://app.plezi.co").create({"email": "zoe@example.com"})
    assert len(api.requests) == 1


async def test_a_refused_submission(tmp_path: Path) -> None:
    """errors[].detail is what the person sees."""
    api = Script(answer(422, {"errors": [{"title": "Refused", "detail": "email is not valid"}]}))
    with pytest.raises(errors.Rejected, match="email is not valid"):
        await _client(api, _ours(tmp_path), "https://app.plezi.co").create({"email": "x"})


@pytest.mark.parametrize("value", [["a,b", "c"], {"value": 1}, "Zo \ud83d"])
async def test_values_that_a_query_cannot_carry(tmp_path: Path, value: Any) -> None:
    """An option with a comma could not be told from two; objects and half an emoji have no known form. Nothing is sent."""
    api = Script(answer(200))
    with pytest.raises(errors.Rejected):
        await _client(api, _ours(tmp_path), "https://app.plezi.co").create(
            {"email": "zoe@example.com", "plz_x": value}
        )
    assert api.requests == []


@pytest.mark.parametrize("left_out", ["side_effects_accepted: true\n", "form: "])
async def test_both_permission_and_form_are_needed(tmp_path: Path, left_out: str) -> None:
    """Without either, creating is unsupported, in the capabilities and in the call."""
    text = "".join(line + "\n" for line in OURS.splitlines() if not (line + "\n").startswith(left_out))
    api = Script(answer(200))
    client = _client(api, _ours(tmp_path, text), "https://app.plezi.co")
    assert not (await client.schema()).capabilities.create
    with pytest.raises(errors.Unsupported, match="counts as a form submission"):
        await client.create({"email": "zoe@example.com"})
    assert api.requests == []


async def test_app_v1_needs_no_request_to_say_what_it_knows() -> None:
    """No call reads anything: account from the settings, fields from the profile, with R6 fields read-only."""
    api = Script(answer(500))
    schema = await _client(api, "app-v1", "https://app.plezi.co").schema()
    assert api.requests == []
    assert schema.account.id == "Société Dupré"
    by_code = schema.by_code
    assert {c for c, f in by_code.items() if not f.writable} == {
        "behaviour_score",
        "state",
        "source",
        "plezi_url",
    }
    assert by_code["email"].kind is Kind.EMAILS
    assert by_code["email"].required


# lists


async def test_pages_until_the_total() -> None:
    """Pages from 1; the total decides when it is over."""
    api = Script(answer(200, _list("a", "b", total=3)), answer(200, _list("c", total=3)))
    client = _client(api)
    assert [r.id for r in await _all(client.pages())] == ["a", "b", "c"]
    assert [dict(r.url.params)["page"] for r in api.requests] == ["1", "2"]


async def test_a_deletion_while_reading_loses_nobody() -> None:
    """A contact deleted meanwhile moves an unread one to a page already read: the list is read again for what is new."""
    api = Script(
        answer(200, _list("a", "b", total=4)),
        answer(200, _list("d", total=3)),  # 'a' was deleted, 'c' slipped to page 1
        answer(200, _list("b", "c", total=3)),
        answer(200, _list("d", total=3)),
    )
    assert [r.id for r in await _all(_client(api).pages())] == ["a", "b", "d", "c"]


async def test_a_list_that_never_keeps_still() -> None:
    """After some tries it is said that this read is not complete, instead of passing it off as one."""
    replies = [answer(200, _list(f"a{n}", f"b{n}", total=40 - n)) for n in range(40)]
    with pytest.raises(errors.BadAnswer, match="changed too much"):
        await _all(_client(Script(*replies, answer(200, _list(total=0)))).pages())


async def test_the_same_page_again_and_again() -> None:
    """A service that ignores the page number is an error, not a loop."""
    with pytest.raises(errors.BadAnswer, match="same page twice"):
        await _all(_client(Script(answer(200, _list("a", "b", total=10)))).pages())


async def test_paging_by_offset_without_a_total(tmp_path: Path) -> None:
    """As a third party describes it: limit and offset; a page that is not full is the last."""
    text = OURS + (
        "calls:\n  list:\n    method: GET\n    path: /api/v1/contacts\n"
        "    paging: {by: offset, parameter: offset, size_parameter: limit, size: 2}\n"
        "    answer: {items: contacts, id: _id, values: '', updated_at: changed}\n"
        "    evidence: {mark: live, source: x}\n"
    )
    text = text.replace("values: ''", "values: fields")
    pages = [
        {"contacts": [{"_id": n, "fields": {"email": "x"}, "changed": "t"} for n in part]}
        for part in ((1, 2), (3,))
    ]
    api = Script(*(answer(200, page) for page in pages))
    records = await _all(_client(api, _ours(tmp_path, text), "https://app.plezi.co").pages())
    assert [(r.id, r.values, r.updated_at) for r in records] == [
        (str(n), {"email": "x"}, "t") for n in (1, 2, 3)
    ]
    assert [dict(r.url.params) for r in api.requests] == [
        {"offset": "0", "limit": "2"},
        {"offset": "2", "limit": "2"},
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"data": "many"},
        {},
        [],
        {"data": [{"attributes": {}}]},
        {"data": [{"id": True, "attributes": {}}]},
        {"data": [{"id": "a"}]},
        {"data": [7]},
        {"data": [None]},
    ],
)
async def test_contacts_of_another_shape(body: Any) -> None:
    """What does not lie where the profile says is a BadAnswer that names the profile."""
    with pytest.raises(errors.BadAnswer, match="read contacts") as caught:
        await _all(_client(Script(answer(200, body))).pages())
    assert "'sandbox'" in caught.value.next_step


async def test_ids_cannot_leave_their_place_in_a_path() -> None:
    """An id out of a file is one segment, whatever it holds."""
    api = Script(answer(200, {"data": _contact("x")}))
    client = _client(api)
    await client.update("../account?x=1#y", {"first_name": "Z"})
    assert api.requests[-1].url.raw_path == b"/api/sandbox/v1/contacts/..%2Faccount%3Fx%3D1%23y"
    with pytest.raises(errors.NotFound):
        await client.update("..", {"first_name": "Z"})


async def test_emptying_is_null() -> None:
    """Blank text and empty lists are null on the wire; on a create they are not sent at all."""
    api = Script(answer(200, {"data": _contact("x")}))
    client = _client(api)
    await client.update("x", {"a": "", "b": [], "c": None, "d": 0, "e": False})
    await client.create({"a": "", "b": [], "c": None, "d": 0, "e": False})
    assert api.bodies == [{"a": None, "b": None, "c": None, "d": 0, "e": False}, {"d": 0, "e": False}]


async def test_probing_candidates_asks_for_one_contact_and_keeps_nothing() -> None:
    """GET only, page size one; each outcome in words."""
    api = Script(answer(404, {"errors": [{"title": "Not Found"}]}), answer(200, {"data": [_contact("a")]}))
    outcomes = await _client(api, "app-v1", "https://app.plezi.co").probe()
    assert set(outcomes) == {"list", "list_by_offset"}
    assert "404" in outcomes["list"]
    assert outcomes["list_by_offset"] == "answers: a list of 1"
    assert {request.method for request in api.requests} == {"GET"}
    assert [dict(r.url.params).get("per_page") or dict(r.url.params)["limit"] for r in api.requests] == [
        "1",
        "1",
    ]
