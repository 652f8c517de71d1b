"""Pipedrive on the wire: bodies, fields, cursors. What a server has to remember is tested against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from pdsync import errors
from pdsync.clients import PipedriveCredentials, open_pipedrive
from pdsync.clients.pipedrive import PipedriveClient
from pdsync.model import Kind, Record, Side
from tests.clients.fakes import ACME, TOKEN, FakeClock, Script, answer, html
from tests.clients.persons import (
    FIELDS,
    INTERESTS,
    ME,
    NOTE,
    SECTOR,
    TURNOVER,
    field,
    fields_page,
    page,
    person,
)

Routes = Mapping[str, list[httpx.Response]]


class Api(Script):
    """Answers by ``METHOD path``, each list in order; the last answer stays."""

    def __init__(self, routes: Mapping[str, Any] | None = None) -> None:
        super().__init__(self._routed)
        given = {"GET /api/v1/users/me": ME, "GET /api/v2/personFields": fields_page(), **(routes or {})}
        self.routes: dict[str, list[Any]] = {k: v if isinstance(v, list) else [v] for k, v in given.items()}

    def _routed(self, request: httpx.Request) -> httpx.Response:
        replies = self.routes[f"{request.method} {request.url.path}"]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply if isinstance(reply, httpx.Response) else answer(200, reply)

    def asked(self, path: str) -> list[dict[str, str]]:
        """The query of each request to a path."""
        return [dict(request.url.params) for request in self.requests if request.url.path == path]


def client(api: httpx.AsyncBaseTransport, url: str = ACME) -> PipedriveClient:
    """A client of acme.pipedrive.com over a transport."""
    return open_pipedrive(PipedriveCredentials(TOKEN), url, plan="ultimate", clock=FakeClock(), transport=api)


async def _all(pages: Any) -> list[Record]:
    return [record async for page in pages for record in page]


# addresses and accounts


@pytest.mark.parametrize(
    ("given", "v1"),
    [
        ("https://acme.pipedrive.com", "https://acme.pipedrive.com/api/v1/users/me"),
        ("https://acme.pipedrive.com/api/v2", "https://acme.pipedrive.com/api/v1/users/me"),
        ("https://acme.pipedrive.com/api/v2/", "https://acme.pipedrive.com/api/v1/users/me"),
        ("https://api.pipedrive.com", "https://api.pipedrive.com/v1/users/me"),
        ("https://api.pipedrive.com/v1", "https://api.pipedrive.com/v1/users/me"),
        ("http://127.0.0.1:8012", "http://127.0.0.1:8012/api/v1/users/me"),
    ],
)
async def test_base_addresses(given: str, v1: str) -> None:
    """Company domain or api.pipedrive.com, with or without the path; v1 lives elsewhere on each (reference 1.4)."""
    api = Api({"GET /v1/users/me": ME})
    await client(api, given).account()
    assert [str(request.url) for request in api.requests] == [v1]


async def test_token_is_in_the_header_and_nowhere_else() -> None:
    """x-api-token; tokens in a query leak into logs (reference 1.4)."""
    api = Api()
    await client(api).schema()
    assert {request.headers["x-api-token"] for request in api.requests} == {TOKEN}
    assert all(TOKEN not in str(request.url) for request in api.requests)


async def test_account_is_asked_once() -> None:
    """One users/me (2 tokens), however often it is needed."""
    api = Api()
    pipedrive = client(api)
    account = await pipedrive.account()
    await pipedrive.schema()
    await pipedrive.schema()
    assert account == (await pipedrive.schema()).account
    assert (account.id, account.name, account.domain) == ("54235233", "Acme SAS", "acme.pipedrive.com")
    assert [request.url.path for request in api.requests] == ["/api/v1/users/me", "/api/v2/personFields"]


@pytest.mark.parametrize(
    ("me", "sees"),
    [
        ({"access": [{"app": "global", "admin": True}]}, True),
        ({"access": [{"app": "sales", "admin": True}]}, True),
        ({"access": [{"app": "account_settings", "admin": True}]}, False),
        ({"access": [{"app": "sales", "admin": False}]}, False),
        ({"access": None, "is_admin": 1}, True),
        ({"access": None, "is_admin": 0}, False),
        ({"access": "odd"}, False),
        ({"access": ["odd"]}, False),
    ],
)
async def test_only_an_administrators_token_sees_everything(me: dict[str, Any], sees: bool) -> None:
    """Any other token's read is partial, and nothing in the answers says so (reference 1.4)."""
    api = Api({"GET /api/v1/users/me": {"data": {"company_id": 1, "company_domain": "acme", **me}}})
    assert (await client(api).account()).sees_everything is sees


