"""Something dear that many tests read: made by whichever process of a test run comes first, then there for all of them.

folder = made_once(tmp_path_factory, "world", make)     # make(folder) fills an empty folder
shutil.copytree(folder, tmp_path / "mine")              # a test that writes takes a copy
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

__all__ = ["made_once"]


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of this test run by that name; workers of pytest-xdist wait for the one of them that makes it."""
    base = factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = run / name
    with (run / f"{name}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (done := run / f"{name}.made").exists():
            folder.mkdir(exist_ok=True)
            make(folder)
            done.touch()
    return folder
