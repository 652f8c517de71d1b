# ruff: noqa: E501 - a table reads row by row
"""The merge table of design 6, row by row, and the sentence on one-way field mappings below it."""

from __future__ import annotations

import pytest

from pdsync.model import Value
from pdsync.planning.decide import decide
from tests.planning.build import (
    CITY,
    COMPLETE,
    ConflictPolicy,
    Direction,
    EmptyPolicy,
    FieldMapping,
    bind_fields,
    contact,
    linked,
    person,
)
from tests.planning.tell import tell

X, Y, Z, EMPTY = "Paris", "Lyon", "Nice", None
KEY = "city=plz_city"
NONE = "no base"
MISSING = "missing"


def outcome(field: FieldMapping, base: Value, here: Value, there: Value) -> list[str]:
    """Decide one linked pair whose city was ``base`` on both sides, and is ``here`` and ``there`` now."""
    theirs = person() if here == MISSING else person(city=here)
    ours = contact() if there == MISSING else contact(plz_city=there)
    if here == MISSING:
        theirs = type(theirs)(theirs.side, theirs.id, {k: v for k, v in theirs.values.items() if k != "city"})
    bases = {} if base == NONE else {KEY: (base, base)}
    return tell(decide(bind_fields(field), linked(theirs, ours, bases), COMPLETE))


TO_PLEZI = ["update plezi: plz_city='Lyon' (changed)"]
TO_PIPEDRIVE = ["update pipedrive: city='Lyon' (changed)"]

