"""Every setting in one table: its key in pdsync.toml, variable, flag, default, and what it decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from pdsync.loopback import is_loopback
from pdsync.model import Side

__all__ = ["SETTINGS", "PipedrivePlan", "Read", "Setting"]


class PipedrivePlan(StrEnum):
    """The company's plan: it decides how many requests fit into two seconds (reference, section 3)."""

    LITE = "lite"
    GROWTH = "growth"
    PREMIUM = "premium"
    ULTIMATE = "ultimate"


Read: TypeAlias = str | bool | int | Path | PipedrivePlan | None
"""What a setting may be once it was read; None where it is absent and has no default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the table."""

    key: str
    """In pdsync.toml: ``mapping``, or ``pipedrive.url`` for ``url`` in the section ``[pipedrive]``."""
    variable: str
    says: str
    """What it decides, in a few words and without a full stop."""
    read: Callable[[str], Read] = str
    """Text of a flag, a variable or the file -> value; raises ValueError saying what is expected."""
    default: Read = ""
    flag: str = ""
    secret: bool = False

    @property
    def side(self) -> Side | None:
        """The side it belongs to; None for those of pdsync as a whole."""
        section, dot, _ = self.key.partition(".")
        return Side(section) if dot else None

    @property
    def name(self) -> str:
        """The key without its section."""
        return self.key.rpartition(".")[2]

    @property
    def shown_default(self) -> str:
        """`` [.pdsync]`` for help texts; empty where there is none or where it is "no"."""
        return "" if self.default in (None, "", False) else f" [{self.default}]"

    @property
    def sources(self) -> str:
        """Where to set it, for messages: ``--state, PDSYNC_STATE, or state in pdsync.toml``."""
        if self.secret:
            return f"{self.variable} or the keyring"
        return f"{f'{self.flag}, ' if self.flag else ''}{self.variable}, or {self.key} in pdsync.toml"


def _yes_or_no(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("true or false")


def _whole_number(text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def _plan(text: str) -> PipedrivePlan:
    try:
        return PipedrivePlan(text.strip().lower())
    except ValueError:
        raise ValueError(f"one of {', '.join(PipedrivePlan)}") from None


def _address(text: str) -> str:
    """``acme.pipedrive.com`` and ``https://acme.pipedrive.com/`` are the same; http only for this machine."""
    whole = text.strip() if "://" in text else f"https://{text.strip()}"
    parts = urlsplit(whole)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ValueError("an address such as https://acme.pipedrive.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("an https address (http would show the token to everyone on the way)")
    return whole.rstrip("/")


def _path(text: str) -> Path:
    return Path(text).expanduser()


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        key="mapping",
        variable="PDSYNC_MAPPING",
        flag="--mapping",
        read=_path,
        default=Path("mappings/contacts.yaml"),
        says="The mapping file",
    ),
    Setting(
        key="state",
        variable="PDSYNC_STATE",
        flag="--state",
        read=_path,
        default=Path(".pdsync"),
        says="The folder of ledger, snapshots and plans",
    ),
    Setting(
        key="columns",
        variable="PDSYNC_COLUMNS",
        flag="--columns",
        read=_path,
        default=None,
        says="Which column of an export is which field: written if it is not there, else read",
    ),
    Setting(
        key="read_only",
        variable="PDSYNC_READ_ONLY",
        flag="--read-only",
        read=_yes_or_no,
        default=False,
        says="Refuse every write to both services",
    ),
    Setting(
        key="pipedrive.url",
        variable="PDSYNC_PIPEDRIVE_URL",
        read=_address,
        default="https://api.pipedrive.com",
        says="Pipedrive's address: https://COMPANY.pipedrive.com",
    ),
    Setting(
        key="pipedrive.plan",
        variable="PDSYNC_PIPEDRIVE_PLAN",
        read=_plan,
        default=PipedrivePlan.LITE,
        says="The company's plan (lite, growth, premium, ultimate), for the pace",
    ),
    Setting(
        key="pipedrive.seats",
        variable="PDSYNC_PIPEDRIVE_SEATS",
        read=_whole_number,
        default=1,
        says="Paid users, for the daily budget",
    ),
    Setting(
        key="pipedrive.file",
        variable="PDSYNC_PIPEDRIVE_FILE",
        flag="--pipedrive",
        read=_path,
        default=None,
        says="An export of the persons, read instead of the account",
    ),
    Setting(
        key="pipedrive.confirm_complete_read",
        variable="PDSYNC_PIPEDRIVE_CONFIRM_COMPLETE_READ",
        read=_yes_or_no,
        default=False,
        says="You confirm that this token or export shows every person, so that absence means something",
    ),
    Setting(
        key="pipedrive.token",
        variable="PDSYNC_PIPEDRIVE_TOKEN",
        secret=True,
        says="Pipedrive API token",
    ),
    Setting(
        key="plezi.url",
        variable="PDSYNC_PLEZI_URL",
        read=_address,
        says="Plezi's address; empty: the one that the profile names",
    ),
    Setting(
        key="plezi.profile",
        variable="PDSYNC_PLEZI_PROFILE",
        default="app-v1",
        says="How to talk to Plezi's API: a shipped profile or a YAML file of your own",
    ),
    Setting(
        key="plezi.tenant",
        variable="PDSYNC_PLEZI_TENANT",
        says="The company's name in Plezi (legacy accounts)",
    ),
    Setting(
        key="plezi.file",
        variable="PDSYNC_PLEZI_FILE",
        flag="--plezi",
        read=_path,
        default=None,
        says="An export of the contacts, read instead of the account",
    ),
    Setting(
        key="plezi.confirm_complete_read",
        variable="PDSYNC_PLEZI_CONFIRM_COMPLETE_READ",
        read=_yes_or_no,
        default=False,
        says="You confirm that this key or export shows every contact",
    ),
    Setting(
        key="plezi.api_key",
        variable="PDSYNC_PLEZI_API_KEY",
        secret=True,
        says="Plezi API key (legacy accounts)",
    ),
    Setting(
        key="plezi.public_key",
        variable="PDSYNC_PLEZI_PUBLIC_KEY",
        secret=True,
        says="Plezi public key (current accounts)",
    ),
    Setting(
        key="plezi.secret_key",
        variable="PDSYNC_PLEZI_SECRET_KEY",
        secret=True,
        says="Plezi secret key (current accounts)",
    ),
)
"""Every setting, in the order of the documentation."""