async def test_a_token_of_another_company_is_refused() -> None:
    """The token decides whose data is answered, so the address must be that company's."""
    api = Api({"GET /api/v1/users/me": {"data": {"company_id": 1, "company_domain": "other"}}})
    with pytest.raises(errors.AccountMismatch, match=r"belongs to other\.pipedrive\.com"):
        await client(api).account()


@pytest.mark.parametrize("reply", [answer(404), html(), httpx.Response(301, headers={"location": "/x"})])
async def test_an_address_that_is_not_pipedrives(reply: httpx.Response) -> None:
    """One clear message instead of a stack of JSON errors."""
    with pytest.raises(errors.BadAnswer) as caught:
        await client(Api({"GET /api/v1/users/me": reply})).account()
    assert "acme.pipedrive.com" in caught.value.message
    assert "pipedrive.url" in caught.value.next_step


def test_an_unknown_plan() -> None:
    """The plan decides the pace; a misspelt one is not guessed."""
    with pytest.raises(errors.SettingsError, match="lite, growth, premium, ultimate"):
        open_pipedrive(PipedriveCredentials(TOKEN), ACME, plan="gold")


# fields


async def test_fields_in_our_words() -> None:
    """Kinds, options as text, what can be written and emptied, longest text."""
    schema = await client(Api()).schema()
    kinds = {f.code: f.kind for f in schema.fields}
    assert kinds["email"] is Kind.EMAILS
    assert kinds["phone"] is Kind.PHONES
    assert kinds["label_ids"] is Kind.OPTIONS
    assert kinds["owner_id"] is Kind.REFERENCE
    assert (kinds[SECTOR], kinds[INTERESTS], kinds[NOTE], kinds[TURNOVER]) == (
        Kind.OPTION,
        Kind.OPTIONS,
        Kind.TEXT,
        Kind.NUMBER,
    )
    sector = schema.by_code[SECTOR]
    assert [(o.id, o.label) for o in sector.options] == [("35", "Énergie"), ("36", "Banque")]
    assert sector.custom
    assert sector.clearable
    assert schema.by_code[NOTE].max_length == 65_535
    assert schema.by_code["first_name"].max_length == 255
    assert not schema.by_code["first_name"].clearable, (
        "emptying a standard field was never seen to work (2.6)"
    )
    assert not schema.by_code["update_time"].writable
    assert "open_deals_count" not in schema.by_code, "answered only when asked for, so it is not read"


async def test_fields_that_the_list_forgets() -> None:
    """What every person carries is a field, even if the list does not name it."""
    schema = await client(
        Api({"GET /api/v2/personFields": fields_page(field("name", "Nom", "varchar"))})
    ).schema()
    assert schema.by_code["name"].name == "Nom"
    assert {"first_name", "last_name", "email", "phone", "label_ids", "owner_id"} <= set(schema.by_code)


@pytest.mark.parametrize("type_", ["json", "price_list", "projects_phase", "something_new", ""])
async def test_unknown_types_do_not_crash(type_: str) -> None:
    """A type that this version does not know is read and never written (reference 2.11)."""
    row = field("9" * 40, "?", type_)
    schema = await client(Api({"GET /api/v2/personFields": fields_page(row)})).schema()
    assert schema.by_code["9" * 40].kind is Kind.OTHER
    assert not schema.by_code["9" * 40].writable


async def test_odd_rows_of_the_field_list() -> None:
    """Option ids may be words, is_writable may say no, a code may come twice, and unknown keys are nothing to us."""
    rows = [
        field(
            "5" * 40,
            "A",
            "enum",
            options=[{"id": "open", "label": "Open", "color": "red"}],
            is_writable=False,
        ),
        field("5" * 40, "A again", "text"),
    ]
    schema = await client(Api({"GET /api/v2/personFields": fields_page(*rows)})).schema()
    field_a = schema.by_code["5" * 40]
    assert (field_a.name, field_a.options[0].id, field_a.writable) == ("A", "open", False)


