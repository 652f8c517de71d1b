"""The report of a bug: where it happened, with which versions, and nothing about anybody.

An exception's message may quote a record, so it is left out, as are the values of options and variables. What remains is
enough to find the line: types, files, lines and function names.
"""

from __future__ import annotations

import platform
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pdsync

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["report", "write_report"]


def report(error: BaseException, words: Sequence[str]) -> str:
    """The report's text. Of the command line, ``words``, only the verb and the names of options are kept."""
    options = [word.partition("=")[0] for word in words[1:] if word.startswith("-")]
    lines = [
        f"pdsync {pdsync.__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"command: pdsync {' '.join([*words[:1], *options])}",
        "",
        *_chain(error),
        "",
        "Messages and values are left out, because they may name people.",
    ]
    return "\n".join(lines) + "\n"


def write_report(error: BaseException, words: Sequence[str], state: Path) -> Path | None:
    """Write the report into the state folder if that exists, else beside nothing at all; None if it could not be written."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = state / "crashes"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ignore = state / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="ascii")
        path = folder / f"{now}.txt"
        path.write_text(report(error, words), encoding="utf-8")
        path.chmod(0o600)
    except OSError:
        return None
    return path


def _chain(error: BaseException) -> Iterator[str]:
    """Each exception of the chain, innermost cause first, with its frames."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _chain(cause)
        yield "then"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _chain(inner)


def _short(filename: str) -> str:
    """A path without the folder that the package was installed in: that may hold the user's name."""
    for root in sorted((entry for entry in sys.path if entry), key=len, reverse=True):
        if filename.startswith(f"{root}/"):
            return filename[len(root) + 1 :]
    return Path(filename).name
