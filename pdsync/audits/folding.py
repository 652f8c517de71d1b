"""Two spellings of one name become one text, so that audits compare names and not keyboards.

Case, accents, ligatures, width and Unicode form go; letters stay. Nothing folded is ever written or shown: it only
decides whether two names are clearly different, or whether a word is on a list.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

__all__ = ["folded", "letters", "words"]

_PLAIN: Final = str.maketrans(
    {
        "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D",
        "þ": "th", "Þ": "TH", "ł": "l", "Ł": "L", "ħ": "h", "Ħ": "H", "ı": "i", "ŀ": "l", "ŋ": "n", "’": "'", "ʼ": "'",
    }
)  # fmt: skip
"""Letters that Unicode does not take apart, and the two apostrophes that keyboards make of one."""

_WORD: Final = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """``text`` without case, accents and ligatures: ``Crèvecœur`` and ``CREVECOEUR`` are one."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """The folded words: runs of letters. Hyphens, apostrophes, digits, emoji and white space lie between words."""
    return _WORD.findall(folded(text))


def letters(text: str) -> str:
    """The folded letters alone, in one piece."""
    return "".join(words(text))
