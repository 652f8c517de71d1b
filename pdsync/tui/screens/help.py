"""Help for what has the focus: what it shows, and every key that does something there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from pdsync.report.text.layout import Line, Role, line, pad, wrap
from pdsync.tui.widgets.paint import content

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Help"]

_WIDTH = 70


class Help(ModalScreen[None]):
    """A page over the screen that it is about."""

    DEFAULT_CSS = """
    Help { align: center middle; }
    Help > VerticalScroll {
        width: 76; max-width: 95%; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", id="help.close"),
    ]

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self._lines = lines

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(content(self._lines))

    @classmethod
    def of(cls, app: PdsyncApp) -> Self:
        """The help for the focused widget of the screen in front."""
        return cls(list(_lines(app)))


def _lines(app: PdsyncApp) -> Iterator[Line]:
    screen, focused = app.screen, app.focused
    for widget in (focused, screen):
        if widget is not None and widget.HELP:
            for paragraph in widget.HELP.split("\n\n"):
                for text in wrap(app.naming_keys(" ".join(paragraph.split())), _WIDTH):
                    yield line(text)
            yield line()
    command = getattr(screen, "command", "")
    if command:
        yield line(("The same on the command line: ", Role.DIM), command)
        yield line()
    yield line(("Keys", Role.STRONG), ("  (the names are for [tui.keys] in pdsync.toml)", Role.DIM))
    seen: set[str] = set()
    # What a screen does interests most; then how to move in what has the focus, then what works everywhere.
    for active in sorted(
        screen.active_bindings.values(), key=lambda one: (one.node is app, one.node is not screen)
    ):
        binding = active.binding
        name = binding.id or ""
        if not binding.description or not name or name in seen:
            continue
        seen.add(name)
        why = app.why_not(binding.action)
        yield line(
            (pad(app.get_key_display(binding), 8), Role.NAME),
            pad(binding.description, 34),
            (name, Role.DIM),
        )
        if why:
            yield line(" " * 8, (why, Role.DIM))
