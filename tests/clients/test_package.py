"""The package's face: what it exposes, and what it costs to import."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import pdsync.clients as package
from pdsync.clients.files import FileClient
from pdsync.clients.pipedrive import PipedriveClient
from pdsync.clients.plezi import PleziClient
from pdsync.clients.protocol import Client

HEAVY = (
    "httpx",
    "msgspec",
    "pyarrow",
    "python_calamine",
    "yaml",
    "jsonschema",
    "charset_normalizer",
    "polars",
    "asyncio",
)


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Libraries are loaded when a client is opened: `pdsync --help` pays for none of them."""
    code = f"import sys, pdsync.clients; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_face_is_complete_and_sorted() -> None:
    """`__all__` names everything public, in order."""
    assert package.__all__ == sorted(package.__all__)
    assert all(hasattr(package, name) for name in package.__all__)
    assert {name for name in vars(package) if name.startswith("open_")} <= set(package.__all__)


@pytest.mark.parametrize("client", [PipedriveClient, PleziClient, FileClient])
def test_every_client_has_every_call_of_the_protocol(client: type) -> None:
    """With the same parameters: the engine never asks which client it has."""
    for name, call in vars(Client).items():
        if name.startswith("_") or not callable(call):
            continue
        ours = getattr(client, name)
        assert inspect.signature(ours).parameters.keys() == inspect.signature(call).parameters.keys(), name


def test_the_protocol_is_what_the_types_say() -> None:
    """Mypy checks these assignments; the test keeps them in the code."""
    clients: tuple[type[Client], ...] = (PipedriveClient, PleziClient, FileClient)
    assert len(clients) == 3
