"""The calls of API v2 on person fields and their options.

[spec] shapes, lengths, types, that option calls take arrays, are atomic and answer the touched options only,
that code and type cannot change, that at least one key is needed for a change; [doc] CF at most 10,000 options.
Invented: Pipedrive's own fields cannot be changed or deleted (400), rows of a change carry the UI flags, the cursor
(a position). Who may change lists, and whether labels may be alike, are switches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from pdsync.sandbox.pipedrive import query as q
from pdsync.sandbox.pipedrive.access import current_user
from pdsync.sandbox.pipedrive.body import read_object, read_objects
from pdsync.sandbox.pipedrive.field_rows import NAMESPACES, AnyField, FieldRows
from pdsync.sandbox.pipedrive.fieldbook import OPTION_TYPES, CustomField, FieldBook, Option
from pdsync.sandbox.pipedrive.problems import forbidden, invalid, not_found
from pdsync.sandbox.pipedrive.standard_fields import StandardField, standard_fields
from pdsync.sandbox.pipedrive.values import CREATABLE_TYPES, is_integer
from pdsync.sandbox.switches import Switches
from pdsync.sandbox.wire import JsonResponse

MOST_OPTIONS = 10_000
_LONGEST_NAME = 255
_LIST_PARAMETERS = frozenset({"include_fields", "limit", "cursor"})


@dataclass(frozen=True, slots=True)
class FieldRoutes:
    """Handlers."""

    switches: Switches
    book: FieldBook
    rows: FieldRows

    async def page(self, request: Request) -> Response:
        """GET /personFields: Pipedrive's own fields first."""
        params = request.query_params
        q.check_known(params, _LIST_PARAMETERS, self.switches)
        namespaces = self._namespaces(request)
        limit = q.limit(params, self.switches)
        cursor = q.decode_cursor(params)
        start = 0 if cursor is None else cursor.get("position")
        if not isinstance(start, int) or start < 0:
            raise q.bad_cursor()
        fields: list[AnyField] = [*standard_fields(self.switches), *self.book.fields().values()]
        next_cursor = q.encode_cursor({"position": start + limit}) if start + limit < len(fields) else None
        return JsonResponse(
            {
                "success": True,
                "data": [self.rows.row(field, namespaces) for field in fields[start : start + limit]],
                "additional_data": {"next_cursor": next_cursor},
            }
        )

    async def get(self, request: Request) -> Response:
        """GET /personFields/{field_code}."""
        q.check_known(request.query_params, frozenset({"include_fields"}), self.switches)
        return self._answer(self.rows.row(self._find(request), self._namespaces(request)))

    async def create(self, request: Request) -> Response:
        """POST /personFields."""
        body = await read_object(request)
        self._require_admin(request)
        self._check_keys(body, {"field_name", "field_type", "options", *NAMESPACES})
        name, type_ = _label(body.get("field_name"), "field_name"), body.get("field_type")
        if type_ not in CREATABLE_TYPES:
            raise invalid(f"field_type: must be one of {', '.join(CREATABLE_TYPES)}")
        labels = _labels(body.get("options", []), "options")
        if type_ in OPTION_TYPES and not labels:
            raise invalid(f"options: is required for field type '{type_}'")
        if type_ not in OPTION_TYPES and labels:
            raise invalid(f"options: not allowed for field type '{type_}'")
        if len(labels) > MOST_OPTIONS:
            raise invalid(f"options: must contain at most {MOST_OPTIONS} items")
        code = self.book.create(name, type_, labels, _ui(body))
        return self._answer(self.rows.row(self.book.fields()[code], NAMESPACES))

    async def update(self, request: Request) -> Response:
        """PATCH /personFields/{field_code}."""
        body = await read_object(request)
        field = self._find_custom(request)
        if not body:
            raise invalid("the body must contain at least one field")
        for key in ("field_code", "field_type"):
            if key in body:
                raise invalid(f"{key}: cannot be changed")
        self._check_keys(body, {"field_name", *NAMESPACES})
        name = _label(body["field_name"], "field_name") if "field_name" in body else field.name
        self.book.change(field.code, name, field.ui | _ui(body))
        return self._answer(self.rows.row(self.book.fields()[field.code], NAMESPACES))

    async def delete(self, request: Request) -> Response:
        """DELETE /personFields/{field_code}: its values disappear with it."""
        self._require_admin(request)
        field = self._find_custom(request)
        row = self.rows.row(field, ())
        self.book.delete(field.code)
        return self._answer(row)

    async def add_options(self, request: Request) -> Response:
        """POST /personFields/{field_code}/options."""
        body = await read_objects(request)
        field = self._find_with_options(request)
        labels = _labels(body, "body")
        held = {option.label for option in self.book.options(field.code).values()}
        if not self.switches.on("pipedrive.options_alike") and len(held | set(labels)) < len(held) + len(
            labels
        ):
            raise invalid("label: must be unique within the field")
        if len(self.book.options(field.code)) + len(labels) > MOST_OPTIONS:
            raise invalid(f"options: a field has at most {MOST_OPTIONS} options")
        return self._touched(self.book.add_options(field.code, labels))

    async def rename_options(self, request: Request) -> Response:
        """PATCH /personFields/{field_code}/options."""
        body = await read_objects(request)
        field = self._find_with_options(request)
        labels = {self._option_id(field, item): _label(item.get("label"), "label") for item in body}
        return self._touched(self.book.rename_options(field.code, labels))

    async def delete_options(self, request: Request) -> Response:
        """DELETE /personFields/{field_code}/options. Persons that hold one keep its id."""
        body = await read_objects(request)
        field = self._find_with_options(request)
        ids = list(dict.fromkeys(self._option_id(field, item) for item in body))
        return self._touched(self.book.delete_options(field.code, ids))

    def _find(self, request: Request) -> AnyField:
        code = request.path_params["field_code"]
        custom = self.book.fields().get(code)
        if custom is not None:
            return custom
        for field in standard_fields(self.switches):
            if field.code == code:
                return field
        raise not_found("Field")

    def _find_custom(self, request: Request) -> CustomField:
        field = self._find(request)
        if isinstance(field, StandardField):
            raise invalid(f"field_code: '{field.code}' is not a custom field")
        return field

    def _find_with_options(self, request: Request) -> CustomField:
        if not self.switches.on("pipedrive.anybody_changes_lists"):
            self._require_admin(request)
        field = self._find_custom(request)
        if field.type not in OPTION_TYPES:
            raise invalid(f"field_code: a field of type '{field.type}' has no options")
        return field

    def _option_id(self, field: CustomField, item: dict[str, Any]) -> int:
        id_ = item.get("id")
        if not isinstance(id_, int) or not is_integer(id_):
            raise invalid("id: must be an integer")
        if id_ not in self.book.options(field.code):
            raise not_found(f"Option {id_}")
        return id_

    def _require_admin(self, request: Request) -> None:
        """[spec] making and deleting fields needs the scope ``admin`` or ``contact-fields:full``."""
        if not current_user(request).is_admin:
            raise forbidden("Scope and URL mismatch")

    def _check_keys(self, body: dict[str, Any], known: set[str]) -> None:
        if self.switches.on("pipedrive.strict_body_keys") and (unknown := body.keys() - known):
            raise invalid(f"Unknown key '{min(unknown)}'")

    def _namespaces(self, request: Request) -> tuple[str, ...]:
        names = q.words(request.query_params, "include_fields") or []
        for name in names:
            if name not in NAMESPACES:
                raise invalid(f"include_fields: '{name}' is not a valid value")
        return tuple(names)

    def _answer(self, row: dict[str, Any]) -> Response:
        return JsonResponse({"success": True, "data": row})

    def _touched(self, options: list[Option]) -> Response:
        return JsonResponse(
            {
                "success": True,
                "data": [{"id": option.id, "label": option.label} for option in options],
                "additional_data": None,
            }
        )


def _label(value: object, where: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_NAME:
        raise invalid(f"{where}: must be a string of 1 to {_LONGEST_NAME} characters")
    return value


def _labels(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise invalid(f"{where}: must be an array of objects")
    return [_label(item.get("label"), "label") for item in value]


def _ui(body: dict[str, Any]) -> dict[str, Any]:
    """The flags for Pipedrive's own interface: kept and shown, without effect here."""
    given = {name: body[name] for name in NAMESPACES if name in body}
    for name, value in given.items():
        if not isinstance(value, dict):
            raise invalid(f"{name}: must be an object")
    return given
