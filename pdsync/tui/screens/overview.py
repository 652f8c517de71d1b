"""Overview: is this pair of accounts ready for a sync, and what comes next?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pdsync.model import Side
from pdsync.report.text.layout import Line, Role, cells, fit, line, pad, wrap
from pdsync.report.text.standing import standing_words
from pdsync.report.text.values import SEVERITY_ROLE, counted
from pdsync.tui.screens.question import Question
from pdsync.tui.widgets.listing import Column, Listing, Row
from pdsync.tui.widgets.paint import content, inert
from pdsync.tui.widgets.words import ago, bar, left_of

if TYPE_CHECKING:
    from pdsync.engine.standing import SideStanding, Standing
    from pdsync.model import AuditDifferences, AuditReport, AuditSummary, Coverage, RunSummary

__all__ = ["Overview"]

# By their values: the first picture waits for this page, and for no value type of plans and runs.
_STATE_ROLE: Final[Mapping[str, Role]] = {
    "ready": Role.GOOD,
    "ready with warnings": Role.WARN,
    "not ready": Role.BAD,
}
_RUN_ROLE: Final[Mapping[str, Role]] = {"done": Role.GOOD, "failed": Role.BAD}
_BAR = 24
_HIGH: Final = 30
"""Lines of a screen that has room for more than the last run."""
_RUNS: Final = 3

_TAKEN: Final = 11 + 30 + 4
"""Cells of a side's line that its name, its records and the gaps take."""
_COVERED: Final = 12
"""Cells at least for how much of a side was read."""


