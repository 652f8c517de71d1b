"""Both stand-ins over one file: the only module that knows all parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.faults import FAULTS_SCHEMA, Faults
from pdsync.sandbox.gateway import Gateway
from pdsync.sandbox.late import LateWrites
from pdsync.sandbox.ledger import LEDGER_SCHEMA, Ledger
from pdsync.sandbox.pipedrive.assumptions import PIPEDRIVE_ASSUMPTIONS
from pdsync.sandbox.pipedrive.routes import Pipedrive, open_pipedrive
from pdsync.sandbox.pipedrive.switches import PIPEDRIVE_SWITCHES
from pdsync.sandbox.pipedrive.tables import PIPEDRIVE_SCHEMA
from pdsync.sandbox.plezi.app import plezi_service
from pdsync.sandbox.plezi.switches import PLEZI_SWITCHES
from pdsync.sandbox.plezi.tables import PLEZI_SCHEMA
from pdsync.sandbox.seeding import SEEDING_SCHEMA, SeedReport, World, seed
from pdsync.sandbox.service import Service
from pdsync.sandbox.switches import Switches, Value

SCHEMAS = (LEDGER_SCHEMA, FAULTS_SCHEMA, PIPEDRIVE_SCHEMA, PLEZI_SCHEMA, SEEDING_SCHEMA)
SWITCHES = (*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES)
ASSUMPTIONS = PIPEDRIVE_ASSUMPTIONS


@dataclass(frozen=True, slots=True)
class Seeding:
    """Which made-up world to put in, and how much of it."""

    world: World
    number: int
    size: int
    changed_percent: float


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An open sandbox file with everything that works on it."""

    db: Database
    account: Account
    clock: Clock
    switches: Switches
    faults: Faults
    ledger: Ledger
    late: LateWrites
    pipedrive: Pipedrive
    plezi: Service
    positions: Mapping[str, Value]
    """Switch positions that it was started with, and that a reset goes back to."""

    @classmethod
    def open(cls, path: Path, account: Mapping[str, str], positions: Mapping[str, Value]) -> Self:
        """Open a file, or make it. Needs a running event loop."""
        db = Database(path, SCHEMAS)
        owner = Account.open(db, account)
        clock = Clock(db)
        switches = Switches(db, SWITCHES)
        switches.turn(dict(positions))
        return cls(
            db=db,
            account=owner,
            clock=clock,
            switches=switches,
            faults=Faults(db),
            ledger=Ledger(db, clock),
            late=LateWrites(clock),
            pipedrive=open_pipedrive(db, clock, switches, owner),
            plezi=plezi_service(db, clock, switches, owner),
            positions=positions,
        )

    def gateway(self, service: Service) -> Gateway:
        """The application of one stand-in."""
        return Gateway(service, self.clock, self.faults, self.ledger, self.late)

    def reset(self) -> None:
        """An empty account of the same company: data, ledger, faults, budget, switches and clock start anew."""
        self.late.forget()
        with self.db.transaction():
            self.db.reset()
            self.switches.restore()
            self.switches.turn(dict(self.positions))
        self.clock.restore()
        self.faults.load()
        self._forget()

    def seed(self, seeding: Seeding) -> SeedReport:
        """Put a made-up world into the account, which must be empty."""
        report = seed(
            seeding.world,
            self.db,
            self.clock,
            self.switches,
            number=seeding.number,
            size=seeding.size,
            changed_percent=seeding.changed_percent,
        )
        self._forget()
        return report

    def close(self) -> None:
        """Close the file."""
        self.db.close()

    def _forget(self) -> None:
        self.pipedrive.service.forget()
        self.plezi.forget()
