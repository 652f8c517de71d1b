"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox_process import SandboxProcess


@pytest.fixture(scope="session")
def _sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with SandboxProcess(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as process:
        yield process


@pytest.fixture
def sandbox(_sandbox_process: SandboxProcess) -> SandboxProcess:
    """A running sandbox with empty accounts, switches and clock as at the start.

    One process for the session, emptied before each test. A test that ends the process starts one of its own.
    """
    _sandbox_process.control.reset()
    return _sandbox_process


@pytest.fixture(scope="module")
def sandbox_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A running sandbox of this module's own, empty at first, which its tests share."""
    with SandboxProcess(tmp_path_factory.mktemp("sandbox") / "sandbox.db") as process:
        yield process
