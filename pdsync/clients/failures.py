"""The border at which foreign failures become ours: every exception of httpx, every status that is not 2xx.

What matters about a failed exchange is not its name but what may have happened on the other side: nothing (the request
never got there), perhaps everything (it was sent and no answer came), or surely something (an answer began and broke
off). From that follow both whether a request may be sent again and which error a person sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Final

from pdsync.errors import (
    AnswerLost,
    BadAnswer,
    Blocked,
    Forbidden,
    NotFound,
    PdsyncError,
    Rejected,
    ServiceFault,
    SettingsError,
    Unauthorised,
    Unreachable,
)

__all__ = [
    "FATES",
    "Failure",
    "Fate",
    "Service",
    "answer_lost",
    "error_of_fate",
    "error_of_status",
    "may_have_happened",
    "stated_reason",
]


@dataclass(frozen=True, slots=True)
class Service:
    """How messages speak of a service."""

    label: str
    """``Pipedrive``, ``Plezi``."""
    host: str
    """As a person knows it: ``acme.pipedrive.com``."""
    setting: str
    """Where its address stands: ``pipedrive.url``."""
    keys: str
    """What to do about a refused key, as a sentence."""
    credential: str = "key"
    """What its own screens call it: Pipedrive gives out tokens, Plezi keys."""


class Fate(Enum):
    """What may have happened to a request that got no whole answer."""

    NOT_SENT = "never reached the service"
    UNKNOWN = "sent, no answer came"
    CUT = "an answer began and broke off"
    TOO_LARGE = "the answer is larger than any that makes sense"
    MISUSED = "could not be sent at all, now or later"


_AGAIN: Final[Mapping[Fate, str]] = {
    Fate.NOT_SENT: "it cannot be reached",
    Fate.UNKNOWN: "it did not answer",
    Fate.CUT: "its answer broke off",
}

FATES: Final[Mapping[str, Fate]] = {
    "ConnectError": Fate.NOT_SENT,
    "ConnectTimeout": Fate.NOT_SENT,
    "PoolTimeout": Fate.NOT_SENT,
    "ProxyError": Fate.NOT_SENT,
    # Everything that is not surely unsent counts as perhaps done: a lost create is looked for, never sent again blindly.
    "HTTPError": Fate.UNKNOWN,
    "RequestError": Fate.UNKNOWN,
    "TransportError": Fate.UNKNOWN,
    "TimeoutException": Fate.UNKNOWN,
    "ReadTimeout": Fate.UNKNOWN,
    "WriteTimeout": Fate.UNKNOWN,
    "NetworkError": Fate.UNKNOWN,
    "ReadError": Fate.UNKNOWN,
    "WriteError": Fate.UNKNOWN,
    "CloseError": Fate.UNKNOWN,
    "ProtocolError": Fate.UNKNOWN,
    "LocalProtocolError": Fate.UNKNOWN,
    "RemoteProtocolError": Fate.UNKNOWN,
    "DecodingError": Fate.CUT,
    # Cannot happen as this package uses httpx (no redirects, no raise_for_status, no cookies), or mean an odd address.
    "HTTPStatusError": Fate.MISUSED,
    "TooManyRedirects": Fate.MISUSED,
    "UnsupportedProtocol": Fate.MISUSED,
    "InvalidURL": Fate.MISUSED,
    "CookieConflict": Fate.MISUSED,
    "StreamError": Fate.MISUSED,
    "StreamConsumed": Fate.MISUSED,
    "StreamClosed": Fate.MISUSED,
    "RequestNotRead": Fate.MISUSED,
    "ResponseNotRead": Fate.MISUSED,
}
"""Every exception class of httpx by name; a test holds the list complete."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt."""

    fate: Fate | None = None
    """None: a whole answer came, with ``status``."""
    status: int = 0
    headers: Mapping[str, str] | None = None
    text: str = ""
    """What the exception or the answer said, without keys, one line, shortened."""

    def header(self, name: str) -> str:
        return (self.headers or {}).get(name, "")

    @property
    def why_again(self) -> str:
        """Why another try follows, to be read after 'waiting 2 s for Pipedrive:'."""
        if self.fate is None:
            return f"it answered {self.status}"
        return _AGAIN.get(self.fate, self.fate.value)

    @property
    def is_html(self) -> bool:
        return self.header("content-type").lower().startswith("text/html")


