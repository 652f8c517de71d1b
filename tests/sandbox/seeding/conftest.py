from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.switches import PIPEDRIVE_SWITCHES
from pdsync.sandbox.pipedrive.tables import PIPEDRIVE_SCHEMA
from pdsync.sandbox.plezi.switches import PLEZI_SWITCHES
from pdsync.sandbox.plezi.tables import PLEZI_SCHEMA
from pdsync.sandbox.seeding import SEEDING_SCHEMA, SeedReport, seed
from pdsync.sandbox.switches import Switches

Seeder: TypeAlias = Callable[..., tuple[Database, SeedReport]]


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """A sandbox file."""
    db = Database(path, [PIPEDRIVE_SCHEMA, PLEZI_SCHEMA, SEEDING_SCHEMA])
    try:
        yield db
    finally:
        db.close()


@pytest.fixture
def seeded(tmp_path: Path) -> Iterator[Seeder]:
    """Makes seeded files, closed when the test is over."""
    files: list[Database] = []

    def make(*args: object, **options: object) -> tuple[Database, SeedReport]:
        db = Database(tmp_path / f"{len(files)}.db", [PIPEDRIVE_SCHEMA, PLEZI_SCHEMA, SEEDING_SCHEMA])
        files.append(db)
        switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
        return db, seed(args[0], db, Clock(db), switches, **options)  # type: ignore[arg-type]

    yield make
    for db in files:
        db.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, SeedReport]]:
    """The demo world, made once for all tests that only look at it."""
    with opened(tmp_path_factory.mktemp("demo") / "sandbox.db") as db:
        switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
        yield db, seed("demo", db, Clock(db), switches)
