"""Contact: everything that is known of one person, from wherever that person stands on a screen."""

from __future__ import annotations

import shlex
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from pdsync.errors import PdsyncError
from pdsync.model import Explanation
from pdsync.report.text.explanation import explanation_pieces
from pdsync.report.text.layout import Role, line
from pdsync.tui.screens.question import Question
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.paint import content, inert

__all__ = ["Contact"]


class Contact(Question):
    """As ``pdsync explain``; escape goes back to where one came from."""

    asks = "What is known of this person, and what would happen to them?"
    HELP = (
        "Both records, their link, every field with what both sides last agreed on, what the audits found, what the "
        "plan holds, and what runs wrote.\n\n"
        "It works from what was read last; no request leaves. {contact.search} asks for somebody else: an address, or "
        "an id such as pipedrive:person/1042."
    )

    DEFAULT_CSS = """
    Contact VerticalScroll { padding: 1 1 0 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Somebody else", key_display="/", id="contact.search"),
        Binding("escape", "app.pop_screen", "Back", id="contact.back"),
    ]

    def __init__(self, who: str) -> None:
        super().__init__()
        self._who = who
        self._explanation: Explanation | None = None
        self._trouble = ""

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(id="person")

    @property
    def command(self) -> str:
        return f"pdsync explain {shlex.quote(inert(self._who))}"

    def on_mount(self) -> None:
        super().on_mount()
        self.set_focus(self.query_one(VerticalScroll))
        self._begin(self._who)

    def _begin(self, who: str) -> None:
        self._who, self._explanation, self._trouble = who, None, ""
        self.show()
        spawn(self, partial(self._explain, who), "explain", latest=True)

    async def _explain(self, who: str) -> None:
        try:
            self._explanation = await self.app.desk.explain(who).outcome()
        except PdsyncError as error:
            self._trouble = str(error)
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.show()
        self.refresh_bindings()

    def show(self) -> None:
        width = max(self.size.width - 4, 40)
        if self._explanation is not None:
            lines = list(explanation_pieces(self._explanation, width))
        elif self._trouble:
            lines = [line((inert(text), Role.WARN)) for text in self._trouble.splitlines()]
        else:
            lines = [line((f"Looking for {inert(self._who)} ...", Role.DIM))]
        self.query_one("#person", Static).update(content(lines))

    def action_search(self) -> None:
        from pdsync.tui.screens.ask import Ask

        question = "Whom? An address, pipedrive:person/1042, plezi:contact/ab12, or an id."
        self.app.push_screen(Ask(question), lambda who: self._begin(who) if who else None)
