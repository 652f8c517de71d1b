"""The same plan without some people, fields or a side: what a review takes out of it.

What is left is a plan of its own, with an id of its own, so that what is applied is always what was shown. Nothing is
decided anew: changes are only taken away, with those that depend on them.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from pdsync.engine.admission import UNGUARDED
from pdsync.engine.inputs import bind_mapping, newest_snapshots
from pdsync.engine.narrowing import keys_named
from pdsync.engine.prepare import cost_of
from pdsync.engine.tallying import Cost, Tally
from pdsync.engine.waiting import in_thread
from pdsync.errors import Interrupted, PlanOutdated, UsageError
from pdsync.model import (
    BoundMapping,
    Change,
    ChangeKind,
    Outline,
    Plan,
    PlanHeader,
    PlanTotals,
    Side,
    Subject,
)

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["Without", "leave_out", "named", "remaining"]

_NEAR: Final = 100
"""A change stands at most so many places behind the one that it depends on (``engine.admission``)."""

_OFTEN: Final = 1_000
"""Changes after which is asked whether to go on: some milliseconds."""

T = TypeVar("T", bound=Outline)


@dataclass(frozen=True, slots=True)
class Without:
    """What is taken out of a plan."""

    people: frozenset[Subject] = frozenset()
    """A record of either side stands for the person; a field for what is done to its list."""
    keys: frozenset[str] = frozenset()
    """Of field mappings."""
    sides: frozenset[Side] = frozenset()
    """Nothing is written there."""

    @classmethod
    def parse(cls, texts: Collection[str]) -> Self:
        """``pipedrive:person/1042``, a field mapping's key (``CODE=CODE``), or a side.

        Raises:
            UsageError: none of these.
        """
        people: set[Subject] = set()
        keys: set[str] = set()
        sides: set[Side] = set()
        for text in texts:
            if text in list(Side):
                sides.add(Side(text))
            elif "=" in text:
                keys.add(text)
            else:
                try:
                    people.add(Subject.parse(text))
                except ValueError as error:
                    raise UsageError(
                        f"{text!r} is no record, field mapping or side.",
                        untouched="The plan is as it was.",
                        next_step="Name a record such as pipedrive:person/1042, a field mapping, pipedrive or plezi.",
                    ) from error
        return cls(frozenset(people), frozenset(keys), frozenset(sides))

    def words(self) -> tuple[str, ...]:
        """For the plan's header, in a fixed order. Ids, never names."""
        named = sorted([*map(str, self.people), *self.keys, *self.sides])
        return tuple(f"without {text}" for text in named)

    def left(self, changes: Iterable[T], with_fields: Callable[[T, tuple[Any, ...]], T]) -> Iterator[T]:
        """What remains, in order: without the changes that needed one that is gone.

        ``with_fields`` makes the same change with fewer fields.
        """
        here, there = (
            frozenset(one.id for one in self.people if (one.side, one.noun) == (side, side.noun))
            for side in Side
        )
        gone: set[int] = set()
        for change in changes:
            is_out = change.pipedrive_id in here or change.plezi_id in there or change.depends_on in gone
            if change.kind.of_options:
                is_out = change.subject in self.people
            smaller = None if is_out else self._narrow(change, with_fields)
            if smaller is None:
                gone.add(change.number)
            else:
                yield smaller

    def _narrow(self, change: T, with_fields: Callable[[T, tuple[Any, ...]], T]) -> T | None:
        if change.kind.ledger_only:
            return change
        if change.side in self.sides:
            return None
        fields = tuple(one for one in change.fields if self.keys.isdisjoint((one.key, *one.follows)))
        if not fields and (change.kind is ChangeKind.UPDATE or change.kind.of_options):
            return None
        return change if len(fields) == len(change.fields) else with_fields(change, fields)


def named(ws: Workspace, texts: Iterable[str]) -> list[str]:
    """What a person types, as ``Without`` takes it: an address or an id of somebody, a field, a side.

    Raises:
        UsageError: it is nobody's, or several persons'; the message says what to type instead.
        MappingError, InputFileError, StateError
    """
    from pdsync.engine.finding_people import find_person

    snapshots = newest_snapshots(ws)
    bound, _ = bind_mapping(ws, {side: one.schema for side, one in snapshots.items()}, ws.state.ledger)
    found: list[str] = []
    for text in texts:
        keys = keys_named(bound).get(text, ())
        if text in list(Side):
            found.append(text)
        elif keys:
            found += sorted(keys)
        else:
            found.append(str(find_person(ws, snapshots, text)))
    return found


