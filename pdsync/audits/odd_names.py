"""Names that a cheap test could not clear: what the audits of names look at, found once for all of them.

Most first and last names are one word of Latin letters that is on no list. A query clears these; the few that are left
are judged in Python by each audit, after a query of its own has narrowed them down to what it looks for. That neither
query clears anything an audit would find is held by property tests on every engine, so the tests are written with
explicit letters only and mean the same to each engine's regular expressions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Found
from pdsync.audits.folding import folded
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.audits.judging import Verdict, judged, rows
from pdsync.audits.lists import entries
from pdsync.audits.origins import ORIGINS
from pdsync.model import Value
from pdsync.snapshots.columns import compared, delivered

if TYPE_CHECKING:
    import narwhals as nw

__all__ = [
    "BEGIN", "CAPITALS", "END", "LETTERS", "NAMES_NEEDED", "SPACES", "Fault", "NameJudge", "any_part", "find_names",
    "judge_frame", "name_columns", "names_in_question", "odd_names", "ordinary", "plain", "shown_names", "spelt", "split",
    "text_frame",
]  # fmt: skip

NAMES_NEEDED: Final = (Need.FIRST_NAMES, Need.LAST_NAMES)

LETTERS: Final = "A-Za-zÀ-ÅÇ-ÖØ-Ýà-åç-öø-ýÿ"
"""ASCII and Latin-1 without the letters that fold to two (ß, æ, þ): a word and its folded form have one length."""
BEGIN: Final = f"(?:^|[^{LETTERS}])"
END: Final = f"(?:[^{LETTERS}]|$)"

SPACES: Final = "\t-\r\x1c- \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
r"""White space as Python splits at it; the engines differ about ``\s``."""

CAPITALS: Final = r"\p{Lu}{3}"
"""So many in a row are no initials."""

_SHORTEST: Final = 3
_LONGEST: Final = 24
"""Letters: one repeated so often is no name; longer words are not cleared anyway."""
_WORD: Final = f"[{LETTERS}]{{2,{_LONGEST}}}"
_ORDINARY: Final = f"^(?:{_WORD}(?:-{_WORD})*)?$"
_ORDINARY_WHOLE: Final = f"^(?:{_WORD}(?:-{_WORD})* {_WORD}(?:-{_WORD})*)?$"
_LISTS: Final = (
    "placeholders", "honorifics", "short_honorifics", "company_words", "company_forms", "company_ends", "particles",
)  # fmt: skip
_PIECES: Final = re.compile("ss|ae|th|.")
_MORE_TRIGGERS: Final = ("doe", "nc", "nr", "tbd", "tbc")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a name."""

    what: str
    """After 'The first name': 'is a placeholder'; or a whole sentence if no single part is at fault."""
    parts: tuple[str, ...]
    """``first_name``, ``last_name``; none: the name as a whole."""
    suggested: Mapping[str, str] = attribute(default_factory=dict)
    """By part, what should stand there."""
    details: Mapping[str, Value] = attribute(default_factory=dict)


NameJudge = Callable[[str, str], Fault | None]
"""From first and last name (empty: none) to what is wrong with them."""


def find_names(inputs: AuditInputs, pattern: str, judge: NameJudge) -> Found:
    """One finding for each record whose name ``judge`` does not like.

    Args:
        inputs: Of the audit.
        pattern: A regular expression that every part at fault contains, whether alone or within the whole name.
        judge: Decides about first and last name.
    """
    frames = []
    for held in inputs.having(*NAMES_NEEDED):
        columns = name_columns(inputs, held)
        suspects = odd_names(inputs, held).filter(any_part(columns, pattern))
        found = judge_frame(inputs, held, suspects, judge)
        if found is not None:
            frames.append(rows(inputs, held, found))
    return Found(frames)


def judge_frame(
    inputs: AuditInputs, held: SideInputs, frame: nw.LazyFrame[Any], judge: NameJudge
) -> nw.LazyFrame[Any] | None:
    """``judged`` for names: ``frame`` has ``id`` and the columns of ``text_frame``."""
    columns = name_columns(inputs, held)
    whole = len(columns) == 1

    def verdict(*values: str) -> Verdict | None:
        first, last = split(values[0]) if whole else values
        fault = judge(first, last)
        if fault is None:
            return None
        details: dict[str, Value] = dict(zip(columns, values, strict=True))
        details |= fault.details
        if fault.suggested:
            suggested: dict[str, Value] = dict(fault.suggested)
            if whole:
                parts = (suggested.get("first_name", first), suggested.get("last_name", last))
                suggested = {"name": " ".join(str(part) for part in parts if part)}
            details["suggested"] = suggested
        return Verdict(_message(fault), _field(fault, whole=whole), details)

    return judged(inputs, frame, columns, verdict)


def _message(fault: Fault) -> str:
    match fault.parts:
        case ():
            return fault.what
        case (part,):
            return f"The {part.replace('_', ' ')} {fault.what}"
        case _:
            return f"First and last name: each {fault.what}"


def _field(fault: Fault, *, whole: bool) -> str:
    if whole:
        return "name"
    return fault.parts[0] if len(fault.parts) == 1 else ""


def name_columns(inputs: AuditInputs, held: SideInputs) -> tuple[str, ...]:
    """``first_name`` and ``last_name``, or ``name`` where a source knows only that (R11)."""
    return ("name",) if inputs.splits_names(held.side) else ("first_name", "last_name")


