"""Plan: what would be written where, to whom and why; and what of it should not be."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from pdsync.errors import PdsyncError
from pdsync.model import PlanHeader, PlanTotals, Side, SideTotals
from pdsync.report.text.layout import Line, Role, cells, line, wrap
from pdsync.report.text.values import Names, counted, known_words, options_words
from pdsync.tui.screens.confirm import Confirm, Confirmation
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Listing
from pdsync.tui.widgets.paint import content, inert
from pdsync.tui.widgets.plan_pages import GROUPINGS, At, Order, PlanPages, PlanRows

if TYPE_CHECKING:
    from pdsync.tui.desk import Reviewed
    from pdsync.tui.errands import Errand

__all__ = ["Plan"]


class Plan(Question):
    """A banner that says what would be written where, and every change below it."""

    asks = "What would be written where, and why?"
    HELP = (
        "A dry run. The banner says what apply would write, and how far the limits of the mapping are used.\n\n"
        "{plan.leave-out} leaves a person out, {plan.leave-out-field} a field, {plan.leave-out-side} everything to one "
        "side; the same key takes it in again. What is left is a plan of its own, with its own id. Conflicts stand on "
        "top: nothing is written to either side of them. What else was found, and why it keeps values out, stands below "
        "the changes."
    )

    DEFAULT_CSS = """
    Plan {
        #banner { height: auto; padding: 0 1; background: $surface; }
        #words { border: none; height: 1; padding: 0 1; background: $panel; }
        #changes { height: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "leave_out", "Leave out", id="plan.leave-out"),
        Binding("f", "leave_out_field", "Field", id="plan.leave-out-field"),
        Binding("d", "leave_out_side", "Side", id="plan.leave-out-side"),
        Binding("A", "apply", "Apply", id="plan.apply"),
        Binding("g", "group", "Group", id="plan.group"),
        Binding("slash", "search", "Filter", key_display="/", id="plan.filter"),
        Binding("x", "contact", "Contact", id="plan.contact"),
        Binding("p", "plan", "Plan again", id="plan.again"),
        Binding("n", "next(1)", "Next change", show=False, id="plan.next"),
        Binding("N", "next(-1)", "Change before", show=False, id="plan.before"),
        Binding("escape", "leave_filter", "Back to the changes", show=False, id="plan.leave-filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._reviewed: Reviewed | None = None
        self._pages: PlanPages | None = None
        self._order: Order | None = None
        self._ordering: Errand[Order] | None = None
        self._without: set[str] = set()
        self._totals: PlanTotals | None = None
        self._counting: Errand[PlanTotals] | None = None
        self._grouping = GROUPINGS[0]
        self._width = 0

    def body(self) -> ComposeResult:
        yield Static(id="banner")
        yield Input(
            placeholder=f"{self.app.key('plan.filter')} to filter: a name, an id, a field", id="words"
        )
        yield Listing(id="changes")

    @property
    def command(self) -> str:
        if self._reviewed is None:
            return "pdsync plan"
        plan = self._reviewed.plan.header.id
        if not self._without:
            return f"pdsync show {plan}"
        return shlex.join(
            ["pdsync", "plan", "--from", plan, *(f"--without={text}" for text in sorted(self._without))]
        )

    @property
    def _listing(self) -> Listing:
        return self.query_one("#changes", Listing)

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self._listing)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.app.reviewed is None and self.app.standing is not None and self.app.standing.plan is not None:
            self.app.open_plan(self.app.standing.plan.id)

    def why_not(self, action: str) -> str:
        if action == "plan":
            return self.app.why_unread()
        if self._reviewed is None:
            return (
                f"There is no plan yet: press {self.app.key('plan.again')}." if action in _NEED_A_PLAN else ""
            )
        if action == "apply":
            return self._why_not_apply(self._reviewed.plan.header)
        return ""

    def _why_not_apply(self, header: PlanHeader) -> str:
        if self.app.desk.settings.read_only:
            return "Read only: nothing is written from here. The plan can be applied elsewhere with its id."
        if header.gate.refused:
            return f"The audits refuse this plan: {inert(header.gate.refused[0])}"
        if self._totals is not None and not self._totals.writes:
            return "Nothing would be written."
        if self.app.is_carried_out(header.id):
            return f"This plan was carried out; plan again with {self.app.key('plan.again')}."
        return ""

    def show(self) -> None:
        reviewed = self.app.reviewed
        if reviewed is not self._reviewed:
            self._reviewed, self._pages, self._order, self._without = reviewed, None, None, set()
            if reviewed is not None:
                self._totals = reviewed.plan.header.totals
                self._listing.show((), empty="Opening the plan ...")
                spawn(self, partial(self._open, reviewed), "pages", latest=True)
        if reviewed is None:
            self.query_one("#banner", Static).update(
                content(
                    [
                        line(
                            ("No plan yet", Role.STRONG),
                            f"  press {self.app.key('plan.again')} to plan; nothing is written by that",
                        )
                    ]
                )
            )
            self._listing.show((), empty="")
            return
        self._show_banner()
        if self._order is not None and self.size.width != self._width:
            self._show_rows(keep=True)

    async def _open(self, reviewed: Reviewed) -> None:
        try:
            pages = await self.app.desk.pages(reviewed).outcome()
        except PdsyncError as error:
            self.app.say(str(error), Role.BAD)
            return
        if self._reviewed is reviewed:
            self._pages = pages
            self._show_banner()
            self._put_in_order()
            self.refresh_bindings()

    def _put_in_order(self) -> None:
        """Group and filter anew. What was asked before is not waited for: one types faster than a large plan is read."""
        if self._ordering is not None:
            self._ordering.stop()
        spawn(self, self._arrange, "order", latest=True)

    async def _arrange(self) -> None:
        pages, stop = self._pages, threading.Event()
        if pages is None:
            return
        words = self.query_one("#words", Input).value
        arrange = partial(pages.order, self._grouping, words, stop.is_set)
        self._ordering = self.app.desk.ask("searching", arrange, stop.set)
        try:
            order = await self._ordering.outcome()
        except PdsyncError as error:
            self.app.say(str(error), Role.BAD)
            return
        if pages is self._pages:
            self._order = order
            self._show_rows()

    def _show_rows(self, *, keep: bool = False) -> None:
        if self._pages is None or self._order is None:
            return
        self._width = self.size.width
        rows = self._pages.rows(self._order, self._without, self._width - 2)
        words = self.query_one("#words", Input).value
        self._listing.show(rows, empty="Nothing was found." if words else "Nothing to write.", keep=keep)

    # -- the banner

    def _show_banner(self) -> None:
        reviewed, totals = self._reviewed, self._totals
        if reviewed is None or totals is None:
            return
        width = max(self.size.width - 2, 40)
        lines = list(self._banner(reviewed.plan.header, totals, width))
        self.query_one("#banner", Static).update(content(lines))

    def _banner(self, header: PlanHeader, totals: PlanTotals, width: int) -> Iterator[Line]:
        start = f"UNDO of {inert(header.undoes)}" if header.undoes else "DRY RUN"
        parts = [
            f"{'at least ' if held.deferred else ''}{known_words(held)} to {side.label}"
            for side, held in totals.sides.items()
            if held.writes
        ]
        says = f"apply would write {' and '.join(parts)}" if parts else "nothing would be written"
        called = "what is left is a plan of its own" if self._without else header.id
        name = f"   {called}" if cells(start) + cells(says) + len(called) + 5 <= width else ""
        yield line((f"{start}  ", Role.WARN if parts else Role.GOOD), (says, Role.STRONG), (name, Role.DIM))
        for side, held in totals.sides.items():
            if held.writes:
                limits = "" if header.undoes else self._limits(held)
                first, *rest = wrap(f"{_what(held)}{limits}; costs {_costs(held)}", width - 13)
                yield line((f"  {side.label:<11}", Role.DIM), first)
                for more in rest:
                    yield line(f"{'':13}{more}")
        if totals.conflicts:
            yield line(
                (counted(totals.conflicts, "conflict"), Role.BAD),
                "  on top; nothing is written to either side of them",
            )
        others = {code: count for code, count in totals.findings.items() if count and code != "conflict"}
        if others:
            codes = ", ".join(f"{code} {count:,}" for code, count in sorted(others.items()))
            yield from _wrapped(
                f"{counted(sum(others.values()), 'finding')} below the changes: {codes}", width, Role.WARN
            )
        blocked = totals.counts.get("blocked", 0)
        if blocked:
            yield line((f"{blocked:,} kept out by findings of the audit", Role.WARN))
        for why in header.gate.refused:
            yield from _wrapped(f"refused: {inert(why)}", width, Role.BAD)
        if self._without:
            counting = self._counting is not None and not self._counting.is_over
            yield from _wrapped(
                f"left out{' (counting anew ...)' if counting else ''}: "
                f"{', '.join(sorted(map(self._called, self._without)))}",
                width,
                Role.WARN,
            )
        if header.needs:
            yield line(("apply asks for ", Role.DIM), " ".join(header.needs))

    def _limits(self, held: SideTotals) -> str:
        bound = self._reviewed.names if self._reviewed is not None else None
        if bound is None:
            return ""
        limits = bound.mapping.limits
        share = 100 * held.updates / (held.linked or 1)
        changed = f", changed {share:,.1f} of {limits.changed_percent:g} %" if held.linked else ""
        creates, cleared = f"{held.made:,} of {limits.creates:,}", f"{held.clears:,} of {limits.clears:,}"
        return f"; limits: creates {creates}, cleared {cleared}{changed}"

    def _called(self, text: str) -> str:
        if "=" in text and self._reviewed is not None:
            return Names(self._reviewed.names).of_key(text)
        return Side(text).label if text in list(Side) else inert(text)

    # -- what the person does

    @property
    def _at(self) -> At:
        rows = self._listing.rows
        return rows.at(self._listing.cursor) if isinstance(rows, PlanRows) else At()

    def action_contact(self) -> None:
        """Why this change, and all else that is known of the person."""
        at = self._at
        if at.change is not None and not at.change.kind.of_options:
            self.app.action_contact(str(at.change.subject))
        elif at.finding is not None and at.finding.subjects:
            self.app.action_contact(str(at.finding.subjects[0]))
        else:
            self.app.say("No person stands here.")

    def action_leave_out(self) -> None:
        change = self._at.change
        if change is None:
            self.app.say("No change stands here.")
            return
        self._toggle(str(change.subject))

    def action_leave_out_field(self) -> None:
        key = self._at.key
        if not key or "=" not in key:
            self.app.say("Put the cursor on the line of a field first.")
            return
        self._toggle(key)

    def action_leave_out_side(self) -> None:
        change = self._at.change
        if change is None:
            self.app.say("No change stands here.")
            return
        self._toggle(str(change.side))

    def _toggle(self, text: str) -> None:
        before = set(self._without)
        self._without ^= {text}
        out = "left out; the same key takes it in again" if text in self._without else "in again"
        self.app.say(f"{self._called(text)}: {out}.")
        spawn(self, partial(self._count, before), "count", latest=True)

    async def _count(self, before: set[str]) -> None:
        reviewed = self._reviewed
        if reviewed is None:
            return
        if self._counting is not None:
            self._counting.stop()
        self._counting = self.app.desk.remaining(reviewed.plan, frozenset(self._without))
        self._show_banner()
        self._show_rows(keep=True)
        try:
            self._totals = await self._counting.outcome()
        except PdsyncError as error:
            self._without = before
            self.app.say(str(error), Role.WARN)
            self._show_rows(keep=True)
        self._show_banner()
        self.app.tell()

    def action_group(self) -> None:
        self._grouping = GROUPINGS[(GROUPINGS.index(self._grouping) + 1) % len(GROUPINGS)]
        self.app.say(f"Grouped by {self._grouping}.")
        self._put_in_order()

    def action_next(self, by: int) -> None:
        rows = self._listing.rows
        if isinstance(rows, PlanRows) and len(rows):
            self._listing.cursor = rows.next_block(self._listing.cursor, by)

    def action_search(self) -> None:
        self.set_focus(self.query_one("#words"))

    @on(Input.Changed, "#words")
    def _typed(self) -> None:
        self._put_in_order()

    @on(Input.Submitted, "#words")
    def action_leave_filter(self) -> None:
        self.set_focus(self._listing)

    def action_plan(self) -> None:
        if not self.refused("plan"):
            self.app.plan()

    def action_apply(self) -> None:
        if not self.refused("apply"):
            spawn(self, self._apply, "apply", latest=True)

    async def _apply(self) -> None:
        """With something left out, first make a plan of what is left: what is applied is what was shown."""
        reviewed = self._reviewed
        if reviewed is None:
            return
        if self._without:
            try:
                reviewed = await self.app.desk.leave_out(reviewed.plan, frozenset(self._without)).outcome()
            except PdsyncError as error:
                self.app.say(str(error), Role.BAD)
                return
        chosen = reviewed

        def confirmed(said: Confirmation | None) -> None:
            if said is None:
                self.app.say("Nothing was written.")
            else:
                self.app.apply(chosen, said)

        self.app.push_screen(Confirm(chosen.plan.header), confirmed)


_NEED_A_PLAN = frozenset({"apply", "leave_out", "leave_out_field", "leave_out_side", "group", "search"})


def _what(held: SideTotals) -> str:
    parts = [
        counted(number, one)
        for number, one in (
            (held.updates, "update"),
            (held.creates, "create"),
            (held.deletes, "delete"),
            (held.submissions, "form submission"),
        )
        if number
    ]
    return ", ".join([*parts, *filter(None, [options_words(held)])])


def _costs(held: SideTotals) -> str:
    tokens = f", {counted(held.tokens, 'token')}" if held.tokens else ""
    return f"{counted(held.requests, 'request')}{tokens}"


def _wrapped(text: str, width: int, role: Role = Role.PLAIN) -> Iterator[Line]:
    for part in wrap(text, width):
        yield line((part, role))
