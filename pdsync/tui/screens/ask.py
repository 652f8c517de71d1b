"""Asks a person for one line of text: a reason, a file name. Escape leaves without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Ask"]


class Ask(ModalScreen[str | None]):
    """A question, and a line to answer it on."""

    HELP = "Type, then enter. {ask.back} goes back without an answer."

    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask > Vertical {
        width: 84; max-width: 98%; height: auto; background: $surface; border: round $primary; padding: 0 1;
        Input, Input:focus { border: none; height: 1; padding: 0 1; background: $panel; margin: 1 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back without an answer", id="ask.back"),
    ]

    app: PdsyncApp

    def __init__(self, question: str, value: str = "") -> None:
        """``question`` is ours, and no text from elsewhere."""
        super().__init__()
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(self._question, markup=False)
            yield Input(self._value, id="answer", select_on_focus=False)

    def on_mount(self) -> None:
        """How the page is left."""
        self.query_one(Vertical).border_subtitle = Content(
            self.app.naming_keys("enter takes it   {ask.back} goes back")
        )

    @on(Input.Submitted)
    def _said(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)
