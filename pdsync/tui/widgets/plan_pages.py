"""The rows of a plan: conflicts on top, its changes by person, by field or by side, then all else that was found.

They are drawn when they are in sight.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Final

from pdsync.engine.plan_review import PlanReview, Values
from pdsync.errors import PdsyncError
from pdsync.model import BoundMapping, Change, Finding, Plan, Side, Subject, Value
from pdsync.report.text.layout import Line, Role, fit, line, pad, told_apart
from pdsync.report.text.plan import after_role, change_lines
from pdsync.report.text.values import SEVERITY_ROLE, Names, counted, option_texts, reason_words, shown
from pdsync.tui.widgets.listing import Row, Wide
from pdsync.tui.widgets.paint import inert

__all__ = ["GROUPINGS", "At", "Order", "PlanPages", "PlanRows"]

GROUPINGS: Final = ("person", "field", "side")
_SUBJECTS: Final = 3
"""Records of a finding that its row names."""


@dataclass(frozen=True, slots=True)
class At:
    """What stands in a row."""

    change: Change | None = None
    finding: Finding | None = None
    key: str = ""
    """The field mapping of the row; empty: the row is of a whole change."""


@dataclass(frozen=True, slots=True)
class Order:
    """Blocks of rows that belong together, by number: a change, one of its fields, a finding or a heading."""

    ends: Sequence[int]
    """The row after each block."""
    what: Sequence[int]
    """The number of its change; below 0: ``others[-1 - n]``."""
    fields: Sequence[int]
    """Of its change only this field, in one row; below 0: the whole change."""
    others: Sequence[Finding | Line]


class _Ordering:
    """An order in the making."""

    def __init__(self, review: PlanReview) -> None:
        self._review = review
        self._heights = array("I")
        self._what = array("q")
        self._fields = array("i")
        self._others: list[Finding | Line] = []

    def other(self, what: Finding | Line) -> None:
        self._others.append(what)
        self._heights.append(_height(what) if isinstance(what, Finding) else 1)
        self._what.append(-len(self._others))
        self._fields.append(-1)

    def heading(self, title: str, count: str, role: Role = Role.STRONG) -> None:
        self.other(line((f" {title}", role), (f"  {count}", Role.DIM)))

    def whole(self, numbers: Sequence[int]) -> None:
        self._what.extend(iter(numbers))
        self._heights.extend(1 + self._review.size(number) for number in numbers)
        self._fields.extend(repeat(-1, len(numbers)))

    def values(self, values: Values) -> None:
        self._what.extend(iter(values.changes))  # iter: the arrays are of different kinds
        self._heights.extend(repeat(1, len(values.changes)))
        self._fields.extend(iter(values.fields))

    def made(self) -> Order:
        return Order(array("Q", accumulate(self._heights)), self._what, self._fields, self._others)


class PlanPages:
    """A plan as blocks of rows, each read from its file when it is looked at."""

    def __init__(self, plan: Plan, names: BoundMapping | None) -> None:
        self._review = PlanReview(plan, names)

    def order(self, grouping: str, words: str = "", stopped: Callable[[], bool] = lambda: False) -> Order:
        """Which blocks there are: for a large plan this takes a while, and ``stopped`` ends it.

        Args:
            grouping: One of ``GROUPINGS``.
            words: Only changes and findings in which these stand: a name, an id, a field.
            stopped: Whether nobody waits for it any more.
        """
        review, ordering = self._review, _Ordering(self._review)
        numbers: Sequence[int] = review.holding(words, stopped) if words else range(len(review))
        for finding in review.conflicts_holding(words):
            ordering.other(finding)
        if grouping == "field":
            for values in review.by_field(numbers):
                ordering.heading(review.names.of_key(values.key), _how_many(values, review.options(values)))
                ordering.values(values)
        elif grouping == "side":
            for side in Side:
                if here := review.of_side(side, numbers):
                    ordering.heading(f"to {side.label}", counted(len(here), "change"))
                    ordering.whole(here)
        else:
            ordering.whole(numbers)
        for code, count, findings in review.others_holding(words):
            ordering.heading(code, counted(count, "finding"), SEVERITY_ROLE[findings[0].severity])
            for finding in findings:
                ordering.other(finding)
            if count > len(findings):
                ordering.other(line((f"   and {count - len(findings):,} more", Role.DIM)))
        return ordering.made()

    def rows(self, order: Order, without: Collection[str], width: int) -> PlanRows:
        """The rows, for a listing of this width.

        Args:
            order: Of this plan.
            without: What is left out, as ``engine.leaving_out`` names it: shown, but marked.
            width: Cells.
        """
        return PlanRows(order, self._review, frozenset(without), width)


class PlanRows:
    """The blocks as rows of a listing."""

    def __init__(self, order: Order, review: PlanReview, without: frozenset[str], width: int) -> None:
        self._order = order
        self._ends = order.ends
        self._names = review.names
        self._without = without
        self._width = width
        self._change = lru_cache(maxsize=256)(review.change)
        self._lines = lru_cache(maxsize=256)(self._drawn)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> Row:
        number, offset = self._place(index)
        lines = self._lines(number)
        return Wide(lines[offset] if offset < len(lines) else ())

    def at(self, index: int) -> At:
        """What stands in this row."""
        if not 0 <= index < len(self):
            return At()
        number, offset = self._place(index)
        what = self._order.what[number]
        if what < 0:
            other = self._order.others[-1 - what]
            return At(finding=other if isinstance(other, Finding) else None)
        try:
            change = self._change(what)
        except PdsyncError:  # its file is gone; the row says so
            return At()
        field = self._order.fields[number]
        field = field if field >= 0 else offset - 1
        return At(change=change, key=change.fields[field].key if field >= 0 else "")

    def next_block(self, index: int, by: int) -> int:
        """The first row of the next block, or of the one before."""
        number, offset = self._place(index)
        if by < 0 and offset:
            return index - offset
        return self._start(min(max(number + by, 0), len(self._ends) - 1))

    def _place(self, index: int) -> tuple[int, int]:
        number = bisect_right(self._ends, index)
        return number, index - self._start(number)

    def _start(self, number: int) -> int:
        return self._ends[number - 1] if number else 0

    def _drawn(self, number: int) -> list[Line]:
        what, field = self._order.what[number], self._order.fields[number]
        if what < 0:
            other = self._order.others[-1 - what]
            if not isinstance(other, Finding):
                return [other]
            return list(
                _conflict(other, self._names, self._width)
                if _is_conflict(other)
                else _other(other, self._width)
            )
        try:
            change = self._change(what)
        except PdsyncError as error:
            return [line((f" {inert(error.message)}", Role.BAD))]
        lines = (
            [self._one_field(change, field)]
            if field >= 0
            else list(change_lines(change, self._width - 2, self._names))
        )
        return list(self._marked(change, field, lines))

    def _marked(self, change: Change, field: int, lines: Sequence[Line]) -> Iterator[Line]:
        """What is left out stays in sight, dim and with a word."""
        gone = _is_left_out(change, self._without)
        for offset, pieces in enumerate(lines):
            number = field if field >= 0 else offset - 1
            out = gone or (number >= 0 and change.fields[number].key in self._without)
            if out:
                yield line(
                    (" x ", Role.WARN), *((text, Role.DIM) for text, _ in pieces), ("   left out", Role.WARN)
                )
            else:
                yield line(" ", *pieces)

    def _one_field(self, change: Change, number: int) -> Line:
        one, side, names = change.fields[number], change.side, self._names
        after = "(known then)" if one.deferred else names.value(side, one.code, one.after)
        before = names.value(side, one.code, one.before)
        if change.kind.of_options:
            after, before = option_texts(one)
        room = max((self._width - 48) // 2, 10)
        after, before = told_apart(after, before, room // 2)
        who = inert(change.title) or inert(change.record_id or change.partner_id)
        return line(
            "  ",
            (pad(who, 24), Role.NAME),
            f" {pad(side.label, 9)} ",
            (pad(after, room), after_role(one)),
            (f" {'<-' if before else '  '} {pad(before, room // 2)} ", Role.DIM),
            (reason_words(one.reason, side), Role.DIM),
        )


def _how_many(values: Values, options: int) -> str:
    """``2 options, 40 values``: a list that grows holds nobody's value."""
    parts = ((options, "option"), (len(values.changes) - options, "value"))
    return ", ".join(counted(number, one) for number, one in parts if number)


