"""The sandbox about itself: ledger, switches, faults, clock, budget, seeds.

Paths lie under ``/_sandbox`` on Pipedrive's port. Guarded by the header ``x-sandbox-key``; requests here are
neither charged, nor logged, nor hit by faults.

    GET    /state                         accounts, counts, clock, budget, waiting late writes
    GET    /ledger                        ?side=&method=&route=&since_id=&entries=N: counts, tokens, N newest rows
    DELETE /ledger
    GET    /switches                      every assumed behaviour with mark and source; "fixed": those without a switch
    PUT    /switches                      {"pipedrive.plan": "lite", ...}: all or none
    DELETE /switches                      every one to the position that the process was started with
    GET    /faults
    PUT    /faults                        {"faults": [{"kind": ..., ...}], "seed": 0}: these, instead of the present ones
    DELETE /faults
    POST   /clock                         {"advance_seconds": 86400}; also makes late writes fall due
    DELETE /clock                         back to the machine's time
    POST   /budget                        {"spend": 209990}: take tokens from today's budget
    DELETE /budget                        a fresh day, open windows, no block
    POST   /late-writes                   do now what ``late_commit`` has put off
    POST   /seed                          {"world": "demo", "number": 1, "size": 10000, "changed_percent": 1}
    GET    /seed                          what the seed planted
    POST   /pipedrive/tokens              {"user_id": 7002}: a new token for a user
    POST   /pipedrive/persons/{id}/touch  update_time moves, nothing else, as after a note ([live] NANGO, N8N)
    POST   /plezi/contacts/{id}/computed  {"behaviour_score": 42, "state": "Engaged"}: what Plezi works out by itself
    POST   /reset                         everything above starts anew; keys and ids of the accounts stay
"""

from __future__ import annotations

import hmac
import json
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pdsync.sandbox.assembly import ASSUMPTIONS, Sandbox, Seeding
from pdsync.sandbox.faults import Fault, FaultError
from pdsync.sandbox.ledger import Selection
from pdsync.sandbox.plezi.problems import RefusedError
from pdsync.sandbox.plezi.standin import Plezi
from pdsync.sandbox.seeding import (
    DEFAULT_CHANGED_PERCENT,
    DEFAULT_SEED,
    DEFAULT_SIZE,
    WORLDS,
    NotEmptyError,
    SeedReport,
)
from pdsync.sandbox.switches import SwitchError

PREFIX = "/_sandbox"
KEY_HEADER = "x-sandbox-key"
_LARGEST_NUMBER = 3_000_000_000
"""Of anything: as seconds, the better part of a century."""

_COUNTED = {
    "persons": "pipedrive_persons WHERE deleted_time IS NULL",
    "deleted_persons": "pipedrive_persons WHERE deleted_time IS NOT NULL",
    "person_fields": "pipedrive_fields WHERE NOT deleted",
    "organizations": "pipedrive_organizations",
    "contacts": "plezi_contacts",
    "submissions": "plezi_submissions",
    "requests": "ledger_requests",
}

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class ControlError(Exception):
    """A request to the control API that cannot be met."""

    def __init__(self, problem: str, status: int = 400) -> None:
        super().__init__(problem)
        self.status = status


