"""Puts made-up accounts into the sandbox file, past the APIs: a seed is the state of things, not a history of requests.

Reset and other housekeeping belong to the caller; a file that holds records is refused, because ids, addresses and the
manifest of a seed are true in an empty account only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive import persons as pipedrive
from pdsync.sandbox.pipedrive.fieldbook import FieldBook
from pdsync.sandbox.pipedrive.tables import OWNER_ID
from pdsync.sandbox.plezi import fields as plezi
from pdsync.sandbox.plezi.fieldbook import FieldBook as PleziFieldBook
from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.seeding.bodies import listed
from pdsync.sandbox.seeding.records import Contact, Person
from pdsync.sandbox.switches import Switches

_FIELDS_MADE: Final = "2024-01-09T10:00:00Z"
_EVERYBODY: Final = 7
"""`visible_to` of the whole company on the plan that the stand-in has by default (Pipedrive notes 2.1)."""

_INSERT_CONTACT: Final = (
    "INSERT INTO plezi_contacts (id, email, email_key, first_name, last_name, company, function, behaviour_score,"
    " state, source, medium, form, opted_out, consents, subscriptions, custom, created_at, updated_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '[]', ?, ?, ?)"
)


class NotEmptyError(Exception):
    """The file holds records or custom fields already."""


class Loader:
    """Writes into an empty sandbox file."""

    def __init__(self, db: Database, clock: Clock, switches: Switches) -> None:
        self._db = db
        self._persons = pipedrive.Persons(db, clock, switches, FieldBook(db, clock))
        self._plezi_fields = PleziFieldBook(db)
        self._organizations: dict[str, int] = {}

    def require_empty(self) -> None:
        """Refuse a file in which somebody has worked."""
        for table in ("pipedrive_persons", "pipedrive_fields", "plezi_contacts", "plezi_fields"):
            if self._db.value(f"SELECT 1 FROM {table} LIMIT 1") is not None:  # noqa: S608 - the names stand above
                raise NotEmptyError(
                    f"{self._db.path} is not empty ({table}); nothing was written. Reset the sandbox, then seed it."
                )

    def fields(self) -> None:
        """The custom fields of both accounts, and Plezi's forms."""
        for field in fieldset.PIPEDRIVE_FIELDS:
            self._db.execute(
                "INSERT INTO pipedrive_fields (code, name, type) VALUES (?, ?, ?)",
                (field.code, field.name, field.type),
            )
            self._options(field.code, field.options or (), deleted=False)
        gone = ((fieldset.DELETED_SECTOR_ID, "Divers"),)
        self._options(fieldset.SECTOR.code, gone, deleted=True)
        self._plezi_fields.add(
            plezi.Field(
                field.key,
                field.label,
                field.type,
                options=None
                if field.options is None
                else tuple(plezi.Option(*option) for option in field.options),
            )
            for field in fieldset.PLEZI_FIELDS
        )
        self._db.executemany(
            "INSERT INTO plezi_forms (id, form_id, title, created_at) VALUES (?, ?, ?, ?)",
            [(form.content_web_form_id, form.form_id, form.title, _FIELDS_MADE) for form in fieldset.FORMS],
        )

    def persons(self, persons: Iterable[Person]) -> None:
        """Persons, each with the organisation it works for."""
        self._persons.insert_many(self._kept(person) for person in persons)

    def contacts(self, contacts: Iterable[Contact]) -> None:
        """Contacts."""
        self._db.executemany(
            _INSERT_CONTACT,
            (
                (
                    contact.id,
                    contact.email,
                    contact.email.lower(),
                    contact.first_name,
                    contact.last_name,
                    contact.company,
                    contact.function,
                    contact.behaviour_score,
                    contact.state,
                    contact.source,
                    contact.medium,
                    contact.form,
                    int(contact.opted_out),
                    json.dumps(contact.consents),
                    json.dumps(contact.custom, ensure_ascii=False),
                    contact.created_at,
                    contact.updated_at,
                )
                for contact in contacts
            ),
        )

    def _options(self, field: str, options: Iterable[tuple[int, str]], *, deleted: bool) -> None:
        self._db.executemany(
            "INSERT INTO pipedrive_options (id, field, label, position, add_time, deleted) VALUES (?, ?, ?, ?, ?, ?)",
            [(id_, field, label, id_, _FIELDS_MADE, int(deleted)) for id_, label in options],
        )

    def _kept(self, person: Person) -> pipedrive.Person:
        """The person in the form in which the stand-in keeps it."""
        return pipedrive.Person(
            id=person.id,
            name=person.name,
            first_name=person.first_name,
            last_name=person.last_name,
            owner_id=OWNER_ID,
            org_id=self._organization(person.company),
            add_time=person.add_time,
            update_time=person.update_time,
            visible_to=_EVERYBODY,
            label_ids=person.label_ids,
            emails=listed(person.emails),
            phones=listed(person.phones),
            custom_fields=dict(person.custom),
            marketing_status=person.marketing_status,
        )

    def _organization(self, name: str) -> int:
        """The id of the organisation of this name, which is made if it is new."""
        if name not in self._organizations:
            self._organizations[name] = len(self._organizations) + 1
            self._db.execute(
                "INSERT INTO pipedrive_organizations (id, name) VALUES (?, ?)",
                (self._organizations[name], name),
            )
        return self._organizations[name]
