"""A workspace over two services that exist in memory only: what they hold can be changed between two pulls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from pdsync.clients.protocol import Client
from pdsync.engine.workspace import Workspace
from pdsync.model import (
    Account,
    Capabilities,
    Event,
    Field,
    Finding,
    Kind,
    Option,
    Record,
    RemoteSchema,
    Side,
    Value,
)
from pdsync.settings import Settings, load_settings

MAPPING = """\
version: 1
name: contacts
identity: {match_on: email}
scope:
  to_plezi: {where: {field: sync, is: "Yes"}}
  to_pipedrive: {require: [first_name]}
conflicts: manual
fields:
  - {pipedrive: email, plezi: email, direction: both, locked: true}
  - {pipedrive: first_name, plezi: first_name, direction: both, locked: true}
  - {pipedrive: last_name, plezi: last_name, direction: both, locked: true}
"""
YES = Option("35", "Yes")


def fields(side: Side) -> tuple[Field, ...]:
    """What the mapping above reads, and one option field whose list is not known."""
    texts = [Field(code, code, Kind.TEXT) for code in ("first_name", "last_name")]
    flag = [Field("sync", "sync", Kind.OPTION, options=(YES,))] if side is Side.PIPEDRIVE else []
    return (Field("email", "Email", Kind.EMAILS), *texts, *flag, Field("sector", "Sector", Kind.OPTION))


@dataclass
class FakeService:
    """One side. ``changed`` are the ids that an increment finds."""

    side: Side
    people: dict[str, Record] = field(default_factory=dict)
    account_id: str = "4711"
    sees_everything: bool = True
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(incremental=True))
    fields: tuple[Field, ...] = ()
    clock: datetime = datetime(2030, 1, 1, tzinfo=UTC)
    changed: set[str] = field(default_factory=set)
    bad_rows: tuple[Finding, ...] = ()
    calls: list[str] = field(default_factory=list)
    after_page: Callable[[int], object] = lambda number: None
    """Called after each page, with its number; may raise."""

    def put(self, identifier: str, *addresses: str, **values: str) -> None:
        """Add or replace a record."""
        email: list[Value] = [{"value": one, "primary": place == 0} for place, one in enumerate(addresses)]
        self.people[identifier] = Record(self.side, identifier, {"email": email, **values})
        self.changed.add(identifier)

    async def account(self) -> Account:
        self.calls.append("account")
        await asyncio.sleep(0)
        return Account(self.side, self.account_id, "Acme", "acme.example.com", self.sees_everything)

    async def schema(self) -> RemoteSchema:
        self.calls.append("schema")
        return RemoteSchema(await self.account(), self.fields or fields(self.side), self.capabilities)

    async def pages(
        self, *, since: datetime | None = None, known_highest_id: str = ""
    ) -> AsyncIterator[Sequence[Record]]:
        self.calls.append(f"pages since {since:%H:%M} above {known_highest_id}" if since else "pages")
        found = [one for key, one in self.people.items() if since is None or key in self.changed]
        for number, start in enumerate(range(0, max(1, len(found)), 2)):
            await asyncio.sleep(0)
            yield found[start : start + 2]
            self.after_page(number)

    def server_time(self) -> datetime | None:
        return self.clock

    def problems(self) -> Sequence[Finding]:
        return self.bad_rows

    async def aclose(self) -> None:
        self.calls.append("aclose")


@dataclass
class PullWorld:
    """Two services and the folder of one state; ``open`` gives a workspace over them."""

    root: Path
    services: Mapping[Side, FakeService] = field(
        default_factory=lambda: {side: FakeService(side) for side in Side}
    )
    events: list[Event] = field(default_factory=list)
    flags: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mapping = self.root / "mappings" / "contacts.yaml"
        self.mapping.parent.mkdir()
        self.mapping.write_text(MAPPING, encoding="utf-8")

    @property
    def state(self) -> Path:
        return self.root / ".pdsync"

    @property
    def snapshots(self) -> Path:
        return self.state / "snapshots"

    def settings(self) -> Settings:
        return load_settings(
            {"mapping": self.mapping, "state": self.state},
            environment={key: str(value) for key, value in self.flags.items()},
        )

    def open(self) -> Workspace:
        """A workspace whose clients are the services."""

        async def client(settings: Settings, side: Side) -> Client:
            return cast("Client", self.services[side])

        return Workspace.open(self.settings(), open_client=client)

    def pass_time(self, by: timedelta) -> None:
        """Let the services' clocks go on, with nothing changed since."""
        for service in self.services.values():
            service.clock += by
            service.changed.clear()
            service.calls.clear()

    def notes(self) -> list[str]:
        """What was said so far."""
        return [event.text for event in self.events if hasattr(event, "text")]
