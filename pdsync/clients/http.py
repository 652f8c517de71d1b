"""The one way in which pdsync speaks HTTP: budget, sending, retries, and the border to httpx.

::

    send(call) -> [ budget -> one attempt -> settle or pause ]* -> Answer, or an error of pdsync.errors

A pause before another attempt is a ``hold`` of the budget, so that it stops every request of this client: when a service
says "too many" or falls over, forty other coroutines that go on sending are what turns a pause into a block. (This is
why the loop stands here and not in a retry library, whose pauses hold one call each.)
"""

from __future__ import annotations

import logging
import random
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from pdsync.clients.budget import Budget
from pdsync.clients.clock import Clock, SystemClock
from pdsync.clients.failures import (
    FATES,
    Failure,
    Fate,
    Service,
    answer_lost,
    error_of_fate,
    error_of_status,
    may_have_happened,
    stated_reason,
)
from pdsync.clients.redaction import Redactor, silence_http_logs
from pdsync.clients.wire_json import decode, encode
from pdsync.errors import (
    AnswerLost,
    BadAnswer,
    BudgetExhausted,
    NotFound,
    Overdue,
    PdsyncError,
)
from pdsync.loopback import is_loopback

__all__ = ["ATTEMPTS", "Answer", "Call", "Http", "next_pause", "query_string"]

_log = logging.getLogger("pdsync.clients")
_T = TypeVar("_T")

ATTEMPTS: Final = 6
"""Times that one request is sent at most: with pauses of 2, 4, 8, 16 and 30 seconds, a minute of trouble is outlived."""
_LONGEST_PAUSE: Final = 60.0
_LARGEST_BODY: Final = 64 * 1024 * 1024
"""Bytes; 500 persons with a hundred full fields each stay well below."""
_TOO_LARGE: Final = f"more than {_LARGEST_BODY // 2**20} MiB, or compressed more than once"
_LARGEST_ERROR: Final = 256 * 1024
_LONGEST_REASON: Final = 300
_TIMEOUT: Final = httpx.Timeout(connect=10.0, read=60.0, write=30.0, pool=None)
_LIMITS: Final = httpx.Limits(max_connections=16, max_keepalive_connections=16, keepalive_expiry=3.0)
"""Idle connections are given up before a server would close them: a POST into a closing one is an answer lost."""
_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_SURELY_REFUSED: Final = frozenset({429, 503})
"""Answers that say that nothing was done; others of 5xx may come from a gateway behind which it was."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as a client describes it."""

    method: str
    path: str
    """Beginning with a slash; joined to the base address."""
    what: str
    """For messages: ``read persons``, ``update person 12``."""
    query: Sequence[tuple[str, str]] = ()
    """Sent in this order, encoded once: a signature covers the exact text."""
    json: object = None
    form: Mapping[str, str] | None = None
    cost: int = 0
    """Tokens."""
    writes: bool = False
    """It changes something there, so a lost answer is an ``AnswerLost``."""
    repeatable: bool = True
    """Sending it twice does no more than sending it once."""
    anonymous: bool = False
    """Sent without the client's authentication: it carries its keys itself."""
    within: float | None = None
    """Seconds from now in which it may leave; later, what it rests on is too old (design 7). None: whenever it can."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole 2xx answer."""

    status: int
    body: bytes = field(repr=False)


def next_pause(call: Call, failure: Failure, attempt: int, dice: random.Random) -> float | None:
    """Seconds to wait before the next attempt; None: do not try again.

    GET, PATCH and DELETE: 429, 500, 502, 503, 504, and every failed exchange. POST, and a GET that writes: only what
    surely did not reach the service or was surely refused (429, 503). ``x-ratelimit-reset`` is obeyed up to a minute,
    and so is ``Retry-After``, which Pipedrive does not promise (reference 3), but gateways send; without either 2
    seconds, doubling, plus up to a half at random.
    """
    if attempt >= ATTEMPTS:
        return None
    if failure.fate is None:
        again = failure.status in (_RETRIED if call.repeatable else _SURELY_REFUSED)
    else:
        again = failure.fate is Fate.NOT_SENT or (
            call.repeatable and failure.fate in (Fate.UNKNOWN, Fate.CUT)
        )
    if not again:
        return None
    asked = _asked_pause(failure)
    if asked is not None:
        return min(asked, _LONGEST_PAUSE) or 1.0
    first = 2.0 if failure.status == HTTPStatus.TOO_MANY_REQUESTS else 0.5
    pause = first * 2.0 ** (attempt - 1)
    return min(pause * (1 + dice.random() / 2), _LONGEST_PAUSE)


