"""Contacts: what Plezi keeps of each, and what a write does to it.

Used by the invented contact routes and by the form submission alike, so that both leave the same traces. The answers
have the JSON:API form that Plezi's forms list has (Plezi notes 4.2): `id`, `type`, `attributes`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.plezi.fieldbook import FieldBook
from pdsync.sandbox.plezi.fields import BadValueError, Field, accepted
from pdsync.sandbox.plezi.problems import email_taken, invalid, not_found
from pdsync.sandbox.switches import Switches

NEW_STATE: Final = "New"
"""State of a contact that nobody has looked at; the real words are not known (Plezi notes 7.4)."""

OFFLINE_MEDIUM: Final = "offline"
"""Medium of contacts that no visit brought (Plezi notes 7.5, `[infer]` for those made by an API)."""

_PLAIN_COLUMNS: Final = ("first_name", "last_name", "company", "function")
_COMPUTED: Final[Mapping[str, type]] = {"behaviour_score": int, "state": str, "source": str, "medium": str}
_SORTS: Final = {"id": "id", "created_at": "created_at", "updated_at": "updated_at"}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a new contact came from."""

    source: str | None = None
    medium: str = OFFLINE_MEDIUM
    form: str | None = None


class Contacts:
    """The contacts of this account."""

    def __init__(self, db: Database, clock: Clock, switches: Switches, fields: FieldBook) -> None:
        self._db = db
        self._clock = clock
        self._switches = switches
        self._fields = fields

    # reading

    def page(
        self, *, page: int, per_page: int, sort_by: str, descending: bool, updated_since: str | None
    ) -> tuple[list[dict[str, Any]], int]:
        """One page and the number of all results. Pages are cut by position, so changes meanwhile shift them."""
        direction = "DESC" if descending else "ASC"
        order = f"{_SORTS[sort_by]} {direction}, id {direction}"
        where = "" if updated_since is None else "WHERE updated_at >= :since"
        # The positions that are skipped are counted in an index alone; contacts are looked up for the page only.
        rows = self._db.rows(
            f"SELECT * FROM plezi_contacts WHERE sequence IN (SELECT sequence FROM plezi_contacts {where}"  # noqa: S608 - no text of a request
            f" ORDER BY {order} LIMIT :limit OFFSET :offset) ORDER BY {order}",
            {"since": updated_since, "limit": per_page, "offset": (page - 1) * per_page},
        )
        total = self._db.value(f"SELECT count(*) FROM plezi_contacts {where}", {"since": updated_since})  # noqa: S608
        return self.resources(rows), total

    def by_ids(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """The contacts of these ids that exist, in the order asked for."""
        rows = self._db.rows(
            "SELECT * FROM plezi_contacts WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
        )
        found = {row["id"]: row for row in rows}
        return self.resources([found[id_] for id_ in dict.fromkeys(ids) if id_ in found])

    def by_email(self, email: str) -> sqlite3.Row | None:
        """The contact of this address, whatever its case."""
        return self._db.row("SELECT * FROM plezi_contacts WHERE email_key = ?", (email.lower(),))

    def row(self, contact_id: str) -> sqlite3.Row:
        """The contact of this id; 404 if there is none."""
        row = self._db.row("SELECT * FROM plezi_contacts WHERE id = ?", (contact_id,))
        if row is None:
            raise not_found(f"contact {contact_id}")
        return row

    def resource(self, row: sqlite3.Row) -> dict[str, Any]:
        """A contact on the wire."""
        return self.resources([row])[0]

    def resources(self, rows: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
        """Contacts on the wire: every field is present, an empty one is null."""
        custom_keys = [field.key for field in self._fields.all().values() if field.is_custom]
        return [self._resource(row, custom_keys) for row in rows]

    def _resource(self, row: sqlite3.Row, custom_keys: Sequence[str]) -> dict[str, Any]:
        custom = json.loads(row["custom"])
        attributes: dict[str, Any] = {
            "email": row["email"],
            **{name: row[name] for name in _PLAIN_COLUMNS},
            "behaviour_score": row["behaviour_score"],
            "state": row["state"],
            "source": row["source"],
            "medium": row["medium"],
            "form": row["form"],
            "plezi_url": plezi_url(row["id"]),
            "opted_out": bool(row["opted_out"]),
            "consents": json.loads(row["consents"]),
            "subscriptions": json.loads(row["subscriptions"]),
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            **{key: custom.get(key) for key in custom_keys},
        }
        return {"id": row["id"], "type": "contact", "attributes": attributes}

    # writing

    def checked(self, body: Mapping[str, Any], *, exists: bool) -> dict[str, Any]:
        """The values of a request body as they will be stored; 422 with every problem at once.

        On a contact that exists, null asks for clearing; on a new one it asks for nothing.
        """
        fields = self._fields.all()
        problems: list[str] = []
        values: dict[str, Any] = {}
        for key, value in body.items():
            field = fields.get(key)
            if field is None:
                problems.append(f"{key} is not a field")
            elif field.read_only:
                problems.append(f"{key} is read-only: Plezi computes it")
            else:
                try:
                    values[key] = self._accepted(field, value, exists=exists)
                except BadValueError as problem:
                    problems.append(str(problem))
        if problems:
            raise invalid(*problems)
        return values

    def create(self, values: Mapping[str, Any], origin: Origin | None = None) -> sqlite3.Row:
        """Keep a new contact; 422 without an address, 409 if the address is taken."""
        email = values.get("email")
        if email is None:
            raise invalid("email is required")
        if self.by_email(email) is not None:
            raise email_taken(email)
        origin = origin or Origin()
        now = self._clock.stamp()
        with self._db.transaction():
            sequence = 1 + self._db.value(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", _NAME
            )
            contact_id = f"{int(self._clock.now()):08x}{_MACHINE}{sequence & 0xFFFFFF:06x}"
            self._db.execute(
                "INSERT INTO plezi_contacts (id, email, email_key, first_name, last_name, company, function,"
                " behaviour_score, state, source, medium, form, opted_out, consents, subscriptions, custom,"
                " created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, '[]', '[]', ?, ?, ?)",
                (
                    contact_id,
                    email,
                    email.lower(),
                    *(values.get(name) for name in _PLAIN_COLUMNS),
                    NEW_STATE,
                    origin.source,
                    origin.medium,
                    origin.form,
                    int(bool(values.get("opted_out"))),
                    _custom_text({}, values),
                    now,
                    now,
                ),
            )
        return self.row(contact_id)

    def update(self, row: sqlite3.Row, values: Mapping[str, Any]) -> sqlite3.Row:
        """Change the named fields of a contact and no other; None empties a field."""
        email = row["email"] if values.get("email") is None else values["email"]
        if "email" in values and values["email"] is None:
            raise invalid("email cannot be emptied")
        holder = self.by_email(email)
        if holder is not None and holder["id"] != row["id"]:
            raise email_taken(email)
        opted_out = row["opted_out"] if values.get("opted_out") is None else int(values["opted_out"])
        if row["opted_out"] and not opted_out and self._switches.on("plezi.opt_out_is_final"):
            raise invalid("opted_out cannot be taken back: the person has to subscribe again")
        new = {
            "email": email,
            "email_key": email.lower(),
            **{name: values.get(name, row[name]) for name in _PLAIN_COLUMNS},
            "opted_out": opted_out,
            "custom": _custom_text(json.loads(row["custom"]), values),
        }
        if any(row[name] != value for name, value in new.items()) or self._switches.on(
            "plezi.equal_update_moves_updated_at"
        ):
            self._db.execute(
                "UPDATE plezi_contacts SET email = :email, email_key = :email_key, first_name = :first_name,"
                " last_name = :last_name, company = :company, function = :function, opted_out = :opted_out,"
                " custom = :custom, updated_at = :now WHERE id = :id",
                new | {"now": self._clock.stamp(), "id": row["id"]},
            )
        return self.row(row["id"])

    def compute(self, contact_id: str, changes: Mapping[str, Any]) -> sqlite3.Row:
        """Set what Plezi itself works out (`behaviour_score`, `state`, `source`, `medium`): no route of Plezi leads here."""
        row = self.row(contact_id)
        problems = [
            f"{name} is not worked out by Plezi, or takes another value than {value!r}"
            for name, value in changes.items()
            if type(value) is not _COMPUTED.get(name)
        ]
        if problems:
            raise invalid(*problems)
        self._db.execute(
            "UPDATE plezi_contacts SET behaviour_score = :behaviour_score, state = :state, source = :source,"
            " medium = :medium, updated_at = :now WHERE id = :id",
            {name: changes.get(name, row[name]) for name in _COMPUTED}
            | {"now": self._clock.stamp(), "id": contact_id},
        )
        return self.row(contact_id)

    def delete(self, contact_id: str) -> None:
        """Take a contact away for good; the submissions stay as they were."""
        row = self.row(contact_id)
        self._db.execute("DELETE FROM plezi_contacts WHERE id = ?", (row["id"],))

    def _accepted(self, field: Field, value: Any, *, exists: bool) -> Any:  # noqa: ANN401 - JSON is of any type
        if value is None and exists and not self._switches.on("plezi.contacts_can_be_cleared"):
            raise BadValueError(f"{field.key} cannot be emptied")
        return accepted(field, value, case_sensitive=self._switches.on("plezi.options_are_case_sensitive"))


def plezi_url(contact_id: str) -> str:
    """The address of a contact's record; the real pattern is not known (Plezi notes 7.1), and this host is nobody's."""
    return f"https://plezi.example/contacts/{contact_id}"


_NAME: Final = ("plezi_contacts",)
_MACHINE: Final = "73616e6462"
"""The middle of an identifier, where MongoDB has a value of the machine: `sandb` in ASCII."""


def _custom_text(held: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """The custom fields after a write, empty ones left out."""
    merged = {**held, **{key: value for key, value in values.items() if key.startswith("plz_")}}
    return json.dumps({key: value for key, value in merged.items() if value is not None}, ensure_ascii=False)
