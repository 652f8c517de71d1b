"""The server: textual-serve's socket and terminal, behind a door and a page of our own, on loopback only.

Each tab is a process of its own that runs the terminal UI, so a tab that is closed in the middle of a run ends like a
terminal that is closed: what is under way is finished and written down, and planning again resumes the rest.
"""

from __future__ import annotations

import asyncio
import shlex
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Final

import textual_serve
from aiohttp import web
from textual_serve.server import Server

from pdsync.errors import UsageError
from pdsync.tui.browser.entry import Entry, refuse_other_hosts

__all__ = ["serve"]

_PAGE: Final = Path(__file__).with_name("page")
_STATIC: Final = Path(textual_serve.__file__).with_name("static")
_FINISH: Final = 60.0
"""Seconds that a run gets to finish what is under way, as the services' own time limits allow."""


def serve(command: Sequence[str], *, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until the person stops it (Ctrl-C).

    Args:
        command: What each tab runs: the terminal UI. Its environment is that of this process, so no token stands in it.
        host: A loopback address.
        port: 0: any that is free.
        on_ready: Told the address to open, key included. It works once.

    Raises:
        UsageError: another host, or the port is taken.
    """
    refuse_other_hosts(host)
    asyncio.run(_serve(command, host, port, on_ready))


async def _serve(command: Sequence[str], host: str, port: int, on_ready: Callable[[str], None]) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, ended.set)
    entry = Entry()
    runner = web.AppRunner(_Tabs(command).application(entry), access_log=None, shutdown_timeout=_FINISH)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = int(runner.addresses[0][1])
        entry.stand_at(host, bound)
        on_ready(f"http://{entry.address}/?key={entry.key}")
        await ended.wait()
    except OSError as error:
        raise UsageError(
            f"Nothing can listen at {host}, port {port}: {error.strerror}.",
            untouched="Nothing was started.",
            next_step="Name another with --port, or leave it out.",
        ) from error
    finally:
        await runner.cleanup()


class _Tabs(Server):
    """textual-serve's socket and downloads; the page, the routes and the silence are ours."""

    def __init__(self, command: Sequence[str]) -> None:
        # exec: the signal that ends a tab goes to the terminal UI, and to no shell in between.
        super().__init__(f"exec {shlex.join(command)}", title="pdsync")
        self._sockets: set[asyncio.Task[object]] = set()

    def application(self, entry: Entry) -> web.Application:
        """Every route, behind the door."""
        application = web.Application(middlewares=[entry.guard])
        application.add_routes(
            [
                web.get("/", self._index),
                web.get("/ws", self._socket),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", _STATIC),
                web.static("/page", _PAGE),
            ]
        )
        application.on_shutdown.append(self._end)
        return application

    async def _index(self, request: web.Request) -> web.StreamResponse:
        text = (_PAGE / "index.html").read_text(encoding="utf-8")
        size = request.query.get("fontsize", "")
        page = Template(text).substitute(
            socket=f"ws://{request.host}/ws", size=size if size.isdecimal() and len(size) < 3 else "16"
        )
        return web.Response(text=page, content_type="text/html")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._sockets.add(task)
            task.add_done_callback(self._sockets.discard)
        return await self.handle_websocket(request)

    async def _end(self, _: web.Application) -> None:
        """Close every tab, and wait until what runs behind it has ended."""
        tabs = list(self._sockets)
        for task in tabs:
            task.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*tabs, return_exceptions=True), _FINISH)
