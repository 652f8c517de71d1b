"""Many people who agree, but for a share of them: the world that benchmarks read.

It is made in slices, because 200,000 pairs held as objects would cost more memory than the stand-ins themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pdsync.sandbox.seeding import fieldset
from pdsync.sandbox.seeding.dice import Dice
from pdsync.sandbox.seeding.making import Maker, Pair, forget, set_sector
from pdsync.sandbox.seeding.manifest import Figures
from pdsync.sandbox.seeding.people import People

SLICE: Final = 5_000
"""Pairs."""


@dataclass(slots=True)
class BenchWorld:
    """`size` pairs, of which `changed_percent` differ: half has to be written to each side."""

    size: int
    changed_percent: float
    seed: int
    figures: Figures = field(default_factory=Figures)
    """Complete when the last slice was made."""

    def slices(self) -> Iterator[list[Pair]]:
        """The pairs, `SLICE` at a time."""
        people, maker = People(self.seed), Maker(self.seed)
        changes = Dice(self.seed, "changes")
        self.figures = Figures(persons=self.size, contacts=self.size, links=self.size)
        made = 0
        while made < self.size:
            pairs = [maker.pair(people.one()) for _ in range(min(SLICE, self.size - made))]
            for pair in pairs:
                if changes.chance(self.changed_percent / 100):
                    self._change(pair, maker)
            made += len(pairs)
            yield pairs

    def _change(self, pair: Pair, maker: Maker) -> None:
        if self.figures.person_updates <= self.figures.contact_updates:
            pair.contact.behaviour_score += maker.dice.between(1, 40)
            self.figures.person_updates += 1
        else:
            set_sector(pair, maker.sector())
            forget(pair, fieldset.PLZ_SECTOR)
            self.figures.contact_updates += 1