async def test_field_list_in_pages() -> None:
    """ceil(fields/500) calls: the cursor is followed."""
    pages = [fields_page(*FIELDS[:5], cursor="c1"), fields_page(*FIELDS[5:])]
    api = Api({"GET /api/v2/personFields": pages})
    schema = await client(api).schema()
    assert {f["field_code"] for f in FIELDS} - {"open_deals_count"} <= set(schema.by_code)
    assert api.asked("/api/v2/personFields") == [{"limit": "500"}, {"limit": "500", "cursor": "c1"}]


# records


async def test_values_are_keyed_by_field_code() -> None:
    """Emails under 'email', custom fields flat, values as delivered, ids as text."""
    (record,) = await _all(client(Api({"GET /api/v2/persons": page(person(7))})).pages())
    assert (record.side, record.id, record.updated_at) == (Side.PIPEDRIVE, "7", None)
    assert record.values["email"] == [{"label": "work", "value": "zoe7@example.com", "primary": True}]
    assert record.values["phone"] == []
    assert (record.values[SECTOR], record.values[INTERESTS]) == (35, [40, 41])
    assert record.values[NOTE] is None
    assert record.values[TURNOVER] == 0
    assert "emails" not in record.values
    assert "custom_fields" not in record.values


async def test_what_was_not_answered_is_missing_and_not_empty() -> None:
    """A key that is absent, and custom fields that are null as a whole, were not read."""
    bare = {"id": 1, "custom_fields": None, "emails": None}
    (record,) = await _all(client(Api({"GET /api/v2/persons": page(bare)})).pages())
    assert record.values == {"email": None}


@pytest.mark.parametrize("key", ["im", "ims"])
async def test_messengers_under_either_key(key: str) -> None:
    """The schema says im, its text says ims: both are accepted (reference 2.1)."""
    api = Api(
        {
            "GET /api/v2/personFields": fields_page(field("im", "Messenger", "varchar")),
            "GET /api/v2/persons": page({"id": 1, key: [{"value": "zoe"}]}),
        }
    )
    (record,) = await _all(client(api).pages())
    assert record.values == {"im": [{"value": "zoe"}]}


async def test_deleted_persons_are_absent() -> None:
    """A soft-deleted person may be answered for 30 days (reference 6.4)."""
    api = Api(
        {
            "GET /api/v2/persons": page(person(1, is_deleted=True), person(2)),
            "GET /api/v2/persons/1": {"data": person(1, is_deleted=True)},
            "PATCH /api/v2/persons/1": {"data": person(1, is_deleted=True)},
        }
    )
    pipedrive = client(api)
    assert [record.id for record in await _all(pipedrive.pages())] == ["2"]
    assert await pipedrive.read(["1"]) == {}
    with pytest.raises(errors.NotFound):
        await pipedrive.update("1", {"last_name": "X"})


@pytest.mark.parametrize("data", [[{"name": "no id"}], [{"id": "seven"}], "persons", {"id": 1}, [[]]])
async def test_persons_of_another_shape(data: Any) -> None:
    """A person has a number for an id; a list is a list."""
    with pytest.raises(errors.BadAnswer):
        await _all(client(Api({"GET /api/v2/persons": {"data": data}})).pages())


# lists


async def test_a_full_read_follows_cursors() -> None:
    """limit=500, sort_by=id; until next_cursor is null, or additional_data is missing."""
    for last in (page(person(3)), {"data": [person(3)]}, {"data": [person(3)], "additional_data": None}):
        api = Api({"GET /api/v2/persons": [page(person(1), person(2), cursor="n1"), last]})
        assert [record.id for record in await _all(client(api).pages())] == ["1", "2", "3"]
        assert api.asked("/api/v2/persons") == [
            {"limit": "500", "sort_by": "id"},
            {"limit": "500", "sort_by": "id", "cursor": "n1"},
        ]


