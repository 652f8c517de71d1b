"""Carries out exactly a plan: checks first, then writes, with a journal that survives every kind of end.

What must hold before the first write is in ``admission`` and ``limits``; the order of writes in ``scheduling`` and
``lane``; one write in ``sending``; what a crash left in ``recovery``.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pdsync.engine.admission import (
    FIRST_RUN,
    UNGUARDED,
    Scan,
    check_accounts,
    check_mapping,
    check_revision,
    check_undo,
    confirm,
    hold,
    scan,
)
from pdsync.engine.committing import Committer
from pdsync.engine.inputs import bind_mapping
from pdsync.engine.job import Job, Result
from pdsync.engine.option_use import OptionUse
from pdsync.engine.pace import Pace
from pdsync.engine.pausing import Pause
from pdsync.engine.planfiles import keep_plan
from pdsync.engine.recovery import recover
from pdsync.engine.scheduling import Schedule
from pdsync.errors import BudgetExhausted, Interrupted, ServiceError, SettingsError, StateError
from pdsync.model import (
    Account,
    BoundMapping,
    Event,
    Note,
    Plan,
    Progress,
    RecordOutcome,
    RunKind,
    RunState,
    RunSummary,
    Side,
)

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.engine.workspace import Workspace
    from pdsync.store import State, StateWriter

__all__ = ["Confirmed", "Parts", "apply", "carry_out", "connect", "settle_interrupted"]


def _ignore(event: Event) -> None:
    del event


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What a person said aloud for this run."""

    allow: Mapping[str, float] = field(default_factory=dict)
    """Limits lifted to these numbers: ``creates``, ``clears``, ``changed_percent`` (``limits.parse_allow``)."""
    first_run: bool = False
    accept_unguarded: bool = False

    @property
    def flags(self) -> Collection[str]:
        given = {FIRST_RUN: self.first_run, UNGUARDED: self.accept_unguarded}
        return {flag for flag, said in given.items() if said}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run needs, once both services have answered."""

    state: State
    bound: BoundMapping
    clients: Mapping[Side, Client]
    pace: Pace = field(default_factory=Pace)
    pause: Pause = field(default_factory=Pause)
    confirmed: frozenset[Side] = frozenset()
    """Sides of which a person confirmed that a full read shows every record (``confirm_complete_read``)."""

    @property
    def accounts(self) -> dict[Side, Account]:
        """The accounts that answered."""
        return {side: self.bound.schemas[side].account for side in Side}

    def job(self, committer: Committer, run_id: str = "") -> Job:
        """These parts, with the lock held."""
        parts = (self.state, committer, self.bound, self.clients, self.pace, self.pause)
        return Job(run_id, *parts, self.use())

    def use(self) -> OptionUse:
        """Who holds which option, not read yet."""
        return OptionUse(self.clients, self.bound.schemas, self.confirmed)


async def apply(
    ws: Workspace,
    plan: Plan,
    *,
    allow: Mapping[str, float] | None = None,
    first_run: bool = False,
    accept_unguarded: bool = False,
    on_event: Callable[[Event], None] = _ignore,
    pace: Pace | None = None,
    pause: Pause | None = None,
) -> RunSummary:
    """Carry out a plan, or the plan of an undo.

    Cancelling (Ctrl-C) finishes and journals what is under way, then stops.

    Args:
        ws: The workspace.
        plan: As ``read_plan`` or ``prepare`` gave it.
        allow: Limits lifted for this run: ``{"creates": 1200}``.
        first_run: The person confirms ``--first-run``.
        accept_unguarded: The person confirms ``--accept-unguarded``.
        on_event: Told of progress, outcomes and notes.
        pace: Other times than usual, for tests.
        pause: Holds the run and lets it go on, from within its loop.

    Returns:
        The run. ``DONE``: every change was tried, some may be stale or failed (``outcomes``). ``STOPPED``: a budget is
        used up. ``FAILED``: a service stopped answering or refuses. ``message`` and ``remaining`` say what is left;
        planning again resumes it.

    Raises:
        Nothing was written: PlanOutdated, AccountMismatch, LimitExceeded, GateClosed, ConfirmationNeeded, MappingError,
            SettingsError, StateLocked, and ServiceError if a service did not answer at all.
        Interrupted: stopped by the person; what was acknowledged is in the journal.
        StorageFull, StateError: the journal could not be written; the next run settles what was under way.
    """
    confirmed = Confirmed(allow or {}, first_run=first_run, accept_unguarded=accept_unguarded)
    if ws.settings.read_only and plan.header.totals.writes:
        raise SettingsError(
            "This machine is set to read only (read_only, PDSYNC_READ_ONLY): nothing is written to either service.",
            untouched="Nothing was written; the plan is kept.",
        )
    with ws.state.writing(_kind(plan).value) as writer:
        if ws.state.history.is_settled():
            check_revision(ws.state, plan)
        keep_plan(ws, plan)
        parts = replace(await connect(ws, pace or Pace()), pause=pause or Pause())
        return await carry_out(parts, writer, plan, confirmed, on_event)


async def settle_interrupted(
    ws: Workspace, on_event: Callable[[Event], None] = _ignore, pace: Pace | None = None
) -> int:
    """Settle what a killed run left open, so that the next plan starts from what is true.

    Returns:
        How many requests were looked up; 0 without a single request where no run was killed.

    Raises:
        StateLocked: the run is not dead, but under way.
        ServiceError, AccountMismatch, MappingError, SettingsError
    """
    if ws.state.history.is_settled():
        return 0
    with ws.state.writing("recovery") as writer:
        parts = await connect(ws, pace or Pace())
        for account in parts.accounts.values():
            ws.state.check_account(account)
        async with Committer(writer) as committer:
            return await recover(parts.job(committer), on_event)


async def connect(ws: Workspace, pace: Pace) -> Parts:
    """Ask both services who they are and which fields they have, and bind the mapping to that."""
    clients = {side: await ws.client(side) for side in Side}
    schemas = {side: await client.schema() for side, client in clients.items()}
    bound, _ = bind_mapping(ws, schemas, ws.state.ledger)
    confirmed = frozenset(side for side in Side if ws.settings.on(side).confirm_complete_read)
    return Parts(ws.state, bound, clients, pace, confirmed=confirmed)


async def carry_out(
    parts: Parts,
    writer: StateWriter,
    plan: Plan,
    confirmed: Confirmed | None = None,
    on_event: Callable[[Event], None] = _ignore,
) -> RunSummary:
    """The run itself: see ``apply``. The lock is held, the services have answered."""
    confirmed = confirmed or Confirmed()
    check_accounts(parts.state, plan, parts.accounts)
    async with Committer(writer) as committer:
        if not parts.state.history.is_settled():
            await recover(parts.job(committer), on_event)
        check_revision(parts.state, plan)
        check_mapping(plan, parts.bound)
        found = scan(plan, parts.bound)
        check_undo(parts.state, plan)
        confirm(plan, found, given=confirmed.flags)
        hold(parts.state, plan, parts.bound, found, confirmed.allow)
        run = _begin(parts, writer, plan, found)
        return await _Run(parts.job(committer, run.id), plan, run.kind, found, on_event).finish()


def _begin(parts: Parts, writer: StateWriter, plan: Plan, found: Scan) -> RunSummary:
    """The first transaction of a run. From here on the plan cannot be applied again."""
    header, started = plan.header, datetime.now(UTC)
    run = RunSummary(
        id=_run_id(started),
        kind=_kind(plan),
        state=RunState.RUNNING,
        plan_id=header.id,
        mapping_name=header.mapping_name,
        started_at=started.isoformat(timespec="seconds").replace("+00:00", "Z"),
        undoes=header.undoes,
        remaining=found.changes,
    )
    with writer.transaction() as transaction:
        transaction.journal.begin(run)
        if found.changes:
            for account in parts.accounts.values():
                transaction.ledger.bind_account(account)
            transaction.ledger.bind_fields(parts.bound.names)
            transaction.ledger.sign_fields({f.key: f.signature for f in parts.bound.fields})
            transaction.ledger.touched = True
    return run


def _run_id(started: datetime) -> str:
    """``YYYYMMDD-HHMMSS-xxxx``, UTC: three hex digits of milliseconds, so that ids sort by time, and one of chance."""
    return f"{started:%Y%m%d-%H%M%S}-{started.microsecond // 1000:03x}{secrets.token_hex(1)[0]}"


def _kind(plan: Plan) -> RunKind:
    return RunKind.UNDO if plan.header.undoes else RunKind.APPLY


class _Run:
    """One run from its first change to its end."""

    def __init__(
        self, job: Job, plan: Plan, kind: RunKind, found: Scan, on_event: Callable[[Event], None]
    ) -> None:
        self._job = job
        self._plan = plan
        self._kind = kind
        self._total = found.changes
        self._finished = 0
        self._tell = on_event
        self._schedule = Schedule(job, self._on_result, self._on_settled)

    async def finish(self) -> RunSummary:
        self._progress(0)
        work = asyncio.create_task(self._schedule.run(self._plan.changes()))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            self._schedule.stop(Interrupted("The run was stopped."))
            await work
        reason = self._schedule.stopped_by
        over = sum(self._job.state.history.run(self._job.run_id).outcomes.values())
        remaining = self._total - over
        state, message = _ending(reason, over, remaining, self._kind)
        if isinstance(reason, StateError):
            with suppress(
                StateError
            ):  # whoever opens the state next finds a run without an end, and settles it
                await self._end(state, message, remaining)
            raise reason
        await self._end(state, message, remaining)
        if isinstance(reason, Interrupted):
            raise Interrupted(message, untouched=_kept(self._job.run_id), next_step="Plan again: pdsync plan")
        if reason is not None and not isinstance(reason, ServiceError):
            raise reason
        return self._job.state.history.run(self._job.run_id)

    async def _end(self, state: RunState, message: str, remaining: int) -> None:
        await self._job.committer.commit(
            lambda t: t.journal.end(self._job.run_id, state, message=message, remaining=remaining)
        )

    def _on_result(self, result: Result) -> None:
        self._tell(RecordOutcome(result.change, result.outcome, result.message, result.values))
        if result.finding is not None:
            self._tell(Note(result.finding.message, result.finding))
        self._progress(1)

    def _on_settled(self, count: int) -> None:
        if count:
            self._progress(count)

    def _progress(self, more: int) -> None:
        self._finished += more
        self._tell(Progress(self._kind.value, self._finished, self._total))


def _ending(reason: BaseException | None, over: int, remaining: int, kind: RunKind) -> tuple[RunState, str]:
    if reason is None:
        return RunState.DONE, ""
    again = "undoing the same run" if kind is RunKind.UNDO else "planning"
    all_of = f"{over:,} of {over + remaining:,}"
    left = f"{all_of} changes are over, {remaining:,} were not tried; {again} again resumes them."
    if isinstance(reason, Interrupted):
        return RunState.STOPPED, f"Stopped by the person: {left}"
    why = (
        reason.message
        if isinstance(reason, (ServiceError, StateError))
        else f"{type(reason).__name__}: {reason}"
    )
    state = RunState.STOPPED if isinstance(reason, BudgetExhausted) else RunState.FAILED
    return state, f"{why} {left}"


def _kept(run_id: str) -> str:
    return f"What was acknowledged is in the journal: pdsync history {run_id}"
