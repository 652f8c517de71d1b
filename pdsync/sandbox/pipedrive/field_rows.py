"""Person fields in the form of API v2.

[spec] the shape, and the defaults of the flags for Pipedrive's own interface (without effect here); [live] TAP,
MMED ``is_writable``. Invented: colours are null, which of Pipedrive's own fields are writable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from pdsync.sandbox.pipedrive.fieldbook import OPTION_TYPES, SUBFIELDS, CustomField, FieldBook
from pdsync.sandbox.pipedrive.standard_fields import OPTIONAL_VALUES, StandardField
from pdsync.sandbox.pipedrive.tables import LABEL_FIELD

AnyField: TypeAlias = StandardField | CustomField

_READ_ONLY = frozenset({"id", "add_time", "update_time", "picture_id", "doi_status"})
_UI_DEFAULTS: dict[str, dict[str, Any]] = {
    "ui_visibility": {
        "add_visible_flag": False,
        "details_visible_flag": True,
        "show_in_add_deal_dialog": {"show": False, "order": None},
    },
    "important_fields": {"enabled": False, "stage_ids": []},
    "required_fields": {"enabled": False},
}
NAMESPACES = tuple(_UI_DEFAULTS)
"""What ``include_fields`` may name."""


@dataclass(frozen=True, slots=True)
class FieldRows:
    """Puts fields into the form of the API."""

    book: FieldBook

    def row(self, field: AnyField, namespaces: tuple[str, ...]) -> dict[str, Any]:
        """One field; ``namespaces`` are added."""
        custom = field if isinstance(field, CustomField) else None
        standard = field if isinstance(field, StandardField) else None
        subfields = SUBFIELDS.get(field.type)
        row: dict[str, Any] = {
            "field_name": field.name,
            "field_code": field.code,
            "description": None,
            "field_type": field.type,
            "options": self._options(field),
            "subfields": subfields
            and [
                {"field_code": code, "field_name": name, "field_type": type_}
                for code, name, type_ in subfields
            ],
            "is_custom_field": custom is not None,
            "is_optional_response_field": standard is not None and standard.is_optional,
            "is_writable": field.code not in _READ_ONLY
            and not (standard and standard.code in OPTIONAL_VALUES),
        }
        kept = custom.ui if custom else {}
        return row | {name: _UI_DEFAULTS[name] | kept.get(name, {}) for name in namespaces}

    def _options(self, field: AnyField) -> list[dict[str, Any]] | None:
        if isinstance(field, StandardField) and field.code != LABEL_FIELD:
            return [_option(id_, label) for id_, label in field.options] if field.options else None
        if field.type not in OPTION_TYPES:
            return None
        return [
            _option(option.id, option.label, option.add_time, option.update_time)
            for option in self.book.options(field.code).values()
        ]


def _option(
    id_: int | str, label: str, add_time: str | None = None, update_time: str | None = None
) -> dict[str, Any]:
    return {"id": id_, "label": label, "color": None, "update_time": update_time, "add_time": add_time}
