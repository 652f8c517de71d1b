"""A create whose answer was lost is looked for, and never sent again blindly (design 7).

Neither service knows idempotency keys, and Pipedrive takes the same address twice: a second POST would make a second
person. So the newest records are paged back to five minutes before the intent, by the server's clock, and one is only
taken for ours if it carries the very ``plezi_url`` that was sent, or else every value that was sent.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from pdsync.engine.preconditions import kind_of
from pdsync.model import BoundMapping, Record, Side, Value, has_value, is_empty
from pdsync.model.values import MISSING
from pdsync.planning.comparison import addresses, same
from pdsync.planning.keys import address_key

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client

__all__ = ["Found", "Search", "can_search", "created", "horizon"]

_CREATED = ("add_time", "created_at")
"""Under which codes records carry the time of their creation (Pipedrive; Plezi)."""

_PAGES_WITHOUT_TIME = 10
"""Newest pages looked through where records do not say when they were created."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look for a lost create has shown."""

    matching: tuple[Record, ...] = ()
    """Unlinked records that can only be ours: exactly one is adopted."""
    doubtful: tuple[Record, ...] = ()
    """Unlinked records with the address that was sent, but other values: a person's work, or a server that changed
    what it was sent. Nothing is sent again while there is one."""


def can_search(bound: BoundMapping, side: Side) -> bool:
    """Whether this side's profile can list what would have to be looked through."""
    able = bound.schemas[side].capabilities
    return able.recent_first or able.read_all


@dataclass(frozen=True, slots=True)
class Search:
    """One create whose answer was lost."""

    client: Client
    bound: BoundMapping
    values: Mapping[str, Value]
    """What was sent."""
    since: datetime
    """By the server's clock; older records are not looked at."""
    linked: Callable[[Side, Iterable[str]], Iterable[str]]
    """Which of these ids are linked already; those cannot be ours."""

    async def look(self) -> Found:
        """Look once.

        Raises:
            ServiceError: the service did not let us look.
        """
        matching: dict[str, Record] = {}
        doubtful: dict[str, Record] = {}
        async for page in self._pages():
            for record in page:
                if self._matches(record):
                    matching[record.id] = record
                elif self._shares_address(record):
                    doubtful[record.id] = record
        taken = set(self.linked(self.client.side, [*matching, *doubtful]))
        return Found(
            tuple(record for id_, record in matching.items() if id_ not in taken),
            tuple(record for id_, record in doubtful.items() if id_ not in taken),
        )

    async def _pages(self) -> AsyncIterator[Sequence[Record]]:
        """Records created since, newest first; every record where a side cannot list them by age."""
        if not self.bound.schemas[self.client.side].capabilities.recent_first:
            async for page in self.client.pages():
                yield page
            return
        without_time = 0
        pages = cast("AsyncGenerator[Sequence[Record]]", self.client.newest())
        async with aclosing(pages):
            async for page in pages:
                times = [created(record) for record in page]
                yield [r for r, at in zip(page, times, strict=True) if at is None or at >= self.since]
                known = [at for at in times if at is not None]
                without_time += 0 if known else 1
                if (known and min(known) < self.since) or without_time >= _PAGES_WITHOUT_TIME:
                    return

    def _matches(self, record: Record) -> bool:
        side = self.client.side
        for field in self.bound.fields:
            code = field.on(side).code
            if field.plezi.code == "plezi_url" and has_value(self.values.get(code)):
                return same(field.on(side).kind, record.get(code), self.values[code])
        return all(
            same(kind_of(self.bound, side, code), record.get(code), value)
            for code, value in self.values.items()
            if record.get(code) is not MISSING or not is_empty(value)
        )

    def _shares_address(self, record: Record) -> bool:
        code = self.bound.email[self.client.side]
        sent = {address_key(address) for address in addresses(self.values.get(code))}
        return bool(sent & {address_key(address) for address in addresses(record.get(code))})


def created(record: Record) -> datetime | None:
    """When the record was created, by the server; None where it does not say."""
    for code in _CREATED:
        text = record.get(code)
        if isinstance(text, str):
            try:
                at = datetime.fromisoformat(text)
            except ValueError:
                continue
            if at.tzinfo is not None:
                return at
    return None


def horizon(intended_at: datetime, server_at: datetime | None, margin: float) -> datetime:
    """From when on a lost create is looked for: five minutes before its intent, by the server's clock if known.

    The server's last answer came before the intent, so its date is early rather than late.
    """
    return (server_at or intended_at) - timedelta(seconds=margin)