async def remaining(ws: Workspace, plan: Plan, texts: Collection[str]) -> PlanTotals:
    """What a plan would still do without these; no file is written.

    Raises:
        UsageError: see ``Without.parse``; or a field without which no record can be created is among them.
        PlanOutdated: something was read since, or the mapping changed.
    """
    without = Without.parse(texts)
    bound = _bound(ws, plan, without)
    costs = {side: await cost_of(ws, side) for side in Side}
    stop = threading.Event()
    return await in_thread(lambda: _count(plan, without, Tally(bound, _linked(plan)), costs, stop), stop.set)


def _count(
    plan: Plan, without: Without, tally: Tally, costs: Mapping[Side, Cost], stop: threading.Event
) -> PlanTotals:
    """By outlines: what a person sees change with every key must not take as long as reading the plan whole."""
    from pdsync.store.outlines import PlanChanges, outline_with

    outlines = (one for _, one in PlanChanges(plan).outlines())
    for number, change in enumerate(without.left(outlines, outline_with)):
        if not number % _OFTEN and stop.is_set():
            raise Interrupted("Counting was stopped.", untouched="The plan is as it was.")
        tally.add_change(change)
    return _totals(tally, plan, costs)


async def leave_out(ws: Workspace, plan: Plan, texts: Collection[str], *, output: Path | None = None) -> Plan:
    """The plan without these, as a file of its own: ``output``, by default ``plans/ID.pdsync`` in the state folder.

    Raises:
        As ``remaining``; StorageFull, StateError.
    """
    from pdsync.store import PlanWriter

    without = Without.parse(texts)
    bound = _bound(ws, plan, without)
    tally = Tally(bound, _linked(plan))
    costs = {side: await cost_of(ws, side) for side in Side}
    with PlanWriter(ws.folder.plans) as writer:
        for batch in _together(without.left(plan.changes(), _with_fields)):
            for change in batch:
                tally.add_change(change)
            places = {change.number: place for place, change in enumerate(batch, 1)}
            writer.add_changes([replace(one, depends_on=places.get(one.depends_on, 0)) for one in batch])
        for finding in plan.findings():
            writer.add_finding(finding)
        totals = _totals(tally, plan, costs)
        header = _header(plan.header, without, totals, writer.digest)
        return writer.finish(header, output)


def _with_fields(change: Change, fields: tuple[Any, ...]) -> Change:
    return replace(change, fields=fields)


def _together(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """Changes in lists that no dependency leaves: the writer counts within a list."""
    waiting: list[Change] = []
    for change in changes:
        if len(waiting) >= 2 * _NEAR and (cut := _seam(waiting)):
            yield waiting[:cut]
            del waiting[:cut]
        waiting.append(change)
    if waiting:
        yield waiting


def _seam(waiting: list[Change]) -> int:
    """How many changes from the first on none of the others depends on, ``_NEAR`` at most."""
    for cut in range(_NEAR, 0, -1):
        if all(not one.depends_on or one.depends_on > waiting[cut - 1].number for one in waiting[cut:]):
            return cut
    return 0


def _bound(ws: Workspace, plan: Plan, without: Without) -> BoundMapping:
    snapshots = newest_snapshots(ws)
    bound, _ = bind_mapping(ws, {side: one.schema for side, one in snapshots.items()}, ws.state.ledger)
    if bound.version != plan.header.mapping_version:
        raise PlanOutdated(
            "The mapping, or the fields of a side, changed since this plan was made.",
            untouched="The plan is as it was.",
            next_step="Plan again: pdsync plan",
        )
    for key in sorted(without.keys):
        field = bound.by_key.get(key)
        if field is not None and field.written.locked:
            raise UsageError(
                f"{field.written.pipedrive} cannot be left out: without it no record can be told from another.",
                untouched="The plan is as it was.",
            )
    return bound


def _linked(plan: Plan) -> int:
    """Linked records before the plan."""
    return next(iter(plan.header.totals.sides.values())).linked - plan.header.totals.links


def _totals(tally: Tally, plan: Plan, costs: Mapping[Side, Cost]) -> PlanTotals:
    before = plan.header.totals
    return replace(
        tally.totals(costs), conflicts=before.conflicts, counts=before.counts, findings=before.findings
    )


def _header(header: PlanHeader, without: Without, totals: PlanTotals, digest: str) -> PlanHeader:
    identity = json.dumps({"of": header.id, "without": without.words(), "changes": digest}, sort_keys=True)
    needs = [flag for flag in header.needs if flag != UNGUARDED]
    if any(side.unguarded for side in totals.sides.values()):
        needs.append(UNGUARDED)
    return replace(
        header,
        id=hashlib.sha256(identity.encode()).hexdigest()[:16],
        totals=totals,
        needs=tuple(needs),
        narrowed=(*header.narrowed, *without.words()),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
