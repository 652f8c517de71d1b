"""A state folder with two snapshots, and fix files made from them without any service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pdsync.engine.fix_plan import prepare_fixes
from pdsync.engine.fix_proposals import REPAIRED
from pdsync.engine.fixes import FixesWritten, write_fixes
from pdsync.mapfiles.fixes import load_fixes
from pdsync.model import (
    AuditRule,
    Condition,
    FieldMapping,
    FixFile,
    LinkState,
    Plan,
    Record,
    Scope,
    Side,
    WhenLeft,
)
from tests.engine.planning_world import World

__all__ = ["FixWorld"]

FLAG = {
    Side.PLEZI: Scope(where=Condition("sync_to_plezi", equals=("Yes",)), when_left=WhenLeft.STOP),
    Side.PIPEDRIVE: Scope(require=("first_name", "last_name")),
}


class FixWorld:
    """Two accounts as they were read."""

    def __init__(self, folder: Path, *fields: FieldMapping, **mapping: Any) -> None:
        audits = {code: AuditRule() for code in REPAIRED} | mapping.pop("audits", {})
        self.world = World(folder, *fields, **({"scope": FLAG} | mapping), audits=audits)
        self.ws = self.world.ws
        self.path = folder / "fixes.yaml"

    def read(self, persons: Sequence[Record] = (), contacts: Sequence[Record] = ()) -> None:
        """Take a snapshot of both sides."""
        self.world.read(persons, contacts)

    def link(self, person: str, contact: str, address: str) -> None:
        """Two records that were synced before."""
        with self.ws.state.writing("test") as writer, writer.transaction() as transaction:
            transaction.ledger.set_link((person, contact), address=address, state=LinkState.OK)

    def write(self, *codes: str) -> FixesWritten:
        """A new fix file."""
        self.path.unlink(missing_ok=True)
        return write_fixes(self.ws, self.path, codes=codes)

    def proposed(self, *codes: str) -> FixFile:
        """What stands in a new fix file."""
        self.write(*codes)
        return load_fixes(self.path)

    def told(self, *codes: str) -> list[str]:
        """Its repairs in short: ``1 last_name: ' Rivière' -> 'Rivière'``, with a + where they begin as accepted."""
        return [
            f"{'+ ' if one.accepted else ''}{one.record.id} "
            + ", ".join(f"{name}: {one.now[name]!r} -> {one.to[name]!r}" for name in one.to)
            for one in self.proposed(*codes).repairs
        ]

    def put(self, *lines: str) -> None:
        """A fix file of these repairs: ``name-order`` and the like are all the same to a plan."""
        head = "version: 1\nmapping: contacts\naccounts: {pipedrive: pipedrive-1, plezi: plezi-1}\n"
        body = "\n".join(f"    - {{accept: yes, {line}}}" for line in lines)
        self.path.write_text(f"{head}repairs:\n  name-order:\n{body}\n", "utf-8")

    def accept(self) -> None:
        """Every proposal."""
        self.path.write_text(self.path.read_text("utf-8").replace("accept: no", "accept: yes"), "utf-8")

    async def plan(self) -> Plan:
        """The plan of what is accepted."""
        return await prepare_fixes(self.ws, self.path)
