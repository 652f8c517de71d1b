"""Email addresses that no mail server would take (R17): the address is who a person is, so it has to be one.

``email-validator`` decides, by the standards and without asking anybody's name server; it takes 30 microseconds for one
address, so a query clears the ordinary ones first. That the query clears nothing which the library refuses is held by a
property test. Judged is the address key: white space around an address, or a zero-width character in it, is none of this
audit's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.addresses import find_addresses
from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.model import Severity, Value

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "ORDINARY", "ORDINARY_LENGTH", "RESERVED", "refusal"]

ORDINARY: Final = (
    r"^[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)*[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z]{2,}$"
)
"""ASCII letters, digits, single dots between them; a domain of such labels, of which the last is letters only."""
ORDINARY_LENGTH: Final = 64
"""Characters: so short a whole keeps every limit on its parts (RFC 5321 4.5.3.1, RFC 1035 2.3.1)."""
RESERVED: Final = r"[@.](?:arpa|invalid|local|localhost|onion|test)$"
"""Domains that reach nobody on the Internet (RFC 6761 and its register; the library's own list)."""


def _find(inputs: AuditInputs) -> Found:
    return find_addresses(inputs, _not_ordinary, "malformed", _judge)


def _not_ordinary(addresses: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Addresses that the library has to look at."""
    import narwhals as nw

    key = nw.col("key")
    ordinary = (
        key.str.contains(ORDINARY) & (key.str.len_chars() <= ORDINARY_LENGTH) & ~key.str.contains(RESERVED)
    )
    return addresses.filter(~ordinary)


def _judge(row: Mapping[str, Any]) -> Mapping[str, Value] | None:
    problem = refusal(row["key"])
    return {"problem": problem} if problem else None


@lru_cache(maxsize=10_000)
def refusal(key: str) -> str:
    """What is wrong with an address, in the library's words; empty: nothing. They may quote a character of it."""
    import email_validator

    try:
        email_validator.validate_email(key, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        return str(error)
    return ""


AUDITS = (
    Audit(
        code="malformed-email",
        severity=Severity.WARNING,
        title="records with an email address that no mail server would take",
        why="The address is how a person is known to be a contact: a broken one never meets its other half, and what is "
        "sent to it comes back.",
        rule="R17",
        fix="Correct the address, or remove it.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
