"""Lines of reports become content of widgets, here and nowhere else, so that text from a CRM is inert on every screen.

Reports say what a piece of a line is (``Role``); the theme says how that looks. Nothing is ever read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from textual.content import Content

from pdsync.report.inert import for_terminal
from pdsync.report.text.layout import Line, Role

__all__ = ["STYLES", "content", "inert"]

STYLES: Final = {
    Role.PLAIN: "",
    Role.STRONG: "bold",
    Role.DIM: "$foreground-muted",
    Role.BAD: "bold $error",
    Role.WARN: "$warning",
    Role.GOOD: "$success",
    Role.NAME: "$secondary",
}


def content(lines: Iterable[Line]) -> Content:
    """Lines, one below the other. What is inert already stays as it is."""
    return Content("\n").join(
        Content.assemble(*((for_terminal(text), STYLES[role]) for text, role in line)) for line in lines
    )


def inert(text: str) -> str:
    """Words from elsewhere, harmless on one line."""
    return for_terminal(text)
