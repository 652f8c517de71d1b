"""Where one side's records come from, by the settings: the live account, or an export that stands for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pdsync.model import Event, Side, Waiting

if TYPE_CHECKING:
    from pdsync.clients import Client
    from pdsync.settings import PipedriveSettings, Secret, Settings

__all__ = ["open_client"]


async def open_client(settings: Settings, side: Side, on_event: Callable[[Event], None]) -> Client:
    """The client that the settings name for ``side``; it made no request yet.

    Raises:
        SettingsError: a missing token or key, an address or profile that cannot be used.
        MappingError: the profile's file is wrong.
        InputFileError: the export cannot be read.
    """

    def on_wait(seconds: float, why: str) -> None:
        on_event(Waiting(side, seconds, why))

    file = settings.on(side).file
    if file is not None:
        from pdsync.engine.exports import open_export

        return open_export(settings, side, file, on_event)
    if side is Side.PIPEDRIVE:
        return _pipedrive(settings.pipedrive, on_wait)
    return _plezi(settings, on_wait)


def _pipedrive(settings: PipedriveSettings, on_wait: Callable[[float, str], None]) -> Client:
    from pdsync.clients import PipedriveCredentials, open_pipedrive

    credentials = PipedriveCredentials(settings.token.reveal())
    return open_pipedrive(
        credentials, settings.url, plan=settings.plan, seats=settings.seats, on_wait=on_wait
    )


def _plezi(whole: Settings, on_wait: Callable[[float, str], None]) -> Client:
    from pdsync.clients import PleziCredentials, open_plezi
    from pdsync.settings import refuse_foreign_host

    settings = whole.plezi
    # Which of the keys are needed is the profile's business: those that are there are handed over.
    credentials = PleziCredentials(
        tenant=settings.tenant,
        api_key=_known(settings.api_key),
        public_key=_known(settings.public_key),
        secret_key=_known(settings.secret_key),
    )
    client = open_plezi(credentials, settings.profile, settings.url, on_wait=on_wait)
    if not settings.url and whole.from_file("plezi.profile"):
        # A profile that came with somebody's folder names an address too.
        refuse_foreign_host(Side.PLEZI, client.profile.base_url, f"The API profile {settings.profile}")
    return client


def _known(secret: Secret) -> str:
    return secret.reveal() if secret.found_in() else ""
