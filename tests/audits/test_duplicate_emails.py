"""R17: addresses that several records of one side hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pdsync.audits.gate import blocked_subjects
from pdsync.model import Severity, Side
from tests.audits.build import World, rows, subjects

CODE = "duplicate-email"


ONE_MAILBOX = [
    ("lucile@example.com", "lucile@example.com"),
    ("camille@example.com", "CAMILLE@Example.COM"),
    ("maël@example.com", "  maël@example.com\u00a0"),
    ("ines@example.com", "in\u200bes@example.com\ufeff"),
    ("hugo@example.com", "hugo@example.com."),
    ("zoé@example.com", "zoe\u0301@example.com"),
    ("RENÉE@example.com", "rene\u0301e@example.com"),
    ("a@münchen.example", "a@xn--mnchen-3ya.example"),
    ("b@MÜNCHEN.example", "b@mu\u0308nchen.example"),
    ("straße@example.com", "straße@EXAMPLE.com"),
    ("nguyễn@example.com", "NGUYỄN@example.com"),
    ("محمد@example.com", " محمد@example.com"),
    ("🦊@example.com", "🦊@EXAMPLE.com"),
    ("not an address", "NOT AN ADDRESS"),
]
TWO_MAILBOXES = [
    ("lucile@example.com", "lucile+crm@example.com"),
    ("camille.martin@example.com", "camillemartin@example.com"),
    ("hugo@example.com", "hugo@example.org"),
    ("zoe@example.com", "zoé@example.com"),
    ("straße@example.com", "strasse@example.com"),
    ("ines@example.com", "inеs@example.com"),  # a Cyrillic е
    ("", ""),
    ("   ", "\u00a0"),
    ("\u200b", "\u200b"),
]


def test_one_mailbox_in_two_spellings(tmp_path: Path, engine: str) -> None:
    """R17: case, spaces, Unicode forms and the spelling of the domain do not make two mailboxes."""
    world = World(tmp_path)
    for number, pair in enumerate(ONE_MAILBOX):
        for letter, address in zip("ab", pair, strict=True):
            world.person(f"{number:02}{letter}", address)

    result = world.audited(engine, CODE)

    assert subjects(result, CODE) == [
        {f"person/{number:02}a", f"person/{number:02}b"} for number in range(len(ONE_MAILBOX))
    ]
    assert {row["severity"] for row in rows(result, CODE)} == {"blocking"}


def test_two_mailboxes(tmp_path: Path, engine: str) -> None:
    """R17: plus-tags, dots, accents, look-alikes and blank addresses are never one mailbox."""
    world = World(tmp_path)
    for number, pair in enumerate(TWO_MAILBOXES):
        for letter, address in zip("ab", pair, strict=True):
            world.person(f"{number:02}{letter}", address)

    result = world.audited(engine, CODE)

    assert rows(result, CODE) == []
    assert result.summaries[0].headline == ""


def test_twice_in_one_list_is_no_duplicate(tmp_path: Path, engine: str) -> None:
    """R17: an address that one record lists twice, in whatever spelling, is that record's own."""
    world = World(tmp_path)
    world.person("1", "a@example.com", "A@example.com", " a@example.com")
    world.contact("a", "a@example.com")

    assert rows(world.audited(engine, CODE), CODE) == []


def test_secondary_addresses_count(tmp_path: Path, engine: str) -> None:
    """R17: an address is shared wherever it stands in either list; details say where, and how it was typed."""
    world = World(tmp_path)
    world.person("1", "a@example.com")
    world.person("2", "b@example.com", "A@Example.com", "a@example.com")

    first, second = rows(world.audited(engine, CODE), CODE)

    assert first["details"] == {
        "role": "shares",
        "primary": True,
        "addresses": [{"delivered": "a@example.com", "primary": True}],
    }
    assert second["details"] == {
        "role": "shares",
        "primary": False,
        "addresses": [
            {"delivered": "A@Example.com", "primary": False},
            {"delivered": "a@example.com", "primary": False},
        ],
    }
    assert "in 2 spellings" in first["message"]


def test_clusters_hang_together(tmp_path: Path, engine: str) -> None:
    """R17: who shares with somebody who shares is in the same cluster, however long the chain; others are not."""
    world = World(tmp_path)
    for number in range(1, 31):
        world.person(str(number), f"k{number}@example.com", f"k{number + 1}@example.com")
    world.person("100", "x@example.com")
    world.person("101", "x@example.com")
    world.person("102", "alone@example.com")

    found = subjects(world.audited(engine, CODE), CODE)

    assert found == [{f"person/{number}" for number in range(1, 31)}, {"person/100", "person/101"}]


def test_both_sides_in_one_cluster(tmp_path: Path, engine: str) -> None:
    """R17: the contact that holds a shared address belongs to the cluster as its counterpart, on either side."""
    world = World(tmp_path)
    world.person("1", "a@example.com")
    world.person("2", "a@example.com", "own@example.com")
    world.contact("ca", "A@example.com")
    world.contact("cown", "own@example.com")
    world.person("3", "b@example.com")
    world.contact("cb1", "b@example.com")
    world.contact("cb2", "B@example.com")
    world.person("4", "c@example.com")
    world.person("5", "c@example.com")
    world.contact("cc1", "c@example.com")
    world.contact("cc2", "c@example.com")

    result = world.audited(engine, CODE)

    assert subjects(result, CODE) == [
        {"person/1", "person/2", "contact/ca"},
        {"person/3", "contact/cb1", "contact/cb2"},
        {"person/4", "person/5", "contact/cc1", "contact/cc2"},
    ]
    roles = {row["id"]: row["details"]["role"] for row in rows(result, CODE)}
    assert {key for key, role in roles.items() if role == "counterpart"} == {"ca", "3"}


