"""A run that is held for a while and then goes on: nothing new is sent meanwhile, and nothing that was sent is lost.

Stopping ends a run; a pause keeps it, with its lock and its place in the plan. What was read again before the pause is read
again after it, so that a long one writes over nothing.
"""

from __future__ import annotations

import asyncio

__all__ = ["Pause"]


class Pause:
    """The gate before every write. To be used within the run's event loop."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    @property
    def held(self) -> bool:
        """Whether no write is begun now."""
        return not self._open.is_set()

    def hold(self) -> None:
        """Begin no write; those under way are finished."""
        self._open.clear()

    def release(self) -> None:
        """Go on."""
        self._open.set()

    async def over(self) -> None:
        """Wait until writes may begin."""
        await self._open.wait()
