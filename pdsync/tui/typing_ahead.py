"""Keys one after the other: where one belongs is known when the one before it has done what it does.

Textual hands each key to whatever has the focus when it comes in. Typed fast, or on a busy machine, what follows ``/``
would be commands, and what follows enter in a filter would be words.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.widget import Widget

__all__ = ["InTurn"]

_PATIENCE: Final = 1.0
"""Seconds that a key waits for the one before it at most: no bug of a widget may take the keyboard away."""


class InTurn(App[None]):
    """An app that takes keys in turn."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: deque[events.Event] = deque()
        self._turn: object | None = None
        """The key that is under way."""

    async def on_event(self, event: events.Event) -> None:
        """Whatever comes in; keys and what is pasted wait for their turn."""
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.append(event)
        if self._turn is None:
            await self._take_next()

    async def _take_next(self) -> None:
        self._turn = None
        if not self._typed:
            return
        self._turn = turn = object()
        event, target = self._typed.popleft(), self.focused or self.screen
        await super().on_event(event)
        # A key goes from the widget up to the app, which looks for its binding; what the widget makes of that
        # (Input.Submitted) goes the same way once more. A callback along both ways comes after both.
        way: list[MessagePump] = [node for node in target.ancestors_with_self if isinstance(node, Widget)]
        left = [*way, self, *way, self]

        async def follow() -> None:
            while left:
                if left.pop(0).call_later(follow):  # not to one that is closed
                    return
            await self._end(turn)

        await follow()
        asyncio.get_running_loop().call_later(_PATIENCE, self.call_later, self._end, turn)

    async def _end(self, turn: object) -> None:
        if self._turn is turn:
            await self._take_next()
