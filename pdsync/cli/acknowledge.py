"""``pdsync acknowledge``: a finding that the team knows of and accepts, written down where git reviews it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.errors import UsageError
from pdsync.model import Acknowledgement, Event

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["acknowledge"]


@verb("mapping", "state")
@click.argument("code", required=False)
@click.argument("subjects", nargs=-1, metavar="[SUBJECT]...")
@click.option("--why", default="", metavar="TEXT", help="Why; without people's names and addresses.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day, as 2026-12-31 [until it is removed].",
)
@click.option(
    "--who", default="", metavar="NAME", help="A colleague to ask [git's user.name, else the login]."
)
@click.option("--remove", is_flag=True, help="Take the entry out again.")
def acknowledge(
    session: Session,
    *,
    code: str | None,
    subjects: tuple[str, ...],
    why: str,
    until: datetime | None,
    who: str,
    remove: bool,
) -> ExitCode:
    """Accept a finding, with who, why and until when; without CODE list what is accepted.

    CODE is the audit's, SUBJECT what the finding is about as the audit shows it: pipedrive:person/1042,
    plezi:option/plz_secteur/conseil. The entry goes into accepted/NAME.yaml beside the mapping, for git. The finding is
    still shown and does not count for the gate; what it keeps out of plans stays out.
    """
    if code is None:
        return _list(session)
    if not subjects:
        raise UsageError(
            "What the finding is about is missing.",
            untouched="Nothing was written.",
            next_step=f"For example: pdsync acknowledge {code} pipedrive:person/1042 --why TEXT",
        )
    if remove:
        return _remove(session, code, subjects)
    return _add(session, code, subjects, why, who, until.date() if until is not None else None)


def _add(
    session: Session, code: str, subjects: tuple[str, ...], why: str, who: str, until: date | None
) -> ExitCode:
    from pdsync.engine.acknowledging import Written
    from pdsync.engine.acknowledging import acknowledge as write

    async def do(ws: Workspace, _: Callable[[Event], None]) -> Written:
        return write(ws, code, subjects, why=why, who=who, until=until)

    written = session.work(do)
    session.deliver(
        lambda _: [
            f"{'Changed' if written.replaced else 'Added'} in {written.path}:",
            *_lines([written.entry]),
        ],
        lambda: _data(str(written.path), [written.entry]) | {"findings": written.findings},
    )
    if written.findings == 0:
        session.say("The newest audit has no such finding: the entry matches nothing yet.")
    return ExitCode.OK


def _remove(session: Session, code: str, subjects: Sequence[str]) -> ExitCode:
    from pdsync.engine.acknowledging import remove

    async def do(ws: Workspace, _: Callable[[Event], None]) -> str:
        return str([remove(ws, code, subject) for subject in subjects][-1])

    path = session.work(do)
    session.deliver(lambda _: [f"Removed from {path}: the finding counts again."], lambda: _data(path, []))
    return ExitCode.OK


def _list(session: Session) -> ExitCode:
    from pdsync.engine.acknowledging import accepted_file, accepted_findings

    async def do(ws: Workspace, _: Callable[[Event], None]) -> tuple[str, tuple[Acknowledgement, ...]]:
        return str(accepted_file(ws)), accepted_findings(ws)

    path, entries = session.work(do)
    session.deliver(
        lambda _: _lines(entries) if entries else [f"Nothing is acknowledged in {path}."],
        lambda: _data(path, entries),
    )
    return ExitCode.OK


def _lines(entries: Sequence[Acknowledgement]) -> Iterator[str]:
    from pdsync.report.text import acknowledgement_words

    return (acknowledgement_words(entry) for entry in entries)


def _data(path: str, entries: Sequence[Acknowledgement]) -> dict[str, object]:
    from pdsync.report.json import acknowledgement_data

    return {
        "kind": "acknowledge",
        "version": 1,
        "path": path,
        "accepted": [acknowledgement_data(entry) for entry in entries],
    }
