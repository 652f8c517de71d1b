"""Audits what a workspace holds: the newest snapshots of both sides, under its mapping and ledger."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from pdsync.engine.acknowledging import accepted_findings
from pdsync.engine.inputs import bind_mapping, check_accounts, newest_snapshots
from pdsync.errors import PdsyncError
from pdsync.model import AuditReport, BoundMapping, Event

if TYPE_CHECKING:
    from pdsync.engine.auditing import Audited
    from pdsync.engine.workspace import Workspace

__all__ = ["examine", "examined", "known_names"]


def examine(
    ws: Workspace, *, on_event: Callable[[Event], None], sample: int = 5, near_duplicates: bool = False
) -> AuditReport:
    """Run every audit over the newest snapshots, and keep report and findings in the state folder.

    ``sample``: findings per audit that the report carries for people; ``near_duplicates``: look for these as well, though
    the mapping may not name them. No request leaves; the ledger is only read.

    Raises:
        UsageError: a side was never read.
        MappingError: the mapping does not fit the fields that were read.
        AccountMismatch, InputFileError, StorageFull, StateError
    """
    return examined(ws, on_event=on_event, sample=sample, near_duplicates=near_duplicates).report


def examined(
    ws: Workspace,
    *,
    on_event: Callable[[Event], None],
    sample: int = 5,
    near_duplicates: bool = False,
    keep: bool = True,
) -> Audited:
    """``examine``, with every finding; ``keep``: whether it is kept in the state folder and compared with the one before."""
    from pdsync.engine.auditing import asked_for, audit

    snapshots = newest_snapshots(ws)
    ledger = ws.state.ledger
    check_accounts(ledger, snapshots)
    schemas = {side: snapshot.schema for side, snapshot in snapshots.items()}
    bound, _ = bind_mapping(ws, schemas, ledger, to_audit=True)
    return audit(
        snapshots,
        bound,
        ledger,
        on_event=on_event,
        store_in=ws.folder.audits if keep else None,
        sample=sample,
        accepted=accepted_findings(ws),
        asked=asked_for(bound, ws.folder.root, near_duplicates=near_duplicates),
    )


def known_names(ws: Workspace) -> BoundMapping | None:
    """How fields and options are called, for people who read a plan; None where the mapping or the snapshots are not here.

    A plan can be shown on another machine than it was made on: then by codes.
    """
    if not ws.folder.snapshots.is_dir():
        return None
    with suppress(PdsyncError):
        schemas = {side: snapshot.schema for side, snapshot in newest_snapshots(ws).items()}
        return bind_mapping(ws, schemas, None)[0]
    return None
