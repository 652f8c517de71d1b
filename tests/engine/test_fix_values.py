"""Values between a fix file and a service: shown as texts, sent as the service takes them, refused when unclear."""

from __future__ import annotations

import pytest

from pdsync.engine.fix_values import NotPossible, as_file, as_sent, is_still
from pdsync.model import MISSING, Field, Kind, Option, Value
from tests.planning.build import emails

TEXT = Field("last_name", "Last name", Kind.TEXT, max_length=10)
EMAIL = Field("email", "Email", Kind.EMAILS)
ONE = Field("sync", "Sync", Kind.OPTION, options=(Option("35", "Yes"), Option("36", "No")))
SEVERAL = Field("tags", "Tags", Kind.OPTIONS, options=(Option("1", "CRM"), Option("seo", "SEO")))
THREE = [
    {"value": "b@example.com", "primary": False, "label": "home"},
    {"value": "A@example.com ", "primary": True, "label": "work"},
    {"value": "", "primary": False, "label": "other"},
    {"value": "c@example.com", "primary": False, "label": "work"},
]


@pytest.mark.parametrize(
    ("field", "delivered", "shown"),
    [
        (TEXT, " Rivière\u00a0", " Rivière\u00a0"),
        (TEXT, "", None),
        (TEXT, None, None),
        (TEXT, MISSING, None),
        (TEXT, 12, "12"),
        (ONE, 35, "Yes"),
        (ONE, "99", "99"),
        (SEVERAL, [1, "seo", 7], ["CRM", "SEO", "7"]),
        (EMAIL, "A@example.com", "A@example.com"),
        (EMAIL, THREE, ["A@example.com ", "b@example.com", "c@example.com"]),
        (EMAIL, [], None),
    ],
)
def test_people_see_labels_and_addresses(field: Field, delivered: Value, shown: Value) -> None:
    """To the letter; and what was shown is recognised again."""
    assert as_file(field, delivered) == shown
    assert is_still(field, shown, delivered)


@pytest.mark.parametrize(
    ("field", "now", "delivered"),
    [
        (TEXT, "Rivière", "Rivière "),
        (TEXT, None, "Rivière"),
        (TEXT, "Rivière", None),
        (ONE, "Yes", 36),
        (EMAIL, ["a@example.com"], emails("A@example.com")),
        (EMAIL, ["a@example.com"], emails("a@example.com", "b@example.com")),
    ],
)
def test_another_value_is_another_value(field: Field, now: Value, delivered: Value) -> None:
    """A space or a capital makes a repair stale: it was made for something else."""
    assert not is_still(field, now, delivered)


@pytest.mark.parametrize(
    ("field", "wanted", "delivered", "sent"),
    [
        (TEXT, "Rivière", " Rivière", "Rivière"),
        (TEXT, None, "x", None),
        (ONE, "No", 35, 36),
        (SEVERAL, ["SEO", "CRM"], [1], ["seo", 1]),
        (EMAIL, "a@example.com", "A@example.com", "a@example.com"),
        (EMAIL, ["a@example.com"], "A@example.com", "a@example.com"),
        (
            EMAIL,
            ["a@example.com", "b@example.com", "d@example.com"],
            THREE,
            [
                THREE[0],
                THREE[1] | {"value": "a@example.com"},
                THREE[2],
                THREE[3] | {"value": "d@example.com"},
            ],
        ),
        (EMAIL, ["A@example.com ", "c@example.com"], THREE, [THREE[1], THREE[2], THREE[3]]),
    ],
)
def test_what_is_sent(field: Field, wanted: Value, delivered: Value, sent: Value) -> None:
    """Options by identity; of a list of addresses every entry keeps its label, its place and its primary flag."""
    assert as_sent(field, wanted, delivered) == sent


@pytest.mark.parametrize(
    ("field", "wanted", "delivered", "why"),
    [
        (TEXT, "x" * 11, "y", "11 characters, and 10 fit"),
        (TEXT, ["a"], "y", "not a list"),
        (ONE, "Yse", 36, "'Yse' is not in the list 'Sync'; did you mean 'Yes'"),
        (ONE, ["Yes"], 36, "not a list"),
        (SEVERAL, ["CRM", "SOE"], [], "did you mean 'SEO'"),
        (EMAIL, ["b@example.com", "c@example.com"], THREE, "the first address cannot be left out"),
        (EMAIL, ["a@example.com", "c@example.com"], THREE, "the first address cannot be left out"),
        (EMAIL, ["A@example.com ", "x@example.com"], THREE, "not both at once"),
        (
            EMAIL,
            ["A@example.com ", "c@example.com", "b@example.com", "d@example.com"],
            THREE,
            "adds no address",
        ),
        (EMAIL, ["nobody"], emails("a@example.com"), "'nobody' is no email address"),
        (EMAIL, ["a@example.com", "b@example.com"], "a@example.com", "one address is expected"),
    ],
)
def test_what_is_refused(field: Field, wanted: Value, delivered: Value, why: str) -> None:
    """A correction by hand may be wrong; it is told why."""
    with pytest.raises(NotPossible, match=why):
        as_sent(field, wanted, delivered)
