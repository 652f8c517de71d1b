"""``pdsync pull``: reads both sides into snapshots, or only their fields into field lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import SOURCES, Session, verb
from pdsync.model import Side

if TYPE_CHECKING:
    from pdsync.snapshots.reader import Snapshot

__all__ = ["pull"]


@verb("mapping", "state", *SOURCES)
@click.option(
    "--fields",
    is_flag=True,
    help="Only fields and options, into fields/*.yaml beside the mapping; no person.",
)
@click.option("--full", is_flag=True, help="Read everything, also where reading the changes would do.")
@click.option("--side", type=click.Choice([side.value for side in Side]), help="One side only [both].")
def pull(session: Session, *, fields: bool, full: bool, side: str | None) -> ExitCode:
    """Read both sides into snapshots.

    Nothing is written to either service. A snapshot holds people: it goes into the state folder, for you only. Field
    lists hold none: commit them, and pdsync check works without an account.
    """
    from pdsync.engine.pull import pull as read

    sides = [Side(side)] if side else list(Side)
    snapshots = session.work(
        lambda ws, on_event: read(
            ws, sides=sides, fields_only=fields, incremental=not full, settle=not fields, on_event=on_event
        )
    )
    lists = session.settings.mapping.parent / "fields"
    session.deliver(
        lambda _: [f"The fields are in {lists}."] if fields else _lines(snapshots),
        lambda: {
            "kind": "pull",
            "version": 1,
            "field_lists": [str(lists / f"{one}.yaml") for one in sides] if fields else [],
            "snapshots": {str(one): _data(snapshot) for one, snapshot in snapshots.items()},
        },
    )
    return ExitCode.OK


def _lines(snapshots: Mapping[Side, Snapshot]) -> Iterator[str]:
    from pdsync.report.inert import for_terminal

    for side, snapshot in snapshots.items():
        coverage = (
            "complete" if snapshot.coverage.complete else f"partial: {for_terminal(snapshot.coverage.reason)}"
        )
        yield f"{side.label:<10} {snapshot.rows:>9,} {side.noun}s   {coverage}   {snapshot.id}"


def _data(snapshot: Snapshot) -> dict[str, object]:
    return {
        "id": snapshot.id,
        "account": {"id": snapshot.account.id, "name": snapshot.account.name},
        "taken_at": snapshot.taken_at.isoformat(),
        "records": snapshot.rows,
        "complete": snapshot.coverage.complete,
        "reason": snapshot.coverage.reason,
        "path": str(snapshot.path("records")),
    }
