"""What a first sync of a seeded file comes to, worked out from its tables alone.

A second opinion: it knows the rules (design of pdsync, section 6) and nothing of how a world is made, so that the
figures that the generator wrote down while planting can be wrong and be caught.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from pdsync.sandbox.database import Database

BOTH: Final = {
    "Secteur": "plz_secteur",
    "Centres d'intérêt": "plz_centres_d_interet",
    "Chiffre d'affaires": "plz_chiffre_d_affaires",
    "Date de naissance": "plz_date_de_naissance",
}
TO_PIPEDRIVE: Final = {
    "plezi_url": "plezi_url",
    "source": "source",
    "score": "behaviour_score",
    "status": "state",
    "Function": "function",
}
UNKNOWN: Final = object()
"""An option without a partner."""


def key(address: str) -> str:
    """The identity of a mailbox: blanks at the ends, case, and the spelling of the domain do not count."""
    plain = unicodedata.normalize("NFC", address.strip(" \t\n\u00a0\u200b")).lower()
    local, _, domain = plain.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}" if local and domain.isprintable() else plain


def slug(label: str) -> str:
    """A label as a slug."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def same_text(value: Any) -> Any:
    """Text in the one form that comparisons use; other values as they are."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@dataclass
class FirstSync:
    """Counts, and the records behind them."""

    links: list[tuple[int, str]] = field(default_factory=list)
    ambiguous: list[tuple[set[int], set[str]]] = field(default_factory=list)
    person_updates: int = 0
    contact_updates: int = 0
    person_creates: list[str] = field(default_factory=list)
    contact_creates: list[int] = field(default_factory=list)
    conflicts: list[tuple[int, str]] = field(default_factory=list)
    unknown_options: Counter[str] = field(default_factory=Counter)
    held_out_of_scope: int = 0


class Accounts:
    """Both accounts, read from the tables."""

    def __init__(self, db: Database) -> None:
        self.codes = {row["name"]: row["code"] for row in db.rows("SELECT name, code FROM pipedrive_fields")}
        self.labels = {
            row["id"]: row["label"]
            for row in db.rows("SELECT id, label FROM pipedrive_options WHERE NOT deleted")
        }
        self.persons = {row["id"]: _person(dict(row)) for row in db.rows("SELECT * FROM pipedrive_persons")}
        self.contacts = {row["id"]: _contact(dict(row)) for row in db.rows("SELECT * FROM plezi_contacts")}
        self.values = {
            row["key"]: [value for value, _ in json.loads(row["options"])]
            for row in db.rows("SELECT key, options FROM plezi_fields WHERE options IS NOT NULL")
        }

    def person_value(self, person_id: int, name: str) -> Any:
        """A custom field of a person, by its name."""
        return self.persons[person_id]["custom_fields"].get(self.codes[name])

    def translated(self, name: str, value: Any) -> Any:
        """A Pipedrive value in Plezi's terms."""
        plezi_key = BOTH[name]
        if plezi_key not in self.values or value is None:
            return value
        if isinstance(value, list):
            parts = [self._option(plezi_key, part) for part in value]
            return UNKNOWN if UNKNOWN in parts else sorted(parts)
        return self._option(plezi_key, value)

    def known_value(self, name: str, value: Any) -> Any:
        """A Plezi value, or `UNKNOWN` if an option of it has no partner in Pipedrive."""
        if BOTH[name] not in self.values or value is None:
            return value
        labels = {slug(label) for label in self.labels.values()} | set(self.labels.values())
        parts = value if isinstance(value, list) else [value]
        if any(part not in labels for part in parts):
            return UNKNOWN
        return sorted(value) if isinstance(value, list) else value

    def _option(self, plezi_key: str, option_id: int) -> Any:
        label = self.labels.get(option_id, "")
        for candidate in (label, slug(label)):
            if candidate in self.values[plezi_key]:
                return candidate
        return UNKNOWN


