"""Reads one or both sides into snapshots; the only thing that is ever written is the state folder.

A read is kept whole or not at all: it streams into a hidden folder that becomes a snapshot when the last page is there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pdsync.engine.apply import settle_interrupted
from pdsync.engine.field_lists import refresh_field_list
from pdsync.engine.inputs import bind_mapping
from pdsync.engine.waiting import in_thread
from pdsync.errors import InputFileError, MappingError, PdsyncError
from pdsync.model import (
    Account,
    BoundMapping,
    Coverage,
    Event,
    Finding,
    Note,
    Progress,
    RemoteSchema,
    RunKind,
    Side,
)

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot
    from pdsync.snapshots.writer import SnapshotWriter

__all__ = ["FULL_READ_EVERY", "pull"]

FULL_READ_EVERY: Final = timedelta(days=1)
"""Increments cannot see deletions, so a full read comes at least this often (design 6, Absence)."""

_OVERLAP: Final = timedelta(minutes=2)
"""An increment starts so much before the last read began: the service may have been committing a change just then."""

_KEPT: Final = 10
"""Snapshots of a side that a pull leaves, besides those behind runs that can be undone."""

_TOLD: Final = 20
"""Problems of a read that are told one by one."""

T = TypeVar("T")


def _ignore(event: Event) -> None:
    del event


@dataclass(frozen=True)
class _Source:
    """One side, about to be read."""

    client: Client
    account: Account
    schema: RemoteSchema
    service_time: datetime | None
    """The service's clock before the first page was asked for."""


async def pull(
    ws: Workspace,
    *,
    sides: Collection[Side] = tuple(Side),
    fields_only: bool = False,
    incremental: bool = False,
    settle: bool = False,
    on_event: Callable[[Event], None] = _ignore,
) -> dict[Side, Snapshot]:
    """Read sides into new snapshots, both at the same time.

    Args:
        ws: The workspace; accounts are compared with its state before anything is read.
        sides: Which ones.
        fields_only: Read no record; bring the field lists beside the mapping up to date.
        incremental: Read only what changed, where a complete full read younger than ``FULL_READ_EVERY`` is there to go on
            from. Deletions are not seen: ``Coverage.full_read_at`` says since when.
        settle: Look first for what a killed run left open, so that the ledger says what is true when both are read.
        on_event: Told of progress and of what could not be read.

    Returns:
        The new snapshots by side; empty with ``fields_only``.

    Raises:
        AccountMismatch: a token of another account; nothing was read.
        Unauthorised, Forbidden, Blocked, BudgetExhausted, Unreachable, ServiceFault, BadAnswer, Unsupported
        StorageFull, StateError, SettingsError, InputFileError: in all cases earlier snapshots are as they were.
    """
    if settle:
        await settle_interrupted(ws, on_event)
    began = datetime.now(UTC)
    chosen = [side for side in Side if side in sides]
    clients = [await ws.client(side) for side in chosen]
    accounts = await _together(client.account() for client in clients)
    for account in accounts:
        ws.state.check_account(account)
    schemas = await _together(client.schema() for client in clients)
    sources = {
        side: _Source(client, account, schema, client.server_time())
        for side, client, account, schema in zip(chosen, clients, accounts, schemas, strict=True)
    }
    if fields_only:
        for source in sources.values():
            refresh_field_list(ws, source.schema, on_event)
        return {}
    bound = _bound(ws, {side: source.schema for side, source in sources.items()}, on_event)
    reading = _Reading(ws, bound, began, on_event, incremental=incremental)
    try:
        read = await _together(reading.read(source) for source in sources.values())
    except asyncio.CancelledError:
        on_event(Note("Reading was stopped. Nothing of it was kept; earlier snapshots are as they were."))
        raise
    snapshots = {snapshot.side: snapshot for snapshot in read}
    _remember_existing(ws, snapshots)
    _prune(ws)
    return snapshots


