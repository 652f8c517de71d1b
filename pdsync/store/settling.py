"""Changes that concern the ledger only, carried out many at a time.

A first sync links and settles every pair there is: one statement for a thousand of them instead of one commit each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pdsync.model import Change, ChangeKind, LinkState
from pdsync.store.codec import encode_value
from pdsync.store.moments import as_text, now
from pdsync.store.sql import FieldIds, batched, select, upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["settle_block"]


def settle_block(
    connection: Connection, fields: FieldIds, changes: Sequence[Change], version: str
) -> dict[int, str]:
    """Link, settle or unlink up to about a thousand pairs, each once; digests hold under ``version``.

    Returns:
        Number of the change -> why it was refused; the rest is done.
    """
    import sqlalchemy as sa

    from pdsync.store.tables import links

    known = _links_touching(connection, changes)
    refused: dict[int, str] = {}
    fresh, kept = [], []
    for change in changes:
        pair = (change.pipedrive_id, change.plezi_id)
        row, problem = _fits(change, known)
        if problem:
            refused[change.number] = problem
            continue
        digests = change.digests or (None, None)
        values = {
            "pipedrive_id": pair[0],
            "plezi_id": pair[1],
            "address": change.address or (row.address if row is not None else ""),
            "state": _state_after(change, row),
            "digest_pipedrive": digests[0],
            "digest_plezi": digests[1],
            "version": version if change.digests else "",
            "open": change.digests is None,
        }
        if row is None:
            fresh.append(values | {"made_at": as_text(now())})
            known[pair[0], ""] = known["", pair[1]] = _Fresh(*pair)
        else:
            kept.append(values)
    if fresh:
        connection.execute(sa.insert(links), fresh)
    if kept:
        names: dict[str, Any] = {
            name: sa.bindparam(f"new_{name}") for name in kept[0] if not name.endswith("_id")
        }
        update = sa.update(links).where(links.c.pipedrive_id == sa.bindparam("the_id")).values(**names)
        connection.execute(
            update,
            [{"the_id": v["pipedrive_id"]} | {f"new_{name}": v[name] for name in names} for v in kept],
        )
    _settle_fields(connection, fields, [c for c in changes if c.number not in refused])
    return refused


def _settle_fields(connection: Connection, known: FieldIds, changes: Sequence[Change]) -> None:
    import sqlalchemy as sa

    from pdsync.store.tables import bases, links, undone

    ids: dict[str, int] = {}
    for some in batched((c.pipedrive_id for c in changes), 500):
        query = select(links.c.pipedrive_id, links.c.id).where(links.c.pipedrive_id.in_(some))
        ids |= {row.pipedrive_id: row.id for row in connection.execute(query)}
    fields = known.of(connection, {key for c in changes for key in (*c.bases, *c.unmark)})
    rows, dropped, unmarked = [], [], []
    for change in changes:
        link_id = ids[change.pipedrive_id]
        for key, base in change.bases.items():
            where = {"link_id": link_id, "field_id": fields[key]}
            if base is None:
                dropped.append({"a_link": link_id, "a_field": fields[key]})
            else:
                halves = {"pipedrive": encode_value(base.pipedrive), "plezi": encode_value(base.plezi)}
                rows.append(where | halves)
        unmarked += [{"a_link": link_id, "a_field": fields[key]} for key in change.unmark]
    upsert(connection, bases, rows)
    for table, gone in ((bases, dropped), (undone, unmarked)):
        if gone:
            where_both = (
                table.c.link_id == sa.bindparam("a_link"),
                table.c.field_id == sa.bindparam("a_field"),
            )
            connection.execute(sa.delete(table).where(*where_both), gone)


def _links_touching(connection: Connection, changes: Sequence[Change]) -> dict[tuple[str, str], Any]:
    """(person, "") and ("", contact) -> the row of its link."""
    from pdsync.store.tables import links

    known: dict[tuple[str, str], Any] = {}
    for column, ids in (
        (links.c.pipedrive_id, [c.pipedrive_id for c in changes]),
        (links.c.plezi_id, [c.plezi_id for c in changes]),
    ):
        for some in batched(ids, 500):
            for row in connection.execute(select(links).where(column.in_(some))):
                known[row.pipedrive_id, ""] = known["", row.plezi_id] = row
    return known


class _Fresh:
    """A link made earlier in the same block."""

    def __init__(self, pipedrive_id: str, plezi_id: str) -> None:
        self.pipedrive_id, self.plezi_id, self.address, self.state = (
            pipedrive_id,
            plezi_id,
            "",
            LinkState.OK.value,
        )


def _state_after(change: Change, row: Any) -> str:  # noqa: ANN401 - a row of links, or None
    if change.kind is ChangeKind.UNLINK:
        return LinkState.BROKEN.value
    return LinkState.OK.value if change.kind is ChangeKind.LINK or row is None else str(row.state)


def _fits(change: Change, known: Mapping[tuple[str, str], Any]) -> tuple[Any, str]:
    """The link that a ledger-only change speaks of (None: to be made), and why it cannot be carried out, if so."""
    here, there = known.get((change.pipedrive_id, "")), known.get(("", change.plezi_id))
    pair = (change.pipedrive_id, change.plezi_id)
    if any(row is not None and (row.pipedrive_id, row.plezi_id) != pair for row in (here, there)):
        return None, "one of the two records is linked to another by now"
    if here is None and change.kind is not ChangeKind.LINK:
        return None, "the two records are no longer linked"
    return here, ""