def test_what_plezi_would_overwrite(tmp_path: Path, engine: str) -> None:
    """R17: of persons who become one contact, Plezi's connector overwrites all but the first; contacts overwrite nobody."""
    world = World(tmp_path)
    for number in range(1, 4):
        world.person(str(number), "a@example.com")
    world.person("4", "b@example.com")
    world.person("5", "b@example.com")
    world.contact("c1", "z@example.com")
    world.contact("c2", "z@example.com")

    result = world.audited(engine, CODE)
    messages = list(dict.fromkeys(row["message"] for row in rows(result, CODE)))

    assert messages == [
        "3 persons share 1 email address; Plezi's own connector would overwrite 2 of the persons with another's data",
        "2 persons share 1 email address; Plezi's own connector would overwrite 1 of the persons with another's data",
        "2 contacts share 1 email address",
    ]
    summary = result.summaries[0]
    assert summary.findings == 3
    assert summary.records == {Side.PIPEDRIVE: 5, Side.PLEZI: 2}
    assert summary.headline == (
        "3 clusters, 5 persons, 2 contacts; Plezi's own connector would overwrite 3 of them with another person's data"
    )


def test_everybody_in_a_cluster_is_blocked(tmp_path: Path, engine: str) -> None:
    """R17: nothing is written to anybody in a cluster, counterparts included, until a person decides."""
    world = World(tmp_path)
    world.person("1", "a@example.com")
    world.person("2", "a@example.com")
    world.person("3", "free@example.com")
    world.contact("c", "a@example.com")

    result = world.audited(engine, CODE)

    assert blocked_subjects(result.table) == {
        Side.PIPEDRIVE: {"1": (CODE,), "2": (CODE,)},
        Side.PLEZI: {"c": (CODE,)},
    }
    assert result.gate.blocked_records == 3


def test_links_lead_to_the_records(tmp_path: Path, engine: str) -> None:
    """R7: Pipedrive's address of a person, Plezi's own of a contact; nothing but a web address."""
    world = World(tmp_path)
    world.person("7", "a@example.com")
    world.person("8", "a@example.com")
    world.contact("good", "a@example.com", plezi_url="https://plezi.example.com/contacts/good")
    world.contact("bad", "a@example.com", plezi_url="javascript:alert(1)")
    world.contact("none", "a@example.com")

    links = {row["id"]: row["link"] for row in rows(world.audited(engine, CODE), CODE)}

    assert links == {
        "7": "https://acme.example.com/person/7",
        "8": "https://acme.example.com/person/8",
        "good": "https://plezi.example.com/contacts/good",
        "bad": None,
        "none": None,
    }


@pytest.mark.parametrize("domain", ["", "api.pipedrive.com"])
def test_no_link_where_no_company_is_known(domain: str, tmp_path: Path, engine: str) -> None:
    """An export without an account, or a token that does not tell its company: no page is made up."""
    world = World(tmp_path)
    schema = world.schemas[Side.PIPEDRIVE]
    world.schemas[Side.PIPEDRIVE] = replace(schema, account=replace(schema.account, domain=domain))
    world.person("7", "a@example.com")
    world.person("8", "a@example.com")

    assert {row["link"] for row in rows(world.audited(engine, CODE), CODE)} == {None}


def test_a_finding_keeps_its_id_while_its_members_stay(tmp_path: Path, engine: str) -> None:
    """Runs can be compared: order, spelling and other clusters change no id, another member does."""

    def ids(folder: str, *people: tuple[str, str]) -> dict[frozenset[str], str]:
        world = World(tmp_path / folder)
        for identifier, address in people:
            world.person(identifier, address)
        table = rows(world.audited(engine, CODE), CODE)
        return {
            frozenset(row["id"] for row in table if row["finding"] == finding): finding
            for finding in dict.fromkeys(row["finding"] for row in table)
        }

    before = ids("1", ("1", "a@example.com"), ("2", "a@example.com"))
    after = ids(
        "2", ("0", "b@example.com"), ("2", "A@example.com"), ("1", "a@example.com"), ("3", "b@example.com")
    )
    grown = ids("3", ("1", "a@example.com"), ("2", "a@example.com"), ("3", "a@example.com"))

    pair = frozenset({"1", "2"})
    assert after[pair] == before[pair]
    assert grown[frozenset({"1", "2", "3"})] != before[pair]


def test_a_mailbox_of_thousands(tmp_path: Path, engine: str) -> None:
    """R17: a shared mailbox in every person is one finding, each member told once, and the sample stays small."""
    world = World(tmp_path)
    for number in range(3_000):
        world.person(str(number), "info@example.com")

    result = world.audited(engine, CODE)

    assert result.summaries[0].findings == 1
    assert result.table.num_rows == 3_000
    sample = result.summaries[0].samples[0]
    assert len(sample.subjects) == 20
    assert sample.details["more"] == 2_980
    assert sample.severity is Severity.BLOCKING
