"""The demo world, read over HTTP as a user would: both snapshots, the shipped mapping bound to them, what was planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdsync.engine.inputs import bind_mapping
from pdsync.engine.pull import pull
from pdsync.engine.workspace import Workspace
from pdsync.model import BoundMapping, Side
from pdsync.settings import load_settings
from pdsync.snapshots.reader import Snapshot
from tests.sandbox_process import SandboxProcess

__all__ = ["MAPPING", "Demo", "by_finding", "read_demo"]

MAPPING = Path(__file__).parents[2] / "mappings" / "contacts.yaml"


@dataclass(frozen=True)
class Demo:
    """What audits are asked about, and what they have to answer."""

    snapshots: Mapping[Side, Snapshot]
    bound: BoundMapping
    planted: list[dict[str, Any]]

    def subjects(self, *kinds: str, side: Side | None = None, related: bool = False) -> list[set[str]]:
        """The records of each planted defect of these kinds; ``side``: only those planted there."""
        found = [
            {*one["subjects"], *(one["related"] if related else ())}
            for one in self.planted
            if one["kind"] in kinds
        ]
        return [one for one in found if side is None or all(name.startswith(side) for name in one)]


async def read_demo(sandbox: SandboxProcess, state: Path) -> Demo:
    """Seed the sandbox with the demo, and pull it."""
    planted = sandbox.control.seed("demo")["defects"]
    plezi = sandbox.ready["plezi"]
    environment = {
        "PDSYNC_PIPEDRIVE_URL": sandbox.pipedrive_url,
        "PDSYNC_PIPEDRIVE_TOKEN": sandbox.pipedrive_token,
        "PDSYNC_PIPEDRIVE_PLAN": "ultimate",
        "PDSYNC_PLEZI_PROFILE": "sandbox",
        "PDSYNC_PLEZI_URL": sandbox.plezi_url,
        "PDSYNC_PLEZI_TENANT": plezi["tenant"],
        "PDSYNC_PLEZI_API_KEY": plezi["api_key"],
        "PDSYNC_STATE": str(state),
        "PDSYNC_MAPPING": str(MAPPING),
    }
    async with Workspace.open(load_settings(environment=environment)) as ws:
        snapshots = await pull(ws)
        schemas = {side: snapshot.schema for side, snapshot in snapshots.items()}
        bound, _ = bind_mapping(ws, schemas, None)
    return Demo(snapshots, bound, planted)


def by_finding(rows: Iterable[Mapping[str, Any]], code: str) -> list[set[str]]:
    """Per finding of an audit its records, as the seed's report names them: ``pipedrive:person/17``."""
    found: dict[str, set[str]] = {}
    for row in rows:
        if row["code"] == code:
            named = found.setdefault(row["finding"], set())
            if row["noun"] in {side.noun for side in Side}:
                named.add(f"{row['side']}:{row['noun']}/{row['id']}")
    return list(found.values())
