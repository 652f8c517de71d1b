"""A run that a service stopped says what is left, and what to type for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pdsync.cli.shell.exits import ExitCode
from pdsync.cli.shell.narration import Narration
from pdsync.cli.shell.writing import deliver_run
from pdsync.model import RunKind, RunState, RunSummary


@pytest.mark.parametrize(
    ("undoes", "types"),
    [("", "pdsync pull, then pdsync plan"), ("20261130-071028-369e", "pdsync undo 20261130-071028-369e")],
)
def test_it_names_the_command_that_goes_on(
    undoes: str, types: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plan resumes a sync, the same undo an undo; said also when quiet, as what went wrong is."""
    narration = Narration(quiet=True)
    session = SimpleNamespace(narration=narration, say=narration.say, deliver=lambda *_: None)
    run = RunSummary(
        id="20261130-071459-19c5",
        kind=RunKind.UNDO if undoes else RunKind.APPLY,
        state=RunState.FAILED,
        plan_id="0" * 16,
        mapping_name="contacts",
        started_at="2026-11-30T07:14:59+00:00",
        undoes=undoes,
        message="Plezi answered 'read contacts again' with a web page.",
        remaining=2,
    )
    assert deliver_run(cast("Any", session), run) is ExitCode.SERVICE
    first, last = capsys.readouterr().err.splitlines()
    assert first == run.message
    assert last.endswith(types)
