"""The one place where clients learn what time it is and where they sleep.

Waiting decides whether a service blocks us; so it has to be tested, and tests must neither wait nor patch ``time``:
they hand over a clock of their own.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """Time as clients need it."""

    def monotonic(self) -> float:
        """Seconds from some start, never backwards: for waiting."""
        ...

    def unix(self) -> float:
        """Seconds since 1970, UTC: for signatures."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def monotonic(self) -> float:
        return time.monotonic()

    def unix(self) -> float:
        return time.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
