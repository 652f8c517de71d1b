"""The laws of design 6, held over worlds that are synced, edited and synced again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pdsync.model import ChangeKind, Coverage, Reason, Side
from pdsync.planning.decide import decide
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.planning.scoping import opted_out
from tests.laws.strategies import Edit, edits, worlds
from tests.laws.world import COMPLETE, World, writes

SOME_EDITS = st.lists(edits(), max_size=6)


def sync(world: World) -> None:
    """Plan and apply once; once more if a moved address set free a record that had shared it (R17).

    Who is ambiguous is judged before anything is written. When the plan itself moves the shared address away, the
    record that stays behind stands alone only afterwards, and its create belongs to the next plan.
    """
    plan = world.plan()
    world.apply(plan)
    moved = any(one.code == "email" for c in writes(plan) if c.kind is ChangeKind.UPDATE for one in c.fields)
    if moved and any(f.code == "ambiguous-match" for _, d in plan for f in d.findings):
        world.apply(world.plan())


@given(worlds(), SOME_EDITS)
def test_after_applying_a_plan_the_next_plan_is_empty(world: World, changes: list[Edit]) -> None:
    """Applying a plan and planning again gives an empty plan, also after edits on both sides."""
    sync(world)
    assert writes(world.plan()) == []
    for edit in changes:
        edit.make(world)
    sync(world)
    second = world.plan()
    assert writes(second) == []
    assert [c for _, d in second for c in d.changes if c.kind is not ChangeKind.UNLINK] == []


@given(worlds(), st.sampled_from([Side.PIPEDRIVE, Side.PLEZI, None]))
def test_a_partial_snapshot_creates_nothing(world: World, complete: Side | None) -> None:
    """Only complete snapshots of both sides prove that a record is absent."""
    coverage = {side: Coverage(complete=side is complete) for side in Side}
    assert [c for c in writes(world.plan(coverage)) if c.kind is ChangeKind.CREATE] == []


@given(worlds(), SOME_EDITS)
def test_a_conflict_is_never_also_a_write(world: World, changes: list[Edit]) -> None:
    """What a person must decide is not written meanwhile."""
    sync(world)
    for edit in changes:
        edit.make(world)
    for _, decision in world.plan():
        conflicts = {str(f.details["key"]) for f in decision.findings if f.code == "conflict"}
        written = {one.key for change in decision.changes for one in change.fields}
        settled = {key for change in decision.changes for key in change.bases}
        assert not conflicts & (written | settled)


@given(worlds(), SOME_EDITS)
def test_no_plan_gives_one_address_to_two_records(world: World, changes: list[Edit]) -> None:
    """R17: who holds an address after a run held it before, or holds it alone; whatever the audits let through."""
    sync(world)
    for edit in changes:
        edit.make(world)
    before = holders(world)
    world.apply(world.plan())
    for where, ids in holders(world).items():
        assert len(ids) <= 1 or ids <= before[where]


def holders(world: World) -> dict[tuple[Side, str], set[str]]:
    """Who holds an address on each side."""
    found: dict[tuple[Side, str], set[str]] = defaultdict(set)
    for side in Side:
        for identifier in world.servers[side]:
            for key in world.keys(side, identifier):
                found[side, key].add(identifier)
    return found


@given(worlds(), SOME_EDITS)
def test_every_write_is_allowed_by_its_direction(world: World, changes: list[Edit]) -> None:
    """A field mapping writes only where its direction points, and R6 fields never go to Plezi."""
    for _ in range(2):
        for change in writes(world.plan()):
            for one in change.fields:
                if one.key != "enrol":
                    assert world.bound.by_key[one.key].writes(change.side)
                assert not (change.side is Side.PLEZI and one.code in PLEZI_COMPUTED)
        sync(world)
        for edit in changes:
            edit.make(world)


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(world: World, random: object) -> None:
    """The same records in another order give the same decisions."""
    candidates = world.candidates()
    shuffled = list(candidates)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    by_candidate = {repr(candidate): decision for candidate, decision in world.plan(order=shuffled)}
    assert all(
        by_candidate[repr(candidate)] == decision for candidate, decision in world.plan(order=candidates)
    )


@given(worlds(), st.lists(SOME_EDITS, min_size=2, max_size=3))
def test_rounds_of_edits_on_both_sides_converge(world: World, rounds: list[list[Edit]]) -> None:
    """However often people edit both sides, the sync after it settles."""
    for changes in rounds:
        sync(world)
        for edit in changes:
            edit.make(world)
    sync(world)
    assert writes(world.plan()) == []


@given(worlds(), SOME_EDITS)
def test_nobody_who_opted_out_is_opted_in(world: World, changes: list[Edit]) -> None:
    """Opting out wins over every policy and is reversed by nothing, undo included; no such record is created."""
    for step in range(2):
        out = {
            (side, identifier)
            for side in Side
            for identifier in world.servers[side]
            if opted_out(world.bound, world.record(side, identifier))
        }
        plan = world.plan()
        for candidate, decision in plan:
            if any(change.kind is ChangeKind.CREATE for change in decision.changes):
                assert not opted_out(world.bound, candidate.pipedrive or candidate.plezi)
        world.apply(plan)
        world.undo()
        assert all(opted_out(world.bound, world.record(side, identifier)) for side, identifier in out)
        if step == 0:
            for edit in changes:
                edit.make(world)


@given(worlds(), SOME_EDITS)
def test_a_plan_after_an_undo_is_empty(world: World, changes: list[Edit]) -> None:
    """What was undone is not done again until a value differs from what the undo left."""
    sync(world)
    world.written.clear()
    for edit in changes:
        edit.make(world)
    sync(world)
    world.undo()
    assert writes(world.plan()) == []


@given(worlds(), SOME_EDITS)
def test_decisions_are_deterministic_and_total(world: World, changes: list[Edit]) -> None:
    """The same candidate gives the same decision, and no data makes decide() raise, missing values included."""
    sync(world)
    for edit in changes:
        edit.make(world)
    for candidate in world.candidates():
        assert decide(world.bound, candidate, COMPLETE) == decide(world.bound, candidate, COMPLETE)
        holes = candidate
        for side in Side:
            record = candidate.record(side)
            if record is not None:
                thin = replace(record, values=dict(list(record.values.items())[::2]))
                holes = replace(holes, **{side.value: thin})  # type: ignore[arg-type]
        for change in decide(world.bound, holes, COMPLETE).changes:
            for one in change.fields:
                target = holes.record(change.side)
                assert (
                    change.kind is ChangeKind.CREATE
                    or one.key == "enrol"
                    or one.reason is Reason.FOLLOWS_CREATE
                    or (target is not None and one.code in target.values)
                )
