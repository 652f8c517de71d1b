"""What is under way and what came of it: one long errand at a time, told to whoever shows it.

The screens only ask for it here. What they show while it goes on, and afterwards, is what is known here.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from textual.signal import Signal

from pdsync.errors import Interrupted, PdsyncError
from pdsync.model import Side
from pdsync.report.text.layout import Role
from pdsync.tui.spawning import spawn
from pdsync.tui.typing_ahead import InTurn

if TYPE_CHECKING:
    from pdsync.engine.standing import Standing
    from pdsync.model import Account, Event
    from pdsync.tui.desk import Desk, Reviewed
    from pdsync.tui.errands import Errand
    from pdsync.tui.screens.confirm import Confirmation
    from pdsync.tui.watching import Watched

__all__ = ["Undertaking"]

T = TypeVar("T")

_BUDGETS_EVERY: Final = 1.0
"""Seconds. It is only looked up in memory."""


class Undertaking(InTurn):
    """An app that knows how things stand, and does one long thing at a time."""

    def __init__(self, desk: Desk, now: Callable[[], datetime] | None = None) -> None:
        super().__init__()
        self.desk = desk
        self.now = now or (lambda: datetime.now(UTC))
        self.standing: Standing | None = None
        self.accounts: dict[Side, Account] = {}
        self.unreached: dict[Side, str] = {}
        self.errand: Errand[Any] | None = None
        self.said: list[tuple[datetime, str, Role]] = []
        self.changed: Signal[None] = Signal(self, "changed")
        self.bug: BaseException | None = None
        """What the app ended over."""
        self.reviewed: Reviewed | None = None
        """The plan on the Plan screen."""
        self.watched: Watched | None = None
        """The run on the Run screen."""
        self._progress = ""

    @abstractmethod
    def action_visit(self, mode: str) -> None:
        """Bring a screen to the front."""

    @abstractmethod
    def why_not(self, action: str) -> str:
        """Why an action cannot be taken now; empty: it can."""

    # -- how things stand

    async def _get_to_know(self) -> None:
        """What lies here comes first: it is there at once, and the services may take their time."""
        await self.refresh_standing()
        for side in Side:
            spawn(self, partial(self._identify, side), "identify")

    async def refresh_standing(self) -> None:
        """Look again."""
        try:
            self.standing = await self.desk.look().outcome()
        except PdsyncError as error:
            self.say(str(error), Role.BAD)
        self.tell()

    async def _identify(self, side: Side) -> None:
        try:
            self.accounts[side] = await self.desk.identify(side).outcome()
            self.unreached.pop(side, None)
        except PdsyncError as error:
            self.unreached[side] = " ".join(filter(None, (error.message, error.next_step)))
        await self.refresh_standing()

    def say(self, text: str, role: Role = Role.PLAIN) -> None:
        """A line for the person. It stays in the list of messages."""
        from pdsync.tui.widgets.paint import inert

        *before, last = [inert(part) for part in text.splitlines()] or [""]
        sentences = [part if part.endswith((".", "!", "?", ":")) else f"{part}." for part in before]
        self.said.append((self.now(), " ".join([*sentences, last]), role))
        self.tell()

    def tell(self) -> None:
        """Something is known that was not: let the screens show it."""
        self.changed.publish(None)

    # -- doing

    async def undertake(self, errand: Errand[T]) -> T | None:
        """Let the engine do something long, one at a time; None if it did not come to an end."""
        self.errand, self._progress = errand, ""
        self.tell()
        try:
            return await errand.outcome()
        except Interrupted as error:
            self.say(str(error), Role.WARN)
        except PdsyncError as error:
            self.say(str(error), Role.BAD)
        finally:
            self._follow()
            await self.refresh_standing()
        return None

    async def attempt(self, errand: Errand[T]) -> T | None:
        """Something short; what goes wrong is said."""
        try:
            return await errand.outcome()
        except PdsyncError as error:
            self.say(str(error), Role.BAD)
        return None

    def read(self) -> None:
        """Read both sides, then audit them."""
        spawn(self, self._read, "errand")

    async def _read(self) -> None:
        if await self.undertake(self.desk.read()):
            await self._audit()

    def audit(self) -> None:
        """Audit what was read."""
        spawn(self, self._audit, "errand")

    async def _audit(self) -> None:
        report = await self.undertake(self.desk.audit())
        if report is not None:
            self.say(f"Audited in {report.seconds:.1f} s: {report.gate.state}.")

    def plan(self, *, read: bool = False) -> None:
        """Plan a sync, after reading both sides again if asked for, and show it."""
        spawn(self, partial(self._plan, read=read), "errand")

    async def _plan(self, *, read: bool) -> None:
        if read and not await self.undertake(self.desk.read()):
            return
        reviewed = await self.undertake(self.desk.plan())
        self._review(reviewed)

    def plan_fixes(self) -> None:
        """Plan what is accepted in the fix file, and show it."""

        async def plan() -> None:
            reviewed = await self.undertake(self.desk.plan_fixes())
            self._review(reviewed)

        spawn(self, plan, "errand")

    def open_plan(self, name: str) -> None:
        """Show a plan that was made before."""

        async def show() -> None:
            try:
                self._review(await self.desk.open_plan(name).outcome(), visit=False)
            except PdsyncError as error:
                self.say(str(error), Role.BAD)

        spawn(self, show, "open-plan", latest=True)

    def plan_undo(self, run_id: str, *, delete_created: bool = False) -> None:
        """Plan the undo of a run, and show it."""

        async def plan() -> None:
            reviewed = await self.undertake(self.desk.plan_undo(run_id, delete_created=delete_created))
            self._review(reviewed)

        spawn(self, plan, "errand")

    def _review(self, reviewed: Reviewed | None, *, visit: bool = True) -> None:
        if reviewed is None:
            return
        from pdsync.report.text.values import counted

        self.reviewed = reviewed
        writes = reviewed.plan.header.totals.writes
        self.say(
            f"Plan {reviewed.plan.header.id}: {counted(writes, 'write')}." if writes else "Nothing to write."
        )
        if visit:
            self.action_visit("plan")

    def apply(self, reviewed: Reviewed, said: Confirmation) -> None:
        """Carry out exactly this plan, and show how it goes."""
        spawn(self, partial(self._apply, reviewed, said), "errand")

    async def _apply(self, reviewed: Reviewed, said: Confirmation) -> None:
        from pdsync.tui.watching import Watched

        watched = self.watched = Watched(reviewed.plan, self.now())
        self.reviewed = reviewed
        self.action_visit("run")
        errand = self.desk.apply(
            reviewed.plan,
            allow=said.allow,
            first_run=said.first_run,
            accept_unguarded=said.accept_unguarded,
        )
        spawn(self, partial(self._ask_budgets, watched), "budgets", latest=True)
        watched.summary = await self.undertake(errand)
        watched.end(self.now())
        if watched.summary is None:
            watched.trouble = self.said[-1][1] if self.said else ""
        else:
            watched.trouble = watched.summary.message
            self.say(f"Run {watched.summary.id}: {watched.summary.state}. Every value is in the History.")
        await self.refresh_standing()

    async def _ask_budgets(self, watched: Watched) -> None:
        """What a run leaves of the day's budget, as long as it goes on, and when it is over: it may be short."""
        over = False
        while not over:
            over = watched.ended is not None
            with suppress(PdsyncError):
                watched.budgets = await self.desk.budgets().outcome()
            self.tell()
            await asyncio.sleep(0 if over else _BUDGETS_EVERY)

    def is_carried_out(self, plan_id: str) -> bool:
        """Whether a run has carried out this plan, as far as the last runs tell."""
        runs = self.standing.runs if self.standing is not None else ()
        return any(run.plan_id == plan_id for run in runs)

    @property
    def errand_is_over(self) -> bool:
        """Whether nothing long is under way."""
        return self.errand is None or self.errand.is_over

    @property
    def is_stopping(self) -> bool:
        """Whether what is under way was asked to stop."""
        return self.errand is not None and self.errand.stopping and not self.errand.is_over

    @property
    def is_held(self) -> bool:
        """Whether what is under way waits for the person."""
        return self.errand is not None and self.errand.held and not self.errand.is_over

    def _follow(self) -> None:
        """Fetch what the engine told since the last time."""
        errand = self.errand
        if errand is None:
            return
        if events := errand.events():
            self._take(events)
        if errand.is_over and errand.gate is not None and self.watched is not None:
            self.watched.end(self.now())  # a run: its time is over, whatever is looked up afterwards
        if events or not errand.is_over:
            self.tell()

    def _take(self, events: Sequence[Event]) -> None:
        from pdsync.model import Note, Progress, Waiting
        from pdsync.report.text.events import narrate

        for event in events:
            if self.watched is not None and self.watched.ended is None:
                self.watched.take(event)
            if isinstance(event, Note):
                self.said.append((self.now(), narrate(event), Role.WARN))
            elif isinstance(event, (Progress, Waiting)):
                self._progress = narrate(event)

    def action_stop(self) -> None:
        why = self.why_not("stop")
        if why or self.errand is None:
            self.say(why)
            return
        self.errand.stop()
        self.tell()

    def action_pause(self) -> None:
        """Hold the run, or let it go on."""
        why, errand = self.why_not("pause"), self.errand
        if why or errand is None or self.watched is None:
            self.say(why)
        elif errand.held:
            errand.go_on()
            self.watched.go_on(self.now())
            self.say("The run goes on; what waited is read again first.")
        else:
            errand.hold()
            self.watched.hold(self.now())
            self.say("The run is held: what is under way is finished, nothing more is sent.", Role.WARN)
