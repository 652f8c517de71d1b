"""GET /persons/search.

[spec] parameters and wrapper; exact match means the whole value and is not case sensitive; only some custom
types are searchable. [live] N8N: ``primary_email`` and ``update_time`` (in v1's form) are there, and of two
persons with one address the second may show ``primary_email`` null. [live] the wording for an empty term.
Invented: the scores and their order, that ``custom_fields`` and ``notes`` hold what matched, and the cursor (an
offset).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive import query as q
from pdsync.sandbox.pipedrive.access import User
from pdsync.sandbox.pipedrive.fieldbook import FieldBook
from pdsync.sandbox.pipedrive.persons import SELECT, Person
from pdsync.sandbox.pipedrive.problems import invalid_search
from pdsync.sandbox.switches import Switches

SEARCH_PARAMETERS = frozenset(
    {"term", "fields", "exact_match", "organization_id", "include_fields", "limit", "cursor"}
)
_FIELDS = ("custom_fields", "email", "notes", "phone", "name")
_LARGEST_ORGANIZATION = 2000
_SCORES = {"exact": 0.9, "start": 0.6, "inside": 0.3}


@dataclass(frozen=True, slots=True)
class _Hit:
    score: float
    person: Person
    matched: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Search:
    """Finds persons by text."""

    db: Database
    clock: Clock
    switches: Switches
    book: FieldBook

    def answer(self, user: User, params: QueryParams) -> dict[str, Any]:
        """The body of the answer."""
        exact = q.flag(params, "exact_match")
        term = params.get("term", "").strip()
        if not term:
            raise invalid_search('"term" is not allowed to be empty')
        if len(term) < 2 and not exact:
            raise invalid_search('"term" length must be at least 2 characters long')
        fields = set(q.words(params, "fields") or _FIELDS)
        if unknown := fields - set(_FIELDS):
            raise invalid_search(f'"fields" contains an invalid value "{min(unknown)}"')
        q.choice(params, "include_fields", ("person.picture",))
        limit = q.limit(params, self.switches)
        cursor = q.decode_cursor(params)
        offset = 0 if cursor is None else cursor.get("offset")
        if not isinstance(offset, int) or not 0 <= offset <= 10**9:
            raise q.bad_cursor()
        hits = self._hits(user, term.casefold(), fields, q.integer(params, "organization_id"), exact=exact)
        page = hits[offset : offset + limit]
        more = len(hits) > offset + limit
        return {
            "success": True,
            "data": {"items": self._items(page, with_picture="include_fields" in params)},
            "additional_data": {"next_cursor": q.encode_cursor({"offset": offset + limit}) if more else None},
        }

    def _hits(
        self, user: User, term: str, fields: set[str], org_id: int | None, *, exact: bool
    ) -> list[_Hit]:
        parts = ["deleted_time IS NULL", "instr(search_text, :term) > 0", "written_time <= :indexed"]
        indexed = self.clock.now() - self.switches.number("pipedrive.search_lag_seconds")
        parameters: dict[str, Any] = {"term": term, "indexed": indexed}
        if org_id is not None:
            parts.append(
                "id IN (SELECT id FROM pipedrive_persons WHERE org_id = :org_id AND deleted_time IS NULL"
                " ORDER BY id LIMIT :largest)"
            )
            parameters |= {"org_id": org_id, "largest": _LARGEST_ORGANIZATION}
        types = {code: field.type for code, field in self.book.fields().items()}
        hits: list[_Hit] = []
        for row in self.db.rows(f"{SELECT}{' AND '.join(parts)} ORDER BY id", parameters):
            person = Person.from_row(row)
            if not user.sees(person):
                continue
            matched = [
                (kind, text)
                for kind, text in person.searchable(types)
                if kind in fields and (text.casefold() == term if exact else term in text.casefold())
            ]
            if matched:
                hits.append(_Hit(max(_score(text.casefold(), term) for _, text in matched), person, matched))
        hits.sort(key=lambda hit: -hit.score)
        return hits

    def _items(self, hits: list[_Hit], *, with_picture: bool) -> list[dict[str, Any]]:
        shown_addresses: set[str] = set()
        return [
            {"result_score": hit.score, "item": self._item(hit, shown_addresses, with_picture=with_picture)}
            for hit in hits
        ]

    def _item(self, hit: _Hit, shown_addresses: set[str], *, with_picture: bool) -> dict[str, Any]:
        person = hit.person
        primary = next((email["value"] for email in person.emails if email["primary"]), None)
        if primary is not None and primary.casefold() in shown_addresses:
            primary = None
        elif primary is not None:
            shown_addresses.add(primary.casefold())
        item: dict[str, Any] = {
            "id": person.id,
            "type": "person",
            "name": person.name,
            "phones": [phone["value"] for phone in person.phones],
            "emails": [email["value"] for email in person.emails],
            "primary_email": primary,
            "visible_to": person.visible_to,
            "owner": {"id": person.owner_id},
            "organization": self._organization(person.org_id),
            "custom_fields": [text for kind, text in hit.matched if kind == "custom_fields"],
            "notes": [text for kind, text in hit.matched if kind == "notes"],
            "update_time": _v1_time(person.update_time),
        }
        return item | ({"picture": None} if with_picture else {})

    def _organization(self, org_id: int | None) -> dict[str, Any] | None:
        row = self.db.row("SELECT id, name FROM pipedrive_organizations WHERE id = ?", (org_id,))
        return None if row is None else {"id": row["id"], "name": row["name"], "address": None}


def _score(text: str, term: str) -> float:
    if text == term:
        return _SCORES["exact"]
    return _SCORES["start" if text.startswith(term) else "inside"]


def _v1_time(stamp: str | None) -> str | None:
    """``2026-04-01 08:15:02``."""
    return None if stamp is None else stamp[:19].replace("T", " ")
