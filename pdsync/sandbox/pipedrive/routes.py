"""Every call of the Pipedrive stand-in, with what it costs: the table of contents.

Costs are ``x-token-cost`` of the official files ([spec]). v2 lives under ``/api/v2`` only, v1 under both
``/v1`` and ``/api/v1`` ([code], section 1.4 of the reference).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.access import user_of
from pdsync.sandbox.pipedrive.field_routes import FieldRoutes
from pdsync.sandbox.pipedrive.field_rows import FieldRows
from pdsync.sandbox.pipedrive.fieldbook import FieldBook
from pdsync.sandbox.pipedrive.limits import Limits
from pdsync.sandbox.pipedrive.person_body import PersonBody
from pdsync.sandbox.pipedrive.person_routes import PersonRoutes
from pdsync.sandbox.pipedrive.persons import Persons
from pdsync.sandbox.pipedrive.problems import ApiError, answer_api_error, answer_http_error, refusal
from pdsync.sandbox.pipedrive.search import Search
from pdsync.sandbox.pipedrive.users import UserRoutes
from pdsync.sandbox.pipedrive.values import Values
from pdsync.sandbox.service import Admission, Service
from pdsync.sandbox.switches import Switches

SIDE = "pipedrive"
V2 = "/api/v2"
V1_PREFIXES = ("/v1", "/api/v1")

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API."""

    method: str
    path: str
    tokens: int
    handler: Handler


@dataclass(frozen=True, slots=True)
class Pipedrive:
    """The stand-in with its parts."""

    service: Service
    limits: Limits
    persons: Persons
    book: FieldBook


def open_pipedrive(db: Database, clock: Clock, switches: Switches, account: Account) -> Pipedrive:
    """The Pipedrive of this file."""
    book = FieldBook(db, clock)
    persons = Persons(db, clock, switches, book)
    limits = Limits(db, clock, switches)
    values = Values(db, switches, book)
    calls = [
        *_person_calls(
            PersonRoutes(
                db,
                clock,
                switches,
                persons,
                PersonBody(clock, switches, book, values),
                Search(db, clock, switches, book),
            )
        ),
        *_field_calls(FieldRoutes(switches, book, FieldRows(book))),
        *_user_calls(UserRoutes(db, clock, switches, account)),
    ]
    costs = {(call.method, call.path): call.tokens for call in calls}

    def admit(request: Request, route: str) -> Admission:
        token = request.headers.get("x-api-token")
        user = user_of(db, account, token)
        if user is None or token is None:
            return Admission(refusal=refusal(401))
        request.state.user = user
        is_search = route.endswith("/search")
        return limits.admit(token, costs.get((request.method, route), 0), is_search=is_search)

    def refuse(status: int) -> Response:
        return limits.too_many() if status == 429 else refusal(status)

    def forget() -> None:
        book.forget()
        limits.forget()

    app = Starlette(
        routes=[Route(call.path, call.handler, methods=[call.method]) for call in calls],
        exception_handlers={ApiError: answer_api_error, HTTPException: answer_http_error},
    )
    app.router.redirect_slashes = False
    return Pipedrive(Service(SIDE, app, refuse, admit, forget), limits, persons, book)


def _person_calls(routes: PersonRoutes) -> list[Call]:
    return [
        Call("GET", f"{V2}/persons", 10, routes.page),
        Call("POST", f"{V2}/persons", 5, routes.create),
        Call("GET", f"{V2}/persons/search", 20, routes.search),
        Call("GET", f"{V2}/persons/{{id}}", 1, routes.get),
        Call("PATCH", f"{V2}/persons/{{id}}", 5, routes.update),
        Call("DELETE", f"{V2}/persons/{{id}}", 3, routes.delete),
    ]


def _field_calls(routes: FieldRoutes) -> list[Call]:
    return [
        Call("GET", f"{V2}/personFields", 10, routes.page),
        Call("POST", f"{V2}/personFields", 5, routes.create),
        Call("GET", f"{V2}/personFields/{{field_code}}", 1, routes.get),
        Call("PATCH", f"{V2}/personFields/{{field_code}}", 5, routes.update),
        Call("DELETE", f"{V2}/personFields/{{field_code}}", 3, routes.delete),
        Call("POST", f"{V2}/personFields/{{field_code}}/options", 5, routes.add_options),
        Call("PATCH", f"{V2}/personFields/{{field_code}}/options", 5, routes.rename_options),
        Call("DELETE", f"{V2}/personFields/{{field_code}}/options", 3, routes.delete_options),
    ]


def _user_calls(routes: UserRoutes) -> list[Call]:
    return [
        call
        for prefix in V1_PREFIXES
        for call in (
            Call("GET", f"{prefix}/users/me", 2, routes.me),
            Call("GET", f"{prefix}/users", 20, routes.everybody),
        )
    ]
