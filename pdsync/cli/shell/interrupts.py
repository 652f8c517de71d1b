"""Ctrl-C ends a command in order, whenever it comes, with exit code 130.

``KeyboardInterrupt`` is raised between any two instructions. Three of those places are bad ones:

- While an event loop is made or closed, it leaves the loop half done, which then complains with a traceback.
- In a callback of the interpreter (a weak reference of the import system) it is printed and forgotten, and the command
  goes on as if nobody had stopped it.
- In the execution of a string (every ``@dataclass`` of a module that is just being imported is made by one) CPython notes
  it and, whatever became of it, ends the process by SIGINT instead of with its exit code.

So one listener goes with the command: it hears Ctrl-C from before the first loop exists, stops the work that runs, and
remembers that it was heard. SIGTERM, by which service managers and ``kill`` end a program, is the same wish.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

if TYPE_CHECKING:
    import asyncio

__all__ = ["Interrupts"]

T = TypeVar("T")

_SIGNALS: Final[Mapping[signal.Signals, Callable[[int, FrameType | None], object] | signal.Handlers]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
}
"""What is heard -> who hears it otherwise."""


class Interrupts:
    """What is heard of Ctrl-C while one command runs. Entered once; ``run`` as often as there is asynchronous work.

    Somebody else's handler (of a program that calls this one as a library) stays where it is, and outside of the main
    thread nobody gets signals: ``run`` is then what ``asyncio.run`` is.
    """

    def __init__(self) -> None:
        self._heard = 0
        self._task: asyncio.Task[Any] | None = None
        self._working = False
        self._installed: list[signal.Signals] = []

    def __enter__(self) -> Self:
        self._unraisable = sys.unraisablehook
        sys.unraisablehook = self._on_unraisable
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.unraisablehook = self._unraisable
        for number in self._installed:
            signal.signal(number, _SIGNALS[number])
        # The third bad place: CPython's note is cleared by the next string that is executed without one
        # (run_eval_code_obj in Python/pythonrun.c).
        exec("")  # noqa: S102 - nothing is executed

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """``asyncio.run(work())``: the first Ctrl-C stops it, and it may close what it opened; a second does not wait.

        Raises:
            KeyboardInterrupt: it was stopped, or stopped before it began; also if it came to its end all the same, because
                whoever stops one step does not want the next one.
        """
        import asyncio

        self._install()
        self._working = True
        try:
            with asyncio.Runner() as runner:
                result = runner.run(self._inside(work))
            if self._heard:
                raise KeyboardInterrupt
            return result
        except asyncio.CancelledError:
            if self._heard:
                raise KeyboardInterrupt from None
            raise
        finally:
            self._working = False
            self._task = None

    async def _inside(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        import asyncio

        self._task = asyncio.current_task()
        if self._heard:
            raise KeyboardInterrupt
        return await work()

    def _install(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        for number, otherwise in _SIGNALS.items():
            if signal.getsignal(number) is otherwise:
                signal.signal(number, self._hear)
                self._installed.append(number)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self._heard += 1
        if not self._working or self._heard > 1:
            raise KeyboardInterrupt
        if self._task is not None and not self._task.done():
            self._task.cancel()
            # The loop may be waiting for a socket: this wakes it up.
            self._task.get_loop().call_soon_threadsafe(lambda: None)

    def _on_unraisable(self, problem: sys.UnraisableHookArgs) -> None:
        if problem.exc_type is KeyboardInterrupt:
            self._heard += 1
        else:
            self._unraisable(problem)
