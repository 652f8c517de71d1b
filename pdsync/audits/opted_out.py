"""People who opted out on one side while the other side does not know and may still mail them (design 6, Consent).

Mail goes to addresses, so it is enough that two records share one, or are linked; who is who does not matter here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.pairing_rows import pair_rows
from pdsync.audits.qualifying import has_both_addresses, links, opted_out_ids, sharing
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity, Side
from pdsync.planning.scoping import find_field
from pdsync.planning.wording import quoted
from pdsync.snapshots.columns import delivered

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    """Only where the mapping says of both sides what opted out means; ``consent-not-covered`` says where it does not."""
    import narwhals as nw

    bound, fields, unread = inputs.bound, {}, []
    for side, consent in inputs.bound.mapping.consent.items():
        field = find_field(bound, side, consent.field)
        if field is not None and field.code in inputs.sides[side].codes:
            fields[side] = field
        elif field is not None:
            unread.append(f"{quoted(field.name)} was not read from {side.label}")
    if unread and len(bound.mapping.consent) == len(Side):
        return Found((), not_checked=tuple(unread))
    if len(fields) < len(Side) or not has_both_addresses(inputs):
        return Found(())
    out = {side: inputs.engine.keep(opted_out_ids(inputs, side)) for side in Side}
    known = {
        side: inputs.sides[side].frames.records.filter(~nw.col(delivered(field.code)).is_null()).select("id")
        for side, field in fields.items()
    }
    frames: list[Frame] = []
    for side in Side:
        told = {side: out[side], side.other: known[side.other].join(out[side.other], on="id", how="anti")}
        name = bound.mapping.consent[side].field
        frames += pair_rows(
            _met(inputs, told),
            key=str(side),
            group=f"out in {side.label} only",
            message=f"This {side.noun} opted out in {side.label}; the {side.other.noun} in {side.other.label} has not",
            field=name,
        )
    return Found(frames)


def _met(inputs: AuditInputs, chosen: dict[Side, Frame]) -> Frame:
    """``pipedrive_id``, ``plezi_id`` of the chosen records that share an address or are linked."""
    import narwhals as nw

    both = ["pipedrive_id", "plezi_id"]
    met = nw.concat([links(inputs).select(both), sharing(inputs)])
    for side, ids in chosen.items():
        met = met.join(ids.select(nw.col("id").alias(f"{side}_id")), on=f"{side}_id", how="semi")
    return inputs.engine.keep(met.unique())


def _headline(summary: AuditSummary) -> str:
    """``3 people (out in Pipedrive only 1, out in Plezi only 2)``."""
    where = ", ".join(f"{name} {count:,}" for name, count in summary.groups.items())
    return f"{counted(summary.findings, 'person', 'people')} ({where})"


AUDITS = (
    Audit(
        code="opted-out-mailed",
        severity=Severity.WARNING,
        title="people who opted out on one side, while the other side may still mail them",
        why="Opting out counts wherever it was said; mail that is sent afterwards breaks that, whichever system sends it.",
        rule="R16",
        fix="Opt the person out on the other side as well; map the two consent fields, and the sync does it from then on.",
        needs=(Need.ADDRESSES,),
        find=_find,
        headline=_headline,
    ),
)
