"""What the engine does for a screen, as the screen sees it: awaited, watched, held, stopped; and the thread it is done in.

Events are collected, and fetched by the screen as often as it can draw; a run of a thousand writes a second does not
flood it.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from pdsync.engine.pausing import Pause
    from pdsync.model import Event

__all__ = ["EngineLoop", "Errand"]

T = TypeVar("T")


class Errand(Generic[T]):
    """Something that the engine does for a screen."""

    def __init__(self, name: str, command: str, gate: Pause | None = None) -> None:
        self.name = name
        """What is done, as a screen says it: ``reading both sides``."""
        self.command = command
        """The command line that does the same."""
        self.gate = gate
        """What holds it; None: it can only be stopped."""
        self.held = False
        """It begins nothing until the person lets it go on."""
        self.stopping = False
        self._events: deque[Event] = deque()
        self._future: Future[T] = Future()
        self._stop: Callable[[], None] = lambda: None
        self._call: Callable[[Callable[[], None]], object] = lambda do: do()

    @property
    def is_over(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    def events(self) -> list[Event]:
        """What happened since this was last asked."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def stop(self) -> None:
        """Ask it to stop: what is under way is finished and written down first. Asking again changes nothing."""
        if not self.stopping:
            self.stopping, self.held = True, False
            self._stop()

    def hold(self) -> None:
        """Begin nothing more for now; what is under way is finished."""
        if self.gate is not None and not self.stopping:
            self.held = True
            self._call(self.gate.hold)

    def go_on(self) -> None:
        """Begin again."""
        if self.gate is not None:
            self.held = False
            self._call(self.gate.release)

    async def outcome(self) -> T:
        """Wait for it, whoever else waits too.

        Raises:
            PdsyncError: as the engine's function raises it.
            asyncio.CancelledError: it was stopped, and there is nothing to show for it.
        """
        inner = asyncio.wrap_future(self._future)
        # Whoever waits may be gone by then (a closed screen); the error is not lost with them, the next one gets it.
        inner.add_done_callback(lambda over: over.cancelled() or over.exception())
        return await asyncio.shield(inner)

    def tell(self, event: Event) -> None:
        """Note an event; from any thread."""
        self._events.append(event)

    def begin(self, do: Callable[[], Awaitable[T]]) -> None:
        """Do it, as a task of the running loop."""
        task: asyncio.Future[T] = asyncio.ensure_future(do())
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(task.cancel)

        self._stop = stop
        self._call = loop.call_soon_threadsafe
        if self.stopping:  # before it had begun
            stop()
        task.add_done_callback(self._end)

    def succeed(self, value: T) -> None:
        """It came to its end."""
        self._future.set_result(value)

    def fail(self, error: BaseException) -> None:
        """It did not."""
        self._future.set_exception(error)

    def _end(self, task: asyncio.Future[T]) -> None:
        if task.cancelled():
            self._future.cancel()
        elif error := task.exception():
            self.fail(error)
        else:
            self.succeed(task.result())


class EngineLoop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="engine", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let it end, and wait for that."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
