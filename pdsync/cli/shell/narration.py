"""Standard error: what happens, for the person who watches. No other module writes there.

Nothing said here is data: a script may drop all of it. Text that came from a service or a file is escaped, because a
person's name may hold terminal control sequences.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from pdsync.report.inert import for_terminal

if TYPE_CHECKING:
    from pdsync.errors import PdsyncError

__all__ = ["Narration", "wants_colour"]


class Narration:
    """Says lines on standard error; quiet ones say errors only."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet

    @property
    def stream(self) -> TextIO:
        """Standard error as it is now (tests replace it)."""
        return sys.stderr

    @property
    def is_terminal(self) -> bool:
        """Whether somebody watches, so that bars and questions make sense."""
        return self.stream.isatty() and os.environ.get("TERM", "") != "dumb"

    def say(self, line: str = "") -> None:
        """One line, unless quiet."""
        if not self.quiet:
            self._write(line)

    def error(self, error: PdsyncError) -> None:
        """What happened, what is untouched, what to type next."""
        findings = getattr(error, "findings", ())
        if findings:
            from pdsync.mapfiles.problems import render_problems

            self._write(render_problems(findings))
            parts = [error.next_step]
        else:
            parts = [error.message, error.untouched, error.next_step]
        for part in parts:
            if part:
                self._write(part)

    def problem(self, line: str) -> None:
        """A line that is said also when quiet."""
        self._write(line)

    def ask(self, question: str) -> str:
        """A question on standard error and its answer from standard input; empty where there is none."""
        self.stream.write(question)
        self.stream.flush()
        return sys.stdin.readline()

    def _write(self, line: str) -> None:
        stream = self.stream
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            stream.write(
                for_terminal(line, lines=True).encode(encoding, "backslashreplace").decode(encoding) + "\n"
            )
            stream.flush()
        except (BrokenPipeError, ValueError):
            self.quiet = True


def wants_colour(stream: TextIO) -> bool:
    """Colour on a terminal only, and never against NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") != "dumb"
