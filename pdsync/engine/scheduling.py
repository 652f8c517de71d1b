"""The order of a run: what may go at once goes at once, on both sides, each within its own budget.

Changes stream out of the plan a block at a time. Those of the ledger only are settled together; a write waits for the
change that it depends on, then joins the queue of its side. Each side reads a batch again and writes it (``lane``).
Nothing here decides anything about a value.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pdsync.engine.job import Job, Result
from pdsync.engine.lane import Lane
from pdsync.engine.sending import following
from pdsync.errors import PdsyncError
from pdsync.model import Change, ChangeKind, Outcome, Side

if TYPE_CHECKING:
    from pdsync.store import Transaction

__all__ = ["Schedule"]

_BLOCK = 500
"""Changes taken from the plan at a time, and settled in one transaction if they are of the ledger only."""

_AHEAD = 1_000
"""Writes that may wait in memory."""


class Schedule:
    """Carries out the changes of a plan once."""

    def __init__(
        self, job: Job, on_result: Callable[[Result], None], on_settled: Callable[[int], None]
    ) -> None:
        """``on_result`` is told of every change but the settled ones, which are only counted."""
        self._job = job
        self._tell = on_result
        self._tell_settled = on_settled
        self._ended: dict[int, Result] = {}
        self._waiting: dict[int, list[Change]] = {}
        self._under_way = 0
        self._moved = asyncio.Event()
        self.stopped_by: BaseException | None = None
        """Why no more is begun; None: nothing stopped it."""
        self._lanes = {side: Lane(job, side, self._done, self.stop, self._may_go_on) for side in Side}

    def stop(self, reason: BaseException) -> None:
        """Begin nothing more; what is under way is finished."""
        if self.stopped_by is None:
            self.stopped_by = reason
        self._moved.set()
        self._job.pause.release()
        for lane in self._lanes.values():
            lane.wake()

    async def run(self, changes: Iterable[Change]) -> None:
        """Carry out ``changes``; returns when all are over, or when everything under way is after a stop."""
        tasks = [asyncio.create_task(lane.run()) for lane in self._lanes.values()]
        try:
            await self._feed(iter(changes))
            while self._under_way and self._may_go_on():
                await self._movement()
        except Exception as error:  # noqa: BLE001 - whatever it is, what is under way is finished first
            self.stop(error)
        finally:
            for lane in self._lanes.values():
                lane.close()
            await asyncio.gather(*tasks)

    async def _feed(self, changes: Iterator[Change]) -> None:
        while self._may_go_on() and (block := list(islice(changes, _BLOCK))):
            await self._settle([change for change in block if change.kind.ledger_only])
            for change in block:
                if not change.kind.ledger_only:
                    await self._admit(change)
            # Whatever depends on a change stands right behind it in the plan.
            for number in [n for n in self._ended if n < block[0].number - _BLOCK]:
                del self._ended[number]
            while self._under_way >= _AHEAD and self._may_go_on():
                await self._movement()

    async def _settle(self, changes: list[Change]) -> None:
        """Links, unlinks and settled bases of one block, in one transaction. Links are journalled one by one."""
        if not changes:
            return
        listed = await self._job.committer.commit(lambda t: _settled(t, self._job, changes))
        for result in listed:
            self._ended[result.change.number] = result
            self._tell(result)
        self._tell_settled(len(changes) - len(listed))

    async def _admit(self, change: Change) -> None:
        self._under_way += 1
        first = change.depends_on
        if not first or first in self._ended:
            await self._release(change, self._ended.get(first))
        else:
            self._waiting.setdefault(first, []).append(change)

    async def _release(self, change: Change, first: Result | None) -> None:
        """What a change depends on is over: it goes into its queue, or it is over as well."""
        if first is None:
            self._lanes[change.side].add(change)
            return
        if not first.succeeded:
            message = f"it follows change {first.change.number}, which did not succeed"
            await self._done(await self._job.end(change, Outcome.SKIPPED, message))
            return
        ready = await following(self._job, change, first)
        if isinstance(ready, Result):
            await self._done(ready)
        else:
            self._lanes[change.side].add(ready)

    async def _done(self, result: Result) -> None:
        """A write is over: tell, and release what waited for it."""
        self._under_way -= 1
        self._ended[result.change.number] = result
        self._tell(result)
        self._moved.set()
        for change in self._waiting.pop(result.change.number, ()):
            if not self._may_go_on():
                return
            try:
                await self._release(change, result)
            except PdsyncError as error:
                self.stop(error)

    def _may_go_on(self) -> bool:
        return self.stopped_by is None

    async def _movement(self) -> None:
        await self._moved.wait()
        self._moved.clear()


def _settled(transaction: Transaction, job: Job, changes: list[Change]) -> list[Result]:
    """Carry out changes of the ledger only; those that a person may want to see one by one are returned."""
    refused = transaction.ledger.settle(changes, job.bound.version)
    listed = [
        Result(
            change,
            Outcome.FAILED if change.number in refused else Outcome.DONE,
            refused.get(change.number, ""),
        )
        for change in changes
        if change.number in refused or change.kind is not ChangeKind.SETTLE
    ]
    transaction.journal.not_sent(job.run_id, [(r.change, r.outcome, r.message) for r in listed])
    transaction.journal.settled(job.run_id, len(changes) - len(listed))
    return listed
