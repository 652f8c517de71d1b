"""The rows of a plan: conflicts on top, then its changes by person, by field or by side, drawn when they are in sight."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final

from pdsync.model import BoundMapping, Change, Finding, Plan, Side, Subject, Value
from pdsync.report.text.layout import Line, Role, line, pad, told_apart
from pdsync.report.text.plan import change_lines
from pdsync.report.text.values import Names, counted, option_texts, reason_words, shown
from pdsync.tui.widgets.listing import Row, Wide
from pdsync.tui.widgets.paint import inert

__all__ = ["GROUPINGS", "At", "PlanPages", "PlanRows"]

GROUPINGS: Final = ("person", "field", "side")


@dataclass(frozen=True, slots=True)
class At:
    """What stands in a row."""

    change: Change | None = None
    finding: Finding | None = None
    key: str = ""
    """The field mapping of the row; empty: the row is of a whole change."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows that belong together."""

    height: int
    change: Change | None = None
    finding: Finding | None = None
    heading: Line = ()
    field: int = -1
    """Of a change: only this field, in one row."""


class PlanPages:
    """A plan as blocks of rows, read once from its file."""

    def __init__(self, plan: Plan, names: BoundMapping | None) -> None:
        self.plan = plan
        self.names = Names(names)
        self.changes = [change for change in plan.changes() if not change.kind.ledger_only]
        self.findings = list(plan.findings())
        self.conflicts = [one for one in self.findings if one.code == "conflict"]

    def rows(self, grouping: str, without: Collection[str], width: int, words: str = "") -> PlanRows:
        """The rows, for a listing of this width.

        Args:
            grouping: One of ``GROUPINGS``.
            without: What is left out, as ``engine.leaving_out`` names it: shown, but marked.
            width: Cells.
            words: Only changes in which these stand: a name, an id, a field.
        """
        changes = [change for change in self.changes if self._has(change, words)] if words else self.changes
        blocks = [_Block(4, finding=one) for one in self.conflicts] if not words else []
        blocks += list({"person": _by_person, "field": self._by_field, "side": _by_side}[grouping](changes))
        return PlanRows(blocks, self.names, frozenset(without), width)

    def _has(self, change: Change, words: str) -> bool:
        fields = " ".join(self.names.of_change(change.side, one) for one in change.fields)
        labels = " ".join(str(one.after or one.before) for one in change.fields if change.kind.of_options)
        text = f"{change.title} {change.pipedrive_id} {change.plezi_id} {change.kind} {change.side} {fields} {labels}"
        return all(word in text.lower() for word in words.lower().split())

    def _by_field(self, changes: Sequence[Change]) -> Iterator[_Block]:
        found: dict[str, list[tuple[Change, int]]] = {}
        for change in changes:
            for number, one in enumerate(change.fields):
                found.setdefault(one.key, []).append((change, number))
        for key, places in sorted(found.items(), key=lambda item: -len(item[1])):
            yield _heading(self.names.of_key(key), counted(len(places), "value"))
            for change, number in places:
                yield _Block(1, change=change, field=number)


def _by_person(changes: Sequence[Change]) -> Iterator[_Block]:
    for change in changes:
        yield _Block(1 + len(change.fields), change=change)


def _by_side(changes: Sequence[Change]) -> Iterator[_Block]:
    for side in Side:
        here = [change for change in changes if change.side is side]
        if here:
            yield _heading(f"to {side.label}", counted(len(here), "change"))
            yield from _by_person(here)


def _heading(title: str, count: str) -> _Block:
    return _Block(1, heading=line((f" {title}", Role.STRONG), (f"  {count}", Role.DIM)))


class PlanRows:
    """The blocks as rows of a listing."""

    def __init__(self, blocks: Sequence[_Block], names: Names, without: frozenset[str], width: int) -> None:
        self._blocks = blocks
        self._names = names
        self._without = without
        self._width = width
        self._ends = list(accumulate(block.height for block in blocks))
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
        block = self._blocks[number]
        change = block.change
        if change is None:
            return At(finding=block.finding)
        field = block.field if block.field >= 0 else offset - 1
        return At(change=change, key=change.fields[field].key if field >= 0 else "")

    def next_block(self, index: int, by: int) -> int:
        """The first row of the next block, or of the one before."""
        number, offset = self._place(index)
        if by < 0 and offset:
            return index - offset
        return self._start(min(max(number + by, 0), len(self._blocks) - 1))

    def _place(self, index: int) -> tuple[int, int]:
        number = bisect_right(self._ends, index)
        return number, index - self._start(number)

    def _start(self, number: int) -> int:
        return self._ends[number - 1] if number else 0

    def _drawn(self, number: int) -> list[Line]:
        block = self._blocks[number]
        if block.change is not None:
            lines = (
                [self._one_field(block.change, block.field)]
                if block.field >= 0
                else list(change_lines(block.change, self._width - 2, self._names))
            )
            return list(self._marked(block, lines))
        return list(_conflict(block.finding, self._names)) if block.finding else [block.heading]

    def _marked(self, block: _Block, lines: Sequence[Line]) -> Iterator[Line]:
        """What is left out stays in sight, dim and with a word."""
        change = block.change
        if change is None:
            return
        gone = _is_left_out(change, self._without)
        for offset, pieces in enumerate(lines):
            number = block.field if block.field >= 0 else offset - 1
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
            (pad(after, room), Role.STRONG),
            f" {'<-' if before else '  '} {pad(before, room // 2)} ",
            (reason_words(one.reason, side), Role.DIM),
        )


def _is_left_out(change: Change, without: Collection[str]) -> bool:
    """Whether the person or the side of a change is among ``without``."""
    if change.side in without or str(change.subject) in without:
        return True
    ids = ((Side.PIPEDRIVE, change.pipedrive_id), (Side.PLEZI, change.plezi_id))
    return any(key and str(Subject(side, side.noun, key)) in without for side, key in ids)


def _conflict(finding: Finding, names: Names) -> Iterator[Line]:
    """Both values, and what both sides last agreed on."""
    key = finding.details.get("key")
    bound = names.bound.by_key.get(key) if names.bound is not None and isinstance(key, str) else None
    who = "  ".join(inert(str(subject)) for subject in finding.subjects)
    yield line((" ! CONFLICT", Role.BAD), f"  {inert(finding.field)}  ", (who, Role.NAME))
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
