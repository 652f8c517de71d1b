"""A terminal that is closed, or a machine that shuts down, ends a run as a person would: safely.

Without this a closed window kills the process in the middle of a write. That is survived (the next run looks what became
of it), but stopping is better: what is under way gets its outcome, and nobody waits for a lock.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from textual.app import App
from textual.driver import Driver

from pdsync.tui.spawning import spawn

__all__ = ["end_with_the_terminal"]


def end_with_the_terminal(
    app: App[None], driver: Driver | None, leave: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    """Leave when the terminal does. Behind a page in a browser, and in tests, there is none."""
    if driver is None or driver.is_headless or driver.is_web:
        return
    loop = asyncio.get_running_loop()
    begin = partial(spawn, app, leave, "leave")

    def gone(*_: object) -> None:
        """Whatever is still drawn goes nowhere: a write to a terminal that is gone fails, and then blocks the app."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                os.dup2(nowhere, stream.fileno())
        driver.write = _draw_nothing  # type: ignore[method-assign]
        loop.call_soon_threadsafe(begin)

    # Not the loop's own handlers: the kernel sends SIGCONT with SIGHUP, and textual would begin to draw again on that.
    signal.signal(signal.SIGHUP, gone)
    signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(begin))


def _draw_nothing(data: str) -> None:
    del data
