"""Model values survive the way to JSON and back, and missing never becomes empty."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.model import (
    MISSING,
    Account,
    Change,
    ChangeKind,
    FieldChange,
    Finding,
    Gate,
    GateState,
    MergeBase,
    Place,
    PlanHeader,
    PlanTotals,
    Reason,
    Severity,
    Side,
    SideTotals,
    Subject,
)
from pdsync.store.codec import decode, decode_bases, decode_value, encode, encode_bases, encode_value

TEXTS = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
"""Lone surrogates and control characters included: what forms and imports leave in a CRM."""

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BASES = st.builds(MergeBase, VALUES, VALUES)
FIELD_CHANGES = st.builds(
    FieldChange,
    key=TEXTS,
    code=TEXTS,
    before=VALUES | st.just(MISSING),
    after=VALUES,
    reason=st.sampled_from(Reason),
    source=VALUES | st.just(MISSING),
    base=st.none() | BASES,
    deferred=TEXTS,
    option=TEXTS,
)
CHANGES = st.builds(
    Change,
    kind=st.sampled_from(ChangeKind),
    side=st.sampled_from(Side),
    pipedrive_id=TEXTS,
    plezi_id=TEXTS,
    address=TEXTS,
    fields=st.lists(FIELD_CHANGES, max_size=3).map(tuple),
    bases=st.dictionaries(TEXTS, st.none() | BASES, max_size=3),
    unmark=st.lists(TEXTS, max_size=2).map(tuple),
    digests=st.none() | st.tuples(TEXTS, TEXTS),
    enrols=st.booleans(),
    title=TEXTS,
    number=st.integers(0, 10**9),
    depends_on=st.integers(0, 10**9),
    irreversible=st.lists(TEXTS, max_size=2).map(tuple),
)


def _same(left: object, right: object) -> bool:
    """Equal, and of the same types all the way down: 1 is not True, and 1.0 is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and left == right


@given(VALUES)
def test_a_delivered_value_comes_back_exactly(value: Any) -> None:
    """Values are what undo writes back: not even 1 and 1.0 may be confused."""
    assert _same(value, decode_value(encode_value(value)))


@given(CHANGES)
def test_a_change_comes_back_exactly(change: Change) -> None:
    """What is shown is what will run: a plan file holds every part of a change, missing values included."""
    back = decode(Change, encode(change))
    assert change == back
    for one, same in zip(change.fields, back.fields, strict=True):
        for name in ("before", "after", "source"):
            assert _same(getattr(one, name), getattr(same, name))


@given(st.dictionaries(TEXTS, st.none() | BASES, max_size=3))
def test_bases_come_back_exactly(bases: dict[str, MergeBase | None]) -> None:
    """Undo restores bases, and 'there was none' is one of them."""
    assert bases == decode_bases(encode_bases(bases))


def test_missing_null_and_absent_are_three_things() -> None:
    """Missing (not read) is an absent key, empty is null, and a default that is not missing is told apart."""
    missing = FieldChange("k", "c", MISSING, None, Reason.CREATE, MISSING)
    empty = FieldChange("k", "c", None, None, Reason.FILL)
    assert '"before"' not in encode(missing)
    assert '"before":null' in encode(empty)
    assert missing == decode(FieldChange, encode(missing))
    assert empty == decode(FieldChange, encode(empty))


def test_every_field_of_the_model_is_stored() -> None:
    """A plan header with every field set to something unusual comes back whole: none is forgotten."""
    totals = SideTotals(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, True, 11, 12, 13)
    header = PlanHeader(
        id="i",
        mapping_name="m",
        mapping_digest="d",
        mapping_version="v",
        snapshots={Side.PLEZI: "s"},
        ledger_revision=7,
        accounts={Side.PIPEDRIVE: Account(Side.PIPEDRIVE, "1", "n", "d", sees_everything=False)},
        gate=Gate(GateState.NOT_READY, ("a",), ("b",), 3, ("c",), ("d",), 4),
        totals=PlanTotals({Side.PIPEDRIVE: totals}, 1, 2, 3, 4, {"x": 1}, {"y": 2}),
        made_at="now",
        format=9,
        narrowed=("only",),
        needs=("--first-run",),
        undoes="r",
        bindings={"plezi:n": "c"},
        signatures={"k": "s"},
    )
    for value in (header, header.totals, header.gate, totals):
        for field in dataclasses.fields(value):
            if field.default is not dataclasses.MISSING:
                assert getattr(value, field.name) != field.default, (
                    f"give {field.name} another value in this test"
                )
    assert header == decode(PlanHeader, encode(header))


def test_a_finding_comes_back_whole() -> None:
    """Subjects, place and details of a finding are in the plan file as well."""
    finding = Finding(
        code="c",
        severity=Severity.BLOCKING,
        message="m",
        subjects=(Subject(Side.PLEZI, "contact", "1"),),
        field="f",
        place=Place("a.yaml", 3, 4),
        fix="x",
        rule="R17",
        details={"base": None, "n": [1, 2.5]},
    )
    assert finding == decode(Finding, encode(finding))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"kind":"create"}',
        '{"kind":"nothing","side":"plezi"}',
        '{"kind":"create","side":"plezi","unknown":1}',
        '{"kind":"create","side":"plezi","number":"1"}',
        '{"kind":"create","side":"plezi","number":true}',
        '{"kind":"create","side":"plezi","fields":{}}',
        '{"kind":"create","side":"plezi","fields":[{"key":"k"}]}',
        '{"kind":"create","side":"plezi","digests":["a"]}',
    ],
)
def test_what_is_not_a_change_is_a_value_error(text: str) -> None:
    """A damaged line is one kind of error, whatever is wrong with it."""
    with pytest.raises(ValueError, match=r"."):
        decode(Change, text)
