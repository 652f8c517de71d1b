"""Names on which "first word, rest" goes wrong (R11): de, van, Le, Jean Pierre, Nguyễn.

Two questions. Did the rule already go wrong: a particle stands in the first name, or the second half of a given name in
the last name? And would it go wrong: are first and last name right as they are, but not what the rule makes of the whole
name? The second harms nobody as long as both parts are passed on, which pdsync does.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.audits.judging import Verdict, judged, rows
from pdsync.audits.lists import entries
from pdsync.audits.odd_names import (
    BEGIN,
    END,
    NAMES_NEEDED,
    SPACES,
    Fault,
    find_names,
    names_in_question,
    plain,
    spelt,
    split,
)
from pdsync.model import Severity, Value
from pdsync.snapshots.columns import compared

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS", "by_rule", "misplaced", "misplaced_pattern"]

_SEVERAL_WORDS: Final = f"[^{SPACES}][{SPACES}]+[^{SPACES}]"


def _misplaced(inputs: AuditInputs) -> Found:
    return find_names(inputs, misplaced_pattern(), misplaced)


@cache
def misplaced_pattern() -> str:
    """What either part of every such name contains: a particle, or the second half of a given name before a space."""
    particles = "|".join(map(spelt, entries("particles")))
    seconds = "|".join(map(spelt, sorted({second for _, second in _given_names()})))
    return f"{BEGIN}(?:{particles}){END}|{BEGIN}(?:{seconds})[{SPACES}]"


def misplaced(first: str, last: str) -> Fault | None:
    """Which word stands in the wrong part, and how the name is probably split."""
    given = first.split()
    family = last.split()
    if not given or not family:
        return None
    kept = list(given)
    while kept and _is_particle(kept[-1]):
        kept.pop()
    if len(kept) < len(given):
        moved = " ".join([*given[len(kept) :], *family])
        return _fault("The first name ends with a particle of the last name", " ".join(kept), moved)
    if len(family) > 1 and (plain(given[-1]), plain(family[0])) in _given_names():
        taken = " ".join([*given, family[0]])
        return _fault(
            "The last name begins with the second half of the first name", taken, " ".join(family[1:])
        )
    return None


def _fault(what: str, first: str, last: str) -> Fault:
    return Fault(what, (), {"first_name": first, "last_name": last})


def _is_particle(word: str) -> bool:
    return plain(word).strip("'’") in _particles()


@cache
def _particles() -> frozenset[str]:
    return frozenset(entries("particles"))


@cache
def _given_names() -> frozenset[tuple[str, str]]:
    """First and second half of each."""
    pairs: set[tuple[str, str]] = set()
    for line in entries("given_names"):
        firsts, _, seconds = line.partition("|")
        pairs |= {(first, second) for first in firsts.split() for second in seconds.split()}
    return frozenset(pairs)


def _rule_wrong(inputs: AuditInputs) -> Found:
    """Only where both parts are known: a source with nothing but the whole name has the rule's parts."""
    frames = []
    for held in inputs.having(*NAMES_NEEDED):
        if inputs.splits_names(held.side):
            continue
        columns = ("first_name", "last_name", "name")
        found = judged(inputs, _split_otherwise(inputs, held), columns, by_rule)
        if found is not None:
            frames.append(rows(inputs, held, found))
    return Found(frames)


def _split_otherwise(inputs: AuditInputs, held: SideInputs) -> nw.LazyFrame[Any]:
    """Records with both parts that the rule would not make of the whole name, as far as a query can tell."""
    import narwhals as nw

    first, last = nw.col("first_name"), nw.col("last_name")
    whole = nw.col(compared("name")).fill_null("") if "name" in held.codes else nw.lit("")
    parts = [nw.col(compared(code)).fill_null("").alias(code) for code in ("first_name", "last_name")]
    joined = nw.concat_str([first, nw.lit(" "), last])
    return (
        names_in_question(inputs, held)
        .select("id", *parts, whole.alias("name"))
        .filter((first != "") & (last != ""))
        .filter(first.str.contains(_SEVERAL_WORDS) | ((nw.col("name") != "") & (nw.col("name") != joined)))
    )


def by_rule(first: str, last: str, name: str) -> Verdict | None:
    """Whether the rule makes anything else of the whole name than its parts; one that it harmed already is another case."""
    given, family = map(_single_spaced, split(name or f"{first} {last}"))
    if (given, family) == (_single_spaced(first), _single_spaced(last)) or misplaced(first, last):
        return None
    made: dict[str, Value] = {"first_name": given, "last_name": family}
    details: dict[str, Value] = {"first_name": first, "last_name": last, "by_rule": made}
    return Verdict("The rule 'first word, rest' would split this name in another place", "", details)


def _single_spaced(text: str) -> str:
    return " ".join(text.split())


AUDITS = (
    Audit(
        code="misplaced-name-part",
        severity=Severity.WARNING,
        title="records whose name was probably split in the wrong place (Jean | Pierre Rivière, de | La Fontaine)",
        why="The rule 'first word, rest' was applied to a name that it does not fit; mails greet half of somebody, and the "
        "other side, where the name is right, counts as changed.",
        rule="R11",
        fix="Move the word to the part that it belongs to; the probable split is in the details.",
        needs=NAMES_NEEDED,
        find=_misplaced,
    ),
    Audit(
        code="name-rule-wrong",
        severity=Severity.INFO,
        title="records whose name the rule 'first word, rest' would split in another place",
        why="The names are right as they are, and pdsync passes both parts on; an import or a connector that knows only the "
        "whole name gets them wrong.",
        rule="R11",
        fix="Keep first and last name in fields of their own wherever these people are exported or imported.",
        needs=NAMES_NEEDED,
        find=_rule_wrong,
    ),
)