def _is_left_out(change: Change, without: Collection[str]) -> bool:
    """Whether the person or the side of a change is among ``without``."""
    if change.side in without or str(change.subject) in without:
        return True
    ids = ((Side.PIPEDRIVE, change.pipedrive_id), (Side.PLEZI, change.plezi_id))
    return any(key and str(Subject(side, side.noun, key)) in without for side, key in ids)


def _is_conflict(finding: Finding) -> bool:
    return finding.code == "conflict"


def _height(finding: Finding) -> int:
    """Rows that ``_conflict`` or ``_other`` draws."""
    return 4 if _is_conflict(finding) else 2 + bool(finding.fix)


def _other(finding: Finding, width: int) -> Iterator[Line]:
    """Whom it is about, what it is, and what to do; each in one row, whatever the width."""
    who = "  ".join(inert(str(subject)) for subject in finding.subjects[:_SUBJECTS])
    more = f"  and {len(finding.subjects) - _SUBJECTS:,} more" if len(finding.subjects) > _SUBJECTS else ""
    yield line(
        (" ! ", SEVERITY_ROLE[finding.severity]),
        (_name(finding, width), Role.NAME),
        _short(finding.field, width),
        (who, Role.DIM),
        more,
    )
    yield line(f"     {fit(inert(finding.message), width - 5)}")
    if finding.fix:
        yield line((f"     {fit(inert(finding.fix), width - 5)}", Role.DIM))


def _name(finding: Finding, width: int) -> str:
    """Whom it is about; nothing where the finding names nobody."""
    return _short(str(finding.details.get("name", "")), width)


def _short(text: str, width: int) -> str:
    """At most a third of the width, and a gap; nothing if there is no text."""
    return f"{fit(inert(text), width // 3)}  " if text else ""


def _conflict(finding: Finding, names: Names, width: int) -> Iterator[Line]:
    """Both values, and what both sides last agreed on."""
    key = finding.details.get("key")
    bound = names.bound.by_key.get(key) if names.bound is not None and isinstance(key, str) else None
    who = "  ".join(inert(str(subject)) for subject in finding.subjects)
    yield line(
        (" ! CONFLICT  ", Role.BAD),
        (_name(finding, width), Role.NAME),
        _short(finding.field, width),
        (who, Role.DIM),
    )
    base = finding.details.get("base")
    for side in Side:
        held = finding.details.get(side)
        text = names.value(side, bound.on(side).code, held) if bound is not None else shown(held)
        yield line(f"     {pad(side.label, 11)}", (text, Role.STRONG))
    agreed = "never agreed"
    if isinstance(base, Mapping):
        was: Value = base.get(Side.PIPEDRIVE)
        code = bound.pipedrive.code if bound is not None else ""
        agreed = names.value(Side.PIPEDRIVE, code, was) if bound is not None else shown(was)
    yield line(
        f"     {pad('base', 11)}", (agreed, Role.DIM), ("   nothing is written to either side", Role.DIM)
    )
