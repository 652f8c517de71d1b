"""How fast a client may go, and how far: the burst window and the tokens of the day.

The burst window is rolling: at most so many requests in any two seconds, per token (reference 3). A place in it is
taken when a request leaves and given back two seconds after its answer came: the service saw the request at some moment
in between, so its own window can never be fuller than ours, whatever the network does.

What the answers' headers say is believed (limits, other users of the same token, the balance of the day), but never
needed: they are known to be missing at times. A ``hold`` stops every request of the client, not only the one that was
refused: going on after a 429 is what gets a token blocked.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from pdsync.clients.clock import Clock
from pdsync.errors import BudgetExhausted

__all__ = ["BURST", "DAILY", "Budget", "OnWait", "quiet"]

OnWait = Callable[[float, str], None]
"""Told before each wait that a person would notice: seconds, and why."""

BURST: Final = {"lite": 20, "growth": 40, "premium": 100, "ultimate": 120}
"""Requests in two seconds with an API token, by plan (reference 3, [doc] RL 2026-09-17)."""
DAILY: Final = {"lite": 30_000, "growth": 60_000, "premium": 150_000, "ultimate": 210_000}
"""Tokens a day and paid user, by plan (the same source: 30 000 times 1, 2, 5, 7)."""

_WINDOW_SECONDS: Final = 2.0
_NOTICEABLE: Final = 0.5
_SHORTEST_SLEEP: Final = 0.001
"""A remainder of 1e-13 seconds is a rounding error, by which no clock ever moves on."""
_EXHAUSTION_HOLDS: Final = 300.0
"""Seconds for which a balance of zero is believed without asking again: midnight comes without notice."""


def quiet(_seconds: float, _why: str) -> None:
    """The waiting of which nobody wants to know."""


class Budget:
    """The pace of one client. Belongs to one event loop."""

    def __init__(
        self,
        clock: Clock,
        *,
        service: str,
        burst: int | None = None,
        daily: int | None = None,
        at_once: int = 16,
        on_wait: OnWait = quiet,
    ) -> None:
        """``burst``: requests in two seconds, None while unknown. ``daily``: tokens a day. ``at_once``: open requests."""
        self._clock = clock
        self._service = service
        self._burst = burst
        self._at_once = at_once
        self._on_wait = on_wait
        self._open = 0
        self._done: deque[float] = deque()
        """When the answers of the last two seconds came."""
        self._held_until = 0.0
        self._held_because = ""
        self._turn = asyncio.Lock()
        self._came_back = asyncio.Event()
        self._balance_at = 0.0
        self.daily_limit = daily
        self.daily_remaining: int | None = None
        """Tokens left today, by the last answer that said so."""
        self.waited = 0.0
        """Seconds spent waiting in all."""
        self.spent = 0
        """Tokens of the calls that were answered."""

    async def enter(self, cost: int) -> None:
        """Wait for a place; then the request must be sent at once, and ``leave`` called when it is over.

        Raises:
            BudgetExhausted: no token is left today.
        """
        async with self._turn:  # first come, first served
            while True:
                self._refuse_if_exhausted(cost)
                now = self._clock.monotonic()
                if self._held_until > now:
                    await self._sleep(self._held_until - now, self._held_because)
                    continue
                while self._done and self._done[0] <= now - _WINDOW_SECONDS:
                    self._done.popleft()
                if self._done and self._burst is not None and self._open + len(self._done) >= self._burst:
                    until_free = self._done[0] + _WINDOW_SECONDS - now
                    await self._sleep(until_free, f"{self._service}'s limit of requests in two seconds")
                    continue
                if self._open >= self._most_open():
                    self._came_back.clear()
                    await self._came_back.wait()
                    continue
                self._open += 1
                return

    def leave(self, *, counted: bool = True) -> None:
        """The request is over. ``counted``: False if it surely never reached the service."""
        self._open -= 1
        if counted:
            self._done.append(self._clock.monotonic())
        self._came_back.set()

    def hold(self, seconds: float, why: str) -> None:
        """Let no request leave for so many seconds."""
        until = self._clock.monotonic() + seconds
        if until > self._held_until:
            self._held_until, self._held_because = until, why

    def learn(self, headers: Mapping[str, str], cost: int) -> None:
        """Believe what an answer's headers say (reference 3); those that are missing or odd change nothing.

        ``x-daily-ratelimit-token-remaining`` is the balance before the current call ([infer] from recordings).
        """
        self.spent += cost
        limit = _number(headers, "x-ratelimit-limit")
        if limit:
            self._burst = limit
            self._believe_others(limit, _number(headers, "x-ratelimit-remaining"))
        daily = _number(headers, "x-daily-ratelimit-token-limit")
        if daily:
            self.daily_limit = daily
        remaining = _number(headers, "x-daily-ratelimit-token-remaining")
        if remaining is not None:
            self.daily_remaining = max(0, remaining - cost)
            self._balance_at = self._clock.monotonic()

    def lacks(self, cost: int) -> bool:
        """Whether the last answer said that fewer than ``cost`` tokens are left today."""
        if self.daily_remaining is None or self.daily_remaining >= max(cost, 1):
            return False
        return self._clock.monotonic() - self._balance_at < _EXHAUSTION_HOLDS

    def exhaustion(self) -> BudgetExhausted:
        """The error that says so."""
        of = f" ({self.daily_remaining or 0:,} of {self.daily_limit:,} left)" if self.daily_limit else ""
        return BudgetExhausted(
            f"{self._service}'s tokens for today are used up{of}.",
            untouched="What was written before is in the journal; nothing else was sent.",
            next_step="The budget is renewed at midnight of the service's time zone. Run the same command again then.",
        )

    def _refuse_if_exhausted(self, cost: int) -> None:
        if cost and self.lacks(1):
            raise self.exhaustion()

    def _most_open(self) -> int:
        return self._at_once if self._burst is None else min(self._at_once, self._burst)

    def _believe_others(self, limit: int, remaining: int | None) -> None:
        """Somebody else uses this token if the service counts more requests than we can have made."""
        if remaining is None or remaining > limit:
            return
        foreign = (limit - remaining) - (self._open + len(self._done))
        now = self._clock.monotonic()
        self._done.extend([now] * max(0, foreign))

    async def _sleep(self, seconds: float, why: str) -> None:
        seconds = max(seconds, _SHORTEST_SLEEP)
        if seconds >= _NOTICEABLE:
            self._on_wait(seconds, why)
        self.waited += seconds
        await self._clock.sleep(seconds)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
