"""Addresses of mailboxes that live for ten minutes: nobody reads what the sync makes of them (R17).

The domains are a short list (``lists/disposable_domains.txt``), which says where it comes from and where it ends.
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
    return find_addresses(inputs, _of_these_domains, "disposable")


def _of_these_domains(addresses: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    domains = "|".join(re.escape(domain) for domain in entries("disposable_domains"))
    return addresses.filter(nw.col("key").str.contains(f"[@.](?:{domains})$"))


AUDITS = (
    Audit(
        code="disposable-email",
        severity=Severity.WARNING,
        title="records with an address of a disposable mailbox",
        why="Nobody reads it a day later: the contact counts, costs and scores in Plezi, and is no person in Pipedrive.",
        rule="R17",
        fix="Remove the address, or the record if there is nothing else to reach the person by.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
