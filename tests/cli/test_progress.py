"""Progress: silent below a second, bars where somebody watches, plain lines elsewhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence

import pytest

from pdsync.cli.shell.narration import Narration
from pdsync.cli.shell.progress import ProgressLines
from pdsync.model import (
    Change,
    ChangeKind,
    Event,
    Note,
    Outcome,
    Progress,
    RecordOutcome,
    Side,
    Waiting,
)


class Terminal(io.StringIO):
    """A stream that says that somebody watches."""

    def isatty(self) -> bool:
        return True


def _play(events: Sequence[tuple[float, Event]], *, quiet: bool = False) -> None:
    """Hand over events at given times, without waiting for them."""
    now = [0.0]
    clock: Callable[[], float] = lambda: now[0]  # noqa: E731 - the smallest clock there is
    with ProgressLines(Narration(quiet=quiet), clock) as take:
        for moment, event in events:
            now[0] = moment
            take(event)


READING = [
    (second / 10, Progress("read persons", second * 10, 1000, Side.PIPEDRIVE)) for second in range(101)
]
"""Ten seconds of reading a thousand persons, an event every tenth of a second."""


def test_short_work_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """What takes less than a second leaves no line."""
    _play(READING[:9])

    assert capsys.readouterr().err == ""


def test_a_log_gets_few_lines_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    """A nightly run's log names each stage and its end, not every page."""
    _play(
        [
            *READING,
            (25.0, Progress("plan", 1, 900)),
            (36.0, Progress("plan", 500, 900)),
            (37.0, Progress("plan", 900, 900)),
        ]
    )

    assert capsys.readouterr().err.splitlines() == [
        "read persons: 1,000 of 1,000",
        "plan: 500 of 900",
        "plan: 900 of 900",
    ]


def test_the_end_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """An engine that repeats its last event does not repeat the line."""
    _play([*READING, READING[-1], READING[-1]])

    assert capsys.readouterr().err.splitlines() == ["read persons: 1,000 of 1,000"]


def test_waiting_notes_and_failures_are_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """What a person has to know while it happens; single successes are not."""
    change = Change(ChangeKind.UPDATE, Side.PIPEDRIVE, pipedrive_id="1042", title="Lucile Rivière")
    _play(
        [
            (0, Waiting(Side.PIPEDRIVE, 0.2, "burst window")),
            (0, Waiting(Side.PIPEDRIVE, 40, "burst window")),
            (0, Note("the list of sectors has a new entry")),
            (0, RecordOutcome(change, Outcome.DONE, values=3)),
            (0, RecordOutcome(change, Outcome.FAILED, "422: too long")),
        ]
    )

    assert capsys.readouterr().err.splitlines() == [
        "waiting 40 s for Pipedrive: burst window",
        "the list of sectors has a new entry",
        "update pipedrive:person/1042: failed: 422: too long",
    ]


def test_narration_names_ids_and_never_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Logs name ids, never people (design 10)."""
    change = Change(ChangeKind.CREATE, Side.PLEZI, pipedrive_id="7", title="Lucile Rivière")
    _play([(0, RecordOutcome(change, Outcome.FAILED, "rejected"))])

    said = capsys.readouterr().err
    assert said == "create plezi:contact/new: failed: rejected\n"
    assert "Lucile" not in said


def test_quiet_shows_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    """--quiet leaves errors only."""
    _play([*READING, (11, Note("something"))], quiet=True)

    assert capsys.readouterr().err == ""


def test_somebody_who_watches_sees_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal: a bar after the first second, with a title that is text and never markup."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    _play([*READING[:50], (5.1, Note("[red]not markup[/red] \x1b[31m"))])

    shown = terminal.getvalue()
    assert "read persons" in shown
    assert "[red]not markup[/red] \\x1b[31m" in shown


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """TERM=dumb cannot move a cursor."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "dumb")
    _play(READING)

    assert terminal.getvalue() == "read persons: 1,000 of 1,000\n"
