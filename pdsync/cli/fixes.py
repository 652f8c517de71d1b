"""``pdsync fixes``: what a fix file holds, what is accepted of it, and what is left to do by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.verbs import Session, verb
from pdsync.errors import UsageError
from pdsync.model import Event, FixFile, MergeProposal, MissingOption, PairProposal, Proposal, Repair

if TYPE_CHECKING:
    from pdsync.engine.fix_accepting import NamedDecisions
    from pdsync.engine.workspace import Workspace

__all__ = ["fixes"]


@verb("mapping", "state")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--accept",
    type=(str, str),
    multiple=True,
    metavar="CODE SUBJECT",
    help="Accept what is proposed for this finding; the file is made if it is not there.",
)
@click.option(
    "--put-back",
    type=(str, str),
    multiple=True,
    metavar="CODE SUBJECT",
    help="Accept it no more; it stays in the file.",
)
@click.option("--write-pairs", is_flag=True, help="Put the accepted option pairs into the mapping file.")
@click.option("--all", "everything", is_flag=True, help="Every pair, option and merge, however many.")
def fixes(
    session: Session,
    *,
    file: Path | None,
    accept: tuple[tuple[str, str], ...],
    put_back: tuple[tuple[str, str], ...],
    write_pairs: bool,
    everything: bool,
) -> ExitCode:
    """Show a fix file, accept what it proposes, and see what is left to do by hand.

    FILE comes from pdsync audit --fixes; without it, the file in the state folder that the terminal UI works with. Accept
    in the file, with an editor, or one finding by its name:

    pdsync fixes --accept name-order pipedrive:person/1042

    Repairs, and missing options where a call for them is known, are carried out by pdsync plan --fixes FILE and pdsync
    apply. Option pairs go into the mapping; the other options and merges are listed, with links, for you to do in the
    service. Ends with 2 if the file has problems.
    """
    from pdsync.engine.folder import StateFolder
    from pdsync.report.fixes_json import fixes_data
    from pdsync.report.inert import for_terminal
    from pdsync.report.text import fixes_lines

    path = file if file is not None else StateFolder(session.settings.state).fixes

    is_there = _is_there(path)

    async def decide(ws: Workspace, _: Callable[[Event], None]) -> NamedDecisions:
        from pdsync.engine.fix_accepting import decide_named

        return decide_named(ws, path, accept, put_back)

    if accept or put_back:
        done = session.work(decide)
        for decided, word in ((done.put_back, "not accepted any more: "), (done.accepted, "")):
            for proposal in decided:
                session.say(for_terminal(f"{word}{_words(proposal)}"))  # on one line, whatever names hold
        session.say(". ".join([done.written.words, *done.written.notes]))
    elif not is_there:
        raise UsageError(
            f"{path} is not there.",
            untouched="Nothing was read or written.",
            next_step=f"Write one: pdsync audit --fixes {path}",
        )

    async def read(
        ws: Workspace, _: Callable[[Event], None]
    ) -> tuple[FixFile, list[PairProposal], list[MissingOption], int]:
        from pdsync.engine import fix_pairs
        from pdsync.engine.fix_options import by_hand

        held = fix_pairs.load_checked(path)
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


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        raise UsageError(
            f"{path} cannot be opened: {error.strerror}.",
            untouched="Nothing was read or written.",
            next_step="Name another file.",
        ) from error


def _words(proposal: Proposal) -> str:
    """``pipedrive:person/1042  first_name: M. Paul -> Paul``."""
    from pdsync.report.text.values import shown

    match proposal:
        case Repair():
            changes = (
                f"{name}: {shown(proposal.now.get(name))} -> {shown(to)}" for name, to in proposal.to.items()
            )
            return f"{proposal.record}  {', '.join(changes)}"
        case PairProposal():
            return f"{proposal.field}: {shown(proposal.pipedrive)} goes with {shown(proposal.plezi)}"
        case MissingOption():
            return f"{proposal.side.label} {proposal.field}: add {shown(proposal.label)}"
        case MergeProposal():
            return f"keep {proposal.keep}, merge {', '.join(map(str, proposal.merge))} into it; by hand, in the service"
