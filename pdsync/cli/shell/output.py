"""Standard output: data only, text for people or one JSON document for programs. No other module writes there.

A reader that goes away (``pdsync plan | head``) does not stop a verb half-way: what is left of the output is dropped,
the work goes on to its own exit code.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from pdsync.report.inert import for_json

__all__ = ["settle", "write_json", "write_lines", "write_pieces", "write_text"]


def write_text(text: str) -> None:
    """Text with a line end. Characters that the terminal's encoding lacks are shown as escapes, never an error."""
    _write(f"{text.rstrip()}\n" if text else "")


def write_json(document: object, *, default: Callable[[Any], object] = str) -> None:
    """One JSON document, exact values, indented; ASCII only where the reader's encoding is not UTF-8."""
    write_pieces([for_json(json.dumps(document, ensure_ascii=False, indent=2, default=default)), "\n"])


def write_lines(lines: Iterable[str]) -> None:
    """Lines as they come, each with a line end."""
    for line in lines:
        _write(f"{line}\n")


def write_pieces(pieces: Iterable[str]) -> None:
    """A JSON document in pieces, as ``pdsync.report.json`` makes them: a million changes need no memory."""
    if _speaks_unicode():
        for piece in pieces:
            _write(piece)
    else:
        for piece in pieces:
            _write("".join(c if c.isascii() else json.dumps(c)[1:-1] for c in piece))


def settle() -> None:
    """Hand everything over before the process ends, where a reader that went away can still be ignored."""
    _write("")


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def _speaks_unicode() -> bool:
    return _encoding().lower().replace("_", "-").startswith("utf")


def _write(text: str) -> None:
    stream = sys.stdout
    encoding = _encoding()
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _drop_from_now_on()


def _drop_from_now_on() -> None:
    """Point the file descriptor at nowhere, so that neither we nor the interpreter's last flush fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
