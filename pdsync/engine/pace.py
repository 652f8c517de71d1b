"""The times and numbers by which a run moves, with their reasons, in one value that tests can replace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

__all__ = ["Pace"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run moves."""

    at_once: int = 16
    """Writes under way per side. The client's budget sets the pace; this only hides the time that answers take
    (at 60 requests a second and 250 ms an answer, 15 are under way)."""
    first_batch: int = 10
    """Records in the first precondition read, before the pace of writing is known."""
    freshness: float = 10.0
    """Seconds within which the last write follows its precondition read (design 7)."""
    look_again: tuple[float, ...] = (2.0, 8.0, 20.0)
    """Seconds to wait before each look for a create whose answer was lost: 30 in all, because a write may be carried
    out long after its connection broke."""
    margin: float = 300.0
    """Seconds before the intent from which on a lost create is looked for (design 7: 5 minutes, by the server's date)."""
    failures_in_a_row: int = 5
    """After so many refusals that are not about one record, the service is taken to be out of order."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    @property
    def patience(self) -> float:
        """Seconds after which a write whose answer was lost is no longer expected to happen."""
        return sum(self.look_again)
