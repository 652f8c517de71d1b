"""Two values that are cut to a column's width are still told apart."""

from __future__ import annotations

import pytest

from pdsync.report.text.layout import cells, fit, told_apart

LONG = "mpinede@clinique-bonnetable.example.com"


@pytest.mark.parametrize(
    ("after", "before", "shown"),
    [
        ("Lyon", "Paris", ("Lyon", "Paris")),
        ("Lyon", "Lyon", ("Lyon", "Lyon")),
        (LONG, "x@example.com", ("mpinede@clinique-b...", "x@example.com")),
        (LONG, f"{LONG}, b@example.org", ("...ple.com", "...ple.com, b@exam...")),
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