@dataclass(frozen=True, slots=True)
class Control:
    """Handlers."""

    sandbox: Sandbox

    def app(self) -> Starlette:
        """The application, behind its key."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/state", self.state),
            ("GET", "/ledger", self.ledger),
            ("DELETE", "/ledger", self.clear_ledger),
            ("GET", "/switches", self.switches),
            ("PUT", "/switches", self.turn_switches),
            ("DELETE", "/switches", self.restore_switches),
            ("GET", "/faults", self.faults),
            ("PUT", "/faults", self.replace_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("POST", "/clock", self.advance_clock),
            ("DELETE", "/clock", self.restore_clock),
            ("POST", "/budget", self.spend_budget),
            ("DELETE", "/budget", self.restore_budget),
            ("POST", "/late-writes", self.flush_late_writes),
            ("POST", "/seed", self.seed),
            ("GET", "/seed", self.seed_report),
            ("POST", "/pipedrive/tokens", self.new_token),
            ("POST", "/pipedrive/persons/{id:int}/touch", self.touch_person),
            ("POST", "/plezi/contacts/{id}/computed", self.compute_contact),
            ("POST", "/reset", self.reset),
        ]
        return Starlette(
            routes=[
                Route(f"{PREFIX}{path}", self._guarded(handler), methods=[method])
                for method, path, handler in table
            ],
            exception_handlers={ControlError: _answer_control_error, HTTPException: _answer_http_error},
        )

    def _guarded(self, handler: Handler) -> Handler:
        key = self.sandbox.account.control_key.encode()

        async def guarded(request: Request) -> Response:
            given = request.headers.get(KEY_HEADER, "").encode()
            if not hmac.compare_digest(given, key):
                raise ControlError(f"the header {KEY_HEADER} is missing or wrong", 403)
            try:
                return await handler(request)
            except (FaultError, SwitchError, NotEmptyError) as error:
                raise ControlError(str(error)) from error
            except (OverflowError, sqlite3.ProgrammingError) as error:
                raise ControlError("a value is of the wrong type or out of range") from error

        return guarded

    async def state(self, _request: Request) -> Response:
        """Where things stand."""
        sandbox = self.sandbox
        db, limits = sandbox.db, sandbox.pipedrive.limits
        users = db.rows("SELECT id, name, email, is_admin FROM pipedrive_users ORDER BY id")
        return JSONResponse(
            {
                "account": sandbox.account.as_dict(),
                "users": [dict(row) | {"is_admin": bool(row["is_admin"])} for row in users],
                "counts": {
                    name: db.value(f"SELECT count(*) FROM {what}")  # noqa: S608 - the names stand above
                    for name, what in _COUNTED.items()
                },
                "clock": self._clock(),
                "budget": {"limit": limits.budget, "spent": limits.spent()},
                "late_writes": len(sandbox.late),
            }
        )

    async def ledger(self, request: Request) -> Response:
        """Requests and tokens."""
        params = request.query_params
        try:
            since_id, entries = int(params.get("since_id", 0)), int(params.get("entries", 0))
        except ValueError as error:
            raise ControlError("since_id and entries are whole numbers") from error
        selection = Selection(params.get("side"), params.get("method"), params.get("route"), since_id)
        ledger = self.sandbox.ledger
        return JSONResponse(
            ledger.summary(selection) | {"entries": ledger.entries(selection, max(entries, 0))}
        )

    async def clear_ledger(self, _request: Request) -> Response:
        """Forget the rows."""
        self.sandbox.ledger.clear()
        return _done()

    async def switches(self, _request: Request) -> Response:
        """All switches."""
        fixed = [asdict(assumption) for assumption in ASSUMPTIONS]
        return JSONResponse({"switches": self.sandbox.switches.listing(), "fixed": fixed})

    async def turn_switches(self, request: Request) -> Response:
        """Turn some."""
        self.sandbox.switches.turn(await _object(request))
        return await self.switches(request)

    async def restore_switches(self, request: Request) -> Response:
        """Turn all back."""
        self.sandbox.switches.restore()
        self.sandbox.switches.turn(dict(self.sandbox.positions))
        return await self.switches(request)

    async def faults(self, _request: Request) -> Response:
        """The rules in force, with counters."""
        return JSONResponse({"faults": self.sandbox.faults.listing()})

    async def replace_faults(self, request: Request) -> Response:
        """Other rules."""
        body = await _object(request)
        rules, seed = body.get("faults"), body.get("seed", 0)
        if not isinstance(rules, list) or not isinstance(seed, int):
            raise ControlError('a body like {"faults": [...], "seed": 0} is needed')
        self.sandbox.faults.replace([Fault.parse(rule) for rule in rules], seed)
        return await self.faults(request)

    async def clear_faults(self, _request: Request) -> Response:
        """No more faults."""
        self.sandbox.faults.replace([])
        return _done()

    async def advance_clock(self, request: Request) -> Response:
        """Push the time forward."""
        self.sandbox.clock.advance(_number(await _object(request), "advance_seconds"))
        await self.sandbox.late.catch_up()  # so that whoever has the answer finds them done
        return JSONResponse(self._clock())

    async def restore_clock(self, _request: Request) -> Response:
        """The machine's time again."""
        self.sandbox.clock.restore()
        return JSONResponse(self._clock())

    async def spend_budget(self, request: Request) -> Response:
        """Take tokens away."""
        self.sandbox.pipedrive.limits.spend(int(_number(await _object(request), "spend")))
        return _done()

    async def restore_budget(self, _request: Request) -> Response:
        """A fresh day."""
        self.sandbox.pipedrive.limits.restore()
        return _done()

    async def flush_late_writes(self, _request: Request) -> Response:
        """Let them happen now."""
        await self.sandbox.late.flush()
        return _done()

    async def seed(self, request: Request) -> Response:
        """Fill the empty account."""
        body = {
            "world": "empty",
            "number": DEFAULT_SEED,
            "size": DEFAULT_SIZE,
            "changed_percent": DEFAULT_CHANGED_PERCENT,
        } | await _object(request)
        if body["world"] not in WORLDS:
            raise ControlError(f"world is one of {', '.join(WORLDS)}")
        seeding = Seeding(
            body["world"],
            int(_number(body, "number")),
            int(_number(body, "size")),
            _number(body, "changed_percent"),
        )
        return JSONResponse(self.sandbox.seed(seeding).as_dict())

    async def seed_report(self, _request: Request) -> Response:
        """What was planted."""
        report = SeedReport.stored(self.sandbox.db)
        if report is None:
            raise ControlError("this account was not seeded", 404)
        return JSONResponse(report.as_dict())

    async def new_token(self, request: Request) -> Response:
        """A token for another user than the owner; the old one ends."""
        user_id = (await _object(request)).get("user_id")
        token = secrets.token_hex(20)
        changed = self.sandbox.db.execute(
            "UPDATE pipedrive_users SET token = ? WHERE id = ?", (token, user_id)
        ).rowcount
        if not changed:
            raise ControlError(f"there is no user {user_id}", 404)
        return JSONResponse({"token": token})

    async def touch_person(self, request: Request) -> Response:
        """``update_time`` moves."""
        changed = self.sandbox.db.execute(
            "UPDATE pipedrive_persons SET update_time = ? WHERE id = ? AND deleted_time IS NULL",
            (self.sandbox.clock.stamp(), request.path_params["id"]),
        ).rowcount
        if not changed:
            raise ControlError("there is no such person", 404)
        return _done()

    async def compute_contact(self, request: Request) -> Response:
        """Score, state, source or medium move, as after a visit."""
        sandbox = self.sandbox
        plezi = Plezi.open(sandbox.db, sandbox.clock, sandbox.switches, sandbox.account)
        try:
            row = plezi.contacts.compute(request.path_params["id"], await _object(request))
        except RefusedError as error:
            raise ControlError(str(error), error.status) from error
        return JSONResponse({"data": plezi.contacts.resource(row)})

    async def reset(self, _request: Request) -> Response:
        """Start anew."""
        self.sandbox.reset()
        return _done()

    def _clock(self) -> dict[str, Any]:
        clock = self.sandbox.clock
        now = datetime.fromtimestamp(clock.now(), UTC).isoformat(timespec="milliseconds")
        return {"now": now, "offset_seconds": clock.offset}


def _done() -> Response:
    return JSONResponse({"done": True})


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ControlError("the body is not valid JSON") from error
    if not isinstance(body, dict):
        raise ControlError("the body must be an object")
    return body


def _number(body: dict[str, Any], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST_NUMBER:
        raise ControlError(f"{name} is a number, and not beyond {_LARGEST_NUMBER}")
    return value


async def _answer_control_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ControlError):
        raise error
    return JSONResponse({"error": str(error)}, error.status)


async def _answer_http_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code)
