"""A table of any length that draws only the rows in sight.

Nothing is copied into it: a source of rows is asked for those that are drawn, so that a million rows open as fast as ten.
Text is made inert as it is drawn. Columns share the width they are given, and the less important ones give way where
there is little of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pdsync.report.inert import for_terminal
from pdsync.report.text.layout import Line, Piece, Role, cells, fit, pad

__all__ = ["Column", "Listing", "Row", "Rows", "Wide"]

_GAP: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``grow`` is its share of the room that is left."""

    title: str
    width: int
    """Cells at least."""
    grow: int = 0
    right: bool = False
    from_width: int = 0
    """It is shown when the listing is at least so wide."""
    key: str = ""
    """What rows can be sorted by with it; empty: they cannot."""


@dataclass(frozen=True, slots=True)
class Wide:
    """A row that takes the whole width: a heading, or a line below another."""

    line: Line


Row: TypeAlias = Sequence[Piece] | Wide
"""One piece per column, or a row of its own shape."""


class Rows(Protocol):
    """Where rows come from. Text in them is inert already."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Row: ...


class Listing(ScrollView, can_focus=True):
    """Rows with a cursor. Enter, or a second click, chooses one."""

    HELP = "Rows. Move with the arrow keys, page keys, home and end, or the mouse; {listing.open} opens."

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "listing--head",
        "listing--cursor",
        *(f"listing--{role.name.lower()}" for role in Role),
    }

    DEFAULT_CSS = """
    Listing {
        background: $background;
        color: $foreground;
        scrollbar-size-horizontal: 0;
        overflow-x: hidden;
        & > .listing--head { color: $foreground-muted; text-style: bold; background: $surface; }
        & > .listing--cursor { background: $panel; }
        &:focus > .listing--cursor { background: $cursor; text-style: bold; }
        & > .listing--strong { text-style: bold; }
        & > .listing--dim { color: $foreground-muted; }
        & > .listing--bad { color: $error; text-style: bold; }
        & > .listing--warn { color: $warning; }
        & > .listing--good { color: $success; }
        & > .listing--name { color: $secondary; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="listing.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="listing.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="listing.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="listing.page-down"),
        Binding("home", "go(0)", "First", show=False, id="listing.first"),
        Binding("end", "go(-1)", "Last", show=False, id="listing.last"),
        Binding("enter", "choose", "Open", show=False, id="listing.open"),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row."""

        listing: Listing
        index: int

        @property
        def control(self) -> Listing:
            return self.listing

    @dataclass
    class Chosen(Message):
        """A row was chosen."""

        listing: Listing
        index: int

        @property
        def control(self) -> Listing:
            return self.listing

    @dataclass
    class Sorted(Message):
        """The head of a column was clicked."""

        listing: Listing
        key: str

        @property
        def control(self) -> Listing:
            return self.listing

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        empty: str = "",
        id: str | None = None,  # noqa: A002 - textual's name
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows: Rows = ()
        self._empty = empty
        self._sorted_by = ""
        self._styles: dict[str, Style] = {}

    @property
    def rows(self) -> Rows:
        """What is shown."""
        return self._rows

    @property
    def _head(self) -> int:
        return 1 if any(column.title for column in self._columns) else 0

    def show(self, rows: Rows, *, empty: str | None = None, sorted_by: str = "", keep: bool = False) -> None:
        """Show other rows.

        Args:
            rows: Asked for the rows in sight, whenever they are drawn.
            empty: What to say when there is none.
            sorted_by: Key of the column that they are sorted by.
            keep: Leave the cursor where it is, as far as there are rows.
        """
        self._rows = rows
        self._sorted_by = sorted_by
        if empty is not None:
            self._empty = empty
        self.virtual_size = Size(0, len(rows) + self._head)
        place = min(self.cursor, max(len(rows) - 1, 0)) if keep else 0
        if not keep:
            self.scroll_home(animate=False)
        self.set_reactive(Listing.cursor, place)
        self.refresh()
        if keep:
            self.call_after_refresh(self._bring_into_sight)
        if len(rows):
            self.post_message(self.Highlighted(self, place))

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a row."""
        return min(max(cursor, 0), max(len(self._rows) - 1, 0))

    def watch_cursor(self, before: int, now: int) -> None:
        """Bring it into sight."""
        if before == now or not len(self._rows):
            return
        self._redraw(before)
        self._redraw(now)
        self._bring_into_sight()
        self.post_message(self.Highlighted(self, now))

    def _bring_into_sight(self) -> None:
        """Scroll to the cursor, if it is out of sight."""
        self.scroll_to_region(
            Region(0, self.cursor + self._head, 1, 1),
            spacing=Spacing(top=self._head),
            animate=False,
            force=True,
        )

    def _redraw(self, row: int) -> None:
        self.refresh(Region(0, row + self._head - self.scroll_offset.y, self.size.width, 1))

    def action_move(self, by: int) -> None:
        self.cursor += by

    def action_page(self, by: int) -> None:
        self.cursor += by * max(self.size.height - self._head - 1, 1)

    def action_go(self, row: int) -> None:
        self.cursor = row if row >= 0 else len(self._rows) - 1

    def action_choose(self) -> None:
        if len(self._rows):
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A row, or the head of a column."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < self._head:
            self._click_head(offset.x)
            return
        row = offset.y - self._head + self.scroll_offset.y
        if row >= len(self._rows):
            return
        if row == self.cursor and event.chain > 1:
            self.action_choose()
        self.cursor = row

    def _click_head(self, x: int) -> None:
        start = 0
        for column, width in self._shown():
            if start <= x < start + width + _GAP and column.key:
                self.post_message(self.Sorted(self, column.key))
            start += width + _GAP

    def notify_style_update(self) -> None:
        """Another theme, or another state of the widget."""
        super().notify_style_update()
        self._styles.clear()

    def _shown(self) -> list[tuple[Column, int]]:
        """The columns that fit, with their widths; what is left over goes to those that grow."""
        room = self.scrollable_content_region.width
        shown = [column for column in self._columns if room >= column.from_width]
        left = room - sum(column.width for column in shown) - _GAP * max(len(shown) - 1, 0)
        shares = sum(column.grow for column in shown) or 1
        return [(column, max(column.width + left * column.grow // shares, 1)) for column in shown]

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self._style("")
        if y < self._head:
            return self._head_strip(width)
        row = y - self._head + self.scroll_offset.y
        if row >= len(self._rows):
            said = self._empty if not len(self._rows) and row == 0 else ""
            style = base + self._style("listing--dim")
            return Strip([Segment(pad(f" {said}" if said else "", width), style)], width)
        if row == self.cursor:
            base += self._style("listing--cursor")
        return Strip(self._segments(self._rows[row], base, width)).adjust_cell_length(width, base)

    def _segments(self, row: Row, base: Style, width: int) -> list[Segment]:
        if isinstance(row, Wide):
            return list(self._wide(row.line, base, width))
        shown = self._shown()
        pieces = [piece for column, piece in zip(self._columns, row, strict=True) if self._fits(column)]
        segments: list[Segment] = []
        for number, ((column, room), (text, role)) in enumerate(zip(shown, pieces, strict=True)):
            gap = " " * _GAP if number < len(shown) - 1 else ""
            style = base + self._of(role)
            segments += [
                Segment(pad(for_terminal(text), room, right=column.right), style),
                Segment(gap, base),
            ]
        return segments

    def _wide(self, line: Line, base: Style, width: int) -> list[Segment]:
        segments = []
        for text, role in line:
            shown = fit(for_terminal(text), max(width, 0))
            width -= cells(shown)
            segments.append(Segment(shown, base + self._of(role)))
            if width <= 0:
                break
        return segments

    def _fits(self, column: Column) -> bool:
        return self.scrollable_content_region.width >= column.from_width

    def _head_strip(self, width: int) -> Strip:
        style = self._style("listing--head")
        texts = [
            pad(
                column.title + ("*" if column.key and column.key == self._sorted_by else ""),
                room,
                right=column.right,
            )
            for column, room in self._shown()
        ]
        return Strip([Segment(pad((" " * _GAP).join(texts), width), style)], width)

    def _of(self, role: Role) -> Style:
        return self._style(f"listing--{role.name.lower()}") if role is not Role.PLAIN else Style.null()

    def _style(self, name: str) -> Style:
        """The theme's style: colours of the text alone, so that the cursor's background stays; heads keep theirs."""
        key = f"{name}|{self.has_focus}"
        if key not in self._styles:
            if not name:
                found = self.rich_style
            else:
                found = self.get_component_rich_style(name)
                if name not in ("listing--head", "listing--cursor"):
                    found = Style(color=found.color, bold=found.bold, dim=found.dim)
                elif name == "listing--cursor":
                    found = Style(bgcolor=found.bgcolor, bold=found.bold)
            self._styles[key] = found
        return self._styles[key]
