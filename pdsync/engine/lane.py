"""One side of a run: a queue of changes that may go, read again in batches and written many at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from pdsync.engine.job import Job, Result
from pdsync.engine.looking import Look
from pdsync.engine.preconditions import BatchSize, guard_of, read_records
from pdsync.engine.sending import send
from pdsync.errors import ServiceFault
from pdsync.model import Change, Record, Side

__all__ = ["Lane"]


class Lane:
    """Takes changes with ``add``, carries them out in ``run`` until it is closed and empty, or stopped."""

    def __init__(
        self,
        job: Job,
        side: Side,
        on_done: Callable[[Result], Awaitable[None]],
        on_trouble: Callable[[BaseException], None],
        may_go_on: Callable[[], bool],
    ) -> None:
        self._job = job
        self._side = side
        self._done = on_done
        self._trouble = on_trouble
        self._may_go_on = may_go_on
        self._queue: deque[Change] = deque()
        self._woken = asyncio.Event()
        self._closed = False
        self._places = asyncio.Semaphore(job.pace.at_once)
        self._failures = 0
        self._most = {side: job.bound.schemas[side].capabilities.read_batch for side in Side}
        self._size = BatchSize(job.pace, max(self._most.values()))

    def add(self, change: Change) -> None:
        """Queue a change; what it depends on is over."""
        self._queue.append(change)
        self._woken.set()

    def close(self) -> None:
        """Nothing more will be added."""
        self._closed = True
        self._woken.set()

    def wake(self) -> None:
        """Look again whether to go on."""
        self._woken.set()

    async def run(self) -> None:
        """Carry out what is queued."""
        under_way: set[asyncio.Task[None]] = set()
        try:
            while self._may_go_on():
                if self._job.pause.held:
                    await self._job.pause.over()
                    continue
                if not self._queue:
                    if self._closed:
                        break
                    self._woken.clear()
                    await self._woken.wait()
                    continue
                await self._batch(under_way)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is under way is finished first
            self._trouble(error)
        finally:
            await asyncio.gather(*under_way)

    async def _batch(self, under_way: set[asyncio.Task[None]]) -> None:
        """Read a batch again, and write it. Lost creates are waited for in the background."""
        pace, bound = self._job.pace, self._job.bound
        batch = [self._queue.popleft() for _ in range(min(self._size.now, len(self._queue)))]
        guards = [guard_of(bound, change) for change in batch]
        started = pace.clock()
        records = await self._read(guards)
        if pace.clock() - started > pace.freshness:  # a pause fell into it: what came first is old by now
            started = pace.clock()
            records = await self._read(guards)
        read_at, written = pace.clock(), 0
        for position, (change, guard) in enumerate(zip(batch, guards, strict=True)):
            await self._places.acquire()
            too_old = guard is not None and pace.clock() - read_at > pace.freshness
            if not self._may_go_on() or self._job.pause.held or too_old:
                self._places.release()
                self._queue.extendleft(reversed(batch[position:]))
                break
            written += 1
            task = asyncio.create_task(
                self._send(change, Look(records.get(guard), read_at) if guard else Look())
            )
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        if any(guards):
            self._size.learn(written, pace.clock() - started)

    async def _read(self, guards: Iterable[tuple[Side, str] | None]) -> dict[tuple[Side, str], Record]:
        """These records as they are now; absent ones are left out."""
        wanted = dict.fromkeys(guard for guard in guards if guard is not None)
        records: dict[tuple[Side, str], Record] = {}
        for side in Side:
            ids = [record_id for where, record_id in wanted if where is side]
            if ids:
                found = await read_records(self._job.clients[side], ids, self._most[side])
                records |= {(side, record_id): record for record_id, record in found.items()}
        return records

    async def _send(self, change: Change, seen: Look) -> None:
        try:
            result = await send(self._job, change, seen)
            self._count_failures(result)
            await self._done(result)
        except Exception as error:  # noqa: BLE001 - whatever it is, what is under way is finished first
            self._trouble(error)
        finally:
            self._places.release()

    def _count_failures(self, result: Result) -> None:
        self._failures = self._failures + 1 if result.service_trouble else 0
        if self._failures >= self._job.pace.failures_in_a_row:
            error = ServiceFault(
                f"{self._side.label} refused {self._failures} writes in a row; the last one: {result.message}",
                next_step="The service may have a problem of its own. Plan again later: pdsync plan",
            )
            self._trouble(error)