async def test_no_record_twice() -> None:
    """Pages that overlap, as they may while records are touched, give each record once."""
    api = Api({"GET /api/v2/persons": [page(person(1), person(2), cursor="n"), page(person(2), person(3))]})
    assert [record.id for record in await _all(client(api).pages())] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "pages",
    [
        [page(person(1), cursor="same")],
        [page(person(1), cursor="a"), page(person(1), cursor="b"), page(person(1), cursor="c")],
        [page(person(2), cursor="a"), page(person(1), cursor="b"), page(person(2), cursor="c")],
        [page(cursor=f"c{n}") for n in range(40)],
    ],
    ids=["same cursor", "same page", "going back", "only empty pages"],
)
async def test_endless_lists_end(pages: list[Any]) -> None:
    """A cursor that never ends is an error, not a loop (reference 9: Prism answers so)."""
    with pytest.raises(errors.BadAnswer, match="never end"):
        await _all(client(Api({"GET /api/v2/persons": pages})).pages())


async def test_a_cursor_that_expired() -> None:
    """A 400 with a cursor starts the list again behind what was read (reference 6.13); one at once again does not."""
    refused = answer(400, {"error": "Validation failed: cursor: is not valid"})
    first, second = page(person(1), person(2), cursor="n1"), page(person(3))
    api = Api({"GET /api/v2/persons": [first, refused, first, second]})
    assert [record.id for record in await _all(client(api).pages())] == ["1", "2", "3"]
    api = Api({"GET /api/v2/persons": [first, refused, first, refused]})
    with pytest.raises(errors.Rejected):
        await _all(client(api).pages())
    api = Api({"GET /api/v2/persons": refused})
    with pytest.raises(errors.Rejected):
        await _all(client(api).pages())


