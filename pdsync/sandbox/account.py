"""Who a sandbox file belongs to: keys, and the identity of the two accounts.

Made once, when the file is made, and kept in it: a client that stored the token, the company id or the tenant
finds them again after a restart. Two files are two accounts, which is what a client must notice when it is
pointed at the wrong one. Recorded tests need the same values every time, so each may be given by option or by
environment variable (``PDSYNC_SANDBOX_`` + the upper-case name, e.g. ``PDSYNC_SANDBOX_PIPEDRIVE_TOKEN``); that
replaces the stored value.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from pdsync.sandbox.database import Database

ENVIRONMENT_PREFIX = "PDSYNC_SANDBOX_"
_SETTING = "account"


class AccountError(Exception):
    """Not a part of an account, or not a value for it."""


@dataclass(frozen=True, slots=True)
class Account:
    """Keys and identities of both services."""

    pipedrive_token: str
    """API token of the company's administrator (`pipedrive.users.OWNER_ID`)."""

    pipedrive_company_id: str
    """A number, kept as text like everything here."""

    pipedrive_company_name: str
    pipedrive_company_domain: str
    plezi_api_key: str
    plezi_tenant: str
    """The company's name, which is what the legacy ``X-Tenant-Company`` header carries."""

    plezi_public_key: str
    plezi_secret_key: str
    control_key: str
    """Opens the control API."""

    @classmethod
    def open(cls, db: Database, given: Mapping[str, str]) -> Self:
        """The account of this file, made now if the file is new; ``given`` values replace what is stored."""
        unknown = given.keys() - cls.names()
        if unknown:
            raise AccountError(f"no such part of an account: {', '.join(sorted(unknown))}")
        stored: dict[str, str] = db.setting(_SETTING, {})
        values = _invent() | stored | dict(given)
        if not values["pipedrive_company_id"].isdigit():
            raise AccountError("pipedrive_company_id is a whole number")
        if values != stored:
            db.set_setting(_SETTING, values)
        return cls(**values)

    @classmethod
    def names(cls) -> frozenset[str]:
        """The parts of an account that may be given."""
        return frozenset(field.name for field in fields(cls))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> dict[str, str]:
        """The parts that environment variables give."""
        return {
            name: environment[variable]
            for name in cls.names()
            if environment.get(variable := ENVIRONMENT_PREFIX + name.upper())
        }

    def as_dict(self) -> dict[str, str]:
        """All parts by name."""
        return asdict(self)


def _invent() -> dict[str, str]:
    """Pipedrive tokens are 40 hexadecimal digits; the forms of Plezi's keys are not public, so those are invented."""
    domain = f"sandbox-{secrets.token_hex(3)}"
    return {
        "pipedrive_token": secrets.token_hex(20),
        "pipedrive_company_id": str(10_000_000 + secrets.randbelow(90_000_000)),
        "pipedrive_company_name": "Sandbox SAS",
        "pipedrive_company_domain": domain,
        "plezi_api_key": secrets.token_hex(16),
        "plezi_tenant": domain,
        "plezi_public_key": secrets.token_hex(16),
        "plezi_secret_key": secrets.token_hex(32),
        "control_key": secrets.token_hex(16),
    }
