"""Applies plans, each in a process of its own, which ends itself without farewell (kill -9) at a given step.

    python -m tests.faults.driver

Imports everything once, and forks for each line of standard input, ``{"plan": ..., "step": ..., "environment": ...}``;
answers with one line: null when that process was killed, else the run's state, its outcomes, and how many steps it took.

A step is one of: a request is about to leave, is under way, was answered; a transaction is about to be committed, is
committed. Step 0 never comes: the run goes to its end.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import sqlalchemy as sa

from pdsync import clients, engine, mapfiles, store
from pdsync.engine.apply import apply
from pdsync.engine.pace import Pace
from pdsync.engine.workspace import Workspace
from pdsync.errors import PlanOutdated
from pdsync.model import Side
from pdsync.settings import load_settings
from pdsync.store import read_plan

PACE = Pace(look_again=(0.1, 0.2))
"""The stand-in answers within milliseconds, so what was lost need not be waited for half a minute."""
_FLIGHT = 0.01


class Steps:
    """Counts steps, and does not survive the chosen one."""

    def __init__(self, last: int) -> None:
        self._last = last
        self.taken = 0

    def step(self) -> None:
        """One step further, or the end."""
        self.taken += 1
        if self.taken == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """A request with its three steps."""

        async def watched(*arguments: Any, **options: Any) -> Any:
            self.step()
            flight = asyncio.get_running_loop().call_later(_FLIGHT, self.step)
            try:
                answer = await call(*arguments, **options)
            finally:
                flight.cancel()
            self.step()
            return answer

        return watched


async def main(plan: Path, steps: Steps) -> dict[str, Any]:
    """Carry out the plan."""
    async with Workspace.open(load_settings(environment=os.environ)) as ws:
        for side in Side:
            client = await ws.client(side)
            for name in ("create", "update", "delete"):
                setattr(client, name, steps.around(getattr(client, name)))
        engine = ws.state._database._writer
        sa.event.listen(engine, "commit", lambda _connection: steps.step())
        sa.event.listen(engine, "checkin", lambda _connection, _record: steps.step())
        try:
            run = await apply(ws, read_plan(plan), allow={"changed_percent": 100}, first_run=True, pace=PACE)
        except PlanOutdated as error:
            return {"state": "outdated", "message": error.message, "steps": steps.taken}
        return {
            "state": run.state,
            "outcomes": dict(run.outcomes),
            "message": run.message,
            "steps": steps.taken,
        }


def child(plan: str, step: int, environment: Mapping[str, str], answers: int) -> NoReturn:
    """The forked process, from its first line to its last."""
    code = 1
    try:
        os.environ.update(environment)
        os.write(answers, json.dumps(asyncio.run(main(Path(plan), Steps(step)))).encode())
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, it ends here, in the forked process
        traceback.print_exc()
    finally:
        os._exit(code)


def carry_out(plan: str, step: int, environment: Mapping[str, str]) -> bytes:
    """What one process came to."""
    answer, answers = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(plan, step, environment, answers)
    os.close(answers)
    with os.fdopen(answer, "rb") as file:
        said = file.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code == -signal.SIGKILL:
        return b"null"
    assert code == 0, f"exit code {code}"
    return said


def import_everything() -> None:
    """What an apply imports when it gets there: once, here."""
    for package in (engine, clients, store, mapfiles):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    for name in ("httpx", "jsonschema", "msgspec", "sqlalchemy.dialects.sqlite.pysqlite", "yaml"):
        importlib.import_module(name)


if __name__ == "__main__":
    import_everything()
    for line in sys.stdin:
        sys.stdout.buffer.write(carry_out(**json.loads(line)) + b"\n")
        sys.stdout.buffer.flush()
