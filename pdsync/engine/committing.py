"""Commits of many changes that are under way at once, together: one wait for the disk instead of one each.

Every commit waits until the disk has it (a few milliseconds), and a change has two: its intent and its outcome. With
sixteen writes under way per side, whatever is ready while the last commit is still waiting goes into the next one. A
step is stored whole or not at all, and nobody is told that it is stored before it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pdsync.engine.waiting import to_the_end

if TYPE_CHECKING:
    from pdsync.store import StateWriter, Transaction

__all__ = ["Committer", "Step"]

T = TypeVar("T")
Step = Callable[["Transaction"], T]
"""Something to be stored; runs in a worker thread, and must not wait for anything."""

_Waiting = tuple[Step[Any], "asyncio.Future[Any]"]


class Committer:
    """Stores steps in the order in which they come. Use it as an async context manager."""

    def __init__(self, writer: StateWriter) -> None:
        self._writer = writer
        self._waiting: list[_Waiting] = []
        self._woken = asyncio.Event()
        self._work: asyncio.Task[None] | None = None
        self._closed = False

    async def commit(self, step: Step[T]) -> T:
        """Store a step; returns what it returns, once the disk has it.

        Raises:
            StorageFull, StateError: nothing of it was stored.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((step, future))
        self._woken.set()
        return await future

    async def _run(self) -> None:
        while not self._closed or self._waiting:
            await self._woken.wait()
            self._woken.clear()
            together, self._waiting = self._waiting, []
            if not together:
                continue
            try:
                results = await asyncio.to_thread(self._store, [step for step, _ in together])
            except Exception as error:  # noqa: BLE001 - told to everybody who waits
                for _, future in together:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), result in zip(together, results, strict=True):
                if not future.done():
                    future.set_result(result)

    def _store(self, steps: list[Step[Any]]) -> list[Any]:
        with self._writer.transaction() as transaction:
            return [step(transaction) for step in steps]

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What a thread is storing is waited for even if nobody waits for its result any more.
        self._closed = True
        self._woken.set()
        if self._work is not None:
            await to_the_end(self._work)
