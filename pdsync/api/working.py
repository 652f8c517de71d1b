"""Lets the engine work for a notebook: blocking or awaited, with progress that goes away when it is over.

A notebook's own event loop is always running, so blocking work gets a loop and a thread of its own; the calling thread
shows the progress, because front ends tell outputs apart by the thread that made them.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pdsync.api import html
from pdsync.api.boxes import boxed_errors
from pdsync.model import Event, Note, Progress, Waiting
from pdsync.report.text.events import narrate

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.settings import Settings

__all__ = ["Bars", "Work", "work", "work_async"]

T = TypeVar("T")
Work = Callable[["Workspace", Callable[[Event], None]], Awaitable[T]]
"""What is done with a workspace; told where events go."""

_PATIENCE: Final = 1.0
"""Seconds before progress is shown at all."""
_PAUSE: Final = 0.2
"""Seconds between two pictures of the progress."""


def work(settings: Settings, do: Work[T], *, progress: bool = True) -> T:
    """Do it and wait for it, whether or not a loop is running in this thread.

    Raises:
        PdsyncError: as the engine raised it, shown as a box.
        KeyboardInterrupt: the work was cancelled and has ended.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    thread = _Worker(settings, do, events)
    bars = Bars(shown=progress)
    with boxed_errors():
        thread.start()
        try:
            while (event := events.get()) is not None:
                bars.take(event)
        except KeyboardInterrupt:
            thread.cancel()
            raise
        finally:
            thread.join()
            bars.end()
        value: T = thread.result()
        return value


async def work_async(settings: Settings, do: Work[T], *, progress: bool = True) -> T:
    """Do it in the loop that is running.

    Raises:
        PdsyncError: as the engine raised it, shown as a box.
    """
    from pdsync.engine.workspace import Workspace

    loop = asyncio.get_running_loop()
    bars = Bars(shown=progress)

    def tell(event: Event) -> None:
        loop.call_soon_threadsafe(bars.take, event)

    with boxed_errors():
        try:
            async with Workspace.open(settings, on_event=tell) as ws:
                return await do(ws, tell)
        finally:
            bars.end()


class _Worker(threading.Thread):
    """A thread with an event loop and a workspace."""

    def __init__(self, settings: Settings, do: Work[Any], events: queue.SimpleQueue[Event | None]) -> None:
        super().__init__(name="pdsync", daemon=True)
        self._settings = settings
        self._do = do
        self._events = events
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._value = asyncio.run(self._inside())
        except BaseException as error:  # noqa: BLE001 - raised again where the caller waits
            self._error = error
        finally:
            self._events.put(None)

    def cancel(self) -> None:
        """Ask the work to end."""
        if self._loop is not None and self._task is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)

    def result(self) -> Any:  # noqa: ANN401 - whatever the work gives
        if self._error is not None:
            raise self._error
        return self._value

    async def _inside(self) -> Any:  # noqa: ANN401
        from pdsync.engine.workspace import Workspace

        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        async with Workspace.open(self._settings, on_event=self._events.put) as ws:
            return await self._do(ws, self._events.put)


class Bars:
    """Progress bars in a notebook, a line now and then elsewhere; nothing for what takes less than a second."""

    def __init__(self, *, shown: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._shown = shown
        self._clock = clock
        self._began = clock()
        self._last = 0.0
        self._stages: dict[str, Progress] = {}
        self._said = ""
        self._handle: Any = None

    def take(self, event: Event) -> None:
        """Remember one event, and show where things are if it is time."""
        match event:
            case Progress(stage=stage):
                self._stages[stage] = event
            case Waiting(seconds=seconds) if seconds < _PATIENCE:
                return
            case Waiting() | Note():
                self._said = narrate(event)
            case _:
                return
        now = self._clock()
        if self._shown and now - self._began >= _PATIENCE and now - self._last >= _PAUSE:
            self._last = now
            self._draw()

    def end(self) -> None:
        """Take the bars away: what was made says the rest."""
        if self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)
            self._handle = None

    def markup(self) -> str:
        """The bars as HTML, without scripts."""
        rows = "".join(
            f"<tr><td>{html.text(stage)}</td><td>{_bar(event)}</td>"
            f'<td class="r">{event.done:,}{f" of {event.total:,}" if event.total else ""}</td></tr>'
            for stage, event in self._stages.items()
        )
        return f"<table><tbody>{rows}</tbody></table>{html.note(self._said) if self._said else ''}"

    def _draw(self) -> None:
        if "IPython" not in sys.modules:
            return
        from IPython.core.getipython import get_ipython
        from IPython.display import display

        if get_ipython() is None:
            return
        data = html.bundle(", ".join(narrate(event) for event in self._stages.values()), self.markup())
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)


def _bar(event: Progress) -> str:
    share = 100 * event.done / event.total if event.total else 0
    return (
        '<div style="width:16em;height:.7em;margin-top:.35em;background:rgba(128,128,128,.25);border-radius:3px">'
        f'<div style="width:{min(100.0, share):.1f}%;height:100%;background:#0072b2;border-radius:3px"></div></div>'
    )
