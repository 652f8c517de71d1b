from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.pipedrive.scenario import OWNER, V2, make_field, make_person
from tests.sandbox_process import SandboxProcess

DAY = 86_400


def patch(client: httpx.Client, id_: int, **body: Any) -> dict[str, Any]:
    """The person after a change that is accepted."""
    answer = client.patch(f"{V2}/persons/{id_}", json=body)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()["data"]
    return changed


def refusal(answer: httpx.Response) -> str:
    """What a validation error says."""
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert body.keys() == {"success", "error", "error_info", "data", "additional_data", "code"}
    assert body["code"] == "ERR_SCHEMA_VALIDATION_FAILED"
    assert body["error"].startswith("Validation failed: ")
    text: str = body["error"].removeprefix("Validation failed: ")
    return text


def test_a_new_person_has_everything_and_no_update_time(client: httpx.Client) -> None:
    """What is not given is there all the same, as null or empty; update_time is null until the first change."""
    code = make_field(client, "varchar")["field_code"]
    answer = client.post(f"{V2}/persons", json={"name": "Lucile Rivière"})
    assert answer.status_code == 200
    person = answer.json()["data"]
    assert person.pop("add_time").endswith("Z")
    assert person == {
        "id": 1,
        "name": "Lucile Rivière",
        "first_name": "Lucile",
        "last_name": "Rivière",
        "update_time": None,
        "visible_to": 3,
        "custom_fields": {code: None},
        "owner_id": OWNER,
        "label_ids": [],
        "org_id": None,
        "is_deleted": False,
        "picture_id": None,
        "phones": [],
        "emails": [],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "Lucile Rivière"}, ("Lucile Rivière", "Lucile", "Rivière")),
        ({"name": "Updated Person Name"}, ("Updated Person Name", "Updated", "Person Name")),
        ({"name": "Prince"}, ("Prince", "Prince", None)),
        (
            {"first_name": "Anne Marie", "last_name": "Le Gall"},
            ("Anne Marie Le Gall", "Anne Marie", "Le Gall"),
        ),
        ({"last_name": "Le Gall"}, ("Le Gall", None, "Le Gall")),
        ({"first_name": "Zoé", "last_name": ""}, ("Zoé", "Zoé", None)),
        ({"name": "Somebody Else", "first_name": "Zoé"}, ("Zoé", "Zoé", None)),
    ],
)
def test_name_and_parts_agree(
    client: httpx.Client, body: dict[str, str], expected: tuple[str, str | None, str | None]
) -> None:
    """A name is split at its first blank; parts are joined and win over a name."""
    answer = client.post(f"{V2}/persons", json=body).json()["data"]
    assert (answer["name"], answer["first_name"], answer["last_name"]) == expected


def test_one_part_changes_the_name(client: httpx.Client) -> None:
    """A PATCH of one part leaves the other and makes the name again."""
    id_ = make_person(client, name="Lucile Rivière")["id"]
    assert patch(client, id_, last_name="Martin")["name"] == "Lucile Martin"
    assert patch(client, id_, name="Zoé O'Brien")["first_name"] == "Zoé"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "  "}, {"first_name": "", "last_name": ""}])
def test_a_name_is_needed(client: httpx.Client, body: dict[str, str]) -> None:
    """A person without any name is refused."""
    assert refusal(client.post(f"{V2}/persons", json=body)) == "name: is required"


def test_a_name_cannot_be_emptied(client: httpx.Client) -> None:
    """A PATCH may not take the last part away; nothing changes."""
    id_ = make_person(client, name="Prince")["id"]
    assert "name" in refusal(client.patch(f"{V2}/persons/{id_}", json={"first_name": ""}))
    assert client.get(f"{V2}/persons/{id_}").json()["data"]["name"] == "Prince"


def test_emails_get_label_and_primary(client: httpx.Client) -> None:
    """Without label it is work; without a flag the first is primary; a blank address disappears."""
    given = [{"value": "a@example.com"}, {"value": ""}, {"value": "not an address", "label": ""}]
    assert make_person(client, emails=given)["emails"] == [
        {"label": "work", "value": "a@example.com", "primary": True},
        {"label": "", "value": "not an address", "primary": False},
    ]


def test_at_most_one_email_is_primary(client: httpx.Client) -> None:
    """Of two primary addresses the first stays."""
    given = [{"value": f"{name}@example.com", "primary": name != "a"} for name in "abc"]
    emails = make_person(client, emails=given)["emails"]
    assert [email["primary"] for email in emails] == [False, True, False]


def test_duplicates_are_accepted(client: httpx.Client) -> None:
    """Two persons may have one address."""
    emails = [{"value": "same@example.com"}]
    assert make_person(client, emails=emails)["id"] != make_person(client, emails=emails)["id"]


