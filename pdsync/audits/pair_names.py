"""A person and a contact with one email address whose names do not agree: compared once for all audits that ask.

Pairs are made by address keys that one person and one contact hold; a key that several records of a side hold is
``duplicate-email``'s. A query clears equal names, also where only case differs; the rest is compared in Python, each
combination of names once.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.folding import letters, words
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.audits.judging import Verdict, judged
from pdsync.audits.odd_names import NAMES_NEEDED, name_columns, split
from pdsync.audits.qualifying import address_graph
from pdsync.audits.repairing import repaired
from pdsync.model import Side, Value
from pdsync.snapshots.columns import compared

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["PAIR_NEEDS", "Disagreement", "compare", "disagreeing_pairs", "pair_rows"]

PAIR_NEEDS: Final = (Need.ADDRESSES, *NAMES_NEEDED)
_PREFIX: Final = 3
"""Letters of a short form: Alex, Fred, Max."""
_TYPO: Final = 4
"""Letters from which on one that differs is a slip."""


class Disagreement(StrEnum):
    """How two names differ; mere case, accents, initials, hyphens and second names are no disagreement."""

    SWAPPED = "swapped"
    """First and last name are exchanged."""
    DIFFERENT = "different"
    """These are the names of two people."""


def disagreeing_pairs(inputs: AuditInputs, how: Disagreement) -> nw.LazyFrame[Any] | None:
    """``pipedrive_id``, ``plezi_id``, ``message`` and ``details`` of the pairs that disagree so; None: there are none."""
    import narwhals as nw

    def find() -> nw.LazyFrame[Any] | None:
        sides = {held.side: held for held in inputs.having(*PAIR_NEEDS)}
        if len(sides) < len(Side):
            return None
        frame, columns = _unequal(inputs, sides)

        def judge(*names: str) -> Verdict | None:
            return _verdict(columns, names)

        found = judged(inputs, frame, columns, judge, ("pipedrive_id", "plezi_id"))
        return None if found is None else inputs.engine.keep(found)

    every = inputs.once("pairs whose names disagree", find)
    return None if every is None else every.filter(nw.col("field") == str(how))


def pair_rows(pairs: nw.LazyFrame[Any], message: str) -> list[nw.LazyFrame[Any]]:
    """One finding for each pair, with both records."""
    import narwhals as nw

    return [
        pairs.select(
            nw.col("pipedrive_id").str.zfill(24).alias("order"),
            nw.concat_str([nw.col("pipedrive_id"), nw.lit("\n"), nw.col("plezi_id")]).alias("key"),
            nw.lit(str(side)).alias("side"),
            nw.col(f"{side}_id").alias("id"),
            nw.lit(message).alias("message"),
            nw.col("details"),
        )
        for side in Side
    ]


def _unequal(inputs: AuditInputs, sides: dict[Side, SideInputs]) -> tuple[nw.LazyFrame[Any], tuple[str, ...]]:
    """Pairs with names that are not equal letter for letter, whatever their case."""
    import narwhals as nw

    frame = address_graph(inputs).edges.select("pipedrive_id", "plezi_id").unique()
    columns: list[str] = []
    for side in Side:
        held = sides[side]
        named = {code: f"{code}_{side}" for code in name_columns(inputs, held)}
        columns += named.values()
        texts = [nw.col(compared(code)).fill_null("").alias(name) for code, name in named.items()]
        names = held.frames.records.select(nw.col("id").alias(f"{side}_id"), *texts)
        frame = frame.join(names, on=f"{side}_id", how="inner")
    if len(columns) == 2 * len(Side):
        here, there = columns[:2], columns[2:]
        equal = [
            nw.col(one).str.to_lowercase() == nw.col(other).str.to_lowercase()
            for one, other in zip(here, there, strict=True)
        ]
        frame = frame.filter(~(equal[0] & equal[1]))
    return frame, tuple(columns)


def _verdict(columns: tuple[str, ...], names: tuple[str, ...]) -> Verdict | None:
    parts: dict[Side, tuple[str, str]] = {}
    for side in Side:
        held = [name for column, name in zip(columns, names, strict=True) if column.endswith(f"_{side}")]
        parts[side] = split(held[0]) if len(held) == 1 else (held[0], held[1])
    how = compare(*parts[Side.PIPEDRIVE], *parts[Side.PLEZI])
    if how is None:
        return None
    details: dict[str, Value] = {
        str(side): {"first_name": first, "last_name": last} for side, (first, last) in parts.items()
    }
    return Verdict("", str(how), details)


def compare(first: str, last: str, other_first: str, other_last: str) -> Disagreement | None:
    """How two names disagree; None: they may be one person's. A damaged name may be what it was before the damage."""
    names = (first, last, other_first, other_last)
    how = _compare(*names)
    before = tuple(map(repaired, names))
    if how is Disagreement.DIFFERENT and before != names:
        return _compare(*before)
    return how


def _compare(first: str, last: str, other_first: str, other_last: str) -> Disagreement | None:
    if _is_swapped(first, last, other_first, other_last):
        return Disagreement.SWAPPED
    ours, theirs = words(f"{first} {last}"), words(f"{other_first} {other_last}")
    if not ours or not theirs or _script(ours) != _script(theirs):
        return None
    return None if _compatible(ours, theirs) else Disagreement.DIFFERENT


def _is_swapped(first: str, last: str, other_first: str, other_last: str) -> bool:
    ours, theirs = (letters(first), letters(last)), (letters(other_first), letters(other_last))
    return all(ours) and ours == (theirs[1], theirs[0]) and ours[0] != ours[1]


def _script(name: list[str]) -> str:
    """Latin or the rest: between scripts there is nothing to compare by letters."""
    return (
        "Latin" if all(c < "\u0250" or "\u1e00" <= c <= "\u1eff" for word in name for c in word) else "other"
    )


def _compatible(ours: list[str], theirs: list[str]) -> bool:
    """Whether each word of the shorter name is one of the longer, or may be; or both are one when written together."""
    fewer, more = sorted((ours, theirs), key=lambda name: (len(name), len("".join(name))))
    if len(more) <= 4 and "".join(fewer) in {"".join(order) for order in permutations(more)}:
        return True
    left = list(more)
    unmatched = []
    for word in fewer:
        match = next((other for other in left if word == other), None) or next(
            (other for other in left if _may_be(word, other)), None
        )
        if match is None:
            unmatched.append(word)
        else:
            left.remove(match)
    return all(_is_initials(word, left) for word in unmatched)


def _may_be(word: str, other: str) -> bool:
    """An initial, a short form, or one slip."""
    short, long = sorted((word, other), key=len)
    if long.startswith(short) and (len(short) == 1 or len(short) >= _PREFIX):
        return True
    return len(short) >= _TYPO and len(long) - len(short) <= 1 and _one_slip(short, long)


def _one_slip(short: str, long: str) -> bool:
    """Whether one letter is added, replaced, or exchanged with its neighbour."""
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[start + 1 : start + 2] + short[start : start + 1] + short[start + 2 :]
    return short[start + 1 :] == long[start + 1 :] or swapped == long[start:]


def _is_initials(word: str, names: list[str]) -> bool:
    """``jp`` for ``jean``, ``pierre``."""
    return (
        len(word) > 1 and len(word) <= len(names) and "".join(name[0] for name in names[: len(word)]) == word
    )
