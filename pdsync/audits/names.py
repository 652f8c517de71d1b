"""Names that are not whole: the connector rejects them, or splits them wrongly (R11, R13, R14).

Persons and contacts are judged by first and last name as delivered. Where a source knows only the whole name, the
service's own rule gives the parts: the first word is the first name, the rest is the last name (R11). A name made of
white space, zero-width or other invisible characters is no name. A field that was not read is not judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need, SideInputs
from pdsync.audits.odd_names import names_in_question
from pdsync.audits.origins import ORIGINS, origin
from pdsync.audits.wording import records_counted
from pdsync.model import AuditSummary, Severity
from pdsync.planning.wording import quoted
from pdsync.snapshots.columns import compared, delivered

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS"]

_SPACES: Final = (
    r"\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
)
_INVISIBLE: Final = (
    _SPACES
    + r"\x{0}-\x{8}\x{e}-\x{1f}\x{7f}-\x{84}\x{86}-\x{9f}\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{17b4}\x{17b5}"
    + r"\x{180b}-\x{180f}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{206f}\x{2800}\x{3164}\x{fe00}-\x{fe0f}"
    + r"\x{feff}\x{ffa0}\x{fff0}-\x{fffc}\x{e0000}-\x{e0fff}"
)
"""Characters that nobody can see: white space, controls, and what Unicode calls default-ignorable; the Braille blank too.
Spelt out, so that every engine's regular expressions mean the same."""

_VISIBLE: Final = f"[^{_INVISIBLE}]"
_TWO_WORDS: Final = f"(?s){_VISIBLE}.*[{_SPACES}].*{_VISIBLE}"


def _first_missing(inputs: AuditInputs) -> Found:
    return _missing(inputs, Need.FIRST_NAMES, "first_name", "first name")


def _last_missing(inputs: AuditInputs) -> Found:
    return _missing(inputs, Need.LAST_NAMES, "last_name", "last name")


def _missing(inputs: AuditInputs, need: Need, code: str, word: str) -> Found:
    rows = []
    for held in inputs.having(need):
        whole = inputs.splits_names(held.side)
        read = "name" if whole else code
        present = _part_of_whole(code) if whole else _is_visible(code)
        records = names_in_question(inputs, held).filter(_was_read(read), ~present)
        message = f"This {held.side.noun} has no {word}"
        rows.append(_rows(held, records, read, f"{message}: the name is one word" if whole else message))
    return Found(rows)


def _one_word(inputs: AuditInputs) -> Found:
    rows = []
    for held in inputs.having(Need.FIRST_NAMES, Need.LAST_NAMES):
        message = f"The whole name of this {held.side.noun} is one word"
        names = names_in_question(inputs, held)
        if inputs.splits_names(held.side):
            one = _is_visible("name") & ~_has_two_words("name")
            rows.append(_rows(held, names.filter(_was_read("name"), one), "name", message))
            continue
        first, last = _is_visible("first_name"), _is_visible("last_name")
        one = (first & ~last & ~_has_two_words("first_name")) | (~first & last & ~_has_two_words("last_name"))
        read = _was_read("first_name") & _was_read("last_name")
        rows.append(_rows(held, names.filter(read, one), "", message))
    return Found(rows)


def _rows(held: SideInputs, records: nw.LazyFrame[Any], field: str, message: str) -> nw.LazyFrame[Any]:
    """One row per record, with its name and origin as delivered."""
    import narwhals as nw

    shown = [code for code in ("first_name", "last_name", "name", *ORIGINS) if code in held.codes]
    parts: list[nw.Expr] = []
    for number, code in enumerate(shown):
        parts += [nw.lit(f'{"," if number else "{"}"{code}":'), nw.col(delivered(code)).fill_null("null")]
    return records.select(
        nw.lit(str(held.side)).alias("side"),
        nw.col("id"),
        origin(held),
        nw.lit(field).alias("field"),
        nw.lit(message).alias("message"),
        nw.concat_str([*parts, nw.lit("}")]).alias("details"),
    )


def _was_read(code: str) -> nw.Expr:
    import narwhals as nw

    return ~nw.col(delivered(code)).is_null()


def _is_visible(code: str) -> nw.Expr:
    """Whether there is anything to see in a field."""
    import narwhals as nw

    return nw.col(compared(code)).str.contains(_VISIBLE).fill_null(value=False)


def _has_two_words(code: str) -> nw.Expr:
    import narwhals as nw

    return nw.col(compared(code)).str.contains(_TWO_WORDS).fill_null(value=False)


def _part_of_whole(code: str) -> nw.Expr:
    """Whether the rule 'first word, rest' leaves something for this part."""
    return _is_visible("name") if code == "first_name" else _has_two_words("name")


def _with_origin(summary: AuditSummary) -> str:
    """``63 persons, 12 contacts, 9 of these from 'Newsletter'``."""
    line = records_counted(summary)
    if not summary.groups:
        return line
    origin, number = next(iter(summary.groups.items()))
    return f"{line}, {number:,} of these from {quoted(origin)}"


AUDITS = (
    Audit(
        code="missing-first-name",
        severity=Severity.WARNING,
        title="records without a first name",
        why="A contact without first and last name is rejected on its way to Pipedrive, and a person without one cannot "
        "fill it in Plezi.",
        rule="R13, R14",
        fix="Fill in the first name; in Plezi, make it mandatory in the form that the contact came from.",
        needs=(Need.FIRST_NAMES,),
        find=_first_missing,
        headline=_with_origin,
    ),
    Audit(
        code="missing-last-name",
        severity=Severity.WARNING,
        title="records without a last name",
        why="A contact without first and last name is rejected on its way to Pipedrive, and a person without one cannot "
        "fill it in Plezi.",
        rule="R13, R14",
        fix="Fill in the last name; in Plezi, make it mandatory in the form that the contact came from.",
        needs=(Need.LAST_NAMES,),
        find=_last_missing,
        headline=_with_origin,
    ),
    Audit(
        code="one-word-name",
        severity=Severity.INFO,
        title="records whose whole name is one word",
        why="Pipedrive takes the first word of a name for the first name and the rest for the last name; one word leaves "
        "nothing for the last name, and may be a surname, a nickname or a company.",
        rule="R11",
        fix="Write first and last name into their own fields, or remove the record if it is no person.",
        needs=(Need.FIRST_NAMES, Need.LAST_NAMES),
        find=_one_word,
        headline=_with_origin,
    ),
)
