from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import ALL_TYPES, OPTION_TYPES, V2, make_field, make_person
from tests.sandbox.pipedrive.test_persons import refusal
from tests.sandbox_process import SandboxProcess

FIELDS = f"{V2}/personFields"


def all_fields(client: httpx.Client, **params: Any) -> dict[str, dict[str, Any]]:
    """Every field by code."""
    return {
        field["field_code"]: field
        for field in client.get(FIELDS, params={"limit": 500} | params).json()["data"]
    }


def test_standard_fields_are_there(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Under their codes, which are not always the person's keys; some come with an app."""
    fields = all_fields(client)
    assert {
        "name",
        "first_name",
        "last_name",
        "email",
        "phone",
        "owner_id",
        "org_id",
        "label_ids",
    } <= fields.keys()
    assert not {"emails", "phones", "marketing_status", "job_title"} & fields.keys()
    assert [option["label"] for option in fields["label_ids"]["options"]] == [
        "Customer",
        "Hot lead",
        "Warm lead",
        "Cold lead",
    ]
    sandbox.control.turn(pipedrive__campaigns_app=True, pipedrive__contact_sync=True)
    fields = all_fields(client)
    assert fields["marketing_status"]["is_optional_response_field"] is True
    assert [option["id"] for option in fields["marketing_status"]["options"]][:2] == [
        "no_consent",
        "unsubscribed",
    ]
    assert "job_title" in fields


@pytest.mark.parametrize("type_", ALL_TYPES)
def test_every_type_can_be_made(client: httpx.Client, type_: str) -> None:
    """It gets a code of 40 hexadecimal digits, at the end of the list, and null at every person."""
    id_ = make_person(client)["id"]
    made = make_field(client, type_, *(("Oui", "Non") if type_ in OPTION_TYPES else ()))
    assert re.fullmatch(r"[0-9a-f]{40}", made["field_code"])
    assert list(all_fields(client))[-1] == made["field_code"]
    assert (made["field_type"], made["is_custom_field"]) == (type_, True)
    assert client.get(f"{V2}/persons/{id_}").json()["data"]["custom_fields"] == {made["field_code"]: None}
    assert bool(made["subfields"]) is (type_ in {"address", "monetary"})


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"field_type": "varchar"}, "field_name: must be a string of 1 to 255 characters"),
        ({"field_name": "", "field_type": "varchar"}, "field_name: must be a string of 1 to 255 characters"),
        (
            {"field_name": "x" * 256, "field_type": "varchar"},
            "field_name: must be a string of 1 to 255 characters",
        ),
        ({"field_name": "x", "field_type": "enum"}, "options: is required for field type 'enum'"),
        (
            {"field_name": "x", "field_type": "set", "options": []},
            "options: is required for field type 'set'",
        ),
        (
            {"field_name": "x", "field_type": "date", "options": [{"label": "a"}]},
            "options: not allowed for field type 'date'",
        ),
        ({"field_name": "x", "field_type": "enum", "options": ["a"]}, "options: must be an array of objects"),
        (
            {"field_name": "x", "field_type": "enum", "options": [{"id": 1}]},
            "label: must be a string of 1 to 255 characters",
        ),
        ({"field_name": "x", "field_type": "date", "key": "y"}, "Unknown key 'key'"),
        ({"field_name": "x", "field_type": "date", "ui_visibility": 1}, "ui_visibility: must be an object"),
    ],
)
def test_wrong_fields_are_refused(client: httpx.Client, body: dict[str, Any], problem: str) -> None:
    """Nothing is made."""
    before = all_fields(client)
    assert refusal(client.post(FIELDS, json=body)) == problem
    assert all_fields(client) == before


@pytest.mark.parametrize("type_", ["int", "picture", "string", None, 5, ["date"]])
def test_other_types_are_refused(client: httpx.Client, type_: object) -> None:
    """Types that Pipedrive only uses itself, and what is none."""
    assert "field_type: must be one of" in refusal(
        client.post(FIELDS, json={"field_name": "x", "field_type": type_})
    )


