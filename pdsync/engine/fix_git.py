"""Keeps a file with people in it out of git: git is asked, and where it would take the file, an entry in .gitignore is made.

The entry stands in the ``.gitignore`` beside the file, where the team sees it in its next review. A file that git tracks
already cannot be helped by an entry, and is refused.
"""

from __future__ import annotations

import os
import re
import subprocess
from enum import Enum, auto
from pathlib import Path

from pdsync.errors import UsageError

__all__ = ["keep_out_of_git"]

_SECONDS = 20
_SPECIAL = re.compile(r"([\\*?\[ ])")


class _Said(Enum):
    IGNORED = auto()
    NOT_IGNORED = auto()
    UNKNOWN = auto()
    """git is not installed, or does not want to say."""


def keep_out_of_git(path: Path) -> str:
    """See that git does not take this file, which need not be there yet.

    Returns:
        What was done about it, in a sentence; empty: nothing had to be.

    Raises:
        UsageError: git tracks it, or the entry cannot be made.
    """
    folder = path.parent.resolve()
    if not any((above / ".git").exists() for above in (folder, *folder.parents)):
        return ""
    said = _ask(folder, path.name)
    if said is _Said.IGNORED:
        return ""
    note = _ignore(folder / ".gitignore", path)
    if said is _Said.NOT_IGNORED and _ask(folder, path.name) is _Said.NOT_IGNORED:
        raise UsageError(
            f"git tracks {path}, and a fix file holds names and addresses of people.",
            untouched="The file is as it was.",
            next_step=f"Name another file, or take it out of git first: git rm --cached {path.name}",
        )
    return note


def _ask(folder: Path, name: str) -> _Said:
    """Whether git ignores a file of this folder; one that it tracks is not ignored."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = ["git", "-c", "core.fsmonitor=false", "check-ignore", "--quiet", "--", f"./{name}"]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; the name is an argument behind --
            command,
            cwd=folder,
            env=environment | {"GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return _Said.UNKNOWN
    return {0: _Said.IGNORED, 1: _Said.NOT_IGNORED}.get(done.returncode, _Said.UNKNOWN)


def _ignore(ignore: Path, path: Path) -> str:
    """Add the entry if it is not there; what was done, in a sentence."""
    if "\n" in path.name or "\r" in path.name:
        raise UsageError(f"{path.name!r} is no name that git can ignore.", untouched="Nothing was written.")
    entry = "/" + _SPECIAL.sub(r"\\\1", path.name)
    try:
        before = ignore.read_text(encoding="utf-8", errors="surrogateescape") if ignore.exists() else ""
        if entry in before.splitlines():
            return ""
        start = "" if not before or before.endswith("\n") else "\n"
        with ignore.open("a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{start}{entry}\n")
    except OSError as error:
        raise UsageError(
            f"{path} would be in git, and {ignore} cannot be written: {error.strerror or error}.",
            untouched="Nothing was written.",
            next_step="Put the fix file into a folder that git ignores, such as .pdsync/.",
        ) from error
    return f"{path} holds people: {ignore.name} beside it keeps it out of git now."
