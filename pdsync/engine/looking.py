"""The look at a record just before it is written, and the next one where its request could not leave in time.

Between the two lies whatever a service makes its callers wait: a pause after 429 or 5xx holds every request for up to a
minute, in which a person may well edit the record. So a request carries how long its look is good for, and after that
the look is repeated rather than the write sent (design 7: the last write follows within ten seconds).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from pdsync.engine.guards import refuse_forbidden
from pdsync.engine.job import Job
from pdsync.engine.preconditions import guard_of, outdated
from pdsync.errors import Overdue, RecordError
from pdsync.model import Change, ChangeKind, Outcome, Record

__all__ = ["Look", "in_time", "look", "refusal"]

_LOOKS = 6
"""Times that one write is looked at again because it had to wait; then the service is in trouble, and it has failed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """What ``guard_of`` names, as it was read; None where it is gone, or where nothing can be read."""

    record: Record | None = None
    at: float | None = None
    """By the run's clock; None: nothing was read, and nothing gets old."""

    def good_for(self, job: Job) -> float | None:
        """Seconds for which a write may still rest on it."""
        return None if self.at is None else max(0.0, job.pace.freshness - (job.pace.clock() - self.at))


async def look(job: Job, change: Change) -> Look:
    """Read once more what a write rests on.

    Raises:
        ServiceError
    """
    guard = guard_of(job.bound, change)
    if guard is None:
        return Look()
    side, record_id = guard
    record = (await job.clients[side].read([record_id])).get(record_id)
    return Look(record, job.pace.clock())


def refusal(job: Job, change: Change, seen: Look) -> tuple[Outcome, str] | None:
    """Why a change is not to be sent after this look: what it comes to, and in words."""
    if guard_of(job.bound, change) is not None:
        if seen.record is None:
            return _gone(change)
        problem = outdated(job.bound, change, seen.record)
        if problem:
            return Outcome.STALE, problem
    try:
        refuse_forbidden(job.bound, change, None if change.kind is ChangeKind.CREATE else seen.record)
    except RecordError as error:
        return Outcome.FAILED, error.message
    return None


async def in_time(
    job: Job, change: Change, seen: Look, request: Callable[[Look], Awaitable[T]]
) -> T | tuple[Outcome, str]:
    """Send a request while what it rests on is fresh; where it had to wait for longer, look again first.

    Returns:
        Its answer; or what the change comes to without one (``refusal``): nothing was sent then.

    Raises:
        PdsyncError: of the request, or of a look.
    """
    for _ in range(_LOOKS):
        try:
            return await request(seen)
        except Overdue:
            seen = await look(job, change)
            refused = refusal(job, change, seen)
            if refused is not None:
                return refused
    return await request(seen)


def _gone(change: Change) -> tuple[Outcome, str]:
    match change.kind:
        case ChangeKind.CREATE:
            return Outcome.STALE, f"the record in {change.side.other.label} is gone"
        case ChangeKind.DELETE:
            return Outcome.DONE, "it was gone already"
        case _:
            return Outcome.FAILED, "the record is gone"
