"""Run: how far is it, what failed, and what came of it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pdsync.model import Outcome, RunState, Side
from pdsync.report.text.layout import Line, Role, fit, line, pad, wrap
from pdsync.report.text.values import counted
from pdsync.tui.screens.question import Question
from pdsync.tui.watching import Told, Watched
from pdsync.tui.widgets.listing import Listing, Row, Wide
from pdsync.tui.widgets.paint import content, inert
from pdsync.tui.widgets.words import bar

__all__ = ["Run"]

_STATE_ROLE = {RunState.DONE: Role.GOOD, RunState.FAILED: Role.BAD}


class Run(Question):
    """Progress per side, the log as it comes, at the end the summary."""

    asks = "How far is it, and what came of it?"
    HELP = (
        "A run as it goes: per side how much is written, at what rate, and how long it will take.\n\n"
        "{run.pause} holds it: what is under way is finished, nothing more is sent, and the same key lets it go on. "
        "{run.stop} stops it safely; reading and planning again ({run.plan-again}) resumes the rest, also after a "
        "crash."
    )

    DEFAULT_CSS = """
    Run {
        #progress { height: auto; padding: 1 1; }
        #log { height: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "app.pause", "Pause/go on", id="run.pause"),
        Binding("s", "app.stop", "Stop safely", id="run.stop"),
        Binding("f", "failures", "Only failures", id="run.failures"),
        Binding("u", "undo", "Undo", id="run.undo"),
        Binding("x", "contact", "Contact", id="run.contact"),
        Binding("p", "plan", "Read and plan the rest", id="run.plan-again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._only_failures = False

    def body(self) -> ComposeResult:
        yield Static(id="progress")
        yield Listing(id="log")

    @property
    def command(self) -> str:
        watched = self.app.watched
        return f"pdsync apply {watched.plan.header.id}" if watched is not None else ""

    def why_not(self, action: str) -> str:
        watched = self.app.watched
        if action == "undo":
            if watched is None or watched.summary is None:
                return "No run has ended here; older ones are in the History."
            return (
                ""
                if watched.summary.values or watched.outcomes or watched.noted
                else "This run wrote nothing."
            )
        return ""

    def action_failures(self) -> None:
        self._only_failures = not self._only_failures
        self.show()

    def action_contact(self) -> None:
        """Everything known of the person of this line: why it failed, what is there."""
        listing = self.query_one("#log", Listing)
        subject = listing.rows.subject(listing.cursor) if isinstance(listing.rows, _Log) else ""
        if subject:
            self.app.action_contact(subject)
        else:
            self.app.say("No person stands here.")

    def action_undo(self) -> None:
        if not self.refused("undo") and self.app.watched is not None and self.app.watched.summary is not None:
            self.app.plan_undo(self.app.watched.summary.id)

    def action_plan(self) -> None:
        if not self.refused("plan"):
            self.app.plan(read=True)

    def show(self) -> None:
        watched = self.app.watched
        listing = self.query_one("#log", Listing)
        if watched is None:
            said = line(("No run yet", Role.STRONG), "  a plan is applied from the Plan screen")
            self.query_one("#progress", Static).update(content([said]))
            listing.show((), empty="")
            return
        self.query_one("#progress", Static).update(
            content(self._lines(watched, max(self.size.width - 2, 40)))
        )
        rows = _Log(watched.failures if self._only_failures else list(watched.log))
        at_end = listing.cursor >= len(listing.rows) - 1
        listing.show(rows, empty="No failure." if self._only_failures else "", keep=True)
        if at_end and len(rows):
            listing.cursor = len(rows) - 1

    def _lines(self, watched: Watched, width: int) -> Iterator[Line]:
        yield self._first(watched)
        for side in Side:
            total = watched.totals.get(side, 0)
            if total:
                yield self._side(watched, side, total, width)
        troubles = [
            (f"{count:,} {outcome}", Role.BAD if outcome is not Outcome.STALE else Role.WARN)
            for outcome, count in watched.outcomes.items()
            if outcome not in (Outcome.DONE, Outcome.ADOPTED)
        ]
        fine = watched.outcomes[Outcome.DONE] + watched.outcomes[Outcome.ADOPTED]
        yield line(
            (f"{fine:,} done", Role.GOOD),
            *(piece for one in troubles for piece in (("   ", Role.PLAIN), one)),
            (f"   {counted(watched.noted, 'link')} noted" if watched.noted else "", Role.DIM),
        )
        if watched.waiting:
            yield line((watched.waiting, Role.WARN))
        for sentence in watched.trouble.splitlines():
            for text in wrap(sentence, width):
                yield line((text, Role.BAD))
        if (run := watched.summary) is not None and run.values and not run.undoes:
            yield line(
                (f"{self.app.key('run.undo')} plans the undo", Role.STRONG),
                f" (pdsync undo {run.id}); every value is in the History",
            )

    def _first(self, watched: Watched) -> Line:
        now, header = self.app.now(), watched.plan.header
        verb = f"UNDO of {inert(header.undoes)}" if header.undoes else f"APPLY {header.id}"
        spent = f"{watched.seconds(now):,.0f} s"
        if watched.summary is not None:
            state = watched.summary.state
            role = _STATE_ROLE.get(state, Role.WARN)
            return line(
                (str(state).upper(), role),
                f"  run {watched.summary.id}, {counted(watched.values, 'value')}, {spent}",
            )
        if watched.ended is not None:
            return line(("STOPPED", Role.WARN), f"  {verb}, {spent}")
        left = watched.seconds_left(now)
        ahead = f", about {left:,.0f} s left" if left is not None else ""
        if self.app.is_held:
            return line(
                ("HELD", Role.WARN),
                f"  {verb}, {spent}",
                (self.app.naming_keys("  nothing is sent; {run.pause} goes on, {run.stop} stops"), Role.WARN),
            )
        stopping = "  stopping: what is under way is finished first" if self.app.is_stopping else ""
        return line((verb, Role.NAME), f"  {spent}{ahead}", (stopping, Role.WARN))

    def _side(self, watched: Watched, side: Side, total: int, width: int) -> Line:
        now, done = self.app.now(), watched.done[side]
        room = max(min(width - 84, 60), 14)
        facts = [f"{done / watched.seconds(now):,.0f}/s"]
        left = watched.seconds_left(now, side)
        if left and not self.app.is_held:
            facts.append(f"{left:,.0f} s left")
        budget = watched.budgets.get(side)
        if budget is not None and budget.left is not None:
            facts.append(f"{budget.left:,} tokens{' left today' if width > 95 else ''}")
        return line(
            pad(side.label, 11),
            (pad(bar(done / total, room), room), Role.GOOD if done == total else Role.NAME),
            f"  {done:>7,} of {total:,}  ",
            (fit("  ".join(facts), max(width - room - 32, 4)), Role.DIM),
        )


class _Log:
    """Lines as they came."""

    def __init__(self, lines: list[Told]) -> None:
        self._lines = lines

    def subject(self, index: int) -> str:
        """Whose line it is; empty: nobody's."""
        return self._lines[index].subject if 0 <= index < len(self._lines) else ""

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, index: int) -> Row:
        return Wide(self._lines[index].line)
