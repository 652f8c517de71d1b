"""The ledger as planning sees it: everything that may be asked, nothing that may be changed.

Code that only plans is typed against this class. Its connection refuses writes as well (``query_only``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pdsync.model import Account, Link, LinkState, MergeBase, Side, UndoneMark, Value
from pdsync.store.codec import decode_value
from pdsync.store.sql import batched, select

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

    from pdsync.store.database import Database

__all__ = ["LINK_COLUMNS", "HeldCreate", "LedgerReader", "Pair", "RecordMemory", "by_pair"]

Pair = tuple[str, str]
"""(Pipedrive id, Plezi id) of a link."""

LINK_COLUMNS = (
    "pipedrive_id",
    "plezi_id",
    "address",
    "state",
    "digest_pipedrive",
    "digest_plezi",
    "version",
    "open",
    "made_at",
)
"""Of ``links_table``. ``made_at`` (RFC 3339, UTC): a snapshot taken earlier cannot prove that its records are gone."""

_ROWS = 20_000
_ASKED = 500
"""Ids in one query; SQLite takes 32,766 parameters, but short queries stay cached."""


@dataclass(frozen=True, slots=True)
class HeldCreate:
    """A record from which nothing is created on the other side (again)."""

    side: Side
    record_id: str
    why: str
    """``undone``: an undo deleted what was created; ``unknown``: nobody can tell whether a create happened;
    ``submitted``: a form was submitted, and what became of it was not said."""
    run_id: str
    """The run that left it so."""


@dataclass(frozen=True, slots=True)
class RecordMemory:
    """What the ledger remembers of one record, links aside."""

    existed_before: bool = False
    """It was there before the first run and was not adopted since."""
    create_held: str = ""
    """``undone`` or ``unknown``: why nothing is created from it (again); empty: nothing holds it."""
    enrolled: bool = False
    """pdsync has set its scope flag once."""


class LedgerReader:
    """Questions to the ledger. Each answer is consistent in itself; read ``revision`` first and apply checks it last."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revision(self) -> int:
        """Increases with every change that may alter a plan."""
        from pdsync.store.tables import meta

        return int(self._scalar(select(meta.c.value).where(meta.c.key == "revision")) or 0)

    def accounts(self) -> dict[Side, Account]:
        """The accounts that this state belongs to; a side that was never bound is absent."""
        from pdsync.store.tables import accounts

        rows = self._rows(select(*accounts.c))
        return {Side(row.side): Account(Side(row.side), row.account_id, row.name, row.domain) for row in rows}

    def count_links(self) -> int:
        """Links, broken ones included."""
        from pdsync.store.tables import links

        return int(self._scalar(select(_count()).select_from(links)) or 0)

    def is_new(self) -> bool:
        """Whether no link was ever made: the ledger knows nobody yet."""
        from pdsync.store.tables import links

        return self._scalar(select(links.c.id).limit(1)) is None

    def links_table(self) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Every link as a ``pyarrow.Table`` of ``LINK_COLUMNS`` (strings; ``open`` boolean; digests may be null).

        Streamed in blocks of 20,000 rows: the table itself is all that stays in memory.
        """
        import pyarrow as pa

        from pdsync.store.tables import links

        fields = [(name, pa.bool_() if name == "open" else pa.string()) for name in LINK_COLUMNS]
        schema = pa.schema(fields)
        blocks = []
        query = select(*(links.c[name] for name in LINK_COLUMNS)).order_by(links.c.id)
        with self._database.reading() as connection:
            result = connection.execution_options(yield_per=_ROWS).execute(query)
            for rows in result.partitions(_ROWS):
                columns = zip(*rows, strict=True)
                arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
                blocks.append(pa.record_batch(arrays, schema=schema))
        return pa.Table.from_batches(blocks, schema=schema)

    def links_of(self, pairs: Iterable[Pair]) -> dict[Pair, Link]:
        """The links among these pairs; a pair that is not linked is left out."""
        from pdsync.store.tables import links

        columns = (links.c.pipedrive_id, links.c.plezi_id, links.c.address, links.c.state)
        return {
            (row.pipedrive_id, row.plezi_id): Link(
                row.pipedrive_id, row.plezi_id, row.address, LinkState(row.state)
            )
            for row in self._by_pair(pairs, columns, None)
        }

    def links_by_id(self, side: Side, ids: Iterable[str]) -> dict[str, Link]:
        """Record id of ``side`` -> its link, for those that are linked."""
        from pdsync.store.tables import links

        found: dict[str, Link] = {}
        column = links.c[f"{side}_id"]
        query = select(links.c.pipedrive_id, links.c.plezi_id, links.c.address, links.c.state)
        with self._database.reading() as connection:
            for some in batched(ids, _ASKED):
                for row in connection.execute(query.where(column.in_(some))):
                    link = Link(row.pipedrive_id, row.plezi_id, row.address, LinkState(row.state))
                    found[link.id(side)] = link
        return found

    def broken_links(self) -> list[Pair]:
        """The pairs of which a plan found a record gone, and which are not whole again."""
        from pdsync.store.tables import links

        query = select(links.c.pipedrive_id, links.c.plezi_id).where(links.c.state == LinkState.BROKEN.value)
        return [(row.pipedrive_id, row.plezi_id) for row in self._rows(query.order_by(links.c.id))]

    def bases(self, pairs: Iterable[Pair]) -> dict[Pair, dict[str, MergeBase]]:
        """The merge bases of these pairs, by field mapping key; a pair without any is left out."""
        from pdsync.store.tables import bases

        found: dict[Pair, dict[str, MergeBase]] = {}
        for row in self._by_pair(pairs, (bases.c.pipedrive, bases.c.plezi), bases):
            base = MergeBase(decode_value(row.pipedrive), decode_value(row.plezi))
            found.setdefault((row.pipedrive_id, row.plezi_id), {})[row.key] = base
        return found

    def undone(self, pairs: Iterable[Pair]) -> dict[Pair, dict[str, UndoneMark]]:
        """What undos left on these pairs, by field mapping key."""
        from pdsync.store.tables import undone

        found: dict[Pair, dict[str, UndoneMark]] = {}
        for row in self._by_pair(pairs, (undone.c.pipedrive, undone.c.plezi), undone):
            mark = UndoneMark(decode_value(row.pipedrive), decode_value(row.plezi))
            found.setdefault((row.pipedrive_id, row.plezi_id), {})[row.key] = mark
        return found

    def not_stored(self, pairs: Iterable[Pair]) -> dict[Pair, dict[tuple[str, Side], tuple[Value, Value]]]:
        """What servers did not store as sent: (field mapping key, written side) -> (value sent, value stored)."""
        from pdsync.store.tables import not_stored

        found: dict[Pair, dict[tuple[str, Side], tuple[Value, Value]]] = {}
        columns = (not_stored.c.side, not_stored.c.sent, not_stored.c.stored)
        for row in self._by_pair(pairs, columns, not_stored):
            memory = (decode_value(row.sent), decode_value(row.stored))
            found.setdefault((row.pipedrive_id, row.plezi_id), {})[(row.key, Side(row.side))] = memory
        return found

    def has_existing(self, side: Side) -> bool:
        """Whether a first complete snapshot of ``side`` has told who existed before."""
        from pdsync.store.tables import meta

        return self._scalar(select(meta.c.value).where(meta.c.key == f"existing.{side}")) is not None

    def existing_ids(self, side: Side) -> set[str]:
        """Who was on ``side`` before the first run and was not adopted since (design 6)."""
        from pdsync.store.tables import existing

        query = select(existing.c.record_id).where(
            existing.c.side == side.value, existing.c.adopted.is_(False)
        )
        return {row[0] for row in self._rows(query)}

    def undone_creates(self, side: Side) -> set[str]:
        """Records of ``side`` from which nothing is created on the other side (again).

        Either an undo deleted what was created from them, or the answer of a create was lost and nobody can tell
        whether it happened (design 7).
        """
        from pdsync.store.tables import held_creates

        query = select(held_creates.c.record_id).where(held_creates.c.side == side.value)
        return {row[0] for row in self._rows(query)}

    def held_creates(self) -> list[HeldCreate]:
        """Every record from which nothing is created on the other side (again), by side and id."""
        from pdsync.store.tables import held_creates as held

        rows = self._rows(select(*held.c).order_by(held.c.side, held.c.record_id))
        return [HeldCreate(Side(row.side), row.record_id, row.why, row.run_id) for row in rows]

    def undone_fields(self) -> list[tuple[Pair, str]]:
        """Every (link, field mapping key) that an undo has marked, by link and key."""
        from pdsync.store.tables import links, mapped_fields, undone

        query = (
            select(links.c.pipedrive_id, links.c.plezi_id, mapped_fields.c.key)
            .join(undone, undone.c.link_id == links.c.id)
            .join(mapped_fields, undone.c.field_id == mapped_fields.c.id)
            .order_by(links.c.pipedrive_id, mapped_fields.c.key)
        )
        return [((row.pipedrive_id, row.plezi_id), row.key) for row in self._rows(query)]

    def remembered(self, side: Side, record_id: str) -> RecordMemory:
        """What is known of one record; cheap however many there are."""
        from pdsync.store.tables import enrolled, existing, held_creates

        before = select(existing.c.adopted).where(
            existing.c.side == side.value, existing.c.record_id == record_id
        )
        held = select(held_creates.c.why).where(
            held_creates.c.side == side.value, held_creates.c.record_id == record_id
        )
        flag = select(enrolled.c.pipedrive_id).where(enrolled.c.pipedrive_id == record_id)
        return RecordMemory(
            existed_before=self._scalar(before) is False,
            create_held=str(self._scalar(held) or ""),
            enrolled=side is Side.PIPEDRIVE and self._scalar(flag) is not None,
        )

    def linked_at(self, pair: Pair) -> str:
        """When this link was made (RFC 3339, UTC); empty if there is none."""
        from pdsync.store.tables import links

        query = select(links.c.made_at).where(links.c.pipedrive_id == pair[0], links.c.plezi_id == pair[1])
        return str(self._scalar(query) or "")

    def links_on(self, address: str) -> list[Link]:
        """The links that rest on this address key, at most nine of them. Looks at every link."""
        from pdsync.store.tables import links

        columns = (links.c.pipedrive_id, links.c.plezi_id, links.c.address, links.c.state)
        rows = self._rows(select(*columns).where(links.c.address == address).order_by(links.c.id).limit(9))
        return [Link(row.pipedrive_id, row.plezi_id, row.address, LinkState(row.state)) for row in rows]

    def enrolled(self) -> set[str]:
        """Persons whose scope flag pdsync has set once (R10)."""
        from pdsync.store.tables import enrolled

        return {row[0] for row in self._rows(select(enrolled.c.pipedrive_id))}

    def field_bindings(self) -> dict[tuple[Side, str], str]:
        """(side, name as written in the mapping) -> the code that it meant when it was first used (design 5)."""
        from pdsync.store.tables import bindings

        return {(Side(row.side), row.name): row.code for row in self._rows(select(*bindings.c))}

    def signatures(self) -> dict[str, str]:
        """Field mapping key -> the signature under which its merge bases were made (R22).

        Where it differs from ``BoundField.signature``, the bases of that field mapping mean nothing any more; apply
        drops them.
        """
        from pdsync.store.tables import mapped_fields

        query = select(mapped_fields.c.key, mapped_fields.c.signature).where(mapped_fields.c.signature != "")
        return {row.key: row.signature for row in self._rows(query)}

    # -- how the questions are put ------------------------------------------------------------------------------

    def _scalar(self, query: Select[Any]) -> Any:  # noqa: ANN401 - any column
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def _rows(self, query: Select[Any]) -> Iterator[Any]:
        with self._database.reading() as connection:
            yield from connection.execution_options(yield_per=_ROWS).execute(query)

    def _by_pair(
        self,
        pairs: Iterable[Pair],
        columns: Sequence[ColumnElement[Any]],
        table: Any,  # noqa: ANN401 - a table or None
    ) -> Iterator[Any]:
        """Rows of ``columns`` for these pairs, with the ids and, for tables per field mapping, the ``key``."""
        with self._database.reading() as connection:
            yield from by_pair(connection, pairs, columns, table)


def by_pair(
    connection: Connection,
    pairs: Iterable[Pair],
    columns: Sequence[ColumnElement[Any]],
    table: Any,  # noqa: ANN401
) -> Iterator[Any]:
    """Rows of ``columns`` for these pairs, on an open connection."""
    from pdsync.store.tables import links, mapped_fields

    query = select(links.c.pipedrive_id, links.c.plezi_id, *columns).select_from(links)
    if table is not None:
        query = (
            select(links.c.pipedrive_id, links.c.plezi_id, mapped_fields.c.key, *columns)
            .select_from(links)
            .join(table, table.c.link_id == links.c.id)
            .join(mapped_fields, mapped_fields.c.id == table.c.field_id)
        )
    for some in batched(pairs, _ASKED):
        wanted = set(some)
        for row in connection.execute(query.where(links.c.pipedrive_id.in_([p for p, _ in some]))):
            if (row.pipedrive_id, row.plezi_id) in wanted:
                yield row


def _count() -> Any:  # noqa: ANN401 - a function element
    import sqlalchemy as sa

    return sa.func.count()
