"""What all screens share: the desk, how things stand, what is under way, what was said, themes and keys."""

from __future__ import annotations

import gc
import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from pdsync.model import Side
from pdsync.report.text.layout import Role
from pdsync.tui.customising import chosen_binding, known_keys, known_theme
from pdsync.tui.drafting import Drafting
from pdsync.tui.hangup import end_with_the_terminal
from pdsync.tui.screens.overview import Overview
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.themes import COLOURLESS, DEFAULT, THEMES
from pdsync.tui.undertaking import Undertaking
from pdsync.tui.widgets.paint import inert

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from pdsync.model import Account
    from pdsync.tui.desk import Desk

__all__ = ["PdsyncApp"]

T = TypeVar("T")

_LONG: Final = frozenset({"read", "audit", "plan", "plan_fixes", "apply", "undo"})
"""Actions of which one at a time can be under way."""

_TITLES: Final = {
    "overview": "Overview",
    "audit": "Audit",
    "mapping": "Mapping",
    "plan": "Plan",
    "run": "Run",
    "history": "History",
}
"""Screen -> what it is called, in the order of their numbers."""


def _later(name: str) -> Callable[[], Screen[Any]]:
    """A screen that is loaded when somebody goes there: the first picture does not wait for it."""

    def make() -> Screen[Any]:
        module = importlib.import_module(f"pdsync.tui.screens.{name}")
        made: Screen[Any] = getattr(module, name.capitalize())()
        return made

    return make


