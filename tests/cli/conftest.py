"""The command in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.invoking import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``pdsync WORDS`` in this process."""
    return runner(capsys)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verb of a test sees the checkout's settings or leaves a state folder there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
