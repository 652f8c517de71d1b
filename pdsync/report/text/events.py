"""One line for each event of an engine: what log files and terminals without bars show."""

from __future__ import annotations

from pdsync.model import Event, Note, Outcome, Progress, RecordOutcome, Waiting
from pdsync.report.inert import for_terminal
from pdsync.report.text.values import counted, list_words

__all__ = ["narrate"]


def narrate(event: Event) -> str:
    """The event in words. Records go by id, never by name."""
    match event:
        case Progress(stage=stage, done=done, total=total, side=side):
            where = f" ({side.label})" if side is not None and side.noun not in stage else ""
            of = f" of {total:,}" if total else ""
            return f"{for_terminal(stage)}{where}: {done:,}{of}"
        case Waiting(side=side, seconds=seconds, why=why):
            return f"waiting {seconds:,.0f} s for {side.label}: {for_terminal(why)}"
        case RecordOutcome(change=change, outcome=outcome, message=message, values=values):
            record = change.record_id or "new"
            what = f"{change.kind} {change.side}:{change.side.noun}/{for_terminal(record)}"
            if change.kind.of_options:
                what = f"{list_words(change)} {for_terminal(str(change.subject))}"
            said = f"{what}: {_words(outcome)}"
            if values and outcome in (Outcome.DONE, Outcome.ADOPTED):
                said += f", {counted(values, 'value')}"
            return f"{said}: {for_terminal(message)}" if message else said
        case Note(text=text):
            return for_terminal(text)


def _words(outcome: Outcome) -> str:
    return "not stored as sent" if outcome is Outcome.NOT_STORED else str(outcome)
