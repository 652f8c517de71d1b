"""The fields of this Plezi account: the standard ones and those that the customer made, kept in the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus

from pdsync.sandbox.database import Database
from pdsync.sandbox.plezi.fields import STANDARD_FIELDS, Field, Option
from pdsync.sandbox.plezi.problems import RefusedError, invalid, not_found


class FieldBook:
    """Reads and extends the field list."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def all(self) -> dict[str, Field]:
        """Every field by key, the standard ones first."""
        rows = self._db.rows("SELECT key, label, type, options FROM plezi_fields ORDER BY position")
        return {field.key: field for field in (*STANDARD_FIELDS, *(_field(*row) for row in rows))}

    def one(self, key: str) -> Field:
        """The field of this key; 404 if there is none."""
        field = self.all().get(key)
        if field is None:
            raise not_found(f"field {key}")
        return field

    def add(self, fields: Iterable[Field]) -> None:
        """Add custom fields, as somebody would on Plezi's settings screen: no call for that is known or invented."""
        self._db.executemany(
            "INSERT INTO plezi_fields (key, label, type, options) VALUES (?, ?, ?, ?)",
            [(field.key, field.label, field.type, _options_text(field)) for field in fields],
        )

    def add_option(self, key: str, option: Option) -> Field:
        """Add an option to a list field; 422 if it has no options, 409 if the value is taken."""
        field = self.one(key)
        if field.options is None or not field.is_custom:
            raise invalid(f"{key} is of type {field.type}, which has no options")
        if any(option.value == other.value for other in field.options):
            raise RefusedError(
                HTTPStatus.CONFLICT, "Option exists", f"{key} has the option {option.value!r} already"
            )
        longer = field.with_option(option)
        self._db.execute("UPDATE plezi_fields SET options = ? WHERE key = ?", (_options_text(longer), key))
        return longer


def _field(key: str, label: str, type_: str, options: str | None) -> Field:
    parsed = None if options is None else tuple(Option(value, text) for value, text in json.loads(options))
    return Field(key, label, type_, options=parsed)  # type: ignore[arg-type]  # written by `add` only


def _options_text(field: Field) -> str | None:
    if field.options is None:
        return None
    return json.dumps([(option.value, option.label) for option in field.options], ensure_ascii=False)
