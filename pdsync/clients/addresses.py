"""Which addresses a key may be sent to: https, or this machine.

The API profile of the sandbox, whose calls are an invention, speaks to this machine only, whatever the address is made
to look like: a name before an ``@``, a name that begins with ``localhost``, a number in another notation.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pdsync.errors import SettingsError
from pdsync.loopback import is_loopback

__all__ = ["check_address"]


def check_address(url: str, *, setting: str, loopback_only: bool = False) -> str:
    """The base address without a slash at the end.

    Raises:
        SettingsError: no address; http to anything but this machine, which would show the key to everybody on the way.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise SettingsError(
            f"{setting} is not an address such as https://acme.example.com.",
            untouched="Nothing was read or written.",
        )
    loopback = is_loopback(host)
    if parts.scheme == "http" and not loopback:
        raise SettingsError(
            f"{setting} begins with http://, which would send the key readable to everybody on the way.",
            untouched="Nothing was sent.",
            next_step="Write https://",
        )
    if loopback_only and not loopback:
        raise SettingsError(
            f"This API profile speaks to this machine only, not to {host}: its calls are the sandbox's own invention.",
            untouched="Nothing was sent.",
            next_step="For Plezi itself choose the profile app-v1 or brain-v1.",
        )
    return url.rstrip("/")