def test_lists_are_replaced_and_custom_fields_merged(client: httpx.Client) -> None:
    """A PATCH replaces emails, phones and labels; custom fields that it leaves out stay."""
    one, other = (make_field(client, "varchar")["field_code"] for _ in range(2))
    person = make_person(
        client,
        emails=[{"value": "a@example.com"}, {"value": "b@example.com"}],
        phones=[{"value": "+33 1 99 00 12 34"}],
        label_ids=[1, 2],
        custom_fields={one: "x", other: "y"},
    )
    changed = patch(
        client, person["id"], emails=[{"value": "c@example.com"}], label_ids=[3], custom_fields={other: None}
    )
    assert [email["value"] for email in changed["emails"]] == ["c@example.com"]
    assert changed["label_ids"] == [3]
    assert changed["phones"] == person["phones"]
    assert changed["custom_fields"] == {one: "x", other: None}
    assert patch(client, person["id"], emails=[], label_ids=[])["emails"] == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"emails": ["a@example.com"]}, "emails: item: The value is not a valid 'object'"),
        ({"emails": "a@example.com"}, "emails: Invalid collection"),
        ({"emails": [{"value": 1}]}, "emails: value: The value is not a valid 'string'"),
        (
            {"emails": [{"value": "a", "primary": "true"}]},
            "emails: primary: The value is not a valid 'boolean'",
        ),
        ({"emails": [{"value": "a", "kind": "x"}]}, "emails: Unknown key 'kind'"),
        ({"phones": [{"label": "work"}]}, "phones: value: The value is not a valid 'string'"),
        ({"title": "Dr"}, "Unknown key 'title'"),
        ({"custom_fields": {"title": "Dr"}}, "custom_fields: Unknown key 'title'"),
        ({"custom_fields": []}, "custom_fields: The value is not a valid 'object'"),
        ({"owner_id": "7001"}, "owner_id: The value is not a valid 'integer'"),
        ({"owner_id": True}, "owner_id: The value is not a valid 'integer'"),
        ({"owner_id": 1}, "owner_id: there is no user with the id 1"),
        ({"org_id": 1}, "org_id: there is no org with the id 1"),
        ({"org_id": None}, "org_id: The value is not a valid 'integer'"),
        ({"label_ids": [99]}, "label_ids: Unknown option id '99'"),
        ({"label_ids": 1}, "label_ids: Invalid collection"),
        ({"visible_to": "3"}, "visible_to: The value is not a valid 'integer'"),
        ({"visible_to": 2}, "visible_to: must be one of 1, 3, 5, 7"),
        ({"first_name": None}, "first_name: The value is not a valid 'string'"),
        ({"name": 5}, "name: The value is not a valid 'string'"),
        ({"name": "x" * 256}, "name length must be less than or equal to 255 characters long"),
        ({"add_time": "2026-09-01 10:00:00"}, "add_time: not a valid datetime"),
        ({"marketing_status": "subscribed"}, "Unknown key 'marketing_status'"),
    ],
)
def test_wrong_bodies_are_refused(client: httpx.Client, body: dict[str, Any], problem: str) -> None:
    """Nothing is turned into what it is not, and a refused body leaves no trace."""
    assert refusal(client.post(f"{V2}/persons", json={"name": "Lucile"} | body)) == problem
    assert client.get(f"{V2}/persons").json()["data"] == []


