"""The two lines at the bottom: what goes on or was said last; the keys that fit, and the command that does the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

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
_GAP: Final = 2


class Foot(Widget):
    """Keys in the order in which the screen names them; those that do not fit are in the help, whose key always does."""

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
        width, shown = self.size.width, list(self._shown())
        command = getattr(self.screen, "command", "")
        needed = self._width(shown) + 1
        wordings = (f"same as: {inert(command)} ", f"{inert(command)} ") if command else ()
        same = next((one for one in wordings if needed + cells(one) <= width), "")
        room = width - cells(same)
        self._keys, x = [], 1
        parts: list[Content] = [Content(" ")]
        for active in self._that_fit(shown, room - 1):
            text, key = self._key_text(active), self.app.get_key_display(active.binding)
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

    def _that_fit(self, shown: list[ActiveBinding], room: int) -> list[ActiveBinding]:
        if self._width(shown) - _GAP <= room:
            return shown
        fitting = [one for one in shown if one.binding.id == "app.help"]
        for active in [one for one in shown if one not in fitting]:
            if self._width([*fitting, active]) - _GAP > room:
                continue
            fitting.insert(len(fitting) - 1, active)
        return fitting

    def _width(self, shown: list[ActiveBinding]) -> int:
        return sum(cells(self._key_text(active)) for active in shown)

    def _key_text(self, active: ActiveBinding) -> str:
        return f"{self.app.get_key_display(active.binding)} {active.binding.description}{' ' * _GAP}"

    def _shown(self) -> Iterator[ActiveBinding]:
        """Every binding once, those of the screen first, then those of the app; another key leaves one in its place."""
        active = [one for one in self.screen.active_bindings.values() if one.binding.show]
        seen: set[str] = set()
        for one in sorted(active, key=lambda one: (one.node is self.app, _place(one))):
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


def _place(active: ActiveBinding) -> int:
    """Where a binding stands among those of its owner; textual moves the ones with another key behind the others."""
    ids = [getattr(one, "id", None) for one in active.node.BINDINGS]
    return ids.index(active.binding.id) if active.binding.id in ids else len(ids)
