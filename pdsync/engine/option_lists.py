"""Options added to the list of a field, and taken off it again (R24): looked at before, settled by looking after.

A label tells an option: while it is in the list nothing is added under it, so an answer that was lost is settled by
reading the list, and nothing is ever sent a second time. What did not arrive is planned again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pdsync.engine.job import Job, Result
from pdsync.errors import AnswerLost, Forbidden, PdsyncError, RecordError
from pdsync.model import Change, ChangeKind, Finding, Kind, Option, Outcome, Severity
from pdsync.planning.comparison import same
from pdsync.planning.wording import listed, quoted

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["change_list", "settle_list"]


async def change_list(job: Job, change: Change) -> Result:
    """Add the options of a change to their list, or take them off.

    Raises:
        ServiceError: as ``sending.send``.
    """
    adds, client, code = change.kind is ChangeKind.ADD_OPTIONS, job.clients[change.side], change.subject.id
    try:
        held = "" if adds else await _held(job, change)
        now = await client.options(code)
    except (RecordError, Forbidden) as error:
        return await job.end(change, Outcome.FAILED, error.message)
    if now is None:
        return await job.end(change, Outcome.STALE, f"{_name(job, change)} is gone")
    there = {option.id for option in now} & {one.option for one in change.fields}
    if not adds and not there:
        return await job.end(change, Outcome.DONE, "it was gone already")
    problem = held or _outdated(change, now)
    if problem:
        return await job.end(change, Outcome.STALE, problem)
    await job.intend(change)
    try:
        if not adds:
            await client.remove_options(code, [one.option for one in change.fields if one.option in there])
            return await job.outcome(change, Outcome.DONE, "")
        answer = await client.add_options(code, _labels(change))
    except AnswerLost:
        return await _look_for(job, change)
    except PdsyncError as error:
        return await job.refused(change, error)
    others = [label for label in _labels(change) if not _bearing(answer, label)]
    said = (
        f"{change.side.label} stored another label than it was sent: {listed(map(quoted, others))}"
        if others
        else ""
    )
    return await _added(
        job, change, _told_apart(change, answer), Outcome.NOT_STORED if others else Outcome.DONE, said
    )


async def settle_list(job: Job, change: Change) -> Result | None:
    """What the list says of a change whose answer is not known; None: it did not arrive (so far)."""
    now = await job.clients[change.side].options(change.subject.id)
    if now is None:
        return await job.outcome(change, Outcome.FAILED, "the field is gone")
    if change.kind is ChangeKind.REMOVE_OPTIONS:
        there = {option.id for option in now} & {one.option for one in change.fields}
        return None if there else await job.outcome(change, Outcome.DONE, "")
    found = [_bearing(now, label) for label in _labels(change)]
    if not any(found):
        return None
    if all(len(options) == 1 for options in found):
        ids = {label: options[0].id for label, options in zip(_labels(change), found, strict=True)}
        return await _added(job, change, ids, Outcome.ADOPTED)
    why = "its answer was lost, and which of the options in the list are pdsync's cannot be told"
    finding = Finding(
        "lost-options",
        Severity.WARNING,
        f"options were added to {_name(job, change)}, or not: {why}",
        subjects=(change.subject,),
        fix="look at the list, and take off what is there twice",
    )
    return replace(await job.outcome(change, Outcome.FAILED, why), finding=finding)


async def _look_for(job: Job, change: Change) -> Result:
    """Wait and look, several times: a request may be carried out long after its connection broke."""
    for seconds in job.pace.look_again:
        await job.pace.sleep(seconds)
        try:
            result = await settle_list(job, change)
        except RecordError as error:
            why = f"its answer was lost, and looking for it failed: {error.message}"
            return await job.outcome(change, Outcome.FAILED, why)
        if result is not None:
            return result
    result = await job.outcome(
        change, Outcome.FAILED, "its answer was lost, and it did not arrive; plan again"
    )
    return replace(result, service_trouble=True)


def _outdated(change: Change, now: Sequence[Option]) -> str:
    """Why the list is not as the plan saw it, in words; empty: it is."""
    if change.kind is ChangeKind.ADD_OPTIONS:
        there = [label for label in _labels(change) if _bearing(now, label)]
        return f"the list has {listed(map(quoted, there))} by now" if there else ""
    labels = {option.id: option.label for option in now}
    renamed = [one.before for one in change.fields if labels.get(one.option, one.before) != one.before]
    return f"{listed(map(quoted, map(str, renamed)))} was renamed since the plan was made" if renamed else ""


async def _held(job: Job, change: Change) -> str:
    """Why what is to be taken off stays, because somebody holds it by now; empty: nobody does."""
    holders = await job.use.of(change.side)
    why = holders.why_held(change.side, change.subject.id, [one.option for one in change.fields])
    return f"it stays in the list: {why}" if why else ""


def _told_apart(change: Change, answer: Sequence[Option]) -> Mapping[str, str]:
    """Label as sent -> identity of the option that came of it: by its label, else by its place."""
    labels = _labels(change)
    by_label = {option.label: option.id for option in answer}
    rest = [option.id for option in answer if option.label not in labels]
    found: dict[str, str] = {}
    for label in labels:
        if label in by_label:
            found[label] = by_label[label]
        elif rest:
            found[label] = rest.pop(0)
    return found


async def _added(
    job: Job, change: Change, ids: Mapping[str, str], outcome: Outcome, message: str = ""
) -> Result:
    def step(transaction: Transaction) -> None:
        transaction.journal.outcome(job.run_id, change.number, outcome, stored=ids, error=message)

    await job.committer.commit(step)
    return Result(change, outcome, message, stored=ids)


def _bearing(options: Sequence[Option], label: str) -> list[Option]:
    return [option for option in options if same(Kind.TEXT, option.label, label)]


def _labels(change: Change) -> list[str]:
    return [str(one.after) for one in change.fields]


def _name(job: Job, change: Change) -> str:
    return f"{quoted(job.bound.schemas[change.side].name_of(change.subject.id))} in {change.side.label}"