def test_names_need_not_be_unique(client: httpx.Client) -> None:
    """Two fields of one name have two codes."""
    assert make_field(client, "varchar")["field_code"] != make_field(client, "varchar")["field_code"]


def test_a_field_can_be_renamed_not_retyped(client: httpx.Client) -> None:
    """Code and type stay; flags are kept and shown on request."""
    code = make_field(client, "varchar")["field_code"]
    body = {"field_name": "Secteur", "required_fields": {"enabled": True}}
    assert client.patch(f"{FIELDS}/{code}", json=body).json()["data"]["field_name"] == "Secteur"
    params = {"include_fields": "ui_visibility,required_fields"}
    shown = client.get(f"{FIELDS}/{code}", params=params).json()["data"]
    assert shown["required_fields"] == {"enabled": True}
    assert shown["ui_visibility"]["details_visible_flag"] is True
    assert "important_fields" not in shown
    assert (
        refusal(client.patch(f"{FIELDS}/{code}", json={"field_type": "text"}))
        == "field_type: cannot be changed"
    )
    assert refusal(client.patch(f"{FIELDS}/{code}", json={})) == "the body must contain at least one field"


def test_a_deleted_field_takes_its_values_with_it(client: httpx.Client) -> None:
    """It is in no list, at no person, and takes no value."""
    code, other = (make_field(client, "varchar")["field_code"] for _ in range(2))
    make_person(client, custom_fields={code: "x"})
    assert client.delete(f"{FIELDS}/{code}").json()["data"]["field_code"] == code
    assert code not in all_fields(client)
    assert client.get(f"{FIELDS}/{code}").status_code == 404
    assert client.delete(f"{FIELDS}/{code}").status_code == 404
    assert client.get(f"{V2}/persons/1").json()["data"]["custom_fields"] == {other: None}
    assert "Unknown key" in refusal(client.patch(f"{V2}/persons/1", json={"custom_fields": {code: "y"}}))


def test_pipedrives_own_fields_stay(client: httpx.Client) -> None:
    """They are neither changed nor deleted."""
    assert refusal(client.delete(f"{FIELDS}/name")) == "field_code: 'name' is not a custom field"
    assert refusal(client.patch(f"{FIELDS}/name", json={"field_name": "x"}))
    assert refusal(client.post(f"{FIELDS}/label_ids/options", json=[{"label": "x"}]))


def test_options_are_added_renamed_and_deleted(client: httpx.Client) -> None:
    """Only the touched options are answered; the list keeps its order."""
    made = make_field(client, "enum", "Oui", "Non")
    options = f"{FIELDS}/{made['field_code']}/options"
    added = client.post(options, json=[{"label": "Peut-être"}, {"label": "Jamais"}]).json()["data"]
    assert [option["label"] for option in added] == ["Peut-être", "Jamais"]
    renamed = client.patch(options, json=[{"id": added[0]["id"], "label": "Bientôt"}]).json()["data"]
    assert renamed == [{"id": added[0]["id"], "label": "Bientôt"}]
    deleted = client.request("DELETE", options, json=[{"id": added[1]["id"]}]).json()["data"]
    assert deleted == [added[1]]
    field = client.get(f"{FIELDS}/{made['field_code']}").json()["data"]
    assert [option["label"] for option in field["options"]] == ["Oui", "Non", "Bientôt"]


