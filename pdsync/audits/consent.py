"""Sides of which the mapping does not say what opting out means (design 6, Consent).

Without that, a person who opted out looks like any other: they may be created on the other side, and mailed from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import field_row, holder_rows
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Field, Kind, Severity, Side
from pdsync.planning.fieldrules import about_consent
from pdsync.planning.wording import quoted
from pdsync.snapshots.columns import compared
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    from collections.abc import Iterator

    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    """One finding per field that seems to be about consent; one for a side without such a field, if no side is covered."""
    frames: list[Frame] = []
    consent = inputs.bound.mapping.consent
    for number, side in enumerate(Side):
        if side in consent:
            continue
        held = inputs.sides[side]
        fields = [one for one in held.schema.fields if about_consent({one.code, one.name})]
        for field in fields:
            frames += _of_field(inputs, side, field, f"{number}")
        if not fields and not consent:
            said = {
                "key": f"{side}\nno field",
                "order": f"{number}",
                "group": side.label,
                "message": f"The mapping does not say what opting out means in {side.label}, and no field there shows it",
            }
            frames.append(field_row(inputs, side, inputs.bound.email[side], said))
    return Found(frames)


def _of_field(inputs: AuditInputs, side: Side, field: Field, order: str) -> Iterator[Frame]:
    """The field, and the records in which it says something."""
    import narwhals as nw

    held = inputs.sides[side]
    form = nw.col(compared(field.code))
    filled = None
    number = 0
    if field.code in held.codes:
        filled = held.frames.records.filter(~form.is_null())
        if field.kind is Kind.BOOLEAN:
            filled = filled.filter(form == "true")
        number = int(collect(filled.select(nw.len().alias("records")))["records"][0].as_py())
    what = f"{quoted(field.name)} in {side.label} seems to be about consent, and the mapping's consent part does not name it"
    said = {
        "key": f"{side}\n{field.code}",
        "order": order,
        "group": side.label,
        "field": field.name,
        "message": f"{what}; it says something of {counted(number, side.noun)}",
    }
    yield field_row(inputs, side, field.code, said, {"records": number})
    if filled is not None:
        yield holder_rows(held, filled, said)


def _headline(summary: AuditSummary) -> str:
    """``nothing says what opting out means in Pipedrive, Plezi``."""
    return f"nothing says what opting out means in {', '.join(summary.groups)}"


AUDITS = (
    Audit(
        code="consent-not-covered",
        severity=Severity.WARNING,
        title="sides of which the mapping does not say what opting out means",
        why="Opting out always wins, but only where the mapping says how to tell: without it, people who opted out are "
        "created on the other side and mailed from there.",
        rule="R16",
        fix="Name the field and its value under consent in the mapping.",
        needs=(Need.MAPPED,),
        find=_find,
        headline=_headline,
    ),
)
