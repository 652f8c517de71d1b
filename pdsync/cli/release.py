"""``pdsync release``: what an undo or a lost answer keeps from being written, and letting go of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import Event, Side

if TYPE_CHECKING:
    from pdsync.engine.releasing import Held
    from pdsync.engine.workspace import Workspace

__all__ = ["release"]

_WHY = {
    "undone": "an undo deleted what was created from it",
    "unknown": "a create may have happened: its answer was lost; look whether it is there before you release it",
    "submitted": "a form was submitted for it; what became of it was not said",
}


@verb("mapping", "state")
@click.argument("who", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Release everything that is held, but broken links.")
def release(session: Session, *, who: tuple[str, ...], everything: bool) -> ExitCode:
    """Let go of what an undo or a lost answer keeps from being written.

    Without WHO: lists what is held. WHO is a record as reports name it (pipedrive:person/1042), or its id. Neither
    service is written to: the next plan decides anew.

    A broken link is let go of as well, by name only: what is left of it then is linked to whoever holds its address
    (after a merge), or created on the other side, like any record without a partner.
    """
    from pdsync.engine.releasing import held
    from pdsync.engine.releasing import release as let_go

    releases = bool(who) or everything

    async def do(ws: Workspace, _: Callable[[Event], None]) -> Held:
        return let_go(ws, who, everything=everything) if releases else held(ws)

    found = session.work(do)
    session.deliver(
        lambda _: _lines(found, released=releases),
        lambda: {
            "kind": "release",
            "version": 1,
            "released": releases,
            "creates": [
                {"side": str(one.side), "record": one.record_id, "why": one.why, "run": one.run_id}
                for one in found.creates
            ],
            "fields": [
                {"pipedrive": one.pipedrive_id, "plezi": one.plezi_id, "field": one.key}
                for one in found.fields
            ],
            "links": [{"pipedrive": person, "plezi": contact} for person, contact in found.links],
        },
    )
    if releases:
        session.say("The next plan decides anew: pdsync pull && pdsync plan")
    elif found.creates or found.fields or found.links:
        session.say("Let go of one with pdsync release WHO, of all but broken links with --all.")
    return ExitCode.OK


def _lines(found: Held, *, released: bool) -> Iterator[str]:
    from pdsync.report.inert import for_terminal

    if not found.creates and not found.fields and not found.links:
        yield "Nothing is held."
        return
    done = "Released" if released else "Held"
    if found.creates:
        yield f"{done}: nothing {'was' if released else 'is'} created from"
        for one in found.creates:
            name = f"{one.side}:{one.side.noun}/{one.record_id}"
            yield f"   {for_terminal(name)}   {_WHY.get(one.why, one.why)} (run {one.run_id})"
    if found.fields:
        yield f"{done}: fields {'stayed' if released else 'stay'} as an undo left them"
        for field in found.fields:
            pair = f"{Side.PIPEDRIVE}:person/{field.pipedrive_id}  {Side.PLEZI}:contact/{field.plezi_id}"
            yield f"   {for_terminal(pair)}   {for_terminal(field.key)}"
    if found.links:
        yield f"{done}: broken links, what is left of which {'was' if released else 'is'} not linked or created again"
        for person, contact in found.links:
            yield f"   {for_terminal(f'{Side.PIPEDRIVE}:person/{person}  {Side.PLEZI}:contact/{contact}')}"
