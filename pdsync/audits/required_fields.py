"""Records that would be created on the other side if something required were not missing (R13).

Who would be created is decided as the planner does it: alone, in scope, not opted out, with an address
(``qualifying.creatable``). Required is what the mapping's scope asks for and what the target demands of new records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import single_rows
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.qualifying import creatable, has_both_addresses, is_filled, required_fields, unread_scope
from pdsync.audits.wording import records_counted
from pdsync.model import AuditSummary, Severity, Side
from pdsync.planning.wording import quoted

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    if not has_both_addresses(inputs):
        return Found(())
    frames: list[Frame] = []
    for target in Side:
        held = inputs.sides[target.other]
        wanted = required_fields(inputs, target)
        if not wanted:
            continue
        records = held.frames.records.join(creatable(inputs, target), on="id", how="semi")
        for number, (name, sources) in enumerate(wanted):
            said = {
                "key": f"{target}\n{name}",
                "order": f"{target} {number:04}",
                "group": name,
                "field": name,
                "message": f"This {held.side.noun} cannot be created in {target.label} without {quoted(name)}",
            }
            empty = records.filter(~is_filled(sources, held)).select("id")
            frames.append(single_rows(held, empty, said))
    concerned = [target for target in Side if required_fields(inputs, target)]
    return Found(frames, not_checked=unread_scope(inputs, *concerned))


def _headline(summary: AuditSummary) -> str:
    """``12 contacts (last_name 12, first_name 4)``."""
    fields = ", ".join(f"{name} {count:,}" for name, count in summary.groups.items())
    return f"{records_counted(summary)} ({fields})"


AUDITS = (
    Audit(
        code="required-empty",
        severity=Severity.WARNING,
        title="records that would be created on the other side if a required field were filled",
        why="A contact without first name and surname is rejected on its way to Pipedrive, and so is any record without "
        "what the other side demands; it stays where it is until it is mended.",
        rule="R13",
        fix="Fill the field; the next sync tries again by itself.",
        needs=(Need.ADDRESSES,),
        find=_find,
        headline=_headline,
    ),
)
