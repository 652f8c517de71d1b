"""Updates and deletes: one PATCH with the units that changed; an answer that was lost is settled by looking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pdsync.engine.job import Job, Result
from pdsync.engine.preconditions import kind_of
from pdsync.engine.settling import Stored, settle_delete, settle_update
from pdsync.engine.units import exact, values_to_send
from pdsync.errors import AnswerLost, PdsyncError
from pdsync.model import Change, ChangeKind, Outcome, Record
from pdsync.model.values import MISSING
from pdsync.planning.comparison import same

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["already_gone", "delete", "not_stored", "settle_by_look", "update"]


async def update(job: Job, change: Change, record: Record | None) -> Result:
    """Write the fields of a change; ``record`` as it was just read, None where it cannot be read."""
    if record is not None:
        change = exact(job.bound.schemas[change.side], change, record)
    values = values_to_send(change, record)
    await job.intend(change)
    try:
        answer = await job.clients[change.side].update(change.record_id, values)
    except AnswerLost as error:
        if not job.can_read(change.side):
            return await job.outcome(
                change, Outcome.FAILED, f"{error.message} Nobody can look whether it was."
            )
        await job.pace.sleep(job.pace.look_again[0])
        return await settle_by_look(job, change, await _read(job, change))
    except PdsyncError as error:
        return await job.refused(change, error)
    return await _updated(job, change, await job.stored(change, answer))


async def delete(job: Job, change: Change) -> Result:
    """Delete a record; only the undo of a create does so."""
    await job.intend(change)
    try:
        await job.clients[change.side].delete(change.record_id)
    except AnswerLost:
        await job.pace.sleep(job.pace.look_again[0])
        return await settle_by_look(job, change, await _read(job, change))
    except PdsyncError as error:
        return await job.refused(change, error)
    return await _deleted(job, change)


async def already_gone(job: Job, change: Change) -> Result:
    """The record to look at is not there any more.

    A delete has nothing left to do then, an update nothing to write, a create nothing to be made from.
    """
    if change.kind is ChangeKind.CREATE:
        return await job.end(change, Outcome.STALE, f"the record in {change.side.other.label} is gone")
    if change.kind is not ChangeKind.DELETE:
        return await job.end(change, Outcome.FAILED, "the record is gone")

    def step(transaction: Transaction) -> None:
        settle_delete(transaction, change, job.run_id)
        transaction.journal.not_sent(job.run_id, [(change, Outcome.DONE, "it was gone already")])

    await job.committer.commit(step)
    return Result(change, Outcome.DONE)


async def settle_by_look(job: Job, change: Change, record: Record | None) -> Result:
    """Decide from the record whether an update or a delete whose answer is not known has happened.

    One PATCH is carried out whole or not at all: if any value that it changed is there, it happened. What differs from
    it then was changed by somebody since, so it had been stored as it was sent.
    """
    if change.kind is ChangeKind.DELETE:
        return await (_deleted(job, change) if record is None else _not_arrived(job, change))
    if record is None:
        return await job.outcome(change, Outcome.FAILED, "the record is gone")
    held = {}
    happened = False
    for one in change.fields:
        kind, current = kind_of(job.bound, change.side, one.code), record.get(one.code)
        arrived = current is not MISSING and same(kind, current, one.after)
        held[one.code] = current if arrived and current is not MISSING else one.after
        happened |= arrived and not same(kind, one.before, one.after)
    if not happened:
        return await _not_arrived(job, change)
    return await _updated(job, change, Stored(change.record_id, held))


def not_stored(job: Job, change: Change, stored: Stored) -> str:
    """Which fields the service stored differently from what it was sent, in words; empty: none."""
    schema = job.bound.schemas[change.side]
    names = ", ".join(repr(schema.name_of(one.code)) for one in stored.differing(job.bound, change))
    return f"{change.side.label} stored another value than it was sent: {names}" if names else ""


async def _read(job: Job, change: Change) -> Record | None:
    return (await job.clients[change.side].read([change.record_id])).get(change.record_id)


async def _updated(job: Job, change: Change, stored: Stored) -> Result:
    message = not_stored(job, change, stored)
    outcome = Outcome.NOT_STORED if message else Outcome.DONE

    def step(transaction: Transaction) -> None:
        settle_update(transaction, job.bound, change, stored)
        transaction.journal.outcome(job.run_id, change.number, outcome, stored=stored.values, error=message)

    await job.committer.commit(step)
    return Result(change, outcome, message, len(change.fields), stored.values)


async def _deleted(job: Job, change: Change) -> Result:

    def step(transaction: Transaction) -> None:
        settle_delete(transaction, change, job.run_id)
        transaction.journal.outcome(job.run_id, change.number, Outcome.DONE)

    await job.committer.commit(step)
    return Result(change, Outcome.DONE)


async def _not_arrived(job: Job, change: Change) -> Result:
    result = await job.outcome(
        change, Outcome.FAILED, "its answer was lost, and it did not arrive; the next plan tries again"
    )
    return replace(result, service_trouble=True)
