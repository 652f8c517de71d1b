from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import OWNER, V2, make_field, make_person
from tests.sandbox.pipedrive.test_persons import patch, refusal
from tests.sandbox_process import SandboxProcess

PERSONS = f"{V2}/persons"


def page(client: httpx.Client, **params: Any) -> tuple[list[int], str | None]:
    """The ids of a page and its cursor."""
    answer = client.get(PERSONS, params=params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.keys() == {"success", "data", "additional_data"}, "no total count anywhere"
    return [person["id"] for person in body["data"]], body["additional_data"]["next_cursor"]


def all_pages(client: httpx.Client, **params: Any) -> list[list[int]]:
    """All pages, by following the cursor."""
    pages: list[list[int]] = []
    cursor: str | None = None
    while True:
        ids, cursor = page(client, **params, **({"cursor": cursor} if cursor else {}))
        pages.append(ids)
        if cursor is None:
            return pages


@pytest.fixture
def five(sandbox: SandboxProcess, client: httpx.Client) -> list[int]:
    """Persons 1 to 5, made a minute apart; 2 was changed last, 4 before it, the others never."""
    ids = []
    for number in range(5):
        ids.append(make_person(client, name=f"Person {number}")["id"])
        sandbox.control.advance_clock(60)
    for number in (4, 2):
        patch(client, number, first_name="Changed")
        sandbox.control.advance_clock(60)
    return ids


def test_pages_follow_each_other(client: httpx.Client, five: list[int]) -> None:
    """By default in the order of ids; the last page has no cursor, also when it is full."""
    assert all_pages(client, limit=2) == [[1, 2], [3, 4], [5]]
    assert all_pages(client, limit=5) == [five]
    assert all_pages(client, sort_direction="desc", limit=3) == [[5, 4, 3], [2, 1]]


def test_other_orders(sandbox: SandboxProcess, client: httpx.Client, five: list[int]) -> None:
    """By add_time all are there; by update_time those that were never changed are missed, unless the switch is on."""
    assert all_pages(client, sort_by="add_time", limit=2) == [[1, 2], [3, 4], [5]]
    assert all_pages(client, sort_by="update_time", limit=1) == [[4], [2]]
    sandbox.control.turn(pipedrive__untouched_in_update_time_order=True)
    assert all_pages(client, sort_by="update_time", limit=2) == [[1, 3], [5, 4], [2]]
    assert all_pages(client, sort_by="update_time", sort_direction="desc", limit=2) == [[2, 4], [5, 3], [1]]


def test_a_cursor_names_the_next_person(client: httpx.Client, five: list[int]) -> None:
    """It is base64url JSON without padding, as seen on a real account."""
    _, cursor = page(client, limit=2)
    assert cursor is not None
    assert "=" not in cursor
    content = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    assert content == {"field": "id", "fieldValue": 3, "sortDirection": "asc", "id": 3}


def test_a_cursor_brings_its_order(client: httpx.Client, five: list[int]) -> None:
    """The order need not be repeated, and must not be contradicted."""
    _, cursor = page(client, limit=2, sort_by="add_time", sort_direction="desc")
    assert page(client, limit=2, cursor=cursor)[0] == [3, 2]
    assert "cursor" in refusal(client.get(PERSONS, params={"cursor": cursor, "sort_by": "id"}))


def test_pages_do_not_shift(client: httpx.Client, five: list[int]) -> None:
    """What is deleted or added while somebody pages moves no other person to another page."""
    ids, cursor = page(client, limit=2)
    client.delete(f"{PERSONS}/{ids[0]}")
    client.delete(f"{PERSONS}/3")
    added = make_person(client)["id"]
    assert page(client, limit=5, cursor=cursor)[0] == [4, 5, added]


def test_paging_by_update_time_can_show_a_person_twice(
    sandbox: SandboxProcess, client: httpx.Client, five: list[int]
) -> None:
    """A person changed while somebody pages moves to the end of the list: de-duplicate by id."""
    ids, cursor = page(client, limit=1, sort_by="update_time")
    assert ids == [4]
    patch(client, 4, first_name="Again")
    assert page(client, limit=5, cursor=cursor)[0] == [2, 4]


def test_updated_since_is_inclusive_and_until_exclusive(
    sandbox: SandboxProcess, client: httpx.Client, five: list[int]
) -> None:
    """The boundary row is read again; rows that were never changed are missed, unless the switch is on."""
    stamps = {
        id_: client.get(f"{PERSONS}/{id_}").json()["data"][name]
        for id_, name in ((2, "update_time"), (4, "update_time"), (5, "add_time"))
    }
    assert page(client, updated_since=stamps[2])[0] == [2]
    assert page(client, updated_since=stamps[4])[0] == [2, 4]
    assert page(client, updated_since=stamps[4], updated_until=stamps[2])[0] == [4]
    assert page(client, updated_since=stamps[5])[0] == [2, 4]
    sandbox.control.turn(pipedrive__untouched_in_updated_since=True)
    assert page(client, updated_since=stamps[5])[0] == [2, 4, 5]


def test_times_may_carry_an_offset(client: httpx.Client, five: list[int]) -> None:
    """RFC 3339 knows other zones than Z."""
    assert page(client, updated_since="2000-01-01T00:00:00+02:00")[0] == [2, 4]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-09-01T00:00:00.000Z",
        "2026-09-01 00:00:00",
        "2026-09-01",
        "2026-09-01T00:00:00",
        "2026-09-31T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "yesterday",
        "",
    ],
)
def test_other_times_are_refused(client: httpx.Client, moment: str) -> None:
    """Fractions of a second, a blank instead of T, and what is no time."""
    assert (
        refusal(client.get(PERSONS, params={"updated_since": moment}))
        == "updated_since: not a valid datetime"
    )


