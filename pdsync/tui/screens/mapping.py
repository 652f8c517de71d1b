"""Mapping: what may flow where, what is wrong with it, and what it does to a real person while it is being changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from pdsync.model import Direction
from pdsync.report.text.layout import Line, Role
from pdsync.tui.screens.add_field import adding
from pdsync.tui.screens.choose import Choice, Choose
from pdsync.tui.screens.difference import Difference
from pdsync.tui.screens.option_pairs import OptionPairs
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Listing
from pdsync.tui.widgets.mapping_lines import (
    ARROWS,
    COLUMNS,
    MappingRows,
    finding_lines,
    preview_line,
    row_lines,
    state_line,
)
from pdsync.tui.widgets.paint import content, inert

if TYPE_CHECKING:
    from pdsync.engine.mapping_draft import MappingDraft
    from pdsync.engine.mapping_view import MappingRow

__all__ = ["Mapping"]

_NEED_A_ROW = frozenset({"turn", "remove", "options"})
_NEED_A_PERSON = frozenset({"person", "find"})
_EVERY = 1.0
"""Seconds between looks at the disk."""


class Mapping(Question):
    """The field mappings with one person's values beside them; the row in focus in full below."""

    asks = "What may flow where?"
    HELP = (
        "The field mappings in the order of the file, Pipedrive on the left. Arrows say which way values flow; what is "
        "locked is grey, and the reason stands below. Between the names: what one real person holds, from what was read "
        "last; a star marks what would be written to them. {mapping.next-person} and {mapping.person-before} go through "
        "them, {mapping.find-person} finds one.\n\n"
        "Nothing is saved before {mapping.save} has shown what would change in the file. Comments in it are kept, and a "
        "change that somebody else makes meanwhile is never written over unseen. Problems are those of pdsync check, "
        "with line and column; {mapping.next-problem} goes to the next one."
    )

    DEFAULT_CSS = """
    Mapping {
        #banner { height: auto; padding: 0 1; background: $surface; }
        #person { border: none; height: 1; padding: 0 1; background: $panel; display: none; }
        #fields { height: 1fr; min-height: 4; }
        #detail { height: auto; max-height: 40%; border-top: solid $panel; padding: 0 1; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "Direction", id="mapping.direction"),
        Binding("o", "options", "Options", id="mapping.options"),
        Binding("a", "add", "Add", id="mapping.add"),
        Binding("x,delete", "remove", "Remove", id="mapping.remove"),
        Binding("w,ctrl+s", "save", "Save", id="mapping.save"),
        Binding("u,ctrl+z", "undo", "Undo", id="mapping.undo"),
        Binding("n", "person(1)", "Next", id="mapping.next-person"),
        Binding("slash", "find", "Find", key_display="/", id="mapping.find-person"),
        Binding("N", "person(-1)", "Person before", show=False, id="mapping.person-before"),
        Binding("U,ctrl+y", "redo", "Do again", show=False, id="mapping.redo"),
        Binding("e", "next_problem", "Next problem", show=False, id="mapping.next-problem"),
        Binding("escape", "leave_find", "Back to the field mappings", show=False, id="mapping.leave-find"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rows: MappingRows | None = None
        self._shown: object = None
        self._asked = False
        self._note: tuple[int, str] = (-1, "")
        """What the last turn ran into, and at which field mapping."""

    def body(self) -> ComposeResult:
        yield Static(id="banner")
        yield Input(placeholder="an email address, its beginning, or an id", id="person")
        yield Listing(COLUMNS, id="fields", empty="Looking at the mapping ...")
        with VerticalScroll(id="detail"):
            yield Static(id="row")

    @property
    def command(self) -> str:
        return "pdsync check"

    @property
    def _listing(self) -> Listing:
        return self.query_one("#fields", Listing)

    @property
    def _row(self) -> MappingRow | None:
        return self._rows.row(self._listing.cursor) if self._rows is not None else None

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#detail").can_focus = False
        self.set_focus(self._listing)
        self.set_interval(_EVERY, self._watch)

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._watch()

    def _watch(self) -> None:
        """Only while somebody looks: what happened to the file is said when they come back."""
        if self.is_current:
            spawn(self, self._look, "watch", latest=False)

    async def _look(self) -> None:
        await self.app.drafting.look()
        view = self.app.drafting.view
        if view is None or not view.changed_on_disk:
            self._asked = False
        elif not self._asked and self.is_current:
            self._asked = True
            self._ask_what_now()

    # -- what is shown

    def show(self) -> None:
        drafting = self.app.drafting
        view, preview = drafting.view, drafting.preview
        if view is None:
            return
        now = (view, preview, drafting.nobody, self.size)
        if now == self._shown:
            return
        self._shown = now
        from pdsync.engine.checking import in_words

        width = max(self.size.width - 2, 40)
        nobody = drafting.nobody
        lines = [
            state_line(view, in_words(view.findings), self.app.key),
            preview_line(preview, nobody, width, self.app.key),
        ]
        self.query_one("#banner", Static).update(content(lines))
        row = self._row
        self._rows = MappingRows(view, preview)
        self._listing.show(self._rows, empty="There are no field mappings in this file.", keep=True)
        if row is not None:  # findings come and go above it
            self._listing.cursor = self._rows.place_of(row.entry.number)
        self._show_row()

    @on(Listing.Highlighted)
    def _show_row(self) -> None:
        rows, place = self._rows, self._listing.cursor
        if rows is None:
            return
        row, finding = rows.row(place), rows.finding(place)
        lines: list[Line] = []
        width = max(self.size.width - 4, 40)
        if row is None and finding is not None:
            lines = list(finding_lines(finding, width))
        elif row is not None:
            note = self._note[1] if self._note[0] == row.entry.number else ""
            lines = list(row_lines(row, finding, self.app.drafting.preview, width, note))
        self.query_one("#row", Static).update(content(lines))
        self.refresh_bindings()

    def why_not(self, action: str) -> str:  # noqa: PLR0911 - one reason each
        name = action.partition("(")[0]
        drafting = self.app.drafting
        view, row = drafting.view, self._row
        if view is None:
            return "Looking at the mapping ..."
        if name in _NEED_A_ROW and row is None:
            return "Put the cursor on a field mapping first."
        if name in ("turn", "remove") and row is not None:
            return row.locked
        if name == "options" and row is not None:
            return self._why_no_options(row)
        if name == "add" and view.bound is None:
            return "The fields of both sides are not known: read them with pdsync pull --fields."
        if name == "save":
            return "" if view.unsaved else "Nothing to save: the file says the same."
        if name == "undo":
            return "" if view.undo else "There is nothing to take back."
        if name == "redo":
            return "" if view.redo else "Nothing was taken back."
        if name in _NEED_A_PERSON and drafting.preview is None:
            return drafting.nobody or "Looking for somebody to show it with ..."
        return ""

    def _why_no_options(self, row: MappingRow) -> str:
        from pdsync.engine.mapping_options import why_no_pairs

        return why_no_pairs(row.field) if row.field is not None else "Its fields are not known on both sides."

    # -- what the person does

    def action_turn(self) -> None:
        row = self._row
        if self.refused("turn") or row is None:
            return

        async def turn() -> None:
            turned = await self.app.drafting.change("turning", lambda draft: draft.turn(row.entry))
            if turned is None:
                return
            way = ARROWS[turned.direction].strip() if turned.direction is not Direction.OFF else "off"
            skipped = [f"not {ARROWS[other].strip()}: {why}" for other, why in turned.skipped]
            self._note = (row.entry.number, "; ".join(skipped))
            self._show_row()
            self.app.say("; ".join([f"{row.entry.name} {way}", *skipped]))

        spawn(self, turn, "change")

    def action_remove(self) -> None:
        row = self._row
        if not self.refused("remove") and row is not None:
            said = f"Removed {row.entry.name}; {self.app.key('mapping.undo')} brings it back."
            self._change("removing", lambda draft: draft.remove(row.entry), said)

    def action_undo(self) -> None:
        if not self.refused("undo"):
            self._change("undoing", lambda draft: draft.undo(), "Taken back: {}")

    def action_redo(self) -> None:
        if not self.refused("redo"):
            self._change("doing again", lambda draft: draft.redo(), "Done again: {}")

    def _change(self, name: str, do: Callable[[MappingDraft], object], said: str) -> None:
        async def change() -> None:
            before = self.app.drafting.view
            answer = await self.app.drafting.change(name, do)
            if self.app.drafting.view is not before:
                self.app.say(said.format(answer))

        spawn(self, change, "change")

    def action_add(self) -> None:
        if not self.refused("add"):
            adding(self.app)

    @on(Listing.Chosen)
    def action_options(self) -> None:
        row = self._row
        if not self.refused("options") and row is not None:
            self.app.push_screen(OptionPairs(row))

    def action_save(self) -> None:
        view = self.app.drafting.view
        if self.refused("save") or view is None:
            return
        if view.changed_on_disk:
            self._ask_what_now()
        else:
            self.app.push_screen(Difference())

    def action_next_problem(self) -> None:
        place = self._rows.next_finding(self._listing.cursor) if self._rows is not None else None
        if place is None:
            self.app.say("There is no problem.")
        else:
            self._listing.cursor = place

    def action_person(self, by: int) -> None:
        if not self.refused("person"):
            self.app.drafting.show_person(by)

    def action_find(self) -> None:
        if not self.refused("find"):
            field = self.query_one("#person", Input)
            field.display = True
            self.set_focus(field)

    @on(Input.Submitted, "#person")
    def _asked_for(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.app.drafting.find_person(event.value)
        self.action_leave_find()

    def action_leave_find(self) -> None:
        field = self.query_one("#person", Input)
        field.value = ""
        field.display = False
        self.set_focus(self._listing)

    # -- somebody else changed the file

    def _ask_what_now(self) -> None:
        view = self.app.drafting.view
        if view is None:
            return
        edits = f"{view.edits} {'change' if view.edits == 1 else 'changes'}"
        again = "" if view.can_rebase else "part of what is here was saved, and then taken back"
        choices = [
            Choice(
                ("Read the file, and make mine again in it", f"{edits}; nothing of theirs is lost"),
                why_not=again,
            ),
            Choice(("Read the file, and forget mine", f"{edits} not saved are lost")),
            Choice(
                (
                    "Go on with mine",
                    f"{self.app.key('mapping.save')} then shows what of theirs a save would take back",
                )
            ),
        ]
        title = f"{inert(str(view.path))} was changed by somebody else, and there are changes here that are not saved."
        self.app.push_screen(Choose(title, choices, self._decided))

    def _decided(self, number: int | None) -> None:
        if number is None:
            self.app.say(f"Nothing was decided; {self.app.key('mapping.save')} asks again.", Role.WARN)
            return
        do: tuple[Callable[[MappingDraft], object], ...] = (
            lambda draft: draft.rebase(),
            lambda draft: draft.take_theirs(),
            lambda draft: draft.keep_mine(),
        )

        async def decide() -> None:
            lost = await self.app.drafting.change("deciding", do[number])
            if isinstance(lost, tuple) and lost:
                self.app.say(
                    f"Read again; could not be made again: {', '.join(map(inert, lost))}.", Role.WARN
                )
            else:
                said = (
                    "Read again, with the changes made here on top.",
                    "Read again.",
                    "Going on with what is here.",
                )
                self.app.say(said[number])

        spawn(self, partial(decide), "change")
