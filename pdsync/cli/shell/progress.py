"""Progress of the engine on standard error: bars where somebody watches, a plain line now and then elsewhere.

Nothing is shown for what takes less than a second, so that short commands stay silent.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from pdsync.model import Event, Note, Outcome, Progress, RecordOutcome, Side, Waiting
from pdsync.report.text.events import narrate

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from pdsync.cli.shell.narration import Narration

__all__ = ["ProgressLines"]

_PATIENCE = 1.0
"""Seconds before a stage is shown at all."""
_PLAIN_PAUSE = 10.0
"""Seconds between two plain lines of one stage: a log of a nightly run stays readable."""
_SAID = frozenset({Outcome.FAILED, Outcome.NOT_STORED})
"""Outcomes of single records that get a line of their own while the run goes on."""


class ProgressLines:
    """A consumer of events; enter it to get the function that takes them."""

    def __init__(self, narration: Narration, clock: Callable[[], float] = time.monotonic) -> None:
        self._narration = narration
        self._clock = clock
        self._started: dict[str, float] = {}
        self._said: dict[str, float] = {}
        self._tasks: dict[str, TaskID] = {}
        self._bars: Bars | None = None

    def __enter__(self) -> Callable[[Event], None]:
        return self.take

    def __exit__(self, *exc_info: object) -> None:
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def take(self, event: Event) -> None:
        """Show one event, if it is worth showing."""
        match event:
            case Progress():
                self._progress(event)
            case Waiting(seconds=seconds) if seconds < _PATIENCE:
                pass
            case RecordOutcome(outcome=outcome) if outcome not in _SAID:
                pass
            case Waiting() | RecordOutcome() | Note():
                self._line(narrate(event))

    def _progress(self, event: Progress) -> None:
        now = self._clock()
        started = self._started.setdefault(event.stage, now)
        if now - started < _PATIENCE or self._narration.quiet:
            return
        if self._narration.is_terminal:
            self._bar(event)
            return
        last = self._said.get(event.stage, started)
        finished = bool(event.total) and event.done >= event.total
        if now - last >= _PLAIN_PAUSE or (finished and self._said.get(event.stage) != float("inf")):
            self._said[event.stage] = float("inf") if finished else now
            self._narration.say(narrate(event))

    def _bar(self, event: Progress) -> None:
        bars = self._bars or self._start_bars()
        total = event.total or None
        if event.stage not in self._tasks:
            self._tasks[event.stage] = bars.add_task(_title(event.stage, event.side), total=total)
        bars.update(self._tasks[event.stage], completed=event.done, total=total)

    def _start_bars(self) -> Bars:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True, highlight=False, markup=False, emoji=False),
            transient=True,
        )
        self._bars.start()
        return self._bars

    def _line(self, text: str) -> None:
        if self._bars is None:
            self._narration.say(text)
        elif not self._narration.quiet:
            self._bars.console.print(text, markup=False, highlight=False)


def _title(stage: str, side: Side | None) -> str:
    return f"{stage} ({side.label})" if side and side.noun not in stage else stage
