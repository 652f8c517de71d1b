"""Which two options of two lists probably mean the same, although they are not spelt the same."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pdsync.model import Option

__all__ = ["Resemblance", "differences", "resembling"]

_CUTOFF: Final = 0.75
"""Below this, proposals are wrong more often than right ('Banque' and 'Banane' are 0.67)."""
_MOST_COMPARISONS: Final = 250_000
"""Comparing by letters is 20 microseconds a pair: lists that leave more open than 500 by 500 get exact proposals only."""
_LONGEST: Final = 200

_SPACE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]+")
_PUNCTUATION = re.compile(r"[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How near two options are."""

    similarity: float
    """0 to 1, two decimals; 1 when only case, accents, spaces or punctuation differ."""
    differences: tuple[str, ...]
    """``case``, ``accents``, ``punctuation``, ``spaces``, ``Unicode form``; empty when letters differ."""


def resembling(
    here: Sequence[Option], there: Sequence[Option]
) -> Iterator[tuple[Option, Option, Resemblance]]:
    """Proposed pairs, each option of either list once at most; the nearest first, then in the order of the lists.

    An option that several others resemble equally goes to the first of them; the others are left over.
    """
    left, right = list(here), list(there)
    exact: list[tuple[Option, Option, Resemblance]] = []
    by_fold: dict[str, list[Option]] = {}
    for option in right:
        for text in dict.fromkeys((_folded(option.label), _folded(option.id))):
            by_fold.setdefault(text, []).append(option)
    used: set[str] = set()
    rest: list[Option] = []
    for option in left:
        near = [other for other in by_fold.get(_folded(option.label), ()) if other.id not in used]
        if not _folded(option.label) or not near:
            rest.append(option)
            continue
        found = min(near, key=lambda other: len(_smallest(option, other)))
        used.add(found.id)
        exact.append((option, found, Resemblance(1.0, _smallest(option, found))))
    yield from exact
    yield from _by_letters(rest, [option for option in right if option.id not in used])


def differences(one: str, other: str) -> tuple[str, ...]:
    """What has to be overlooked for the two texts to be the same; empty if that is not enough, or nothing has to be."""
    if one == other or _folded(one) != _folded(other):
        return ()
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return ("Unicode form",)
    needed = tuple(name for name in _OVERLOOK if _apply(one, without=name) != _apply(other, without=name))
    return needed or tuple(_OVERLOOK)


def _smallest(option: Option, other: Option) -> tuple[str, ...]:
    """The differences to the label or the value of the other, whichever is nearer."""
    candidates = [differences(option.label, text) for text in (other.id, other.label)]
    found = [names for names in candidates if names]
    return min(found, key=len) if found else ()


def _by_letters(
    left: Sequence[Option], right: Sequence[Option]
) -> Iterator[tuple[Option, Option, Resemblance]]:
    if len(left) * len(right) > _MOST_COMPARISONS:
        return
    scored: list[tuple[float, int, int]] = []
    folded = [tuple(dict.fromkeys((_folded(other.label), _folded(other.id)))) for other in right]
    for i, option in enumerate(left):
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(_folded(option.label)[:_LONGEST])
        for j, texts in enumerate(folded):
            best = max((_ratio(matcher, text[:_LONGEST]) for text in texts if text), default=0.0)
            if best >= _CUTOFF:
                scored.append((-best, i, j))
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    for score, i, j in sorted(scored):
        if i not in taken_left and j not in taken_right:
            taken_left.add(i)
            taken_right.add(j)
            yield left[i], right[j], Resemblance(round(-score, 2), ())


def _ratio(matcher: difflib.SequenceMatcher[str], text: str) -> float:
    matcher.set_seq1(text)
    if matcher.real_quick_ratio() < _CUTOFF or matcher.quick_ratio() < _CUTOFF:
        return 0.0
    return matcher.ratio()


def _spaces(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _accents(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    return unicodedata.normalize("NFC", "".join(c for c in folded if not unicodedata.combining(c)))


def _punctuation(text: str) -> str:
    return _PUNCTUATION.sub(" ", text)


_OVERLOOK: Final[dict[str, Callable[[str], str]]] = {
    "case": str.casefold,
    "accents": _accents,
    "punctuation": _punctuation,
    "spaces": _spaces,
}


def _apply(text: str, *, without: str = "") -> str:
    for name, overlook in _OVERLOOK.items():
        if name != without:
            text = overlook(text)
    return text


def _folded(text: str) -> str:
    return _apply(text)
