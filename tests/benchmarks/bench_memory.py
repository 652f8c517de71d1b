"""Peak memory of pull, plan and apply with 200,000 records a side: all three stream, and stay under 1 GB.

One process does what a person does: reads both sides, plans, applies, reads and plans again. The first apply only
remembers 200,000 links and writes what differs. ``python -m tests.benchmarks.bench_memory 20000`` takes another size.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from pdsync.engine.apply import apply
from pdsync.engine.prepare import prepare
from pdsync.engine.pull import pull
from pdsync.engine.workspace import Workspace
from tests.benchmarks.accounts import filled, settings_for

SIZE = 200_000
CHANGED_PERCENT = 0.5
LIMIT_MB = 1_000


def peak_mb() -> float:
    """This process's peak resident memory so far, in MB (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


async def everything(folder: Path, ready: dict[str, dict[str, str]]) -> dict[str, float]:
    """Peak memory in MB after each step."""
    seen: dict[str, float] = {"start": peak_mb()}
    async with Workspace.open(settings_for(ready, folder, "ultimate")) as ws:
        await pull(ws)
        seen["pull"] = peak_mb()
        plan = await prepare(ws, adopt=True)
        seen["plan"] = peak_mb()
        await apply(ws, plan, first_run=True)
        seen["apply"] = peak_mb()
        await pull(ws)
        again = await prepare(ws)
        assert again.header.is_empty
        seen["pull and plan again"] = peak_mb()
    return seen


def main() -> None:
    """Print the peak after each step, in a process of its own."""
    if len(sys.argv) > 2:
        ready = json.loads(sys.argv[2])
        sys.stdout.write(json.dumps(asyncio.run(everything(Path(sys.argv[1]), ready))))
        return
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    with tempfile.TemporaryDirectory() as name, filled(Path(name), size, CHANGED_PERCENT) as sandbox:
        command = [sys.executable, "-m", "tests.benchmarks.bench_memory", name, json.dumps(sandbox.ready)]
        peaks = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    for step, megabytes in peaks.items():
        print(f"memory  {megabytes / LIMIT_MB:.2f} of {LIMIT_MB} MB  after {step}, {size:,} records a side")


if __name__ == "__main__":
    main()
