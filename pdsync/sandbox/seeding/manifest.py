"""What was planted, and what a first sync of it has to find: written down while planting, not counted afterwards.

Tests and the demo compare audits and plans with this. It is kept in the sandbox file, so that another process can read
it back with `SeedReport.stored`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from pdsync.sandbox.database import Database, Schema
from pdsync.sandbox.seeding.records import Contact, Person

SEEDING_SCHEMA: Final = Schema(
    name="seeding",
    version=1,
    statements=("CREATE TABLE seeding_reports (report TEXT NOT NULL) STRICT",),
)
"""A table and not a setting, because it has to go when the account is emptied."""


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong, with the records that it is wrong with."""

    kind: str
    subjects: tuple[str, ...]
    """`pipedrive:person/17`, `plezi:contact/5f00...`: the records that a finding has to name."""

    related: tuple[str, ...] = ()
    """Records of the other side that are drawn into it."""

    field: str | None = None
    """The field at fault, by its name in Pipedrive or its key in Plezi."""

    detail: str | None = None


@dataclass(slots=True)
class Figures:
    """What a first sync has to come to.

    It takes the mapping that `demo` calls the expected one. Each record has one difference at most, so counts add up.
    """

    persons: int = 0
    contacts: int = 0
    links: int = 0
    """Pairs that one address connects, one record on each side."""

    person_updates: int = 0
    contact_updates: int = 0
    person_creates: int = 0
    contact_creates: int = 0
    person_updates_after_creates: int = 0
    """A contact created by the sync gives its person a `plezi_url`, score, status and source (R7)."""

    conflicting_pairs: int = 0

    @property
    def most_person_writes(self) -> int:
        """Writes to Pipedrive by a first sync and its undo, created persons deleted."""
        return 2 * (self.person_updates + self.person_updates_after_creates + self.person_creates)

    @property
    def most_contact_writes(self) -> int:
        """Writes to Plezi by a first sync and its undo, created contacts deleted."""
        return 2 * (self.contact_updates + self.contact_creates)


@dataclass(slots=True)
class Manifest:
    """The defects of a world."""

    defects: list[Defect] = field(default_factory=list)

    def plant(
        self,
        kind: str,
        subjects: Person | Contact | Iterable[Person | Contact],
        *,
        related: Iterable[Person | Contact] = (),
        field: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Write down a defect."""
        records = [subjects] if isinstance(subjects, Person | Contact) else subjects
        named = tuple(record.subject for record in records)
        self.defects.append(Defect(kind, named, tuple(record.subject for record in related), field, detail))

    def of(self, kind: str) -> list[Defect]:
        """The defects of one kind."""
        return [defect for defect in self.defects if defect.kind == kind]

    def subjects(self, kind: str, side: str | None = None) -> list[str]:
        """The records with a defect of this kind, those of one side if asked for."""
        prefix = "" if side is None else f"{side}:"
        return [name for defect in self.of(kind) for name in defect.subjects if name.startswith(prefix)]

    def counts(self) -> dict[str, int]:
        """How many defects there are of each kind."""
        return dict(sorted(Counter(defect.kind for defect in self.defects).items()))


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a seed put into the file."""

    world: str
    seed: int
    figures: Figures
    manifest: Manifest

    def as_dict(self) -> dict[str, Any]:
        """The report in JSON's terms."""
        return {
            "world": self.world,
            "seed": self.seed,
            "figures": asdict(self.figures),
            "defects": [asdict(defect) for defect in self.manifest.defects],
        }

    def store(self, db: Database) -> None:
        """Keep the report in the sandbox file."""
        db.execute("INSERT INTO seeding_reports VALUES (?)", (json.dumps(self.as_dict()),))

    @classmethod
    def stored(cls, db: Database) -> Self | None:
        """The report of the seed in this file, or None if there is none."""
        text = db.value("SELECT report FROM seeding_reports")
        if text is None:
            return None
        kept = json.loads(text)
        defects = [
            Defect(
                item["kind"], tuple(item["subjects"]), tuple(item["related"]), item["field"], item["detail"]
            )
            for item in kept["defects"]
        ]
        return cls(kept["world"], kept["seed"], Figures(**kept["figures"]), Manifest(defects))
