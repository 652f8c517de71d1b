"""The state of one pair of accounts, as the engine opens it: read freely, write only while holding the lock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from pdsync.model import Account, Side
from pdsync.store.database import Database
from pdsync.store.history import History
from pdsync.store.journal import JournalWriter
from pdsync.store.lock import StateLock
from pdsync.store.reader import LedgerReader
from pdsync.store.sql import FieldIds
from pdsync.store.writer import LedgerWriter

__all__ = ["State", "StateWriter", "Transaction"]


class Transaction:
    """Ledger and journal, changed together."""

    def __init__(self, ledger: LedgerWriter, journal: JournalWriter) -> None:
        self.ledger = ledger
        self.journal = journal


class StateWriter:
    """Given out by ``State.writing`` for as long as the lock is held."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fields = FieldIds()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything inside is committed together at the end; an exception takes all of it back.

        Raises:
            StorageFull, StateError: nothing of it was stored.
        """
        import sqlalchemy as sa

        from pdsync.store.tables import meta

        try:
            with self._database.writing() as connection:
                ledger = LedgerWriter(connection, self._fields)
                yield Transaction(ledger, JournalWriter(connection))
                if ledger.touched:
                    higher = sa.cast(sa.cast(meta.c.value, sa.Integer) + 1, sa.Text)
                    connection.execute(sa.update(meta).where(meta.c.key == "revision").values(value=higher))
        except BaseException:
            self._fields.forget()
            raise

    def bind_account(self, account: Account) -> None:
        """See ``LedgerWriter.bind_account``."""
        with self.transaction() as transaction:
            transaction.ledger.bind_account(account)

    def bind_fields(self, names: Mapping[tuple[Side, str], str]) -> None:
        """See ``LedgerWriter.bind_fields``."""
        with self.transaction() as transaction:
            transaction.ledger.bind_fields(names)

    def record_existing(self, side: Side, ids: Iterable[str], *, snapshot: str = "") -> bool:
        """See ``LedgerWriter.record_existing``."""
        with self.transaction() as transaction:
            return transaction.ledger.record_existing(side, ids, snapshot=snapshot)

    def adopt(self, side: Side, ids: Iterable[str]) -> None:
        """See ``LedgerWriter.adopt``."""
        with self.transaction() as transaction:
            transaction.ledger.adopt(side, ids)


class State:
    """One state file and its lock. Open it with ``State.open``; close it, or use it as a context manager."""

    def __init__(self, database: Database, lock: StateLock) -> None:
        self._database = database
        self._lock = lock
        self.ledger = LedgerReader(database)
        """What planning may ask."""
        self.history = History(database)
        """Runs and their journal."""

    @classmethod
    def open(cls, database: Path, lock: Path) -> Self:
        """Open the state, making the file (0600) where there is none. Their folder has to exist.

        Raises:
            StateError: damaged, foreign, or not to be used.
            StateFromFuture, StateLocked, StorageFull
        """
        guard = StateLock(lock)
        return cls(Database.open(database, guard), guard)

    @contextmanager
    def writing(self, verb: str) -> Iterator[StateWriter]:
        """Hold the lock, so that nobody else writes meanwhile. May be nested in one process.

        Raises:
            StateLocked: naming who holds it, and since when.
        """
        self._lock.acquire(verb)
        try:
            yield StateWriter(self._database)
        finally:
            self._lock.release()

    def check_account(self, account: Account) -> None:
        """Refuse an account that this state does not belong to; a side that was never bound takes any.

        Raises:
            AccountMismatch
        """
        from pdsync.store.writer import account_mismatch

        bound = self.ledger.accounts().get(account.side)
        if bound is not None and bound.id != account.id:
            raise account_mismatch(bound, account)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
