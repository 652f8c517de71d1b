"""Delivered values survive a snapshot exactly, whatever a service or a person may have put into them (design 6)."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pdsync.model import MISSING, Field, Kind, Option, Record, RemoteSchema, Side, Value
from pdsync.planning.comparison import comparison_form
from pdsync.snapshots.columns import compared
from pdsync.snapshots.encoding import decode_value, encode_value, storable
from pdsync.snapshots.reader import Snapshot, open_snapshot
from pdsync.snapshots.writer import SnapshotWriter
from tests.snapshots.build import COMPLETE, NOON, account, bound, write

P = Side.PIPEDRIVE

hostile = st.text(st.characters(exclude_categories=())).filter(
    lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text)
)
"""Lone surrogates included. Two halves side by side are one character to every JSON reader: they cannot be delivered."""
numbers = st.integers() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | hostile
values: st.SearchStrategy[Value] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(hostile, inner, max_size=4),
    max_leaves=8,
)
HOSTILE = [
    "\ud83d",
    "half \udc00 emoji",
    "\x00\x1b[31m",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE persons; --",
    "\u202eevil",
    "e\u0301",
    "\ufffe",
    '\ufffe"\\ud83d"',
    "[bold]",
    "👩\u200d👩\u200d👧",
    "\ufeffBOM",
    "a\u2028b\r\nc",
]


@given(value=values)
@example(value=-0.0)
@example(value=1.0)
@example(value=5e-324)
@example(value=2**64)
@example(value=-(2**200))
@example(value={"": [None, [], {}, ""]})
def test_a_value_is_read_back_as_it_was(value: Value) -> None:
    """Of the same type too: 1, 1.0 and true are three values."""
    again = decode_value(encode_value(value))
    assert repr(again) == repr(value)


@given(left=hostile, right=hostile)
def test_storable_text_is_utf8_and_keeps_different_texts_apart(left: str, right: str) -> None:
    """Comparison forms and keys with lone surrogates can be stored, and still differ where the texts differ."""
    storable(left).encode()
    assert (storable(left) == storable(right)) == (left == right)


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1,]", '"\\ud83d', "nul"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """A damaged cell is an error, never an empty value."""
    with pytest.raises(ValueError, match=r"\S"):
        decode_value(text)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from([kind.value for kind in Kind if kind is not Kind.EMAILS]), values),
        max_size=5,
    )
)
def test_records_come_back_exactly(rows: list[dict[str, Value]]) -> None:
    """Three states of a value, for every kind of field: missing stays missing, empty keeps its form, a value its type."""
    records = [Record(P, str(number), row) for number, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        snapshot = write(Path(folder), P, records, mapping=bound())
        again = [one for batch in snapshot.records(batch_size=2) for one in batch]
    assert [(one.id, _exact(one.values)) for one in again] == [
        (one.id, _exact(one.values)) for one in records
    ]


@pytest.mark.parametrize("empty", [None, "", [], {}, "  ", "\u200b", 0, False, "0", [None], MISSING])
def test_missing_empty_and_value_are_three_things(tmp_path: Path, empty: Any) -> None:
    """0 and False are values; None, "", [] and blank text are empty, each kept as delivered; missing is neither."""
    given_ = {} if empty is MISSING else {"other": empty}
    snapshot = write(tmp_path, P, [Record(P, "1", given_)])
    (one,) = next(snapshot.records())
    assert one.get("other") == empty
    assert type(one.get("other")) is type(empty)
    cell = _column(snapshot, compared("other"))
    assert cell == [comparison_form(Kind.OTHER, empty)]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_goes_through_every_table(tmp_path: Path, text: str) -> None:
    """Values, addresses, labels, options and keys; nothing is interpreted, nothing is lost."""
    entry: Value = {"value": f"{text}@example.com", "label": text, "primary": True}
    person = Record(
        P,
        "1",
        {"email": [entry], "text": text, "option": text, "options": [text, "b"], "composite": {text: text}},
    )
    snapshot = write(tmp_path, P, [person], mapping=bound())
    assert next(snapshot.records())[0] == person
    assert snapshot.lookup().get(["1"]) == {"1": person}


def test_a_label_that_utf8_cannot_hold_survives_in_the_schema(tmp_path: Path) -> None:
    """The manifest keeps field and option names of any account."""
    wide = RemoteSchema(account(P), (Field("x", "\ud83d", Kind.OPTION, options=(Option("1", "\udc00é"),)),))
    with SnapshotWriter(tmp_path, P, wide, account(P), bound=None, taken_at=NOON) as writer:
        snapshot = writer.finish(COMPLETE)
    assert open_snapshot(snapshot.folder).schema == wide


def _exact(values_: Any) -> list[tuple[str, str]]:
    return sorted((code, repr(value)) for code, value in values_.items())


def _column(snapshot: Snapshot, name: str) -> list[Any]:
    import pyarrow.parquet as pq

    return list(pq.read_table(snapshot.path("records"), columns=[name]).column(0).to_pylist())
