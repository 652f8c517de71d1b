"""Which two options of two lists probably mean the same, although they are not spelt the same."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pdsync.model import Option

__all__ = ["Resemblance", "differences", "resemblance", "resembling"]

_CUTOFF: Final = 0.75
"""Below this, proposals are wrong more often than right ('Banque' and 'Banane' are 0.67)."""
_WORDS_SHARED: Final = 0.9
_MOST_COMPARISONS: Final = 250_000
"""Comparing by letters is 20 microseconds a pair: lists that leave more open than 500 by 500 get exact proposals only."""
_LONGEST: Final = 200

_SPACE = re.compile(r"\s+")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_PUNCTUATION = re.compile(r"\s*(?:[^\w\s]|_)+\s*")
_LIGATURES = (("œ", "oe"), ("Œ", "Oe"), ("æ", "ae"), ("Æ", "Ae"))


@dataclass(frozen=True, slots=True)
class Resemblance:
    """How near two options are."""

    similarity: float
    """0 to 1, two decimals; 1 when no letter differs."""
    differences: tuple[str, ...]
    """``case``, ``accents``, ``spaces``, ``punctuation``, ``Unicode form``; empty when letters differ, or nothing does
    (then the labels are the same, and only the value is not)."""


def resembling(
    here: Sequence[Option], there: Sequence[Option]
) -> Iterator[tuple[Option, Option, Resemblance]]:
    """Proposed pairs, each option of either list once at most; those without other letters first, then the nearest.

    An option that several others resemble equally goes to the first of them; the others are left over.
    """
    by_fold: dict[str, list[Option]] = {}
    for option in there:
        for text in _texts(option):
            by_fold.setdefault(text, []).append(option)
    used: set[str] = set()
    rest: list[Option] = []
    for option in here:
        folded = _folded(option.label)
        near = [other for other in by_fold.get(folded, ()) if other.id not in used] if folded else []
        if not near:
            rest.append(option)
            continue
        found = min(near, key=lambda other: len(_nearest(option, other)))
        used.add(found.id)
        yield option, found, Resemblance(1.0, _nearest(option, found))
    yield from _by_letters(rest, [option for option in there if option.id not in used])


def resemblance(one: Option, other: Option) -> float:
    """How alike two options are, 0 to 1, however little that is: for sorting, not for proposing.

    All words of one among those of the other count more than letters: 'Santé' is nearer to 'Santé publique' than to
    'Autre', with which it shares more of its letters.
    """
    label = _folded(one.label)
    words = set(label.split())
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(label[:_LONGEST])
    best = 0.0
    for text in _texts(other):
        matcher.set_seq1(text[:_LONGEST])
        others = set(text.split())
        shares_words = bool(words) and (words <= others or others <= words)
        best = max(best, matcher.ratio(), _WORDS_SHARED if shares_words else 0.0)
    return best


def differences(one: str, other: str) -> tuple[str, ...]:
    """What has to be overlooked for the two texts to be the same; empty if that is not enough, or nothing has to be."""
    if one == other or _folded(one) != _folded(other):
        return ()
    if unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other):
        return ("Unicode form",)
    needed = tuple(name for name in _OVERLOOK if _folded(one, without=name) != _folded(other, without=name))
    return needed or tuple(_OVERLOOK)


def _nearest(option: Option, other: Option) -> tuple[str, ...]:
    """The differences between the label and the other's value or label, whichever is nearer."""
    found = [names for text in (other.id, other.label) if (names := differences(option.label, text))]
    return min(found, key=len) if found and option.label != other.label else ()


def _by_letters(
    left: Sequence[Option], right: Sequence[Option]
) -> Iterator[tuple[Option, Option, Resemblance]]:
    if len(left) * len(right) > _MOST_COMPARISONS:
        return
    scored: list[tuple[float, int, int]] = []
    texts = [_texts(option) for option in right]
    for i, option in enumerate(left):
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(_folded(option.label)[:_LONGEST])
        for j, candidates in enumerate(texts):
            best = max((_ratio(matcher, text[:_LONGEST]) for text in candidates), default=0.0)
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


def _texts(option: Option) -> tuple[str, ...]:
    """Label and value without what is overlooked, if anything is left of them."""
    return tuple(dict.fromkeys(text for text in (_folded(option.label), _folded(option.id)) if text))


def _accents(text: str) -> str:
    for ligature, letters in _LIGATURES:
        text = text.replace(ligature, letters)
    folded = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in folded if not unicodedata.combining(c)))


def _spaces(text: str) -> str:
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def _punctuation(text: str) -> str:
    """One blank for each run of it within a text, none at its ends."""

    def instead(match: re.Match[str]) -> str:
        return " " if match.start() > 0 and match.end() < len(text) else ""

    return _PUNCTUATION.sub(instead, text)


_OVERLOOK: Final[dict[str, Callable[[str], str]]] = {
    "case": str.casefold,
    "accents": _accents,
    "spaces": _spaces,
    "punctuation": _punctuation,
}


def _folded(text: str, *, without: str = "") -> str:
    for name, overlook in _OVERLOOK.items():
        if name != without:
            text = overlook(text)
    return text
