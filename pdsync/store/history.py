"""Runs and their journal, to be read: history, undo, limits, and what a killed run left open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pdsync.errors import UsageError
from pdsync.model import Change, JournalEntry, Outcome, Outline, RunKind, RunState, RunSummary, Side
from pdsync.store.codec import decode, decode_bases, decode_value
from pdsync.store.moments import as_moment, as_text
from pdsync.store.sql import batched

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pdsync.store.database import Database

__all__ = ["WRITTEN", "History", "Recent"]

WRITTEN = (Outcome.DONE, Outcome.ADOPTED, Outcome.NOT_STORED)
"""Outcomes after which the service holds something new."""

_ROWS = 2_000

_SENT = ("create", "update", "delete", "add-options", "remove-options")
"""Kinds of changes for which a request leaves."""

_OF_LISTS = ("add-options", "remove-options")
"""Of these, ``vals`` counts options, which are no values of anybody."""


@dataclass(slots=True)
class Recent:
    """What earlier runs wrote on one side within some time."""

    creates: int = 0
    """Records and options."""
    clears: int = 0
    changed: set[str] = field(default_factory=set)
    """Ids of linked records that were updated."""


class History:
    """Questions to runs and journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(self, limit: int | None = None) -> list[RunSummary]:
        """Every run, or the last ``limit`` of them, newest first."""
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        query = sa.select(runs).order_by(runs.c.id.desc())
        with self._database.reading() as connection:
            rows = connection.execute(query.limit(limit) if limit is not None else query).all()
            return _summaries(connection, rows)

    def run(self, name: str) -> RunSummary:
        """The run with this id, or the only one whose id begins so; ``last`` is the newest.

        Raises:
            UsageError: there is none, or there are several.
        """
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        with self._database.reading() as connection:
            if name == "last":
                rows = connection.execute(sa.select(runs).order_by(runs.c.id.desc()).limit(1)).all()
            else:
                query = sa.select(runs).where(runs.c.id.startswith(name, autoescape=True))
                rows = connection.execute(query.order_by(runs.c.id).limit(9)).all()
                rows = [row for row in rows if row.id == name] or rows
            if len(rows) == 1 and name:
                return _summaries(connection, rows)[0]
        if name == "last":
            raise UsageError(
                "There is no run yet.",
                untouched="Nothing was written.",
                next_step="pdsync plan, and once you have seen it: pdsync apply last",
            )
        what = f"{len(rows)} runs begin with {name!r}" if rows and name else f"There is no run {name!r}"
        raise UsageError(
            f"{what}.", untouched="Nothing was written.", next_step="See them all: pdsync history"
        )

    def of_plan(self, plan_id: str) -> list[RunSummary]:
        """The runs that carried out this plan, oldest first."""
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        with self._database.reading() as connection:
            rows = connection.execute(
                sa.select(runs).where(runs.c.plan_id == plan_id).order_by(runs.c.id)
            ).all()
            return _summaries(connection, rows)

    def entries(self, run_id: str, *, written: bool = False) -> Iterator[JournalEntry]:
        """The journal of a run, in plan order, streamed; with ``written`` only what the services hold now."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        query = sa.select(journal).where(journal.c.run_id == run_id).order_by(journal.c.number)
        if written:
            query = query.where(journal.c.outcome.in_([outcome.value for outcome in WRITTEN]))
        with self._database.reading() as connection:
            result = connection.execution_options(yield_per=_ROWS).execute(query)
            for rows in result.partitions(_ROWS):
                yield from (_entry(row) for row in rows)

    def outlines(self, run_id: str) -> Iterator[tuple[int, Outcome, bool, Outline]]:
        """Of each entry its number, its outcome, whether it has an error, and its change by its outline; streamed."""
        import sqlalchemy as sa

        from pdsync.store.outlines import Outlines
        from pdsync.store.tables import journal

        columns = (journal.c.number, journal.c.outcome, journal.c.error != "", journal.c.change)
        query = sa.select(*columns).where(journal.c.run_id == run_id).order_by(journal.c.number)
        decode_outline = Outlines().decode
        with self._database.reading() as connection:
            result = connection.execution_options(yield_per=_ROWS).execute(query)
            for rows in result.partitions(_ROWS):
                for number, outcome, failed, change in rows:
                    yield number, Outcome(outcome), bool(failed), decode_outline(change.encode())

    def entry(self, run_id: str, number: int) -> JournalEntry | None:
        """One entry of a run."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        query = sa.select(journal).where(journal.c.run_id == run_id, journal.c.number == number)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return _entry(row) if row is not None else None

    def of_records(
        self, records: Iterable[tuple[Side, str]], limit: int
    ) -> tuple[list[tuple[RunKind, JournalEntry]], int]:
        """The newest ``limit`` entries that sent something to these records, newest first, and how many there are."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal, runs

        who = sa.or_(
            sa.false(),
            *(sa.and_(journal.c.record_id == one, journal.c.side == side.value) for side, one in records),
        )
        where = sa.and_(who, journal.c.kind.in_(_SENT))
        query = (
            sa.select(journal, runs.c.kind.label("run_kind"))
            .join(runs, runs.c.id == journal.c.run_id)
            .where(where)
            .order_by(journal.c.run_id.desc(), journal.c.number.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            count = connection.execute(sa.select(sa.func.count()).select_from(journal).where(where)).scalar()
        return [(RunKind(row.run_kind), _entry(row)) for row in rows], int(count or 0)

    def unfinished(self) -> list[RunSummary]:
        """Runs without an end. Whoever holds the lock knows that they are dead."""
        import sqlalchemy as sa

        from pdsync.store.tables import runs

        query = sa.select(runs).where(runs.c.state == RunState.RUNNING.value).order_by(runs.c.id)
        with self._database.reading() as connection:
            return _summaries(connection, connection.execute(query).all())

    def open_intents(self) -> list[JournalEntry]:
        """Changes that were about to be sent and whose outcome was never written down, oldest first."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        query = sa.select(journal).where(journal.c.outcome == Outcome.INTENT.value)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(journal.c.run_id, journal.c.number)).all()
        return [_entry(row) for row in rows]

    def is_settled(self) -> bool:
        """Whether every run has its end and every intent its outcome; else the next run looks up what is open first."""
        return not self.unfinished() and not self.open_intents()

    def recent(self, since: datetime) -> dict[Side, Recent]:
        """What was written per side from ``since`` on, undo aside: it only takes back (design 7, limits)."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal, runs

        found = {side: Recent() for side in Side}
        query = (
            sa.select(
                journal.c.side,
                journal.c.kind,
                journal.c.record_id,
                journal.c.clears,
                journal.c.linked,
                journal.c.vals,
            )
            .join(runs, runs.c.id == journal.c.run_id)
            .where(
                journal.c.at >= as_text(since),
                runs.c.kind == RunKind.APPLY.value,
                journal.c.outcome.in_([outcome.value for outcome in (*WRITTEN, Outcome.INTENT)]),
            )
        )
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=_ROWS).execute(query):
                one = found[Side(row.side)]
                one.clears += row.clears
                if row.kind == "create":
                    one.creates += 1
                elif row.kind == "add-options":
                    one.creates += row.vals
                elif row.kind == "update" and row.linked:
                    one.changed.add(row.record_id)
        return found

    def last_write_at(self) -> datetime | None:
        """When the last request of any run was settled; a snapshot taken earlier shows an older world."""
        import sqlalchemy as sa

        from pdsync.store.tables import journal

        query = sa.select(sa.func.max(journal.c.at)).where(journal.c.kind.in_(_SENT))
        with self._database.reading() as connection:
            return as_moment(connection.execute(query).scalar() or "")


def _summaries(connection: Connection, rows: Any) -> list[RunSummary]:  # noqa: ANN401 - rows of runs
    """Runs with what their journals count: outcomes, writes per side, values."""
    import sqlalchemy as sa

    from pdsync.store.tables import journal

    counts: dict[str, list[Any]] = {}
    columns = (journal.c.run_id, journal.c.outcome, journal.c.side, journal.c.kind)
    for some in batched((row.id for row in rows), 500):
        query = (
            sa.select(*columns, sa.func.count().label("n"), sa.func.sum(journal.c.vals).label("written"))
            .where(journal.c.run_id.in_(some))
            .group_by(*columns)
        )
        for one in connection.execute(query):
            counts.setdefault(one.run_id, []).append(one)
    return [_summary(row, counts.get(row.id, [])) for row in rows]


def _summary(row: Any, counts: list[Any]) -> RunSummary:  # noqa: ANN401 - a row of runs
    outcomes: dict[Outcome, int] = {}
    writes = dict.fromkeys(Side, 0)
    values = 0
    for one in counts:
        outcome = Outcome(one.outcome)
        outcomes[outcome] = outcomes.get(outcome, 0) + one.n
        if outcome in WRITTEN and one.kind in _SENT:
            writes[Side(one.side)] += one.n
            values += 0 if one.kind in _OF_LISTS else one.written
    if row.settled:
        outcomes[Outcome.DONE] = outcomes.get(Outcome.DONE, 0) + row.settled
    return RunSummary(
        id=row.id,
        kind=RunKind(row.kind),
        state=RunState(row.state),
        plan_id=row.plan_id,
        mapping_name=row.mapping_name,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcomes=outcomes,
        writes=writes,
        values=values,
        undoes=row.undoes,
        undone_by=row.undone_by,
        message=row.message,
        remaining=row.remaining,
    )


def _entry(row: Any) -> JournalEntry:  # noqa: ANN401 - a row of the journal
    stored = decode_value(row.stored)
    return JournalEntry(
        run_id=row.run_id,
        number=row.number,
        change=decode(Change, row.change),
        outcome=Outcome(row.outcome),
        at=row.at,
        stored=stored if isinstance(stored, dict) else {},
        error=row.error,
        record_id=row.record_id,
        intended_at=row.intended_at,
        server_at=row.server_at,
        address_before=row.address_before,
        bases_before=decode_bases(row.bases_before),
    )
