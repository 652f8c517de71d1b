"""History: what did each run write, value by value, and should it be taken back?"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pdsync.errors import PdsyncError
from pdsync.model import Outcome, RunState, RunSummary, Side, Subject
from pdsync.report.text.layout import Line, Role, line
from pdsync.report.text.plan import change_lines
from pdsync.report.text.values import Names, moment
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Column, Listing, Row, Wide
from pdsync.tui.widgets.paint import content, inert

if TYPE_CHECKING:
    from pdsync.tui.desk import Entries, RunRecord

__all__ = ["History"]

_STATE_ROLE: Final = {RunState.DONE: Role.GOOD, RunState.FAILED: Role.BAD}
_FINE: Final = frozenset({Outcome.DONE, Outcome.ADOPTED})


class History(Question):
    """Runs above, every value of the one in focus below."""

    asks = "What did each run write?"
    HELP = (
        "Every run; below, each value that the run in focus wrote, with what was there before.\n\n"
        "{history.undo} plans the undo of a run: it is a plan like any other, shown before anything is written. "
        "{history.undo-created} also deletes what the run created."
    )

    DEFAULT_CSS = """
    History {
        #runs { height: 35%; min-height: 5; }
        #about { height: auto; padding: 0 1; background: $surface; }
        #entries { height: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "undo(False)", "Plan the undo", id="history.undo"),
        Binding("U", "undo(True)", "Undo with creates", id="history.undo-created"),
        Binding("x", "contact", "Contact", id="history.contact"),
        Binding("tab", "app.focus_next", "Runs/values", show=False, id="history.switch"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[RunSummary] = []
        self._record: RunRecord | None = None
        self._width = 0

    def body(self) -> ComposeResult:
        yield Listing(
            [
                Column(" run", 21),
                Column("", 6),
                Column("started (UTC)", 16, from_width=103),
                Column("state", 9),
                Column("Pipedrive", 9, right=True),
                Column("Plezi", 7, right=True),
                Column("values", 7, right=True),
                Column("failed", 6, right=True),
                Column("stale", 5, right=True, from_width=88),
                Column("", 10, grow=1, from_width=115),
            ],
            id="runs",
            empty="No run yet.",
        )
        yield Static(id="about")
        yield Listing(id="entries")

    @property
    def command(self) -> str:
        run = self._run
        return f"pdsync history {run.id}" if run is not None else "pdsync history"

    @property
    def _run(self) -> RunSummary | None:
        cursor = self.query_one("#runs", Listing).cursor if self.is_mounted else 0
        return self._runs[cursor] if cursor < len(self._runs) else None

    def why_not(self, action: str) -> str:
        if not action.startswith("undo"):
            return ""
        run = self._run
        if run is None:
            return "There is no run to undo."
        if run.undone_by:
            return f"This run was undone by {inert(run.undone_by)}."
        return "" if sum(run.writes.values()) else "This run wrote nothing."

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.query_one("#runs"))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        spawn(self, self._load, "runs", latest=True)

    def show(self) -> None:
        if self._record is not None and self._width != self.size.width:
            self._show_record()

    async def _load(self) -> None:
        try:
            self._runs = await self.app.desk.runs().outcome()
        except PdsyncError as error:
            self.app.say(str(error), Role.BAD)
            return
        self.query_one("#runs", Listing).show(_Runs(self._runs), keep=True)
        self.refresh_bindings()

    @on(Listing.Highlighted, "#runs")
    def _highlighted(self) -> None:
        spawn(self, self._open, "record", latest=True)

    @on(Listing.Chosen, "#runs")
    def _chosen(self) -> None:
        self.set_focus(self.query_one("#entries"))

    async def _open(self) -> None:
        run = self._run
        if run is None:
            return
        try:
            self._record = await self.app.desk.run(run.id).outcome()
        except PdsyncError as error:
            self.app.say(str(error), Role.BAD)
            return
        self._show_record()
        self.refresh_bindings()

    def _show_record(self) -> None:
        record = self._record
        if record is None:
            return
        self._width = self.size.width
        run = record.run
        said = [
            line(
                (str(run.state).upper(), _STATE_ROLE.get(run.state, Role.WARN)),
                f"  {run.kind} {inert(run.id)}, plan {inert(run.plan_id)}",
            )
        ]
        said += [line((inert(run.message), Role.WARN))] if run.message else []
        said += [line((f"undone by {inert(run.undone_by)}", Role.DIM))] if run.undone_by else []
        self.query_one("#about", Static).update(content(said))
        rows = _Entries(record.entries, Names(record.names), self._width - 2)
        self.query_one("#entries", Listing).show(rows, empty="This run wrote nothing.")

    def action_contact(self) -> None:
        """Everything known of the person of this value."""
        listing = self.query_one("#entries", Listing)
        subject = listing.rows.subject(listing.cursor) if isinstance(listing.rows, _Entries) else ""
        if subject:
            self.app.action_contact(subject)
        else:
            self.app.say("Put the cursor on a value first (tab).")

    def action_undo(self, created: bool) -> None:  # noqa: FBT001 - from a binding
        run = self._run
        if not self.refused("undo") and run is not None:
            self.app.plan_undo(run.id, delete_created=created)


class _Runs:
    """A row for each run."""

    def __init__(self, runs: Sequence[RunSummary]) -> None:
        self._runs = runs

    def __len__(self) -> int:
        return len(self._runs)

    def __getitem__(self, index: int) -> Row:
        run = self._runs[index]
        failed = run.outcomes.get(Outcome.FAILED, 0) + run.outcomes.get(Outcome.NOT_STORED, 0)
        stale = run.outcomes.get(Outcome.STALE, 0)
        note = (
            f"undoes {run.undoes}"
            if run.undoes
            else f"undone by {run.undone_by}"
            if run.undone_by
            else run.message
        )
        return (
            (f" {inert(run.id)}", Role.STRONG),
            (str(run.kind), Role.PLAIN),
            (moment(run.started_at), Role.PLAIN),
            (str(run.state), _STATE_ROLE.get(run.state, Role.WARN)),
            *((f"{run.writes.get(side, 0):,}", Role.PLAIN) for side in Side),
            (f"{run.values:,}", Role.PLAIN),
            (f"{failed:,}", Role.BAD if failed else Role.DIM),
            (f"{stale:,}", Role.WARN if stale else Role.DIM),
            (inert(note), Role.DIM),
        )


class _Entries:
    """The journal, what did not succeed first; each entry with a line per value, read when it is in sight."""

    def __init__(self, entries: Entries, names: Names, width: int) -> None:
        self._entries = entries
        self._names, self._width = names, width
        self._ends = array("Q", accumulate(entries.sizes))
        self._entry = lru_cache(maxsize=256)(entries.entry)
        self._lines = lru_cache(maxsize=256)(self._drawn)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __getitem__(self, index: int) -> Row:
        number = bisect_right(self._ends, index)
        lines = self._lines(number)
        offset = index - (self._ends[number - 1] if number else 0)
        return Wide(lines[offset] if offset < len(lines) else ())

    def subject(self, index: int) -> str:
        """Whose entry stands in this row; empty: nobody's that can be named."""
        entry = None
        if 0 <= index < len(self):
            with suppress(PdsyncError):  # the row says so
                entry = self._entry(bisect_right(self._ends, index))
        if entry is None:
            return ""
        side, record = entry.change.side, entry.record_id or entry.change.record_id
        if record:
            return str(Subject(side, side.noun, record))
        # A create that failed: the one from whom it would have been made. A list is nobody's.
        source = entry.change.subject
        return str(source) if source.id and not entry.change.kind.of_options else ""

    def _drawn(self, number: int) -> list[Line]:
        try:
            entry = self._entry(number)
        except PdsyncError as error:
            return [line((f" {inert(error.message)}", Role.BAD))]
        if entry is None:
            return [line((" not in the journal any more", Role.WARN))]
        outcome = (str(entry.outcome), Role.GOOD if entry.outcome in _FINE else Role.BAD)
        lines = change_lines(
            entry.change, self._width, self._names, outcome=outcome, record_id=entry.record_id
        )
        return [
            *(line(" ", *pieces) for pieces in lines),
            *([line((f"     {inert(entry.error)}", Role.BAD))] if entry.error else []),
        ]
