"""The two lines on top of every screen: whose data this is and whether it may be written, and where one can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widget import Widget

from pdsync.model import Side
from pdsync.report.text.layout import cells, fit
from pdsync.tui.widgets.paint import inert

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Masthead"]


class Masthead(Widget):
    """Accounts by name and company, so that nobody works on the wrong one; then the screens, with what waits there."""

    HELP = "The accounts, the mapping and the screens. Click a screen's name, or press its number."

    DEFAULT_CSS = """
    Masthead { dock: top; height: 2; background: $surface; color: $foreground; }
    """

    app: PdsyncApp

    def on_mount(self) -> None:
        """Follow what is known."""
        self.app.changed.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        return Content("\n").join([self._whose(), self._where()])

    def _whose(self) -> Content:
        app, room = self.app, self.size.width
        marks = [(" READ-ONLY ", "bold $background on $warning")] if app.desk.settings.read_only else []
        if app.demo:
            marks.append((" DEMO ", "bold $background on $secondary"))
        mark = Content(" ").join(Content.styled(*one) for one in marks)
        room -= mark.cell_length + 1
        accounts = "  <->  ".join(self._account(side, short=False) for side in Side)
        if cells(accounts) > room - 10:
            accounts = "  <->  ".join(self._account(side, short=True) for side in Side)
        mapping = inert(str(app.desk.settings.mapping))
        name = " pdsync  "
        text = fit(accounts, room - len(name))
        middle = room - len(name) - cells(text) - cells(mapping) - 2
        parts = [Content.styled(name, "bold $primary"), Content.styled(text, "bold")]
        if middle >= 2:
            parts += [Content(" " * middle), Content.styled(mapping, "$foreground-muted"), Content("  ")]
        else:
            parts.append(Content(" " * max(room - len(name) - cells(text), 0)))
        return Content.assemble(*parts, mark)

    def _account(self, side: Side, *, short: bool) -> str:
        app = self.app
        if account := app.account(side):
            from pdsync.report.text.values import account_words

            if short:
                return f"{side.label} {inert(account.name) or account_words(account)}"
            return f"{side.label} {account_words(account)}"
        return f"{side.label} {'not reached' if app.unreached.get(side) else '...'}"

    def _where(self) -> Content:
        return Content("").join(self._tab(mode) for mode in self.app.titles)

    def _tab(self, mode: str) -> Content:
        style = "bold reverse $primary" if mode == self.app.current_mode else ""
        return Content.styled(self._text(mode), style)

    def _text(self, mode: str) -> str:
        count = self.app.waiting_at(mode)
        number, title = list(self.app.titles).index(mode) + 1, self.app.titles[mode]
        wide = self.size.width >= 96
        return f" {number} {title}{f' {count:,}' if count else ''} " + (" " if wide else "")

    def on_click(self, event: events.Click) -> None:
        """A screen's name goes there."""
        x, y = event.x, event.y
        if y != 1:
            return
        for mode in self.app.titles:
            x -= cells(self._text(mode))
            if x < 0:
                self.app.action_visit(mode)
                return
