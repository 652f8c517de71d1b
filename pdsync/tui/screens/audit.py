"""Audit: what exactly was found, and what does each finding look like?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from pdsync.engine.side_by_side import SideBySide
from pdsync.errors import PdsyncError
from pdsync.model import AuditSummary, Finding
from pdsync.report.text.layout import Role, line
from pdsync.report.text.values import SEVERITY_ROLE, counted
from pdsync.tui.screens.ask import Ask
from pdsync.tui.screens.finding_detail import finding_lines
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Column, Listing, Row, Wide
from pdsync.tui.widgets.paint import content, inert

if TYPE_CHECKING:
    from pdsync.engine.findings import FindingsTable, Selection
    from pdsync.tui.errands import Errand
    from pdsync.tui.screens.accept import Acceptance

__all__ = ["Audit"]

_GROUPS: Final = ("", "code", "field", "group")
_SORTS: Final = ("severity", "code", "field", "pipedrive", "plezi", "records")
_SEVERITY_ROLE: Final[Mapping[str, Role]] = {str(severity): role for severity, role in SEVERITY_ROLE.items()}


class Audit(Question):
    """A table of findings, a filter above it, the finding in focus below it."""

    asks = "What exactly was found?"
    HELP = (
        "Every finding of the last audit. Below: why it matters, how to mend it, and the records side by side.\n\n"
        "The filter takes words (without regard to case and accents), /regular expressions/, and code: field: side: "
        "severity:, for example   energ code:option-mismatch side:plezi\n\n"
        "{audit.fix} shows what pdsync proposes and puts what you accept into the fix file; {audit.plan-fixes} plans "
        "what is accepted there."
    )

    DEFAULT_CSS = """
    Audit {
        #count { height: 1; padding: 0 1; color: $foreground-muted; }
        #findings { height: 1fr; min-height: 4; }
        #detail { height: 45%; border-top: solid $panel; padding: 0 1; }
        #query { border: none; height: 1; padding: 0 1; background: $panel; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Filter", key_display="/", id="audit.filter"),
        Binding("t", "sort", "Sort", id="audit.sort"),
        Binding("g", "group", "Group", id="audit.group"),
        Binding("x", "contact", "Contact", id="audit.contact"),
        Binding("f", "repair", "Fix file", id="audit.fix"),
        Binding("F", "plan_fixes", "Plan the fixes", show=False, id="audit.plan-fixes"),
        Binding("w", "acknowledge", "Acknowledge", id="audit.acknowledge"),
        Binding("z", "undo", "Undo", id="audit.undo"),
        Binding("e", "export", "Export", id="audit.export"),
        Binding("o", "open", "Open record", id="audit.open-record"),
        Binding("a", "audit", "Audit again", id="audit.again"),
        Binding("escape", "leave_filter", "Back to the findings", show=False, id="audit.leave-filter"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._table: FindingsTable | None = None
        self._of = ""
        self._sort, self._descending, self._group = "severity", False, ""
        self._finding: Finding | None = None
        self._compared: SideBySide | None = None
        self._comparing = False
        self._done: list[Callable[[], Errand[Any]]] = []
        """How what was done here is taken back, the last one last."""

    def body(self) -> ComposeResult:
        yield Input(
            placeholder=f"{self.app.key('audit.filter')} to filter: words, /pattern/, code: field: side: severity:",
            id="query",
            select_on_focus=False,
        )
        yield Static(id="count")
        yield Listing(
            [
                Column(" severity", 10, key="severity"),
                Column("finding", 18, grow=1, key="code"),
                Column("field", 10, from_width=100, grow=1, key="field"),
                Column("Pipedrive", 16, grow=3, key="pipedrive"),
                Column("Plezi", 16, grow=3, key="plezi"),
                Column("records", 7, right=True, from_width=90, key="records"),
                Column("suggestion", 30, grow=5, from_width=140),
            ],
            id="findings",
        )
        with VerticalScroll(id="detail"):
            yield Static(id="finding")

    @property
    def command(self) -> str:
        return "pdsync audit"

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.query_one("#findings"))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.app.wanted_query is not None:
            self.query_one("#query", Input).value = self.app.wanted_query
            self.app.wanted_query = None
        self.set_focus(self.query_one("#findings"))

    def show(self) -> None:
        standing = self.app.standing
        audit = standing.audit if standing is not None else None
        if audit is None:
            self._listing.show((), empty=self.app.why_unread() or self._unaudited)
            return
        if audit.id != self._of and audit.has_table:
            self._of = audit.id
            spawn(self, partial(self._open, audit.report.table), "open", latest=True)
        elif audit.id != self._of:
            self._listing.show(
                (),
                empty=f"The findings of this audit are not kept any more: press {self.app.key('audit.again')}.",
            )
        self._show_finding()

    @property
    def _unaudited(self) -> str:
        return f"No audit yet: press {self.app.key('audit.again')}."

    @property
    def _listing(self) -> Listing:
        return self.query_one("#findings", Listing)

    def why_not(self, action: str) -> str:
        if action == "open" and not self._link():
            return "No address is known for this record."
        if action == "audit":
            return self.app.why_unread()
        if action == "plan_fixes":
            known = self.app.standing is not None and self.app.standing.fixes is not None
            return self.app.why_unread() or (
                "" if known else f"There is no fix file yet: {self.app.key('audit.fix')} begins one."
            )
        if action == "undo":
            return "" if self._done else "Nothing was acknowledged or put into the fix file here."
        if action == "contact":
            return "" if self._person() else "No person or contact stands here."
        if action in ("repair", "acknowledge"):
            return "" if self._finding is not None else "No finding stands here."
        return self._unaudited if action == "export" and self._table is None else ""

    def _person(self) -> str:
        subjects = self._finding.subjects if self._finding is not None else ()
        return next((str(one) for one in subjects if one.noun == one.side.noun), "")

    def action_contact(self) -> None:
        if not self.refused("contact"):
            self.app.action_contact(self._person())

    def action_repair(self) -> None:
        """Show what pdsync proposes, and put what is accepted of it into the fix file."""
        finding = self._finding
        if self.refused("repair") or finding is None:
            return
        from pdsync.tui.screens.accept import Accept

        async def put(said: Acceptance) -> None:
            written = await self.app.attempt(self.app.desk.decide(finding, said.wanted))
            if written is None:
                return
            if written.proposals:
                self._done.append(lambda: self.app.desk.decide(finding, said.before))
                await self.app.refresh_standing()
            planned = written.accepted and written.counts.keys() - {"pairs", "merges"}
            then = f"; {self.app.key('audit.plan-fixes')} plans what is accepted" if planned else ""
            self.app.say(f"{written.words}{then} ({written.path})" if written.proposals else written.words)
            self.refresh_bindings()

        def answered(said: Acceptance | None) -> None:
            if said is not None:
                spawn(self, partial(put, said), "repair")

        self.app.push_screen(Accept(finding), answered)

    def action_plan_fixes(self) -> None:
        """A plan of what is accepted in the fix file: shown before anything is written, like any plan."""
        if not self.refused("plan_fixes"):
            self.app.plan_fixes()

    def action_acknowledge(self) -> None:
        """Ask why, and write it down: from the next audit on it counts no more."""
        finding = self._finding
        if self.refused("acknowledge") or finding is None:
            return

        async def note(why: str) -> None:
            said = await self.app.attempt(self.app.desk.acknowledge(finding, why))
            if said is not None:
                self._done.append(lambda: self.app.desk.acknowledge(finding, "", undo=True))
                self.app.say(said)
                self.refresh_bindings()

        def answered(why: str | None) -> None:
            if why:
                spawn(self, partial(note, why), "acknowledge")

        self.app.push_screen(
            Ask(f"Why is {finding.code} fine here? (for git: no names, no addresses)"), answered
        )

    def action_undo(self) -> None:
        """Take back what was acknowledged or put into the fix file here, the last one first."""
        if self.refused("undo"):
            return

        async def undo() -> None:
            said = await self.app.attempt(self._done.pop()())
            if said is not None:
                self.app.say(said if isinstance(said, str) else said.words)
            self.refresh_bindings()

        spawn(self, undo, "undo")

    def action_export(self) -> None:
        """Write the whole audit into a file."""
        standing = self.app.standing
        if self.refused("export") or standing is None or standing.audit is None:
            return
        report = standing.audit.report

        async def write(wanted: Path) -> None:
            file = await self.app.attempt(self.app.desk.export(report, wanted))
            if file is not None:
                self.app.say(f"Every finding is in {file}. It holds personal data.")

        def answered(name: str | None) -> None:
            if name:
                spawn(self, partial(write, Path(name).expanduser()), "export")

        self.app.push_screen(Ask("Into which file? .xlsx, .csv, .html, .md or .json", "audit.xlsx"), answered)

    async def _open(self, table: str) -> None:
        try:
            self._table = await self.app.desk.findings(table).outcome()
        except PdsyncError as error:
            self.app.say(str(error), Role.BAD)
            return
        await self._select()

    @on(Input.Changed, "#query")
    def _typed(self) -> None:
        spawn(self, self._select, "select", latest=True)

    @on(Input.Submitted, "#query")
    def action_leave_filter(self) -> None:
        self.set_focus(self._listing)

    def action_search(self) -> None:
        self.set_focus(self.query_one("#query"))

    def action_sort(self) -> None:
        self._sort_by(_SORTS[(_SORTS.index(self._sort) + 1) % len(_SORTS)])

    @on(Listing.Sorted)
    def _head_clicked(self, event: Listing.Sorted) -> None:
        self._sort_by(event.key)

    def _sort_by(self, key: str) -> None:
        self._descending = not self._descending if key == self._sort else key == "records"
        self._sort = key
        spawn(self, self._select, "select", latest=True)

    def action_group(self) -> None:
        self._group = _GROUPS[(_GROUPS.index(self._group) + 1) % len(_GROUPS)]
        spawn(self, self._select, "select", latest=True)

    def action_audit(self) -> None:
        if not self.refused("audit"):
            self.app.audit()

    def action_open(self) -> None:
        if not self.refused("open"):
            self.app.open_url(self._link())
            self.app.say(f"Opened {self._link()}")

    async def _select(self) -> None:
        """Search in another thread; what was typed meanwhile makes this one worthless, and it is dropped."""
        from pdsync.engine.findings import parse_query

        table, text = self._table, self.query_one("#query", Input).value
        if table is None:
            return
        sort, descending, group = self._sort, self._descending, self._group

        def search() -> Selection:
            return table.select(parse_query(text), sort=sort, descending=descending, group=group)

        try:
            found = await self.app.desk.ask("searching", search).outcome()
        except PdsyncError as error:
            self.query_one("#count", Static).update(content([line((inert(error.message), Role.WARN))]))
            return
        how = [f"by {sort}{', descending' if descending else ''}"] if sort != "severity" or descending else []
        how += [f"grouped by {'form or source' if group == 'group' else group}"] if group else []
        said = ", ".join([f"{found.count:,} of {counted(found.total, 'finding')}", *how])
        self.query_one("#count", Static).update(content([line((said, Role.DIM))]))
        self._listing.show(
            _Findings(found), empty="Nothing was found." if text else "No finding.", sorted_by=sort
        )
        if group:  # the first row is a heading
            self._listing.cursor = 1
        if not found.count:
            self._finding = self._compared = None
            self._show_finding()

    @on(Listing.Highlighted)
    def _highlighted(self, event: Listing.Highlighted) -> None:
        spawn(self, partial(self._look_at, event.index), "detail", latest=True)

    async def _look_at(self, index: int) -> None:
        rows, table = self._listing.rows, self._table
        if not isinstance(rows, _Findings) or table is None:
            return
        number = rows.number(index)
        self._compared = None
        if number is None:
            self._finding = None
        else:
            self._finding = await self.app.desk.ask("opening", lambda: table.finding(number)).outcome()
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)
        finding = self._finding
        self._comparing = finding is not None and all(one.noun == one.side.noun for one in finding.subjects)
        self._show_finding()
        if finding is not None and self._comparing:
            try:
                self._compared = await self.app.desk.side_by_side(finding.subjects).outcome()
            except PdsyncError as error:
                self.app.say(error.message, Role.WARN)
            self._comparing = False
            self._show_finding()
        self.refresh_bindings()

    def _show_finding(self) -> None:
        if self._finding is None:
            self.query_one("#finding", Static).update("")
            return
        why = next((one.why for one in self._summaries() if one.code == self._finding.code), "")
        width = max(self.size.width - 4, 40)
        lines = finding_lines(self._finding, why, self._compared, width, comparing=self._comparing)
        self.query_one("#finding", Static).update(content(lines))

    def _summaries(self) -> Sequence[AuditSummary]:
        standing = self.app.standing
        return standing.audit.report.summaries if standing is not None and standing.audit is not None else ()

    def _link(self) -> str:
        details = self._finding.details.get("subjects") if self._finding is not None else None
        if isinstance(details, list):
            for one in details:
                link = one.get("link") if isinstance(one, dict) else None
                if isinstance(link, str) and link.startswith(("https://", "http://")):
                    return link
        return ""


class _Findings:
    """Rows of a selection, made when they are drawn."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection

    def __len__(self) -> int:
        return len(self._selection)

    def number(self, index: int) -> int | None:
        """The finding at this row; None at a heading."""
        return getattr(self._selection[index], "number", None)

    def __getitem__(self, index: int) -> Row:
        from pdsync.engine.findings import Heading

        row = self._selection[index]
        if isinstance(row, Heading):
            name = inert(row.text) or "(none)"
            return Wide(line((f" {name}", Role.STRONG), (f"  {counted(row.count, 'finding')}", Role.DIM)))
        return (
            (f" {row.severity}", _SEVERITY_ROLE.get(row.severity, Role.PLAIN)),
            (inert(row.code), Role.STRONG),
            (inert(row.field), Role.PLAIN),
            (inert(row.pipedrive[:200]) or "-", Role.PLAIN),
            (inert(row.plezi[:200]) or "-", Role.PLAIN),
            (f"{row.records:,}" if row.records else "-", Role.PLAIN),
            (inert(row.fix), Role.DIM),
        )
