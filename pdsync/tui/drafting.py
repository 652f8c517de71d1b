"""The mapping that is being changed, as the screens share it: one change after the other, and who it is looked at with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from pdsync.errors import PdsyncError, UsageError
from pdsync.report.text.layout import Role
from pdsync.tui.spawning import spawn

if TYPE_CHECKING:
    from pdsync.engine.mapping_draft import MappingDraft
    from pdsync.engine.mapping_options import Held
    from pdsync.engine.mapping_preview import People, Preview
    from pdsync.engine.mapping_view import DraftView
    from pdsync.tui.app import PdsyncApp

__all__ = ["Drafting"]

T = TypeVar("T")


class Drafting:
    """Asks the desk, remembers the answers, and tells the screens when there is a new one."""

    def __init__(self, app: PdsyncApp) -> None:
        self._app = app
        self._draft: MappingDraft | None = None
        self._people: People | None = None
        self._in_turn = asyncio.Lock()
        """What is typed fast is done in order."""
        self.view: DraftView | None = None
        self.preview: Preview | None = None
        self.held: Held = {}
        """Who holds which option."""
        self.nobody = ""
        """Why there is nobody to look at the mapping with."""
        self._number = 0

    @property
    def is_unsaved(self) -> bool:
        """Whether leaving would lose something."""
        return self.view is not None and self.view.unsaved

    async def look(self) -> None:
        """Read the mapping, or see what happened to it on the disk; say what did."""
        said = await self.ask("looking at the mapping", lambda draft: draft.look(), quiet=True)
        if said:
            self._app.say(said, Role.WARN)
        await self._look_for_people()

    async def change(self, name: str, do: Callable[[MappingDraft], T]) -> T | None:
        """Make a change; what the engine answered, or None where it refused (that was said)."""
        return await self.ask(name, do)

    async def ask(self, name: str, do: Callable[[MappingDraft], T], *, quiet: bool = False) -> T | None:
        """Ask the draft something in its turn, and show how it is then.

        Args:
            name: What is done.
            do: Called in another thread.
            quiet: Tell the screens only if something is new.
        """

        def work(draft: MappingDraft) -> tuple[T, DraftView]:
            return do(draft), draft.view()

        async with self._in_turn:
            try:
                if self._draft is None:
                    self._draft = await self._app.desk.mapping_draft().outcome()
                answer, view = await self._app.desk.ask(name, partial(work, self._draft)).outcome()
            except PdsyncError as error:
                self._app.say(str(error), Role.WARN)
                return None
            if quiet and view is self.view:
                return answer
            other = self.view is None or view.mapping is not self.view.mapping
            self.view = view
        self._app.tell()
        if other:
            self.show_person()
        return answer

    # -- who the mapping is looked at with

    def show_person(self, by: int = 0) -> None:
        """Show what the mapping does to the person chosen, or to one further on."""
        self._number += by
        spawn(self._app, self._show, "preview", latest=True)

    def find_person(self, text: str) -> None:
        """Choose a person by address or id."""

        async def find() -> None:
            if self._people is None:
                return
            try:
                people = self._people
                self._number = await self._app.desk.ask(
                    "looking for a person", partial(people.find, text)
                ).outcome()
            except PdsyncError as error:
                self._app.say(str(error), Role.WARN)
                return
            self.show_person()

        spawn(self._app, find, "find-person", latest=True)

    async def _look_for_people(self) -> None:
        people = self._people
        if people is None and self._app.why_unread():
            self.nobody = self._app.why_unread()
            return
        try:
            if (
                people is not None
                and await self._app.desk.ask("looking", lambda: people.are_newest).outcome()
            ):
                return
            self._people = await self._app.desk.people().outcome()
            self.held = await self._app.desk.option_holders().outcome()
            self.nobody = ""
        except UsageError as error:
            self.nobody = error.message
            return
        except PdsyncError as error:
            self.nobody = error.message
            self._app.say(str(error), Role.WARN)
            return
        self.show_person()

    async def _show(self) -> None:
        people, mapping = self._people, self.view.mapping if self.view is not None else None
        if people is None:
            return
        if mapping is None:
            self.preview, self.nobody = None, "Nobody can be shown with a file that cannot be read."
            self._app.tell()
            return
        try:
            self.preview = await self._app.desk.ask(
                "looking", partial(people.preview, self._number, mapping)
            ).outcome()
            self._number, self.nobody = self.preview.number, ""
        except UsageError as error:
            self.preview, self.nobody = None, error.message
        except PdsyncError as error:
            self._app.say(str(error), Role.WARN)
        self._app.tell()
