"""The two lines at the bottom: what goes on or was said last; the keys that fit, and the command that does the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widget import Widget

from pdsync.report.text.layout import cells, fit
from pdsync.tui.widgets.paint import STYLES, inert

if TYPE_CHECKING:
    from textual.binding import ActiveBinding

    from pdsync.tui.app import PdsyncApp

__all__ = ["Foot"]

_ALL = "app.messages"
"""The action that shows every message whole."""


class Foot(Widget):
    """Keys in the order in which the screen names them; those that do not fit are in the help."""

    DEFAULT_CSS = """
    Foot { dock: bottom; height: 2; background: $surface; color: $foreground; }
    """

    app: PdsyncApp

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[tuple[int, int, ActiveBinding]] = []

    def on_mount(self) -> None:
        """Follow what is known, and which keys do something."""
        self.app.changed.subscribe(self, lambda _: self.refresh())
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.refresh())

    def render(self) -> Content:
        return Content("\n").join([self._said(), self._keys_line()])

    def _said(self) -> Content:
        """One line; where it is cut off, how to read it whole."""
        text, role = self.app.status
        room, whole = self.size.width, f" {text}"
        if cells(whole) > room and self.app.errand_is_over:
            active = self.screen.active_bindings.values()
            key = next((self.app.get_key_display(o.binding) for o in active if o.binding.id == _ALL), "")
            whole = f"{fit(whole, room - cells(key) - 7)}  {key}: all" if key else whole
        return Content.styled(fit(whole, room), STYLES[role])

    def _keys_line(self) -> Content:
        width = self.size.width
        command = getattr(self.screen, "command", "")
        needed = sum(cells(self._key_text(active)) for active in self._shown()) + 1
        wordings = (f"same as: {inert(command)} ", f"{inert(command)} ") if command else ()
        same = next((one for one in wordings if needed + cells(one) <= width), "")
        room = width - cells(same)
        self._keys, x = [], 1
        parts: list[Content] = [Content(" ")]
        for active in self._shown():
            text, key = self._key_text(active), self.app.get_key_display(active.binding)
            if x + cells(text) > room:
                break
            why = self.app.why_not(active.binding.action)
            parts += [
                Content.styled(key, "$foreground-disabled" if why else "bold $primary"),
                Content.styled(text[len(key) :], "$foreground-disabled" if why else ""),
            ]
            self._keys.append((x, x + cells(text), active))
            x += cells(text)
        if same:
            parts += [Content(" " * (width - x - cells(same))), Content.styled(same, "$foreground-muted")]
        return Content.assemble(*parts)

    def _key_text(self, active: ActiveBinding) -> str:
        return f"{self.app.get_key_display(active.binding)} {active.binding.description}  "

    def _shown(self) -> Iterator[ActiveBinding]:
        """Every binding once, those of the screen first, then those of the app."""
        active = [one for one in self.screen.active_bindings.values() if one.binding.show]
        seen: set[str] = set()
        for one in sorted(active, key=lambda one: one.node is self.app):
            if one.binding.action not in seen:
                seen.add(one.binding.action)
                yield one

    async def on_click(self, event: events.Click) -> None:
        """A key's name does what the key does."""
        if event.y != 1:
            return
        for start, end, active in self._keys:
            if start <= event.x < end:
                await self.app.run_action(active.binding.action, active.node)
                return
