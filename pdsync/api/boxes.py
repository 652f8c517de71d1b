"""Errors in a notebook: one readable box that says what happened, what is untouched and what to run.

IPython asks an exception for its own traceback; errors that pdsync raises on purpose answer with the box, and programs
still catch them as what they are. A bug keeps its traceback.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from pdsync.errors import PdsyncError
from pdsync.report.inert import for_terminal

if TYPE_CHECKING:
    from pdsync.model import Finding

__all__ = ["boxed_errors", "error_box"]

_WIDTH: Final = 96
_MOST: Final = 12
"""Problems of a mapping that are listed."""


@contextmanager
def boxed_errors() -> Iterator[None]:
    """Errors of pdsync that pass through here are shown as a box by IPython."""
    try:
        yield
    except PdsyncError as error:
        error._render_traceback_ = partial(error_box, error)  # type: ignore[attr-defined]
        raise


def error_box(error: PdsyncError) -> list[str]:
    """The lines of the box."""
    lines = list(_wrapped(error.message))
    findings: tuple[Finding, ...] = getattr(error, "findings", ())
    for finding in findings[:_MOST]:
        place = f"{finding.place}  " if finding.place else ""
        lines += _wrapped(f"{place}{finding.message}", "  ")
    if len(findings) > _MOST:
        lines.append(f"  ... and {len(findings) - _MOST:,} more: pdsync check")
    if error.untouched:
        lines += ["", *_wrapped(error.untouched)]
    if error.next_step:
        lines += ["", *_wrapped(f"Next: {error.next_step}")]
    width = max(map(len, lines))
    inside = [f"│ {line:<{width}} │" for line in lines]
    title = f" {type(error).__name__} "
    return [f"┌{title:─<{width + 2}}┐", *inside, f"└{'─' * (width + 2)}┘"]


def _wrapped(words: str, indent: str = "") -> Iterator[str]:
    for line in words.splitlines():
        yield from textwrap.wrap(
            for_terminal(line),
            _WIDTH,
            initial_indent=indent,
            subsequent_indent=f"{indent}  " if indent else "",
        ) or [""]
