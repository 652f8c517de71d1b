"""Links of which a record is gone: deleted, merged, or no longer visible (design 6, Absence).

Only a complete snapshot proves that a record is gone; a link that a plan called broken before stays so until it is back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.pairing_rows import pair_rows
from pdsync.audits.qualifying import links
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, LinkState, Severity, Side

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    import narwhals as nw

    if inputs.links is None:
        return Found(())
    gone: dict[Side, Frame] = {}
    for side in Side:
        held, column = inputs.sides[side], f"{side}_id"
        ids = held.frames.records.select(nw.col("id").alias(column))
        known = links(inputs)
        if not held.coverage.complete:
            known = known.filter(nw.col("state") == str(LinkState.BROKEN))
        lost = known.join(ids, on=column, how="anti").select("pipedrive_id", "plezi_id", "state")
        gone[side] = inputs.engine.keep(lost)
    frames: list[Frame] = []
    for side in Side:
        other = side.other
        missing = gone[side].join(gone[other], on=["pipedrive_id", "plezi_id"], how="anti")
        message = f"The {side.noun} of this link is gone from {side.label}; its {other.noun} is not written any more"
        frames += pair_rows(missing, key=str(side), group=f"gone from {side.label}", message=message)
    both = gone[Side.PIPEDRIVE].join(gone[Side.PLEZI], on=["pipedrive_id", "plezi_id"], how="semi")
    both = both.filter(nw.col("state") != str(LinkState.BROKEN))  # of the others, a plan has said so
    message = "Both records of this link are gone"
    frames += pair_rows(both, key="both", group="gone from both", message=message)
    return Found(frames)


def _headline(summary: AuditSummary) -> str:
    """``3 links (gone from Pipedrive 2, gone from Plezi 1)``."""
    where = ", ".join(f"{name} {count:,}" for name, count in summary.groups.items())
    return f"{counted(summary.findings, 'link')} ({where})"


AUDITS = (
    Audit(
        code="orphan-link",
        severity=Severity.WARNING,
        title="links of which a record is gone",
        why="Nothing is written, created or linked again by itself for the record that is left, because a deletion or "
        "a merge on one side is no order to the other.",
        rule="R21",
        fix="Restore the record that is gone, or delete its partner; after a merge, let go of the link (pdsync release): "
        "then the survivor is linked by its address.",
        needs=(Need.MAPPED,),
        find=_find,
        headline=_headline,
    ),
)
