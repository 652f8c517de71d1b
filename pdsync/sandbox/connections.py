"""The sockets under the requests, so that a connection can be lost for real.

A fault that answers 500 tests another code path than a fault that closes the socket. ASGI has no word for the
latter; what it has is the client's address, unique among open connections. uvicorn takes a protocol class, so
ours notes the transport of each connection under that address.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

_transports: dict[Any, asyncio.Transport] = {}


class TrackedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol, known by the address of its client while it lasts."""

    _peer: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the transport."""
        super().connection_made(transport)
        self._peer = transport.get_extra_info("peername")
        _transports[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _transports.pop(self._peer, None)
        super().connection_lost(exc)


async def lose(scope: Scope, receive: Receive, *, flush: bool = False) -> None:
    """Close the connection of this request and wait until the server has noticed.

    Without ``flush`` not another byte leaves; with it, what was written already does.
    """
    transport = _transports.get(tuple(scope["client"] or ()))
    if transport is None:
        raise RuntimeError("the connection is not served by TrackedProtocol")
    if flush:
        transport.close()
    else:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