class Overview(Question):
    """Ready or not and why, what was read, the last runs."""

    asks = "Is this ready, and what comes next?"
    HELP = (
        "How things stand. The first line says whether a sync may go ahead, and why not.\n\n"
        "Read both sides, audit what was read, then plan: nothing is written before you apply a plan."
    )

    DEFAULT_CSS = """
    Overview {
        #gate { height: auto; padding: 1 1 1 1; }
        #audits { height: 1fr; min-height: 4; }
        #facts { height: auto; padding: 1 1 0 1; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "read", "Read both sides", id="overview.read"),
        Binding("a", "audit", "Audit", id="overview.audit"),
        Binding("p", "plan", "Plan", id="overview.plan"),
        Binding("c", "resume", "Resume", id="overview.resume"),
    ]

    def body(self) -> ComposeResult:
        yield Static(id="gate")
        yield Listing(
            [
                Column(" severity", 9),
                Column("finding", 22),
                Column("records", 8, right=True),
                Column("since then", 32, from_width=150),
                Column("", _BAR, from_width=110),
                Column("what was found", 14, grow=1),
            ],
            id="audits",
        )
        yield Static(id="facts")

    @property
    def command(self) -> str:
        return "pdsync audit"

    def on_listing_chosen(self, event: Listing.Chosen) -> None:
        """Open the findings of this code."""
        rows = event.listing.rows
        if isinstance(rows, _Audits):
            self.app.open_findings(f"code:{rows.summaries[event.index].code}")

    def why_not(self, action: str) -> str:
        if action in ("audit", "plan"):
            return self.app.why_unread()
        if action == "resume":
            return self._why_not_resume()
        return ""

    def _why_not_resume(self) -> str:
        run = self.app.standing.interrupted if self.app.standing is not None else None
        if run is None:
            return "No run was interrupted."
        from pdsync.model import RunKind

        return "Plan the undo again in the History." if run.kind is RunKind.UNDO else ""

    def action_read(self) -> None:
        if not self.refused("read"):
            self.app.read()

    def action_audit(self) -> None:
        if not self.refused("audit"):
            self.app.audit()

    def action_plan(self) -> None:
        if not self.refused("plan"):
            self.app.plan()

    def action_resume(self) -> None:
        """Settle what a run left open, read what is there now, and plan the rest."""
        if not self.refused("resume"):
            self.app.plan(read=True)

    def show(self) -> None:
        standing = self.app.standing
        width = max(self.size.width - 2, 40)
        if standing is None:
            self.query_one("#gate", Static).update(content([line(("Looking ...", Role.DIM))]))
            return
        self.query_one("#gate", Static).update(content(self._gate(standing, width)))
        listing = self.query_one("#audits", Listing)
        if listing.rows != (rows := _Audits(standing.audit.report if standing.audit else None)):
            empty = "No finding." if standing.audit else "No audit yet."
            listing.show(rows, empty=empty, keep=True)
        self.query_one("#facts", Static).update(content(self._facts(standing, width)))

    def _gate(self, standing: Standing, width: int) -> Iterator[Line]:
        audit = standing.audit
        if audit is None:
            unread = [side for side, one in standing.sides.items() if one.taken_at is None]
            what = self.app.naming_keys(
                "press {overview.read} to read both sides" if unread else "press {overview.audit} to audit"
            )
            if any(side in self.app.unreached for side in unread):
                what = f"what is missing stands below; then {what}"
            yield line(("NOT AUDITED YET", Role.WARN), f"  {what}")
            yield line(("Nothing is written before you apply a plan.", Role.DIM))
            return
        gate = audit.report.gate
        state = str(gate.state).upper()
        because = f"because {inert(gate.reasons[0])}" if gate.reasons else "nothing stands against a sync"
        when = f"audited {ago(audit.taken_at, self.app.now())}"
        room = width - cells(state) - 2
        first, *rest = wrap(because, room - cells(when) - 2)
        yield line(
            (state, _STATE_ROLE[gate.state]),
            "  ",
            (pad(first, room - cells(when)), Role.STRONG),
            (when, Role.DIM),
        )
        for more in rest:
            yield line(" " * (cells(state) + 2) + more)
        yield from self._gate_notes(standing, width)

    def _gate_notes(self, standing: Standing, width: int) -> Iterator[Line]:
        audit = standing.audit
        if audit is None:
            return
        if not standing.audit_is_current:
            yield line(
                (
                    f"This audit is older than what was read last: press {self.app.key('overview.audit')}",
                    Role.WARN,
                )
            )
        gate = audit.report.gate
        if (since := audit.report.differences) is not None:
            yield from self._trend(since, gate.blocked_records, width)
        for said in gate.refused:
            yield line((fit(f"no plan can be applied: {inert(said)}", width), Role.BAD))
        for said in gate.not_checked:
            yield line((fit(f"not checked: {inert(said)}", width), Role.WARN))

    def _trend(self, since: AuditDifferences, blocked: int, width: int) -> Iterator[Line]:
        """What is new, solved and still there since the audit before, as the audit's report says it."""
        when = ago(datetime.fromisoformat(since.taken_at), self.app.now())
        was = since.blocked_records
        more = f"{blocked:,} blocked, {f'then {was:,}' if was != blocked else 'as then'}"
        unseen = f", {since.unseen:,} not seen this time" if since.unseen else ""
        said = f", {since.persisting:,} still there{unseen}; {more}"
        pieces = (
            (f"since the audit {when}: ", Role.DIM),
            (f"{since.new:,} new", Role.BAD if since.new else Role.PLAIN),
            ", ",
            (f"{since.solved:,} solved", Role.GOOD if since.solved else Role.PLAIN),
        )
        first, *rest = wrap(said, width - sum(cells(text) for text, _ in line(*pieces))) or [""]
        yield line(*pieces, first)
        for text in rest:
            yield line(f"  {text}")

    def _facts(self, standing: Standing, width: int) -> Iterator[Line]:
        for side in Side:
            yield from self._side(standing.sides[side], width)
        for problem in standing.problems:
            yield from _wrapped(line(), problem, width)
        if (run := standing.interrupted) is not None and self.app.errand_is_over:
            yield from self._interrupted(run, width)
        if standing.plan is not None:
            writes = standing.plan.totals.writes
            yield line(
                ("Plan       ", Role.DIM),
                (counted(writes, "write") if writes else "nothing to write", Role.STRONG),
                f"  {standing.plan.id}, not carried out",
            )
        yield from self._runs(standing.runs[: _RUNS if self.size.height >= _HIGH else 1], width)

    def _runs(self, runs: Sequence[RunSummary], width: int) -> Iterator[Line]:
        """The last runs, each on a line of its own."""
        name = "Runs       "
        if not runs:
            yield line((f"{name}none yet", Role.DIM))
        for number, run in enumerate(runs):
            shown = (fit(_run_words(run), width - len(name)), _RUN_ROLE.get(run.state, Role.WARN))
            yield line((name if number == 0 else " " * len(name), Role.DIM), shown)

    def _interrupted(self, run: RunSummary, width: int) -> Iterator[Line]:
        """A run that did not come to its end, and how the rest is planned."""
        from pdsync.model import RunKind, RunState

        how = "did not come to its end" if run.state is RunState.RUNNING else f"was {run.state}"
        left = f", {counted(run.remaining, 'change')} not tried" if run.remaining else ""
        what = (
            f"{self.app.key('history.undo')} in the History undoes the rest"
            if run.kind is RunKind.UNDO
            else f"{self.app.key('overview.resume')} reads again and plans the rest"
        )
        name = line(("Unfinished ", Role.WARN))
        for number, text in enumerate(wrap(f"run {inert(run.id)} {how}{left}; {what}", width - 11)):
            yield line(*(name if number == 0 else line(" " * 11)), (text, Role.WARN))

    def _side(self, side: SideStanding, width: int) -> Iterator[Line]:
        name = line((pad(side.side.label, 11), Role.DIM))
        if (why := self.app.unreached.get(side.side)) and side.taken_at is None:
            yield from _wrapped(name, f"not reached: {why}", width)
        elif side.problem:
            yield from _wrapped(name, side.problem, width)
        elif side.taken_at is None or side.coverage is None:
            yield line(*name, "not read yet")
        else:
            yield self._read(side, side.taken_at, side.coverage, width)
            if why:
                yield from _wrapped(line(" " * 11), f"not reached now: {why}", width)

    def _read(self, side: SideStanding, taken: datetime, coverage: Coverage, width: int) -> Line:
        covered = "complete" if coverage.complete else f"partial: {inert(coverage.reason)}"
        read = f"{counted(side.records, side.side.noun)}, {ago(taken, self.app.now())}"
        said_budget = left_of(side.budget.left, side.budget.limit) if side.budget else "no limit known"
        if side.budget and side.budget.left is not None and width - _TAKEN - cells(said_budget) < _COVERED:
            said_budget = f"{side.budget.left:,} tokens left"
        room = max(width - _TAKEN - cells(said_budget), _COVERED)
        return line(
            (pad(side.side.label, 11), Role.DIM),
            (pad(read, 30), Role.PLAIN),
            (pad(covered, room), Role.GOOD if coverage.complete else Role.WARN),
            (f"  {said_budget}", Role.DIM),
        )


