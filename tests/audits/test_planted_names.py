"""Defects planted in names are found, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pdsync.model import Side
from tests.audits.build import World
from tests.audits.name_codes import (
    ADDRESS,
    CAPS,
    CODES,
    DAMAGED,
    DIGITS,
    EQUAL,
    FIRM,
    HOLDER,
    MISPLACED,
    ORDER,
    RULE,
    TITLE,
    Name,
    found,
    strip_accents,
)

DEFECTS: dict[str, Callable[[random.Random, str, str], Name]] = {
    HOLDER: lambda dice, first, last: (
        first,
        dice.choice(["test", "Xxxx", "-", "N/A", "Inconnue", "non renseigné", "???"]),
    ),
    TITLE: lambda dice, first, last: (dice.choice(["M.", "Mme", "Dr.", "Herr", "Frau", "Monsieur"]), last),
    FIRM: lambda dice, first, last: (
        first,
        f"{last} {dice.choice(['Sarl', 'GmbH', 'Ltd.', '& Fils', 'S.A.S.', 'SAS'])}",
    ),
    DIGITS: lambda dice, first, last: (first, f"{last} {dice.randint(2, 99)}"),
    ADDRESS: lambda dice, first, last: ("somebody@example.com", last),
    DAMAGED: lambda dice, first, last: (
        f"{first}é".encode().decode(dice.choice(["latin-1", "mac_roman"])),
        last,
    ),
    EQUAL: lambda dice, first, last: (last, dice.choice([last, last.lower(), strip_accents(last)])),
    CAPS: lambda dice, first, last: (first, last.upper()),
    ORDER: lambda dice, first, last: (last.upper(), first),
    MISPLACED: lambda dice, first, last: (dice.choice(["de", f"{first} van der", "Le"]), last),
    RULE: lambda dice, first, last: (f"{first} {first}", last),
}
ALSO = {ORDER: {CAPS}}
"""A family name in capitals before the first name is in capitals as well."""


@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
def test_planted_defects_are_found_and_nothing_else(tmp_path: Path, engine: str) -> None:
    """Precision and recall of all audits of names are 1 on 2,000 made-up people, half of them with one defect."""
    from pdsync.sandbox.seeding import names as lists

    dice = random.Random("planted names")
    firsts = [one for one in (*lists.FRENCH_FIRST, *lists.ENGLISH_FIRST) if len(one) > 2]
    lasts = [
        one for one in (*lists.FRENCH_FAMILY, *lists.ENGLISH_FAMILY) if "'" not in one and "’" not in one
    ]
    world = World(tmp_path)
    planted: dict[str, set[str]] = {}
    for number in range(2_000):
        side = dice.choice(list(Side))
        first, last = dice.choice(firsts), dice.choice(lasts)
        if dice.random() < 0.5:
            code = dice.choice(sorted(DEFECTS))
            first, last = DEFECTS[code](dice, first, last)  # type: ignore[assignment]
            planted[f"{side.noun}/{number}"] = {code} | ALSO.get(code, set())
        world.add(side, str(number), first_name=first, last_name=last)

    assert found(world.audited(engine, *CODES)) == planted
