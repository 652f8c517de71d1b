"""``pdsync plan``: what a sync would write where, as a file that can be reviewed and carried out."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import SOURCES, Session, verb
from pdsync.errors import UsageError
from pdsync.model import BoundMapping, Event, Plan, Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["plan"]


@verb("mapping", "state", *SOURCES)
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where to put the plan [state folder].",
)
@click.option("--pull", "read_first", is_flag=True, help="Read both sides first.")
@click.option(
    "--adopt", is_flag=True, help="Also create partners of records that were there before the first run."
)
@click.option(
    "--only", multiple=True, metavar="EMAIL|ID|FIELD|SIDE", help="Narrow the plan; may be repeated."
)
@click.option(
    "--without",
    multiple=True,
    metavar="EMAIL|ID|FIELD|SIDE",
    help="Leave this out of the plan; may be repeated.",
)
@click.option(
    "--from",
    "whole",
    metavar="PLAN",
    help="Leave it out of this plan (a file, an id, last) instead of a new one.",
)
@click.option(
    "--sample", type=click.IntRange(min=1), metavar="N", help="A pilot: plan for so many people only."
)
@click.option(
    "--fixes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Plan what is accepted in a fix file (pdsync audit --fixes) instead of a sync.",
)
@click.option(
    "--most",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Changes shown; the file has all.",
)
@click.option("--detailed-exitcode", is_flag=True, help="End with 10 when there is something to do.")
def plan(  # noqa: PLR0913 - one parameter per flag
    session: Session,
    *,
    output: Path | None,
    read_first: bool,
    adopt: bool,
    only: tuple[str, ...],
    without: tuple[str, ...],
    whole: str | None,
    sample: int | None,
    fixes: Path | None,
    most: int,
    detailed_exitcode: bool,
) -> ExitCode:
    """Show what a sync would write where, and write nothing.

    Plans from the newest snapshots (pdsync pull), the mapping and the ledger: same inputs, same plan. What it shows is
    what pdsync apply carries out, and nothing else. Ends with 1 if the quality gate refuses the plan.

    What --without names is taken out of the finished plan, with all that depends on it. What is left is a plan of its
    own, with an id of its own; the whole one is kept in the state folder.
    """
    from pdsync.engine.fix_plan import prepare_fixes
    from pdsync.engine.leaving_out import leave_out, named
    from pdsync.engine.planfiles import find_plan
    from pdsync.engine.prepare import prepare
    from pdsync.report.json import plan_json
    from pdsync.report.text import plan_lines

    if whole is not None and (not without or adopt or only or sample or fixes is not None or read_first):
        raise UsageError(
            "--from leaves something out of a plan that is there: it needs --without, and nothing that plans anew.",
            untouched="Nothing was planned.",
            next_step="pdsync plan --from last --without EMAIL",
        )
    if fixes is not None and (adopt or only or sample):
        raise UsageError(
            "--fixes plans what is accepted in its file, and nothing else; --adopt, --only and --sample are about a sync.",
            untouched="Nothing was planned.",
            next_step="Leave out one of them.",
        )
    given = tuple(Side) if read_first else tuple(side for side in Side if session.was_given(f"{side}.file"))

    async def make(ws: Workspace, on_event: Callable[[Event], None]) -> tuple[Plan, BoundMapping | None]:
        from pdsync.engine.examine import known_names
        from pdsync.engine.pull import pull

        if given:
            await pull(ws, sides=given, incremental=True, settle=True, on_event=on_event)
        target = None if without else output
        if whole is not None:
            made = find_plan(ws, whole)
        elif fixes is not None:
            made = await prepare_fixes(ws, fixes, output=target, on_event=on_event)
        else:
            made = await prepare(ws, only=only, sample=sample, adopt=adopt, output=target, on_event=on_event)
        if without:
            made = await leave_out(ws, made, named(ws, without), output=output)
        return made, known_names(ws)

    made, names = session.work(make)
    session.deliver(
        lambda look: plan_lines(made, width=look.width, colour=look.colour, bound=names, most=most),
        lambda: plan_json(made),
    )
    return _came_to(session, made, only, detailed=detailed_exitcode)


def _came_to(session: Session, made: Plan, only: tuple[str, ...], *, detailed: bool) -> ExitCode:
    header = made.header
    if header.gate.refused:
        session.say("The quality gate refuses this plan as a whole; see: pdsync audit")
        return ExitCode.FINDINGS
    if header.is_empty:
        person = next((text for text in only if "@" in text or "/" in text), "")
        session.say(
            f"Nothing to write. Why: pdsync explain {shlex.quote(person)}" if person else "Nothing to write."
        )
        return ExitCode.OK
    flags = "".join(f" {flag}" for flag in header.needs)
    session.say(
        f"Nothing was written. To carry out exactly this: pdsync apply {made.path or header.id}{flags}"
    )
    return ExitCode.CHANGES if detailed else ExitCode.OK
