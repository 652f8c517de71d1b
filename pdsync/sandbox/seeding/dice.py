"""Chance that comes out the same everywhere: the same seed gives the same world on every machine and Python version.

Python promises the sequence of `Random.random()` across versions, and of no other method (documentation of
`random`, "Notes on Reproducibility"). So every pick below is derived from that one method, and a world that
a bug report names by its seed can be made again years later.
"""

from __future__ import annotations

import random
from collections.abc import MutableSequence, Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A source of picks, made from a seed and a purpose.

    The purpose ("people", "scores") keeps streams apart: asking for one more name does not change every score
    that is drawn afterwards.
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._draw = random.Random(f"{seed}/{purpose}").random

    def below(self, end: int) -> int:
        """A whole number from 0 up to, not including, `end`."""
        return int(self._draw() * end)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._draw() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of `items`."""
        return items[int(self._draw() * len(items))]

    def chance(self, share: float) -> bool:
        """True in about `share` of the calls (0.25: every fourth)."""
        return self._draw() < share

    def some(self, items: Sequence[T], most: int) -> tuple[T, ...]:
        """Between one and `most` different `items`, in the order in which they stand."""
        wanted = self.between(1, most)
        left = len(items)
        chosen: list[T] = []
        for item in items:  # selection sampling, Knuth volume 2, algorithm 3.4.2 S: one pass, no second list
            if self._draw() * left < wanted:
                chosen.append(item)
                wanted -= 1
            left -= 1
        return tuple(chosen)

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Put `items` into another order, in place (Fisher and Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = int(self._draw() * (last + 1))
            items[last], items[other] = items[other], items[last]

    def hexadecimal(self, digits: int) -> str:
        """An identifier of so many hexadecimal digits."""
        text = ""
        while len(text) < digits:
            text += f"{int(self._draw() * 0x1_0000_0000):08x}"
        return text[:digits]
