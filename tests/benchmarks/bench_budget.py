"""How long a run takes against the shortest time that Pipedrive's limits allow for its requests.

The least is the requests of the run, divided by the rate of the burst window, less the first window, which may be used
at once. What is above 1.0 is time that pdsync waited needlessly, or spent on something else.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from pdsync.engine.apply import apply
from pdsync.engine.prepare import prepare
from pdsync.engine.pull import pull
from pdsync.engine.workspace import Workspace
from pdsync.model import Side
from tests.benchmarks.accounts import filled, settings_for
from tests.sandbox_process import SandboxProcess

PLANS = {"lite": 20, "growth": 40, "ultimate": 120}
"""Requests in any two seconds with an API token (reference pipedrive-api, section 3)."""
WINDOW = 2.0
SIZE = {"lite": 200, "growth": 400, "ultimate": 1_200}
"""Pairs, all of which differ; half of them have to be written to Pipedrive."""


async def one(sandbox: SandboxProcess, folder: Path, plan: str) -> tuple[float, int, float, int]:
    """(seconds of the apply, Pipedrive requests in it, seconds that its budget made them wait, refusals by 429)."""
    async with Workspace.open(settings_for(sandbox.ready, folder, plan)) as ws:
        await pull(ws)
        made = await prepare(ws, adopt=True)
        await asyncio.sleep(WINDOW)  # so that the run starts with a whole window
        budget = getattr(await ws.client(Side.PIPEDRIVE), "budget")  # noqa: B009 - exports have none
        sandbox.control.clear_ledger()
        waited, started = budget.waited, time.perf_counter()
        await apply(ws, made, allow={"changed_percent": 100}, first_run=True)
        seconds, waited = time.perf_counter() - started, budget.waited - waited
    ledger = sandbox.control.ledger(side="pipedrive")
    refused = sum(int(route["statuses"].get("429", 0)) for route in ledger["routes"])
    return seconds, int(ledger["requests"]), waited, refused


def main() -> None:
    """Print one line per plan."""
    for plan, burst in PLANS.items():
        with tempfile.TemporaryDirectory() as name, filled(Path(name), SIZE[plan], 100) as sandbox:
            sandbox.control.turn(pipedrive__plan=plan)
            seconds, requests, waited, refused = asyncio.run(one(sandbox, Path(name), plan))
        least = max(0, requests - burst) * WINDOW / burst
        print(
            f"budget  {seconds / least:.2f} times the least that the limits allow  plan {plan}: {requests} requests in "
            f"{seconds:.1f} s, waited {waited:.1f} s for the budget, the limits alone take {least:.1f} s; {refused} refused"
        )


if __name__ == "__main__":
    main()
