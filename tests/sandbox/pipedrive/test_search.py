from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import V2, make_field, make_person
from tests.sandbox_process import SandboxProcess


def search(client: httpx.Client, term: str, **params: Any) -> list[dict[str, Any]]:
    """The items found."""
    answer = client.get(f"{V2}/persons/search", params={"term": term} | params)
    assert answer.status_code == 200, answer.text
    return [item["item"] for item in answer.json()["data"]["items"]]


def found(client: httpx.Client, term: str, **params: Any) -> list[int]:
    """The ids found."""
    return [item["id"] for item in search(client, term, **params)]


def test_case_does_not_matter(client: httpx.Client) -> None:
    """Neither for ASCII nor for other letters; exact means the whole value."""
    make_person(client, name="Élodie Rivière", emails=[{"value": "Elodie@Example.com"}])
    assert found(client, "élodie rivière", exact_match="true") == [1]
    assert found(client, "ELODIE@EXAMPLE.COM", exact_match="true") == [1]
    assert found(client, "elodie@example", exact_match="true") == []
    assert found(client, "elodie@example") == [1]
    assert found(client, "ÉLO", fields="name") == [1]
    assert found(client, "ÉLO", fields="email") == []


def test_the_item_has_its_own_shape(client: httpx.Client) -> None:
    """Strings instead of objects, and v1's form of time."""
    person = make_person(
        client,
        name="Zoé O'Brien",
        emails=[{"value": "zoe@example.com"}],
        phones=[{"value": "+44 20 7946 0123"}],
    )
    client.patch(f"{V2}/persons/1", json={"name": "Zoé O'Brien"})
    (item,) = search(client, "7946", include_fields="person.picture")
    assert item.pop("update_time")[10] == " "
    assert item == {
        "id": person["id"],
        "type": "person",
        "name": "Zoé O'Brien",
        "phones": ["+44 20 7946 0123"],
        "emails": ["zoe@example.com"],
        "primary_email": "zoe@example.com",
        "visible_to": 3,
        "owner": {"id": 7001},
        "organization": None,
        "custom_fields": [],
        "notes": [],
        "picture": None,
    }


def test_the_second_with_an_address_shows_none(client: httpx.Client) -> None:
    """As seen on a real account: match on emails, never on primary_email."""
    for _ in range(2):
        make_person(client, emails=[{"value": "same@example.com"}])
    assert [item["primary_email"] for item in search(client, "same@example.com")] == [
        "same@example.com",
        None,
    ]


@pytest.mark.parametrize(
    ("type_", "value", "term"),
    [
        ("varchar", "https://plezi.example/contacts/1", "https://plezi.example/contacts/1"),
        ("text", "appelée deux fois", "deux fois"),
        ("double", 12.5, "12.5"),
        ("monetary", {"value": 1200, "currency": "EUR"}, "1200"),
        ("address", {"value": "1 rue de l'Exemple"}, "rue de"),
    ],
)
def test_some_custom_types_are_searched(client: httpx.Client, type_: str, value: Any, term: str) -> None:
    """What matched is in custom_fields."""
    code = make_field(client, type_)["field_code"]
    make_person(client, custom_fields={code: value})
    assert len(search(client, term, fields="custom_fields")[0]["custom_fields"]) == 1


def test_other_custom_types_are_not(client: httpx.Client) -> None:
    """Neither options nor dates."""
    enum, date = make_field(client, "enum", "Rivière"), make_field(client, "date")
    values = {enum["field_code"]: enum["options"][0]["id"], date["field_code"]: "2026-02-28"}
    make_person(client, custom_fields=values)
    assert found(client, "2026-02") == found(client, str(enum["options"][0]["id"])) == []


def test_a_deleted_field_is_not_searched(client: httpx.Client) -> None:
    """Its values are gone."""
    code = make_field(client, "varchar")["field_code"]
    make_person(client, custom_fields={code: "needle"})
    assert found(client, "needle") == [1]
    client.delete(f"{V2}/personFields/{code}")
    assert found(client, "needle") == []


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({}, 'Invalid input: "term" is not allowed to be empty'),
        ({"term": " "}, 'Invalid input: "term" is not allowed to be empty'),
        ({"term": "a"}, 'Invalid input: "term" length must be at least 2 characters long'),
        ({"term": "ab", "fields": "title"}, 'Invalid input: "fields" contains an invalid value "title"'),
    ],
)
def test_a_term_is_needed(client: httpx.Client, params: dict[str, str], problem: str) -> None:
    """Of two characters, or one with exact_match."""
    answer = client.get(f"{V2}/persons/search", params=params)
    assert answer.status_code == 400
    assert (answer.json()["error"], answer.json()["code"]) == (problem, "ERR_INVALID_INPUT")
    assert found(client, "a", exact_match="true") == []


def test_percent_and_underscore_are_letters(client: httpx.Client) -> None:
    """Nothing in a term is a wildcard."""
    make_person(client, name="100% sûr")
    make_person(client, name="1000 sûr")
    assert found(client, "100%") == [1]
    assert found(client, "1_0") == []


def test_pages(client: httpx.Client) -> None:
    """Better matches first; the cursor leads on."""
    for name in ("Anna Martin", "Martin", "Saint-Martin"):
        make_person(client, name=name)
    answer = client.get(f"{V2}/persons/search", params={"term": "martin", "limit": 2}).json()
    assert [item["item"]["id"] for item in answer["data"]["items"]] == [2, 1]
    assert found(client, "martin", limit=2, cursor=answer["additional_data"]["next_cursor"]) == [3]


def test_the_index_may_lag(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A person just made is not found yet."""
    sandbox.control.turn(pipedrive__search_lag_seconds=10)
    make_person(client, name="Zoé")
    assert found(client, "zoé") == []
    sandbox.control.advance_clock(11)
    assert found(client, "zoé") == [1]


def test_by_organization(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Only persons of that organization."""
    sandbox.control.turn(pipedrive__references_checked=False)
    make_person(client, name="Zoé", org_id=42)
    make_person(client, name="Zoé")
    assert found(client, "zoé", organization_id=42) == [1]