def first_sync(accounts: Accounts) -> FirstSync:
    """Work it out."""
    result = FirstSync()
    for persons, contacts in _components(accounts):
        if len(persons) == 1 and len(contacts) == 1:
            (person_id,), (contact_id,) = persons, contacts
            result.links.append((person_id, contact_id))
            _compare(accounts, person_id, contact_id, result)
        elif len(persons) > 1 or len(contacts) > 1:
            result.ambiguous.append((persons, contacts))
        elif persons and _to_be_created_in_plezi(accounts, *persons):
            result.contact_creates += persons
        elif contacts and _to_be_created_in_pipedrive(accounts, *contacts):
            result.person_creates += contacts
    return result


def _person(row: dict[str, Any]) -> dict[str, Any]:
    lists: dict[str, Any] = {
        name: json.loads(row[name]) for name in ("emails", "phones", "label_ids", "custom_fields")
    }
    return row | lists


def _contact(row: dict[str, Any]) -> dict[str, Any]:
    custom: dict[str, Any] = json.loads(row["custom"])
    url = f"https://plezi.example/contacts/{row['id']}"
    return row | custom | {"plezi_url": url, "behaviour_score": str(row["behaviour_score"])}


def _components(accounts: Accounts) -> list[tuple[set[int], set[str]]]:
    """Groups of records that addresses connect; those without an address stand alone and are left out."""
    holders: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    addresses: dict[tuple[str, Any], set[str]] = {}
    for id_, person in accounts.persons.items():
        addresses["person", id_] = {key(email["value"]) for email in person["emails"]}
    for contact_id, contact in accounts.contacts.items():
        addresses["contact", contact_id] = {key(contact["email"])}
    for record, keys in addresses.items():
        for address in keys:
            holders[address].append(record)
    seen: set[tuple[str, Any]] = set()
    components: list[tuple[set[int], set[str]]] = []
    for record, keys in addresses.items():
        if record in seen or not keys:
            continue
        group: set[tuple[str, Any]] = set()
        waiting = [record]
        while waiting:
            current = waiting.pop()
            if current not in group:
                group.add(current)
                waiting += [other for address in addresses[current] for other in holders[address]]
        seen |= group
        persons = {id_ for kind, id_ in group if kind == "person"}
        components.append((persons, {id_ for kind, id_ in group if kind == "contact"}))
    return components


def _in_scope(accounts: Accounts, person_id: int) -> bool:
    return accounts.labels.get(accounts.person_value(person_id, "sync_to_plezi")) == "Yes"


def _to_be_created_in_plezi(accounts: Accounts, person_id: int) -> bool:
    person = accounts.persons[person_id]
    return _in_scope(accounts, person_id) and person["marketing_status"] != "unsubscribed"


def _to_be_created_in_pipedrive(accounts: Accounts, contact_id: str) -> bool:
    contact = accounts.contacts[contact_id]
    return bool(contact["first_name"] and contact["last_name"] and not contact["opted_out"])


def _compare(accounts: Accounts, person_id: int, contact_id: str, result: FirstSync) -> None:
    person, contact = accounts.persons[person_id], accounts.contacts[contact_id]
    here = there = False
    pairs = [(name, person[name], contact[name]) for name in ("first_name", "last_name")]
    for name, plezi_key in BOTH.items():
        value, other = accounts.person_value(person_id, name), contact.get(plezi_key)
        pairs.append((name, accounts.translated(name, value), accounts.known_value(name, other)))
    for name, value, other in pairs:
        if UNKNOWN in (value, other):
            result.unknown_options[name] += 1
        elif same_text(value) == same_text(other):
            continue
        elif value is None:
            here = True
        elif other is None:
            there = True
        else:
            result.conflicts.append((person_id, name))
    here |= any(
        accounts.person_value(person_id, name) != contact[source] for name, source in TO_PIPEDRIVE.items()
    )
    result.person_updates += here
    if there and not _in_scope(accounts, person_id):
        result.held_out_of_scope += 1
    else:
        result.contact_updates += there
