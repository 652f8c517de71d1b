"""The undo of options that a run added to a list: they are taken off again, if nobody holds them (R24).

Only what the journal says the run made, by its identity and its label. Whether somebody holds it is looked at now, so
that what stays is listed before anything is done, and once more just before it is done.
"""

from __future__ import annotations

from collections import Counter

from pdsync.engine.option_use import OptionUse
from pdsync.model import (
    BoundMapping,
    Change,
    ChangeKind,
    Decision,
    Field,
    FieldChange,
    Finding,
    JournalEntry,
    Reason,
    Severity,
)
from pdsync.planning.repairs import fixed_list
from pdsync.planning.wording import quoted

__all__ = ["off_the_list"]


async def off_the_list(bound: BoundMapping, entry: JournalEntry, use: OptionUse) -> Decision:
    """What is taken back of a change of a list, and what is not and why.

    Raises:
        ServiceError: who holds the options could not be read.
    """
    change = entry.change
    if change.kind is ChangeKind.REMOVE_OPTIONS:
        gone = ("deleted", "what was taken off does not come back")
        return _stays(entry, {str(one.before): gone for one in change.fields})
    field = bound.schemas[change.side].by_code.get(change.subject.id)
    if field is None:
        return _stays(entry, {str(one.after): ("field-gone", "the field is gone") for one in change.fields})
    kept: dict[str, tuple[str, str]] = {}
    fields: list[FieldChange] = []
    for one in change.fields:
        label, identity = str(one.after), str(entry.stored.get(str(one.after), ""))
        why = await _why_not(bound, entry, field, label, use)
        if why is not None:
            kept[label] = why
        else:
            fields.append(FieldChange(one.key, one.code, label, None, Reason.UNDO, option=identity))
    stays = _stays(entry, kept)
    if not fields:
        return stays
    taken = Change(
        kind=ChangeKind.REMOVE_OPTIONS,
        side=change.side,
        fields=tuple(fields),
        title=change.title,
        irreversible=("what is taken off a list does not come back by an undo",),
    )
    return Decision(changes=(taken,), findings=stays.findings, counts=stays.counts)


async def _why_not(
    bound: BoundMapping, entry: JournalEntry, field: Field, label: str, use: OptionUse
) -> tuple[str, str] | None:
    """Why an option stays: (count, words); None: it can be taken off."""
    side = entry.change.side
    known = field.option(str(entry.stored.get(label, "")))
    if known is None:
        return "changed-since", "it is not in the list any more"
    if known.label != label:
        return "changed-since", f"somebody renamed it to {quoted(known.label)}"
    fixed = fixed_list(bound.schemas[side], field)
    if fixed:
        return "option-stays", fixed
    held = (await use.of(side)).why_held(side, field.code, [known.id])
    return ("option-stays", held) if held else None


def _stays(entry: JournalEntry, kept: dict[str, tuple[str, str]]) -> Decision:
    findings = tuple(
        Finding(
            code="not-undone",
            severity=Severity.INFO,
            message=f"the option {quoted(label)} stays as it is: {words}",
            subjects=(entry.change.subject,),
            field=entry.change.subject.id,
        )
        for label, (_, words) in kept.items()
    )
    return Decision(findings=findings, counts=dict(Counter(count for count, _ in kept.values())))
