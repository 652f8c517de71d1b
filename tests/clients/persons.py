"""Invented persons and fields in Pipedrive's own form, for tests that need no server."""

from __future__ import annotations

from typing import Any

SECTOR = "1" * 40
INTERESTS = "2" * 40
NOTE = "3" * 40
TURNOVER = "4" * 40

ME = {
    "success": True,
    "data": {
        "id": 7001,
        "company_id": 54235233,
        "company_name": "Acme SAS",
        "company_domain": "acme",
        "access": [{"app": "sales", "admin": True}],
    },
}


def field(code: str, name: str, type_: str, **more: Any) -> dict[str, Any]:
    """A row of GET /personFields."""
    return {
        "field_name": name,
        "field_code": code,
        "field_type": type_,
        "options": None,
        "subfields": None,
        "is_custom_field": len(code) == 40,
        "is_optional_response_field": False,
    } | more


FIELDS = [
    field("name", "Name", "varchar"),
    field("first_name", "First name", "varchar"),
    field("last_name", "Last name", "varchar"),
    field("email", "Email", "varchar"),
    field("phone", "Phone", "phone"),
    field("label_ids", "Labels", "set", options=[{"id": 1, "label": "Customer"}]),
    field("owner_id", "Owner", "user"),
    field("open_deals_count", "Open deals", "int", is_optional_response_field=True),
    field(SECTOR, "Secteur", "enum", options=[{"id": 35, "label": "Énergie"}, {"id": 36, "label": "Banque"}]),
    field(
        INTERESTS,
        "Centres d'intérêt",
        "set",
        options=[{"id": 40, "label": "CRM"}, {"id": 41, "label": "Événements"}],
    ),
    field(NOTE, "Remarque", "text"),
    field(TURNOVER, "Chiffre d'affaires", "double"),
]


def fields_page(*rows: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    """An answer of GET /personFields."""
    return {"success": True, "data": list(rows) or FIELDS, "additional_data": {"next_cursor": cursor}}


def person(id_: int, **more: Any) -> dict[str, Any]:
    """A person as v2 answers it."""
    return {
        "id": id_,
        "name": f"Zoé Lefèvre{id_}",
        "first_name": "Zoé",
        "last_name": f"Lefèvre{id_}",
        "emails": [{"label": "work", "value": f"zoe{id_}@example.com", "primary": True}],
        "phones": [],
        "label_ids": [1],
        "owner_id": 7001,
        "org_id": None,
        "add_time": "2026-04-01T08:15:00Z",
        "update_time": None,
        "is_deleted": False,
        "custom_fields": {SECTOR: 35, INTERESTS: [40, 41], NOTE: None, TURNOVER: 0},
    } | more


def page(*persons: dict[str, Any], cursor: str | None = None) -> dict[str, Any]:
    """An answer of GET /persons."""
    return {"success": True, "data": list(persons), "additional_data": {"next_cursor": cursor}}
