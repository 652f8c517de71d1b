"""Runs on a terminal: the history as a table, and one run with all it did (R26)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pdsync.model import BoundMapping, JournalEntry, Outcome, RunState, RunSummary, Side
from pdsync.report.inert import for_terminal
from pdsync.report.text.layout import Line, Role, columns, line, painted
from pdsync.report.text.plan import change_lines
from pdsync.report.text.values import Names, counted, moment

__all__ = ["history_lines", "run_lines"]

_STATE_ROLE = {
    RunState.DONE: Role.GOOD,
    RunState.RUNNING: Role.WARN,
    RunState.STOPPED: Role.WARN,
    RunState.FAILED: Role.BAD,
}
_OUTCOME_ROLE = {
    Outcome.DONE: Role.GOOD,
    Outcome.ADOPTED: Role.GOOD,
    Outcome.FAILED: Role.BAD,
    Outcome.NOT_STORED: Role.BAD,
    Outcome.STALE: Role.WARN,
    Outcome.INTENT: Role.WARN,
}
_FINE = frozenset({Outcome.DONE, Outcome.ADOPTED})


def history_lines(runs: Iterable[RunSummary], *, colour: bool = False) -> Iterator[str]:
    """All runs, one line each, in the order given."""
    return painted(_history(list(runs)), colour=colour)


def run_lines(
    run: RunSummary,
    entries: Iterable[JournalEntry],
    *,
    width: int = 100,
    colour: bool = False,
    bound: BoundMapping | None = None,
    most: int | None = 50,
) -> Iterator[str]:
    """One run: how it ended, then its journal; what did not succeed first.

    Args:
        run: The run.
        entries: Its journal.
        width: Cells of the terminal.
        colour: Whether to colour words.
        bound: Names for fields and options; None: their codes.
        most: How many entries of each sort are shown; None: all.
    """
    return painted(_run(run, entries, width, Names(bound), most), colour=colour)


def _history(runs: list[RunSummary]) -> Iterator[Line]:
    if not runs:
        yield line("No runs yet.")
        return
    head = [
        "run",
        "",
        "started (UTC)",
        "state",
        "to Pipedrive",
        "to Plezi",
        "values",
        "failed",
        "stale",
        "plan",
    ]
    rows = [head]
    for run in runs:
        troubles = [
            run.outcomes.get(Outcome.FAILED, 0) + run.outcomes.get(Outcome.NOT_STORED, 0),
            run.outcomes.get(Outcome.STALE, 0),
        ]
        rows.append(
            [
                for_terminal(run.id),
                str(run.kind),
                moment(run.started_at),
                str(run.state),
                *(f"{run.writes.get(side, 0):,}" for side in Side),
                f"{run.values:,}",
                *(f"{number:,}" for number in troubles),
                for_terminal(run.plan_id),
            ]
        )
    table = columns(rows, right=frozenset({4, 5, 6, 7, 8}))
    yield line(("".join(table[0]), Role.DIM))
    for run, row in zip(runs, table[1:], strict=True):
        yield line("".join(row[:3]), (row[3], _STATE_ROLE[run.state]), "".join(row[4:]))
        for note in _notes(run):
            yield line(f"    {note}")


def _notes(run: RunSummary) -> Iterator[str]:
    if run.undoes:
        yield f"undoes {for_terminal(run.undoes)}"
    if run.undone_by:
        yield f"undone by {for_terminal(run.undone_by)}"
    if run.remaining:
        yield f"{counted(run.remaining, 'change')} not tried"
    if run.message:
        yield for_terminal(run.message)


def _run(
    run: RunSummary, entries: Iterable[JournalEntry], width: int, names: Names, most: int | None
) -> Iterator[Line]:
    yield line((str(run.state).upper(), _STATE_ROLE[run.state]), f"  {run.kind} {for_terminal(run.id)}")
    ended = f" to {moment(run.ended_at)}" if run.ended_at else ""
    yield line(
        f"  {moment(run.started_at)}{ended} UTC, plan {for_terminal(run.plan_id)}, "
        f"mapping {for_terminal(run.mapping_name)}"
    )
    writes = ", ".join(f"{counted(run.writes.get(side, 0), 'write')} to {side.label}" for side in Side)
    yield line(f"  {writes}, {counted(run.values, 'value')}")
    outcomes = ", ".join(f"{count:,} {_words(outcome)}" for outcome, count in _in_order(run))
    if outcomes:
        yield line(f"  {outcomes}")
    for note in _notes(run):
        yield line(f"  {note}")
    counts, shown = _sorted_out(entries, most)
    for fine, title in ((False, "Not done"), (True, "Done")):
        if not counts[fine]:
            continue
        yield line()
        yield line((f"{title} ({counts[fine]:,})", Role.STRONG))
        for entry in shown[fine]:
            yield from _entry(entry, width, names)
        hidden = counts[fine] - len(shown[fine])
        if hidden:
            yield line((f"  and {hidden:,} more: pdsync history {for_terminal(run.id)} --all", Role.DIM))


def _sorted_out(
    entries: Iterable[JournalEntry], most: int | None
) -> tuple[dict[bool, int], dict[bool, list[JournalEntry]]]:
    """How many entries succeeded and how many did not, and the first of each sort; the rest is not kept in memory."""
    counts = {True: 0, False: 0}
    shown: dict[bool, list[JournalEntry]] = {True: [], False: []}
    for entry in entries:
        fine = entry.outcome in _FINE
        counts[fine] += 1
        if most is None or counts[fine] <= most:
            shown[fine].append(entry)
    return counts, shown


def _entry(entry: JournalEntry, width: int, names: Names) -> Iterator[Line]:
    outcome = (_words(entry.outcome), _OUTCOME_ROLE.get(entry.outcome, Role.PLAIN))
    yield from change_lines(entry.change, width, names, outcome=outcome, record_id=entry.record_id)
    if entry.error:
        yield line(f"      {for_terminal(entry.error)}")


def _in_order(run: RunSummary) -> list[tuple[Outcome, int]]:
    """Outcomes that there were, the most frequent first."""
    found = [(outcome, run.outcomes[outcome]) for outcome in Outcome if run.outcomes.get(outcome)]
    return sorted(found, key=lambda pair: -pair[1])


def _words(outcome: Outcome) -> str:
    match outcome:
        case Outcome.INTENT:
            return "without an answer"
        case Outcome.NOT_STORED:
            return "not stored as sent"
        case _:
            return str(outcome)
