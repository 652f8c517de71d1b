"""What audits and plans start from: the newest snapshots of both sides, and the mapping bound to their fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from pdsync.errors import AccountMismatch, MappingError, UsageError
from pdsync.model import BoundMapping, Finding, RemoteSchema, Severity, Side
from pdsync.planning.binding import bind
from pdsync.planning.linting import lint, unknown_audits

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["bind_mapping", "check_accounts", "check_fresh", "newest_snapshots"]


def newest_snapshots(ws: Workspace) -> dict[Side, Snapshot]:
    """The newest snapshot of each side.

    Raises:
        UsageError: a side was never read.
        InputFileError: the newest one is damaged.
    """
    from pdsync.snapshots.reader import latest

    found: dict[Side, Snapshot] = {}
    for side in Side:
        snapshot = latest(ws.folder.root, side)
        if snapshot is None:
            raise UsageError(
                f"{side.label} was never read into {ws.folder.root}.",
                untouched="Nothing was planned or written.",
                next_step="Read both sides first: pdsync pull",
            )
        found[side] = snapshot
    return found


def check_accounts(ledger: LedgerReader, snapshots: Mapping[Side, Snapshot]) -> None:
    """Refuse snapshots of other accounts than the ledger belongs to (design 6, Accounts).

    Raises:
        AccountMismatch: they differ.
    """
    bound = ledger.accounts()
    for side, snapshot in snapshots.items():
        known = bound.get(side)
        if known is not None and known.id != snapshot.account.id:
            raise AccountMismatch(
                f"The newest snapshot of {side.label} is of account {snapshot.account.id}"
                f" ({snapshot.account.name}); this state belongs to {known.id} ({known.name}).",
                untouched="Nothing was planned or written.",
                next_step="Use one state folder per pair of accounts: --state DIR",
            )


def check_fresh(last_written: datetime | None, snapshots: Mapping[Side, Snapshot]) -> None:
    """Refuse to plan from what was read before the last run wrote.

    The ledger knows the values that the run left; an older snapshot still shows the values before. To the planner that
    would look as if somebody had changed them back.

    Raises:
        UsageError: a snapshot is older than the last run.
    """
    if last_written is None:
        return
    for side, snapshot in snapshots.items():
        if snapshot.taken_at <= last_written:
            raise UsageError(
                f"{side.label} was last read before the last run wrote.",
                untouched="Nothing was planned or written.",
                next_step="Read both sides again: pdsync pull",
            )


def bind_mapping(
    ws: Workspace,
    schemas: Mapping[Side, RemoteSchema],
    ledger: LedgerReader | None,
    *,
    owner_id: str = "",
    to_audit: bool = False,
) -> tuple[BoundMapping, tuple[Finding, ...]]:
    """The mapping resolved against these fields, and what is worth knowing about it.

    ``to_audit``: field mappings that can never work do not stand in the way, because audits report them themselves.

    Raises:
        MappingError: it does not fit; every problem at once.
    """
    names = ledger.field_bindings() if ledger is not None else {}
    bound, findings = bind(ws.mapping, schemas, bound_before=names, owner_id=owner_id)
    findings = (*findings, *lint(bound), *_unknown_audits(ws))
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCKING]
    if to_audit:
        from pdsync.audits.field_fit import is_audited

        blocking = [finding for finding in blocking if not is_audited(finding, bound)]
    if blocking:
        raise MappingError(
            f"{ws.settings.mapping} does not fit the fields that were read.",
            findings=findings,
            untouched="Nothing was planned or written.",
            next_step="Correct the mapping, or the fields; then: pdsync check",
        )
    return bound, findings


def _unknown_audits(ws: Workspace) -> tuple[Finding, ...]:
    """Thresholds of no audit: with a misspelt one the gate would let through what it was written to stop."""
    if not ws.mapping.audits:
        return ()
    from pdsync.audits.registry import audit_codes

    return unknown_audits(ws.mapping, audit_codes())
