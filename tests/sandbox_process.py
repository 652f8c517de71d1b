"""The sandbox as tests use it: a real process on free loopback ports, with its control API in Python.

    with SandboxProcess(tmp_path / "sandbox.db", "--seed", "demo") as sandbox:
        httpx.get(f"{sandbox.pipedrive_url}/api/v2/persons", headers=sandbox.pipedrive_headers)
        sandbox.control.tokens(method="PATCH")

`kill` ends it without farewell; a second one on the same file goes on where it was.
"""

from __future__ import annotations

import json
import os
import select
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""The sandbox speaks plain http: a client that reads 140 authorities for it costs 25 ms, some thousand times over."""
START_SECONDS = 30.0
STOP_SECONDS = 10.0


class Control:
    """The control API (`pdsync.sandbox.control`), one method per call."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"x-sandbox-key": key}, timeout=60.0, trust_env=False, verify=NO_TLS
        )

    def close(self) -> None:
        """Give back the connection."""
        self._http.close()

    def call(self, method: str, path: str, body: Any = None, /, **params: Any) -> Any:
        """Any call; an answer other than 200 is an error of the test."""
        given = {name: value for name, value in params.items() if value is not None}
        answer = self._http.request(method, path, json=body, params=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> dict[str, Any]:
        """Accounts, counts, clock, budget."""
        state: dict[str, Any] = self.call("GET", "/state")
        return state

    def ledger(
        self,
        *,
        side: str | None = None,
        method: str | None = None,
        route: str | None = None,
        since_id: int = 0,
        entries: int = 0,
    ) -> dict[str, Any]:
        """Counts and tokens of the requests so far; `entries` asks for the newest rows too."""
        ledger: dict[str, Any] = self.call(
            "GET", "/ledger", side=side, method=method, route=route, since_id=since_id, entries=entries
        )
        return ledger

    def requests(self, **selection: Any) -> int:
        """How many requests were made."""
        requests: int = self.ledger(**selection)["requests"]
        return requests

    def tokens(self, **selection: Any) -> int:
        """How many tokens they cost."""
        tokens: int = self.ledger(**selection)["tokens"]
        return tokens

    def clear_ledger(self) -> None:
        """Count from zero again."""
        self.call("DELETE", "/ledger")

    def switches(self) -> dict[str, dict[str, Any]]:
        """Every switch by name."""
        return {switch["name"]: switch for switch in self.call("GET", "/switches")["switches"]}

    def turn(self, **positions: bool | int | str) -> None:
        """Turn switches; `pipedrive__plan="lite"` turns `pipedrive.plan`."""
        self.call("PUT", "/switches", {name.replace("__", "."): value for name, value in positions.items()})

    def restore_switches(self) -> None:
        """All switches as at the start."""
        self.call("DELETE", "/switches")

    def faults(self, *rules: dict[str, Any], seed: int = 0) -> None:
        """Put these fault rules in force instead of the present ones; none means no faults."""
        self.call("PUT", "/faults", {"faults": list(rules), "seed": seed})

    def fault_rules(self) -> list[dict[str, Any]]:
        """The rules in force, with their counters."""
        rules: list[dict[str, Any]] = self.call("GET", "/faults")["faults"]
        return rules

    def advance_clock(self, seconds: float) -> None:
        """Push the stand-ins' time forward."""
        self.call("POST", "/clock", {"advance_seconds": seconds})

    def spend_tokens(self, tokens: int) -> None:
        """Take tokens from today's budget."""
        self.call("POST", "/budget", {"spend": tokens})

    def restore_budget(self) -> None:
        """A fresh day."""
        self.call("DELETE", "/budget")

    def flush_late_writes(self) -> None:
        """Do now what the fault `late_commit` has put off."""
        self.call("POST", "/late-writes")

    def seed(self, world: str, **options: Any) -> dict[str, Any]:
        """Put a made-up world into the empty account; the answer says what was planted."""
        report: dict[str, Any] = self.call("POST", "/seed", {"world": world} | options)
        return report

    def new_token(self, user_id: int) -> str:
        """A Pipedrive token for another user."""
        token: str = self.call("POST", "/pipedrive/tokens", {"user_id": user_id})["token"]
        return token

    def touch_person(self, person_id: int) -> None:
        """Move a person's `update_time`, and nothing else."""
        self.call("POST", f"/pipedrive/persons/{person_id}/touch")

    def reset(self) -> None:
        """An empty account, as at the very start."""
        self.call("POST", "/reset")


class SandboxProcess:
    """`python -m pdsync.sandbox` and what it said when it was ready."""

    def __init__(self, db: Path, *options: str, patience: float = START_SECONDS) -> None:
        """``patience``: seconds in which it has to be ready; a large world takes longer to make."""
        self.db = db
        self._patience = patience
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self._control: Control | None = None
        self.ready: dict[str, Any] = {}

    def start(self) -> Self:
        """Start it and wait for its line; also again, after it has ended."""
        if self._process is not None:
            self._end(None)
        command = [
            sys.executable,
            "-m",
            "pdsync.sandbox",
            "--db",
            str(self.db),
            "--exit-with-parent",
            *self._options,
        ]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = json.loads(_line(self._process, self._patience))
        self._control = Control(**self.ready["control"])
        return self

    @property
    def pid(self) -> int:
        """The process."""
        pid: int = self.ready["pid"]
        return pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def control(self) -> Control:
        """Its control API."""
        assert self._control is not None, "start it first"
        return self._control

    @property
    def pipedrive_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a path."""
        url: str = self.ready["pipedrive"]["url"]
        return url

    @property
    def pipedrive_token(self) -> str:
        """The administrator's API token."""
        token: str = self.ready["pipedrive"]["token"]
        return token

    @property
    def pipedrive_headers(self) -> dict[str, str]:
        """What opens Pipedrive."""
        return {"x-api-token": self.pipedrive_token}

    @property
    def plezi_url(self) -> str:
        """`http://127.0.0.1:PORT`, without a path."""
        url: str = self.ready["plezi"]["url"]
        return url

    @property
    def plezi_headers(self) -> dict[str, str]:
        """The header pair that opens Plezi."""
        plezi = self.ready["plezi"]
        return {"X-API-Key": plezi["api_key"], "X-Tenant-Company": plezi["tenant"]}

    def pipedrive(self, **options: Any) -> httpx.Client:
        """A client of the Pipedrive stand-in, with the token; paths begin with `/api/v2`."""
        return httpx.Client(
            base_url=self.pipedrive_url,
            headers=self.pipedrive_headers,
            timeout=30.0,
            trust_env=False,
            verify=NO_TLS,
            **options,
        )

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without farewell, as a crash would."""
        self._end(signal.SIGKILL)

    def close_stdin(self) -> int:
        """Do to it what the end of its parent does; its exit code."""
        return self._end(None)

    def _end(self, number: int | None) -> int:
        process = self._process
        assert process is not None, "start it first"
        if number is not None and process.poll() is None:
            os.kill(process.pid, number)
        if process.stdin is not None:
            process.stdin.close()
        code = process.wait(STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()
        if self._control is not None:
            self._control.close()
        return code

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(signal.SIGTERM)


def _line(process: subprocess.Popen[bytes], patience: float) -> str:
    """The first line on stdout, or a report of what came instead."""
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], patience)
    line = process.stdout.readline() if readable else b""
    if not line:
        process.kill()
        process.wait()
        raise RuntimeError(f"the sandbox did not start within {patience} s (exit code {process.returncode})")
    return line.decode()
