"""Static HTML for notebooks: escaped text in few shapes, no scripts, readable on light and dark pages.

Everything that came from a CRM goes through ``text``. Colours are inherited from the page where possible; badges carry
their meaning as a word, and their colours (Okabe and Ito's, for readers who do not tell red from green) only repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Final

from pdsync.report.inert import for_terminal

__all__ = ["badge", "block", "bundle", "facts", "heading", "link", "note", "paragraph", "table", "text"]

_BADGES: Final = {
    "blocking": ("#b03a00", "#fff"),
    "not ready": ("#b03a00", "#fff"),
    "failed": ("#b03a00", "#fff"),
    "warning": ("#e69f00", "#000"),
    "ready with warnings": ("#e69f00", "#000"),
    "stopped": ("#e69f00", "#000"),
    "ready": ("#00664b", "#fff"),
    "done": ("#00664b", "#fff"),
}
_PLAIN_BADGE: Final = ("#5b6770", "#fff")

_STYLE: Final = (
    ".pdsync{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:13px;line-height:1.45;"
    "max-width:78em;overflow-x:auto}"
    ".pdsync .t{font-size:1.15em;font-weight:600;margin:.1em 0 .35em}"
    ".pdsync p{margin:.25em 0 .5em}"
    ".pdsync .n{opacity:.75}"
    ".pdsync table{border-collapse:collapse;margin:.3em 0 .6em;font-size:inherit;color:inherit}"
    ".pdsync th,.pdsync td{padding:.28em .8em .28em 0;text-align:left!important;vertical-align:top;"
    "border:0;border-bottom:1px solid rgba(128,128,128,.35);background:none;white-space:normal;max-width:34em;"
    "overflow-wrap:break-word}"
    ".pdsync td.s,.pdsync td.w{min-width:13em}"
    ".pdsync td.w{overflow-wrap:anywhere}"
    ".pdsync .f td{max-width:none}"
    ".pdsync th{font-weight:600;opacity:.8;white-space:nowrap}"
    ".pdsync td.r,.pdsync th.r{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".pdsync tr{background:none!important}"
    ".pdsync .b{display:inline-block;border-radius:3px;padding:0 .5em;font-weight:600;white-space:nowrap}"
    ".pdsync code{font-size:.95em;background:rgba(128,128,128,.15);padding:.05em .35em;border-radius:3px;color:inherit}"
    ".pdsync a{color:inherit;text-decoration:underline}"
    "@media print{.pdsync{max-width:none;overflow:visible}.pdsync tr{break-inside:avoid}}"
)
_SENTENCE: Final = 30
"""Characters of a cell that keeps some width, so that it never is a column of single words."""
_WORD: Final = 40
"""Characters of a word that may break anywhere, the address of a page for example: the table is not wider than its page."""


def text(value: object) -> str:
    """Text as HTML: markup is escaped; control, direction and invisible characters are shown as codes."""
    return escape(for_terminal(str(value)), quote=True)


def heading(words: str) -> str:
    """The line at the top of a display, which states the answer."""
    return f'<div class="t">{text(words)}</div>'


def paragraph(words: str) -> str:
    """A sentence."""
    return f"<p>{text(words)}</p>"


def note(words: str) -> str:
    """A sentence of less weight."""
    return f'<p class="n">{text(words)}</p>'


def badge(word: str) -> str:
    """A word that says how things stand."""
    back, front = _BADGES.get(word, _PLAIN_BADGE)
    return f'<span class="b" style="background:{back};color:{front}">{text(word)}</span>'


def link(words: str, address: str) -> str:
    """A link, if the address is one of the web; else only the words."""
    if not address.startswith(("https://", "http://")):
        return text(words)
    return f'<a href="{text(address)}" rel="noopener noreferrer">{text(words)}</a>'


def facts(pairs: Mapping[str, object]) -> str:
    """What is known, one line each."""
    return f'<div class="f">{table((), list(pairs.items()))}</div>'


def table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], *, right: frozenset[int] = frozenset()
) -> str:
    """A table. Cells are escaped, unless they are ``_Html`` from this module; whole numbers get thousands separators.

    Args:
        heads: Titles of the columns; none: no head.
        rows: The cells.
        right: Columns (from 0) whose cells stand on the right.
    """

    def kind(number: int, cell: object) -> str:
        if number in right:
            return ' class="r"'
        if not isinstance(cell, str) or isinstance(cell, _Html) or len(cell) <= _SENTENCE:
            return ""
        return ' class="w"' if max(map(len, cell.split()), default=0) > _WORD else ' class="s"'

    head = "".join(f"<th{kind(number, '')}>{text(words)}</th>" for number, words in enumerate(heads))
    body = "".join(
        f"<tr>{''.join(f'<td{kind(number, cell)}>{_cell(cell)}</td>' for number, cell in enumerate(row))}</tr>"
        for row in rows
    )
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


class _Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def block(*parts: str) -> _Html:
    """Parts that are HTML, as one, for a cell of ``table``."""
    return _Html("".join(parts))


def bundle(plain: str, *parts: str) -> dict[str, str]:
    """What ``_repr_mimebundle_`` returns: the same for terminals and for pages."""
    return {
        "text/plain": plain,
        "text/html": f'<div class="pdsync"><style>{_STYLE}</style>{"".join(parts)}</div>',
    }


def _cell(cell: object) -> str:
    if isinstance(cell, _Html):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return text(cell)
