"""The terminal UI starts as fast as an empty one, and decides nothing."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.architecture.code import PACKAGE, imports, modules, name

LATER = {"duckdb", "httpx", "jsonschema", "narwhals", "polars", "pyarrow", "sqlalchemy", "stamina", "yaml"}
"""What the engine needs and the first paint does not."""
VALUE_TYPES = {f"pdsync.model.{one}" for one in ("audits", "binding", "mapping", "plans", "records", "runs")}
"""Some fifty frozen dataclasses: a millisecond each, of which the first picture shows none."""
MAY_KNOW = (
    "pdsync.engine",
    "pdsync.errors",
    "pdsync.model",
    "pdsync.report",
    "pdsync.settings",
    "pdsync.tui",
)

_PAINT = """
import asyncio, json, sys
from pdsync.settings import load_settings
from pdsync.tui.app import PdsyncApp
from pdsync.tui.desk import Desk

class First(PdsyncApp):
    def on_ready(self):
        painted.extend(sys.modules)

painted = []

async def main():
    app = First(Desk(load_settings(environment={})))
    async with app.run_test() as pilot:
        await pilot.pause()
    await app.desk.close()

asyncio.run(main())
sys.stderr.write(json.dumps(sorted(painted)))
"""


def test_the_first_paint_loads_nothing_of_the_engine() -> None:
    """Only textual and what it draws with: the rest comes after the first picture, in another thread."""
    done = subprocess.run(
        [sys.executable, "-c", _PAINT], capture_output=True, text=True, check=True, timeout=60
    )
    modules_loaded = set(json.loads(done.stderr))
    loaded = {module.partition(".")[0] for module in modules_loaded}

    assert "textual" in loaded
    assert not loaded & LATER
    assert not modules_loaded & VALUE_TYPES


def test_screens_ask_the_engine_and_nobody_below_it() -> None:
    """No screen reads a snapshot, runs an audit, plans or maps: it asks, and shows."""
    for path in modules():
        if (PACKAGE / "tui") in path.parents:
            ours = {module for module in imports(path) if module.startswith("pdsync.")}
            assert all(module.startswith(MAY_KNOW) for module in ours), name(path)
