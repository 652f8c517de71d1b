"""The burst window and the tokens of the day, with a clock that only moves when somebody sleeps."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.clients.budget import BURST, DAILY, Budget
from pdsync.errors import BudgetExhausted
from tests.clients.fakes import FakeClock


def _budget(clock: FakeClock, **parts: object) -> Budget:
    return Budget(clock, service="Pipedrive", **parts)  # type: ignore[arg-type]


async def test_never_more_than_the_burst_within_two_seconds() -> None:
    """In any window of two seconds at most so many requests leave, and no more waiting than that takes."""
    clock = FakeClock()
    budget = _budget(clock, burst=20)
    left: list[float] = []
    for _ in range(50):
        await budget.enter(1)
        left.append(clock.now)
        budget.leave()
    assert max(sum(start <= time < start + 2.0 for time in left) for start in left) == 20
    assert sum(clock.slept) == pytest.approx(4.0), (
        "50 requests at 20 in two seconds need two waits of two seconds"
    )
    assert budget.waited == pytest.approx(4.0)


@given(st.lists(st.floats(0, 1.5), min_size=1, max_size=60), st.integers(1, 10))
def test_the_service_never_sees_a_fuller_window(delays: list[float], burst: int) -> None:
    """Wherever between sending and answer the service counts a request, no two seconds hold more than the burst."""
    clock = FakeClock()

    async def run() -> tuple[list[float], list[float]]:
        budget = _budget(clock, burst=burst)
        sent, answered = [], []
        for delay in delays:
            await budget.enter(1)
            sent.append(clock.now)
            clock.now += delay
            answered.append(clock.now)
            budget.leave()
        return sent, answered

    sent, answered = asyncio.run(run())
    for first in range(len(delays) - burst):
        # The earliest moment the later one can be counted against the latest of the one `burst` requests before.
        assert sent[first + burst] - answered[first] >= 2.0 - 1e-6


async def test_a_rounding_error_is_no_endless_wait() -> None:
    """Where the remainder rounds to nothing, and yet the two seconds are not over, a millisecond is slept."""
    clock = FakeClock()
    budget = _budget(clock, burst=1)
    await budget.enter(1)
    clock.now = 1023.2514406082161
    budget.leave()
    clock.now = 1023.3759454407717  # from here to two seconds later the clock's steps become twice as wide
    await asyncio.wait_for(budget.enter(1), 10)
    assert clock.slept[1:] == [0.001]


async def test_open_requests_hold_their_place() -> None:
    """Requests that are still under way count, so that slow answers cannot pile up into a burst."""
    clock = FakeClock()
    budget = _budget(clock, burst=2, at_once=16)
    await budget.enter(1)
    await budget.enter(1)
    third = asyncio.create_task(budget.enter(1))
    await asyncio.sleep(0)
    assert not third.done()
    budget.leave()
    await third
    assert clock.slept == [2.0], "the place is free two seconds after its answer"


async def test_a_request_that_was_not_sent_takes_no_place() -> None:
    """A connection that failed before anything was sent is not counted."""
    clock = FakeClock()
    budget = _budget(clock, burst=1)
    await budget.enter(1)
    budget.leave(counted=False)
    await budget.enter(1)
    assert clock.slept == []


async def test_hold_stops_every_request() -> None:
    """A 429 for one request makes all others wait as well: going on is what gets a token blocked (reference 3)."""
    told: list[tuple[float, str]] = []
    clock = FakeClock()
    budget = _budget(clock, on_wait=lambda seconds, why: told.append((seconds, why)))
    budget.hold(3.0, "Pipedrive answered 429")
    budget.hold(1.0, "a shorter one changes nothing")
    await asyncio.gather(*(budget.enter(1) for _ in range(5)))
    assert clock.slept == [3.0]
    assert told == [(3.0, "Pipedrive answered 429")]


async def test_small_waits_are_not_told() -> None:
    """Waits below half a second are no news."""
    told: list[float] = []
    clock = FakeClock()
    budget = _budget(clock, on_wait=lambda seconds, _why: told.append(seconds))
    budget.hold(0.25, "short")
    await budget.enter(1)
    assert told == []
    assert clock.slept == [0.25]


async def test_learns_limit_and_other_users_of_the_token() -> None:
    """x-ratelimit-limit replaces the plan's number; a remainder below ours shows that others use the token."""
    clock = FakeClock()
    budget = _budget(clock, burst=120)
    await budget.enter(1)
    budget.learn({"x-ratelimit-limit": "20", "x-ratelimit-remaining": "1"}, 1)
    budget.leave()
    await budget.enter(1)
    assert clock.slept == [], "one place was left"
    budget.leave()
    await budget.enter(1)
    assert clock.slept == [2.0], "18 places are somebody else's"


@pytest.mark.parametrize("odd", ["", "many", "-3", "2.5", "9" * 40, "\u0663"])
async def test_odd_headers_change_nothing(odd: str) -> None:
    """Headers are believed, never needed: nonsense is as good as nothing."""
    budget = _budget(FakeClock(), burst=20)
    budget.learn(dict.fromkeys(("x-ratelimit-limit", "x-daily-ratelimit-token-remaining"), odd), 10)
    assert budget.daily_remaining is None
    assert not budget.lacks(10)


async def test_balance_is_the_one_before_the_call() -> None:
    """x-daily-ratelimit-token-remaining minus what this call cost is what is left ([infer] from recordings)."""
    budget = _budget(FakeClock(), daily=30_000)
    budget.learn(
        {"x-daily-ratelimit-token-limit": "150000", "x-daily-ratelimit-token-remaining": "147002"}, 10
    )
    assert (budget.daily_limit, budget.daily_remaining, budget.spent) == (150_000, 146_992, 10)


async def test_an_empty_day_stops_before_sending() -> None:
    """With no token left nothing more is sent; after a while one request may ask again, as midnight comes unannounced."""
    clock = FakeClock()
    budget = _budget(clock, daily=30_000)
    budget.learn({"x-daily-ratelimit-token-remaining": "10"}, 10)
    with pytest.raises(BudgetExhausted, match=r"0 of 30,000 left"):
        await budget.enter(5)
    clock.now += 301
    await budget.enter(5)


def test_numbers_of_the_plans() -> None:
    """Reference 3: burst with an API token, and 30 000 tokens times 1, 2, 5, 7."""
    assert BURST == {"lite": 20, "growth": 40, "premium": 100, "ultimate": 120}
    assert {plan: tokens // 30_000 for plan, tokens in DAILY.items()} == {
        "lite": 1,
        "growth": 2,
        "premium": 5,
        "ultimate": 7,
    }
