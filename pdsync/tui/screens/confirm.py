"""Asks before anything is written: what, where, and the beginning of the plan's id typed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Checkbox, Input, Static

from pdsync.errors import UsageError
from pdsync.model import PlanHeader, Side
from pdsync.report.text.layout import Line, Role, line, wrap
from pdsync.report.text.values import account_words, counted, values_words
from pdsync.tui.widgets.paint import content

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Confirm", "Confirmation"]

_LETTERS: Final = 4
"""Of the plan's id that have to be typed."""
_FRAME: Final = 4
"""Lines of the page that are nobody's: its frame, and the gaps around what scrolls."""
_FLAGS: Final = {
    "--first-run": "The first run, although persons carry a plezi_url: no other connector is at work.",
    "--accept-unguarded": "Write where it cannot be read again just before, over whatever stands there.",
}
_WIDTH: Final = 66


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the person said."""

    allow: dict[str, float]
    first_run: bool
    accept_unguarded: bool


class _Tick(Checkbox):
    """``[ ]`` until it is ticked, without any colour: textual draws a block with a cross in it, in two shades."""

    @property
    def _button(self) -> Content:
        return Content("[X]" if self.value else "[ ]")


class Confirm(ModalScreen[Confirmation | None]):
    """Over the plan; escape leaves without a write."""

    HELP = "Type the beginning of the plan's id to write exactly what the plan shows."

    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical {
        width: 74; max-width: 98%; height: auto; max-height: 96%;
        background: $surface; border: round $warning; padding: 0 1;
        #limits { height: auto; margin: 1 0; background: $surface; }
        Horizontal { height: 1; }
        Horizontal > Static { width: auto; }
        Input, Input:focus { border: none; height: 1; width: 1fr; padding: 0 1; background: $panel; }
        Checkbox, Checkbox:focus { border: none; width: 1fr; padding: 0; background: $surface; margin: 0 0 1 0; }
        #write { background: $warning; color: $background; padding: 0 2; min-width: 10; }
        #trouble { color: $error; min-height: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Do not write", id="confirm.cancel"),
    ]

    app: PdsyncApp

    def __init__(self, header: PlanHeader, trouble: str = "") -> None:
        super().__init__()
        self._header = header
        self._trouble = trouble

    def compose(self) -> ComposeResult:
        """What is written where, and what has to be typed, are in sight whatever scrolls between them."""
        with Vertical():
            yield Static(content(self._lines()), id="what")
            with VerticalScroll(id="limits", can_focus=False):
                for flag in self._header.needs:
                    yield Static(_FLAGS.get(flag, ""), markup=False)
                    yield _Tick(f"I confirm {flag}", id=flag.strip("-"))
                with Horizontal():
                    yield Static("To lift a limit, name the number, else nothing: ", markup=False)
                    yield Input(placeholder="creates=1200", id="allow")
            yield Static(
                f"Type the first {_LETTERS} letters of the plan's id, {self._header.id}:", markup=False
            )
            yield Input(placeholder="nothing is written before enter", id="typed")
            yield Static(self._trouble, id="trouble", markup=False)
            yield Button("Write", id="write", compact=True)

    def on_mount(self) -> None:
        """Begin where the person has to type."""
        self.query_one(Vertical).border_subtitle = Content(
            self.app.naming_keys("{confirm.cancel} leaves, and nothing is written")
        )
        self.set_focus(self.query_one("#typed"))

    def on_resize(self) -> None:
        """What is between is as high as it needs, or as there is room: it has a height of its own, or none would scroll."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        between = self.query_one("#limits")
        others = sum(one.outer_size.height for one in self.query_one(Vertical).children if one is not between)
        between.styles.max_height = max(int(self.size.height * 0.96) - others - _FRAME, 2)

    def _lines(self) -> Iterator[Line]:
        header = self._header
        verb = f"UNDO of {header.undoes}" if header.undoes else "WRITE"
        yield line(
            (verb, Role.WARN),
            ("   invented people, on this machine only" if self.app.demo else "", Role.GOOD),
        )
        for side in Side:
            totals = header.totals.sides[side]
            if totals.writes:
                what = [
                    counted(number, one)
                    for number, one in (
                        (totals.updates, "update"),
                        (totals.creates, "create"),
                        (totals.deletes, "delete"),
                    )
                    if number
                ]
                said = f"{values_words(totals, side)} to {side.label} {account_words(header.accounts[side])}"
                for text in wrap(f"{said}: {', '.join(what)}" if what else said, _WIDTH):
                    yield line((text, Role.STRONG))
            if totals.submissions:
                yield line(
                    (
                        f"{counted(totals.submissions, 'create')} by form submission, with its side effects",
                        Role.WARN,
                    )
                )
        creates = sum(one.creates for one in header.totals.sides.values())
        if creates and not header.undoes:
            stays = f"An undo leaves the {counted(creates, 'created record')}, unless told to delete them."
            yield from (line((text, Role.WARN)) for text in wrap(stays, _WIDTH))

    @on(Input.Submitted, "#typed")
    @on(Button.Pressed, "#write")
    def _said(self) -> None:
        typed = self.query_one("#typed", Input).value.strip().lower()
        missing = [flag for flag in self._header.needs if not self._checked(flag)]
        if len(typed) < _LETTERS or not self._header.id.startswith(typed):
            self._complain(f"That is not the beginning of {self._header.id}. Nothing was written.")
        elif missing:
            self._complain("Confirm what is not ticked yet. Nothing was written.")
        else:
            self._leave()

    def _leave(self) -> None:
        from pdsync.engine.limits import parse_allow

        try:
            allow = parse_allow(self.query_one("#allow", Input).value.split())
        except UsageError as error:
            self._complain(error.message)
            return
        self.dismiss(Confirmation(allow, self._checked("--first-run"), self._checked("--accept-unguarded")))

    @on(Input.Submitted, "#allow")
    def _next(self) -> None:
        self.set_focus(self.query_one("#typed"))

    def _checked(self, flag: str) -> bool:
        return any(box.value for box in self.query(f"#{flag.strip('-')}").results(Checkbox))

    def _complain(self, text: str) -> None:
        self.query_one("#trouble", Static).update(text)
