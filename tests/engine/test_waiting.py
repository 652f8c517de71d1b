"""A thread is waited for to its end: nobody closes its files under it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pdsync.engine.waiting import in_thread, to_the_end


async def test_however_often_it_is_cancelled_the_thread_ends_first() -> None:
    """Ctrl-C reaches a task twice (from outside, and as the sibling of one that failed): the second waits as well."""
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()
    stops: list[int] = []

    def work() -> None:
        began.set()
        may_end.wait(30)
        ended.set()

    task = asyncio.ensure_future(in_thread(work, lambda: stops.append(1)))
    assert await asyncio.to_thread(began.wait, 30)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ended.is_set()
    assert stops == [1, 1, 1]


async def test_what_it_returns_or_raises_is_what_its_caller_gets() -> None:
    """Without a cancellation it is an ordinary call."""

    def fail() -> None:
        raise ValueError("as it was raised")

    assert await in_thread(lambda: 42) == 42
    with pytest.raises(ValueError, match="as it was raised"):
        await in_thread(fail)


async def test_an_error_after_a_cancellation_is_not_left_over() -> None:
    """Who was cancelled hears of that, and nothing complains later of an error that nobody fetched."""
    loop = asyncio.get_running_loop()
    inner: asyncio.Future[int] = loop.create_future()
    task = asyncio.ensure_future(to_the_end(inner))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    inner.set_exception(ValueError("too late"))

    with pytest.raises(asyncio.CancelledError):
        await task