def _asked_pause(failure: Failure) -> float | None:
    """How many seconds the service asks to wait; None: it does not say."""
    if failure.status not in _SURELY_REFUSED:
        return None
    names = (
        ("x-ratelimit-reset", "retry-after")
        if failure.status == HTTPStatus.TOO_MANY_REQUESTS
        else ("retry-after",)
    )
    said = (failure.header(name).strip() for name in names)
    return next((float(text) for text in said if text.isascii() and text.isdigit()), None)


def query_string(query: Sequence[tuple[str, str]]) -> str:
    """The query as it is sent and signed: UTF-8, everything but unreserved characters and commas encoded."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe=',')}" for name, value in query)


@cache
def _certificates(*, trust_env: bool) -> ssl.SSLContext:
    """Whom to trust. Reading the 140 authorities takes 30 ms: once for a process, not for each client."""
    return httpx.create_ssl_context(trust_env=trust_env)


class Http:
    """Sends calls to one service. Belongs to one event loop."""

    def __init__(
        self,
        base_url: str,
        service: Service,
        *,
        auth: httpx.Auth,
        secrets: Sequence[str],
        budget: Budget,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``base_url`` has passed ``check_address``. ``transport``: the seam for tests and recordings."""
        silence_http_logs()
        # Proxies and certificates of the environment, except for a sandbox on this machine.
        trust_env = not is_loopback(urlsplit(base_url).hostname or "")
        self._base = base_url
        self.service = service
        self.budget = budget
        self._clock = clock or SystemClock()
        self._redact = Redactor(secrets)
        self._dice = random.Random()  # noqa: S311 - jitter
        self._server_time: datetime | None = None
        self._client = httpx.AsyncClient(
            auth=auth,
            timeout=_TIMEOUT,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=trust_env,
            verify=_certificates(trust_env=trust_env),
            headers={"user-agent": "pdsync", "accept": "application/json"},
            transport=transport,
        )

    @property
    def server_time(self) -> datetime | None:
        """The service's clock by the ``Date`` of its last answer."""
        return self._server_time

    async def send(self, call: Call) -> Answer:
        """Send a call, again where that is safe, and return its answer.

        Raises:
            AnswerLost: also where the last try was refused, if an earlier one may have been carried out.
            Overdue: it could not leave in time (``Call.within``).
            ServiceError, RecordError, SettingsError: as in ``failures``; never an exception of httpx.
        """
        tries: list[Failure] = []
        try:
            return await self._tried(call, tries)
        except (AnswerLost, NotFound):
            raise
        except PdsyncError as error:
            if call.writes and any(map(may_have_happened, tries)):
                why = f"an earlier try of it got no answer; the last one: {error.message}"
                raise answer_lost(self.service, call.what, why) from error
            raise

    async def _tried(self, call: Call, tries: list[Failure]) -> Answer:
        """``send``, with each failure noted in ``tries``."""
        leave_by = None if call.within is None else self._clock.monotonic() + call.within
        while True:
            try:
                outcome = await self._attempt(call, leave_by)
            except Overdue:
                # Whoever was told to wait may go on; what kept failing until then has failed.
                if not tries or tries[-1].status == HTTPStatus.TOO_MANY_REQUESTS:
                    raise
                raise self._error(call, tries[-1]) from None
            if isinstance(outcome, Answer):
                return outcome
            tries.append(outcome)
            if outcome.status == HTTPStatus.TOO_MANY_REQUESTS and self.budget.lacks(call.cost):
                raise self.budget.exhaustion()
            pause = next_pause(call, outcome, len(tries), self._dice)
            if pause is None:
                raise self._error(call, outcome)
            self.budget.hold(pause, outcome.why_again)

    async def decode(self, call: Call, shape: type[_T]) -> _T:
        """Send a call and read its answer as JSON of this shape.

        Raises:
            BadAnswer: not JSON, truncated, a web page, another shape.
            AnswerLost: the same after a write, which was then carried out all the same.
        """
        answer = await self.send(call)
        try:
            return decode(answer.body, shape)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            begins = answer.body.lstrip()[:1]
            kind = "a web page" if begins == b"<" else f"not of the known form ({_short(str(error))})"
        if call.writes:
            raise answer_lost(self.service, call.what, f"its answer is {kind}")
        raise BadAnswer(
            f"{self.service.label} at {self.service.host} answered '{call.what}' with {kind}.",
            untouched="Nothing was written.",
            next_step=f"Check {self.service.setting}. If it is right, run the same command again later.",
        )

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def _attempt(self, call: Call, leave_by: float | None) -> Answer | Failure:
        await self.budget.enter(call.cost)
        started = self._clock.monotonic()
        if leave_by is not None and started > leave_by:
            self.budget.leave(counted=False)
            raise Overdue(
                f"'{call.what}' had to wait for {self.service.label} for too long.",
                untouched="This record was not written.",
                next_step="Plan again: pdsync plan",
            )
        outcome: Answer | Failure = Failure(Fate.NOT_SENT)
        try:
            outcome = await self._exchange(call)
        finally:
            self.budget.leave(counted=not (isinstance(outcome, Failure) and outcome.fate is Fate.NOT_SENT))
        status = outcome.status or (
            outcome.fate.name if isinstance(outcome, Failure) and outcome.fate else ""
        )
        _log.debug("%s %s %s in %.3f s", call.method, call.path, status, self._clock.monotonic() - started)
        return outcome

    async def _exchange(self, call: Call) -> Answer | Failure:
        """One request and its answer; every exception of httpx ends here."""
        headers: Mapping[str, str] | None = None
        status = 0
        try:
            request = self._request(call)
            auth = None if call.anonymous else httpx.USE_CLIENT_DEFAULT
            response = await self._client.send(request, stream=True, auth=auth)
            try:
                status, headers = response.status_code, response.headers
                self._note(call, status, response.headers)
                body = await _bounded(response, _LARGEST_BODY if response.is_success else _LARGEST_ERROR)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, httpx.CookieConflict) as error:
            fate = FATES.get(type(error).__name__, Fate.UNKNOWN)
            if headers is not None and fate is not Fate.MISUSED:
                fate = Fate.CUT
            text = _short(
                self._redact(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
            )
            return Failure(fate, status, headers, text)
        if body is None:
            if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                return Failure(None, status, headers)
            return Failure(Fate.TOO_LARGE, status, headers, _TOO_LARGE)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return Answer(status, body)
        return Failure(None, status, headers, self._reason(body))

    def _request(self, call: Call) -> httpx.Request:
        query = query_string(call.query)
        url = f"{self._base}{call.path}{'?' + query if query else ''}"
        content: dict[str, Any] = {}
        if call.json is not None:
            content = {
                "content": encode(call.json),
                "headers": {"content-type": "application/json"},
            }
        elif call.form is not None:
            content = {"data": dict(call.form)}
        return self._client.build_request(call.method, url, **content)

    def _note(self, call: Call, status: int, headers: httpx.Headers) -> None:
        """Learn from headers. A refused call costs nothing."""
        charged = call.cost if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES else 0
        self.budget.learn(headers, charged)
        try:
            at = parsedate_to_datetime(headers["date"])
        except (KeyError, ValueError, OverflowError):
            return
        # '-0000' is UTC without a word on where the server stands (RFC 5322 3.3), and comes without a zone.
        self._server_time = at if at.tzinfo is not None else at.replace(tzinfo=UTC)

    def _reason(self, body: bytes) -> str:
        try:
            said = stated_reason(msgspec.json.decode(body))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            said = ""
        return _short(self._redact(said))

    def _error(self, call: Call, failure: Failure) -> PdsyncError:
        if failure.fate is not None:
            return error_of_fate(failure, self.service, call.what, writes=call.writes)
        if failure.status == HTTPStatus.TOO_MANY_REQUESTS:
            return BudgetExhausted(
                f"{self.service.label} still answers 429 (too many requests) after {ATTEMPTS} tries of '{call.what}'.",
                untouched="This record was not written." if call.writes else "Nothing was written.",
                next_step="Another tool may use up the same budget, or the tokens of the day are gone. Try again later.",
            )
        return error_of_status(failure, self.service, call.what, writes=call.writes)


async def _bounded(response: httpx.Response, most: int) -> bytes | None:
    """The decoded body; None if it is larger than ``most`` bytes.

    Compressed once, 64 KiB from the wire become 64 MiB at most; compressed twice, a few KiB become gigabytes at once.
    """
    if "," in response.headers.get("content-encoding", ""):
        return None
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _short(text: str) -> str:
    """One line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"