def test_ids_pick_persons(client: httpx.Client, five: list[int]) -> None:
    """Missing ones are left out of the answer; more than 100 are refused."""
    assert page(client, ids="5,1,99,1")[0] == [1, 5]
    assert page(client, ids=",".join(map(str, range(1, 101))))[0] == five
    assert "at most 100" in refusal(client.get(PERSONS, params={"ids": ",".join(map(str, range(1, 102)))}))
    assert page(client, ids="")[0] == []


def test_filters(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """By owner and by organization; a saved filter makes them void; there are no deals."""
    sandbox.control.turn(pipedrive__references_checked=False)
    make_person(client, owner_id=7002)
    make_person(client, org_id=42)
    assert page(client, owner_id=7002)[0] == [1]
    assert page(client, owner_id=OWNER, org_id=42)[0] == [2]
    assert page(client, owner_id=7002, org_id=42)[0] == []
    assert page(client, owner_id=7002, filter_id=1)[0] == [1, 2]
    assert page(client, deal_id=1)[0] == []


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"limit": 501}, "limit: must be less than or equal to 500"),
        ({"limit": 0}, "limit: must be greater than or equal to 1"),
        ({"limit": -1}, "limit: must be greater than or equal to 1"),
        ({"limit": "many"}, "limit: must be an integer"),
        ({"limit": "1" * 400}, "limit: must be an integer"),
        ({"limit": "١"}, "limit: must be an integer"),
        ({"ids": "1,two"}, "ids: must be an integer"),
        ({"owner_id": "me"}, "owner_id: must be an integer"),
        ({"sort_by": "name"}, "sort_by: must be one of id, update_time, add_time"),
        ({"sort_direction": "up"}, "sort_direction: must be one of asc, desc"),
        ({"include_fields": "secret"}, "include_fields: 'secret' is not a valid value"),
        ({"include_labels": "yes"}, "include_labels: must be a boolean"),
        ({"custom_fields": ",".join("abcdefghijklmnop")}, "custom_fields: must contain at most 15 items"),
    ],
)
def test_wrong_parameters_are_refused(client: httpx.Client, params: dict[str, Any], problem: str) -> None:
    """With the parameter's name and what is wrong with it."""
    assert refusal(client.get(PERSONS, params=params)) == problem


