"""Which hosts are this machine and no other: one answer for settings, clients and the page of the terminal UI.

Keys go unencrypted, and the sandbox's invented calls go at all, to such hosts only.
"""

from __future__ import annotations

import ipaddress

__all__ = ["is_loopback"]


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine. No name is looked up: whoever answers for a name may change his mind."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
