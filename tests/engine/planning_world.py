"""A state folder with two snapshots made by hand: what ``prepare`` starts from, without any service."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pdsync.audits.registry import every_audit
from pdsync.engine.workspace import Workspace
from pdsync.errors import SettingsError
from pdsync.model import AuditRule, Capabilities, Coverage, Field, FieldMapping, Mapping, Record, Side
from pdsync.planning.binding import bind
from pdsync.settings import load_settings
from pdsync.snapshots.writer import SnapshotWriter
from tests.planning.build import CITY, IDENTITY, R6, SCOPE, SECTOR, schemas

__all__ = ["World"]

AUDITS = {"duplicate-email", "missing-last-name", "option-mismatch"}
"""The audits that run; all forty would take longer than everything else that these tests do."""


class World:
    """Two accounts as they were read, one mapping, one state folder."""

    def __init__(self, folder: Path, *fields: FieldMapping, **mapping: Any) -> None:
        self.capabilities: dict[Side, Capabilities] = {}
        self.remote: dict[Side, tuple[Field, ...]] = {}
        quiet = {audit.code: AuditRule(off=True) for audit in every_audit() if audit.code not in AUDITS}
        self.mapping = Mapping(
            name="contacts",
            fields=(*IDENTITY, *(fields or (CITY, SECTOR, *R6))),
            **(
                {"scope": SCOPE, "digest": "0" * 64} | mapping | {"audits": quiet | mapping.get("audits", {})}
            ),
        )
        settings = replace(load_settings(environment={}), state=folder / "state")
        self.ws = Workspace.open(settings, open_client=_nobody)
        self.ws.mapping = self.mapping
        self.ws.folder.prepare()
        self.clock = datetime(2026, 11, 1, tzinfo=UTC)

    def read(
        self,
        persons: Sequence[Record] = (),
        contacts: Sequence[Record] = (),
        *,
        coverage: MappingType[Side, Coverage] | None = None,
    ) -> None:
        """Take a snapshot of both sides, an hour after the last one."""
        self.clock += timedelta(hours=1)
        both = schemas(self.capabilities, self.remote)
        bound, _ = bind(self.mapping, both)
        for side, records in ((Side.PIPEDRIVE, persons), (Side.PLEZI, contacts)):
            with SnapshotWriter(
                self.ws.folder.snapshots,
                side,
                both[side],
                both[side].account,
                bound=bound,
                taken_at=self.clock,
            ) as writer:
                writer.add(records)
                writer.finish((coverage or {}).get(side, Coverage(complete=True)))


async def _nobody(settings: object, side: Side) -> Any:
    raise SettingsError(f"{side.label} is not reached in this test")
