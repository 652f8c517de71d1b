"""Where errands are done: one workspace in the engine's own event loop, opened by the first errand, closed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pdsync.tui.errands import EngineLoop, Errand

if TYPE_CHECKING:
    from pdsync.engine.pausing import Pause
    from pdsync.engine.workspace import OpenClient, Workspace
    from pdsync.model import Event
    from pdsync.settings import Settings

__all__ = ["Tell", "Workroom"]

T = TypeVar("T")
Tell: TypeAlias = "Callable[[Event], None]"
"""Takes what an errand tells of itself while it goes on."""
_UNDER_WAY: ContextVar[Errand[Any] | None] = ContextVar("errand", default=None)
"""The errand of a task: each is a task of its own."""


class Workroom:
    """Takes errands from the screens' thread, and does them in its own."""

    def __init__(self, settings: Settings, open_client: OpenClient | None = None) -> None:
        self._settings = settings
        self._open_client = open_client
        self._workspace: Workspace | None = None
        self._engine: EngineLoop | None = None
        self._begun: list[Errand[Any]] = []

    def start(
        self,
        name: str,
        command: str,
        do: Callable[[Workspace, Tell], Awaitable[T]],
        gate: Pause | None = None,
    ) -> Errand[T]:
        """Begin an errand; it is on its way when this returns.

        Args:
            name: What it does, for people.
            command: The command line that does the same; empty: there is none.
            do: The work.
            gate: Holds it, if it can be held.
        """
        errand: Errand[T] = Errand(name, command, gate)
        if self._engine is None:
            self._engine = EngineLoop()
        self._begun = [one for one in self._begun if not one.is_over] + [errand]
        self._engine.loop.call_soon_threadsafe(errand.begin, partial(self._work, errand, do))
        return errand

    async def close(self) -> None:
        """Stop what is under way, let it finish properly, and close the workspace."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._close(), engine.loop))
            await asyncio.to_thread(engine.end)

    async def _close(self) -> None:
        for errand in self._begun:
            errand.stop()
        await asyncio.gather(*(errand.outcome() for errand in self._begun), return_exceptions=True)
        if self._workspace is not None:
            await self._workspace.aclose()
            self._workspace = None
        await asyncio.get_running_loop().shutdown_default_executor()

    async def _work(self, errand: Errand[T], do: Callable[[Workspace, Tell], Awaitable[T]]) -> T:
        if self._workspace is None:
            from pdsync.engine.workspace import Workspace

            self._workspace = Workspace.open(self._settings, on_event=_waiting, open_client=self._open_client)
        _UNDER_WAY.set(errand)
        return await do(self._workspace, errand.tell)


def _waiting(event: Event) -> None:
    """A client waits for its budget: told to the errand that it waits for, whatever else is asked meanwhile."""
    errand = _UNDER_WAY.get()
    if errand is not None:
        errand.tell(event)