def error_of_fate(failure: Failure, service: Service, what: str, *, writes: bool) -> PdsyncError:
    """The error for a request without a whole answer."""
    why = f" ({failure.text})" if failure.text else ""
    if failure.fate is Fate.MISUSED:
        return SettingsError(
            f"{service.host!r} cannot be used as the address of {service.label}{why}.",
            untouched="Nothing was sent.",
            next_step=f"Mend {service.setting}.",
        )
    if failure.fate is Fate.NOT_SENT:
        return Unreachable(
            f"{service.label} cannot be reached at {service.host}{why}.",
            untouched="Nothing was sent with this request.",
            next_step=f"Check your connection and {service.setting}, then run the same command again.",
        )
    if writes:
        return answer_lost(service, what, f"{failure.fate.value if failure.fate else 'failed'}{why}")
    if failure.fate in (Fate.CUT, Fate.TOO_LARGE):
        problem = "broke off" if failure.fate is Fate.CUT else "is too large"
        return BadAnswer(
            f"{service.label}'s answer to '{what}' {problem}{why}.",
            untouched="Nothing was written.",
            next_step="Run the same command again.",
        )
    return Unreachable(
        f"{service.label} at {service.host} did not answer '{what}'{why}.",
        untouched="Nothing was written.",
        next_step="Run the same command again.",
    )


def answer_lost(service: Service, what: str, why: str) -> AnswerLost:
    """The error for a write of which nobody knows whether it happened."""
    return AnswerLost(
        f"{service.label} got '{what}' and {why}: it may have been carried out.",
        untouched="The journal keeps it as unsettled.",
        next_step="Run the same command again: it looks for the outcome first.",
    )


_GONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
_NOT_TAKEN: Final = (HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)
_LOST_BEHIND_A_GATEWAY: Final = (
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.GATEWAY_TIMEOUT,
)


def may_have_happened(failure: Failure) -> bool:
    """Whether a write that got this instead of an answer may have been carried out all the same."""
    if failure.fate is None:
        return failure.status in _LOST_BEHIND_A_GATEWAY
    return failure.fate in (Fate.UNKNOWN, Fate.CUT, Fate.TOO_LARGE)


def error_of_status(failure: Failure, service: Service, what: str, *, writes: bool) -> PdsyncError:  # noqa: PLR0911 - one line per status
    """The error for an answer that is not 2xx (reference 4)."""
    status = failure.status
    untouched = "This record was not written." if writes else "Nothing was written."
    said = f": {failure.text}" if failure.text else ""
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorised(
            f"{service.label} refused the {service.credential} (401) for {service.host}{said}.",
            untouched=untouched,
            next_step=service.keys,
        )
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return Forbidden(
            f"The account {service.host} is not open (402){said}.",
            untouched=untouched,
            next_step=f"Look at the subscription in {service.label}: a trial may have ended.",
        )
    if status == HTTPStatus.FORBIDDEN and failure.is_html:
        return Blocked(
            f"The firewall in front of {service.label} blocks this machine or {service.credential} (403 with a web page).",
            untouched=untouched,
            next_step="Wait an hour before the next try; at once would prolong it. "
            f"Does another tool use the same {service.credential}?",
        )
    if status == HTTPStatus.FORBIDDEN:
        return Forbidden(
            f"{service.label} does not allow '{what}' (403){said}.",
            untouched=untouched,
            next_step=f"Ask an administrator of the account for the right to do this, or use another {service.credential}.",
        )
    if status in _GONE:
        return NotFound(f"{service.label} has nothing at '{what}' ({status}){said}.", untouched=untouched)
    if status in _NOT_TAKEN:
        return Rejected(f"{service.label} does not take '{what}' ({status}){said}.", untouched=untouched)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return BadAnswer(
            f"{service.host} redirects '{what}' ({status}); a {service.credential} is not sent after a redirect.",
            untouched=untouched,
            next_step=f"Check {service.setting}.",
        )
    if writes and status in _LOST_BEHIND_A_GATEWAY:
        return answer_lost(service, what, f"answered {status}{said}")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServiceFault(
            f"{service.label} answered '{what}' with {status}{said}.",
            untouched=untouched,
            next_step="The service has a problem of its own. Run the same command again later.",
        )
    return BadAnswer(
        f"{service.label} answered '{what}' with {status}{said}, which its reference does not describe.",
        untouched=untouched,
    )


def stated_reason(body: object) -> str:
    """What an error body says, in the forms that both services use; empty if it says nothing.

    Pipedrive: ``{"error": "...", "error_info": "..."}`` (reference 4). Plezi: ``{"errors": [{"title", "detail"}]}``
    (reference plezi-api 3.1).
    """
    if not isinstance(body, dict):
        return ""
    errors = body.get("errors")
    if isinstance(errors, list):
        texts = [
            str(item.get("detail") or item.get("title") or "") if isinstance(item, dict) else str(item)
            for item in errors
        ]
        return "; ".join(dict.fromkeys(text for text in texts if text))
    stated = body.get("error") or body.get("message") or ""
    return stated if isinstance(stated, str) else ""
