"""Counts what a plan would do, while its changes stream by: writes, clears, links, findings, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, Unpack

from pdsync.engine.preconditions import guard_of
from pdsync.model import (
    BoundMapping,
    ChangeKind,
    Decision,
    Finding,
    Outline,
    PlanTotals,
    Side,
    SideTotals,
    is_empty,
)

if TYPE_CHECKING:
    from pdsync.clients.protocol import Requests

__all__ = ["Cost", "Tally"]


class Cost(Protocol):
    """What so many requests cost: ``clients.protocol.Client.cost``."""

    def __call__(self, **counts: Unpack[Requests]) -> tuple[int, int]:
        """(requests, tokens)."""
        ...


class Tally:
    """Sums over changes and findings; ``totals`` makes the value that the plan's header holds."""

    def __init__(self, bound: BoundMapping, linked: int) -> None:
        self._bound = bound
        self._linked = linked
        self._kinds: dict[Side, Counter[ChangeKind]] = {side: Counter() for side in Side}
        self._values: Counter[Side] = Counter()
        self._reads: Counter[Side] = Counter()
        self._deferred: Counter[Side] = Counter()
        self._options: dict[Side, Counter[ChangeKind]] = {side: Counter() for side in Side}
        self._looked_through: dict[Side, int] = {}
        self._clears: Counter[Side] = Counter()
        self._ledger: Counter[ChangeKind] = Counter()
        self._counts: Counter[str] = Counter()
        self._findings: Counter[str] = Counter()

    def add(self, decision: Decision) -> None:
        """Count one decision."""
        self._counts.update(decision.counts)
        for finding in decision.findings:
            self.add_finding(finding)
        for change in decision.changes:
            self.add_change(change)

    def look_through(self, side: Side, records: int) -> None:
        """The run will read so many records whole, to see that nobody holds what is taken off a list."""
        self._looked_through[side] = records

    def add_finding(self, finding: Finding) -> None:
        self._findings[finding.code] += 1

    def add_change(self, change: Outline) -> None:
        if change.kind.ledger_only:
            if change.kind is not ChangeKind.SETTLE or change.bases or change.unmark:
                self._ledger[change.kind] += 1
            return
        self._kinds[change.side][change.kind] += 1
        if change.kind.of_options:
            self._options[change.side][change.kind] += len(change.fields)
            return
        deferred = sum(1 for one in change.fields if one.deferred)
        self._values[change.side] += len(change.fields) - deferred
        self._deferred[change.side] += deferred
        guard = guard_of(self._bound, change)
        if guard is not None:
            self._reads[guard[0]] += 1
        if change.kind is ChangeKind.UPDATE:
            self._clears[change.side] += sum(
                1
                for one in change.fields
                if not one.deferred and is_empty(one.after) and not is_empty(one.before)
            )

    def totals(self, cost: Mapping[Side, Cost]) -> PlanTotals:
        """The plan's totals; ``cost`` says what writes and reads cost on each side."""
        return PlanTotals(
            sides={side: self._side(side, cost[side]) for side in Side},
            links=self._ledger[ChangeKind.LINK],
            unlinks=self._ledger[ChangeKind.UNLINK],
            settles=self._ledger[ChangeKind.SETTLE],
            conflicts=self._findings["conflict"],
            counts=dict(sorted(self._counts.items())),
            findings=dict(sorted(self._findings.items())),
        )

    def _side(self, side: Side, cost: Cost) -> SideTotals:
        kinds, capabilities = self._kinds[side], self._bound.schemas[side].capabilities
        longer, shorter = kinds[ChangeKind.ADD_OPTIONS], kinds[ChangeKind.REMOVE_OPTIONS]
        creates, updates, deletes = (
            kinds[ChangeKind.CREATE],
            kinds[ChangeKind.UPDATE],
            kinds[ChangeKind.DELETE],
        )
        requests, tokens = cost(
            creates=creates,
            updates=updates,
            reads=self._reads[side],
            deletes=deletes,
            lists_longer=longer,
            lists_shorter=shorter,
            looked_through=self._looked_through.get(side, 0) if shorter else 0,
        )
        writes = creates + updates + deletes + longer + shorter
        return SideTotals(
            creates=creates,
            updates=updates,
            deletes=deletes,
            values=self._values[side],
            deferred=self._deferred[side],
            clears=self._clears[side],
            writes=writes,
            submissions=creates if capabilities.create_side_effects else 0,
            requests=requests,
            tokens=tokens,
            linked=self._linked + self._ledger[ChangeKind.LINK],
            unguarded=bool(updates + deletes) and not capabilities.read_by_id,
            options=self._options[side][ChangeKind.ADD_OPTIONS],
            options_off=self._options[side][ChangeKind.REMOVE_OPTIONS],
        )
