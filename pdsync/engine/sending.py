"""One change, carried out: still as planned? allowed? then sent by its kind."""

from __future__ import annotations

from dataclasses import replace

from pdsync.engine.creating import create
from pdsync.engine.job import Job, Result
from pdsync.engine.looking import Look, refusal
from pdsync.engine.option_lists import change_list
from pdsync.engine.updating import already_gone, delete, update
from pdsync.model import Change, ChangeKind, Outcome, is_empty
from pdsync.planning.transforms import Untranslatable, translate

__all__ = ["following", "send"]


async def send(job: Job, change: Change, seen: Look) -> Result:
    """Carry out one create, update or delete, or a change of a list.

    Args:
        job: The run.
        change: With every id and value that it depends on (``following``).
        seen: What ``guard_of`` names, as it was just read.

    Raises:
        ServiceError: the service refuses altogether, or cannot be reached. What may have happened is left as an open
            intent for the next run; what surely did not is journalled as skipped.
        StateError: the journal cannot be written.
    """
    refused = refusal(job, change, seen)
    if refused is not None:
        outcome, why = refused
        return await (
            already_gone(job, change, why) if outcome is Outcome.DONE else job.end(change, outcome, why)
        )
    match change.kind:
        case ChangeKind.ADD_OPTIONS | ChangeKind.REMOVE_OPTIONS:
            return await change_list(job, change)
        case ChangeKind.CREATE:
            return await create(job, change, seen)
        case ChangeKind.DELETE:
            return await delete(job, change, seen)
        case _:
            return await update(job, change, seen)


async def following(job: Job, change: Change, first: Result) -> Change | Result:
    """A change that depends on another, completed by what came of that: the new id, and values computed by it.

    ``first`` has succeeded. A result instead of a change: nothing is left to do.

    Raises:
        ServiceError: the record that was created cannot be read again.
    """
    created = first.change
    if created.kind is ChangeKind.CREATE:
        if not created.record_id:
            return await job.end(change, Outcome.SKIPPED, "the service did not say what it created")
        change = replace(change, pipedrive_id=created.pipedrive_id, plezi_id=created.plezi_id)
    elif first.outcome is Outcome.NOT_STORED:
        change = _as_stored(job, change, first)
        if not change.fields:
            return await job.end(
                change, Outcome.SKIPPED, "the value that it passes on was not stored as it was sent"
            )
    wanted = {one.deferred for one in change.fields if one.deferred}
    if not wanted:
        return change
    shown = {code: first.stored[code] for code in wanted if code in first.stored}
    if len(shown) < len(wanted):
        shown |= await job.read_fields(created.side, created.record_id, wanted - shown.keys())
    fields = []
    for one in change.fields:
        if not one.deferred:
            fields.append(one)
            continue
        mapped, source = job.bound.by_key.get(one.key), shown.get(one.deferred)
        value = None if mapped is None or is_empty(source) else translate(mapped, source, change.side)
        if value is not None and not isinstance(value, Untranslatable):
            fields.append(replace(one, after=value, source=source, deferred=""))
    if not fields:
        return await job.end(change, Outcome.SKIPPED, "the new record does not show a value yet")
    return replace(change, fields=tuple(fields))


def _as_stored(job: Job, change: Change, first: Result) -> Change:
    """A change that passes on what another wrote, with what the service made of that: it is what the next plan would see."""
    fields = []
    for one in change.fields:
        mapped = job.bound.by_key.get(one.key)
        code = "" if mapped is None else mapped.on(first.change.side).code
        fed = any(other.code == code and other.key in one.follows for other in first.change.fields)
        if mapped is None or not fed or code not in first.stored:
            fields.append(one)
            continue
        source = first.stored[code]
        value = translate(mapped, source, change.side)
        if not isinstance(value, Untranslatable) and (value is not None or mapped.on(change.side).clearable):
            fields.append(replace(one, after=value, source=source))
    return replace(change, fields=tuple(fields))
