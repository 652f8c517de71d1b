"""Who may come in: whoever was given the key, once, from a browser on this machine.

The terminal UI writes to two customer databases, so its page must not be open to other programs' pages, other people on
this machine, or names that were made to point here. The key opens once and becomes a cookie; a request must name this
address (no rebinding), a socket must come from this page (no other site's script), and no answer is kept or framed.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from pdsync.errors import UsageError
from pdsync.settings import is_loopback

__all__ = ["Entry", "refuse_other_hosts"]

_PLAIN: Final = "text/plain"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws://{address}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The terminal in the page sets styles of its own elements; nothing is loaded from elsewhere."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_NO: Final = (
    "This page belongs to one person on this machine.\n\n"
    "The address that pdsync printed opens it once. It was used already, or it is not this one.\n"
    "Stop pdsync in its terminal, start it again, and open the new address.\n"
)
_ELSEWHERE: Final = "This page is there for a browser on this machine, at http://{address}/ only.\n"

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def refuse_other_hosts(host: str) -> None:
    """Serve nowhere but on this machine.

    Raises:
        UsageError: the address can be reached from another one.
    """
    if not is_loopback(host):
        raise UsageError(
            f"{host} can be reached from other machines, and this page writes to both services.",
            untouched="Nothing was started.",
            next_step="Leave --host out. From elsewhere, take a tunnel: ssh -L 8018:127.0.0.1:8018 this-machine",
        )


class Entry:
    """The door of one server."""

    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(32)
        self._is_spent = False
        self._session = secrets.token_urlsafe(32)
        self._addresses: tuple[str, ...] = ()
        self._cookie = ""

    def stand_at(self, host: str, port: int) -> None:
        """Where the server listens."""
        name = f"[{host}]" if ":" in host else host
        self._addresses = tuple(dict.fromkeys((f"{name}:{port}", f"localhost:{port}")))
        self._cookie = f"pdsync-{port}"  # cookies do not tell ports apart

    @property
    def address(self) -> str:
        """``127.0.0.1:8018``."""
        return self._addresses[0]

    @web.middleware
    async def guard(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Let a request pass, or answer it with a plain page."""
        answer = await self._answer(request, handler)
        if not answer.prepared:
            answer.headers.update(_HEADERS)
            answer.headers["Content-Security-Policy"] = _POLICY.format(address=request.host)
        return answer

    async def _answer(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if request.host not in self._addresses or not is_loopback(request.remote or ""):
            return self._refuse(_ELSEWHERE.format(address=self.address))
        if request.path == "/" and request.method == "GET" and "key" in request.query:
            return self._spend(request.query["key"])
        if not secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._session.encode()):
            return self._refuse(_NO)
        if request.path == "/ws" and request.headers.get("Origin") != f"http://{request.host}":
            return self._refuse(_ELSEWHERE.format(address=self.address))
        return await handler(request)

    def _spend(self, key: str) -> web.StreamResponse:
        """The key opens once; what it leaves behind is a cookie, and an address without it."""
        if self._is_spent or not secrets.compare_digest(key.encode(), self.key.encode()):
            return self._refuse(_NO)
        self._is_spent = True
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.set_cookie(self._cookie, self._session, httponly=True, samesite="Strict", path="/")
        return answer

    def _refuse(self, words: str) -> web.StreamResponse:
        return web.Response(status=403, text=words, content_type=_PLAIN)
