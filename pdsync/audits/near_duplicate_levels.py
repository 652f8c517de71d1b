"""How much each agreement says about whether two records are one person: the numbers of Fellegi and Sunter's model.

``m`` is how often a level occurs among two records of one person, ``u`` among two of different people. ``m`` is stated
here, because nobody can measure it without knowing the truth. It is not learnt from the data (expectation maximisation):
ten records would have nothing to learn from, and what a level is worth would change from read to read. ``u`` is measured
on the data, beginning with what is stated here where there is little of it. Common values say less: a switchboard, a
surname, a large company (term frequencies).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pdsync.audits.near_duplicate_records import Compared
from pdsync.model import Kind

__all__ = ["NAME", "SAME_FIRST", "USUAL", "Comparison", "Level", "comparisons"]

NAME: Final = "name"
"""The comparison that has to agree."""
SAME_FIRST: Final = "first_l = first_r"
"""The level of somebody who took another last name, if the birthday says so."""


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two records can agree or not."""

    sql: str
    """The condition, with ``_l`` and ``_r``; empty: everything else."""
    words: str
    """For people: 'same telephone'."""
    m: float
    u: float
    """Before the data was looked at."""
    agrees: bool
    term: str = ""
    """The column whose value says less the more people have it."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared, and how: the first level that fits, from the top."""

    name: str
    unknown: str
    """The SQL condition under which it says nothing."""
    levels: tuple[Level, ...]


USUAL: Final = {
    "full": 1e-5, "domain": 1e-4, "org": 1e-4, "company": 1e-4, "phone": 1e-5, "local": 1e-5,
    Kind.TEXT: 1e-3, Kind.NUMBER: 1e-3, Kind.DATE: 1e-4,
}  # fmt: skip
"""How many people usually share a value: what frequencies begin with. One birthday in 80 years is one in 30,000."""


def comparisons(fields: Sequence[Compared]) -> tuple[Comparison, ...]:
    """Everything that is compared: names, telephone, company, mailbox, and the mapped fields."""
    return (_name(), _telephone(), _employer(), _mailbox(), *map(_field, fields))


def _name() -> Comparison:
    """Last names that change and first names that are shortened are common; other letters in both are two people."""
    shortened = "last_l = last_r and (starts_with(first_l, first_r) or starts_with(first_r, first_l))"
    slips = (
        "(last_l = last_r and jaro_winkler_similarity(first_l, first_r) >= 0.88)"
        " or (first_l = first_r and (jaro_winkler_similarity(last_l, last_r) >= 0.9"
        " or starts_with(last_l, last_r || ' ') or starts_with(last_r, last_l || ' ')))"
        " or jaro_winkler_similarity(full_l, full_r) >= 0.94"
        " or (jaro_winkler_similarity(first_l, first_r) >= 0.9 and jaro_winkler_similarity(last_l, last_r) >= 0.9)"
        " or (jaro_winkler_similarity(first_l, last_r) >= 0.9 and jaro_winkler_similarity(last_l, first_r) >= 0.9)"
    )
    return Comparison(
        NAME,
        "full_l is null or full_r is null",
        (
            Level(
                "full_l = full_r and last_l = last_r", "the same name", 0.6, 1e-5, agrees=True, term="full"
            ),
            Level(
                "full_l = full_r",
                "the same name with first and last exchanged",
                0.04,
                1e-6,
                agrees=True,
                term="full",
            ),
            Level(shortened, "the same last name, the first name shortened", 0.08, 2e-5, agrees=True),
            Level(slips, "almost the same name", 0.2, 5e-5, agrees=True),
            Level("last_l = last_r", "the same last name only", 0.03, 1e-3, agrees=False),
            Level(SAME_FIRST, "the same first name only", 0.03, 1e-2, agrees=False),
            Level("", "different names", 0.02, 0.99, agrees=False),
        ),
    )


def _telephone() -> Comparison:
    return Comparison(
        "phone",
        "phone_l is null or phone_r is null",
        (
            Level("phone_l = phone_r", "the same telephone", 0.6, 1e-5, agrees=True, term="phone"),
            Level("", "another telephone", 0.4, 1.0, agrees=False),
        ),
    )


def _employer() -> Comparison:
    """Companies by the domain of the address, by Pipedrive's organisation or by name; people change them."""
    pairs = ("domain_l", "domain_r"), ("org_l", "org_r"), ("company_l", "company_r")
    known = " or ".join(f"({left} is not null and {right} is not null)" for left, right in pairs)
    return Comparison(
        "employer",
        f"not ({known})",
        (
            Level(
                "domain_l = domain_r", "an address at the same company", 0.3, 1e-4, agrees=True, term="domain"
            ),
            Level("org_l = org_r", "the same organisation", 0.15, 1e-4, agrees=True, term="org"),
            Level("company_l = company_r", "the same company", 0.15, 1e-4, agrees=True, term="company"),
            Level("", "another company", 0.4, 1.0, agrees=False),
        ),
    )


def _mailbox() -> Comparison:
    """What stands before the @ beyond the name: ``zozo75`` at two providers."""
    return Comparison(
        "mailbox",
        "local_l is null or local_r is null",
        (
            Level(
                "local_l = local_r",
                "the same mailbox name at two providers",
                0.25,
                1e-5,
                agrees=True,
                term="local",
            ),
            Level("", "another mailbox name", 0.75, 1.0, agrees=False),
        ),
    )


def _field(field: Compared) -> Comparison:
    left, right = f"{field.column}_l", f"{field.column}_r"
    unknown = f"{left} is null or {right} is null"
    usual = USUAL[field.kind]
    same = f"the same {field.name}"
    levels: tuple[Level, ...]
    match field.kind:
        case Kind.DATE:
            near = f"damerau_levenshtein({left}, {right}) = 1 or ({_turned(left)} = {right})"
            far = f"damerau_levenshtein({left}, {right}) = 2"
            levels = (
                Level(f"{left} = {right}", same, 0.85, usual, agrees=True, term=field.column),
                Level(near, f"{field.name} but for a slip", 0.07, 1e-3, agrees=True),
                Level(far, f"{field.name} but for two digits", 0.03, 1e-2, agrees=False),
                Level("", f"another {field.name}", 0.05, 0.99, agrees=False),
            )
        case Kind.NUMBER:
            levels = (
                Level(f"{left} = {right}", same, 0.7, usual, agrees=True, term=field.column),
                Level("", f"another {field.name}", 0.3, 1.0, agrees=False),
            )
        case _:
            near = f"jaro_winkler_similarity({left}, {right}) >= 0.92"
            levels = (
                Level(f"{left} = {right}", same, 0.65, usual, agrees=True, term=field.column),
                Level(near, f"almost the same {field.name}", 0.1, 2e-3, agrees=True),
                Level("", f"another {field.name}", 0.25, 1.0, agrees=False),
            )
    return Comparison(field.column, unknown, levels)


def _turned(day: str) -> str:
    """Day and month exchanged: ``1980-03-07`` as ``1980-07-03``."""
    return f"substr({day}, 1, 5) || substr({day}, 9, 2) || '-' || substr({day}, 6, 2)"
