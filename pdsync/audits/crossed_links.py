"""Links that the addresses contradict: two linked pairs of whom one holds the other's address (R17).

A link stays when an address changes, because addresses are data. But a person who holds none of the contact's addresses
and one of a contact that is linked to somebody else is probably linked to the wrong one, and a sync would write one
person's data into another's record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.held_addresses import each_address
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.pairing_rows import pair_rows
from pdsync.audits.qualifying import has_both_addresses, sharing
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity, Side

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]

_BOTH = ["pipedrive_id", "plezi_id"]


def _find(inputs: AuditInputs) -> Found:
    import narwhals as nw

    if inputs.links is None or not has_both_addresses(inputs):
        return Found(())
    links = inputs.links.select(_BOTH)
    held = {
        side: each_address(inputs, inputs.sides[side]).select(nw.col("id").alias(f"{side}_id"), "key")
        for side in Side
    }
    met = sharing(inputs)
    for side in Side:
        met = met.join(links.select(f"{side}_id"), on=f"{side}_id", how="semi")
    met = inputs.engine.keep(met)
    elsewhere = met.join(links, on=_BOTH, how="anti")
    apart = links.join(met, on=_BOTH, how="anti")
    for side in Side:  # a record without any address contradicts nothing
        apart = apart.join(held[side].select(f"{side}_id"), on=f"{side}_id", how="semi")
    doubtful = nw.concat([apart.join(elsewhere.select(column), on=column, how="semi") for column in _BOTH])
    doubtful = inputs.engine.keep(doubtful.unique())
    message = (
        "These two are linked and share no address, but one of them holds an address of another linked pair"
    )
    return Found(list(pair_rows(doubtful, key="crossed", group="", message=message)))


def _headline(summary: AuditSummary) -> str:
    """``2 links``."""
    return counted(summary.findings, "link")


AUDITS = (
    Audit(
        code="crossed-link",
        severity=Severity.BLOCKING,
        title="links of people whose addresses belong to another linked pair",
        why="A sync would write one person's data into another's record, on both sides; pdsync writes to neither until "
        "somebody has looked.",
        rule="R17",
        fix="Correct the address on the side where it is wrong.",
        needs=(Need.ADDRESSES,),
        find=_find,
        headline=_headline,
    ),
)
