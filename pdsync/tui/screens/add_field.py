"""Adds a field mapping: first what both sides call alike, then any field of Pipedrive, then one of Plezi to go with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdsync.model import Field, Side
from pdsync.tui.screens.choose import Choice, Choose
from pdsync.tui.spawning import spawn
from pdsync.tui.widgets.paint import inert

if TYPE_CHECKING:
    from pdsync.tui.app import PdsyncApp

__all__ = ["adding"]


def adding(app: PdsyncApp) -> None:
    """Ask which fields, and add them."""
    from pdsync.engine.mapping_suggestions import proposed_fields, unmapped_fields

    view = app.drafting.view
    bound = view.bound if view is not None else None
    if bound is None:
        return
    proposed = proposed_fields(bound)
    free = unmapped_fields(bound, Side.PIPEDRIVE)
    choices = [
        Choice((here.name, f"= {there.name} in Plezi", _kind(here)), strong=True) for here, there in proposed
    ]
    nothing = ("",) if proposed else ()
    choices += [Choice((one.name, *nothing, _kind(one))) for one in free]

    def chosen(number: int | None) -> None:
        if number is None:
            return
        if number < len(proposed):
            _add(app, *proposed[number])
        else:
            _ask_for_the_other(app, free[number - len(proposed)])

    app.push_screen(
        Choose("Which field of Pipedrive?", choices, chosen, heads=("field", *nothing, "type"))
        if choices
        else Choose(
            "Every field of Pipedrive that can be mapped is mapped.", [Choice(("Back",))], lambda _: None
        )
    )


def _ask_for_the_other(app: PdsyncApp, here: Field) -> None:
    from pdsync.engine.mapping_suggestions import counterparts

    view = app.drafting.view
    bound = view.bound if view is not None else None
    if bound is None:
        return
    found = counterparts(bound, here)
    choices = [
        Choice((one.field.name, one.field.code, _kind(one.field)), why_not=one.why_not) for one in found
    ]

    def chosen(number: int | None) -> None:
        if number is None:
            adding(app)
        else:
            _add(app, here, found[number].field)

    title = f"Which field of Plezi goes with {inert(here.name)} ({_kind(here)})? The likest names come first."
    app.push_screen(Choose(title, choices, chosen, heads=("field", "key", "type")))


def _add(app: PdsyncApp, here: Field, there: Field) -> None:
    async def add() -> None:
        direction = await app.drafting.change("adding", lambda draft: draft.add(here, there))
        if direction is not None:
            app.say(
                f"Added {here.name} and {there.name}, last, {direction}: "
                + app.naming_keys("{mapping.direction} turns it, {mapping.undo} takes it back.")
            )

    spawn(app, add, "change")


def _kind(one: Field) -> str:
    read_only = "" if one.writable else ", read-only"
    return f"{inert(one.remote_type or str(one.kind))}{read_only}"
