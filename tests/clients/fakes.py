"""What tests put in place of time and of the network. Both go in by the front door: nothing is patched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx

from pdsync.clients.budget import Budget
from pdsync.clients.failures import Service
from pdsync.clients.http import Http

TOKEN = "0123456789abcdef0123456789abcdef01234567"
ACME = "https://acme.pipedrive.com"
Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class FakeClock:
    """A clock that stands still until somebody sleeps."""

    def __init__(self, unix: float = 1_700_000_000.0) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._unix = unix

    def monotonic(self) -> float:
        return self.now

    def unix(self) -> float:
        return self._unix + self.now - 1000.0

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Script(httpx.MockTransport):
    """Answers requests one after the other from a list; the last reply stays. Keeps every request."""

    def __init__(self, *replies: Reply) -> None:
        super().__init__(self._answer)
        self._replies = list(replies)
        self.requests: list[httpx.Request] = []

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.requests.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply

    @property
    def bodies(self) -> list[Any]:
        """The JSON of each request that had a body."""
        return [json.loads(request.content) for request in self.requests if request.content]


def answer(status: int = 200, body: Any = None, **headers: str) -> httpx.Response:
    """A JSON answer; ``x_ratelimit_reset="3"`` is a header."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"success": status < 400} if body is None else body, headers=given)


def html(status: int = 200) -> httpx.Response:
    """A page where JSON was expected."""
    return httpx.Response(status, html="<!DOCTYPE html><html><body>Just a moment...</body></html>")


class Raising(httpx.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, begin: bytes, error: Exception) -> None:
        self._begin = begin
        self._error = error

    async def __aiter__(self) -> Any:
        yield self._begin
        raise self._error


def http_over(
    transport: httpx.AsyncBaseTransport,
    clock: FakeClock,
    *,
    burst: int | None = None,
    on_wait: Callable[[float, str], None] | None = None,
    secrets: Sequence[str] = (TOKEN,),
) -> Http:
    """The HTTP layer alone."""
    told = on_wait or (lambda _seconds, _why: None)
    service = Service("Pipedrive", "acme.pipedrive.com", "pipedrive.url", "Get a new token.")
    budget = Budget(clock, service="Pipedrive", burst=burst, on_wait=told)
    return Http(
        ACME, service, auth=httpx.Auth(), secrets=secrets, budget=budget, clock=clock, transport=transport
    )
