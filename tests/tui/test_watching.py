"""What a run tells, as it is counted for the Run screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pdsync.model import ChangeKind, Outcome, RecordOutcome, Side
from pdsync.tui.watching import Watched
from tests.report.build import plan, update

START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_what_is_only_noted_is_no_write() -> None:
    """A first run links a thousand pairs in an instant: neither progress nor rate nor what is done speak of those."""
    watched = Watched(plan(), START)
    for _ in range(1_000):
        watched.take(RecordOutcome(replace(update(), kind=ChangeKind.LINK), Outcome.DONE))
    watched.take(RecordOutcome(update(), Outcome.DONE, values=3))
    watched.take(RecordOutcome(update(), Outcome.STALE))
    watched.take(RecordOutcome(replace(update(), kind=ChangeKind.LINK), Outcome.FAILED))
    assert watched.noted == 1_000
    assert watched.outcomes == {Outcome.DONE: 1, Outcome.STALE: 1, Outcome.FAILED: 1}
    assert len(watched.failures) == 2
    assert watched.done == {update().side: 2}
    assert watched.values == 3
    total = watched.totals[update().side]
    assert watched.seconds_left(START + timedelta(seconds=10), update().side) == 10 / 2 * (total - 2)


def test_a_pause_takes_no_time() -> None:
    """While the person holds a run the clock stands still, and the time left with it."""
    watched = Watched(plan(), START)
    watched.hold(START + timedelta(seconds=4))
    assert watched.seconds(START + timedelta(seconds=60)) == 4
    watched.go_on(START + timedelta(seconds=60))
    assert watched.seconds(START + timedelta(seconds=61)) == 5
    watched.end(START + timedelta(seconds=62))
    assert watched.seconds(START + timedelta(hours=1)) == 6
    assert watched.seconds_left(START + timedelta(hours=1), Side.PLEZI) is None
