"""Lines for a terminal: widths in cells, wrapping, columns, and colour that never carries meaning alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import TypeAlias

__all__ = [
    "Line",
    "Piece",
    "Role",
    "cells",
    "columns",
    "fit",
    "hanging",
    "line",
    "pad",
    "painted",
    "parts",
    "told_apart",
    "wrap",
]


class Role(Enum):
    """What a piece of a line is; the value is its SGR code, empty for plain text."""

    PLAIN = ""
    STRONG = "1"
    DIM = "2"
    BAD = "1;31"
    WARN = "33"
    GOOD = "32"
    NAME = "36"


Piece: TypeAlias = tuple[str, Role]
Line: TypeAlias = tuple[Piece, ...]


def line(*pieces: str | Piece) -> Line:
    """A line of plain texts and (text, role) pairs."""
    return tuple((piece, Role.PLAIN) if isinstance(piece, str) else piece for piece in pieces)


def painted(lines: Iterable[Line], *, colour: bool) -> Iterator[str]:
    """The lines as text, without blanks at their ends."""
    for pieces in lines:
        shown = _without_end_blanks(pieces)
        if colour:
            yield "".join(
                f"\x1b[{role.value}m{text}\x1b[0m" if role.value and text else text for text, role in shown
            )
        else:
            yield "".join(text for text, _ in shown)


def cells(text: str) -> int:
    """How many columns of a terminal a text takes: 2 for wide characters, 0 for combining ones."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, width: int) -> str:
    """The text, cut to ``width`` cells with ``...`` at its end where it is longer."""
    if cells(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(0, width - 3)).rstrip() + "..." if width > len("...") else "." * width


def told_apart(after: str, before: str, width: int) -> tuple[str, str]:
    """Two texts that would look the same when cut to ``width`` cells, begun shortly before they differ.

    A list from which the second address went, say. Texts that fit, or that differ where one sees it, stay as they are.
    """
    if after == before or fit(after, width) != fit(before, width):
        return after, before
    pairs = enumerate(zip(after, before, strict=False))
    same = next((n for n, (one, other) in pairs if one != other), min(len(after), len(before)))
    start = max(0, same - width // 3)
    word = after.rfind(" ", max(0, start - width // 6), start + 1) + 1  # where one begins near
    start = word or start
    dots = "..." if start else ""
    return dots + after[start:], dots + before[start:]


def pad(text: str, width: int, *, right: bool = False) -> str:
    """The text, filled with blanks to ``width`` cells, and cut where it is longer."""
    text = fit(text, width)
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` cells, broken at blanks; a longer word stays whole."""
    if text.isascii():
        return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]
    lines: list[str] = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cells(longer) > max(width, 20):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def parts(text: str, width: int) -> Iterator[str]:
    """Exactly the text in parts of at most ``width`` cells (2 at least), broken after a blank; a longer word is cut.

    In time that grows with the text, not with its square: a file may be one line.
    """
    from rich.cells import chop_cells

    width, start = max(width, 2), 0
    while start < len(text):
        window = text[start : start + 4 * width]
        head = window if cells(window) <= width else chop_cells(window, width)[0] or window[:1]
        while len(head) > 1 and cells(head) > width:  # rich gives a tab no width
            head = head[:-1]
        end = start + len(head)
        words = head.rpartition(" ")[0]
        if end < len(text) and text[end] != " " and words[1:].strip():
            end = start + len(words) + 1
        yield text[start:end]
        start = end
    if not text:
        yield ""


def hanging(start: Line, text: str, width: int) -> Iterator[Line]:
    """A start, then text that goes on below itself."""
    indent = sum(cells(piece) for piece, _ in start)
    first, *rest = wrap(text, width - indent)
    yield (*start, (first, Role.PLAIN))
    for more in rest:
        yield line(" " * indent + more)


def columns(
    rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset(), gap: int = 2
) -> list[list[str]]:
    """The cells of each row padded to the widest of their column, the last column left as it is.

    Args:
        rows: Rows of equal length.
        right: Columns (from 0) whose texts stand on the right, such as numbers.
        gap: Blanks after each column.
    """
    if not rows:
        return []
    last = len(rows[0]) - 1
    widths = [max(cells(row[column]) for row in rows) for column in range(last + 1)]
    padded: list[list[str]] = []
    for row in rows:
        texts = [
            pad(text, widths[n], right=n in right) if n < last or n in right else text
            for n, text in enumerate(row)
        ]
        padded.append([text + " " * gap if n < last else text for n, text in enumerate(texts)])
    return padded


def _without_end_blanks(pieces: Line) -> Line:
    kept = list(pieces)
    while kept:
        text, role = kept[-1]
        stripped = text.rstrip(" ")
        if stripped:
            kept[-1] = (stripped, role)
            break
        kept.pop()
    return tuple(kept)