async def test_increments_are_changes_and_new_persons() -> None:
    """updated_since in whole seconds, inclusive; then ids from the top down to the highest known (design 6, Absence)."""
    changed = page(
        person(2, update_time="2026-09-01T10:00:00Z"), person(9, update_time="2026-09-01T10:00:01Z")
    )
    api = Api(
        {
            "GET /api/v2/persons": [
                changed,
                page(person(10), person(9), cursor="n"),
                page(person(8), person(7)),
            ]
        }
    )
    since = datetime(2026, 9, 1, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    records = await _all(client(api).pages(since=since, known_highest_id="8"))
    assert [record.id for record in records] == ["2", "9", "10"], "9 is in both lists, and comes once"
    assert api.asked("/api/v2/persons") == [
        {"limit": "500", "sort_by": "update_time", "updated_since": "2026-09-01T10:00:00Z"},
        {"limit": "500", "sort_by": "id", "sort_direction": "desc"},
        {"limit": "500", "sort_by": "id", "sort_direction": "desc", "cursor": "n"},
    ]


async def test_without_a_known_highest_id_everything_is_read() -> None:
    """Else a new person without update_time could be missed in silence."""
    api = Api({"GET /api/v2/persons": page(person(1))})
    await _all(client(api).pages(since=datetime.now(UTC)))
    assert api.asked("/api/v2/persons") == [{"limit": "500", "sort_by": "id"}]


async def test_newest_first() -> None:
    """How a lost create is found: add_time descending."""
    api = Api({"GET /api/v2/persons": page(person(9), person(8))})
    assert [record.id for record in await _all(client(api).newest())] == ["9", "8"]
    assert api.asked("/api/v2/persons") == [{"limit": "500", "sort_by": "add_time", "sort_direction": "desc"}]


async def test_marketing_fields_only_with_the_campaigns_app() -> None:
    """include_fields is sent only where the field list shows that the account has them."""
    rows = [*FIELDS, field("marketing_status", "Marketing status", "enum", is_optional_response_field=True)]
    api = Api(
        {
            "GET /api/v2/personFields": fields_page(*rows),
            "GET /api/v2/persons": page(person(1, marketing_status="unsubscribed")),
            "GET /api/v2/persons/1": {"data": person(1, marketing_status="unsubscribed")},
        }
    )
    pipedrive = client(api)
    (record,) = await _all(pipedrive.pages())
    assert record.values["marketing_status"] == "unsubscribed"
    assert (await pipedrive.read(["1"]))["1"].values["marketing_status"] == "unsubscribed"
    options = (await pipedrive.schema()).by_code["marketing_status"].options
    assert [o.id for o in options] == ["no_consent", "unsubscribed", "subscribed", "archived"]
    assert {
        q.get("include_fields") for q in api.asked("/api/v2/persons") + api.asked("/api/v2/persons/1")
    } == {"marketing_status"}


# writes


async def _written(values: dict[str, Any]) -> Any:
    api = Api({"PATCH /api/v2/persons/1": {"data": person(1)}})
    await client(api).update("1", values)
    (body,) = api.bodies
    return body


async def test_a_body_holds_exactly_what_was_given() -> None:
    """Codes become keys; custom fields nest; numbers are numbers; nothing else is sent."""
    body = await _written(
        {
            "first_name": "Zoé",
            "last_name": "O'Brien",
            "email": [{"value": "zoe@example.com", "primary": True, "label": "work"}],
            "label_ids": ["1"],
            "owner_id": "7001",
            SECTOR: "36",
            INTERESTS: [41, "40"],
            TURNOVER: 0,
        }
    )
    assert body == {
        "first_name": "Zoé",
        "last_name": "O'Brien",
        "emails": [{"value": "zoe@example.com", "primary": True, "label": "work"}],
        "label_ids": [1],
        "owner_id": 7001,
        "custom_fields": {SECTOR: 36, INTERESTS: [41, 40], TURNOVER: 0},
    }


@pytest.mark.parametrize("empty", [None, "", "  ", [], "\u00a0"])
@pytest.mark.parametrize("code", [SECTOR, INTERESTS, NOTE, TURNOVER])
async def test_emptying_a_custom_field_is_null(code: str, empty: Any) -> None:
    """Never [] for a set, which is a validation error (reference 2.4)."""
    assert await _written({code: empty}) == {"custom_fields": {code: None}}


@pytest.mark.parametrize("code", ["email", "phone", "label_ids"])
async def test_lists_are_replaced_whole(code: str) -> None:
    """Pipedrive's own lists take [] (reference 2.2)."""
    assert await _written({code: None}) == {{"email": "emails", "phone": "phones"}.get(code, code): []}


async def test_only_the_known_parts_of_an_entry_are_sent_back() -> None:
    """v2 refuses unknown keys and takes objects only."""
    body = await _written(
        {"email": [{"value": "a@example.com", "primary": False, "label": "", "id": 3}, "b@example.com"]}
    )
    assert body == {
        "emails": [{"value": "a@example.com", "primary": False, "label": ""}, {"value": "b@example.com"}]
    }


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"nothing": 1}, "has no field 'nothing'"),
        ({"update_time": "2026-01-01T00:00:00Z"}, "does not let anybody write 'update_time'"),
        ({"first_name": None}, "Emptying 'First name'"),
        ({"owner_id": None}, "Emptying 'Owner'"),
    ],
)
async def test_what_cannot_be_written_is_not_sent(values: dict[str, Any], says: str) -> None:
    """Unsupported, before any request."""
    api = Api()
    with pytest.raises(errors.Unsupported, match=says):
        await client(api).update("1", values)
    assert {request.method for request in api.requests} == {"GET"}


@pytest.mark.parametrize("record_id", ["1/merge", "..", "", "٣", "1?x=1"])
async def test_only_numbers_become_part_of_a_path(record_id: str) -> None:
    """Ids come out of files; none may reach another route."""
    api = Api()
    pipedrive = client(api)
    with pytest.raises(errors.NotFound):
        await pipedrive.update(record_id, {"last_name": "X"})
    await pipedrive.delete(record_id)
    assert await pipedrive.read([record_id]) == {}
    assert await pipedrive.read([f"{n}{record_id}&" for n in range(12)]) == {}
    assert {request.url.path for request in api.requests} == {
        "/api/v1/users/me",
        "/api/v2/personFields",
    } or not api.requests


async def test_a_lost_create_is_told_apart() -> None:
    """The one error after which the engine looks before it does anything else."""
    api = Api()
    api.routes["POST /api/v2/persons"] = [html()]
    with pytest.raises(errors.AnswerLost):
        await client(api).create({"first_name": "Zoé"})
    assert [request.method for request in api.requests].count("POST") == 1


