"""A service in memory that speaks the client protocol, with a hook for faults at every step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack

from pdsync.clients.protocol import Requests
from pdsync.errors import NotFound
from pdsync.model import Account, BoundMapping, Finding, Option, Record, RemoteSchema, Side, Value

PAGE = 3


@dataclass
class Call:
    """One request that arrived."""

    what: str
    record_id: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    within: float | None = None
    """Seconds in which a write may leave."""


@dataclass
class Service:
    """One side. ``before`` and ``after`` may raise: before the request is carried out, or when it already was."""

    bound: BoundMapping
    side: Side
    records: dict[str, dict[str, Value]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    before: Callable[[Call], Any] = lambda _call: None
    after: Callable[[Call], Any] = lambda _call: None
    alter: Callable[[dict[str, Value]], dict[str, Value]] = lambda values: values
    """What the server makes of what it is sent."""
    hide: frozenset[str] = frozenset()
    """Codes that answers to writes do not show."""
    silent: bool = False
    """A create is answered without saying what was created (a form submission)."""
    relabel: Callable[[str], str] = lambda label: label
    """What the server makes of the label of a new option."""
    next_id: int = 1000
    seconds: float = 0
    """How long each request takes."""
    now: datetime = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    changed: dict[str, str] = field(default_factory=dict)
    """Id -> time of change; nothing until the first one (reference 6.3)."""

    def __post_init__(self) -> None:
        self.lists: dict[str, list[Option]] = {
            field.code: list(field.options) for field in self.bound.schemas[self.side].fields
        }
        """Field code -> its options, as they are now."""

    # -- the client protocol --------------------------------------------------------------------------------------

    async def account(self) -> Account:
        return self.bound.schemas[self.side].account

    async def schema(self) -> RemoteSchema:
        return self.bound.schemas[self.side]

    async def pages(
        self, *, since: datetime | None = None, known_highest_id: str = ""
    ) -> AsyncIterator[Sequence[Record]]:
        await self._arrive(Call("pages"))
        for page in _pages(list(self.records)):
            yield [self.record(id_) for id_ in page]

    async def newest(self) -> AsyncIterator[Sequence[Record]]:
        for page in _pages(list(reversed(self.records))):
            await self._arrive(Call("newest"))
            yield [self.record(id_) for id_ in page]

    async def read(self, ids: Sequence[str]) -> Mapping[str, Record]:
        assert len(ids) <= self.bound.schemas[self.side].capabilities.read_batch
        for id_ in ids:
            await self._arrive(Call("read", id_))
        return {id_: self.record(id_) for id_ in ids if id_ in self.records}

    async def create(self, values: Mapping[str, Value], *, within: float | None = None) -> Record:
        call = Call("create", "", dict(values), within)
        await self._arrive(call)
        record_id = self.insert(values)
        self.after(call)
        return Record(self.side, "", {}) if self.silent else self._shown(record_id)

    async def update(
        self, record_id: str, values: Mapping[str, Value], *, within: float | None = None
    ) -> Record:
        call = Call("update", record_id, dict(values), within)
        await self._arrive(call)
        if record_id not in self.records:
            raise NotFound(f"no {record_id}")
        self.edit(record_id, **self.alter(dict(values)))
        self.after(call)
        return self._shown(record_id)

    async def delete(self, record_id: str, *, within: float | None = None) -> None:
        call = Call("delete", record_id, within=within)
        await self._arrive(call)
        self.records.pop(record_id, None)
        self.after(call)

    async def options(self, code: str) -> Sequence[Option] | None:
        await self._arrive(Call("options", code))
        return None if code not in self.lists else tuple(self.lists[code])

    async def add_options(self, code: str, labels: Sequence[str]) -> Sequence[Option]:
        call = Call("add-options", code, dict.fromkeys(labels))
        await self._arrive(call)
        new = self.lengthen(code, *labels)
        self.after(call)
        return new

    async def remove_options(self, code: str, ids: Sequence[str]) -> None:
        call = Call("remove-options", code, dict.fromkeys(ids))
        await self._arrive(call)
        if not set(ids) <= {option.id for option in self.lists[code]}:
            raise NotFound(f"no such options in {code}")
        self.lists[code] = [option for option in self.lists[code] if option.id not in ids]
        self.after(call)

    async def owner_id(self, address: str) -> str:
        return ""

    def server_time(self) -> datetime | None:
        return self.now

    def cost(self, **counts: Unpack[Requests]) -> tuple[int, int]:
        return sum(count for count in counts.values() if isinstance(count, int)), 0

    def problems(self) -> Sequence[Finding]:
        return ()

    async def aclose(self) -> None:
        """Nothing is open."""

    # -- what tests do to it --------------------------------------------------------------------------------------

    def insert(self, values: Mapping[str, Value]) -> str:
        """Somebody creates a record."""
        self.next_id += 1
        record_id = str(self.next_id)
        self.now += timedelta(seconds=1)
        record: dict[str, Value] = dict.fromkeys((f.code for f in self.bound.schemas[self.side].fields), None)
        if self.side is Side.PLEZI:
            record |= {
                "behaviour_score": 3,
                "state": "new",
                "source": "offline",
                "plezi_url": f"https://p/{record_id}",
            }
        record |= self.alter(dict(values))
        record["add_time"] = self.now.isoformat()
        self.records[record_id] = record
        return record_id

    def lengthen(self, code: str, *labels: str) -> list[Option]:
        """Somebody adds options to a list; the server may make something else of their labels."""
        new = []
        for label in labels:
            self.next_id += 1
            new.append(Option(str(self.next_id), self.relabel(label)))
        self.lists[code] = [*self.lists[code], *new]
        return new

    def edit(self, record_id: str, **values: Value) -> None:
        """Somebody changes a record, or what hangs on it (a note, a deal), which moves its time of change as well."""
        self.now += timedelta(seconds=1)
        self.records[record_id] |= values
        self.changed[record_id] = self.now.isoformat()

    def add(self, *records: Record) -> None:
        """Records that were there long before."""
        for record in records:
            self.records[record.id] = dict(record.values) | {"add_time": "2026-01-01T00:00:00Z"}

    def record(self, record_id: str) -> Record:
        """A record as it is now."""
        return Record(self.side, record_id, dict(self.records[record_id]), self.changed.get(record_id))

    def writes(self) -> list[Call]:
        """Requests that change something."""
        return [call for call in self.calls if call.what in _WRITES]

    async def _arrive(self, call: Call) -> None:
        await asyncio.sleep(self.seconds)
        self.calls.append(call)
        self.before(call)

    def _shown(self, record_id: str) -> Record:
        values = {code: value for code, value in self.records[record_id].items() if code not in self.hide}
        return Record(self.side, record_id, values, self.changed.get(record_id))


_WRITES = ("create", "update", "delete", "add-options", "remove-options")


def _pages(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + PAGE] for start in range(0, len(ids), PAGE)]