class PdsyncApp(Undertaking):
    """One screen per question."""

    TITLE = "pdsync"
    CSS = """
    Listing, VerticalScroll {
        scrollbar-color: $foreground-disabled; scrollbar-color-hover: $primary; scrollbar-color-active: $primary;
        scrollbar-background: $surface; scrollbar-background-hover: $surface; scrollbar-background-active: $surface;
        scrollbar-size-vertical: 1;
    }
    Input > .input--placeholder, Input > .input--suggestion { color: $foreground-muted; }
    """
    ENABLE_COMMAND_PALETTE = True
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        mode: Overview if mode == "overview" else _later(mode) for mode in _TITLES
    }
    DEFAULT_MODE = "overview"
    titles: ClassVar[Mapping[str, str]] = _TITLES

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"visit('{mode}')", title, show=False, id=f"app.{mode}")
            for number, (mode, title) in enumerate(_TITLES.items(), 1)
        ),
        Binding("question_mark,f1", "explain", "Help", key_display="?", id="app.help"),
        Binding("ctrl+p", "command_palette", "Palette", id="app.palette", priority=True),
        Binding("m", "messages", "Messages", show=False, id="app.messages"),
        Binding("s", "stop", "Stop", show=False, id="app.stop"),
        Binding("at", "contact", "Contact: anybody", key_display="@", show=False, id="app.contact"),
        Binding("y", "copy_command", "Copy the command", show=False, id="app.copy-command"),
        Binding("q", "leave", "Quit", id="app.quit"),
    ]

    def __init__(
        self,
        desk: Desk,
        *,
        demo: bool = False,
        keys: Mapping[str, str] | None = None,
        theme: str = "",
        now: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__(desk, now)
        self.demo = demo
        self.wanted_query: str | None = None
        """What the audit screen is to look for when it comes to the front."""
        self.drafting = Drafting(self)
        """The mapping that is being changed."""
        for one in THEMES:
            self.register_theme(one)
        self.theme = known_theme(theme) if theme else COLOURLESS if self.no_color else DEFAULT
        self._chosen: Mapping[str, str] = {}
        if keys:
            from pdsync.tui.screens.every import EVERYWHERE, OWNERS

            self._chosen = known_keys(keys, OWNERS, (type(self), *EVERYWHERE))
            self.set_keymap(self._chosen)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """For a theme of textual's own, which has no colour for the row in focus."""
        return {"cursor": "#2a3550"}

    # -- beginning and end

    def on_ready(self) -> None:
        """After the first paint: look at what is there, and ask whose accounts these are."""
        if not gc.isenabled():  # see tui.run
            gc.freeze()
            gc.enable()
        self.set_interval(0.1, self._follow)
        end_with_the_terminal(self, self._driver, self.leave)
        spawn(self, self._get_to_know, "look")

    async def action_leave(self) -> None:
        """Quit; what is under way is stopped, finished and written down before."""
        if self.drafting.is_unsaved:
            from pdsync.tui.screens.choose import Choice, Choose

            choices = [Choice(("Stay",)), Choice(("Quit, and forget them",))]
            title = "The mapping has changes that are not saved."
            self.push_screen(Choose(title, choices, lambda number: self._leave() if number == 1 else None))
        else:
            await self.leave()

    def _leave(self) -> None:
        spawn(self, self.leave, "leave")

    async def leave(self) -> None:
        if self.errand is not None and not self.errand.is_over:
            self.say("Stopping first; what is under way is finished and written down.")
            self.errand.stop()
        await self.desk.close()
        self.exit()

    def _handle_exception(self, error: Exception) -> None:
        """A bug: leave at once, and show nothing of it here, because a traceback with values would name people.

        ``tui.run`` raises it again, so that it is reported like any verb's: where it happened, and nothing about anybody.
        """
        from textual.worker import WorkerFailed

        bug = error.error if isinstance(error, WorkerFailed) else error
        self.bug = self.bug or bug
        self._return_code = 70
        if self._exception is None:  # what run_test raises in a test
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    # -- what the widgets ask

    def account(self, side: Side) -> Account | None:
        """Whose account a side is: as the service says, else as it was when it was read."""
        if side in self.accounts:
            return self.accounts[side]
        return self.standing.sides[side].account if self.standing else None

    def waiting_at(self, mode: str) -> int:
        """The number beside a screen's name."""
        standing = self.standing
        if mode == "audit" and standing is not None and standing.audit is not None:
            return sum(one.findings for one in standing.audit.report.summaries)
        if mode == "plan":
            if self.reviewed is not None:
                return self.reviewed.plan.header.totals.writes
            return standing.plan.totals.writes if standing is not None and standing.plan is not None else 0
        return 0

    @property
    def status(self) -> tuple[str, Role]:
        """What is going on, else what was said last."""
        if self.errand is not None and not self.errand.is_over:
            how = (
                "held"
                if self.errand.held
                else "stopping"
                if self.errand.stopping
                else f"{self.key('app.stop')} stops"
            )
            return f"{self.errand.name} ... {self._progress}  ({how})", Role.NAME
        return (self.said[-1][1], self.said[-1][2]) if self.said else ("", Role.PLAIN)

    def why_not(self, action: str) -> str:
        """Why an action cannot be taken now; empty: it can."""
        action = action.removeprefix("app.")
        busy = self.errand is not None and not self.errand.is_over
        if busy and action.partition("(")[0] in _LONG and self.errand is not None:
            return f"Not now: {self.errand.name} is under way. Wait for it, or stop it with {self.key('app.stop')}."
        if action == "stop" and not busy:
            return "Nothing is under way."
        if action == "pause" and not (busy and self.errand is not None and self.errand.gate is not None):
            return "No run is under way."
        if action == "pause" and self.is_stopping:
            return "It is being stopped."
        return self.screen.why_not(action) if isinstance(self.screen, Question) else ""

    def why_unread(self) -> str:
        """Why nothing can be audited or planned yet; empty: it can."""
        if self.standing is None:
            return "Looking at what is there ..."
        unread = [side.label for side in Side if self.standing.sides[side].taken_at is None]
        if not unread:
            return ""
        return (
            f"{' and '.join(unread)} must be read first: press {self.key('overview.read')} on the Overview."
        )

    def key(self, action: str) -> str:
        """How the key of an action is written in a sentence: ``space``, or what the settings say instead."""
        at_hand: list[type[DOMNode]] = [type(self), Overview, *(type(screen) for screen in self.screen_stack)]
        return self.get_key_display(chosen_binding(action, self._chosen, at_hand))

    def naming_keys(self, text: str) -> str:
        """A text of pdsync's own with the key for each ``{plan.leave-out}`` in it."""
        return re.sub(r"\{([a-z]+\.[a-z-]+)\}", lambda match: self.key(match[1]), text)

    # -- where to go

    def open_findings(self, query: str) -> None:
        """Go to the findings that a query finds."""
        self.wanted_query = query
        self.switch_mode("audit")

    def action_visit(self, mode: str) -> None:
        if mode != self.current_mode:
            self.switch_mode(mode)

    def action_copy_command(self) -> None:
        """Put the command that does the same on the clipboard (OSC 52)."""
        command = getattr(self.screen, "command", "")
        if command:
            command = inert(command)  # it is pasted into a shell: a line end in it would run what follows
            self.copy_to_clipboard(command)
            self.say(f"Copied: {command}")

    def action_messages(self) -> None:
        """Everything that was said."""
        from pdsync.tui.screens.messages import Messages

        self.push_screen(Messages(self.said))

    def action_contact(self, who: str = "") -> None:
        """Everything known of one person; asks whom, if nobody is named."""
        from pdsync.tui.screens.contact import Contact

        if who:
            self.push_screen(Contact(who))
            return
        from pdsync.tui.screens.ask import Ask

        question = "Whom? An address, pipedrive:person/1042, plezi:contact/ab12, or an id."
        self.push_screen(Ask(question), lambda said: self.action_contact(said) if said else None)

    def action_explain(self) -> None:
        """Help for what has the focus."""
        from pdsync.tui.screens.help import Help

        self.push_screen(Help.of(self))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every screen, every action of this one, themes, help."""
        named = self.naming_keys
        for mode, title in self.titles.items():
            yield SystemCommand(f"Go to {title}", "", lambda mode=mode: self.action_visit(mode))
        for active in screen.active_bindings.values():
            if active.node is not self and active.binding.description and active.binding.show:
                action, node = active.binding.action, active.node
                yield SystemCommand(
                    active.binding.description,
                    f"key {self.get_key_display(active.binding)}",
                    lambda action=action, node=node: self.call_later(self.run_action, action, node),
                )
        for one in THEMES:
            yield SystemCommand(f"Theme: {one.name}", "", lambda name=one.name: setattr(self, "theme", name))
        yield SystemCommand(
            "Contact: everything known of one person", named("key {app.contact}"), self.action_contact
        )
        yield SystemCommand(
            "Messages: everything that was said", named("key {app.messages}"), self.action_messages
        )
        yield SystemCommand(
            "Copy the command that does the same", named("key {app.copy-command}"), self.action_copy_command
        )
        yield SystemCommand("Help", named("for what has the focus: {app.help}"), self.action_explain)
        yield SystemCommand("Quit", named("key {app.quit}"), lambda: self.call_later(self.action_leave))
