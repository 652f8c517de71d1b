"""Persons as rows: kept, read, found again, and put into the form of API v2.

[live] N8N: a new person has ``update_time`` null, and every custom field as null. [spec]: deletion is soft and
final after 30 days; [doc] MIG: ``update_time`` of a deleted person is the time of its deletion.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.fieldbook import FieldBook
from pdsync.sandbox.pipedrive.standard_fields import CONTACT_SYNC_FIELDS, OPTIONAL_VALUES
from pdsync.sandbox.switches import Switches
from pdsync.sandbox.wire import decode, encode

DAYS_UNTIL_PURGE = 30
SEARCHABLE_TYPES = frozenset({"address", "varchar", "text", "varchar_auto", "double", "monetary", "phone"})
"""[spec] GET /persons/search, ``fields``."""

COLUMNS = (
    "id",
    "name",
    "first_name",
    "last_name",
    "owner_id",
    "org_id",
    "add_time",
    "update_time",
    "visible_to",
    "label_ids",
    "emails",
    "phones",
    "custom_fields",
    "contact_sync",
    "marketing_status",
    "marketing_changed",
    "picture_id",
    "deleted_time",
)
_JSON_COLUMNS = ("label_ids", "emails", "phones", "custom_fields", "contact_sync")
_WRITTEN = (*COLUMNS, "written_time", "search_text")
_PLACES = ", ".join(f":{name}" for name in _WRITTEN)
_CHANGES = ", ".join(f"{name} = :{name}" for name in _WRITTEN if name != "id")
_INSERT = f"INSERT INTO pipedrive_persons ({', '.join(_WRITTEN)}) VALUES ({_PLACES})"  # noqa: S608 - names from above
_UPDATE = f"UPDATE pipedrive_persons SET {_CHANGES} WHERE id = :id"  # noqa: S608 - names from above
SELECT = f"SELECT {', '.join(COLUMNS)} FROM pipedrive_persons WHERE "  # noqa: S608 - names from above
"""Rows for `Person.from_row`; a condition follows."""


@dataclass(slots=True)
class Person:
    """One person as it is kept. Lists and objects are in their API form."""

    name: str
    owner_id: int
    add_time: str
    id: int | None = None
    first_name: str | None = None
    last_name: str | None = None
    org_id: int | None = None
    update_time: str | None = None
    visible_to: int = 3
    label_ids: list[int] = field(default_factory=list)
    emails: list[dict[str, Any]] = field(default_factory=list)
    phones: list[dict[str, Any]] = field(default_factory=list)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    """By field code; unset ones are left out."""

    contact_sync: dict[str, Any] = field(default_factory=dict)
    """``job_title`` and the like; unset ones are left out."""

    marketing_status: str = "no_consent"
    marketing_changed: int = 0
    picture_id: int | None = None
    deleted_time: str | None = None

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Person:
        """A row of the table with `COLUMNS`."""
        values = {name: row[name] for name in COLUMNS}
        for name in _JSON_COLUMNS:
            values[name] = decode(values[name])
        return cls(**values)

    def as_row(self, types: dict[str, str], written_time: float) -> dict[str, Any]:
        """The values of a row; ``types`` of the custom fields decide what search may look through."""
        values: dict[str, Any] = {name: getattr(self, name) for name in COLUMNS}
        for name in _JSON_COLUMNS:
            values[name] = encode(values[name])
        values["written_time"] = written_time
        values["search_text"] = "\n".join(text for _, text in self.searchable(types)).casefold()
        return values

    def searchable(self, types: dict[str, str]) -> list[tuple[str, str]]:
        """What search looks through: pairs of kind (name, email, phone, notes, custom_fields) and text."""
        found = [("name", self.name)]
        found += [("email", email["value"]) for email in self.emails]
        found += [("phone", phone["value"]) for phone in self.phones]
        if notes := self.contact_sync.get("notes"):
            found.append(("notes", notes))
        for code, value in self.custom_fields.items():
            if types.get(code) in SEARCHABLE_TYPES:
                plain = value["value"] if isinstance(value, dict) else value
                found.append(("custom_fields", str(plain)))
        return found


@dataclass(frozen=True, slots=True)
class View:
    """What of a person is shown: the query parameters that shape the answer."""

    include_fields: tuple[str, ...] = ()
    custom_fields: frozenset[str] | None = None
    """Only these custom fields; None means all."""

    option_labels: bool = False
    labels: bool = False


class Persons:
    """The persons of the account."""

    def __init__(self, db: Database, clock: Clock, switches: Switches, book: FieldBook) -> None:
        self._db = db
        self._clock = clock
        self._switches = switches
        self._book = book

    def insert(self, person: Person) -> Person:
        """Keep a new person; it gets its id."""
        person.id = self._db.execute(_INSERT, person.as_row(self._types(), self._clock.now())).lastrowid
        return person

    def insert_many(self, persons: Iterable[Person]) -> None:
        """Keep many in one transaction: the way in for seeding."""
        types, now = self._types(), self._clock.now()
        self._db.executemany(_INSERT, (person.as_row(types, now) for person in persons))

    def update(self, person: Person) -> None:
        """Keep a changed person."""
        self._db.execute(_UPDATE, person.as_row(self._types(), self._clock.now()))

    def delete(self, person: Person) -> None:
        """Mark as deleted."""
        person.deleted_time = person.update_time = self._clock.stamp()
        self.update(person)

    def find(self, id_: int) -> Person | None:
        """A person by id, also a deleted one until it is purged."""
        row = self._db.row(SELECT + "id = ?", (id_,))
        if row is None:
            return None
        if row["deleted_time"] is not None:
            purge = datetime.fromisoformat(row["deleted_time"]) + timedelta(days=DAYS_UNTIL_PURGE)
            if purge <= datetime.fromtimestamp(self._clock.now(), UTC):
                return None
        return Person.from_row(row)

    def presenter(self, view: View) -> Callable[[Person], dict[str, Any]]:
        """A function that puts persons into the form of the API; made once for each answer, for speed."""
        fields = self._book.fields()
        shown = [code for code in fields if view.custom_fields is None or code in view.custom_fields]
        blank: dict[str, Any] = dict.fromkeys(shown)
        no_fields = not fields and self._switches.on("pipedrive.custom_fields_null_without_fields")
        listed = {
            code: {option.id: option.label for option in self._book.options(code).values()}
            for code in shown
            if view.option_labels and fields[code].type in ("enum", "set")
        }
        labels = (
            {id_: option.label for id_, option in self._book.options("label_ids").items()}
            if view.labels
            else {}
        )
        contact_sync = self._switches.on("pipedrive.contact_sync")
        extra = {name: OPTIONAL_VALUES[name] for name in view.include_fields if name in OPTIONAL_VALUES}
        marketing = [name for name in ("marketing_status", "doi_status") if name in view.include_fields]

        def present(person: Person) -> dict[str, Any]:
            values = blank | {code: value for code, value in person.custom_fields.items() if code in blank}
            for code, options in listed.items():
                values[code] = _with_labels(values[code], options)
            answer = {
                "id": person.id,
                "name": person.name,
                "first_name": person.first_name,
                "last_name": person.last_name,
                "add_time": person.add_time,
                "update_time": person.update_time,
                "visible_to": person.visible_to,
                "custom_fields": None if no_fields else values,
                "owner_id": person.owner_id,
                "label_ids": person.label_ids,
                "org_id": person.org_id,
                "is_deleted": person.deleted_time is not None,
                "picture_id": person.picture_id,
                "phones": person.phones,
                "emails": person.emails,
            }
            if view.labels:
                answer["labels"] = [{"id": id_, "label": labels.get(id_)} for id_ in person.label_ids]
            if contact_sync:
                answer |= {
                    name: person.contact_sync.get(name, [] if name == "im" else None)
                    for name in CONTACT_SYNC_FIELDS
                }
            for name in marketing:
                answer[name] = person.marketing_status if name == "marketing_status" else None
            return answer | extra

        return present

    def _types(self) -> dict[str, str]:
        return {code: field.type for code, field in self._book.fields().items()}


def _with_labels(value: Any, labels: dict[int, str]) -> Any:  # noqa: ANN401 - an id, a list of ids, or null
    """[spec] ``include_option_labels``; what a deleted option looks like there is unknown, here its label is null."""
    if value is None:
        return None
    if isinstance(value, list):
        return [{"id": id_, "label": labels.get(id_)} for id_ in value]
    return {"id": value, "label": labels.get(value)}
