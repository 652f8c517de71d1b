"""What was said so far: the line at the foot shows the last message only, and no message may be lost with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from pdsync.report.text.layout import Line, Role, line, wrap
from pdsync.tui.widgets.paint import content

__all__ = ["Messages"]

_WIDTH = 90


class Messages(ModalScreen[None]):
    """Newest first."""

    HELP = "Every message of this session, the newest first, with its time (UTC)."

    DEFAULT_CSS = """
    Messages { align: center middle; }
    Messages > VerticalScroll {
        width: 96; max-width: 98%; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,m,q,enter", "dismiss", "Close", id="messages.close"),
    ]

    def __init__(self, said: Sequence[tuple[datetime, str, Role]]) -> None:
        """``said`` is inert already."""
        super().__init__()
        self._said = tuple(said)

    def compose(self) -> ComposeResult:
        width = max(min(self.app.size.width - 8, _WIDTH) - 10, 20)
        lines: list[Line] = []
        for when, text, role in reversed(self._said):
            for number, part in enumerate(wrap(text, width)):
                start = f"{when:%H:%M:%S}  " if number == 0 else " " * 10
                lines.append(line((start, Role.DIM), (part, role)))
        with VerticalScroll():
            yield Static(content(lines or [line(("Nothing was said yet.", Role.DIM))]))
