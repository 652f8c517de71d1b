"""Changes to the ledger, inside one transaction each: all of it reaches the disk, or none.

``Transaction`` is what a run works with: it settles the outcome of a request and what follows from it for links and
bases together, so that no crash can tear them apart. Every change that may alter a plan raises the revision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pdsync.errors import AccountMismatch
from pdsync.model import Account, Change, LinkState, MergeBase, Side, UndoneMark, Value
from pdsync.store.codec import decode_value, encode_value
from pdsync.store.moments import as_text, now
from pdsync.store.reader import Pair
from pdsync.store.settling import settle_block
from pdsync.store.sql import FieldIds, batched, select, upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

__all__ = ["LedgerWriter", "account_mismatch"]

_BLOCK = 1_000


class LedgerWriter:
    """What may be changed, on an open transaction."""

    def __init__(self, connection: Connection, fields: FieldIds) -> None:
        self._connection = connection
        self._fields = fields
        self.touched = False
        """Whether anything was changed that may alter a plan."""

    # -- accounts, fields, who existed ----------------------------------------------------------------------------

    def bind_account(self, account: Account) -> None:
        """Bind the state to this account; afterwards it belongs to no other.

        Raises:
            AccountMismatch: it is bound to another one.
        """
        from pdsync.store.tables import accounts

        row = self._connection.execute(
            select(accounts).where(accounts.c.side == account.side.value)
        ).one_or_none()
        if row is not None and row.account_id != account.id:
            raise account_mismatch(Account(account.side, row.account_id, row.name, row.domain), account)
        upsert(
            self._connection,
            accounts,
            [
                {
                    "side": account.side.value,
                    "account_id": account.id,
                    "name": account.name,
                    "domain": account.domain,
                }
            ],
        )
        self.touched |= row is None

    def bind_fields(self, names: Mapping[tuple[Side, str], str]) -> None:
        """Remember which code each written name means; a name that is bound already stays as it is (design 5)."""
        from pdsync.store.tables import bindings

        rows = [{"side": side.value, "name": name, "code": code} for (side, name), code in names.items()]
        known = {(row.side, row.name) for row in self._connection.execute(select(bindings))}
        fresh = [row for row in rows if (row["side"], row["name"]) not in known]
        upsert(self._connection, bindings, fresh)
        self.touched |= bool(fresh)

    def sign_fields(self, signatures: Mapping[str, str]) -> None:
        """Keep each field mapping's signature; where it differs from the one before, drop that field mapping's bases.

        Undone marks and memories of what was not stored rest on the same fields and options, and go with them (R22). No
        pair counts as settled any more: one that a narrowed plan left out would have no base and yet, under the mapping
        as it was before, no second look.
        """
        import sqlalchemy as sa

        from pdsync.store.tables import bases, links, mapped_fields, not_stored, undone

        known = {row.key: row for row in self._connection.execute(select(mapped_fields))}
        changed = {k: s for k, s in signatures.items() if k not in known or known[k].signature != s}
        dropped = [known[key].id for key in changed if key in known and known[key].signature]
        if dropped:
            for table in (bases, undone, not_stored):
                self._connection.execute(sa.delete(table).where(table.c.field_id.in_(dropped)))
            self._connection.execute(sa.update(links).values(version=""))
        upsert(
            self._connection,
            mapped_fields,
            [{"key": k, "signature": s} for k, s in changed.items()],
            on=("key",),
        )
        self.touched |= bool(changed)

    def record_existing(self, side: Side, ids: Iterable[str], *, snapshot: str = "") -> bool:
        """Keep who was on ``side`` before the first run; only the first call counts, and answers True (design 6)."""
        import sqlalchemy as sa

        from pdsync.store.tables import existing, meta

        key = f"existing.{side}"
        if self._connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar() is not None:
            return False
        for some in batched(ids, _BLOCK):
            rows = [{"side": side.value, "record_id": i, "adopted": False} for i in some]
            self._connection.execute(sa.insert(existing), rows)
        upsert(self._connection, meta, [{"key": key, "value": snapshot}])
        self.touched = True
        return True

    def adopt(self, side: Side, ids: Iterable[str]) -> None:
        """These records no longer count as having been there before: they may be created on the other side."""
        import sqlalchemy as sa

        from pdsync.store.tables import existing

        for some in batched(ids, _BLOCK):
            where = (
                existing.c.side == side.value,
                existing.c.record_id.in_(some),
                existing.c.adopted.is_(False),
            )
            done = self._connection.execute(sa.update(existing).where(*where).values(adopted=True))
            self.touched |= done.rowcount > 0

    def enrol(self, pipedrive_id: str) -> None:
        """Remember that pdsync has set this person's scope flag, so that it never does so twice (R10)."""
        from pdsync.store.tables import enrolled

        upsert(self._connection, enrolled, [{"pipedrive_id": pipedrive_id}])
        self.touched = True

    def hold_create(self, side: Side, record_id: str, *, why: str, run_id: str) -> None:
        """Nothing is created from this record of ``side`` (again). ``why``: ``undone`` or ``unknown``."""
        from pdsync.store.tables import held_creates

        upsert(
            self._connection,
            held_creates,
            [{"side": side.value, "record_id": record_id, "why": why, "run_id": run_id}],
        )
        self.touched = True

    def release_create(self, side: Side, record_id: str) -> None:
        """Take back ``hold_create``: the pair is linked after all."""
        import sqlalchemy as sa

        from pdsync.store.tables import held_creates as held

        where = (held.c.side == side.value, held.c.record_id == record_id)
        self.touched |= self._connection.execute(sa.delete(held).where(*where)).rowcount > 0

    # -- one pair -------------------------------------------------------------------------------------------------

    def known(self, pair: Pair) -> tuple[str, dict[str, MergeBase]]:
        """The address that a pair's link rests on, and its merge bases; empty for a pair that is not linked."""
        from pdsync.store.tables import bases, links, mapped_fields

        found: dict[str, MergeBase] = {}
        address = ""
        if not all(pair):
            return address, found
        where = (links.c.pipedrive_id == pair[0], links.c.plezi_id == pair[1])
        query = (
            select(links.c.address, mapped_fields.c.key, bases.c.pipedrive, bases.c.plezi)
            .select_from(links)
            .outerjoin(bases, bases.c.link_id == links.c.id)
            .outerjoin(mapped_fields, mapped_fields.c.id == bases.c.field_id)
        )
        for row in self._connection.execute(query.where(*where)):
            address = row.address
            if row.key is not None:
                found[row.key] = MergeBase(decode_value(row.pipedrive), decode_value(row.plezi))
        return address, found

    def set_link(self, pair: Pair, *, address: str = "", state: LinkState | None = None) -> None:
        """Make the link, or change what it rests on; empty or None: as it is. Its digests no longer hold.

        Raises:
            ValueError: one of the records is linked to another.
        """
        import sqlalchemy as sa

        from pdsync.store.tables import links

        either = (links.c.pipedrive_id == pair[0]) | (links.c.plezi_id == pair[1])
        rows = self._connection.execute(select(links).where(either)).all()
        if any((row.pipedrive_id, row.plezi_id) != pair for row in rows):
            raise ValueError("one of the two records is linked to another")
        values: dict[str, Any] = {"digest_pipedrive": None, "digest_plezi": None, "version": "", "open": True}
        if address:
            values["address"] = address
        if state is not None:
            values["state"] = state.value
        if rows:
            self._connection.execute(sa.update(links).where(links.c.id == rows[0].id).values(**values))
        else:
            new = {
                "pipedrive_id": pair[0],
                "plezi_id": pair[1],
                "address": address,
                "made_at": as_text(now()),
            }
            state = state or LinkState.OK
            self._connection.execute(sa.insert(links).values(**(values | new | {"state": state.value})))
        self.touched = True

    def touch_link(self, pair: Pair, *, address: str = "") -> None:
        """One of the pair's records was written: its digests no longer hold; with ``address``, what it rests on now.

        A pair that is not linked stays so.
        """
        import sqlalchemy as sa

        from pdsync.store.tables import links

        values: dict[str, Any] = {"digest_pipedrive": None, "digest_plezi": None, "version": "", "open": True}
        if address:
            values["address"] = address
        where = (links.c.pipedrive_id == pair[0], links.c.plezi_id == pair[1])
        self.touched |= self._connection.execute(sa.update(links).where(*where).values(**values)).rowcount > 0

    def remove_link(self, pair: Pair) -> None:
        """Forget the link with its bases, marks and memories."""
        import sqlalchemy as sa

        from pdsync.store.tables import links

        where = (links.c.pipedrive_id == pair[0], links.c.plezi_id == pair[1])
        self.touched |= self._connection.execute(sa.delete(links).where(*where)).rowcount > 0

    def set_bases(self, pair: Pair, bases: Mapping[str, MergeBase | None]) -> None:
        """Set these merge bases, or drop them (None). A pair that is not linked has none: nothing happens."""
        from pdsync.store.tables import bases as table

        self._set_halves(table, pair, bases)

    def set_undone(self, pair: Pair, marks: Mapping[str, UndoneMark | None]) -> None:
        """Mark what an undo left on both sides, or lift marks (None)."""
        from pdsync.store.tables import undone

        self._set_halves(undone, pair, marks)

    def set_not_stored(
        self, pair: Pair, side: Side, memory: Mapping[str, tuple[Value, Value] | None]
    ) -> None:
        """Remember what ``side`` did not store as sent, by field mapping key: (sent, stored); None forgets."""
        import sqlalchemy as sa

        from pdsync.store.tables import not_stored

        link_id = self._link_id(pair)
        if link_id is None or not memory:
            return
        fields = self._fields.of(self._connection, memory)
        gone = [fields[key] for key, value in memory.items() if value is None]
        where = (
            not_stored.c.link_id == link_id,
            not_stored.c.side == side.value,
            not_stored.c.field_id.in_(gone),
        )
        self._connection.execute(sa.delete(not_stored).where(*where))
        rows = [
            {
                "link_id": link_id,
                "field_id": fields[key],
                "side": side.value,
                "sent": encode_value(value[0]),
                "stored": encode_value(value[1]),
            }
            for key, value in memory.items()
            if value is not None
        ]
        upsert(self._connection, not_stored, rows)
        self.touched = True

    # -- many pairs -----------------------------------------------------------------------------------------------

    def settle(self, changes: Sequence[Change], version: str) -> dict[int, str]:
        """Carry out changes that concern the ledger only, together (link, settle, unlink).

        Args:
            changes: At most a few thousand; each pair once.
            version: ``BoundMapping.version``, under which their digests hold.

        Returns:
            Number of the change -> why it was refused; the rest is done.
        """
        refused: dict[int, str] = {}
        for some in batched(changes, _BLOCK):
            refused |= settle_block(self._connection, self._fields, some, version)
        self.touched |= len(refused) < len(changes)
        return refused

    # -- how it is done -------------------------------------------------------------------------------------------

    def _set_halves(
        self, table: Table, pair: Pair, values: Mapping[str, MergeBase | UndoneMark | None]
    ) -> None:
        import sqlalchemy as sa

        link_id = self._link_id(pair)
        if link_id is None or not values:
            return
        fields = self._fields.of(self._connection, values)
        gone = [fields[key] for key, value in values.items() if value is None]
        if gone:
            self._connection.execute(
                sa.delete(table).where(table.c.link_id == link_id, table.c.field_id.in_(gone))
            )
        rows = [
            {
                "link_id": link_id,
                "field_id": fields[key],
                "pipedrive": encode_value(value.pipedrive),
                "plezi": encode_value(value.plezi),
            }
            for key, value in values.items()
            if value is not None
        ]
        upsert(self._connection, table, rows)
        self.touched = True

    def _link_id(self, pair: Pair) -> int | None:
        from pdsync.store.tables import links

        where = (links.c.pipedrive_id == pair[0], links.c.plezi_id == pair[1])
        found: int | None = self._connection.execute(select(links.c.id).where(*where)).scalar()
        return found


def account_mismatch(bound: Account, found: Account) -> AccountMismatch:
    """The one message for a state that belongs to another account."""

    def named(account: Account) -> str:
        words = account.name or account.domain
        return f"{words} ({account.id})" if words else account.id

    return AccountMismatch(
        f"This state belongs to {bound.side.label} account {named(bound)}, but the account that answers is {named(found)}.",
        untouched="Nothing was written.",
        next_step="Use the other account's token, or another state folder: --state or PDSYNC_STATE.",
    )
