"""What an account reads from its state folder: the newest snapshots, those before, a run's journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from pdsync.errors import PdsyncError
from pdsync.model import Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.model import BoundMapping, JournalEntry
    from pdsync.settings import Settings
    from pdsync.snapshots.reader import Snapshot as Stored

__all__ = ["bound_to", "journal", "newest_pair", "reads", "tokens"]


def journal(settings: Settings, run_id: str) -> Iterator[JournalEntry]:
    """The entries of a run, read as they are asked for."""
    from pdsync.engine.workspace import Workspace

    ws = Workspace.open(settings)
    try:
        yield from ws.state.history.entries(run_id)
    finally:
        ws.close_state()


def newest_pair(ws: Workspace) -> dict[Side, Stored]:
    """The newest snapshot of each side."""
    from pdsync.engine.inputs import newest_snapshots

    return newest_snapshots(ws)


def bound_to(ws: Workspace, pair: Mapping[Side, Stored]) -> BoundMapping:
    """The account's mapping, resolved against the fields of these snapshots."""
    from pdsync.engine.inputs import bind_mapping

    schemas = {side: stored.schema for side, stored in pair.items()}
    return bind_mapping(ws, schemas, ws.state.ledger, to_audit=True)[0]


def reads(ws: Workspace, most: int) -> Iterator[tuple[datetime, dict[Side, Stored]]]:
    """The state of both sides after each of the last reads, oldest first."""
    from pdsync.snapshots.reader import list_snapshots

    newest_pair(ws)  # says what to do where a side was never read
    kept = sorted(list_snapshots(ws.folder.root), key=lambda stored: stored.taken_at)
    moments: dict[datetime, dict[Side, Stored]] = {}
    known: dict[Side, Stored] = {}
    for stored in kept:
        known = {**known, stored.side: stored}
        if len(known) == len(Side):
            moments[stored.taken_at] = known
    yield from list(moments.items())[-most:]


def tokens(ws: Workspace, plan_id: str) -> int | None:
    """What the plan of a run said it would cost of Pipedrive's daily budget."""
    from pdsync.engine.planfiles import find_plan

    with suppress(PdsyncError):
        return find_plan(ws, plan_id).header.totals.sides[Side.PIPEDRIVE].tokens
    return None
