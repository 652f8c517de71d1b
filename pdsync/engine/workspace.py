"""What one command works with: settings, mapping, state, and a client per side, each opened when first needed.

No decisions are made here. A verb opens a ``Workspace``, calls the engine, and leaves; whatever was opened is closed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from collections.abc import Mapping as MappingType
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from pdsync.engine.folder import StateFolder
from pdsync.model import Event, Side

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.model import Mapping
    from pdsync.settings import Settings
    from pdsync.store import LedgerReader, State

__all__ = ["OpenClient", "Workspace"]

OpenClient = Callable[["Settings", Side], Awaitable["Client"]]
"""How a client is made from the settings; tests hand in their own."""


def _ignore(event: Event) -> None:
    del event


class Workspace:
    """Open it with ``async with Workspace.open(settings) as ws``; it belongs to one event loop."""

    def __init__(self, settings: Settings, open_client: OpenClient) -> None:
        self.settings = settings
        self.folder = StateFolder(settings.state)
        self._open_client = open_client
        self._clients: dict[Side, Client] = {}
        self._state: State | None = None

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        on_event: Callable[[Event], None] = _ignore,
        open_client: OpenClient | None = None,
    ) -> Self:
        """A workspace in which nothing was opened yet: no file is made and no request leaves.

        Args:
            settings: Read by ``load_settings``.
            on_event: Told when a service or its budget makes pdsync wait.
            open_client: For tests; else the settings decide.
        """
        return cls(settings, open_client or _by_settings(on_event))

    def forget_mapping(self) -> None:
        """Read the mapping again when it is next asked for: a screen stays open while the file changes."""
        self.__dict__.pop("mapping", None)

    @cached_property
    def mapping(self) -> Mapping:
        """The mapping file, read once.

        Raises:
            MappingError: with every problem at once.
        """
        from pdsync.mapfiles import load_mapping

        return load_mapping(self.settings.mapping)

    @property
    def state(self) -> State:
        """Ledger, journal and runs. The first use makes the state folder and the file where they are missing.

        Reading needs no lock; ``ws.state.writing("apply")`` takes it.

        Raises:
            StateError: damaged, from the future, not to be used, or no room left.
        """
        if self._state is None:
            from pdsync.store import State

            self.folder.prepare()
            self._state = State.open(self.folder.database, self.folder.lock)
        return self._state

    @contextmanager
    def ledger_reader(self) -> Iterator[LedgerReader]:
        """The ledger, to be read only: what planning is given."""
        yield self.state.ledger

    async def client(self, side: Side) -> Client:
        """The client of one side, made when first asked for. It made no request yet.

        Raises:
            SettingsError: a missing token or tenant.
            InputFileError: the export cannot be read.
        """
        if side not in self._clients:
            self._clients[side] = await self._open_client(self.settings, side)
        return self._clients[side]

    @property
    def opened(self) -> MappingType[Side, Client]:
        """The clients that were asked for so far."""
        return MappingProxyType(self._clients)

    async def aclose(self) -> None:
        """Close what was opened."""
        try:
            while self._clients:
                _, client = self._clients.popitem()
                await client.aclose()
        finally:
            self.close_state()

    def close_state(self) -> None:
        """Close what reads and writes the state; all there is to close where no client was asked for."""
        if self._state is not None:
            self._state.close()
            self._state = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _by_settings(on_event: Callable[[Event], None]) -> OpenClient:
    async def by_settings(settings: Settings, side: Side) -> Client:
        from pdsync.engine.sources import open_client

        return await open_client(settings, side, on_event)

    return by_settings
