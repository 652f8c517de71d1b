"""Made-up records as bodies of requests, for tests that create through the API what a seed would put into the file."""

from __future__ import annotations

from typing import Any

from pdsync.sandbox.seeding.records import Contact, Person


def person_body(person: Person) -> dict[str, Any]:
    """The body of `POST /api/v2/persons` (Pipedrive notes 2.6). Both name parts are sent, so that nothing is split.

    Consent is left out: `marketing_status` exists in accounts with the Campaigns app only.
    """
    body: dict[str, Any] = {
        "emails": listed(person.emails),
        "phones": listed(person.phones),
        "label_ids": person.label_ids,
        "custom_fields": person.custom,
    }
    if person.first_name and person.last_name:
        return {"first_name": person.first_name, "last_name": person.last_name, **body}
    return {"name": person.name, **body}


def contact_body(contact: Contact) -> dict[str, Any]:
    """The body of `POST /contacts` of the sandbox profile: what Plezi computes is left out."""
    named = {
        "email": contact.email,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company,
        "function": contact.function,
    }
    body: dict[str, Any] = {key: value for key, value in named.items() if value is not None}
    if contact.opted_out:
        body["opted_out"] = True
    return body | contact.custom


def listed(entries: list[tuple[str, str]]) -> list[dict[str, str | bool]]:
    """Addresses or numbers as Pipedrive lists them; the first is the primary one."""
    return [
        {"label": label, "value": value, "primary": position == 0}
        for position, (value, label) in enumerate(entries)
    ]
