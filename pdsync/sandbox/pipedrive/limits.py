"""What requests may cost: burst windows, the daily budget, and the block that comes of ignoring both.

[doc] RL 2026-09-17: the daily budget is 30,000 x multiplier of the plan x seats, shared by all users; bursts
are counted over a rolling 2 seconds per token; search is 10 per 2 seconds on every plan; exhausted is 429 on
everything until midnight; whoever goes on after 429s gets a 403 with HTML. [live] NANGO: names and form of the
headers, the reset in relative seconds. [infer] the balance is the one before the call. Invented: refused
requests cost nothing and leave no trace in the window; a search counts in both windows and shows the narrower
one; the budget refuses a call that costs more than what is left; the header ``x-daily-requests-left``
(documented, never seen) is left out; how many 429s lead to the block, and for how long (switches).
"""

from __future__ import annotations

import math
import secrets
import uuid
from collections import deque
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.responses import Response

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.problems import refusal
from pdsync.sandbox.service import Admission
from pdsync.sandbox.switches import Switches

BASE_BUDGET = 30_000
MULTIPLIERS = {"lite": 1, "growth": 2, "premium": 5, "ultimate": 7}
BURSTS = {"lite": 20, "growth": 40, "premium": 100, "ultimate": 120}
"""Requests with an API token."""

SEARCH_BURST = 10
WINDOW_SECONDS = 2.0
_REFUSALS_WITHIN_SECONDS = 60.0


class Window:
    """Requests in the last seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()

    def count(self, now: float) -> int:
        """How many there are."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        return len(self._times)

    def add(self, now: float) -> None:
        """One more."""
        self._times.append(now)

    def reset_in(self, now: float) -> int:
        """Seconds until the oldest one no longer counts, rounded up."""
        return math.ceil(self._times[0] + self._seconds - now) if self._times else math.ceil(self._seconds)


class Limits:
    """Counts and refuses."""

    def __init__(self, db: Database, clock: Clock, switches: Switches) -> None:
        self._db = db
        self._clock = clock
        self._switches = switches
        self._bursts: dict[str, Window] = {}
        self._searches: dict[str, Window] = {}
        self._refusals: dict[str, Window] = {}
        self._blocked_until: dict[str, float] = {}

    def forget(self) -> None:
        """Open windows and blocks are forgotten; what was spent today is in the database."""
        for held in (self._bursts, self._searches, self._refusals, self._blocked_until):
            held.clear()

    def restore(self) -> None:
        """A fresh day."""
        self.forget()
        self._db.execute("DELETE FROM pipedrive_spending")

    @property
    def budget(self) -> int:
        """Tokens per day."""
        plan = self._switches.text("pipedrive.plan")
        return BASE_BUDGET * MULTIPLIERS[plan] * self._switches.number("pipedrive.seats")

    def spent(self) -> int:
        """Tokens spent today."""
        spent: int = self._db.value(
            "SELECT coalesce(sum(spent), 0) FROM pipedrive_spending WHERE day = ?", (self._day(),)
        )
        return spent

    def spend(self, tokens: int) -> None:
        """Take tokens from today's budget."""
        self._db.execute(
            "INSERT INTO pipedrive_spending VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET spent = spent + excluded.spent",
            (self._day(), tokens),
        )

    def admit(self, token: str, tokens: int, *, is_search: bool) -> Admission:
        """Let a request in and charge for it, or refuse it."""
        now = self._clock.now()
        enforced = self._switches.on("pipedrive.limits_enforced")
        if enforced and now < self._blocked_until.get(token, 0.0):
            return Admission(refusal=refusal(403))
        burst_limit = BURSTS[self._switches.text("pipedrive.plan")]
        burst = self._bursts.setdefault(token, Window(WINDOW_SECONDS))
        search = self._searches.setdefault(token, Window(WINDOW_SECONDS))
        balance = self.budget - self.spent()
        window, limit = (search, SEARCH_BURST) if is_search else (burst, burst_limit)
        is_full = burst.count(now) >= burst_limit or (is_search and search.count(now) >= SEARCH_BURST)
        if enforced and (is_full or balance < tokens):
            headers = self._headers(limit, 0, window.reset_in(now), balance)
            return Admission(headers=headers, refusal=self._refuse(token, now))
        burst.add(now)
        if is_search:
            search.add(now)
        if tokens:
            self.spend(tokens)
        shown = balance if self._switches.on("pipedrive.balance_before_call") else balance - tokens
        return Admission(tokens, self._headers(limit, limit - window.count(now), window.reset_in(now), shown))

    def too_many(self) -> Response:
        """A 429 out of the blue, for faults."""
        limit = BURSTS[self._switches.text("pipedrive.plan")]
        return refusal(429, self._headers(limit, 0, math.ceil(WINDOW_SECONDS), self.budget - self.spent()))

    def _refuse(self, token: str, now: float) -> Response:
        refusals = self._refusals.setdefault(token, Window(_REFUSALS_WITHIN_SECONDS))
        refusals.add(now)
        most = self._switches.number("pipedrive.block_after_refusals")
        if most and refusals.count(now) >= most:
            self._blocked_until[token] = now + self._switches.number("pipedrive.block_seconds")
            self._refusals.pop(token)
        return refusal(429)

    def _headers(self, limit: int, remaining: int, reset: int, balance: int) -> dict[str, str]:
        always = {"x-correlation-id": str(uuid.uuid4()), "cf-ray": f"{secrets.token_hex(8)}-CDG"}
        if not self._switches.on("pipedrive.rate_limit_headers"):
            return always
        return always | {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(max(remaining, 0)),
            "x-ratelimit-reset": str(reset),
            "x-daily-ratelimit-token-limit": str(self.budget),
            "x-daily-ratelimit-token-remaining": str(max(balance, 0)),
        }

    def _day(self) -> str:
        zone = ZoneInfo(self._switches.text("pipedrive.budget_time_zone"))
        return datetime.fromtimestamp(self._clock.now(), zone).date().isoformat()
