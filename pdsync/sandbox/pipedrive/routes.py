"""Every call of the Pipedrive stand-in and its handler: the table of contents. What a call costs stands in `costs`."""

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
from pdsync.sandbox.pipedrive.costs import COSTS, V1_PREFIXES, V2
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
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


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
    bodies = PersonBody(clock, switches, book, Values(db, switches, book))
    routes = [
        *_person_routes(
            PersonRoutes(db, clock, switches, persons, bodies, Search(db, clock, switches, book))
        ),
        *_field_routes(FieldRoutes(switches, book, FieldRows(book))),
        *_user_routes(UserRoutes(db, clock, switches, account)),
    ]

    def admit(request: Request, route: str) -> Admission:
        token = request.headers.get("x-api-token")
        user = user_of(db, account, token)
        if user is None or token is None:
            return Admission(refusal=refusal(401))
        request.state.user = user
        is_search = route.endswith("/search")
        return limits.admit(token, COSTS.get((request.method, route), 0), is_search=is_search)

    def refuse(status: int) -> Response:
        return limits.too_many() if status == 429 else refusal(status)

    def forget() -> None:
        book.forget()
        limits.forget()

    app = Starlette(
        routes=routes,
        exception_handlers={ApiError: answer_api_error, HTTPException: answer_http_error},
    )
    app.router.redirect_slashes = False
    return Pipedrive(Service(SIDE, app, refuse, admit, forget), limits, persons, book)


def _person_routes(routes: PersonRoutes) -> list[Route]:
    return [
        _route("GET", f"{V2}/persons", routes.page),
        _route("POST", f"{V2}/persons", routes.create),
        _route("GET", f"{V2}/persons/search", routes.search),
        _route("GET", f"{V2}/persons/{{id}}", routes.get),
        _route("PATCH", f"{V2}/persons/{{id}}", routes.update),
        _route("DELETE", f"{V2}/persons/{{id}}", routes.delete),
    ]


def _field_routes(routes: FieldRoutes) -> list[Route]:
    return [
        _route("GET", f"{V2}/personFields", routes.page),
        _route("POST", f"{V2}/personFields", routes.create),
        _route("GET", f"{V2}/personFields/{{field_code}}", routes.get),
        _route("PATCH", f"{V2}/personFields/{{field_code}}", routes.update),
        _route("DELETE", f"{V2}/personFields/{{field_code}}", routes.delete),
        _route("POST", f"{V2}/personFields/{{field_code}}/options", routes.add_options),
        _route("PATCH", f"{V2}/personFields/{{field_code}}/options", routes.rename_options),
        _route("DELETE", f"{V2}/personFields/{{field_code}}/options", routes.delete_options),
    ]


def _user_routes(routes: UserRoutes) -> list[Route]:
    return [
        route
        for prefix in V1_PREFIXES
        for route in (
            _route("GET", f"{prefix}/users/me", routes.me),
            _route("GET", f"{prefix}/users", routes.everybody),
        )
    ]


def _route(method: str, path: str, handler: Handler) -> Route:
    if (method, path) not in COSTS:
        raise KeyError(f"{method} {path} has no cost")
    return Route(path, handler, methods=[method])
