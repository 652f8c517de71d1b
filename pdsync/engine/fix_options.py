"""The accepted missing options of a fix file as changes of a plan: one change for each list that grows (R24)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pdsync.model import (
    MISSING,
    BoundMapping,
    Change,
    ChangeKind,
    Decision,
    Field,
    FieldChange,
    Finding,
    FixFile,
    Kind,
    MissingOption,
    Option,
    Reason,
    Severity,
    Side,
    Subject,
)
from pdsync.planning.comparison import same, trimmed
from pdsync.planning.repairs import REPAIR, fixed_list, mapped_by
from pdsync.planning.transforms import option_pairs
from pdsync.planning.wording import quoted

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["by_hand", "option_decisions"]

_STAYS: Final = "an option stays in the list once a record holds it"
"""What an undo could not take back."""


def option_decisions(
    bound: BoundMapping, wanted: Mapping[Subject, tuple[Field, list[MissingOption]]]
) -> Iterator[Decision]:
    """One per list, in the order of the file. Labels that it has already are only counted."""
    for subject, (field, options) in wanted.items():
        schema = bound.schemas[subject.side]
        labels = [trimmed(option.label) for option in options]
        fixed = fixed_list(schema, field)
        if fixed:
            yield Decision(findings=tuple(_refused(subject, field, label, fixed) for label in labels))
            continue
        new = [
            label for label in labels if not any(same(Kind.TEXT, one.label, label) for one in field.options)
        ]
        mapped = mapped_by(bound, subject.side, field.code)
        change = Change(
            kind=ChangeKind.ADD_OPTIONS,
            side=subject.side,
            fields=tuple(
                FieldChange(
                    mapped.key if mapped else REPAIR, field.code, MISSING, label, Reason.REPAIR, MISSING
                )
                for label in new
            ),
            title=field.name,
            irreversible=(_STAYS,),
        )
        done = len(labels) - len(new)
        yield Decision(
            changes=(change,) if new else (),
            findings=tuple(_unpaired(bound, subject.side, field, new)),
            counts={"already-repaired": done} if done else {},
        )


def by_hand(ws: Workspace, fixes: FixFile) -> list[MissingOption]:
    """The options of a fix file that nothing but a person can add, as far as both sides were read."""
    from pdsync.snapshots.reader import latest

    found: list[MissingOption] = []
    for side in Side:
        snapshot = latest(ws.folder.root, side)
        if snapshot is not None:
            schema = snapshot.schema
            lists = {name: schema.named(name) for name in {option.field for option in fixes.options}}
            found += [
                option
                for option in fixes.options
                if option.side is side and any(fixed_list(schema, field) for field in lists[option.field])
            ]
    return found


def _refused(subject: Subject, field: Field, label: str, why: str) -> Finding:
    return Finding(
        "unsupported",
        Severity.WARNING,
        f"{quoted(label)} is not added: {quoted(field.name)} {why}",
        subjects=(subject,),
        field=field.name,
        fix=f"add it by hand in {subject.side.label}, or pair it with another option in the mapping",
        rule="R24",
    )


def _unpaired(bound: BoundMapping, side: Side, field: Field, labels: list[str]) -> Iterator[Finding]:
    """New options that no option of the other list will find by itself: their names are too different."""
    mapped = mapped_by(bound, side, field.code)
    if (
        mapped is None or side is Side.PLEZI
    ):  # there the service makes the value; what it will be is not known
        return
    new = [Option(f"+{number}", label) for number, label in enumerate(labels)]
    longer = replace(field, options=(*field.options, *new))
    paired = {here for here, _ in option_pairs(mapped.written, longer, mapped.on(side.other))}
    for option in new:
        if option.id not in paired:
            yield Finding(
                "option-unpaired",
                Severity.WARNING,
                f"{quoted(option.label)} will not find its counterpart in {side.other.label} by its name",
                subjects=(Subject(side, "field", field.code),),
                field=field.name,
                fix="once it is there, add a line under options.pairs of this field",
                rule="R24",
            )
