"""Addresses of a desk and not of a person: info@, contact@, accueil@ (R17).

The list (``lists/role_mailboxes.txt``) is French, English, German, Spanish and Italian. A number or a plus-tag behind the
word does not matter; other additions do (``contact.paris@``), because they may as well be somebody's name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pdsync.audits.addresses import find_addresses
from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.lists import entries
from pdsync.model import Severity

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    return find_addresses(inputs, _of_desks, "shared")


def _of_desks(addresses: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    desks = "|".join(re.escape(word) for word in entries("role_mailboxes"))
    return addresses.filter(nw.col("key").str.contains(rf"^(?:{desks})[._-]?[0-9]*(?:\+[^@]*)?@"))


AUDITS = (
    Audit(
        code="role-address",
        severity=Severity.INFO,
        title="records with the address of a desk (info@, contact@, accueil@)",
        why="Several people read such a mailbox: the name in front of it may be anybody's, and one of them unsubscribes for "
        "all.",
        rule="R17",
        fix="Ask for the person's own address, or keep the record as the company's and not as a person's.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
