"""Drop-down and multiple-choice lists that are not the same on both sides (R24).

The planner decides which options mean the same (``planning.transforms.option_pairs``: a pair in the mapping, an exact
label, a unique slug); this audit asks it, and reports what it leaves open, in the directions in which the field flows:
an option that the other side does not have, one that is spelt differently there (with the pair to write into the
mapping), and values in the data that are in no list. Every finding names the options and each record that holds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.resemblance import Resemblance, resembling
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, BoundField, Field, Option, Severity, Side, Value
from pdsync.planning.wording import listed, quoted
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "proposed_pairs", "unsettled"]

_IN_HEADLINE: Final = 3
"""Fields that the line for overviews names."""


@dataclass(frozen=True, slots=True)
class _Mismatch:
    """One finding: an option without a counterpart, or two options that probably mean the same."""

    bound: BoundField
    options: Mapping[Side, str]
    """Option identities, by side; two when a pair is proposed."""
    problem: str
    """``missing``, ``spelling`` or ``not-in-list``."""
    message: str
    fix: str
    details: Mapping[str, Value] = field(default_factory=dict)

    @property
    def key(self) -> str:
        named = "\n".join(f"{side} {self.options[side]}" for side in Side if side in self.options)
        return f"{self.bound.key}\n{self.problem}\n{named}"


def _find(inputs: AuditInputs) -> Found:
    held = _holders(inputs)
    mismatches: list[_Mismatch] = []
    unknown: list[str] = []
    for bound in inputs.option_fields():
        unknown += [
            f"who holds options of {quoted(bound.on(side).name)} was not read from {side.label}"
            for side in Side
            if bound.on(side).code not in inputs.sides[side].codes and not inputs.lacks(Need.OPTIONS, side)
        ]
        without = [side for side in Side if not bound.on(side).options]
        if without:
            unknown += [
                f"the list of {quoted(bound.on(side).name)} in {side.label} is not known" for side in without
            ]
            continue
        mismatches += _of_field(bound, held)
    if not mismatches:
        return Found((), not_checked=tuple(unknown))
    rows = [_option_rows(inputs, mismatches, held), *_holder_rows(inputs, mismatches)]
    return Found(rows, not_checked=tuple(unknown))


_Held = Mapping[Side, Mapping[tuple[str, str], int]]
"""(field code, option) -> number of records that hold it, by side."""


def _holders(inputs: AuditInputs) -> _Held:
    import narwhals as nw

    held: dict[Side, dict[tuple[str, str], int]] = {side: {} for side in Side}
    for source in inputs.having(Need.OPTIONS):
        codes = [bound.on(source.side).code for bound in inputs.option_fields()]
        counts = (
            source.frames.options.filter(nw.col("code").is_in(codes))
            .group_by("code", "option")
            .agg(nw.len().alias("records"))
        )
        for row in collect(counts).to_pylist():
            held[source.side][row["code"], row["option"]] = int(row["records"])
    return held


def _of_field(bound: BoundField, held: _Held) -> Iterator[_Mismatch]:
    """Everything that differs between the two lists of one field mapping."""
    open_options = {side: unsettled(bound, side) for side in Side}
    paired: dict[Side, set[str]] = {side: set() for side in Side}
    for here, there, likeness in proposed_pairs(bound):
        paired[Side.PIPEDRIVE].add(here.id)
        paired[Side.PLEZI].add(there.id)
        yield _spelling(bound, here, there, likeness)
    for side in Side:
        if bound.writes(side.other):
            for option in open_options[side]:
                if option.id not in paired[side]:
                    yield _missing(bound, side, option)
    for side in Side:
        yield from _not_in_list(bound, side, held)


def proposed_pairs(bound: BoundField) -> Iterator[tuple[Option, Option, Resemblance]]:
    """Options that probably mean the same and do not find each other: what a person is asked to pair."""
    return resembling(*(unsettled(bound, side) for side in Side))


def unsettled(bound: BoundField, side: Side) -> list[Option]:
    """The options of ``side`` that the planner cannot translate, in the order of the list."""
    known = bound.option_to[side.other]
    return [option for option in bound.on(side).options if option.id not in known]


def _spelling(bound: BoundField, here: Option, there: Option, likeness: Resemblance) -> _Mismatch:
    if likeness.differences:
        how = f"differ by {listed(likeness.differences)}"
    else:
        how = "bear the same label" if here.label == there.label else "probably mean the same"
    return _Mismatch(
        bound,
        {Side.PIPEDRIVE: here.id, Side.PLEZI: there.id},
        "spelling",
        f"{quoted(here.label)} in Pipedrive and {quoted(there.id)} in Plezi {how}; without a pair neither crosses",
        f"Spell both alike, or add under options.pairs of this field: {_pair(here.label, there.id)}",
        {"differences": list(likeness.differences), "similarity": likeness.similarity},
    )


def _missing(bound: BoundField, side: Side, option: Option) -> _Mismatch:
    other = bound.on(side.other)
    seen = " (as far as its data shows)" if all(entry.observed for entry in other.options) else ""
    message = f"{quoted(option.label)} in {side.label} has no counterpart in {side.other.label}{seen}"
    alike, _, _ = next(iter(resembling(other.options, [option])), (None, None, None))
    if alike is not None:
        message += f"; {quoted(alike.label)} there resembles it and is the counterpart of another option"
    return _Mismatch(
        bound,
        {side: option.id},
        "missing",
        message,
        f"Add it to the list {quoted(other.name)} in {side.other.label}, or pair it with another option in the mapping.",
        {"resembles": alike.id} if alike is not None else {},
    )


def _not_in_list(bound: BoundField, side: Side, held: _Held) -> Iterator[_Mismatch]:
    """Values in the data that the list does not have: options that were deleted, or never were there."""
    owner = bound.on(side)
    known = {option.id for option in owner.options}
    for (code, option), records in sorted(held[side].items()):
        if code != owner.code or option in known:
            continue
        who = counted(records, f"{side.noun} holds", f"{side.noun}s hold")
        what = (
            f"the deleted option {option}"
            if _is_deleted(side, option)
            else f"{quoted(option)}, which is in no list"
        )
        yield _Mismatch(
            bound,
            {side: option},
            "not-in-list",
            f"In {side.label} {who} {what}; it cannot be translated",
            f"Give these {side.noun}s an option of the list {quoted(owner.name)}, or none.",
            {} if _is_deleted(side, option) else {"typed": True},
        )


def _is_deleted(side: Side, option: str) -> bool:
    """Pipedrive delivers option ids, so a number that is in no list was in it once; Plezi delivers words."""
    return side is Side.PIPEDRIVE and option.isascii() and option.isdigit()


def _pair(here: str, there: str) -> str:
    """A line for the mapping; JSON strings are YAML."""
    return f"- {{pipedrive: {json.dumps(here, ensure_ascii=False)}, plezi: {json.dumps(there, ensure_ascii=False)}}}"


def _option_rows(inputs: AuditInputs, mismatches: Sequence[_Mismatch], held: _Held) -> nw.LazyFrame[Any]:
    """One row per finding and option."""
    columns: dict[str, list[str | None]] = {
        name: []
        for name in ("order", "key", "side", "noun", "id", "group", "field", "message", "fix", "details")
    }
    for number, mismatch in enumerate(mismatches):
        for side, option in mismatch.options.items():
            owner = mismatch.bound.on(side)
            details: dict[str, Value] = {
                "problem": mismatch.problem,
                "option": option,
                "label": _label(owner, option),
                "records": held[side].get((owner.code, option), 0),
                **mismatch.details,
            }
            name = mismatch.bound.written.pipedrive
            row = (
                f"{number:06}", mismatch.key, str(side), "option", f"{owner.code}/{option}", name, name,
                mismatch.message, mismatch.fix, json.dumps(details, ensure_ascii=False),
            )  # fmt: skip
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    return inputs.frame(columns)


def _holder_rows(inputs: AuditInputs, mismatches: Sequence[_Mismatch]) -> Iterator[nw.LazyFrame[Any]]:
    """One row per finding and record that holds one of its options."""
    import narwhals as nw

    for source in inputs.having(Need.OPTIONS):
        columns: dict[str, list[str | None]] = {
            name: [] for name in ("code", "option", "order", "key", "group", "field", "message", "fix")
        }
        for number, mismatch in enumerate(mismatches):
            if source.side in mismatch.options:
                name = mismatch.bound.written.pipedrive
                row = (
                    mismatch.bound.on(source.side).code, mismatch.options[source.side],
                    f"{number:06}", mismatch.key, name, name, mismatch.message, mismatch.fix,
                )  # fmt: skip
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
        if not columns["key"]:
            continue
        yield source.frames.options.join(inputs.frame(columns), on=["code", "option"], how="inner").select(
            nw.lit(str(source.side)).alias("side"), "id", "order", "key", "group", "field", "message", "fix"
        )


def _label(owner: Field, option: str) -> str | None:
    known = owner.option(option)
    return known.label if known is not None else None


def _headline(summary: AuditSummary) -> str:
    """``Secteur: 3 options differ; 208 records``."""
    fields = list(summary.groups.items())
    parts = [
        f"{name}: {counted(count, 'option differs', 'options differ')}"
        for name, count in fields[:_IN_HEADLINE]
    ]
    if len(fields) > _IN_HEADLINE:
        parts.append(f"{len(fields) - _IN_HEADLINE:,} more fields")
    return "; ".join([*parts, counted(sum(summary.records.values()), "record")])


AUDITS = (
    Audit(
        code="option-mismatch",
        severity=Severity.WARNING,
        title="options of mapped lists that are not the same on both sides",
        why="Drop-down and multiple-choice lists must be exactly the same on both sides: a value without a counterpart is "
        "left out of the sync.",
        rule="R24",
        fix="Make both lists the same, or pair the options in the mapping.",
        needs=(Need.OPTIONS,),
        find=_find,
        headline=_headline,
    ),
)