def _wrapped(start: Line, trouble: str, width: int) -> Iterator[Line]:
    """What went wrong and what to do next, whole: in as many lines as it takes."""
    indent = sum(cells(text) for text, _ in start)
    for number, text in enumerate(wrap(inert(trouble), width - indent)):
        yield line(*(start if number == 0 else line(" " * indent)), (text, Role.BAD))


class _Audits:
    """One row for each audit that found something."""

    def __init__(self, report: AuditReport | None) -> None:
        self.summaries = [one for one in report.summaries if one.findings] if report is not None else []
        self._since = report.differences if report is not None else None
        self._most = max((_records(one) for one in self.summaries), default=0) or 1

    def __len__(self) -> int:
        return len(self.summaries)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Audits) and self.summaries == other.summaries and self._since == other._since
        )

    def __hash__(self) -> int:
        return hash(tuple(one.code for one in self.summaries))

    def __getitem__(self, index: int) -> Row:
        one = self.summaries[index]
        role = SEVERITY_ROLE[one.severity]
        records = _records(one)
        return (
            (f" {one.severity}", role),
            (one.code, Role.STRONG),
            (f"{records:,}", Role.PLAIN),
            (standing_words(one, self._since), Role.DIM),
            (bar(records / self._most, _BAR), role),
            (inert(one.headline), Role.PLAIN),
        )


def _records(summary: AuditSummary) -> int:
    return sum(summary.records.values())


def _run_words(run: RunSummary) -> str:
    """``21:04 applied 508, 0 failed``."""
    from pdsync.model import Outcome, RunKind, RunState

    when = run.started_at[11:16]
    verb = "undid" if run.kind is RunKind.UNDO else "applied"
    troubles = [
        f"{count:,} {outcome}"
        for outcome in (Outcome.FAILED, Outcome.STALE, Outcome.NOT_STORED)
        if (count := run.outcomes.get(outcome, 0))
    ]
    said = f"{run.started_at[:10]} {when} {verb} {counted(run.values, 'value')}"
    state = [] if run.state is RunState.DONE else [str(run.state)]
    return ", ".join([said, *state, *troubles] if state or troubles else [said, "all well"])
