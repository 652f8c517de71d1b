"""What the gateway must know of a stand-in, whichever it is.

A stand-in is a plain Starlette application plus three answers: may this request come in and what does it cost,
what does a refusal look like here, and who is asked. Everything else (faults, ledger, lost connections) is the
same for both and lives in `gateway`.

To add one: build a ``Starlette(routes=[Route(template, handler, methods=[...])], exception_handlers=...)`` with
``async`` handlers (plain ones would run in another thread than the database connection), and return a `Service`
from a function that `assembly` calls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may come in, and what that costs."""

    tokens: int = 0
    """Charged for this request."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Put on the answer, whatever it is."""

    refusal: Response | None = None
    """Answered instead of running the handler."""


Admit: TypeAlias = Callable[[Request, str], Admission]
"""Takes the request (its body is not read yet) and the template of its path."""

Refuse: TypeAlias = Callable[[int], Response]
"""The answer of this service to a status from 401, 429, 500, 502, 503, for faults and for mistakes of our own."""


def admit_everybody(_request: Request, _route: str) -> Admission:
    """For a stand-in whose handlers check access themselves and whose calls cost nothing."""
    return Admission()


@dataclass(frozen=True, slots=True)
class Service:
    """One stand-in, ready to be served."""

    side: str
    """``pipedrive`` or ``plezi``: the name in ledger and fault rules."""

    app: Starlette
    refuse: Refuse
    admit: Admit = admit_everybody
    forget: Callable[[], None] = lambda: None
    """Called after a reset: drop what is held in memory."""
