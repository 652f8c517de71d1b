from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox_process import SandboxProcess


@pytest.fixture
def client(sandbox: SandboxProcess) -> Iterator[httpx.Client]:
    """A client of an empty account, with the administrator's token."""
    with sandbox.pipedrive() as client:
        yield client
