"""Pages of persons: filters, orders and keyset cursors of GET /persons.

A cursor names the first item of the next page by sort value and id ([live] N8N, decoded), so that inserts and
deletions during paging do not shift pages ([infer]). What happens to persons without ``update_time`` is
unknown: two switches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams

from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive import query as q
from pdsync.sandbox.pipedrive.access import VISIBLE_TO_OWNER, User
from pdsync.sandbox.pipedrive.persons import SELECT, Person
from pdsync.sandbox.switches import Switches

LIST_PARAMETERS = frozenset(
    {
        "filter_id",
        "ids",
        "owner_id",
        "org_id",
        "deal_id",
        "updated_since",
        "updated_until",
        "sort_by",
        "sort_direction",
        "include_fields",
        "custom_fields",
        "include_option_labels",
        "include_labels",
        "limit",
        "cursor",
    }
)
_SORTABLE = ("id", "update_time", "add_time")


@dataclass(frozen=True, slots=True)
class Page:
    """Some persons, and where the next page begins."""

    persons: list[Person]
    next_cursor: str | None


@dataclass(slots=True)
class _Condition:
    parts: list[str] = field(default_factory=lambda: ["deleted_time IS NULL"])
    parameters: dict[str, Any] = field(default_factory=dict)

    def add(self, part: str, **parameters: object) -> None:
        self.parts.append(part)
        self.parameters |= parameters


def list_persons(db: Database, switches: Switches, user: User, params: QueryParams) -> Page:
    """The page that these query parameters ask for."""
    limit = q.limit(params, switches)
    cursor = q.decode_cursor(params)
    column, direction = _order(params, cursor)
    condition = _condition(params, switches, user)
    if column == "update_time":
        if switches.on("pipedrive.untouched_in_update_time_order"):
            column = "coalesce(update_time, '')"
        else:
            condition.add("update_time IS NOT NULL")
    if cursor is not None:
        comparison = ">=" if direction == "asc" else "<="
        if column == "id":
            condition.add(f"id {comparison} :cursor_id", cursor_id=cursor["id"])
        else:
            condition.add(
                f"({column}, id) {comparison} (:cursor_value, :cursor_id)",
                cursor_value=cursor["fieldValue"] or "",
                cursor_id=cursor["id"],
            )
    order = f"id {direction}" if column == "id" else f"{column} {direction}, id {direction}"
    rows = db.rows(
        f"{SELECT}{' AND '.join(condition.parts)} ORDER BY {order} LIMIT {limit + 1}", condition.parameters
    )
    persons = [Person.from_row(row) for row in rows]
    next_cursor = _next_cursor(persons[limit], params, cursor) if len(persons) > limit else None
    return Page(persons[:limit], next_cursor)


def _order(params: QueryParams, cursor: dict[str, Any] | None) -> tuple[str, str]:
    """The order asked for; a cursor brings its own, which the parameters must not contradict."""
    sort_by = q.choice(params, "sort_by", _SORTABLE)
    direction = q.choice(params, "sort_direction", ("asc", "desc"))
    if cursor is None:
        return sort_by or "id", direction or "asc"
    column, cursor_direction, value = (
        cursor.get("field"),
        cursor.get("sortDirection"),
        cursor.get("fieldValue"),
    )
    if (
        column not in _SORTABLE
        or cursor_direction not in ("asc", "desc")
        or not q.is_id(cursor.get("id"))
        or not (value == cursor["id"] if column == "id" else isinstance(value, str | None))
    ):
        raise q.bad_cursor()
    if sort_by not in (None, column) or direction not in (None, cursor_direction):
        raise q.bad_cursor()
    return str(column), str(cursor_direction)


def _condition(params: QueryParams, switches: Switches, user: User) -> _Condition:
    condition = _Condition()
    if not user.is_admin:
        condition.add(
            "(visible_to != :hidden OR owner_id = :user_id)", hidden=VISIBLE_TO_OWNER, user_id=user.id
        )
    if q.integer(params, "filter_id") is None:  # [spec]: with a filter, these are ignored
        ids = q.ids(params)
        if ids is not None:
            names = {f"id_{index}": id_ for index, id_ in enumerate(ids)}
            condition.add(f"id IN ({', '.join(f':{name}' for name in names)})", **names)
        for name in ("owner_id", "org_id"):
            value = q.integer(params, name)
            if value is not None:
                condition.add(f"{name} = :{name}", **{name: value})
        if q.integer(params, "deal_id") is not None:
            condition.add("0")  # this account has no deals
    column = "update_time"
    if switches.on("pipedrive.untouched_in_updated_since"):
        column = "coalesce(update_time, add_time)"
    since, until = q.moment(params, "updated_since"), q.moment(params, "updated_until")
    if since is not None:
        condition.add(f"{column} >= :since", since=since)
    if until is not None:
        condition.add(f"{column} < :until", until=until)
    return condition


def _next_cursor(first: Person, params: QueryParams, cursor: dict[str, Any] | None) -> str:
    column, direction = _order(params, cursor)
    return q.encode_cursor(
        {"field": column, "fieldValue": getattr(first, column), "sortDirection": direction, "id": first.id}
    )
