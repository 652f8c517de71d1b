"""The fields of a contact: which there are, of what type, and which values each accepts.

Standard field names are those that public sources show (Plezi notes 7.1); `medium`, `form`, `opted_out`, `consents`
and `subscriptions` are known as things (7.5, R14, 6.7), their keys are ours. Field types are those of the segment
screen (7.2) plus date and number. Options are slugs with labels (7.3).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal, TypeAlias

FieldType: TypeAlias = Literal[
    "email",
    "short_text",
    "long_text",
    "number",
    "date",
    "date_time",
    "check_box",
    "drop_down",
    "multiple_selection",
    "identifiers",
]

CUSTOM_PREFIX: Final = "plz_"
SHORT_TEXT_MAX: Final = 255
"""Our choice: the usual column width of a short text, and the limit of the Pipedrive type it is synced with."""

# Deliberately plain: a local part and a domain with a dot, no spaces, one @. RFC 5322 allows more; web forms do not.
_EMAIL: Final = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\".]+(\.[^\s@,;<>()\".]+)+")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class BadValueError(Exception):
    """A value that the field cannot hold; the message is a sentence for the caller."""


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a drop-down list or multiple selection."""

    value: str
    """What the API takes and gives: a slug."""

    label: str
    """What people see."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a contact."""

    key: str
    label: str
    type: FieldType
    read_only: bool = False
    """Computed or given by Plezi: writing it is refused."""

    required: bool = False
    options: tuple[Option, ...] | None = None

    @property
    def is_custom(self) -> bool:
        """Whether the customer made this field."""
        return self.key.startswith(CUSTOM_PREFIX)

    def with_option(self, option: Option) -> Field:
        """This field with one more option."""
        return replace(self, options=(*(self.options or ()), option))

    def on_the_wire(self) -> dict[str, object]:
        """The attributes that the field list shows."""
        options = (
            None if self.options is None else [{"value": o.value, "label": o.label} for o in self.options]
        )
        return {
            "key": self.key,
            "label": self.label,
            "type": self.type,
            "read_only": self.read_only,
            "required": self.required,
            "options": options,
        }


STANDARD_FIELDS: Final[tuple[Field, ...]] = (
    Field("email", "E-mail", "email", required=True),
    Field("first_name", "Prénom", "short_text"),
    Field("last_name", "Nom", "short_text"),
    Field("company", "Société", "short_text"),
    Field("function", "Fonction", "short_text"),
    Field("behaviour_score", "Score comportemental", "number", read_only=True),
    Field("state", "État", "short_text", read_only=True),
    Field("source", "Source", "short_text", read_only=True),
    Field("medium", "Médium", "short_text", read_only=True),
    Field("form", "Formulaire d'origine", "short_text", read_only=True),
    Field("plezi_url", "Fiche Plezi", "short_text", read_only=True),
    Field("opted_out", "Désinscrit", "check_box"),
    Field("consents", "Consentements", "identifiers", read_only=True),
    Field("subscriptions", "Abonnements", "identifiers", read_only=True),
    Field("created_at", "Créé le", "date_time", read_only=True),
    Field("updated_at", "Modifié le", "date_time", read_only=True),
)


def accepted(field: Field, value: Any, *, case_sensitive: bool) -> Any:  # noqa: ANN401 - JSON is of any type
    """`value` as the field stores it; raises `BadValueError` with the reason if it cannot.

    Blank text and an empty list are stored as null: an empty field has one form only.
    """
    if value is None:
        return None
    if field.type == "drop_down":
        return _option(field, value, case_sensitive=case_sensitive)
    if field.type == "multiple_selection":
        return _options(field, value, case_sensitive=case_sensitive)
    check = _CHECKS.get(field.type)
    if check is None:
        raise BadValueError(f"{field.key} cannot be written")
    return check(field, value)


def from_text(field: Field, text: str) -> Any:  # noqa: ANN401 - the value is of the field's type
    """The value that a query parameter stands for, before `accepted` looks at it.

    Several values are joined with commas (Plezi notes 7.3, `[code]`), so no option can hold a comma here.
    """
    if field.type == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise BadValueError(f"{field.key} takes a number, not {text!r}") from None
    if field.type == "check_box":
        meanings: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
        if text.lower() not in meanings:
            raise BadValueError(f"{field.key} takes true or false, not {text!r}")
        return meanings[text.lower()]
    if field.type == "multiple_selection":
        return [part for part in text.split(",") if part]
    return text


def _email(field: Field, value: object) -> str:
    text = _short_text(field, value)
    if text is None or not _EMAIL.fullmatch(text):
        raise BadValueError(f"{field.key} {value!r} is not an email address")
    return text


def _short_text(field: Field, value: object) -> str | None:
    text = _text(field, value)
    if text is not None and len(text) > SHORT_TEXT_MAX:
        raise BadValueError(f"{field.key} is too long: {len(text)} characters of at most {SHORT_TEXT_MAX}")
    return text


def _text(field: Field, value: object) -> str | None:
    if not isinstance(value, str):
        raise BadValueError(f"{field.key} takes text, not {value!r}")
    return value if value.strip() else None


def _number(field: Field, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadValueError(f"{field.key} takes a number, not {value!r}")
    return value


def _date(field: Field, value: object) -> str:
    try:
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValueError(f"{field.key} takes a date such as 2026-09-01, not {value!r}") from None


def _check_box(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValueError(f"{field.key} takes true or false, not {value!r}")
    return value


def _option(field: Field, value: object, *, case_sensitive: bool) -> str:
    for option in field.options or ():
        same = value == option.value
        if same or (not case_sensitive and isinstance(value, str) and value.lower() == option.value.lower()):
            return option.value
    raise BadValueError(f"{field.key} has no option {value!r}")


def _options(field: Field, value: object, *, case_sensitive: bool) -> list[str] | None:
    if not isinstance(value, list):
        raise BadValueError(f"{field.key} takes a list of option values, not {value!r}")
    chosen = [_option(field, item, case_sensitive=case_sensitive) for item in value]
    return list(dict.fromkeys(chosen)) or None


_CHECKS: Final[Mapping[FieldType, Callable[[Field, object], object]]] = {
    "email": _email,
    "short_text": _short_text,
    "long_text": _text,
    "number": _number,
    "date": _date,
    "check_box": _check_box,
}
"""Types without options; those that are missing cannot be written."""