def cursor_of(content: object) -> str:
    """A cursor that the server did not make."""
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "null",
        "%%%",
        "é",
        "a" * 2000,
        cursor_of([]),
        cursor_of({}),
        cursor_of({"field": "name", "fieldValue": "x", "sortDirection": "asc", "id": 1}),
        cursor_of({"field": "id", "fieldValue": 2, "sortDirection": "asc", "id": 1}),
        cursor_of({"field": "id", "fieldValue": 10**30, "sortDirection": "asc", "id": 10**30}),
        cursor_of({"field": "add_time", "fieldValue": {}, "sortDirection": "asc", "id": 1}),
        cursor_of({"field": "add_time; DROP TABLE x", "fieldValue": "", "sortDirection": "asc", "id": 1}),
        cursor_of({"field": "id", "fieldValue": 1, "sortDirection": "asc --", "id": 1}),
        cursor_of({"position": 5}),
    ],
)
def test_foreign_cursors_are_refused(client: httpx.Client, cursor: str) -> None:
    """A cursor of another making is 400: start again."""
    assert refusal(client.get(PERSONS, params={"cursor": cursor})) == "cursor: is not valid"


def test_a_large_limit_may_be_cut_down(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch turned, 501 means 500."""
    sandbox.control.turn(pipedrive__large_limit="clamp")
    assert page(client, limit=100_000)[0] == []


def test_unknown_parameters_are_ignored_or_refused(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Both have been reported."""
    assert page(client, status="active")[0] == []
    sandbox.control.turn(pipedrive__strict_query_parameters=True)
    assert refusal(client.get(PERSONS, params={"status": "x"})) == "Unknown query parameter 'status'"


def test_custom_fields_can_be_chosen(client: httpx.Client) -> None:
    """Only the named ones are answered; unset ones as null; unknown ones not at all."""
    one, other = (make_field(client, "varchar")["field_code"] for _ in range(2))
    make_person(client, custom_fields={one: "x"})
    answer = client.get(PERSONS, params={"custom_fields": f"{other},{one},unknown"}).json()
    assert answer["data"][0]["custom_fields"] == {one: "x", other: None}
    answer = client.get(PERSONS, params={"custom_fields": other}).json()
    assert answer["data"][0]["custom_fields"] == {other: None}


def test_labels_come_on_request(client: httpx.Client) -> None:
    """Options and labels as objects with their text; an option deleted meanwhile has none."""
    enum = make_field(client, "enum", "Oui", "Non")
    many = make_field(client, "set", "a", "b")
    (yes, no), (a, b) = ([option["id"] for option in made["options"]] for made in (enum, many))
    make_person(client, label_ids=[2], custom_fields={enum["field_code"]: yes, many["field_code"]: [a, b]})
    client.request("DELETE", f"{V2}/personFields/{many['field_code']}/options", json=[{"id": b}])
    params = {"include_option_labels": "true", "include_labels": "true"}
    person = client.get(PERSONS, params=params).json()["data"][0]
    assert person["custom_fields"] == {
        enum["field_code"]: {"id": yes, "label": "Oui"},
        many["field_code"]: [{"id": a, "label": "a"}, {"id": b, "label": None}],
    }
    assert person["labels"] == [{"id": 2, "label": "Hot lead"}]
    assert no != yes


def test_without_custom_fields_the_object_is_null(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """As seen on a real account, or empty."""
    assert make_person(client)["custom_fields"] is None
    sandbox.control.turn(pipedrive__custom_fields_null_without_fields=False)
    assert make_person(client)["custom_fields"] == {}


def test_a_hundred_by_default(client: httpx.Client) -> None:
    """Without a limit a page has 100 persons."""
    for number in range(101):
        make_person(client, name=f"Person {number}")
    assert [len(ids) for ids in all_pages(client)] == [100, 1]
