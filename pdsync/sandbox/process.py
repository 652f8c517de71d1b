"""The process: two ports on loopback, one event loop, one line on stdout when both accept connections.

It ends on SIGTERM or SIGINT, or when its stdin closes (so that it cannot outlive the program that started it);
requests under way are answered, late writes carried out, the file is closed.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from pdsync.sandbox.assembly import Sandbox, Seeding
from pdsync.sandbox.connections import TrackedProtocol
from pdsync.sandbox.control import PREFIX, Control
from pdsync.sandbox.switches import Value

HOST = "127.0.0.1"
"""Never another address: there are keys and, in a rehearsal, copies of real people behind these ports."""

_GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Options:
    """What the process was asked to do."""

    path: Path
    pipedrive_port: int
    plezi_port: int
    account: Mapping[str, str]
    positions: Mapping[str, Value]
    seeding: Seeding | None
    exit_with_parent: bool


async def serve(options: Options) -> None:
    """Serve until told to stop."""
    with (
        _sole_owner(options.path),
        _listener(options.pipedrive_port) as pipedrive_socket,
        _listener(options.plezi_port) as plezi_socket,
    ):
        sandbox = Sandbox.open(options.path, options.account, options.positions)
        try:
            if options.seeding is not None:
                sandbox.seed(options.seeding)
            pipedrive = _beside_control(sandbox.gateway(sandbox.pipedrive.service), Control(sandbox).app())
            servers = [
                (_Server(_config(pipedrive)), pipedrive_socket),
                (_Server(_config(sandbox.gateway(sandbox.plezi))), plezi_socket),
            ]
            await _run(sandbox, servers, options)
        finally:
            sandbox.close()


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers (two servers would fight over them), and with word of its start."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


async def _run(sandbox: Sandbox, servers: list[tuple[_Server, socket.socket]], options: Options) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.exit_with_parent:
        _watch_stdin(lambda: loop.call_soon_threadsafe(stop.set))
    late = asyncio.create_task(sandbox.late.run())
    serving = [asyncio.create_task(server.serve([listener])) for server, listener in servers]
    for server, _ in servers:
        await server.ready.wait()
    _announce(sandbox, *(listener.getsockname()[1] for _, listener in servers))
    await stop.wait()
    for server, _ in servers:
        server.should_exit = True
    await asyncio.gather(*serving)
    late.cancel()
    await sandbox.late.flush()


def _announce(sandbox: Sandbox, pipedrive_port: int, plezi_port: int) -> None:
    """The one line that this process ever writes to stdout."""
    account = sandbox.account
    line = {
        "pipedrive": {"url": f"http://{HOST}:{pipedrive_port}", "token": account.pipedrive_token},
        "plezi": {
            "url": f"http://{HOST}:{plezi_port}",
            "api_key": account.plezi_api_key,
            "tenant": account.plezi_tenant,
            "public_key": account.plezi_public_key,
            "secret_key": account.plezi_secret_key,
        },
        "control": {"url": f"http://{HOST}:{pipedrive_port}{PREFIX}", "key": account.control_key},
        "db": str(sandbox.db.path),
        "pid": os.getpid(),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _beside_control(gateway: ASGIApp, control: ASGIApp) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_control = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        await (control if is_control else gateway)(scope, receive, send)

    return app


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=TrackedProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


@contextmanager
def _sole_owner(path: Path) -> Generator[None, None, None]:
    """Refuse a file that another sandbox serves: each holds fields, switches and fault rules in memory."""
    lock = os.open(f"{path}-lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise OSError(f"{path} is served by another process already") from error
    finally:
        os.close(lock)


@contextmanager
def _listener(port: int) -> Generator[socket.socket, None, None]:
    # Named as TCP, or asyncio leaves Nagle's algorithm on: headers and body go out apart, so each answer waits 40 ms for an
    # acknowledgement that the client delays.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        yield listener


def _watch_stdin(gone: Callable[[], object]) -> None:
    """Call back when stdin ends. Reads the descriptor: a thread inside ``sys.stdin`` could not be left behind at exit."""

    def watch() -> None:
        with suppress(OSError):  # stdin may have been closed before we began
            while os.read(0, 4096):
                pass
        gone()

    threading.Thread(target=watch, name="stdin", daemon=True).start()
