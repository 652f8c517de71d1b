"""What a save would change in the mapping file: shown before it is written, and nothing else is written."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from pdsync.report.text.layout import Line, Role, line, parts
from pdsync.report.text.values import counted
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.listing import Listing, Row, Wide
from pdsync.tui.widgets.paint import content, inert

__all__ = ["Difference"]

_HEAD: Final = 2
"""Lines that say which files these are."""
_ROLES: Final = {"+": Role.GOOD, "-": Role.BAD, "@": Role.NAME}


class Difference(Question):
    """The unified diff against the file on the disk. W writes it, escape does not."""

    asks = "What would be written into the file?"
    HELP = (
        "The difference between the file on the disk and what it would be: lines with a minus go, lines with a plus "
        "come, all others stay as they are. {difference.write} writes exactly this."
    )

    DEFAULT_CSS = """
    Difference {
        #banner { height: auto; padding: 0 1; background: $surface; }
        #lines { height: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w,ctrl+s", "write", "Write the file", id="difference.write"),
        Binding("escape", "back", "Back without saving", id="difference.back"),
    ]

    def body(self) -> ComposeResult:
        yield Static(id="banner")
        yield Listing(id="lines", empty="The file says the same.")

    @property
    def command(self) -> str:
        return "pdsync check"

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.query_one("#lines"))

    def show(self) -> None:
        view = self.app.drafting.view
        if view is None:
            return
        width = max(self.size.width - 3, 20)
        changed = [text for text in view.difference[_HEAD:] if text[:1] in "+-"]
        out = sum(text[:1] == "-" for text in changed)
        first: Line = line(
            ("NOT SAVED YET", Role.WARN),
            (
                f"   {inert(str(view.path))}: {counted(out, 'line')} out, {counted(len(changed) - out, 'line')} in",
                Role.STRONG,
            ),
        )
        lines = [first]
        if view.problems:
            said = f"{counted(view.problems, 'problem')} in it: until they are mended, pdsync plan refuses this mapping"
            lines.append(line((said, Role.BAD)))
        self.query_one("#banner", Static).update(content(lines))
        self.query_one("#lines", Listing).show(_Lines(view.difference, width), keep=True)

    def action_write(self) -> None:
        view = self.app.drafting.view
        if view is None:
            return
        shown = view.difference

        async def write() -> None:
            await self.app.drafting.change("saving", lambda draft: draft.save(shown))
            now = self.app.drafting.view
            if now is not None and not now.unsaved:
                self.app.say(f"Saved {now.path}. The next plan goes by it.", Role.GOOD)
                self.dismiss()

        spawn(self, write, "change")

    def action_back(self) -> None:
        self.app.say("The file is as it was; the changes are still here.")
        self.dismiss()


class _Lines:
    """The lines of a diff as rows; long ones go on below, because what changed may stand at their end."""

    def __init__(self, lines: tuple[str, ...], width: int) -> None:
        self._rows: list[tuple[str, Role]] = []
        for number, text in enumerate(lines):
            role = Role.STRONG if number < _HEAD else _ROLES.get(text[:1], Role.PLAIN)
            for place, part in enumerate(parts(inert(text), width)):
                self._rows.append((f" {part}" if place == 0 else f"   {part}", role))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        return Wide(line(self._rows[index]))
