"""``pdsync doctor``: is everything there that a sync needs?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import SOURCES, Session, verb

if TYPE_CHECKING:
    from pdsync.engine.diagnosing import Examined

__all__ = ["doctor"]


@verb("mapping", "state", *SOURCES)
@click.option(
    "--probe", is_flag=True, help="Also try the calls that the Plezi profile only guesses: GET, one contact."
)
def doctor(session: Session, *, probe: bool) -> ExitCode:
    """Check settings, credentials, budget and state.

    Asks each service once whose key it is, and writes nothing. Ends with 2 or 3 if something has to be mended first.
    """
    from pdsync.engine.diagnosing import diagnose

    found = session.work(lambda ws, _: diagnose(ws, probe=probe))
    origins = session.settings.origins
    session.deliver(
        lambda _: _lines(found, origins),
        lambda: {
            "kind": "doctor",
            "version": 1,
            "settings": dict(origins),
            "checks": [
                {"name": each.name, "health": str(each.health), "says": each.says, "fix": each.fix}
                for each in found
            ],
        },
    )
    return ExitCode(next((each.exit_code for each in found if each.exit_code), 0))


def _lines(found: list[Examined], origins: Mapping[str, str]) -> Iterator[str]:
    from pdsync.report.inert import for_terminal

    names = max(len(each.name) for each in found)
    for each in found:
        yield f"{each.health:<8} {each.name:<{names}}  {for_terminal(each.says)}"
        if each.fix:
            yield f"{'':<8} {'':<{names}}  {for_terminal(each.fix)}"
    given = sorted(f"{key} ({origin})" for key, origin in origins.items() if origin != "default")
    yield f"settings: {', '.join(given) if given else 'all as they come'}"
