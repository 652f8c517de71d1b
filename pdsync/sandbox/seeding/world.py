"""A made-up world: the records of both services, and the book kept about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pdsync.sandbox.seeding.manifest import Figures, Manifest
from pdsync.sandbox.seeding.records import Contact, Person


@dataclass(slots=True)
class World:
    """Everything that a seed makes, in memory."""

    persons: list[Person] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    manifest: Manifest = field(default_factory=Manifest)
    figures: Figures = field(default_factory=Figures)
