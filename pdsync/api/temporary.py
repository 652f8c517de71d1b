"""Folders that live as long as the object that reads from them, or the process, and then are gone.

They hold personal data, so nobody should have to remember to remove them.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TypeVar

__all__ = ["new_folder", "remove_with"]

T = TypeVar("T")


def new_folder(prefix: str) -> Path:
    """A folder that only this user may enter."""
    return Path(tempfile.mkdtemp(prefix=prefix))


def remove_with(owner: T, folder: Path) -> T:
    """Remove the folder when ``owner`` is no longer used, at the latest when the process ends; gives ``owner``."""
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return owner
