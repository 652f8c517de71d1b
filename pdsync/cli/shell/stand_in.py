"""The sandbox as a process of its own, and the settings that point pdsync at it.

Nothing of ``pdsync.sandbox`` is imported: it is started, says in one line where it listens, and is spoken to over HTTP
like the real services.
"""

from __future__ import annotations

import json
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pdsync.errors import SettingsError

__all__ = ["PLAN", "StandIn", "export_lines"]

PLAN: Final = "ultimate"
"""Pipedrive's largest plan: a demo should not spend its minute waiting for a burst window (reference, section 3)."""
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Ready:
    """The line that the sandbox says when both ports are open."""

    pipedrive: Mapping[str, str]
    plezi: Mapping[str, str]
    pid: int


class StandIn:
    """A running sandbox. As a context manager it is stopped at the end; with ``stays`` it outlives this process."""

    def __init__(self, database: Path, options: Sequence[str] = (), *, stays: bool = False) -> None:
        self._command = [sys.executable, "-m", "pdsync.sandbox", "--db", str(database), *options]
        self._stays = stays
        self._process: subprocess.Popen[bytes] | None = None
        self._ready: _Ready | None = None

    def start(self) -> Self:
        """Start it and wait until it listens.

        Raises:
            SettingsError: it did not start (a wrong option, a port that is taken, a file that cannot be used); what it
                said stands on standard error.
        """
        command = self._command if self._stays else [*self._command, "--exit-with-parent"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.DEVNULL if self._stays else subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A kept sandbox has no terminal to complain to; and Ctrl-C in the demo is not meant for it.
            stderr=subprocess.DEVNULL if self._stays else None,
            start_new_session=True,
        )
        line = self._first_line()
        if not line:
            self.stop()
            raise SettingsError(
                "The sandbox did not start.",
                untouched="Nothing was read or written.",
                next_step=f"See what it says: {shlex.join(self._command)}",
            )
        said: dict[str, Any] = json.loads(line)
        self._ready = _Ready(said["pipedrive"], said["plezi"], said["pid"])
        return self

    @property
    def pid(self) -> int:
        """Its process."""
        return self._said().pid

    @property
    def pipedrive_url(self) -> str:
        return self._said().pipedrive["url"]

    @property
    def plezi_url(self) -> str:
        return self._said().plezi["url"]

    def environment(self) -> dict[str, str]:
        """What points pdsync at this sandbox, keys included: they open nothing but this sandbox."""
        ready = self._said()
        return {
            "PDSYNC_PIPEDRIVE_URL": ready.pipedrive["url"],
            "PDSYNC_PIPEDRIVE_TOKEN": ready.pipedrive["token"],
            "PDSYNC_PIPEDRIVE_PLAN": PLAN,
            "PDSYNC_PLEZI_URL": ready.plezi["url"],
            "PDSYNC_PLEZI_PROFILE": "sandbox",
            "PDSYNC_PLEZI_TENANT": ready.plezi["tenant"],
            "PDSYNC_PLEZI_API_KEY": ready.plezi["api_key"],
        }

    def wait(self) -> int:
        """Until it ends by itself; its exit code."""
        return self._process.wait() if self._process is not None else 0

    def stop(self) -> None:
        """End it: politely, then not."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()

    def let_go(self) -> None:
        """Leave it running; this process no longer listens to it."""
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
            self._process.returncode = 0  # it is nobody's child to wait for any more
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.stop()

    def _said(self) -> _Ready:
        if self._ready is None:
            raise RuntimeError("start it first")
        return self._ready

    def _first_line(self) -> bytes:
        process = self._process
        if process is None or process.stdout is None:
            return b""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            readable, _, _ = select.select([process.stdout], [], [], 0.2)
            if readable:
                return process.stdout.readline()
        return process.stdout.readline() if process.poll() is not None else b""


def export_lines(environment: Mapping[str, str]) -> str:
    """Lines for a POSIX shell: ``export NAME='value'``."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())
