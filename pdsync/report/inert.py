"""Makes text from a CRM harmless, one function per place that it is written to.

A person's name may hold terminal control sequences, direction overrides that reorder what stands around them, invisible
characters, markup of a library or HTML. Readers see that it is there, and it does nothing. Exact values are in the JSON.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = [
    "for_csv",
    "for_html",
    "for_json",
    "for_markdown",
    "for_markdown_code",
    "for_sheet",
    "for_terminal",
    "one_line",
]

_ARABIC_SIGNS: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u08e2")
"""Format characters that print a sign (the year, the end of a verse)."""
_JOINERS: Final = frozenset("\u200c\u200d")
_FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks by category, blank to the eye."""

_HIDDEN_IN_JSON: Final = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_FORMULA: Final = re.compile(r"(^|[;,|])(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""What a spreadsheet takes for a formula, at the start of a cell and behind what it may take for the end of one: Excel
splits a file at the separator of the reader's country, whatever the quotation marks say. Also in full width (OWASP)."""
_CELL: Final = 32_767
"""Characters that a cell takes in Excel."""
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>@&:$])")


def for_terminal(text: str, *, lines: bool = False) -> str:
    """Text for a terminal: control, direction, zero-width and other invisible characters become their code in letters.

    No-break spaces become spaces. Joiners stay where they shape a letter or an emoji (between characters that are not
    Latin), because names are written with them. With ``lines``, line ends and tabs stay.
    """
    if text.isprintable() and _FILLERS.isdisjoint(text):
        return text
    return "".join(_shown(text, place, lines=lines) for place in range(len(text)))


def one_line(text: str, most: int) -> str:
    """The same, cut to ``most`` characters of the original, so that a megabyte in a field stays a line."""
    return for_terminal(text) if len(text) <= most else for_terminal(text[:most]) + "..."


def for_markdown(text: str) -> str:
    """Words in Markdown: everything that could be markup, HTML, a mention, a link or a table's border is escaped.

    Markdown reports carry codes and ids, which may still come from a service.
    """
    return _MARKDOWN.sub(r"\\\1", for_terminal(text)).replace("\\<", "&lt;").replace("\\&", "&amp;")


def for_markdown_code(text: str) -> str:
    """A code or an id between backticks, in a table or out of it. Backticks in it become apostrophes."""
    harmless = for_terminal(text).replace("`", "'").replace("|", "\\|")
    return f"`{harmless}`"


def for_html(text: str) -> str:
    """Text in HTML, between tags and in quoted attributes."""
    from html import escape

    return escape(for_terminal(text), quote=True)


def for_sheet(text: str) -> str:
    """Text in a cell that is declared to be text (XLSX): never a formula; cut to what a cell takes."""
    harmless = for_terminal(text)
    return harmless if len(harmless) <= _CELL // 2 else _cut(harmless)


def for_csv(text: str) -> str:
    """Text in a cell of CSV, which declares no types: what could begin a formula gets an apostrophe before it."""
    return _FORMULA.sub(r"\1'\2", for_sheet(text))


def for_json(document: str) -> str:
    """JSON text whose strings hold nothing invisible: such characters are escaped, which changes no value.

    So the output can be looked at in a terminal, and lone surrogates (half an emoji) survive UTF-8.
    """
    return _HIDDEN_IN_JSON.sub(_escaped_for_json, document)


def _cut(text: str) -> str:
    """To what a cell takes: Excel counts in UTF-16, where an emoji is two."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * _CELL:
        return text
    return units[: 2 * (_CELL - 3)].decode("utf-16-le", "ignore") + "..."


def _shown(text: str, place: int, *, lines: bool) -> str:
    character = text[place]
    if character in "\n\t":
        return character if lines else ("\\n" if character == "\n" else "\\t")
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if character in _JOINERS and _shapes(text, place):
        return character
    if character in _ARABIC_SIGNS:
        return character
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _FILLERS or _is_none(character):
        return _escape(character)
    return character


def _shapes(text: str, place: int) -> bool:
    """Whether a joiner stands between two visible characters beyond Latin: Persian, Indic scripts, emoji."""
    if not 0 < place < len(text) - 1:
        return False
    return all(
        ord(neighbour) > 0x2AF and unicodedata.category(neighbour)[0] in "LMS"
        for neighbour in (text[place - 1], text[place + 1])
    )


def _is_none(character: str) -> bool:
    """Whether Unicode says that this never is a character: XML refuses U+FFFE, and what draws charts ends the process."""
    return ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"


def _escape(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _escaped_for_json(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
