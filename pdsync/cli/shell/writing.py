"""What the two verbs that write have in common: asking before, and saying after what came of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from pdsync.cli.shell.exits import ExitCode
from pdsync.errors import ConfirmationNeeded, UsageError
from pdsync.model import Outcome, Plan, RunState, RunSummary, Side

if TYPE_CHECKING:
    from pdsync.cli.shell.verbs import Session

__all__ = ["as_allowance", "confirm", "deliver_run"]

_LIMITS: Final = ("creates", "clears", "changed_percent")
"""As the mapping's ``limits`` names them (R29)."""
_GOOD: Final = frozenset({Outcome.DONE, Outcome.ADOPTED})


def as_allowance(words: Sequence[str]) -> dict[str, float]:
    """``creates=1200`` -> {"creates": 1200.0}.

    Raises:
        UsageError: another limit, or no number.
    """
    allowed: dict[str, float] = {}
    for word in words:
        limit, equals, number = word.partition("=")
        try:
            if not equals or limit not in _LIMITS:
                raise ValueError(word)
            allowed[limit] = float(number)
        except ValueError:
            raise UsageError(
                f"--allow {word}: expected LIMIT=NUMBER, where LIMIT is one of {', '.join(_LIMITS)}.",
                untouched="Nothing was written; the plan is kept.",
                next_step="For example: --allow creates=1200",
            ) from None
    return allowed


def confirm(session: Session, plan: Plan, *, yes: bool) -> None:
    """Ask before writing, where somebody is there to answer. A script has answered by being written.

    Raises:
        ConfirmationNeeded: the person said no.
    """
    from pdsync.report.text.values import values_words

    header = plan.header
    if yes or header.is_empty or not (sys.stdin.isatty() and session.narration.is_terminal):
        return
    session.narration.problem(f"Plan {header.id}, made {header.made_at}:")
    for side in Side:
        totals = header.totals.sides.get(side)
        if totals is None or not totals.writes:
            continue
        account = header.accounts[side]
        session.narration.problem(
            f"  {values_words(totals, side)} to {side.label} {account.domain or account.name or account.id}: "
            f"{totals.updates:,} updates, {totals.creates:,} creates, {totals.deletes:,} deletes"
        )
    if session.narration.ask("Write this? [y/N] ").strip().lower() not in {"y", "yes"}:
        raise ConfirmationNeeded(
            "Not confirmed.",
            untouched="Nothing was written; the plan is kept.",
            next_step=f"See it: pdsync show {plan.path or header.id}",
        )


def deliver_run(session: Session, run: RunSummary) -> ExitCode:
    """Show a run, and judge it: 3 if a service stopped it, 1 if anything was stale or failed."""
    from pdsync.report.json import run_json
    from pdsync.report.text import history_lines

    session.deliver(lambda look: history_lines([run], colour=look.colour), lambda: run_json(run))
    session.say(f"Every value: pdsync history {run.id}")
    if run.state in (RunState.STOPPED, RunState.FAILED):
        session.narration.problem(run.message)
        rest = f"pdsync undo {run.undoes}" if run.undoes else "pdsync pull, then pdsync plan"
        session.narration.problem(f"For the rest, once that is settled: {rest}")
        return ExitCode.SERVICE
    return (
        ExitCode.FINDINGS
        if any(count for outcome, count in run.outcomes.items() if outcome not in _GOOD)
        else ExitCode.OK
    )