def text_frame(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    """``id`` and the names of a side; an empty text where there is none or where it was not read."""
    return _texts(held.frames.records, name_columns(inputs, held))


def _texts(records: nw.LazyFrame[Any], columns: tuple[str, ...]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    return records.select("id", *(nw.col(compared(code)).fill_null("").alias(code) for code in columns))


def shown_names(inputs: AuditInputs, held: SideInputs, *more: str | nw.Expr) -> nw.Expr:
    """Details as JSON: the names as delivered, then ``more``, which ends in the closing brace unless it is empty.

    For queries that judge by themselves: nothing of it passes through Python.
    """
    import narwhals as nw

    parts: list[nw.Expr] = []
    for number, code in enumerate(name_columns(inputs, held)):
        parts += [nw.lit(f'{"," if number else "{"}"{code}":'), nw.col(delivered(code)).fill_null("null")]
    ends = [nw.lit(part) if isinstance(part, str) else part for part in more or ("}",)]
    return nw.concat_str([*parts, *ends])


def names_in_question(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    """The records whose name any audit of single names may find fault with; the file is read once for all of these audits.

    Cleared are ordinary names of which no part is lacking or in capitals and whose whole is its parts. ``id``, the names as
    delivered and as compared, and where a contact came from (``ORIGINS``). Two equal parts are cleared: ``equal_names``
    looks for them by itself.
    """
    columns = name_columns(inputs, held)

    def find() -> nw.LazyFrame[Any]:
        import narwhals as nw

        whole = len(columns) == 1
        shown = [code for code in ("first_name", "last_name", "name", *ORIGINS) if code in held.codes]
        kept = [column for code in shown for column in (delivered(code), compared(code))]
        texts = [nw.col(compared(code)).fill_null("").alias(code) for code in columns]
        clear = [
            ordinary(code, whole=whole) & (nw.col(code) != "") & ~nw.col(code).str.contains(CAPITALS)
            for code in columns
        ]
        if not whole and "name" in held.codes:
            made = nw.concat_str([nw.col("first_name"), nw.lit(" "), nw.col("last_name")])
            clear.append((nw.col(compared("name")) == made).fill_null(value=True))
        return inputs.engine.keep(
            held.frames.records.select("id", *kept, *texts)
            .filter(~nw.all_horizontal(*clear, ignore_nulls=False))
            .select("id", *kept)
        )

    return inputs.once(f"names in question of {held.side}", find)


def odd_names(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    """The rows of ``text_frame`` with a name that is not ordinary; looked for once in a run."""
    columns = name_columns(inputs, held)

    def find() -> nw.LazyFrame[Any]:
        import narwhals as nw

        cleared = nw.all_horizontal(
            *(ordinary(code, whole=len(columns) == 1) for code in columns), ignore_nulls=False
        )
        names = _texts(names_in_question(inputs, held), columns)
        return inputs.engine.keep(names.filter(~cleared))

    return inputs.once(f"odd names of {held.side}", find)


def ordinary(code: str, *, whole: bool) -> nw.Expr:
    """Whether there is nothing to look at in a column: a word, or words joined by hyphens, on no list; or nothing at all."""
    import narwhals as nw

    shape, listed = (_ORDINARY_WHOLE, _triggers(whole=True)) if whole else (_ORDINARY, _triggers(whole=False))
    return nw.col(code).str.contains(shape) & ~nw.col(code).str.contains(listed)


def any_part(columns: tuple[str, ...], pattern: str) -> nw.Expr:
    """Whether any of the columns contains the pattern."""
    import narwhals as nw

    return nw.any_horizontal(*(nw.col(code).str.contains(pattern) for code in columns), ignore_nulls=False)


def split(name: str) -> tuple[str, str]:
    """The connector's rule: the first word, and the rest (R11)."""
    first, *rest = name.split(maxsplit=1)
    return first, " ".join(rest)


def plain(text: str) -> str:
    """The folded text if it is Latin-1, which is what lists are about; else empty."""
    return folded(text) if all(c < "\u0100" or c == "’" for c in text) else ""


@cache
def _triggers(*, whole: bool) -> str:
    """Words that look ordinary and may be none: those of all lists, and letters repeated."""
    words: dict[str, None] = {}
    for name in _LISTS:
        words |= dict.fromkeys(folded(entry).replace(" ", "-") for entry in entries(name))
    alternatives = [spelt(word) for word in (*words, *_MORE_TRIGGERS)]
    alternatives += [
        f"{_either(letter)}{{{_SHORTEST},{_LONGEST}}}" for letter in "abcdefghijklmnopqrstuvwxyz"
    ]
    edges = ("(?:^| )", "(?: |$)") if whole else ("^", "$")
    return f"{edges[0]}(?:{'|'.join(alternatives)}){edges[1]}"


def spelt(word: str) -> str:
    """A regular expression for every way to write a folded word: case, and the accents of Latin-1.

    A hyphen stands for itself; a space for anything between two words.
    """
    others = {
        " ": f"[^{LETTERS}]+",
        "-": "-",
        ".": r"\.",
        "ss": "(?:[sS][sS]|ß)",
        "ae": _pair("ae"),
        "th": _pair("th"),
    }
    return "".join(others.get(piece) or _either(piece) for piece in _PIECES.findall(word))


def _pair(letters: str) -> str:
    one = "".join(c for c in map(chr, range(0xA0, 0x100)) if folded(c) == letters)
    return f"(?:{_either(letters[0])}{_either(letters[1])}|[{one}])"


@cache
def _either(letter: str) -> str:
    accented = [c for c in map(chr, range(0xA0, 0x100)) if folded(c) == letter]
    return f"[{letter}{letter.upper()}{''.join(accented)}]"
