"""Asks a person to choose one of several things: a page over the screen that asks, with a filter where there are many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pdsync.report.text.layout import Role, cells, line, wrap
from pdsync.tui.widgets.listing import Column, Listing, Row
from pdsync.tui.widgets.paint import content, inert

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Choice", "Choose"]

_MANY: Final = 5
"""From so many on there is a filter."""
_KEYS: Final = frozenset({"up", "down", "pageup", "pagedown"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose."""

    texts: tuple[str, ...]
    """A text for each column."""
    why_not: str = ""
    """Why it cannot be chosen; it is shown all the same."""
    strong: bool = False


class Choose(ModalScreen[None]):
    """Enter chooses, escape does not."""

    HELP = (
        "Choose with the arrow keys and {listing.open}, or the mouse; typing filters. {choose.back} goes back without "
        "choosing."
    )

    DEFAULT_CSS = """
    Choose { align: center middle; }
    Choose > Vertical {
        width: 100; max-width: 98%; height: auto; max-height: 92%;
        background: $surface; border: round $primary; padding: 0 1;
        #words, #words:focus { border: none; height: 1; padding: 0 1; background: $panel; margin: 1 0 0 0; }
        #choices { height: auto; margin: 1 0 0 0; background: $surface; }
        #why { height: auto; color: $warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back without choosing", id="choose.back"),
    ]

    app: PdsyncApp

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        chosen: Callable[[int | None], None],
        *,
        heads: Sequence[str] = (),
    ) -> None:
        """``title`` is inert already; the texts of the choices are made so."""
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen
        self._heads = heads
        self._found: list[int] = []

    def compose(self) -> ComposeResult:
        columns = max((len(choice.texts) for choice in self._choices), default=1)
        heads = [*self._heads, *("" for _ in range(columns))]
        widths = [
            min(max((cells(inert(one.texts[n])) for one in self._choices), default=8), 44)
            for n in range(columns)
        ]
        with Vertical():
            yield Static(id="title")
            yield Input(placeholder="type to filter", id="words")
            yield Listing(
                [Column(heads[n], max(widths[n] // 2, 8), grow=max(widths[n], 1)) for n in range(columns)],
                id="choices",
                empty="Nothing was found.",
            )
            yield Static(id="why", markup=False)

    def on_mount(self) -> None:
        """A filter for many; the keys go to the choices all the same."""
        self.query_one(Vertical).border_subtitle = Content(
            self.app.naming_keys("{listing.open} chooses   {choose.back} goes back")
        )
        words = self.query_one("#words", Input)
        words.display = len(self._choices) >= _MANY
        self._filter()
        self.set_focus(words if words.display else self.query_one("#choices", Listing))

    def on_resize(self) -> None:
        """As much of the height as it needs and there is."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        width = self.query_one("#title").size.width or 60
        lines = [line((part, Role.STRONG)) for part in wrap(self._title, width)]
        self.query_one("#title", Static).update(content(lines))
        head = 1 if any(self._heads) else 0
        room = max(int(self.size.height * 0.92) - 7 - len(lines), 3)
        self.query_one("#choices").styles.height = min(max(len(self._found), 1) + head, room)

    @on(Input.Changed, "#words")
    def _filter(self) -> None:
        words = self.query_one("#words", Input).value.casefold().split()
        self._found = [
            number
            for number, choice in enumerate(self._choices)
            if all(word in " ".join(choice.texts).casefold() for word in words)
        ]
        self.query_one("#choices", Listing).show(_Rows([self._choices[number] for number in self._found]))
        self._say_why()
        self.call_after_refresh(self._lay_out)

    def on_key(self, event: events.Key) -> None:
        """While one types a filter, the arrow keys move among what it finds."""
        if self.focused is self.query_one("#words") and event.key in _KEYS:
            listing = self.query_one("#choices", Listing)
            by = -1 if event.key in ("up", "pageup") else 1
            if event.key in ("up", "down"):
                listing.action_move(by)
            else:
                listing.action_page(by)
            event.stop()

    @on(Listing.Highlighted)
    def _say_why(self) -> None:
        choice = self._choice
        self.query_one("#why", Static).update(inert(choice.why_not) if choice is not None else "")

    @property
    def _choice(self) -> Choice | None:
        cursor = self.query_one("#choices", Listing).cursor
        return self._choices[self._found[cursor]] if cursor < len(self._found) else None

    @on(Input.Submitted, "#words")
    @on(Listing.Chosen)
    def _take(self) -> None:
        choice = self._choice
        if choice is None or choice.why_not:
            return
        number = self._found[self.query_one("#choices", Listing).cursor]
        self.dismiss()
        self._chosen(number)

    def action_leave(self) -> None:
        self.dismiss()
        self._chosen(None)


class _Rows:
    """Choices as rows."""

    def __init__(self, choices: Sequence[Choice]) -> None:
        self._choices = choices

    def __len__(self) -> int:
        return len(self._choices)

    def __getitem__(self, index: int) -> Row:
        choice = self._choices[index]
        first = Role.DIM if choice.why_not else Role.STRONG if choice.strong else Role.PLAIN
        return tuple((inert(text), first if n == 0 else Role.DIM) for n, text in enumerate(choice.texts))