TWO_WAY = [
    ("x x x: nothing", {}, X, X, X, []),
    ("x y x: write y there", {}, X, Y, X, TO_PLEZI),
    ("x x y: write y here", {}, X, X, Y, TO_PIPEDRIVE),
    ("x y y: the base becomes y", {}, X, Y, Y, [f"settle l@example.com: {KEY}"]),
    ("x y z, manual: a conflict", {}, X, Y, Z, ["finding conflict"]),
    ("x y z, Pipedrive wins", {"conflicts": ConflictPolicy.PIPEDRIVE}, X, Y, Z, ["update plezi: plz_city='Lyon' (policy)"]),
    ("x y z, Plezi wins", {"conflicts": ConflictPolicy.PLEZI}, X, Y, Z, ["update pipedrive: city='Nice' (policy)"]),
    ("x - x, ignore: nothing", {}, X, EMPTY, X, []),
    ("x - x, propagate: clear there", {"empty": EmptyPolicy.PROPAGATE}, X, EMPTY, X, ["update plezi: plz_city=None (clear)"]),
    ("x x -, propagate: clear here", {"empty": EmptyPolicy.PROPAGATE}, X, X, EMPTY, ["update pipedrive: city=None (clear)"]),
    ("x - z, ignore: write z here", {}, X, EMPTY, Z, ["update pipedrive: city='Nice' (changed)"]),
    ("x z -, ignore: write z there", {}, X, Z, EMPTY, ["update plezi: plz_city='Nice' (changed)"]),
    ("x - z, propagate: conflict", {"empty": EmptyPolicy.PROPAGATE}, X, EMPTY, Z, ["finding conflict"]),
    (
        "x - z, propagate, Pipedrive wins: clear there",
        {"empty": EmptyPolicy.PROPAGATE, "conflicts": ConflictPolicy.PIPEDRIVE},
        X, EMPTY, Z, ["update plezi: plz_city=None (policy)"],
    ),
    ("x - -: the base becomes empty", {}, X, EMPTY, EMPTY, [f"settle l@example.com: {KEY}"]),
    ("empty base, y -: write y there", {}, EMPTY, Y, EMPTY, TO_PLEZI),
    ("none y y: the base becomes y", {}, NONE, Y, Y, [f"settle l@example.com: {KEY}"]),
    ("none y -: fill there", {}, NONE, Y, EMPTY, ["update plezi: plz_city='Lyon' (fill)"]),
    ("none - y: fill here", {}, NONE, EMPTY, Y, ["update pipedrive: city='Lyon' (fill)"]),
    ("none - -: nothing", {}, NONE, EMPTY, EMPTY, []),
    ("none y z: conflict policy", {}, NONE, Y, Z, ["finding conflict"]),
    ("none y z, Plezi wins", {"conflicts": ConflictPolicy.PLEZI}, NONE, Y, Z, ["update pipedrive: city='Nice' (policy)"]),
    ("missing: skip, with a base", {}, X, MISSING, Z, ["count skipped-missing 1"]),
    ("missing: skip, without one", {}, NONE, MISSING, Z, ["count skipped-missing 1"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "base", "here", "there", "expected"),
    [row[1:] for row in TWO_WAY],
    ids=[r[0] for r in TWO_WAY],
)
def test_two_way(
    options: dict[str, object], base: Value, here: Value, there: Value, expected: list[str]
) -> None:
    """One row of the table, direction both."""
    field = FieldMapping("city", "plz_city", Direction.BOTH, **options)  # type: ignore[arg-type]
    assert outcome(field, base, here, there) == expected


ONE_WAY = [
    ("the source changed: it wins", {}, X, Y, X, TO_PLEZI),
    ("both changed: the source wins, reported as overwrites", {}, X, Y, Z, ["update plezi: plz_city='Lyon' (overwrites)"]),
    ("the target changed alone: held back, not written", {}, X, X, Z, ["count held-back 1"]),
    ("the source was emptied, ignore: nothing", {}, X, EMPTY, X, []),
    ("the source was emptied, the target changed, ignore: held back", {}, X, EMPTY, Z, ["count held-back 1"]),
    ("the source was emptied, propagate: clear", {"empty": EmptyPolicy.PROPAGATE}, X, EMPTY, X, ["update plezi: plz_city=None (clear)"]),
    ("no base, empty target: fill", {}, NONE, Y, EMPTY, ["update plezi: plz_city='Lyon' (fill)"]),
    ("no base, empty source: held back", {}, NONE, EMPTY, Y, ["count held-back 1"]),
    ("no base, both differ: conflict policy", {}, NONE, Y, Z, ["finding conflict"]),
    ("no base, the source's side wins", {"conflicts": ConflictPolicy.PIPEDRIVE}, NONE, Y, Z, ["update plezi: plz_city='Lyon' (policy)"]),
    ("no base, the target's side wins: held back", {"conflicts": ConflictPolicy.PLEZI}, NONE, Y, Z, ["count held-back 1"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "base", "here", "there", "expected"),
    [row[1:] for row in ONE_WAY],
    ids=[r[0] for r in ONE_WAY],
)
def test_one_way(
    options: dict[str, object], base: Value, here: Value, there: Value, expected: list[str]
) -> None:
    """The source changed, so the source wins; a change at the target alone is held back (R16, R25)."""
    field = FieldMapping("city", "plz_city", Direction.TO_PLEZI, **options)  # type: ignore[arg-type]
    assert outcome(field, base, here, there) == expected


def test_a_field_mapping_that_is_off_does_nothing() -> None:
    """R16: off means off, whatever the values."""
    assert outcome(FieldMapping("city", "plz_city", Direction.OFF), X, Y, Z) == []


def test_zero_and_false_are_values() -> None:
    """0 and False are values, not empty: Mautic's trap."""
    revenue = FieldMapping("revenue", "plz_revenue", Direction.BOTH)
    bases: dict[str, tuple[Value, Value]] = {"revenue=plz_revenue": (5, 5)}
    decision = decide(
        bind_fields(revenue), linked(person(revenue=0), contact(plz_revenue=5), bases), COMPLETE
    )
    assert tell(decision) == ["update plezi: plz_revenue=0 (changed)"]


def test_the_conflict_names_base_and_both_values() -> None:
    """A conflict is a finding with everything that a person needs to decide."""
    decision = decide(bind_fields(CITY), linked(person(city=Y), contact(plz_city=Z), {KEY: (X, X)}), COMPLETE)
    assert decision.findings[0].details == {
        "name": "Lucile Rivière",
        "base": {"pipedrive": X, "plezi": X},
        "pipedrive": Y,
        "plezi": Z,
        "key": KEY,
    }
    assert decision.open
