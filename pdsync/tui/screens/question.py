"""What every screen has: masthead, foot, help, the command that does the same, and reasons for what cannot be done now."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.screen import Screen

from pdsync.tui.widgets.foot import Foot
from pdsync.tui.widgets.masthead import Masthead

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["Question"]


class Question(Screen[None]):
    """A screen that answers one question."""

    asks: ClassVar[str] = ""
    """The question."""

    app: PdsyncApp

    def compose(self) -> ComposeResult:
        yield Masthead()
        yield from self.body()
        yield Foot()

    @abstractmethod
    def body(self) -> ComposeResult:
        """What is between masthead and foot."""

    @property
    def command(self) -> str:
        """The command line that does the same."""
        return ""

    def show(self) -> None:
        """Show what is known now."""

    def why_not(self, action: str) -> str:  # noqa: ARG002 - for the screens
        """Why an action of this screen cannot be taken now; empty: it can."""
        return ""

    def refused(self, action: str) -> bool:
        """Whether an action cannot be taken now; then the reason was said."""
        why = self.app.why_not(action)
        if why:
            self.app.say(why)
        return bool(why)

    def on_mount(self) -> None:
        """Follow what is known, as long as somebody can see it: ``on_screen_resume`` shows what came meanwhile."""
        self.app.changed.subscribe(self, lambda _: self.show() if self in self.app.screen_stack else None)
        self.show()

    def on_screen_resume(self) -> None:
        """It is in front again."""
        self.show()
        self.refresh_bindings()

    def on_resize(self) -> None:
        """Another width, other line breaks."""
        self.call_after_refresh(self.show)