async def test_owners_by_address() -> None:
    """Whatever its case; users that left are nobody; empty when there is none."""
    users = [
        {"id": 1, "email": "gone@example.com", "active_flag": False},
        {"id": 2, "email": "Florent@Example.com", "active_flag": True},
        {"id": 3, "email": None},
    ]
    pipedrive = client(Api({"GET /api/v1/users": {"data": users}}))
    assert await pipedrive.owner_id(" florent@example.com") == "2"
    assert await pipedrive.owner_id("gone@example.com") == ""


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"creates": 2, "updates": 3, "reads": 0}, (5, 25)),
        ({"creates": 0, "updates": 0, "reads": 9}, (9, 9)),
        ({"creates": 0, "updates": 0, "reads": 10}, (1, 10)),
        ({"creates": 0, "updates": 0, "reads": 205}, (7, 25)),
        ({"creates": 0, "updates": 0, "reads": 250, "deletes": 2}, (5, 36)),
        ({"creates": 0, "updates": 0, "reads": 0, "lists_longer": 2}, (4, 12)),
        ({"creates": 0, "updates": 0, "reads": 0, "lists_shorter": 1, "looked_through": 1001}, (5, 34)),
    ],
)
def test_cost(parts: dict[str, int], expected: tuple[int, int]) -> None:
    """Requests and tokens by the cost table (reference 1.1, 1.2): 5 a write, 3 a delete, 10 a page, 1 a single read."""
    assert client(Api()).cost(**parts) == expected


# lists

OPTIONS = f"/api/v2/personFields/{SECTOR}/options"


async def test_options_go_as_an_array_and_come_back_with_ids() -> None:
    """[spec] 1.2: labels in order, all in one request; what is answered are the touched options."""
    api = Api({f"POST {OPTIONS}": {"data": [{"id": 71, "label": "Bois"}, {"id": 72, "label": "<b>\u2028é"}]}})
    found = await client(api).add_options(SECTOR, ["Bois", "<b>\u2028é"])
    assert [(one.id, one.label) for one in found] == [("71", "Bois"), ("72", "<b>\u2028é")]
    (request,) = api.requests
    assert json.loads(request.content) == [{"label": "Bois"}, {"label": "<b>\u2028é"}]


async def test_options_are_taken_off_by_number() -> None:
    """One DELETE with a body; an id that is no number is not sent."""
    api = Api({f"DELETE {OPTIONS}": {"data": []}})
    await client(api).remove_options(SECTOR, ["71", "72"])
    (request,) = api.requests
    assert (request.method, json.loads(request.content)) == ("DELETE", [{"id": 71}, {"id": 72}])
    with pytest.raises(errors.NotFound):
        await client(api).remove_options(SECTOR, ["71; x"])
    assert len(api.requests) == 1


@pytest.mark.parametrize("code", ["../persons/1", "a/b", "", "é", "x?y"])
async def test_nothing_but_a_word_becomes_part_of_a_path(code: str) -> None:
    """A code comes out of plans and journals."""
    api = Api()
    assert await client(api).options(code) is None
    with pytest.raises(errors.NotFound):
        await client(api).add_options(code, ["x"])
    assert api.requests == []


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
async def test_a_change_of_a_list_is_never_sent_twice(verb: str) -> None:
    """The second time it would make an option twice, or be refused because it is gone: the engine looks instead."""
    api = Api({f"{verb} {OPTIONS}": answer(502, {})})
    with pytest.raises(errors.AnswerLost):
        await (
            client(api).add_options(SECTOR, ["Bois"])
            if verb == "POST"
            else client(api).remove_options(SECTOR, ["71"])
        )
    assert len(api.requests) == 1


async def test_the_fields_are_read_again_after_a_list_changed() -> None:
    """By the next who asks for them; records are read and written with what is known meanwhile."""
    api = Api({f"POST {OPTIONS}": {"data": [{"id": 71, "label": "Bois"}]}, "GET /api/v2/persons": page()})
    pipedrive = client(api)
    first = await pipedrive.schema()
    await pipedrive.add_options(SECTOR, ["Bois"])
    assert await _all(pipedrive.pages()) == []
    assert len(api.asked("/api/v2/personFields")) == 1
    assert await pipedrive.schema() is not first
    assert await pipedrive.schema() is await pipedrive.schema()
    assert len(api.asked("/api/v2/personFields")) == 2
