"""Who would be imported: what share of each side the mapping lets be created on the other (R9, R29).

The same people as in a plan with ``--adopt``: alone, in scope, not opted out, with an address and all that is required.
``allow_percent`` for this audit is a brake on a mapping that imports a whole CRM by accident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import holder_rows
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.qualifying import creatable, has_both_addresses, is_filled, required_fields, unread_scope
from pdsync.audits.wording import counted
from pdsync.model import Severity, Side
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    """One finding per direction, with everybody who would be created that way."""
    import narwhals as nw

    if not has_both_addresses(inputs):
        return Found(())
    frames: list[Frame] = []
    parts: list[str] = []
    for target in reversed(Side):
        held = inputs.sides[target.other]
        complete = [is_filled(sources, held) for _, sources in required_fields(inputs, target)]
        records = held.frames.records.join(creatable(inputs, target), on="id", how="semi")
        records = inputs.engine.keep((records.filter(*complete) if complete else records).select("id"))
        number = int(collect(records.select(nw.len().alias("records")))["records"][0].as_py())
        if not number:
            continue
        share = f"{number:,} of {counted(held.total, held.side.noun)} ({100 * number / held.total:.1f} %)"
        parts.append(f"{share} to {target.label}")
        said = {
            "key": f"to_{target}",
            "order": str(len(parts)),
            "group": f"to {target.label}",
            "message": f"{share} would be created in {target.label}",
        }
        frames.append(holder_rows(held, records, said))
    return Found(frames, not_checked=unread_scope(inputs, *Side), headline="; ".join(parts))


AUDITS = (
    Audit(
        code="import-share",
        severity=Severity.INFO,
        title="records that would be created on the other side",
        why="Both directions together may import a whole CRM; this is how many records the scope lets through, those that "
        "existed before the first run included (they are created with plan --adopt, or existing: create).",
        rule="R9, R29",
        fix="If these are more than you mean, narrow scope in the mapping, or set allow_percent for this audit.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