def test_unknown_keys_may_be_ignored(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch off, an unknown key does nothing."""
    sandbox.control.turn(pipedrive__strict_body_keys=False)
    assert "title" not in make_person(client, title="Dr")


def test_standard_fields_may_be_clearable(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch on, null clears."""
    sandbox.control.turn(pipedrive__standard_fields_clearable=True, pipedrive__references_checked=False)
    id_ = make_person(client, org_id=42)["id"]
    assert patch(client, id_, org_id=None, first_name=None)["org_id"] is None


def test_text_may_be_trimmed(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch on, what is stored is not what was sent."""
    sandbox.control.turn(pipedrive__trims_text=True)
    assert make_person(client, first_name=" Zoé ", last_name="O'Brien")["name"] == "Zoé O'Brien"


def test_add_time_may_be_given_once(client: httpx.Client) -> None:
    """A create takes add_time, in UTC afterwards; a change does not."""
    person = make_person(client, add_time="2020-01-01T02:00:00+02:00")
    assert person["add_time"] == "2020-01-01T00:00:00Z"
    assert refusal(client.patch(f"{V2}/persons/{person['id']}", json={"add_time": "2020-01-01T00:00:00Z"}))


def test_a_change_moves_update_time(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Also one that changes nothing, unless the switch says otherwise."""
    id_ = make_person(client)["id"]
    first = patch(client, id_, first_name="Zoé")["update_time"]
    sandbox.control.advance_clock(60)
    second = patch(client, id_, first_name="Zoé")["update_time"]
    assert first < second
    sandbox.control.turn(pipedrive__same_value_moves_update_time=False)
    sandbox.control.advance_clock(60)
    assert patch(client, id_, first_name="Zoé")["update_time"] == second


def test_update_time_can_move_alone(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """As when a note is linked."""
    person = make_person(client)
    sandbox.control.touch_person(person["id"])
    touched = client.get(f"{V2}/persons/{person['id']}").json()["data"]
    assert touched["update_time"] is not None
    assert touched | {"update_time": None} == person


def test_deletion_is_soft_for_thirty_days(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A deleted person is in no list, can be read with the time of deletion, not changed, and is gone after 30 days."""
    id_ = make_person(client, name="Zoé O'Brien")["id"]
    assert client.delete(f"{V2}/persons/{id_}").json() == {"success": True, "data": {"id": id_}}
    assert client.get(f"{V2}/persons").json()["data"] == []
    assert client.get(f"{V2}/persons", params={"ids": id_}).json()["data"] == []
    assert client.get(f"{V2}/persons/search", params={"term": "Zoé"}).json()["data"]["items"] == []
    person = client.get(f"{V2}/persons/{id_}").json()["data"]
    assert person["is_deleted"] is True
    assert person["update_time"] is not None
    assert client.patch(f"{V2}/persons/{id_}", json={"name": "X"}).status_code == 404
    assert client.delete(f"{V2}/persons/{id_}").status_code == 404
    sandbox.control.advance_clock(30 * DAY)
    assert client.get(f"{V2}/persons/{id_}").status_code == 404


def test_a_deleted_person_may_be_hidden(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch off, it is 404 at once."""
    sandbox.control.turn(pipedrive__deleted_person_readable=False)
    id_ = make_person(client)["id"]
    client.delete(f"{V2}/persons/{id_}")
    answer = client.get(f"{V2}/persons/{id_}")
    assert (answer.status_code, answer.json()) == (
        404,
        {
            "success": False,
            "error": "Person not found",
            "error_info": "Please check developers.pipedrive.com for more information about Pipedrive API.",
            "data": None,
            "additional_data": None,
        },
    )


def test_ids_are_never_given_twice(client: httpx.Client) -> None:
    """The id of a deleted person stays its own."""
    first = make_person(client)["id"]
    client.delete(f"{V2}/persons/{first}")
    assert make_person(client)["id"] == first + 1


def test_marketing_status_changes_once(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The first change happens, the second is silently left undone (R: consent is re-read after a write)."""
    sandbox.control.turn(pipedrive__campaigns_app=True)
    person = make_person(client, emails=[{"value": "a@example.com"}], marketing_status="subscribed")
    assert person["marketing_status"] == "subscribed"
    assert patch(client, person["id"], marketing_status="unsubscribed")["marketing_status"] == "unsubscribed"
    assert patch(client, person["id"], marketing_status="subscribed")["marketing_status"] == "unsubscribed"
    assert "marketing_status" not in client.get(f"{V2}/persons/{person['id']}").json()["data"]
    shown = client.get(f"{V2}/persons/{person['id']}", params={"include_fields": "marketing_status"})
    assert shown.json()["data"]["marketing_status"] == "unsubscribed"


def test_without_address_there_is_no_consent(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """A new person without an address is no_consent, whatever was asked for."""
    sandbox.control.turn(pipedrive__campaigns_app=True)
    assert make_person(client, marketing_status="subscribed")["marketing_status"] == "no_consent"


def test_without_campaigns_there_is_no_marketing_status(client: httpx.Client) -> None:
    """It can be neither written nor asked for."""
    assert "marketing_status" not in make_person(client)
    assert refusal(client.get(f"{V2}/persons", params={"include_fields": "marketing_status"}))


def test_contact_sync_fields_need_contact_sync(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """Without it they are absent and writing them is 403; with it they are there."""
    assert client.post(f"{V2}/persons", json={"name": "Zoé", "job_title": "CEO"}).status_code == 403
    sandbox.control.turn(pipedrive__contact_sync=True)
    person = make_person(client, job_title="CEO", birthday="1990-01-31")
    assert (person["job_title"], person["birthday"], person["im"]) == ("CEO", "1990-01-31", [])
    assert patch(client, person["id"], job_title="CTO")["birthday"] == "1990-01-31"


def test_labels_of_addresses_may_be_a_closed_list(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """With the switch off, only the four known labels are taken."""
    sandbox.control.turn(pipedrive__any_label=False)
    body = {"name": "Zoé", "emails": [{"value": "a@example.com", "label": "perso"}]}
    assert "label must be one of" in refusal(client.post(f"{V2}/persons", json=body))


@pytest.mark.parametrize("path", ["0", "-1", "abc", "1.5", "9" * 30, "%00"])
def test_ids_in_paths_are_whole_numbers(client: httpx.Client, path: str) -> None:
    """Anything else is a validation error, not a crash."""
    assert client.get(f"{V2}/persons/{path}").status_code == 400


def test_visibility_depends_on_the_plan(sandbox: SandboxProcess, client: httpx.Client) -> None:
    """The lower plans know two values only."""
    sandbox.control.turn(pipedrive__plan="growth")
    body = {"name": "Zoé", "visible_to": 7}
    assert refusal(client.post(f"{V2}/persons", json=body)) == "visible_to: must be one of 1, 3"
