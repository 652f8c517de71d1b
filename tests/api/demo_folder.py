"""One folder of demo data for all processes of a test run: making it takes some seconds."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import pdsync
from pdsync.api.demo_data import FOLDER_VARIABLE


@contextmanager
def shared_demo_folder(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point ``pdsync.demo()`` at a folder of this test run, made by whichever worker comes first."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pdsync-demo"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(folder))
        with (folder / "making").open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            pdsync.demo(progress=False)
        yield folder
