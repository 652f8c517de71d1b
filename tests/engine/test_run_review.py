"""Every value of a run is there to be looked at, and only what is looked at is read."""

from __future__ import annotations

import pytest

from pdsync.engine.run_review import FINE, RunReview
from pdsync.model import Outcome
from tests.engine.conftest import MakeWorld
from tests.engine.test_apply import linked_pair
from tests.planning.build import CITY, SECTOR


async def test_a_run_shows_what_did_not_succeed_first_and_every_value_once(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entries of the journal, by the lines that they take; opening a run decodes none of them."""
    world = make_world(CITY, SECTOR)
    linked_pair(world, here={"city": "Nantes", "sector": 2}, there={"first_name": "Lucie"})
    plan = world.plan()
    world.plezi.records["a"]["plz_city"] = "Paris"
    run = await world.apply(plan)
    history = world.state.history
    written = [one for one in history.entries(run.id) if not one.change.kind.ledger_only]
    with monkeypatch.context() as patched:
        patched.delattr("pdsync.store.history.decode")
        review = RunReview(history, run.id)

    shown = [review.entry(number) for number in range(len(review))]
    assert sorted(map(repr, shown)) == sorted(map(repr, written))
    assert [one is not None and one.outcome in FINE for one in shown] == [False, True]
    assert shown[0] is not None
    assert shown[0].outcome is Outcome.STALE
    assert list(review.sizes) == [
        1 + len(one.change.fields) + bool(one.error) for one in shown if one is not None
    ]
