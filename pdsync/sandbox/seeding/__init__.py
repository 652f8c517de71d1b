"""Made-up accounts: people who do not exist, in both services, with known defects.

- `seed` puts one of three worlds into an empty sandbox file: `empty` (fields only), `demo`, `bench`
- `SeedReport` says what was planted and what a first sync has to come to: tests assert against it
- `person_body` and `contact_body` give made-up records as bodies of requests

Inside: `dice` (repeatable chance), `names` and `people` (who), `fieldset` (which fields, and how the option lists
differ), `records` and `making` (what the services know of them), `demo` with `demo_pairs` and `demo_singles` (the
defects), `bench`, `manifest` (the book kept while planting), `loading` (into the file).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.seeding.bench import BenchWorld
from pdsync.sandbox.seeding.bodies import contact_body, person_body
from pdsync.sandbox.seeding.demo import demo_world
from pdsync.sandbox.seeding.loading import Loader, NotEmptyError
from pdsync.sandbox.seeding.manifest import SEEDING_SCHEMA, Defect, Figures, Manifest, SeedReport
from pdsync.sandbox.switches import Switches

World: TypeAlias = Literal["empty", "demo", "bench"]
WORLDS: Final[tuple[World, ...]] = get_args(World)
DEFAULT_SEED: Final = 1
DEFAULT_SIZE: Final = 10_000
DEFAULT_CHANGED_PERCENT: Final = 1.0


def seed(
    world: World,
    db: Database,
    clock: Clock,
    switches: Switches,
    *,
    number: int = DEFAULT_SEED,
    size: int = DEFAULT_SIZE,
    changed_percent: float = DEFAULT_CHANGED_PERCENT,
) -> SeedReport:
    """Fill an empty sandbox file; the same `number` always gives the same world.

    `size` (pairs) and `changed_percent` shape the world `bench` only. The Campaigns app is switched on, because
    consent (`marketing_status`) cannot be seen without it. Whoever holds the file open has to forget what it
    remembers of fields and options.
    """
    loader = Loader(db, clock, switches)
    with db.transaction():
        loader.require_empty()
        loader.fields()
        report = SeedReport(world, number, *_fill(world, loader, number, size, changed_percent))
        report.store(db)
        switches.turn({"pipedrive.campaigns_app": True})
    return report


def _fill(
    world: World, loader: Loader, number: int, size: int, changed_percent: float
) -> tuple[Figures, Manifest]:
    """Make the records of a world and load them."""
    if world == "demo":
        made = demo_world(number)
        loader.persons(made.persons)
        loader.contacts(made.contacts)
        return made.figures, made.manifest
    if world == "bench":
        bench = BenchWorld(size, changed_percent, number)
        for pairs in bench.slices():
            loader.persons(pair.person for pair in pairs)
            loader.contacts(pair.contact for pair in pairs)
        return bench.figures, Manifest()
    return Figures(), Manifest()


__all__ = [
    "DEFAULT_CHANGED_PERCENT",
    "DEFAULT_SEED",
    "DEFAULT_SIZE",
    "SEEDING_SCHEMA",
    "WORLDS",
    "Defect",
    "Figures",
    "Manifest",
    "NotEmptyError",
    "SeedReport",
    "World",
    "contact_body",
    "person_body",
    "seed",
]
