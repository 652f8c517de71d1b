"""The two services and their exports, behind one protocol. Only the engine imports this package.

::

    open_pipedrive(credentials, url, plan=...)  -> Client      protocol.py       what every client can be asked
    open_plezi(credentials, profile, url=...)   -> Client      http.py           the one border to HTTP
    open_file(side, path, ...)                  -> Client      <side>.py         what each call is on the wire

Opening makes no request; it is where httpx, msgspec and the file readers are loaded, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdsync.clients.credentials import PipedriveCredentials, PleziCredentials
from pdsync.clients.protocol import Client

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import httpx

    from pdsync.clients.budget import OnWait
    from pdsync.clients.clock import Clock
    from pdsync.clients.columns import ColumnMap
    from pdsync.clients.files import FileClient
    from pdsync.clients.pipedrive import PipedriveClient
    from pdsync.clients.plezi import PleziClient
    from pdsync.model import Account, Field, Side

__all__ = ["Client", "PipedriveCredentials", "PleziCredentials", "open_file", "open_pipedrive", "open_plezi"]


def open_pipedrive(
    credentials: PipedriveCredentials,
    url: str,
    *,
    plan: str = "lite",
    seats: int = 1,
    on_wait: OnWait | None = None,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> PipedriveClient:
    """A client for one Pipedrive account.

    ``plan`` (lite, growth, premium, ultimate) and ``seats`` decide pace and daily tokens until the service's own
    headers say more. ``on_wait(seconds, why)`` is told before each wait of half a second or longer.

    Raises:
        SettingsError: an address or plan that cannot be used.
    """
    from pdsync.clients.budget import quiet
    from pdsync.clients.pipedrive import connect

    return connect(
        credentials,
        url,
        plan=plan,
        seats=seats,
        on_wait=on_wait or quiet,
        clock=clock,
        transport=transport,
    )


def open_plezi(
    credentials: PleziCredentials,
    profile: str,
    url: str = "",
    *,
    on_wait: OnWait | None = None,
    clock: Clock | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> PleziClient:
    """A client for one Plezi account. ``profile``: app-v1, brain-v1, sandbox, or a YAML file; ``url`` replaces its address.

    Raises:
        SettingsError: no such profile, no address, a missing key, or the sandbox's profile for another machine.
        MappingError: the profile's file is wrong; every problem at once.
    """
    from pdsync.clients.budget import quiet
    from pdsync.clients.plezi import connect
    from pdsync.clients.profiles import load_profile

    return connect(
        credentials,
        load_profile(profile),
        url,
        on_wait=on_wait or quiet,
        clock=clock,
        transport=transport,
    )


def open_file(
    side: Side,
    path: Path,
    *,
    columns: ColumnMap | None = None,
    fields: Sequence[Field] = (),
    account: Account | None = None,
    encoding: str = "",
) -> FileClient:
    """A read-only client over a CSV, XLSX or Parquet export of ``side``.

    ``fields``: the account's field list, where known: names become codes, option labels become ids. ``columns``: a map
    that a person has corrected (``ColumnMap.from_data``). ``account``: whose data it is, where known.

    Raises:
        InputFileError: the file cannot be read, or has none of the columns.
    """
    from pdsync.clients.files import connect

    return connect(side, path, columns=columns, fields=fields, account=account, encoding=encoding)
