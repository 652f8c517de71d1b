"""Every call of the Pipedrive stand-in, answered once with everything filled and once with everything empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.sandbox_process import SandboxProcess

V2 = "/api/v2"
OWNER = 7001

VALUES: dict[str, Any] = {
    "varchar": "https://plezi.example/contacts/1",
    "varchar_auto": "Grenoble",
    "text": "Appelée deux fois.\nRappeler en mai.",
    "double": 12.5,
    "monetary": {"value": 1200, "currency": "EUR"},
    "date": "2026-02-28",
    "user": OWNER,
    "phone": "+33 1 99 00 12 34",
    "time": {"value": "09:30:00"},
    "timerange": {"value": "09:30:00", "until": "18:00:00"},
    "daterange": {"value": "2026-02-28", "until": "2026-03-31"},
    "address": {"value": "1 rue de l'Exemple, Grenoble", "locality": "Grenoble", "postal_code": "38000"},
}
"""A value of each type that needs neither options nor another record."""

CONTACT_SYNC: dict[str, Any] = {
    "postal_address": {"value": "1 rue de l'Exemple, Grenoble"},
    "notes": "Aime le thé.",
    "im": [{"value": "zoe.example", "label": "skype"}],
    "birthday": "1990-01-31",
    "job_title": "Directrice",
}
OPTIONAL = ("marketing_status", "doi_status", "open_deals_count", "last_incoming_mail_time")
OPTION_TYPES = ("enum", "set")
ALL_TYPES = (*VALUES, *OPTION_TYPES, "people", "org")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    status: int
    answer: Any


@dataclass
class Recorder:
    """An httpx hook that keeps what was said."""

    exchanges: list[Exchange] = field(default_factory=list)

    def __call__(self, response: httpx.Response) -> None:
        """Keep it."""
        response.read()
        request = response.request
        self.exchanges.append(
            Exchange(request.method, request.url.path, response.status_code, response.json())
        )


def make_field(client: httpx.Client, type_: str, *labels: str) -> dict[str, Any]:
    """A custom field of this type."""
    options = {"options": [{"label": label} for label in labels]} if labels else {}
    answer = client.post(
        f"{V2}/personFields", json={"field_name": f"My {type_}", "field_type": type_} | options
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


def make_person(client: httpx.Client, **body: Any) -> dict[str, Any]:
    """A person; Lucile unless told otherwise."""
    answer = client.post(f"{V2}/persons", json={"name": "Lucile Rivière"} | body)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["data"]
    return made


def every_field(client: httpx.Client) -> dict[str, tuple[str, Any]]:
    """A custom field of each type, with a value for it: type -> (code, value)."""
    values = VALUES | {"people": make_person(client, name="Maël Le Gall")["id"], "org": 1}
    found = {type_: (make_field(client, type_)["field_code"], value) for type_, value in values.items()}
    for type_ in OPTION_TYPES:
        made = make_field(client, type_, "Oui", "Non")
        ids = [option["id"] for option in made["options"]]
        found[type_] = (made["field_code"], ids if type_ == "set" else ids[0])
    return found


def play(sandbox: SandboxProcess) -> list[Exchange]:
    """Go through all routes."""
    recorder = Recorder()
    control = sandbox.control
    with sandbox.pipedrive(event_hooks={"response": [recorder]}) as client:
        _read_everything(client)  # an account without custom fields and persons
        control.turn(pipedrive__references_checked=False)
        fields = every_field(client)
        full = {
            "first_name": "Zoé",
            "last_name": "O'Brien",
            "emails": [{"value": "zoe@example.com"}, {"value": "z@example.org", "label": "home"}],
            "phones": [{"value": "+44 20 7946 0123", "label": "mobile", "primary": True}],
            "label_ids": [1, 2],
            "visible_to": 3,
            "owner_id": OWNER,
            "org_id": 1,
            "custom_fields": dict(fields.values()),
        }
        person = make_person(client, **full)
        make_person(client, name="Prince")
        client.patch(f"{V2}/persons/{person['id']}", json={"last_name": "OBrien"})
        _read_everything(client)
        _change_fields(client, fields["enum"][0])
        for id_ in (person["id"], person["id"] + 1):
            client.get(f"{V2}/persons/{id_}")
        control.turn(pipedrive__campaigns_app=True, pipedrive__contact_sync=True)
        _read_everything(client)
        shown = {
            "include_fields": ",".join(OPTIONAL),
            "include_labels": "true",
            "include_option_labels": "true",
        }
        client.get(f"{V2}/persons", params=shown)
        client.get(f"{V2}/persons/{person['id']}", params=shown)
        made = make_person(client, **full, **CONTACT_SYNC, marketing_status="subscribed")
        client.patch(f"{V2}/persons/{made['id']}", json={"marketing_status": "archived"})
        client.get(f"{V2}/persons/{made['id']}")
        _read_everything(client)
        client.delete(f"{V2}/persons/{person['id']}")
        client.delete(f"{V2}/personFields/{fields['set'][0]}")
    return recorder.exchanges


def _read_everything(client: httpx.Client) -> None:
    lists: list[Callable[[], httpx.Response]] = [
        lambda: client.get(f"{V2}/persons", params={"limit": 2}),
        lambda: client.get(f"{V2}/persons"),
        lambda: client.get(
            f"{V2}/persons/search", params={"term": "ri", "exact_match": "false", "fields": "name,email"}
        ),
        lambda: client.get(f"{V2}/persons/search", params={"term": "zoe@example.com", "exact_match": "true"}),
        lambda: client.get(f"{V2}/personFields", params={"limit": 5}),
        lambda: client.get(
            f"{V2}/personFields", params={"include_fields": "ui_visibility,important_fields,required_fields"}
        ),
        lambda: client.get(f"{V2}/personFields/label_ids"),
        lambda: client.get(f"{V2}/personFields/name", params={"include_fields": "ui_visibility"}),
        lambda: client.get("/v1/users/me"),
        lambda: client.get("/api/v1/users"),
    ]
    for ask in lists:
        ask()


def _change_fields(client: httpx.Client, code: str) -> None:
    options = f"{V2}/personFields/{code}/options"
    client.patch(
        f"{V2}/personFields/{code}", json={"field_name": "Synchroniser", "required_fields": {"enabled": True}}
    )
    added = client.post(options, json=[{"label": "Peut-être"}]).json()["data"]
    client.patch(options, json=[{"id": added[0]["id"], "label": "Jamais"}])
    client.request("DELETE", options, json=[{"id": added[0]["id"]}])
