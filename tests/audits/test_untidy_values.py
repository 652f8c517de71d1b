"""Values that mean the right thing and are written untidily: each is found with the tidy spelling, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.model import Direction, Field, FieldMapping, Kind, Side
from pdsync.planning.comparison import comparison_form, trimmed
from pdsync.planning.keys import address_key, tidy_address
from tests.audits.build import EMAIL, NAMES, World, rows

CITY = Field("city", "Ville", Kind.TEXT)
SCORE = Field("score", "Score", Kind.TEXT)
FIELDS = {
    Side.PIPEDRIVE: (EMAIL, *NAMES, CITY, SCORE),
    Side.PLEZI: (
        EMAIL,
        *NAMES[1:],
        Field("plz_city", "Ville", Kind.TEXT),
        Field("behaviour_score", "S", Kind.TEXT),
    ),
}
MAPPED = (
    FieldMapping("first_name", "first_name", Direction.BOTH, locked=True),
    FieldMapping("last_name", "last_name", Direction.BOTH, locked=True),
    FieldMapping("Ville", "plz_city", Direction.TO_PLEZI),
    FieldMapping("score", "behaviour_score", Direction.TO_PIPEDRIVE),
)


def world(folder: Path) -> World:
    """With names, a city that goes to Plezi, and a score that comes from there."""
    return World(folder, fields=FIELDS, mapped=MAPPED)


def test_white_space_at_the_ends_of_texts(tmp_path: Path, engine: str) -> None:
    """Blanks that people see and those that they do not; within a text they are nobody's business, and so is the rest."""
    made = world(tmp_path)
    made.person("1", first_name=" Lucile", last_name="Rivière\u00a0", city="Nantes")
    made.person("2", first_name="Jean  Paul", last_name='O"Neil \\', city="Le\nMans")
    made.person("3", first_name="\u200bZoé", last_name="Ngu\u1ec5n", city="  ")
    made.person("4", first_name="e\u0301", last_name="Nguye\u0302\u0303n", city="\tParis\r\n", score=" 12 ")
    made.person("5", first_name="محمد \u200b", last_name="👩\u200d💻")  # what joins an emoji is within it
    made.person("6", first_name="Jürgen", last_name="\u2007Weiß\ufeff", city="Köln")
    made.person("7", first_name="👩\u200d💻\u200d ", last_name="الأمين")
    made.contact("a", first_name="Anaïs", last_name="Ẩn ", plz_city=" Brest", behaviour_score=" 1")
    found = rows(made.audited(engine, "outer-spaces"), "outer-spaces")
    assert [(row["id"], row["field"], row["details"]["suggested"]) for row in found] == [
        ("1", "", {"first_name": "Lucile", "last_name": "Rivière"}),
        ("3", "first_name", {"first_name": "Zoé"}),
        ("4", "Ville", {"city": "Paris"}),
        ("5", "first_name", {"first_name": "محمد"}),
        ("6", "last_name", {"last_name": "Weiß"}),
        ("7", "first_name", {"first_name": "👩\u200d💻"}),
        ("a", "last_name", {"last_name": "Ẩn"}),
    ]
    assert found[0]["details"]["first_name"] == " Lucile"
    assert found[0]["message"] == "'first_name' and 'last_name' begin or end with white space"
    assert "Lucile" not in found[0]["message"]


def test_addresses_in_another_spelling_than_their_tidy_one(tmp_path: Path, engine: str) -> None:
    """Capitals, blanks, invisible characters; a domain in its own script is in order as it is."""
    made = world(tmp_path)
    made.person("1", "Lucile.RIVIERE@Example.com", "l@example.org")
    made.person("2", "zoé@münchen.example", "plus+tag@example.com")
    made.person("3", "ok@example.com", " b@example.com", "c@exam\u200bple.com")
    made.person("4", "half\ud83d@example.com")
    made.person("5", "A@example.com", "B@example.com")
    made.person("6", '"Quoted name"@example.com', "ok@example.org")
    made.person("7", "Dot@example.com.", "x@example.net")
    made.person("8", "nguyễn@example.com", "محمد@example.org", "🦊@example.com", "weiß@straße.example")
    made.person(
        "9", "Nguyễn@example.com", "\u200fمحمد@example.net\u202c", "🦊@EXAMPLE.com", "WEIß@straße.example"
    )
    made.contact("a", "ANA@EXAMPLE.NET ")
    made.contact("b", "ana@example.org")
    found = rows(made.audited(engine, "email-spelling"), "email-spelling")
    assert [(row["id"], [one["suggested"] for one in row["details"]["addresses"]]) for row in found] == [
        ("1", ["lucile.riviere@example.com"]),
        ("3", ["b@example.com", "c@example.com"]),
        ("5", ["a@example.com", "b@example.com"]),
        ("6", ['"quoted name"@example.com']),
        ("7", ["dot@example.com."]),
        ("9", ["nguyễn@example.com", "محمد@example.net", "🦊@example.com", "weiß@straße.example"]),
        ("a", ["ana@example.net"]),
    ]


@pytest.mark.parametrize("edge", ["", " ", "\u00a0", "\u200b", "\t\n"])
@given(text=st.text(max_size=30))
def test_a_tidy_spelling_means_the_same(edge: str, text: str) -> None:
    """Nothing that pdsync compares changes with it, and it is tidy itself: only so may it begin as accepted."""
    untidy = f"{edge}{text}{edge}"
    assert comparison_form(Kind.TEXT, trimmed(untidy)) == comparison_form(Kind.TEXT, untidy)
    assert trimmed(trimmed(untidy)) == trimmed(untidy)
    address = f"{edge}{text}@Example.com{edge}"
    assert address_key(tidy_address(address)) == address_key(address)


def test_a_query_and_python_say_the_same(tmp_path: Path, engine: str) -> None:
    """One record whose address is in capitals, and one that Python has to look at: the same words, the same details."""
    made = world(tmp_path)
    made.person("1", "ok@example.com", "Lucile@Example.com")
    made.person("2", "ok@example.org", " Lucile@Example.org")
    one, other = rows(made.audited(engine, "email-spelling"), "email-spelling")
    assert one["details"] == {
        "addresses": [
            {"delivered": "Lucile@Example.com", "primary": False, "suggested": "lucile@example.com"}
        ]
    }
    assert other["details"]["addresses"][0].keys() == one["details"]["addresses"][0].keys()
    same = ("message", "field", "fix", "side", "noun")
    assert [one[name] for name in same] == [other[name] for name in same]
    assert one["link"] == "https://acme.example.com/person/1"
