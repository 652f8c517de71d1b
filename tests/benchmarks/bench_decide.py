"""How many candidates are decided in a second, against a plain loop that only compares the same dictionaries.

The loop is what any sync must do at least: for each field mapping of each pair, compare two values with what was agreed.
The ratio is what the three-way merge with translation, consent, scope and undo marks costs on top of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from pdsync.model import Candidate, Direction, Value
from pdsync.planning.decide import decide
from tests.planning.build import (
    CITY,
    COMPLETE,
    R6,
    SECTOR,
    FieldMapping,
    bind_fields,
    contact,
    linked,
    person,
)

PAIRS = 20_000
CHANGED_PERCENT = 5
FIELDS = (
    CITY,
    SECTOR,
    FieldMapping("revenue", "plz_revenue", Direction.BOTH),
    FieldMapping("born", "plz_born", Direction.BOTH),
    FieldMapping("interests", "plz_interests", Direction.BOTH),
    *R6,
)
BOUND = bind_fields(*FIELDS)


def candidates() -> list[Candidate]:
    """Linked pairs with a base for every field mapping, of which a few changed in Pipedrive."""
    here: dict[str, Value] = {
        "city": "Paris", "sector": 1, "revenue": 12, "born": "1990-02-03", "interests": [11, 12],
        "plezi_url": "https://p/1", "source": "direct", "score": "7", "status": "Engaged",
    }  # fmt: skip
    there: dict[str, Value] = {
        "plz_city": "Paris", "plz_sector": "energie", "plz_revenue": 12, "plz_born": "1990-02-03",
        "plz_interests": ["crm", "emailing"], "plezi_url": "https://p/1", "source": "direct", "behaviour_score": 7,
        "state": "Engaged",
    }  # fmt: skip
    bases: dict[str, tuple[Value, Value]] = {
        field.key: (here.get(field.pipedrive.code), there.get(field.plezi.code)) for field in BOUND.fields[3:]
    }
    made = []
    for number in range(PAIRS):
        changed: dict[str, Value] = {"city": "Lyon"} if number % 100 < CHANGED_PERCENT else {}
        made.append(
            linked(person(str(number), **(here | changed)), contact("a", "l@example.com", **there), bases)
        )
    return made


def only_compare(pairs: list[Candidate]) -> int:
    """The floor: compare what is there with what was agreed, and nothing else."""
    changed = 0
    for pair in pairs:
        if pair.pipedrive is None or pair.plezi is None:
            continue
        here, there, bases = pair.pipedrive.values, pair.plezi.values, pair.bases
        for field in BOUND.fields[3:]:
            base = bases[field.key]
            if here[field.pipedrive.code] != base.pipedrive or there[field.plezi.code] != base.plezi:
                changed += 1
    return changed


def decide_all(pairs: list[Candidate]) -> int:
    """What planning does."""
    return sum(len(decide(BOUND, pair, COMPLETE).changes) for pair in pairs)


def best_of(times: int, work: Callable[[list[Candidate]], int], pairs: list[Candidate]) -> tuple[float, int]:
    """The shortest of several runs, in seconds, and what the work returned."""
    best, result = float("inf"), 0
    for _ in range(times):
        started = time.perf_counter()
        result = work(pairs)
        best = min(best, time.perf_counter() - started)
    return best, result


def main() -> None:
    """Print the two rates and their ratio."""
    pairs = candidates()
    expected = PAIRS * CHANGED_PERCENT // 100
    floor, compared = best_of(3, only_compare, pairs)
    cost, changes = best_of(3, decide_all, pairs)
    alone, _ = best_of(3, decide_all, [replace(pair, bases={}) for pair in pairs[:1]])
    assert compared == changes == expected, (compared, changes, expected)
    print(
        f"decide  {cost / floor:.1f} times a loop that only compares  "
        f"{PAIRS / cost:,.0f} candidates/s against {PAIRS / floor:,.0f}, {len(FIELDS)} field mappings, "
        f"{CHANGED_PERCENT} % changed (one alone: {alone * 1e6:.0f} us)"
    )


if __name__ == "__main__":
    main()
