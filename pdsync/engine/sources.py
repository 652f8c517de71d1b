"""Where one side's records come from, by the settings: the live account, or an export that stands for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdsync.errors import SettingsError

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.model import Side
    from pdsync.settings import Settings

__all__ = ["open_client"]


async def open_client(settings: Settings, side: Side) -> Client:
    """The client that the settings name for ``side``."""
    raise SettingsError(f"{side.label} at {settings.on(side).url} cannot be read yet.")
