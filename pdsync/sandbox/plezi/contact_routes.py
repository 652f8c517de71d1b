"""OUR INVENTION, NOT PLEZI'S API: contact routes under `/api/sandbox/v1` (profile `sandbox`).

No public source shows a call of Plezi that reads, changes or deletes a contact (Plezi notes, section 9). A sync can be
shown to work only against routes that do, so the sandbox has some. They are what we would expect of an API by the
makers of the calls that are known: the header pair for access, JSON:API-like bodies, pages from 1, `errors[]`. Their
prefix holds the word `sandbox` so that nobody takes them for Plezi's, and a client must never use one of these
paths on another host than the loopback.

===========================================  ==================================================================
`GET    /account`                            id and name of the tenant
`GET    /fields`                             every field with type, options, read_only, required
`GET    /fields/KEY`                         one field
`POST   /fields/KEY/options`                 `{"value": "banque", "label": "Banque"}` adds an option
`GET    /contacts`                           page, per_page (1-200, 50), sort_by, sort_dir, updated_since (>=)
`GET    /contacts/batch?ids=A,B`             up to 100 contacts by id; those that do not exist are left out
`GET    /contacts/search?email=ADDRESS`      the contact of exactly this address, whatever its case: none or one
`GET    /contacts/ID`                        one contact
`POST   /contacts`                           a new contact: a flat object of field values
`PATCH  /contacts/ID`                        changes the fields named; null empties one
`DELETE /contacts/ID`                        takes it away
===========================================  ==================================================================
"""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pdsync.sandbox.plezi.fields import Option
from pdsync.sandbox.plezi.problems import bad_request, invalid
from pdsync.sandbox.plezi.query import moment, one_of, only, whole_number
from pdsync.sandbox.plezi.standin import Plezi

PREFIX: Final = "/api/sandbox/v1"
PER_PAGE: Final = 50
PER_PAGE_MAX: Final = 200
BATCH_MAX: Final = 100


class ContactRoutes:
    """The routes."""

    def __init__(self, plezi: Plezi) -> None:
        self._plezi = plezi

    async def account(self, request: Request) -> Response:
        """Whose contacts these are."""
        self._admit(request)
        plezi = self._plezi
        return _data(
            {"id": plezi.tenant_id, "type": "account", "attributes": {"name": plezi.account.plezi_tenant}},
        )

    async def fields(self, request: Request) -> Response:
        """Every field."""
        self._admit(request)
        found = [
            _field_resource(field.key, field.on_the_wire()) for field in self._plezi.fields.all().values()
        ]
        return JSONResponse({"data": found, "meta": {"total_results": len(found)}})

    async def field(self, request: Request) -> Response:
        """One field."""
        self._admit(request)
        field = self._plezi.fields.one(request.path_params["key"])
        return _data(_field_resource(field.key, field.on_the_wire()))

    async def add_option(self, request: Request) -> Response:
        """One more option of a list field; answers 201 with the field."""
        self._admit(request)
        body = await _object(request)
        unknown = [f"{name} is not part of an option" for name in body.keys() - {"value", "label"}]
        wrong = [
            f"{name} is text of 1 to 255 characters"
            for name in ("value", "label")
            if not isinstance(body.get(name), str) or not 0 < len(body[name].strip()) <= 255
        ]
        if unknown or wrong:
            raise invalid(*unknown, *wrong)
        if "," in body["value"]:
            raise invalid("value holds a comma: the form submission could not tell it from two values")
        field = self._plezi.fields.add_option(
            request.path_params["key"], Option(body["value"].strip(), body["label"].strip())
        )
        return _data(_field_resource(field.key, field.on_the_wire()), status=201)

    async def contacts(self, request: Request) -> Response:
        """A page of contacts."""
        query = self._admit(request, "page", "per_page", "sort_by", "sort_dir", "updated_since").query_params
        if "updated_since" in query and not self._plezi.switches.on("plezi.contacts_updated_since"):
            raise bad_request("unknown parameter updated_since")
        page = whole_number(query, "page", 1)
        per_page = whole_number(query, "per_page", PER_PAGE, PER_PAGE_MAX)
        found, total = self._plezi.contacts.page(
            page=page,
            per_page=per_page,
            sort_by=one_of(query, "sort_by", ("id", "created_at", "updated_at")),
            descending=one_of(query, "sort_dir", ("asc", "desc")) == "desc",
            updated_since=moment(query, "updated_since"),
        )
        meta = {"total_results": total, "page": page, "per_page": per_page}
        return JSONResponse({"data": found, "meta": meta})

    async def batch(self, request: Request) -> Response:
        """Contacts by id."""
        query = self._admit(request, "ids").query_params
        ids = [part for part in query.get("ids", "").split(",") if part]
        if not 0 < len(ids) <= BATCH_MAX:
            raise bad_request(f"ids holds 1 to {BATCH_MAX} identifiers, not {len(ids)}")
        found = self._plezi.contacts.by_ids(ids)
        return JSONResponse({"data": found, "meta": {"total_results": len(found)}})

    async def search(self, request: Request) -> Response:
        """The contact of an address."""
        query = self._admit(request, "email").query_params
        if not query.get("email"):
            raise bad_request("email is missing")
        row = self._plezi.contacts.by_email(query["email"])
        found = [] if row is None else [self._plezi.contacts.resource(row)]
        return JSONResponse({"data": found, "meta": {"total_results": len(found)}})

    async def contact(self, request: Request) -> Response:
        """One contact."""
        self._admit(request)
        contacts = self._plezi.contacts
        return _data(contacts.resource(contacts.row(request.path_params["id"])))

    async def create(self, request: Request) -> Response:
        """A new contact; 201."""
        self._admit(request)
        body = await _object(request)
        contacts = self._plezi.contacts
        row = contacts.create(contacts.checked(body, exists=False))
        return _data(contacts.resource(row), status=201)

    async def update(self, request: Request) -> Response:
        """Some fields of a contact."""
        self._admit(request)
        body = await _object(request)
        contacts = self._plezi.contacts
        row = contacts.row(request.path_params["id"])
        return _data(contacts.resource(contacts.update(row, contacts.checked(body, exists=True))))

    async def delete(self, request: Request) -> Response:
        """No contact any more; 204."""
        self._admit(request)
        self._plezi.contacts.delete(request.path_params["id"])
        return Response(status_code=204)

    def _admit(self, request: Request, *parameters: str) -> Request:
        """The request, if it has the right keys and no parameters but these."""
        self._plezi.require_header_pair(request)
        only(request.query_params, parameters)
        return request


async def _object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; 400 if it is none."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise bad_request("the body is not JSON") from None
    if not isinstance(body, dict):
        raise bad_request("the body is not a JSON object of field values")
    return body


def _data(resource: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse({"data": resource}, status_code=status)


def _field_resource(key: str, attributes: dict[str, object]) -> dict[str, Any]:
    return {"id": key, "type": "field", "attributes": attributes}
