"""Creates: sent once; where the answer was lost, looked for, adopted, and at most once sent again (design 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pdsync.engine.job import Job, Result
from pdsync.engine.looking import Look, in_time, look, refusal
from pdsync.engine.lost_creates import Found, Search, can_search, horizon
from pdsync.engine.settling import settle_create
from pdsync.engine.units import values_to_send
from pdsync.engine.updating import not_stored
from pdsync.errors import AnswerLost, PdsyncError, RecordError
from pdsync.model import Change, Finding, Outcome, Record, Severity, Side, Subject, Value

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["create", "search_for", "settle_found", "unknown"]


async def create(job: Job, change: Change, seen: Look) -> Result:
    """Create a record, and link it, as long as its source is as it was seen."""
    values = values_to_send(change, None)
    since = horizon(datetime.now(UTC), job.clients[change.side].server_time(), job.pace.margin)
    search = search_for(job, change, since)
    await job.intend(change)
    result = await _post(job, change, values, seen) or await _look_for(job, change, search)
    if result is not None:
        return result
    # The wait was longer than any look at its source is good for.
    seen = await look(job, change)
    refused = refusal(job, change, seen)
    if refused is not None:
        return await job.outcome(change, *refused)
    again = await _post(job, change, values, seen)
    if again is not None:
        return await _twice(again, search) if again.succeeded and search is not None else again
    return await _look_for(job, change, search) or await unknown(job, change, "its answer was lost twice")


def search_for(job: Job, change: Change, since: datetime) -> Search | None:
    """The search for this create among what was created since; None where its side cannot be searched."""
    if not can_search(job.bound, change.side):
        return None
    return Search(job.clients[change.side], job.bound, values_to_send(change, None), since, job.linked)


async def settle_found(job: Job, change: Change, found: Found) -> Result | None:
    """What a look for a lost create means: the one that matches is adopted; None: nothing was there."""
    if len(found.matching) == 1:
        return await _created(job, change, found.matching[0], Outcome.ADOPTED)
    candidates = (*found.matching, *found.doubtful)
    if not candidates:
        return None
    return await unknown(
        job, change, "its answer was lost, and it cannot be told from other records", candidates
    )


async def unknown(job: Job, change: Change, why: str, candidates: Iterable[Record] = ()) -> Result:
    """Nobody can tell whether a create happened: nothing more is sent, by no later plan either; a person decides."""
    source = Subject(change.side.other, change.side.other.noun, change.partner_id)
    finding = Finding(
        code="lost-create",
        severity=Severity.WARNING,
        message=f"a create in {change.side.label} may have happened: {why}",
        subjects=(*((source,) if change.partner_id else ()), *(record.subject for record in candidates)),
        fix=f"look for it in {change.side.label}; if it is there, the next sync links it by its address; if it is not: "
        + (f"pdsync release {source}" if change.partner_id else "plan again"),
    )

    def step(transaction: Transaction) -> None:
        if change.partner_id:
            transaction.ledger.hold_create(
                change.side.other, change.partner_id, why="unknown", run_id=job.run_id
            )
        transaction.journal.outcome(job.run_id, change.number, Outcome.FAILED, error=why)

    await job.committer.commit(step)
    return Result(change, Outcome.FAILED, why, finding=finding)


async def _post(job: Job, change: Change, values: Mapping[str, Value], seen: Look) -> Result | None:
    """Send it once; None: the answer was lost."""

    async def post(seen: Look) -> Record:
        return await job.clients[change.side].create(values, within=seen.good_for(job))

    try:
        answer = await in_time(job, change, seen, post)
    except AnswerLost:
        return None
    except PdsyncError as error:
        return await job.refused(change, error)
    if not isinstance(answer, Record):
        return await job.outcome(change, *answer)
    return await _created(job, change, answer, Outcome.DONE)


async def _created(job: Job, change: Change, record: Record, outcome: Outcome) -> Result:
    """Journal and link what was created, or adopt what was found."""
    if not record.id and job.bound.schemas[change.side].capabilities.create_side_effects:
        return await _submitted(job, change)
    if not record.id:
        return await unknown(job, change, "the service did not say what it created")
    if change.side is Side.PIPEDRIVE:
        change = replace(change, pipedrive_id=record.id)
    else:
        change = replace(change, plezi_id=record.id)
    stored = await job.stored(change, record)
    message = not_stored(job, change, stored)
    if message and outcome is Outcome.DONE:
        outcome = Outcome.NOT_STORED

    def step(transaction: Transaction) -> str:
        problem = settle_create(transaction, job.bound, change, stored)
        transaction.journal.outcome(
            job.run_id,
            change.number,
            Outcome.FAILED if problem else outcome,
            stored=stored.kept,
            record_id=record.id,
            error=problem or message,
        )
        return problem

    problem = await job.committer.commit(step)
    if problem:
        return Result(change, Outcome.FAILED, problem)
    return Result(change, outcome, message, len(change.fields), dict(record.values) | dict(stored.values))


async def _submitted(job: Job, change: Change) -> Result:
    """A form was submitted: the service said so, and not what became of it. Not submitted again by any later plan.

    The contact is linked by its address once a read shows it.
    """

    def step(transaction: Transaction) -> None:
        if change.partner_id:
            transaction.ledger.hold_create(
                change.side.other, change.partner_id, why="submitted", run_id=job.run_id
            )
        transaction.journal.outcome(job.run_id, change.number, Outcome.DONE)

    await job.committer.commit(step)
    return Result(change, Outcome.DONE, "", len(change.fields))


async def _look_for(job: Job, change: Change, search: Search | None) -> Result | None:
    """Wait and look, several times; None: it is not there, so it may be sent once more."""
    if search is None:
        return await unknown(job, change, "its answer was lost, and this side cannot be searched")
    for seconds in job.pace.look_again:
        await job.pace.sleep(seconds)
        try:
            found = await search.look()
        except RecordError as error:
            return await unknown(
                job, change, f"its answer was lost, and looking for it failed: {error.message}"
            )
        result = await settle_found(job, change, found)
        if result is not None:
            return result
    return None


async def _twice(result: Result, search: Search) -> Result:
    """After a second POST: is there another one, because the first arrived very late?"""
    try:
        found = await search.look()
    except PdsyncError:
        return result  # whoever is asked next will find out that the service is in trouble
    others = [record for record in found.matching if record.id != result.change.record_id]
    if not others:
        return result
    side = result.change.side
    finding = Finding(
        code="created-twice",
        severity=Severity.BLOCKING,
        message=f"a create arrived in {side.label} long after its connection broke, when it had been sent again",
        subjects=(Subject(side, side.noun, result.change.record_id), *(record.subject for record in others)),
        fix="merge the two; the first one named is the one that is linked",
    )
    return replace(result, finding=finding)