def test_a_deleted_option_stays_at_its_persons(client: httpx.Client) -> None:
    """The id remains in their values, other changes leave it there, and nobody can choose it any more."""
    made = make_field(client, "enum", "Oui", "Non")
    code, gone = made["field_code"], made["options"][0]["id"]
    make_person(client, custom_fields={code: gone})
    client.request("DELETE", f"{FIELDS}/{code}/options", json=[{"id": gone}])
    assert client.get(f"{V2}/persons/1").json()["data"]["custom_fields"] == {code: gone}
    changed = client.patch(f"{V2}/persons/1", json={"first_name": "Zoé"}).json()["data"]
    assert changed["custom_fields"] == {code: gone}
    assert "Unknown option id" in refusal(
        client.patch(f"{V2}/persons/1", json={"custom_fields": {code: gone}})
    )


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("POST", [{"label": "a"}, {"label": ""}], 400),
        ("POST", [], 400),
        ("POST", {"label": "a"}, 400),
        ("POST", ["a"], 400),
        ("PATCH", [{"id": 31, "label": "A"}, {"id": 999, "label": "B"}], 404),
        ("PATCH", [{"id": 31, "label": "A"}, {"id": "32", "label": "B"}], 400),
        ("PATCH", [{"id": 31, "label": "A"}, {"id": 32}], 400),
        ("DELETE", [{"id": 31}, {"id": 999}], 404),
        ("DELETE", [{"id": 31}, {}], 400),
    ],
)
def test_option_calls_are_atomic(client: httpx.Client, method: str, body: Any, status: int) -> None:
    """One wrong option, and none is touched."""
    made = make_field(client, "set", "a", "b")
    assert [option["id"] for option in made["options"]] == [31, 32]
    answer = client.request(method, f"{FIELDS}/{made['field_code']}/options", json=body)
    assert answer.status_code == status
    assert client.get(f"{FIELDS}/{made['field_code']}").json()["data"]["options"] == made["options"]


def test_only_lists_have_options(client: httpx.Client) -> None:
    """A text field takes none."""
    code = make_field(client, "varchar")["field_code"]
    assert refusal(client.post(f"{FIELDS}/{code}/options", json=[{"label": "x"}]))


def test_fields_come_in_pages(client: httpx.Client) -> None:
    """The cursor leads on to null."""
    codes: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = client.get(FIELDS, params={"limit": 7} | cursor).json()
        codes += [field["field_code"] for field in answer["data"]]
        if answer["additional_data"]["next_cursor"] is None:
            break
        cursor = {"cursor": answer["additional_data"]["next_cursor"]}
    assert codes == list(all_fields(client))
    assert refusal(client.get(FIELDS, params={"cursor": "e30"})) == "cursor: is not valid"


def test_only_administrators_make_fields(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Others read them."""
    client.headers["x-api-token"] = sandbox.control.new_token(7002)
    assert client.post(FIELDS, json={"field_name": "x", "field_type": "date"}).status_code == 403
    assert "name" in all_fields(client)


def test_who_may_change_a_list_is_a_switch(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """No public source says it of users: everybody, or administrators only."""
    options = f"{FIELDS}/{make_field(client, 'enum', 'Oui')['field_code']}/options"
    user = next(one for one in sandbox.control.state()["users"] if not one["is_admin"])
    headers = {"x-api-token": sandbox.control.new_token(user["id"])}
    assert client.post(options, json=[{"label": "Non"}], headers=headers).status_code == 200
    sandbox.control.turn(pipedrive__anybody_changes_lists=False)
    assert client.post(options, json=[{"label": "Jamais"}], headers=headers).status_code == 403
    assert client.post(options, json=[{"label": "Jamais"}]).status_code == 200


def test_whether_options_may_be_alike_is_a_switch(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Within the list, and within one request."""
    options = f"{FIELDS}/{make_field(client, 'enum', 'Oui')['field_code']}/options"
    assert client.post(options, json=[{"label": "Oui"}]).status_code == 200
    sandbox.control.turn(pipedrive__options_alike=False)
    for labels in (["Oui"], ["Non", "Non"]):
        answer = client.post(options, json=[{"label": label} for label in labels])
        assert refusal(answer) == "label: must be unique within the field"
    assert client.post(options, json=[{"label": "Non"}]).status_code == 200
