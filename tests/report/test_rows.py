"""How a subject of a finding reads in a row, and what a cell takes."""

from __future__ import annotations

import pytest

from pdsync.model import Side, Subject, Value
from pdsync.report.rows import SubjectRow, joined
from pdsync.report.times import read_at
from tests.report.found import person


@pytest.mark.parametrize(
    ("details", "name"),
    [
        ({"first_name": " Lucile ", "last_name": "Rivière"}, "Lucile Rivière"),
        ({"first_name": None, "last_name": "Rivière", "name": "L. Rivière"}, "Rivière"),
        ({"first_name": "", "last_name": None, "name": "Lucile"}, "Lucile"),
        ({"label": "Énergie", "records": 1204}, "Énergie (1,204)"),
        ({"label": " Énergie "}, '" Énergie "'),
        ({"first_name": 7}, ""),
        ({}, ""),
    ],
)
def test_names(details: dict[str, Value], name: str) -> None:
    """A person by both names, an option by its label and how many hold it; nothing where nothing is known."""
    assert SubjectRow(person("1").subject, details=details).name == name


def test_what_else_is_known() -> None:
    """Suggestions and problems in words, without what is said elsewhere."""
    row = person(
        "1",
        first_name="Mary",
        suggested={"first_name": "Mary Beth", "last_name": "Vigneron"},
        addresses=[{"delivered": "a@@example.com", "primary": True, "problem": "two @"}, {"delivered": 7}],
        forms=["Contact", "Newsletter"],
        pairs=[{"a": 1}],
        nothing=None,
    )

    assert row.emails == "a@@example.com"
    assert row.more == (
        'suggested: first_name Mary Beth, last_name Vigneron; forms: Contact, Newsletter; pairs: [{"a": 1}]; '
        "problem: two @"
    )


def test_ids() -> None:
    """Of an option, what it is stands before its id."""
    assert person("1042").short_id == "1042"
    assert (
        SubjectRow(Subject(Side.PLEZI, "option", "plz_sector/x\u202e")).short_id
        == "option/plz_sector/x\\u202e"
    )


def test_joined() -> None:
    """What does not fit is counted, and so is what was never read."""
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "", "b"]) == "a; b"
    assert joined(["a"], total=3) == "a; and 2 more"
    assert joined([""], total=1) == ""
    many = joined([f"{number:08}" for number in range(10_000)])
    assert len(many) <= 32_767
    assert many.endswith(f"; and {10_000 - many.count(';'):,} more")
    assert len(joined(["x" * 40_000])) < 32_767


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("https://acme.pipedrive.com/person/1042", True),
        ("http://127.0.0.1:8080/x", True),
        ("https://app.plezi.co/c/1?a=b&c=%20#top", True),
        ("https://app.plezi.co", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example.com", False),
        ("https://app.plezi.co@evil.example.com/", False),
        ("https://", False),
        ("https://a b", False),
        ("https://a\n.example.com", False),
        ("https://аpp.plezi.co/", False),
        ('https://a.example.com/"><script>', False),
        ("https://a.example.com/" + "x" * 2_000, False),
    ],
)
def test_links(link: str, kept: bool) -> None:
    """Only plain addresses of the web are links, whatever somebody typed into plezi_url."""
    assert person("1", link).address == (link if kept else "")


def test_moments() -> None:
    """The id of a snapshot says when it was taken; another text says nothing."""
    assert read_at("plezi-20261102T120059Z-00c0ffee") == "2026-11-02 12:00 UTC"
    assert read_at("plezi") == ""
