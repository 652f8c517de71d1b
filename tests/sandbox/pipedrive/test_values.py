from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import OPTION_TYPES, V2, VALUES, make_field, make_person
from tests.sandbox.pipedrive.test_persons import patch, refusal
from tests.sandbox_process import SandboxProcess

ZONE = {"timezone_id": 254, "timezone_name": "Europe/Paris"}
NO_PARTS = dict.fromkeys(
    (
        "admin_area_level_1",
        "admin_area_level_2",
        "country",
        "route",
        "street_number",
        "sublocality",
        "subpremise",
    )
)
KEPT: dict[str, Any] = {
    "time": VALUES["time"] | ZONE,
    "timerange": VALUES["timerange"] | ZONE,
    "address": VALUES["address"] | NO_PARTS,
}


@pytest.mark.parametrize("type_", VALUES)
def test_a_value_is_kept_and_cleared(client: httpx.Client, type_: str) -> None:
    """Every type keeps its value, with what the server adds, and null clears it."""
    code = make_field(client, type_)["field_code"]
    person = make_person(client, custom_fields={code: VALUES[type_]})
    assert person["custom_fields"][code] == KEPT.get(type_, VALUES[type_])
    assert client.get(f"{V2}/persons/{person['id']}").json()["data"] == person
    assert (
        patch(client, person["id"], custom_fields={code: person["custom_fields"][code]})["custom_fields"]
        == (person["custom_fields"])
    )
    assert patch(client, person["id"], custom_fields={code: None})["custom_fields"] == {code: None}


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("varchar", 5, "Expected 'string'"),
        ("varchar", ["a"], "Expected 'string'"),
        ("varchar", "x" * 256, "length must be less than or equal to 255"),
        ("varchar_auto", "x" * 256, "length must be less than or equal to 255"),
        ("phone", "1" * 256, "length must be less than or equal to 255"),
        ("text", "x" * 65_536, "length must be less than or equal to 65535"),
        ("double", "12", "Expected 'number'"),
        ("double", True, "Expected 'number'"),
        ("date", "2026-02-30", "Expected 'date'"),
        ("date", "2026-2-3", "Expected 'date'"),
        ("date", "2026-02-28T00:00:00Z", "Expected 'date'"),
        ("date", "", "Expected 'date'"),
        ("daterange", {"value": "2026-02-28"}, "'until' is required"),
        ("daterange", "2026-02-28", "Expected 'object'"),
        ("time", "09:30:00", "Time custom field value expected 'object'"),
        ("time", {"value": "9:30"}, "'value' is required and must be a time"),
        ("time", {"value": "25:00:00"}, "'value' is required and must be a time"),
        ("timerange", {"value": "09:30:00"}, "'until' is required"),
        ("monetary", 12, "Expected 'object'"),
        ("monetary", {"value": "12", "currency": "EUR"}, "'value' is required and must be a number"),
        ("monetary", {"value": 12}, "'currency' is required"),
        ("monetary", {"value": 12, "currency": "euro"}, "'currency' is required"),
        ("monetary", {"value": 12, "currency": "EUR", "label": "x"}, "Unknown key 'label'"),
        ("address", "Grenoble", "expected 'object'"),
        ("address", {"locality": "Grenoble"}, "'value' is required"),
        ("address", {"value": "Grenoble", "city": "x"}, "Unknown key 'city'"),
        ("address", {"value": "Grenoble", "country": 5}, "'country' must be a string"),
        ("user", "7001", "Expected 'number'"),
        ("user", 1, "there is no user with the id 1"),
        ("org", 1, "there is no org with the id 1"),
        ("people", 1, "there is no people with the id 1"),
    ],
)
def test_a_wrong_value_is_refused(client: httpx.Client, type_: str, value: Any, expected: str) -> None:
    """No type takes another type's value, and a text of a number is no number."""
    code = make_field(client, type_)["field_code"]
    body = {"name": "Zoé", "custom_fields": {code: value}}
    assert expected in refusal(client.post(f"{V2}/persons", json=body))


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("enum", "31", "Expected 'number'"),
        ("enum", "Oui", "Expected 'number'"),
        ("enum", 999, "Unknown option id '999'"),
        ("enum", True, "Expected 'number'"),
        ("set", 31, "Expected 'array'"),
        ("set", [], "must contain at least 1 items"),
        ("set", [31, 999], "Unknown option id '999'"),
        ("set", "31,32", "Expected 'array'"),
    ],
)
def test_a_wrong_option_is_refused(client: httpx.Client, type_: str, value: Any, expected: str) -> None:
    """Options are named by their id; an empty set is null."""
    code = make_field(client, type_, "Oui", "Non")["field_code"]
    body = {"name": "Zoé", "custom_fields": {code: value}}
    assert expected in refusal(client.post(f"{V2}/persons", json=body))


@pytest.mark.parametrize("type_", OPTION_TYPES)
def test_an_option_of_another_field_is_unknown(client: httpx.Client, type_: str) -> None:
    """Ids of one list mean nothing in another."""
    other = make_field(client, type_, "Oui")["options"][0]["id"]
    code = make_field(client, type_, "Oui")["field_code"]
    value = [other] if type_ == "set" else other
    body = {"name": "Zoé", "custom_fields": {code: value}}
    assert "Unknown option id" in refusal(client.post(f"{V2}/persons", json=body))


def test_a_set_has_no_order(client: httpx.Client) -> None:
    """The ids come back in an order of the server's, each once."""
    made = make_field(client, "set", "a", "b", "c")
    ids = [option["id"] for option in made["options"]]
    person = make_person(client, custom_fields={made["field_code"]: [ids[2], ids[0], ids[2]]})
    assert person["custom_fields"][made["field_code"]] == [ids[0], ids[2]]


def test_zero_is_a_value(client: httpx.Client) -> None:
    """0 is kept as 0, and is not null."""
    code = make_field(client, "double")["field_code"]
    assert make_person(client, custom_fields={code: 0})["custom_fields"][code] == 0


def test_empty_text_may_stay_empty(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """An empty text is kept as null, or as it is where the switch says so."""
    code = make_field(client, "varchar")["field_code"]
    assert make_person(client, custom_fields={code: ""})["custom_fields"][code] is None
    sandbox.control.turn(pipedrive__empty_text_is_null=False)
    assert make_person(client, custom_fields={code: ""})["custom_fields"][code] == ""


def test_long_text_may_be_cut(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch turned, 255 characters are kept; they are characters, not bytes."""
    sandbox.control.turn(pipedrive__long_text="truncate")
    code = make_field(client, "varchar")["field_code"]
    assert make_person(client, custom_fields={code: "é" * 300})["custom_fields"][code] == "é" * 255


def test_text_comes_back_as_sent(client: httpx.Client) -> None:
    """Neither Unicode form nor white space is touched."""
    code = make_field(client, "text")["field_code"]
    text = " e\u0301 é \u00a0\u200b👩‍💻 \u202eabc\n\t=1+1 <b>&amp; "
    assert make_person(client, custom_fields={code: text})["custom_fields"][code] == text


def test_references_may_go_unchecked(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch off, any id is kept."""
    sandbox.control.turn(pipedrive__references_checked=False)
    code = make_field(client, "people")["field_code"]
    assert make_person(client, custom_fields={code: 99})["custom_fields"][code] == 99
