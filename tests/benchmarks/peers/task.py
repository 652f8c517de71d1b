"""What every peer is given and gives back, and how its time and memory are taken. Standard library only."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["Found", "Task", "main"]

Task = dict[str, Any]
"""``tables`` (side -> table -> file), ``columns``, ``dates`` and ``short`` (side -> columns), ``room``, and the patterns."""
Found = dict[str, dict[str, list[str]]]
"""Check -> side -> ids of the records at fault."""


def main(check: Callable[[Task], Found]) -> None:
    """Run the checks once, as a process of its own: seconds without imports, peak memory, and how many were found."""
    task: Task = json.loads(sys.stdin.read())
    started = time.perf_counter()
    found = check(task)
    seconds = time.perf_counter() - started
    counts = {name: {side: len(set(ids)) for side, ids in sides.items()} for name, sides in found.items()}
    print(json.dumps({"seconds": seconds, "megabytes": _peak_mb(), "counts": counts}))


def _peak_mb() -> float:
    marks = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(marks["VmHWM"].split()[0]) * 1024 / 1e6
