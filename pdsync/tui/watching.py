"""What a run has told so far, in the form in which the Run screen shows it: per side, with rate and time left."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from pdsync.model import (
    Event,
    Note,
    Outcome,
    Plan,
    Progress,
    RecordOutcome,
    RunSummary,
    Side,
    Waiting,
)
from pdsync.report.text.events import narrate
from pdsync.report.text.layout import Line, Role, line

if TYPE_CHECKING:
    from pdsync.engine.standing import Budget

__all__ = ["Told", "Watched"]

_LOG: Final = 2_000
"""Lines that are kept for the screen; the journal keeps all."""
_ROLES: Final[Mapping[Outcome, Role]] = {
    Outcome.DONE: Role.PLAIN,
    Outcome.ADOPTED: Role.PLAIN,
    Outcome.FAILED: Role.BAD,
    Outcome.NOT_STORED: Role.BAD,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the log, and whose it is."""

    line: Line
    subject: str = ""
    """``pipedrive:person/1042``; empty: nobody's."""


class Watched:
    """One run, from the outside."""

    def __init__(self, plan: Plan, started: datetime) -> None:
        self.plan = plan
        self.started = started
        self.ended: datetime | None = None
        self.totals = {side: held.writes for side, held in plan.header.totals.sides.items()}
        self.done: Counter[Side] = Counter()
        self.noted = 0
        """Links that were made or let go of: no request leaves for them."""
        self.outcomes: Counter[Outcome] = Counter()
        """Of the changes for which a request leaves, and of links that could not be written down."""
        self.values = 0
        self.waiting = ""
        self.summary: RunSummary | None = None
        self.trouble = ""
        """Why it did not come to its end."""
        self.log: deque[Told] = deque(maxlen=_LOG)
        self.failures: list[Told] = []
        self.budgets: Mapping[Side, Budget | None] = {}
        """What each service still let through when it was last asked for."""
        self._held_since: datetime | None = None
        self._held = 0.0

    def take(self, event: Event) -> None:
        """Note one event."""
        match event:
            case RecordOutcome(change=change, outcome=outcome, values=values):
                self.waiting = ""
                self.values += values
                if change.kind.ledger_only and outcome is Outcome.DONE:
                    self.noted += 1
                else:
                    self.outcomes[outcome] += 1
                if not change.kind.ledger_only:
                    self.done[change.side] += 1
                subject = "" if change.kind.of_options else str(change.subject)
                said = Told(line((f" {narrate(event)}", _ROLES.get(outcome, Role.WARN))), subject)
                self.log.append(said)
                if outcome not in (Outcome.DONE, Outcome.ADOPTED) and len(self.failures) < _LOG:
                    self.failures.append(said)
            case Note():
                self.log.append(Told(line((f" {narrate(event)}", Role.WARN))))
            case Waiting():
                self.waiting = narrate(event)
            case Progress():
                pass

    def hold(self, now: datetime) -> None:
        """From now on it waits for the person; that is no time that it took."""
        self._held_since = self._held_since or now

    def go_on(self, now: datetime) -> None:
        """It waits no more."""
        if self._held_since is not None:
            self._held += (now - self._held_since).total_seconds()
            self._held_since = None

    def end(self, now: datetime) -> None:
        """It is over, however it ended."""
        if self.ended is None:
            self.go_on(now)
            self.ended = now

    def seconds(self, now: datetime) -> float:
        """How long it has taken, without the pauses."""
        until = self.ended or self._held_since or now
        return max((until - self.started).total_seconds() - self._held, 0.001)

    def seconds_left(self, now: datetime, side: Side | None = None) -> float | None:
        """How long it will take at this rate, on one side or in all; None before there is a rate."""
        done = self.done.total() if side is None else self.done[side]
        total = sum(self.totals.values()) if side is None else self.totals.get(side, 0)
        if not done or self.ended is not None:
            return None
        return self.seconds(now) / done * max(total - done, 0)
