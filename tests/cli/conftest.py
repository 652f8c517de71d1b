"""The command in a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.invoking import Run, runner


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``pdsync WORDS`` in this process."""
    return runner(capsys)


Prepare = Callable[[Callable[[], object]], None]


@pytest.fixture(scope="module")
def _prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prepared") / "folder"


@pytest.fixture
def prepare(_prepared: Path, tmp_path: Path) -> Prepare:
    """Bring this test's folder to where it begins: the first test of a module does what it takes, the others get a copy.

    Only for worlds that are the same each time: the same seed in the same sandbox.
    """

    def bring(do: Callable[[], object]) -> None:
        if _prepared.exists():
            shutil.copytree(_prepared, tmp_path, dirs_exist_ok=True)
        else:
            do()
            shutil.copytree(tmp_path, _prepared)

    return bring


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No verb of a test sees the checkout's settings or leaves a state folder there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
