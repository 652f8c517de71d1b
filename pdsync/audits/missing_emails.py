"""Records without any email address: they can never meet the other side (R17)."""

from __future__ import annotations

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.held_addresses import each_address
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.origins import ORIGINS, with_origin
from pdsync.model import Severity, Side
from pdsync.snapshots.columns import delivered

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    """An address that is all white space or invisible is none; a field that was not read is not judged."""
    import narwhals as nw

    rows = []
    for held in inputs.having(Need.ADDRESSES):
        code = inputs.bound.email[held.side]
        without = (
            held.frames.records.filter(~nw.col(delivered(code)).is_null())
            .select("id")
            .join(each_address(inputs, held).select("id"), on="id", how="anti")
        )
        rows.append(
            with_origin(inputs, held, without).select(
                nw.lit(str(held.side)).alias("side"),
                "id",
                nw.lit(code).alias("field"),
                nw.lit(f"This {held.side.noun} has no email address").alias("message"),
                *(["group"] if held.side is Side.PLEZI and held.codes.intersection(ORIGINS) else []),
            )
        )
    return Found(rows)


AUDITS = (
    Audit(
        code="no-email",
        severity=Severity.WARNING,
        title="records without an email address",
        why="The address is how a person is known to be a contact, and Plezi holds nobody without one: these records stay "
        "on their side.",
        rule="R17",
        fix="Fill in the address if the person is meant for the sync; otherwise say in the mapping how many may have none.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
