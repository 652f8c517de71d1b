"""A plan as a review goes through it: by person, by field, by side, or those that hold some words.

300,000 changes do not fit beside everything else, and nobody looks at them all. So of each change only its place in the
file, its side and its fields are kept (some 20 bytes), and the change itself is read when somebody looks at it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pdsync.errors import Interrupted
from pdsync.model import BoundMapping, Change, Finding, Outline, Plan, Side
from pdsync.report.text.values import Names

__all__ = ["PlanReview", "Values"]

_CONFLICT = "conflict"
_KEPT = 1_000
"""Findings of each other code that are looked through; the plan may list more, and a terminal does (``show --all``)."""
_OFTEN = 1_000
"""Changes after which is asked whether to go on: some milliseconds."""


@dataclass(frozen=True, slots=True)
class Values:
    """Where the values of one field mapping are: the n-th in the change with this number, at this place among its fields."""

    key: str
    changes: Sequence[int]
    fields: Sequence[int]


class PlanReview:
    """The changes of a plan for which a request leaves, numbered from 0 in plan order, and its findings.

    Raises:
        InputFileError: from every method, if the file was replaced or cannot be read any more.
    """

    def __init__(self, plan: Plan, bound: BoundMapping | None) -> None:
        from pdsync.store.outlines import PlanChanges

        self.names = Names(bound)
        self.conflicts: list[Finding] = []
        """A plan lists some thousands of them at most."""
        self._others: dict[str, list[Finding]] = {}
        self._counts = dict(plan.header.totals.findings)
        for finding in plan.findings():
            held = self._others.setdefault(finding.code, []) if finding.code != _CONFLICT else self.conflicts
            if held is self.conflicts or len(held) < _KEPT:
                held.append(finding)
        self._changes = PlanChanges(plan)
        self._places = array("Q")
        self._sides = array("B")
        self._lists = array("B")
        self._keys = array("H")
        self._known: dict[str, int] = {}
        self._names: dict[tuple[Side, str, str], str] = {}
        sizes = array("H")
        order = list(Side)
        for place, one in self._changes.outlines():
            if one.kind.ledger_only:
                continue
            self._places.append(place)
            self._sides.append(order.index(one.side))
            self._lists.append(one.kind.of_options)
            sizes.append(len(one.fields))
            self._keys.extend(self._known.setdefault(field.key, len(self._known)) for field in one.fields)
        self._starts = array("Q", accumulate(sizes, initial=0))

    def __len__(self) -> int:
        return len(self._places)

    def change(self, number: int) -> Change:
        """One of them, whole."""
        return self._changes.at(self._places[number])

    def size(self, number: int) -> int:
        """How many values it writes."""
        return self._starts[number + 1] - self._starts[number]

    def of_side(self, side: Side, among: Sequence[int]) -> array[int]:
        """Those of ``among`` that are written there."""
        wanted = list(Side).index(side)
        return array("I", (number for number in among if self._sides[number] == wanted))

    def by_field(self, among: Sequence[int]) -> list[Values]:
        """The values of these changes, field by field, the field with the most first."""
        found = [Values(key, array("I"), array("H")) for key in self._known]
        for number in among:
            start = self._starts[number]
            for field in range(self.size(number)):
                values = found[self._keys[start + field]]
                values.changes.append(number)  # type: ignore[attr-defined]
                values.fields.append(field)  # type: ignore[attr-defined]
        return sorted((one for one in found if one.changes), key=lambda one: -len(one.changes))

    def options(self, values: Values) -> int:
        """How many of these are options of a list, and no values of anybody."""
        return sum(self._lists[number] for number in values.changes)

    def holding(self, words: str, stopped: Callable[[], bool] = lambda: False) -> array[int]:
        """The changes in which all these words stand: in the person's name, an id, a field, the kind or the side.

        Raises:
            Interrupted: ``stopped`` said so.
        """
        wanted = words.lower().split()
        found = array("I")
        for number, one in enumerate(self._written()):
            if not number % _OFTEN and stopped():
                raise Interrupted("The search was stopped.", untouched="Nothing was read or written.")
            text = self._text(one)
            if all(word in text for word in wanted):
                found.append(number)
        return found

    def conflicts_holding(self, words: str) -> list[Finding]:
        """The conflicts in which all these words stand: in the person's name, a record's id or the field."""
        return _holding(self.conflicts, words)

    def others_holding(self, words: str) -> Iterator[tuple[str, int, list[Finding]]]:
        """The other findings in which all these words stand: by code as the plan has them, how many, and the first."""
        for code, findings in self._others.items():
            found = _holding(findings, words)
            if found:
                yield code, len(found) if words else max(self._counts.get(code, 0), len(found)), found

    def _written(self) -> Iterator[Outline]:
        return (one for _, one in self._changes.outlines() if not one.kind.ledger_only)

    def _text(self, one: Outline) -> str:
        fields = " ".join(self._called(one.side, field.key, field.code) for field in one.fields)
        labels = " ".join(str(each.after or each.before) for each in one.fields if one.kind.of_options)
        return (
            f"{one.title} {one.pipedrive_id} {one.plezi_id} {one.kind} {one.side} {fields} {labels}".lower()
        )

    def _called(self, side: Side, key: str, code: str) -> str:
        called = self._names.get((side, key, code))
        if called is None:
            called = self._names[side, key, code] = self.names.written(side, key, code)
        return called


def _holding(findings: Sequence[Finding], words: str) -> list[Finding]:
    """Those in which all these words stand: in the code, the field, the message, a record's id or the person's name."""
    wanted = words.lower().split()

    def text(one: Finding) -> str:
        who = [*map(str, one.subjects), str(one.details.get("name", ""))]
        return f"{one.code} {one.field} {one.message} {' '.join(who)}".lower()

    return [one for one in findings if not wanted or all(word in text(one) for word in wanted)]
