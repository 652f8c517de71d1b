"""The few statements that every part of the store builds alike, in the words of SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select, Table

__all__ = ["FieldIds", "batched", "select", "upsert"]


def select(*columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of any type
    """``sqlalchemy.select``, imported only when something is asked."""
    import sqlalchemy as sa

    return sa.select(*columns)


def batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """``items`` in lists of at most ``size``."""
    source = iter(items)
    while some := list(islice(source, size)):
        yield some


class FieldIds:
    """The number of each field mapping's key; asked for once per writer, because keys hardly ever change."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, connection: Connection, keys: Iterable[str]) -> dict[str, int]:
        """The numbers of these keys, given where they have none."""
        import sqlalchemy as sa

        from pdsync.store.tables import mapped_fields

        wanted = set(keys)
        if not wanted <= self._known.keys():
            query = select(mapped_fields.c.key, mapped_fields.c.id)
            self._known = {row.key: row.id for row in connection.execute(query)}
            fresh = sorted(wanted - self._known.keys())
            if fresh:
                connection.execute(sa.insert(mapped_fields), [{"key": k, "signature": ""} for k in fresh])
                self._known = {row.key: row.id for row in connection.execute(query)}
        return {key: self._known[key] for key in wanted}

    def forget(self) -> None:
        """A transaction was taken back: what it numbered is not there."""
        self._known = {}


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], on: Sequence[str] = ()
) -> None:
    """Insert rows, or replace what has the same key (``on``; else the primary key)."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]

    key = list(on) or [column.name for column in table.primary_key]
    statement = insert(table)
    rest = {name: statement.excluded[name] for name in rows[0] if name not in key}
    if rest:
        statement = statement.on_conflict_do_update(index_elements=key, set_=rest)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    connection.execute(statement, list(rows))
