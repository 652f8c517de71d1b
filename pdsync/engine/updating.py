"""Updates and deletes: one PATCH with the units that changed; an answer that was lost is settled by looking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pdsync.engine.job import Job, Result
from pdsync.engine.looking import Look, in_time
from pdsync.engine.preconditions import kind_of
from pdsync.engine.settling import Stored, settle_delete, settle_update
from pdsync.engine.units import exact, values_to_send
from pdsync.errors import AnswerLost, PdsyncError
from pdsync.model import Change, ChangeKind, FieldChange, Outcome, Record, Value
from pdsync.model.values import MISSING
from pdsync.planning.comparison import same

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["already_gone", "delete", "not_stored", "settle_by_look", "update"]


async def update(job: Job, change: Change, seen: Look) -> Result:
    """Write the fields of a change, as long as the record is as it was seen."""

    async def patch(seen: Look) -> Record:
        values = values_to_send(_exact(job, change, seen), seen.record)
        return await job.clients[change.side].update(change.record_id, values, within=seen.good_for(job))

    change = _exact(job, change, seen)
    await job.intend(change)
    try:
        answer = await in_time(job, change, seen, patch)
    except AnswerLost as error:
        return await _lost(job, change, error)
    except PdsyncError as error:
        return await job.refused(change, error)
    if not isinstance(answer, Record):
        return await job.outcome(change, *answer)
    return await _updated(job, change, await job.stored(change, answer))


def _exact(job: Job, change: Change, seen: Look) -> Change:
    return change if seen.record is None else exact(job.bound.schemas[change.side], change, seen.record)


async def delete(job: Job, change: Change, seen: Look) -> Result:
    """Delete a record, as long as it is as it was seen; only the undo of a create does so."""

    async def leave(seen: Look) -> None:
        await job.clients[change.side].delete(change.record_id, within=seen.good_for(job))

    await job.intend(change)
    try:
        refused = await in_time(job, change, seen, leave)
    except AnswerLost as error:
        return await _lost(job, change, error)
    except PdsyncError as error:
        return await job.refused(change, error)
    if refused is not None and refused[0] is not Outcome.DONE:
        return await job.outcome(change, *refused)
    return await _deleted(job, change)


async def already_gone(job: Job, change: Change, why: str) -> Result:
    """The record to be deleted is not there any more: nothing is left to do."""

    def step(transaction: Transaction) -> None:
        settle_delete(transaction, change, job.run_id)
        transaction.journal.not_sent(job.run_id, [(change, Outcome.DONE, why)])

    await job.committer.commit(step)
    return Result(change, Outcome.DONE)


async def _lost(job: Job, change: Change, error: AnswerLost) -> Result:
    """Look several times, as for a create: what arrives late was written by us all the same, and an undo has to know."""
    if not job.can_read(change.side):
        return await job.outcome(change, Outcome.FAILED, f"{error.message} Nobody can look whether it was.")
    record = None
    for seconds in job.pace.look_again:
        await job.pace.sleep(seconds)
        record = (await job.clients[change.side].read([change.record_id])).get(change.record_id)
        if record is None or (change.kind is not ChangeKind.DELETE and _happened(job, change, record)):
            break
    return await settle_by_look(job, change, record)


def _happened(job: Job, change: Change, record: Record) -> bool:
    """Whether any value that the change was to alter is there."""
    return any(
        _arrived(job, change, one, record)
        and not same(kind_of(job.bound, change.side, one.code), one.before, one.after)
        for one in change.fields
    )


def _arrived(job: Job, change: Change, one: FieldChange, record: Record) -> bool:
    current = record.get(one.code)
    return current is not MISSING and same(kind_of(job.bound, change.side, one.code), current, one.after)


async def settle_by_look(job: Job, change: Change, record: Record | None) -> Result:
    """Decide from the record whether an update or a delete whose answer is not known has happened.

    One PATCH is carried out whole or not at all: if any value that it changed is there, it happened. What differs from
    it then was changed by somebody since, so it had been stored as it was sent.
    """
    if change.kind is ChangeKind.DELETE:
        return await (_deleted(job, change) if record is None else _not_arrived(job, change))
    if record is None:
        return await job.outcome(change, Outcome.FAILED, "the record is gone")
    if not _happened(job, change, record):
        return await _not_arrived(job, change)
    held: dict[str, Value] = {}
    for one in change.fields:
        current = record.get(one.code)
        held[one.code] = (
            one.after if current is MISSING or not _arrived(job, change, one, record) else current
        )
    return await _updated(job, change, Stored(change.record_id, held, record.updated_at))


def not_stored(job: Job, change: Change, stored: Stored) -> str:
    """Which fields the service stored differently from what it was sent, in words; empty: none."""
    schema = job.bound.schemas[change.side]
    names = ", ".join(repr(schema.name_of(one.code)) for one in stored.differing(job.bound, change))
    return f"{change.side.label} stored another value than it was sent: {names}" if names else ""


async def _updated(job: Job, change: Change, stored: Stored) -> Result:
    message = not_stored(job, change, stored)
    outcome = Outcome.NOT_STORED if message else Outcome.DONE

    def step(transaction: Transaction) -> None:
        settle_update(transaction, job.bound, change, stored)
        transaction.journal.outcome(job.run_id, change.number, outcome, stored=stored.kept, error=message)

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
