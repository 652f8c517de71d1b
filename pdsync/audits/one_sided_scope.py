"""Pairs of whom one record is in scope and the other is not: updates flow one way only, or not at all (R9).

A pair is who is linked, or would be linked by address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.pairing_rows import pair_rows
from pdsync.audits.qualifying import has_both_addresses, in_scope, pairs, unread_scope
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity, Side, WhenLeft

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    import narwhals as nw

    scopes = inputs.bound.mapping.scope
    tested = [
        target for target in Side if (scope := scopes.get(target)) is not None and scope.where is not None
    ]
    if not tested or not has_both_addresses(inputs):
        return Found(())
    both = pairs(inputs)
    present = {
        side: inputs.sides[side].frames.records.select(nw.col("id").alias(f"{side}_id")) for side in Side
    }
    for side in Side:
        both = both.join(present[side], on=f"{side}_id", how="semi")
    within = {
        target: in_scope(inputs, target).select(nw.col("id").alias(f"{target.other}_id")) for target in Side
    }
    frames: list[Frame] = []
    for target in tested:
        side = target.other
        outside = both.join(within[target], on=f"{side}_id", how="anti")
        one_sided = inputs.engine.keep(outside.join(within[target.other], on=f"{target}_id", how="semi"))
        scope = scopes[target]
        then = (
            "gets no updates of this pair" if scope.when_left is WhenLeft.STOP else "is updated nevertheless"
        )
        message = f"This {side.noun} is not in the scope of to_{target}, its {target.noun} is; {target.label} {then}"
        frames += pair_rows(one_sided, key=f"to_{target}", group=f"not to {target.label}", message=message)
    return Found(frames, not_checked=unread_scope(inputs, *Side))


def _headline(summary: AuditSummary) -> str:
    """``12 pairs``."""
    return counted(summary.findings, "pair")


AUDITS = (
    Audit(
        code="one-sided-scope",
        severity=Severity.INFO,
        title="pairs of which one record is in scope and the other is not",
        why="People expect both records of a person to be kept alike; where one is out of scope, what changes there stays "
        "there.",
        rule="R9",
        fix="Bring the record into scope, or leave it: nothing is deleted or unlinked because of it.",
        needs=(Need.ADDRESSES,),
        find=_find,
        headline=_headline,
    ),
)
