"""What the flag of the scope holds besides yes and nothing (R9).

Plezi's connector knows two states of ``sync_to_plezi``: yes, and empty. A field counts as such a flag if the scope asks
it for a word for yes. Other values keep a person out of the sync, some of them by mistake: a yes in another spelling or
language, an option that was deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.flowing import field_row, holder_rows
from pdsync.audits.inputs import OPTION_KINDS, AuditInputs, Need, SideInputs
from pdsync.audits.wording import counted, records_counted
from pdsync.model import AuditSummary, Condition, Field, Kind, Record, Severity, Side, Value
from pdsync.planning.comparison import comparison_form
from pdsync.planning.scoping import find_field, matches
from pdsync.planning.transforms import slug
from pdsync.planning.wording import listed, quoted
from pdsync.snapshots.columns import compared, delivered
from pdsync.snapshots.encoding import decode_value
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["AUDITS"]

_YES: Final = frozenset(
    (
        "yes",
        "y",
        "oui",
        "o",
        "ja",
        "j",
        "si",
        "sim",
        "s",
        "ok",
        "true",
        "vrai",
        "wahr",
        "vero",
        "x",
        "1",
        "on",
    )
)
"""Words for yes, as slugs."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A value that the flag holds and that is not the one asked for."""

    text: str
    """As delivered, in JSON."""
    value: Value
    records: int
    label: str
    """What people see: the option's label, else the value."""
    in_list: bool
    """False only for a list that does not have it."""

    @property
    def looks_like_yes(self) -> bool:
        return not self.in_list or slug(self.label) in _YES


@dataclass(frozen=True, slots=True)
class _Flag:
    target: Side
    field: Field
    where: Condition

    @property
    def wanted(self) -> str:
        return listed(quoted(value) for value in self.where.equals)


def _flags(inputs: AuditInputs) -> Iterator[_Flag]:
    for target in Side:
        scope = inputs.bound.mapping.scope.get(target)
        where = scope.where if scope is not None else None
        if where is None or not where.equals:
            continue
        field = find_field(inputs.bound, target.other, where.field)
        yes = all(slug(str(value)) in _YES for value in where.equals)
        if (
            field is not None
            and yes
            and field.kind is not Kind.OPTIONS
            and field.code in inputs.sides[target.other].codes
        ):
            yield _Flag(target, field, where)


def _values(inputs: AuditInputs, flag: _Flag) -> list[_Held]:
    """Every other value of a flag, commonest first."""
    import narwhals as nw

    held, code = inputs.sides[flag.target.other], flag.field.code
    filled = held.frames.records.filter(~nw.col(compared(code)).is_null())
    counts = filled.group_by(delivered(code)).agg(nw.len().alias("records"))
    found: list[_Held] = []
    for row in collect(counts).to_pylist():
        value = decode_value(row[delivered(code)])
        if matches(inputs.bound, flag.where, Record(held.side, "", {code: value})):
            continue
        form = comparison_form(flag.field.kind, value) or ""
        option = flag.field.option(form)
        known = option is not None or flag.field.kind not in OPTION_KINDS
        label = option.label if option is not None else form
        found.append(_Held(row[delivered(code)], value, int(row["records"]), label, known))
    return sorted(found, key=lambda one: (-one.records, one.text))


def _finder(*, unclear: bool) -> Callable[[AuditInputs], Found]:
    def find(inputs: AuditInputs) -> Found:
        frames: list[Frame] = []
        number = 0
        for flag in _flags(inputs):
            for value in _values(inputs, flag):
                if value.looks_like_yes is unclear:
                    number += 1
                    frames += _rows(inputs, flag, value, f"{number:06}")
        return Found(frames, not_checked=_unread(inputs))

    return find


def _unread(inputs: AuditInputs) -> tuple[str, ...]:
    """The tests of the scope whose field was not read, in words."""
    lost: list[str] = []
    for target in Side:
        scope = inputs.bound.mapping.scope.get(target)
        where = scope.where if scope is not None else None
        field = (
            find_field(inputs.bound, target.other, where.field)
            if where is not None and where.equals
            else None
        )
        if field is not None and field.code not in inputs.sides[target.other].codes:
            lost.append(f"{quoted(field.name)} was not read from {target.other.label}")
    return tuple(lost)


def _rows(inputs: AuditInputs, flag: _Flag, value: _Held, order: str) -> Iterator[Frame]:
    import narwhals as nw

    held: SideInputs = inputs.sides[flag.target.other]
    code, noun = flag.field.code, held.side.noun
    what = quoted(value.label) if value.in_list else f"the option {value.label}, which is in no list any more"
    said = {
        "key": f"{flag.target}\n{code}\n{value.text}",
        "order": order,
        "group": value.label,
        "field": flag.where.field,
        "message": f"{quoted(flag.field.name)} of {counted(value.records, noun)} holds {what}; "
        f"only {flag.wanted} lets them into {flag.target.label}",
    }
    listed_kind = flag.field.kind in OPTION_KINDS
    subject = f"{code}/{comparison_form(flag.field.kind, value.value)}" if listed_kind else code
    details: dict[str, Value] = {"label": value.label, "value": value.value, "records": value.records}
    yield field_row(inputs, held.side, subject, said, details, noun="option" if listed_kind else "field")
    yield holder_rows(held, held.frames.records.filter(nw.col(delivered(code)) == value.text), said)


def _headline(summary: AuditSummary) -> str:
    """``208 persons (No 200, 99 8)``."""
    values = ", ".join(quoted(name) for name in list(summary.groups)[:3])
    return f"{records_counted(summary)} ({values}{', ...' if len(summary.groups) > 3 else ''})"


AUDITS = (
    Audit(
        code="scope-value",
        severity=Severity.INFO,
        title="values of the scope's flag other than yes and empty",
        why="Plezi's own connector knows yes and empty only. These records stay out of the sync, and whoever reads the list "
        "of persons has to know that they do.",
        rule="R9",
        fix="Nothing, if they are meant to stay out; emptying the flag says the same.",
        needs=(Need.MAPPED,),
        find=_finder(unclear=False),
        headline=_headline,
    ),
    Audit(
        code="scope-value-unclear",
        severity=Severity.WARNING,
        title="values of the scope's flag that probably mean yes and do not count as one",
        why="Somebody wanted these records in the sync: a yes in another spelling, or an option that was deleted since, is "
        "not the value that the scope asks for, and they stay out without a word.",
        rule="R9",
        fix="Set the flag to the value that the scope asks for, or add this one under scope, is.",
        needs=(Need.MAPPED,),
        find=_finder(unclear=True),
        headline=_headline,
    ),
)
