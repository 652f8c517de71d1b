"""Custom fields and options as the other modules look them up, held in memory between changes.

A deleted option is hidden and cannot be chosen any more, but persons keep its id ([infer]: ids turn up in data
that no list of options knows). A deleted field disappears with its values ([spec] "marks as deleted").
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database

OPTION_TYPES = frozenset({"enum", "set"})
SUBFIELDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "address": tuple(
        (code, code.replace("_", " ").capitalize(), "varchar")
        for code in (
            "country",
            "admin_area_level_1",
            "admin_area_level_2",
            "locality",
            "sublocality",
            "route",
            "street_number",
            "subpremise",
            "postal_code",
        )
    ),
    "monetary": (("currency", "Currency", "varchar"),),
}
"""[spec] says that address and monetary fields have subfields; their codes are those of the values, names are invented."""


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field in use."""

    code: str
    name: str
    type: str
    ui: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of an enum or set field."""

    id: int
    label: str
    add_time: str | None
    update_time: str | None


class FieldBook:
    """Reads and changes custom fields and options."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._fields: dict[str, CustomField] | None = None
        self._options: dict[str, dict[int, Option]] = {}

    def forget(self) -> None:
        """Read again on the next look-up."""
        self._fields = None
        self._options = {}

    def fields(self) -> dict[str, CustomField]:
        """The custom fields by code, in the order of their making."""
        if self._fields is None:
            self._fields = {
                row["code"]: CustomField(row["code"], row["name"], row["type"], json.loads(row["ui"]))
                for row in self._db.rows(
                    "SELECT code, name, type, ui FROM pipedrive_fields WHERE NOT deleted ORDER BY position"
                )
            }
        return self._fields

    def options(self, field: str) -> dict[int, Option]:
        """The options of a field by id, in the order of the list."""
        if field not in self._options:
            self._options[field] = {
                row["id"]: Option(row["id"], row["label"], row["add_time"], row["update_time"])
                for row in self._db.rows(
                    "SELECT id, label, add_time, update_time FROM pipedrive_options"
                    " WHERE field = ? AND NOT deleted ORDER BY position, id",
                    (field,),
                )
            }
        return self._options[field]

    def create(self, name: str, type_: str, labels: list[str], ui: dict[str, Any]) -> str:
        """A new custom field; its code is 40 random hexadecimal digits."""
        code = secrets.token_hex(20)
        with self._db.transaction():
            self._db.execute(
                "INSERT INTO pipedrive_fields (code, name, type, ui) VALUES (?, ?, ?, ?)",
                (code, name, type_, json.dumps(ui)),
            )
            self._insert_options(code, labels)
        self.forget()
        return code

    def change(self, code: str, name: str, ui: dict[str, Any]) -> None:
        """Another name, other flags."""
        self._db.execute(
            "UPDATE pipedrive_fields SET name = ?, ui = ? WHERE code = ?", (name, json.dumps(ui), code)
        )
        self.forget()

    def delete(self, code: str) -> None:
        """Take a field out of use."""
        self._db.execute("UPDATE pipedrive_fields SET deleted = 1 WHERE code = ?", (code,))
        self.forget()

    def add_options(self, code: str, labels: list[str]) -> list[Option]:
        """More choices, all or none."""
        with self._db.transaction():
            ids = self._insert_options(code, labels)
        self.forget()
        return [self.options(code)[id_] for id_ in ids]

    def rename_options(self, code: str, labels: dict[int, str]) -> list[Option]:
        """Other labels for existing choices."""
        stamp = self._clock.stamp()
        self._db.executemany(
            "UPDATE pipedrive_options SET label = ?, update_time = ? WHERE id = ?",
            [(label, stamp, id_) for id_, label in labels.items()],
        )
        self.forget()
        return [self.options(code)[id_] for id_ in labels]

    def delete_options(self, code: str, ids: list[int]) -> list[Option]:
        """Take choices out of the list. Persons that hold them keep the ids."""
        deleted = [self.options(code)[id_] for id_ in ids]
        self._db.executemany("UPDATE pipedrive_options SET deleted = 1 WHERE id = ?", [(id_,) for id_ in ids])
        self.forget()
        return deleted

    def _insert_options(self, code: str, labels: list[str]) -> list[int]:
        position = self._db.value(
            "SELECT coalesce(max(position), 0) FROM pipedrive_options WHERE field = ?", (code,)
        )
        stamp = self._clock.stamp()
        return [
            self._db.execute(
                "INSERT INTO pipedrive_options (field, label, position, add_time) VALUES (?, ?, ?, ?)",
                (code, label, position + index, stamp),
            ).lastrowid
            or 0
            for index, label in enumerate(labels, start=1)
        ]
