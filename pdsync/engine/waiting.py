"""Waiting for work in threads to its end, however often somebody says stop.

A thread cannot be stopped. Whoever leaves it running and closes its files takes them away from under it, which ends in
a crash of the process; so the cancellation goes on only when the thread has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

__all__ = ["in_thread", "to_the_end"]

T = TypeVar("T")


async def in_thread(work: Callable[[], T], on_stop: Callable[[], None] = lambda: None) -> T:
    """Run what takes long beside the event loop; ``on_stop`` is called at each cancellation, so that it ends early."""
    return await to_the_end(asyncio.ensure_future(asyncio.to_thread(work)), on_stop)


async def to_the_end(task: asyncio.Future[T], on_stop: Callable[[], None] = lambda: None) -> T:
    """The result of a task that is never cancelled: who waits may be, but not before it has ended."""
    stopped: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as stop:
            stopped = stop
            on_stop()
    if stopped is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # nobody asks for it any more
    raise stopped
