"""One folder of demo data for all processes of a test run: making it takes some seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import pdsync
from pdsync.api.demo_data import FOLDER_VARIABLE
from tests.made_once import made_once


@contextmanager
def shared_demo_folder(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point ``pdsync.demo()`` at a folder of this test run."""
    with pytest.MonkeyPatch.context() as patch:

        def make(folder: Path) -> None:
            patch.setenv(FOLDER_VARIABLE, str(folder))
            pdsync.demo(progress=False)

        folder = made_once(factory, "pdsync-demo", make)
        patch.setenv(FOLDER_VARIABLE, str(folder))
        yield folder
