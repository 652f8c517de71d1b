"""``pdsync fixes``: what a fix file holds, what is accepted of it, and what is left to do by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.model import Event, FixFile, MissingOption, PairProposal

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["fixes"]


@verb("mapping", "state")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--write-pairs", is_flag=True, help="Put the accepted option pairs into the mapping file.")
@click.option("--all", "everything", is_flag=True, help="Every pair, option and merge, however many.")
def fixes(session: Session, *, file: Path, write_pairs: bool, everything: bool) -> ExitCode:
    """Show what a fix file holds, and what of it is left to do by hand.

    FILE comes from pdsync audit --fixes. Repairs, and missing options where a call for them is known, are carried out by
    pdsync plan --fixes FILE and pdsync apply. Option pairs go into the mapping; the other options and merges are listed,
    with links, for you to do in the service. Ends with 2 if the file has problems.
    """
    from pdsync.report.fixes_json import fixes_data
    from pdsync.report.text import fixes_lines

    async def read(
        ws: Workspace, _: Callable[[Event], None]
    ) -> tuple[FixFile, list[PairProposal], list[MissingOption], int]:
        from pdsync.engine import fix_pairs
        from pdsync.engine.fix_options import by_hand

        held = fix_pairs.load_checked(file)
        count = fix_pairs.write_pairs(ws, held) if write_pairs else 0
        paired = [
            pair
            for pair in held.pairs
            if (write_pairs and pair.accepted) or fix_pairs.is_in_mapping(ws, pair)
        ]
        return held, paired, by_hand(ws, held), count

    held, paired, manual, count = session.work(read)
    most = None if everything else 20
    session.deliver(
        lambda look: fixes_lines(
            held, width=look.width, colour=look.colour, paired=paired, by_hand=manual, most=most
        ),
        lambda: fixes_data(held, paired, manual),
    )
    if write_pairs:
        said = f"{count:,} pair{'' if count == 1 else 's'} added to {session.settings.mapping}"
        session.say(
            f"{said}; see that it is what you want: pdsync check"
            if count
            else "The mapping has them already."
        )
    return ExitCode.OK
