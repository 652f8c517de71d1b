"""The bodies of POST and PATCH /persons: what they may say, and the person that comes of it.

[spec] the keys, and that PATCH has no ``add_time``; [live] MMED ``first_name`` and ``last_name`` are taken too,
lists are replaced, custom fields merged, unknown keys refused, strings not turned into numbers; [live] N8N
label ``work`` by default; [doc] MIG a name is needed, the first e-mail becomes primary where none is flagged,
at most one is primary, only the object form; [doc] the values of ``visible_to`` per plan; [spec] the rules of
``marketing_status``. Invented: blank addresses and numbers are dropped, of several primary entries the first
stays, an unknown label id is refused, a name has at most 255 characters, and the wording of most messages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.pipedrive.fieldbook import FieldBook
from pdsync.sandbox.pipedrive.names import PersonName
from pdsync.sandbox.pipedrive.persons import Person
from pdsync.sandbox.pipedrive.problems import ApiError, forbidden, invalid
from pdsync.sandbox.pipedrive.query import parse_moment
from pdsync.sandbox.pipedrive.standard_fields import CONTACT_SYNC_FIELDS, MARKETING_STATUSES
from pdsync.sandbox.pipedrive.tables import LABEL_FIELD
from pdsync.sandbox.pipedrive.values import SHORT_TEXT, Values, is_date, is_integer
from pdsync.sandbox.switches import Switches

_KEYS = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "owner_id",
        "org_id",
        "emails",
        "phones",
        "visible_to",
        "label_ids",
        "custom_fields",
        *CONTACT_SYNC_FIELDS,
    }
)
_LABELS = frozenset({"work", "home", "mobile", "other"})
_LONGEST_NOTES = 10_000
_VISIBLE_TO = {"lite": (1, 3), "growth": (1, 3), "premium": (1, 3, 5, 7), "ultimate": (1, 3, 5, 7)}


@dataclass(frozen=True, slots=True)
class PersonBody:
    """Applies bodies to persons; every problem is a refusal, and nothing is kept here."""

    clock: Clock
    switches: Switches
    book: FieldBook
    values: Values

    def new(self, body: dict[str, Any], owner_id: int) -> Person:
        """The person that POST describes."""
        person = Person(name="", owner_id=owner_id, add_time=self.clock.stamp())
        if "add_time" in body:
            person.add_time = parse_moment(body["add_time"], "add_time")
        person = self._apply(person, body, {"add_time"})
        if not person.name.strip():
            raise invalid("name: is required")
        status = body.get("marketing_status")
        if status is not None and person.emails:
            person.marketing_status = self._marketing(status)
        return person

    def changed(self, person: Person, body: dict[str, Any]) -> Person:
        """The person after PATCH; the given one stays as it is."""
        changed = self._apply(person, body, set())
        if not changed.name.strip():
            raise invalid("name: is not allowed to be empty")
        status = body.get("marketing_status")
        if status is not None and self._marketing(status) != person.marketing_status:
            # A forbidden change is not refused, it just does not happen.
            may_change = person.marketing_changed == 0 and bool(changed.emails)
            if may_change:
                changed.marketing_status = status
                changed.marketing_changed = 1
        return changed

    def _apply(self, person: Person, body: dict[str, Any], more_keys: set[str]) -> Person:
        known = _KEYS | more_keys
        if self.switches.on("pipedrive.campaigns_app"):
            known |= {"marketing_status"}
        if self.switches.on("pipedrive.strict_body_keys") and (unknown := body.keys() - known):
            raise invalid(f"Unknown key '{min(unknown)}'")
        changes: dict[str, Any] = {}
        readers: dict[str, Callable[[Any], Any]] = {
            "owner_id": lambda value: self._reference("owner_id", "user", value, person.owner_id),
            "org_id": lambda value: self._reference("org_id", "org", value, None),
            "visible_to": self._visible_to,
            "label_ids": self._label_ids,
            "emails": lambda value: self._entries("emails", value),
            "phones": lambda value: self._entries("phones", value),
        }
        for key, read in readers.items():
            if key in body:
                changes[key] = read(body[key])
        name = self._name(person, body)
        changes |= {"name": name.name, "first_name": name.first_name, "last_name": name.last_name}
        changes["custom_fields"] = self._custom(person, body.get("custom_fields", {}))
        changes["contact_sync"] = self._contact_sync(person, body)
        return replace(person, **changes)

    def _name(self, person: Person, body: dict[str, Any]) -> PersonName:
        if "first_name" in body or "last_name" in body:
            parts = [
                self._name_text(key, body[key]) if key in body else kept
                for key, kept in (("first_name", person.first_name), ("last_name", person.last_name))
            ]
            return PersonName.from_parts(*parts)
        if "name" in body:
            return PersonName.from_whole(self._name_text("name", body["name"]) or "")
        return PersonName(person.name, person.first_name, person.last_name)

    def _name_text(self, key: str, value: object) -> str | None:
        if value is None and self.switches.on("pipedrive.standard_fields_clearable"):
            return None
        if not isinstance(value, str):
            raise _expected(key, "string")
        return self.values.text(value, SHORT_TEXT, key)

    def _reference(self, key: str, kind: str, value: object, cleared: int | None) -> int | None:
        if value is None and self.switches.on("pipedrive.standard_fields_clearable"):
            return cleared
        if not isinstance(value, int) or not is_integer(value):
            raise _expected(key, "integer")
        if not self.values.exists(kind, value):
            raise invalid(f"{key}: there is no {kind} with the id {value}")
        return value

    def _visible_to(self, value: object) -> int:
        if not isinstance(value, int) or not is_integer(value):
            raise _expected("visible_to", "integer")
        allowed = _VISIBLE_TO[self.switches.text("pipedrive.plan")]
        if value not in allowed:
            raise invalid(f"visible_to: must be one of {', '.join(map(str, allowed))}")
        return value

    def _label_ids(self, value: object) -> list[int]:
        if not isinstance(value, list) or not all(is_integer(item) for item in value):
            raise invalid("label_ids: Invalid collection")
        for item in value:
            if item not in self.book.options(LABEL_FIELD):
                raise invalid(f"label_ids: Unknown option id '{item}'")
        return list(dict.fromkeys(value))

    def _entries(self, key: str, value: object) -> list[dict[str, Any]]:
        """The list as it is kept: labels filled in, exactly one primary entry unless there is none at all."""
        if not isinstance(value, list):
            raise invalid(f"{key}: Invalid collection")
        entries: list[dict[str, Any]] = []
        for item in value:
            if not isinstance(item, dict):
                raise _expected(f"{key}: item", "object")
            if self.switches.on("pipedrive.strict_body_keys") and (
                unknown := item.keys() - {"value", "primary", "label"}
            ):
                raise invalid(f"{key}: Unknown key '{min(unknown)}'")
            if not isinstance(item.get("value"), str):
                raise _expected(f"{key}: value", "string")
            if not isinstance(item.get("primary", False), bool):
                raise _expected(f"{key}: primary", "boolean")
            text = self.values.text(item["value"], SHORT_TEXT, f"{key}: value")
            if text:
                label = self._label(key, item.get("label", "work"))
                entries.append({"label": label, "value": text, "primary": item.get("primary", False)})
        first = next((index for index, entry in enumerate(entries) if entry["primary"]), 0)
        for index, entry in enumerate(entries):
            entry["primary"] = index == first
        return entries

    def _label(self, key: str, label: object) -> str:
        if not isinstance(label, str):
            raise _expected(f"{key}: label", "string")
        if not self.switches.on("pipedrive.any_label") and label not in _LABELS:
            raise invalid(f"{key}: label must be one of {', '.join(sorted(_LABELS))}")
        return label

    def _custom(self, person: Person, given: object) -> dict[str, Any]:
        """PATCH merges: fields left out stay, null clears."""
        if not isinstance(given, dict):
            raise _expected("custom_fields", "object")
        kept = dict(person.custom_fields)
        for code, value in given.items():
            field = self.book.fields().get(code)
            if field is None:
                raise invalid(f"custom_fields: Unknown key '{code}'")
            kept[code] = self.values.accept(field, value)
        return {code: value for code, value in kept.items() if value is not None}

    def _contact_sync(self, person: Person, body: dict[str, Any]) -> dict[str, Any]:
        given = {key: body[key] for key in CONTACT_SYNC_FIELDS if key in body}
        if given and not self.switches.on("pipedrive.contact_sync"):
            raise forbidden(f"Contact sync is not enabled for this company: {', '.join(given)}")
        kept = dict(person.contact_sync)
        for key, value in given.items():
            kept[key] = self._contact_sync_value(key, value)
        return {key: value for key, value in kept.items() if value is not None}

    def _contact_sync_value(self, key: str, value: object) -> Any:  # noqa: ANN401 - each of its own type
        if key == "im":
            return self._entries("im", value)
        if value is None:
            if self.switches.on("pipedrive.standard_fields_clearable"):
                return None
            raise _expected(key, "object" if key == "postal_address" else "string")
        if key == "postal_address":
            return self.values.address(value, key)
        if not isinstance(value, str):
            raise _expected(key, "string")
        if key == "birthday":
            if value and not is_date(value):
                raise invalid("birthday: not a valid datetime")
            return value or None
        return self.values.text(value, _LONGEST_NOTES if key == "notes" else SHORT_TEXT, key)

    def _marketing(self, status: object) -> str:
        if not isinstance(status, str) or status not in MARKETING_STATUSES:
            raise invalid(f"marketing_status: must be one of {', '.join(MARKETING_STATUSES)}")
        return status


def _expected(where: str, type_: str) -> ApiError:
    """[live] MMED on deals: The value is not a valid 'string'."""
    return invalid(f"{where}: The value is not a valid '{type_}'")
