"""Undoes what a wrong encoding did to text: "RiviÃ¨re" was "Rivière", written as UTF-8 and read as something else.

The repair is computed and never guessed: the odd characters are turned back into the bytes they were made from, and these
have to be UTF-8 of plausible text. Three wrong readings are known: Windows-1252 (with Latin-1), Mac Roman (Excel on a Mac)
and DOS code page 850 (exports of old programs). Text that was damaged twice is repaired twice. Entities of HTML are
resolved. Where characters are gone (``?`` or U+FFFD inside a word), nothing can be computed.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache
from typing import Final

__all__ = ["DAMAGE", "is_lost", "repaired"]

_CODECS: Final = ("cp1252", "mac_roman", "cp850")
_ROUNDS: Final = 4
_ENTITY: Final = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,9}|#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5});")
_LOST: Final = re.compile(r"\ufffd|[^\W\d_]\?+[^\W\d_]")

_SINGLE_OK: Final = range(0xC2, 0xC6)
"""Lead bytes of Latin letters: one such pair alone is proof enough. Others (Greek, Cyrillic, Arabic: ``Ð``, ``Ø``) have
to come in a row, as ``É’`` in capitals may be just that."""
_QUOTES: Final = "‘’“”–—"
"""Behind a capital Ä, more probably what they are than half of a Latvian letter."""


def repaired(text: str) -> str:
    """The text as it was before; the text itself where nothing is wrong with it, or nothing can be computed."""
    if not _damage_in(text):
        return text
    start = text
    for _ in range(_ROUNDS):
        better = max((_read_again(text, codec) for codec in _CODECS), key=lambda pair: pair[1])[0]
        better = html.unescape(better) if _ENTITY.search(better) else better
        if better == text:
            break
        text = better
    return start if text == start else unicodedata.normalize("NFC", text)


def _read_again(text: str, codec: str) -> tuple[str, int]:
    """The text as if it had been read by the wrong codec, and how many characters that explains; the most win."""
    explained = 0

    def decoded(run: re.Match[str]) -> str:
        nonlocal explained
        better = _decoded(run[0], codec)
        explained += len(run[0]) if better != run[0] else 0
        return better

    return _runs(codec).sub(decoded, text), explained


def is_lost(text: str) -> bool:
    """Whether characters are missing: U+FFFD, or question marks inside a word."""
    return _LOST.search(text) is not None


@cache
def _bytes(codec: str) -> dict[str, int]:
    """From characters to the bytes 80 to FF that they are read from; what a codec leaves undefined is the control."""
    table: dict[str, int] = {}
    if codec == "cp1252":
        table |= {chr(byte): byte for byte in range(0x80, 0x100)}
    for byte in range(0x80, 0x100):
        try:
            table[bytes([byte]).decode(codec)] = byte
        except UnicodeDecodeError:
            continue
    return table


def _class(codec: str, first: int, last: int) -> str:
    return "".join(re.escape(c) for c, byte in _bytes(codec).items() if first <= byte <= last)


@cache
def _runs(codec: str) -> re.Pattern[str]:
    """Characters in a row that stand for bytes of UTF-8: each a lead and what has to follow it."""
    follow = f"[{_class(codec, 0x80, 0xBF)}]"
    two, three, four = (_class(codec, *ends) for ends in ((0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4)))
    return re.compile(f"(?:[{two}]{follow}|[{three}]{follow}{{2}}|[{four}]{follow}{{3}})+")


def _decoded(run: str, codec: str) -> str:
    raw = bytes(_bytes(codec)[c] for c in run)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return run
    if len(raw) == 2 and (raw[0] not in _SINGLE_OK or (run[0] == "Ä" and run[1] in _QUOTES)):
        return run
    return text if all(map(_is_plausible, text)) else run


def _is_plausible(c: str) -> bool:
    """A letter, mark, digit, punctuation or emoji; a control is what an earlier damage left."""
    category = unicodedata.category(c)
    return category[0] in "LMNPSZ" or category == "Cc" or c in "\u200d\u200c\u00ad\ufeff\u200b"


def _damage() -> str:
    leads = {codec: _class(codec, 0xC2, 0xF4) for codec in _CODECS}
    pairs = "|".join(f"[{leads[codec]}][{_class(codec, 0x80, 0xBF)}]" for codec in _CODECS)
    return rf"{pairs}|\ufffd|[^\s]\?+[^\s]|&[#A-Za-z0-9]+;".replace(r"\ufffd", "\ufffd")


@cache
def _damaged() -> re.Pattern[str]:
    return re.compile(DAMAGE)


def _damage_in(text: str) -> bool:
    return (not text.isascii() or "&" in text) and _damaged().search(text) is not None


DAMAGE: Final = _damage()
"""A regular expression that every damaged text contains."""
