"""What happens to every request of a stand-in before and after its handler.

    read the body -> draw faults -> may it come in, what does it cost -> handler -> ledger -> answer, or what is left of it

The answer is held back until the ledger row is written. A fault that loses the answer thus differs from one
that loses the request in exactly one way: whether the handler ran.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Match, Route
from starlette.types import Message, Receive, Scope, Send

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.connections import lose
from pdsync.sandbox.faults import Fault, Faults
from pdsync.sandbox.late import LateWrites
from pdsync.sandbox.ledger import NO_ROUTE, Entry, Ledger
from pdsync.sandbox.service import Admission, Service

_log = logging.getLogger(__name__)

_LARGEST_BODY = 8 * 1024 * 1024
"""Bytes; far above any call of either service, and a bound on what a mistaken client makes us hold."""

_HTML_INSTEAD = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Please wait.</body></html>"
)


class _BodyTooLargeError(Exception):
    pass


class _ClientLeftError(Exception):
    pass


@dataclass(slots=True)
class Answer:
    """A whole answer, before any of it is sent."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] | None = None
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """An ASGI ``send`` that keeps instead of sending."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    def add_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Put more headers on it."""
        added = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.headers = [*(self.headers or ()), *added]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the stand-in did with a request."""

    answer: Answer
    tokens: int


@dataclass(frozen=True, slots=True)
class _Exchange:
    """One request with the means to answer it."""

    scope: Scope
    body: bytes
    receive: Receive
    send: Send
    entry: Entry
    started: float

    async def lose(self, *, flush: bool = False) -> None:
        await lose(self.scope, self.receive, flush=flush)


class Gateway:
    """The ASGI application of one stand-in."""

    def __init__(
        self, service: Service, clock: Clock, faults: Faults, ledger: Ledger, late: LateWrites
    ) -> None:
        self._service = service
        self._clock = clock
        self._faults = faults
        self._ledger = ledger
        self._late = late
        self._routes = [route for route in service.app.routes if isinstance(route, Route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"the sandbox serves HTTP, not {scope['type']}")
        started = time.perf_counter()
        route = self.template(scope)
        drawn = self._faults.draw(self._service.side, scope["method"], route)
        entry = Entry(
            time=self._clock.now(),
            side=self._service.side,
            method=scope["method"],
            route=route,
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            fault=drawn.label,
        )
        try:
            body = await _read(receive)
        except _ClientLeftError:
            self._ledger.write(replace(entry, fault="client_left"))
            return
        except _BodyTooLargeError:
            answer = _whole(Response("Payload Too Large", 413, media_type="text/plain"))
            self._ledger.write(replace(entry, status=413, milliseconds=_since(started)))
            await _send(answer, send)
            return
        if drawn.latency:
            await asyncio.sleep(drawn.latency)
        await self._exchange(_Exchange(scope, body, receive, send, entry, started), drawn.fault)

    def template(self, scope: Scope) -> str:
        """The template of the path: ``/api/v2/persons/{id}``."""
        for route in self._routes:
            if route.matches(scope)[0] is not Match.NONE:
                return route.path
        return NO_ROUTE

    async def _exchange(self, exchange: _Exchange, fault: Fault | None) -> None:
        """Handle and answer, as far as the fault lets it come to that."""
        kind = fault.kind if fault else None
        if kind == "drop_before_commit":
            self._write(exchange)
            await exchange.lose()
        elif fault and kind == "late_commit":
            self._postpone(exchange, fault.seconds, self._write(exchange))
            await exchange.lose()
        elif fault and kind in {"status", "expired_token"}:
            answer = _whole(self._service.refuse(fault.status or 401))
            self._write(exchange, answer.status)
            await _send(answer, exchange.send)
        else:
            outcome = await self._handle(exchange.scope, exchange.body)
            self._write(exchange, outcome.answer.status, outcome.tokens)
            if kind == "drop_after_commit":
                await exchange.lose()
            elif kind == "truncated_body":
                await _send_half(outcome.answer, exchange.send)
                await exchange.lose(flush=True)
            elif kind == "html":
                await _send(_whole(HTMLResponse(_HTML_INSTEAD)), exchange.send)
            else:
                await _send(outcome.answer, exchange.send)

    async def _handle(self, scope: Scope, body: bytes) -> Outcome:
        """Let the stand-in answer; a mistake of ours becomes its 500."""
        admission, answer = Admission(), Answer()
        try:
            admission = self._service.admit(Request(scope, _replay(body)), self.template(scope))
            if admission.refusal is None:
                await self._service.app(dict(scope), _replay(body), answer.collect)
            else:
                answer = _whole(admission.refusal)
        except Exception:  # noqa: BLE001 - a client must be able to meet a server with a mistake in it
            _log.exception("%s %s failed", scope["method"], scope["path"])
            answer = _whole(self._service.refuse(500))
        answer.add_headers(admission.headers.items())
        return Outcome(answer, admission.tokens)

    def _postpone(self, exchange: _Exchange, seconds: float, entry_id: int) -> None:
        async def commit() -> None:
            outcome = await self._handle(exchange.scope, exchange.body)
            self._ledger.settle(entry_id, status=outcome.answer.status, tokens=outcome.tokens)

        self._late.after(seconds, commit)

    def _write(self, exchange: _Exchange, status: int | None = None, tokens: int = 0) -> int:
        entry = replace(exchange.entry, status=status, tokens=tokens, milliseconds=_since(exchange.started))
        return self._ledger.write(entry)


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientLeftError
        body += message.get("body", b"")
        if len(body) > _LARGEST_BODY:
            raise _BodyTooLargeError
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _whole(response: Response) -> Answer:
    return Answer(response.status_code, list(response.raw_headers), bytes(response.body))


async def _send(answer: Answer, send: Send) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers or []})
    await send({"type": "http.response.body", "body": answer.body})


async def _send_half(answer: Answer, send: Send) -> None:
    """The headers promise the whole body; half of it is what there is."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers or []})
    await send(
        {"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True}
    )
