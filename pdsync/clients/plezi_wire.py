"""Where things lie in Plezi's answers, as a profile says, and how values are written into a form's query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pdsync.clients.profiles import CallSpec, Profile
from pdsync.errors import BadAnswer, Rejected
from pdsync.model import Field, Kind, Option, Record, Side, Value

__all__ = ["Answers", "at", "form_text"]


class Answers:
    """Reads the answers of one profile; whatever does not lie where the profile says is a ``BadAnswer``."""

    def __init__(self, profile: Profile, host: str) -> None:
        self._profile = profile
        self._host = host

    def items(self, spec: CallSpec, body: object, what: str) -> list[object]:
        items = at(body, spec.answer.get("items", ""))
        if not isinstance(items, list):
            raise self.odd(what, f"no list at {spec.answer.get('items') or 'the top'}")
        return items

    def record(self, spec: CallSpec, item: object, what: str) -> Record:
        places = {**self._profile.record, **spec.answer}
        identity, values = at(item, places.get("id", "id")), at(item, places.get("values", ""))
        updated = at(item, places["updated_at"]) if "updated_at" in places else None
        if isinstance(identity, bool) or not isinstance(identity, (str, int)) or identity == "":
            raise self.odd(what, "a contact without an id")
        if not isinstance(values, dict):
            raise self.odd(what, "a contact without values")
        return Record(Side.PLEZI, str(identity), values, updated if isinstance(updated, str) else None)

    def written(self, spec: CallSpec, body: object, what: str) -> Record:
        return self.record(spec, at(body, spec.answer.get("item", "")), what)

    def odd(self, what: str, found: str) -> BadAnswer:
        return BadAnswer(
            f"Plezi at {self._host} answered '{what}' with {found}.",
            untouched="Nothing more was sent.",
            next_step=f"The API profile {self._profile.name!r} may not fit this account (plezi.profile).",
        )

    def field(self, places: Mapping[str, str], row: object) -> Field:
        code = str(at(row, places.get("code", "code")) or "")
        remote_type = str(at(row, places.get("type", "type")) or "")
        known = self._profile.field_types.get(remote_type)
        options = at(row, places.get("options", "options"))
        return Field(
            code=code,
            name=str(at(row, places.get("name", "name")) or code),
            kind=known.kind if known else Kind.OTHER,
            remote_type=remote_type,
            options=tuple(_option(places, option) for option in options) if isinstance(options, list) else (),
            writable=known is not None and at(row, places.get("read_only", "read_only")) is not True,
            clearable=known is not None and known.clearable,
            max_length=known.max_length if known else None,
            required=at(row, places.get("required", "required")) is True,
            custom=code.startswith("plz_"),
        )


def at(value: object, path: str) -> Any:  # noqa: ANN401 - JSON is of any type
    """What lies at a dotted path; the value itself at the empty path; None where there is nothing."""
    for name in path.split(".") if path else ():
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _option(places: Mapping[str, str], option: object) -> Option:
    value = str(at(option, places.get("option_id", "value")) or "")
    return Option(id=value, label=str(at(option, places.get("option_label", "label")) or value))


def form_text(code: str, value: Value) -> str:
    """A value as a query parameter: several joined by commas ([code] ENT), so no single one may hold a comma."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        text = str(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise Rejected(
                f"The value of {code!r} holds half an emoji, which no form can carry.",
                untouched="This contact was not created.",
            )
        return text
    if isinstance(value, Sequence):
        parts = [form_text(code, item) for item in value]
        if any("," in part for part in parts):
            raise Rejected(
                f"An option of {code!r} holds a comma, which a form submission could not tell from two options.",
                untouched="This contact was not created.",
            )
        return ",".join(parts)
    raise Rejected(
        f"A form submission cannot carry the value of {code!r}.", untouched="This contact was not created."
    )
