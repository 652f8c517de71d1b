"""Settles what a killed run left open, before anything else is written.

Whoever holds the lock knows that every run without an end is dead. Its open intents are requests that may have been
carried out: each is looked up on the service, like a request whose answer was lost, and never sent again from here. So
a crash at any moment creates nobody twice, and the next plan starts from what is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from pdsync.engine.creating import search_for, settle_found, unknown
from pdsync.engine.job import Job, Result
from pdsync.engine.lost_creates import horizon
from pdsync.engine.option_lists import settle_list
from pdsync.engine.updating import settle_by_look
from pdsync.model import ChangeKind, Event, JournalEntry, Note, Outcome, RunState, Waiting
from pdsync.store.moments import as_moment

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["recover"]


async def recover(job: Job, on_event: Callable[[Event], None]) -> int:
    """Settle every open intent of runs that are over, and give those runs their end.

    Args:
        job: With the lock held; its own ``run_id`` is not used.
        on_event: Told of what was found.

    Returns:
        How many intents were settled.

    Raises:
        ServiceError: a service could not be asked; what is still open stays open.
    """
    settled = 0
    for entry in job.state.history.open_intents():
        result = await _settle(replace(job, run_id=entry.run_id), entry, on_event)
        settled += 1
        if result.finding is not None:
            on_event(Note(result.finding.message, result.finding))
    for run in job.state.history.unfinished():
        done = sum(run.outcomes.values())
        remaining = max(0, run.remaining - done)
        await job.committer.commit(partial(_over, run_id=run.id, remaining=remaining))
        on_event(
            Note(
                f"Run {run.id} was ended from outside after {done} changes; what it had begun is settled now."
            )
        )
    return settled


def _over(transaction: Transaction, run_id: str, remaining: int) -> None:
    message = "The process was ended from outside; what it had begun was settled afterwards."
    transaction.journal.end(run_id, RunState.FAILED, message=message, remaining=remaining)


async def _settle(job: Job, entry: JournalEntry, on_event: Callable[[Event], None]) -> Result:
    change = entry.change
    client = job.clients[change.side]
    intended_at = as_moment(entry.intended_at) or datetime.now(UTC)
    # A request that was under way when its sender died may be carried out later still. An intent from the future is
    # one of a clock that was wrong then: it says nothing about the time since.
    since = max(0.0, (datetime.now(UTC) - intended_at).total_seconds())
    rest = job.pace.patience - since
    if rest > 0:
        on_event(Waiting(change.side, rest, "a write of the run that was ended may still arrive"))
        await job.pace.sleep(rest)
    if change.kind.of_options:
        why = "the run was ended before it arrived; plan again"
        return await settle_list(job, change) or await job.outcome(change, Outcome.FAILED, why)
    if change.kind is not ChangeKind.CREATE:
        if not job.can_read(change.side):
            return await job.outcome(
                change, Outcome.FAILED, "the run was ended meanwhile; nobody can look whether it arrived"
            )
        record = (await client.read([change.record_id])).get(change.record_id)
        return await settle_by_look(job, change, record)
    search = search_for(job, change, horizon(intended_at, as_moment(entry.server_at), job.pace.margin))
    if search is None:
        return await unknown(
            job, change, "the run was ended before its answer came, and this side cannot be searched"
        )
    result = await settle_found(job, change, await search.look())
    if result is not None:
        return result
    return await job.outcome(
        change, Outcome.FAILED, "the run was ended before it arrived; the next plan tries again"
    )
