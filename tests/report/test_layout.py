"""Texts that do not fit: two that are cut are still told apart, and what must stay whole goes on below."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.report.text.layout import cells, fit, parts, told_apart

LONG = "mpinede@clinique-bonnetable.example.com"


@pytest.mark.parametrize(
    ("after", "before", "shown"),
    [
        ("Lyon", "Paris", ("Lyon", "Paris")),
        ("Lyon", "Lyon", ("Lyon", "Lyon")),
        (LONG, "x@example.com", ("mpinede@clinique-b...", "x@example.com")),
        (LONG, f"{LONG}, b@example.org", ("...ple.com", "...ple.com, b@exam...")),
        (f"{LONG} (primary)", f"{LONG} (primary), b@example.org", ("...(primary)", "...(primary), b@ex...")),
        (LONG + "1", LONG + "2", ("...ple.com1", "...ple.com2")),
    ],
)
def test_what_looks_the_same_when_cut_begins_before_it_differs(
    after: str, before: str, shown: tuple[str, str]
) -> None:
    """A list from which the second address went shows what went, not the address that stays."""
    texts = told_apart(after, before, 21)
    assert tuple(fit(text, 21) for text in texts) == shown


def test_what_differs_far_behind_is_shown_within_the_width() -> None:
    """However long the values are, and however wide their letters."""
    after, before = told_apart("漢" * 150 + "a", "漢" * 150 + "b", 20)
    assert fit(after, 20) != fit(before, 20)
    assert cells(fit(after, 20)) <= 20


@given(st.text(alphabet="ab \t漢e\u0301-", max_size=60), st.integers(0, 30))
def test_parts_are_the_text_and_fit(text: str, width: int) -> None:
    """Nothing is lost, blanks neither, and no part is wider than there is room."""
    found = list(parts(text, width))
    assert "".join(found) == text
    assert all(cells(part) <= max(width, 2) for part in found)


def test_parts_begin_with_a_word_where_they_can() -> None:
    """A line of YAML is broken between words, an address that is longer than the line anywhere."""
    assert list(parts("+    empty: ignore # never empties", 23)) == ["+    empty: ignore # ", "never empties"]
    assert list(parts("+    " + "x" * 30, 20)) == ["+    " + "x" * 15, "x" * 15]
