"""What a run writes about itself: its beginning and end, each intent before it is sent, each outcome after.

An intent without an outcome is a request that may have been carried out; the next run settles it before anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pdsync.model import Change, MergeBase, Outcome, Reason, RunState, RunSummary, Value, is_empty
from pdsync.model.values import MISSING
from pdsync.store.codec import encode, encode_bases, encode_value
from pdsync.store.moments import as_text, now

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

__all__ = ["JournalWriter", "clears"]


class JournalWriter:
    """What may be written to runs and journal, on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, run: RunSummary) -> None:
        """A run starts. An undo is noted at the run that it undoes."""
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        values = {
            "id": run.id,
            "kind": run.kind.value,
            "state": run.state.value,
            "plan_id": run.plan_id,
            "mapping_name": run.mapping_name,
            "started_at": run.started_at,
            "ended_at": "",
            "undoes": run.undoes,
            "undone_by": "",
            "message": "",
            "remaining": run.remaining,
            "settled": 0,
        }
        self._connection.execute(sa.insert(runs).values(**values))
        if run.undoes:
            self._connection.execute(sa.update(runs).where(runs.c.id == run.undoes).values(undone_by=run.id))

    def end(self, run_id: str, state: RunState, *, message: str = "", remaining: int = 0) -> None:
        """A run ends; ``remaining`` changes of its plan were not tried."""
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        values = {
            "state": state.value,
            "ended_at": as_text(now()),
            "message": message,
            "remaining": remaining,
        }
        self._connection.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))

    def settled(self, run_id: str, count: int) -> None:
        """So many merge bases were settled: counted, not listed, because nobody's data changed."""
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        more = {"settled": runs.c.settled + count}
        self._connection.execute(sa.update(runs).where(runs.c.id == run_id).values(**more))

    def intent(
        self,
        run_id: str,
        change: Change,
        *,
        server_at: datetime | None,
        address_before: str = "",
        bases_before: Mapping[str, MergeBase | None] | None = None,
    ) -> None:
        """This change is about to be sent."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        row = _row(
            run_id,
            change,
            Outcome.INTENT,
            server_at="" if server_at is None else as_text(server_at),
            address_before=address_before,
            bases_before=encode_bases(bases_before or {}),
        )
        self._connection.execute(sa.insert(journal), [row])

    def outcome(
        self,
        run_id: str,
        number: int,
        outcome: Outcome,
        *,
        stored: Mapping[str, Value] | None = None,
        record_id: str = "",
        error: str = "",
    ) -> None:
        """What came of an intent. ``stored``: field code -> value that the answer or a re-read showed."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        values = {
            "outcome": outcome.value,
            "at": as_text(now()),
            "error": error,
            "stored": encode_value(stored or {}),
        }
        if record_id:
            values["record_id"] = record_id
        where = (journal.c.run_id == run_id, journal.c.number == number)
        self._connection.execute(sa.update(journal).where(*where).values(**values))

    def not_sent(self, run_id: str, ends: Iterable[tuple[Change, Outcome, str]]) -> None:
        """Changes that ended without a request: stale, skipped, refused, or of the ledger only; each with its error."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        rows = [
            _row(run_id, replace(change, bases={}, digests=None), outcome, error=error)
            for change, outcome, error in ends
        ]
        if rows:
            self._connection.execute(sa.insert(journal), rows)


def _row(run_id: str, change: Change, outcome: Outcome, **more: str) -> dict[str, object]:
    at = as_text(now())
    return {
        "run_id": run_id,
        "number": change.number,
        "kind": change.kind.value,
        "side": change.side.value,
        "record_id": change.record_id,
        "outcome": outcome.value,
        "intended_at": at,
        "server_at": "",
        "at": at,
        "linked": _was_linked(change),
        "vals": len(change.fields),
        "clears": sum(1 for f in change.fields if clears(f.before, f.after)),
        "change": encode(change),
        "stored": "{}",
        "address_before": "",
        "bases_before": "{}",
        "error": "",
    } | more


def _was_linked(change: Change) -> bool:
    """Whether it is about a pair that the plan found: what follows a create is part of the create (design 7, limits)."""
    follows = bool(change.fields) and all(one.reason is Reason.FOLLOWS_CREATE for one in change.fields)
    return bool(change.pipedrive_id and change.plezi_id) and not follows


def clears(before: object, after: object) -> bool:
    """Whether a field change empties something."""
    return before is not MISSING and not is_empty(before) and is_empty(after)  # type: ignore[arg-type]