class _Reading:
    """What the reads of one pull have in common."""

    def __init__(
        self,
        ws: Workspace,
        bound: BoundMapping | None,
        began: datetime,
        on_event: Callable[[Event], None],
        *,
        incremental: bool,
    ) -> None:
        self._ws = ws
        self._bound = bound
        self._began = began
        self._tell = on_event
        self._incremental = incremental

    async def read(self, source: _Source) -> Snapshot:
        """One side: every page into a snapshot, or what changed into a copy of the last one."""
        from pdsync.snapshots.files import remove_folder
        from pdsync.snapshots.increments import complete_increment

        base = self._base(source) if self._incremental else None
        with self._writer(source) as writer:
            await self._pages(source, writer, base)
            told = self._problems(source.client)
            finished: list[Snapshot] = []

            def finish() -> Snapshot:
                if base is not None and not told:
                    finished.append(complete_increment(writer, base))
                else:
                    finished.append(writer.finish(self._coverage(source, told)))
                return finished[0]

            try:
                return await in_thread(finish)
            except asyncio.CancelledError:
                for (
                    late
                ) in finished:  # it was ready when the thread heard of the stop: nobody asks for it any more
                    remove_folder(late.folder)
                raise

    async def _pages(self, source: _Source, writer: SnapshotWriter, base: Snapshot | None) -> None:
        client = source.client
        stage = f"read {client.side.noun}s"
        self._tell(Progress(stage, 0, 0, client.side))
        if base is None or base.service_time is None:
            pages = client.pages()
        else:
            pages = client.pages(
                since=base.service_time - _OVERLAP, known_highest_id=base.manifest.highest_id
            )
        async for page in pages:
            writer.add(page)
            self._tell(Progress(stage, writer.rows, 0, client.side))
        self._tell(Progress(stage, writer.rows, writer.rows, client.side))

    def _writer(self, source: _Source) -> SnapshotWriter:
        from pdsync.snapshots.writer import SnapshotWriter

        return SnapshotWriter(
            self._ws.folder.snapshots,
            source.account.side,
            source.schema,
            source.account,
            bound=self._bound,
            taken_at=self._began,
            service_time=source.service_time,
        )

    def _base(self, source: _Source) -> Snapshot | None:
        """The snapshot that an increment may go on from, if there is one."""
        from pdsync.snapshots.reader import latest

        if not source.schema.capabilities.incremental:
            return None
        try:
            last = latest(self._ws.folder.root, source.account.side)
        except InputFileError:
            return None
        if last is None or last.service_time is None or not last.coverage.complete:
            return None
        known = {(field.code, field.kind) for field in last.schema.fields}
        fits = last.account.id == source.account.id and all(
            (field.code, field.kind) in known for field in source.schema.fields
        )
        fresh = self._began - last.full_read_at < FULL_READ_EVERY
        return last if fits and fresh and not self._undone_since(last.full_read_at) else None

    def _undone_since(self, moment: datetime) -> bool:
        """Whether an undo ran since: it may have deleted records, which no increment would notice."""
        for run in self._ws.state.history.runs():
            if datetime.fromisoformat(run.started_at) < moment:
                return False
            if run.kind is RunKind.UNDO:
                return True
        return False

    def _coverage(self, source: _Source, told: int) -> Coverage:
        """Complete only after a full read by somebody who sees everything (design 6, Absence)."""
        side = source.account.side
        if told:
            return Coverage(
                complete=False, reason=f"{told:,} row{'' if told == 1 else 's'} could not be read"
            )
        if not source.schema.capabilities.read_all:
            return Coverage(complete=False, reason=f"this source does not list all {side.noun}s")
        if source.account.sees_everything or self._ws.settings.on(side).confirm_complete_read:
            return Coverage(complete=True)
        return Coverage(
            complete=False,
            reason=f"nobody confirmed that this token or export shows every {side.noun} "
            f"({side}.confirm_complete_read)",
        )

    def _problems(self, client: Client) -> int:
        """Tell what could not be read; how much that was."""
        problems = client.problems()
        for finding in problems[:_TOLD]:
            where = f"{finding.place}: " if finding.place is not None else ""
            self._tell(Note(f"{where}{finding.message}", finding))
        if len(problems) > _TOLD:
            self._tell(Note(f"... and {len(problems) - _TOLD:,} more that could not be read"))
        return len(problems)


def _bound(
    ws: Workspace, schemas: Mapping[Side, RemoteSchema], on_event: Callable[[Event], None]
) -> BoundMapping | None:
    """The mapping over these fields and, for a side not read now, those of its last snapshot.

    Digests rest on it. Where it is absent or does not fit, reading goes on without digests: what was read is still good
    for audits, and for correcting the mapping.
    """
    from pdsync.snapshots.reader import latest

    known = dict(schemas)
    try:
        for side in Side:
            if side not in known and (last := latest(ws.folder.root, side)) is not None:
                known[side] = last.schema
        if len(known) < len(Side):
            return None
        return bind_mapping(ws, known, ws.state.ledger)[0]
    except (MappingError, InputFileError) as error:
        on_event(Note(f"Read without the mapping, which does not fit yet: {_first_line(error)}"))
        return None


def _remember_existing(ws: Workspace, snapshots: Mapping[Side, Snapshot]) -> None:
    """Who is in the first complete snapshot of a side existed before pdsync did (design 6).

    From then on the state belongs to that account.
    """
    for side, snapshot in snapshots.items():
        if snapshot.coverage.complete and not ws.state.ledger.has_existing(side):
            with ws.state.writing("pull") as state, state.transaction() as transaction:
                transaction.ledger.bind_account(snapshot.account)
                transaction.ledger.record_existing(side, snapshot.ids(), snapshot=snapshot.id)


def _prune(ws: Workspace) -> None:
    """Remove old snapshots; those behind a plan that was carried out and not undone stay."""
    from pdsync.snapshots.pruning import prune
    from pdsync.snapshots.reader import snapshot_folders
    from pdsync.store import read_plan

    if max(len(snapshot_folders(ws.folder.root, side)) for side in Side) <= _KEPT:
        return
    protect: set[str] = set()
    for run in ws.state.history.runs():
        if run.kind is RunKind.APPLY and not run.undone_by:
            with suppress(PdsyncError):
                protect.update(read_plan(ws.folder.plans / f"{run.plan_id}.pdsync").header.snapshots.values())
    prune(ws.folder.root, keep=_KEPT, protect=protect)


async def _together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Everything at the same time; the first failure stops the others, waits for them, and is raised as it is."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _first_line(error: PdsyncError) -> str:
    """The gravest of what is wrong, in one line."""
    findings: tuple[Finding, ...] = getattr(error, "findings", ())
    if not findings:
        return error.message.splitlines()[0]
    worst = min(findings, key=lambda finding: finding.severity.rank)
    return f"{worst.place}  {worst.message}" if worst.place else worst.message
