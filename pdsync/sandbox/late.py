"""Writes that happen after the client was told nothing: the fault ``late_commit``.

The worst case for a client that retries: the connection breaks, a look-up right afterwards finds nothing, and
seconds later the write is there. What is still waiting when the process is stopped is carried out before it
ends; what a killed process had not carried out is lost, as it would be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from pdsync.sandbox.clock import Clock

Work: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Waiting:
    due: float
    work: Work


class LateWrites:
    """Work to be done at a later time of the stand-ins' clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._changed = asyncio.Event()
        clock.on_change(self._changed.set)

    def __len__(self) -> int:
        return len(self._waiting)

    def after(self, seconds: float, work: Work) -> None:
        """Do this work in so many seconds."""
        self._waiting.append(_Waiting(self._clock.now() + seconds, work))
        self._waiting.sort(key=lambda waiting: waiting.due)
        self._changed.set()

    def forget(self) -> None:
        """Give up what is waiting: the account was emptied."""
        self._waiting.clear()

    async def catch_up(self) -> None:
        """Do what is due."""
        while self._waiting and self._waiting[0].due <= self._clock.now():
            await self._waiting.pop(0).work()

    async def flush(self) -> None:
        """Do everything now."""
        while self._waiting:
            await self._waiting.pop(0).work()

    async def run(self) -> None:
        """Do the work as it falls due, for ever."""
        while True:
            self._changed.clear()
            await self.catch_up()
            pause = self._waiting[0].due - self._clock.now() if self._waiting else None
            try:
                await asyncio.wait_for(self._changed.wait(), pause)
            except TimeoutError:
                continue
