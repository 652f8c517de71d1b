"""The routes of the Plezi stand-in, and how it is plugged into the gateway."""

from __future__ import annotations

from collections import deque
from http import HTTPStatus
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.plezi.brain import Brain
from pdsync.sandbox.plezi.contact_routes import PREFIX, ContactRoutes
from pdsync.sandbox.plezi.problems import RefusedError
from pdsync.sandbox.plezi.standin import SIDE, Plezi
from pdsync.sandbox.plezi.webform import Webform
from pdsync.sandbox.service import Admission, Service
from pdsync.sandbox.switches import Switches

WEBFORM_PATH: Final = "/api/v1/create_contact_after_webform"
BRAIN_PATH: Final = "/api/v1"

_WINDOW_SECONDS: Final = 60.0


def plezi_service(db: Database, clock: Clock, switches: Switches, account: Account) -> Service:
    """Plezi, ready to be served."""
    plezi = Plezi.open(db, clock, switches, account)
    pace = _Pace(clock, switches)
    return Service(side=SIDE, app=_application(plezi), refuse=_refuse, admit=pace.admit, forget=pace.forget)


def _application(plezi: Plezi) -> Starlette:
    webform, brain, contacts = Webform(plezi), Brain(plezi), ContactRoutes(plezi)
    return Starlette(
        routes=[
            # app-v1: seen in customers' code
            Route(WEBFORM_PATH, webform.submit, methods=["GET"]),
            # brain-v1: seen in Plezi's own plugin
            Route(f"{BRAIN_PATH}/api_keys/authenticate", brain.authenticate, methods=["POST"]),
            Route(f"{BRAIN_PATH}/content_web_forms", brain.forms, methods=["GET"]),
            Route(f"{BRAIN_PATH}/analytics_script", brain.analytics_script, methods=["GET"]),
            # sandbox: invented here
            Route(f"{PREFIX}/account", contacts.account, methods=["GET"]),
            Route(f"{PREFIX}/fields", contacts.fields, methods=["GET"]),
            Route(f"{PREFIX}/fields/{{key}}", contacts.field, methods=["GET"]),
            Route(f"{PREFIX}/fields/{{key}}/options", contacts.add_option, methods=["POST"]),
            Route(f"{PREFIX}/contacts", contacts.contacts, methods=["GET"]),
            Route(f"{PREFIX}/contacts", contacts.create, methods=["POST"]),
            Route(f"{PREFIX}/contacts/batch", contacts.batch, methods=["GET"]),
            Route(f"{PREFIX}/contacts/search", contacts.search, methods=["GET"]),
            Route(f"{PREFIX}/contacts/{{id}}", contacts.contact, methods=["GET"]),
            Route(f"{PREFIX}/contacts/{{id}}", contacts.update, methods=["PATCH"]),
            Route(f"{PREFIX}/contacts/{{id}}", contacts.delete, methods=["DELETE"]),
        ],
        exception_handlers={RefusedError: _refused, HTTPException: _no_route},
    )


class _Pace:
    """The rate limit that a switch adds; nobody has published one."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock = clock
        self._switches = switches
        self._seen: deque[float] = deque()

    def admit(self, _request: Request, _route: str) -> Admission:
        """Let a request in, or answer 429. A refused request does not count against the limit."""
        most = self._switches.number("plezi.requests_per_minute")
        if not most:
            return Admission()
        now = self._clock.now()
        while self._seen and self._seen[0] <= now - _WINDOW_SECONDS:
            self._seen.popleft()
        if len(self._seen) >= most:
            return Admission(refusal=_refuse(HTTPStatus.TOO_MANY_REQUESTS))
        self._seen.append(now)
        return Admission()

    def forget(self) -> None:
        """Start counting anew."""
        self._seen.clear()


def _refuse(status: int) -> Response:
    phrase = HTTPStatus(status).phrase
    return RefusedError(status, phrase, f"the sandbox answers {status} {phrase}").response()


async def _refused(_request: Request, problem: Exception) -> Response:
    if not isinstance(problem, RefusedError):
        raise problem
    return problem.response()


async def _no_route(_request: Request, problem: Exception) -> Response:
    """404 and 405 of Starlette itself, in Plezi's form."""
    if not isinstance(problem, HTTPException):
        raise problem
    response = RefusedError(problem.status_code, HTTPStatus(problem.status_code).phrase).response()
    response.headers.update(problem.headers or {})
    return response
