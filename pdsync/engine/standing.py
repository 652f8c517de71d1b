"""How things stand, from what is on this machine: what was read, audited, planned and run. No request leaves.

``identify`` asks the services who they are; it is apart, because it can fail or take long while the rest is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync.engine.planfiles import find_plan
from pdsync.engine.stored_audits import StoredAudit, stored_audits
from pdsync.errors import PdsyncError, UsageError
from pdsync.model import Account, Coverage, PlanHeader, RunState, RunSummary, Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["Budget", "SideStanding", "Standing", "budget_of", "identify", "look"]

_RUNS: Final = 5


@dataclass(frozen=True, slots=True)
class Budget:
    """What a service lets through today, in its own tokens."""

    left: int | None
    """None: not known before the first answer of the day."""
    limit: int


@dataclass(frozen=True, slots=True)
class SideStanding:
    """What was last read of one side."""

    side: Side
    account: Account | None = None
    """Of the snapshot, else the one that the state belongs to."""
    records: int = 0
    taken_at: datetime | None = None
    """None: it was never read."""
    coverage: Coverage | None = None
    budget: Budget | None = None
    problem: str = ""
    """Why the newest snapshot cannot be used."""


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it."""

    mapping: Path
    read_only: bool
    sides: Mapping[Side, SideStanding]
    audit: StoredAudit | None = None
    """The newest, with what changed since the one before."""
    audit_is_current: bool = False
    """Whether it is of the newest snapshots."""
    runs: tuple[RunSummary, ...] = ()
    """The last few, newest first."""
    plan: PlanHeader | None = None
    """The newest plan that no run has carried out."""
    fixes: Path | None = None
    """The fix file of this folder, if there is one."""
    problems: tuple[str, ...] = field(default=())
    """What could not be looked at."""

    @property
    def interrupted(self) -> RunSummary | None:
        """The last run, if it did not come to its end: stopped, failed, or killed with its process."""
        last = next(iter(self.runs), None)
        ended = (
            last is None
            or last.state is RunState.DONE
            or not (last.remaining or last.state is RunState.RUNNING)
        )
        return None if ended else last


def look(ws: Workspace) -> Standing:
    """Look at the state folder. Nothing is made where nothing was."""
    problems: list[str] = []
    if not ws.settings.mapping.is_file():
        problems.append(
            f"There is no mapping file {ws.settings.mapping}. Name yours with --mapping or PDSYNC_MAPPING."
        )
    known: Mapping[Side, Account] = {}
    runs: tuple[RunSummary, ...] = ()
    plan: PlanHeader | None = None
    if ws.folder.database.exists():
        try:
            known = ws.state.ledger.accounts()
            runs = tuple(ws.state.history.runs(_RUNS))
            plan = _waiting_plan(ws)
        except PdsyncError as error:
            problems.append(error.message)
    snapshots: dict[Side, str] = {}
    sides = {side: _side(ws, side, known.get(side), snapshots) for side in Side}
    fixes = ws.folder.fixes
    newest = next(stored_audits(ws.folder.audits), None)
    return Standing(
        mapping=ws.settings.mapping,
        read_only=ws.settings.read_only,
        sides=sides,
        audit=newest,
        audit_is_current=newest is not None and newest.report.snapshots == snapshots,
        runs=runs,
        plan=plan,
        fixes=fixes if fixes.is_file() else None,
        problems=tuple(problems),
    )


async def identify(ws: Workspace, side: Side) -> Account:
    """Ask a service whose account this is: one cheap call, which also tells what is left of the day's budget.

    Raises:
        SettingsError, ServiceError, InputFileError, AccountMismatch
    """
    account = await (await ws.client(side)).account()
    if ws.folder.database.exists():
        ws.state.check_account(account)
    return account


def _side(ws: Workspace, side: Side, known: Account | None, snapshots: dict[Side, str]) -> SideStanding:
    from pdsync.snapshots.manifest import read_manifest
    from pdsync.snapshots.reader import snapshot_folders

    budget = budget_of(ws, side)
    folder = next(iter(snapshot_folders(ws.folder.root, side)), None)
    if folder is None:
        return SideStanding(side, known, budget=budget)
    try:
        manifest = read_manifest(folder)
    except PdsyncError as error:
        return SideStanding(side, known, budget=budget, problem=error.message)
    snapshots[side] = manifest.id
    return SideStanding(
        side,
        manifest.account,
        manifest.rows,
        datetime.fromisoformat(manifest.taken_at),
        manifest.coverage,
        budget,
    )


def budget_of(ws: Workspace, side: Side) -> Budget | None:
    """What a service lets through today: known once a client was opened and its service has answered."""
    client = ws.opened.get(side)
    budget = getattr(client, "budget", None)
    limit = getattr(budget, "daily_limit", None)
    return Budget(getattr(budget, "daily_remaining", None), limit) if limit else None


def _waiting_plan(ws: Workspace) -> PlanHeader | None:
    try:
        header = find_plan(ws, "last").header
    except UsageError:
        return None
    return None if ws.state.history.of_plan(header.id) else header
