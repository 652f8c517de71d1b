"""R12, R17: a person and a contact with one address, whose names disagree."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.audits.pair_names import Disagreement, compare
from pdsync.model import Field, Kind, Side
from pdsync.snapshots.engines import collect, open_engine
from tests.audits.build import EMAIL, FIELDS, World, rows, subjects

DIFFERENT, ORDER = "different-names", "name-order"

Names = tuple[str | None, str | None]

ONE_PERSON: list[tuple[Names, Names]] = [
    (("Lucile", "Rivière"), ("Lucile", "Rivière")),
    (("LUCILE", "RIVIERE"), ("lucile", "rivière")),
    (("Rivie\u0300re", "Zoe\u0301"), ("Rivière", "Zoé")),
    (("L.", "Rivière"), ("Lucile", "Rivière")),
    (("J.-P.", "Rivière"), ("Jean-Pierre", "Rivière")),
    (("JP", "Rivière"), ("Jean Pierre", "Rivière")),
    (("Jean Pierre", "Rivière"), ("Jean", "Pierre Rivière")),
    (("Jean", "Rivière"), ("Jean-Marc", "Rivière-Duval")),
    (("Alex", "Rivière"), ("Alexandre", "Rivière")),
    (("Lucile", "Riviere"), ("Lucille", "Rivière")),
    (("Lucile", "Rivière"), ("Luicle", "Rivière")),
    (("Zoé", "O'Driscoll"), ("Zoe", "ODriscoll")),
    (("Inès", "de La Fontaine"), ("Ines", "Delafontaine")),
    (("Ève", "Crèvecœur"), ("EVE", "CREVECOEUR")),
    (("Ánh", "Nguyễn Thị"), ("Nguyen", "Thi Anh")),
    (("Đức", "Trần"), ("Duc", "Tran")),
    (("Jürgen", "Groß"), ("Jurgen", "Gross")),
    (("Lucile", "RiviÃ¨re"), ("Lucile", "Riviere")),
    (("Lucile 🌸", "Rivière"), ("Lucile", "Rivière")),
    (("محمد", "سلمان"), ("Mohamed", "Salman")),  # another script: nothing to compare
    ((None, "Rivière"), ("Lucile", "Rivière")),
    ((None, None), ("Lucile", "Rivière")),
    (("", ""), ("", "")),
    (("-", "."), ("Lucile", "Rivière")),
    (("🦊", None), ("Lucile", "Rivière")),
]
TWO_PEOPLE: list[tuple[Names, Names]] = [
    (("Lucile", "Rivière"), ("Hugo", "Montjoie")),
    (("Lucile", "Rivière"), ("Marc", "Rivière")),
    (("Lucile", "Rivière"), ("Lucile", "Montjoie")),
    (("Lucile", None), (None, "Montjoie")),
    (("Accueil", None), ("Lucile", "Rivière")),
    (("محمد", "سلمان"), ("علي", "حسن")),
    (("Nguyễn", "Ánh"), ("Trần", "Đức")),
    (("Jo", "Rivière"), ("Max", "Rivière")),
    (("Ann", "Lee"), ("Anna", "Kim")),
    (("test", "test"), ("Lucile", "Rivière")),
]
EXCHANGED: list[tuple[Names, Names]] = [
    (("Lucile", "Rivière"), ("Rivière", "Lucile")),
    (("RIVIERE", "Lucile"), ("lucile", "Rivière")),
    (("Jean Marc", "de La Tour"), ("De la Tour", "Jean-Marc")),
    (("سلمان", "محمد"), ("محمد", "سلمان")),
    (("Ánh", "Nguyễn"), ("Nguyen", "Anh")),
    (("Crèvecœur", "Ève"), ("EVE", "CREVECOEUR")),
    (("RiviÃ¨re", "Lucile"), ("Lucile", "Riviere")),
]


def meet(world: World, number: int, pair: tuple[Names, Names]) -> None:
    """A person and a contact with one address and these names."""
    for side, (first, last) in zip(Side, pair, strict=True):
        world.add(side, f"{number:04}", [f"p{number}@example.com"], first_name=first, last_name=last)


def test_names_of_pairs(tmp_path: Path, engine: str) -> None:
    """R12, R17: which names are two people's, and which are exchanged; everything else may be one person."""
    world = World(tmp_path)
    for number, pair in enumerate([*ONE_PERSON, *TWO_PEOPLE, *EXCHANGED]):
        meet(world, number, pair)
    one, two = len(ONE_PERSON), len(ONE_PERSON) + len(TWO_PEOPLE)

    result = world.audited(engine, DIFFERENT, ORDER)

    assert subjects(result, DIFFERENT) == [{f"person/{n:04}", f"contact/{n:04}"} for n in range(one, two)]
    assert subjects(result, ORDER) == [
        {f"person/{n:04}", f"contact/{n:04}"} for n in range(two, two + len(EXCHANGED))
    ]
    assert {row["severity"] for row in rows(result, DIFFERENT)} == {"warning"}
    row = rows(result, DIFFERENT)[0]
    assert row["details"] == {
        "pipedrive": {"first_name": "Lucile", "last_name": "Rivière"},
        "plezi": {"first_name": "Hugo", "last_name": "Montjoie"},
    }
    assert "Lucile" not in row["message"] + row["fix"]
    assert {s.code: s.headline for s in result.summaries}[DIFFERENT] == f"{len(TWO_PEOPLE)} pairs"


def test_a_pair_meets_in_any_address_and_once(tmp_path: Path, engine: str) -> None:
    """Secondary addresses count; two addresses in common are one finding; duplicates are another audit's."""
    world = World(tmp_path)
    world.person("1", "a@example.com", "B@example.com", first_name="Lucile", last_name="Rivière")
    world.contact("a", "b@example.com", first_name="Hugo", last_name="Montjoie")
    world.person("2", "c@example.com", first_name="Lucile", last_name="Rivière")
    world.person("3", "c@example.com", first_name="Lucile", last_name="Rivière")
    world.contact("c", "c@example.com", first_name="Hugo", last_name="Montjoie")
    world.person("4", "d@example.com", first_name="Lucile", last_name="Rivière")
    world.contact("e", "e@example.com", first_name="Hugo", last_name="Montjoie")

    assert subjects(world.audited(engine, DIFFERENT), DIFFERENT) == [{"person/1", "contact/a"}]


def test_exchanged_names_of_a_pair_are_one_finding(tmp_path: Path, engine: str) -> None:
    """NOM Prénom here, Prénom Nom there: the pair is the finding, and the capitals are not a second one."""
    world = World(tmp_path)
    world.person("1", "a@example.com", first_name="RIVIÈRE", last_name="Lucile")
    world.contact("a", "a@example.com", first_name="Lucile", last_name="Rivière")
    world.person("2", "b@example.com", first_name="MONTJOIE", last_name="Hugo")

    assert sorted(subjects(world.audited(engine, ORDER), ORDER), key=len) == [
        {"person/2"},
        {"person/1", "contact/a"},
    ]


def test_one_side_knows_only_whole_names(tmp_path: Path, engine: str) -> None:
    """R11: the rule gives the parts to compare."""
    fields = {Side.PIPEDRIVE: (EMAIL, Field("name", "Name", Kind.TEXT)), Side.PLEZI: FIELDS[Side.PLEZI]}
    world = World(tmp_path, fields=fields)
    for number, (name, first, last) in enumerate(
        [
            ("Lucile Rivière", "Lucile", "Rivière"),
            ("Rivière Lucile", "Lucile", "Rivière"),
            ("Hugo Montjoie", "Ève", "Rivière"),
        ]
    ):
        world.person(str(number), f"p{number}@example.com", name=name)
        world.contact(str(number), f"p{number}@example.com", first_name=first, last_name=last)

    result = world.audited(engine, DIFFERENT, ORDER)

    assert subjects(result, DIFFERENT) == [{"person/2", "contact/2"}]
    assert subjects(result, ORDER) == [{"person/1", "contact/1"}]


def test_a_side_without_names_is_not_compared(tmp_path: Path, engine: str) -> None:
    """Without names there is nothing to disagree about, and the gate says that nobody looked."""
    world = World(tmp_path, fields={Side.PIPEDRIVE: (EMAIL,), Side.PLEZI: FIELDS[Side.PLEZI]})
    world.person("1", "a@example.com")
    world.contact("a", "a@example.com", first_name="Hugo", last_name="Montjoie")

    (summary,) = world.audited(engine, DIFFERENT).summaries

    assert (summary.findings, summary.not_checked) == (
        0, "what was read from Pipedrive holds no first names and no last names",
    )  # fmt: skip


_TEXT = st.text(max_size=12)
_LETTERS = st.text(alphabet="aeéÈïßŒæđIİiſKkǅςΣσ'- .", max_size=8)
_NAME = st.one_of(_TEXT, _LETTERS)


@given(_NAME, _NAME, _NAME, _NAME)
def test_comparing_is_symmetric(first: str, last: str, other_first: str, other_last: str) -> None:
    """Swapping the sides changes nothing."""
    assert compare(first, last, other_first, other_last) == compare(other_first, other_last, first, last)


@given(_NAME, _NAME)
def test_case_alone_is_no_disagreement(first: str, last: str) -> None:
    """A name never disagrees with itself in another case."""
    for changed in (str.upper, str.lower, str.title, str.swapcase):
        assert compare(first, last, changed(first), changed(last)) is None


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_names_that_a_query_takes_for_equal_never_disagree(name: str) -> None:
    """Whatever an engine lower-cases to the same text, Python takes for the same name: every letter with case is tried."""
    import sys

    import narwhals as nw
    import pyarrow as pa

    cased = [
        chr(code)
        for code in range(sys.maxunicode)
        if chr(code).isalpha() and chr(code).swapcase() != chr(code)
    ]
    texts = [f"xy{c}z" for c in cased]
    frame = open_engine(name).table(pa.table({"text": pa.array(texts, pa.string())}))
    lowered = collect(frame.select("text", nw.col("text").str.to_lowercase().alias("low"))).to_pylist()
    groups: dict[str, list[str]] = {}
    for row in lowered:
        groups.setdefault(row["low"], []).append(row["text"])

    disagreeing = [
        held for held in groups.values() for one in held if compare(held[0], "Q", one, "Q") is not None
    ]

    assert len(lowered) == len(texts)
    assert disagreeing == []


def test_planted_disagreements_are_found_and_nothing_else(tmp_path: Path, engine: str) -> None:
    """Precision and recall are 1 on 1,500 made-up pairs, of whom some are spelt differently and some are two people."""
    from pdsync.sandbox.seeding import names as lists

    dice = random.Random("planted pairs")
    world = World(tmp_path)
    planted: dict[str, set[str]] = {DIFFERENT: set(), ORDER: set()}
    firsts, lasts = ("Adèle", "Benoît", "Clémence", "Félix"), lists.FRENCH_FAMILY
    for number in range(1_500):
        first, last = dice.choice(firsts), dice.choice(lasts)
        match dice.choice(["same", "case", "initial", "second name", "accents", "swapped", "other"]):
            case "same":
                other = (first, last)
            case "case":
                other = (first.upper(), last.lower())
            case "initial":
                other = (f"{first[0]}.", last)
            case "second name":
                other = (f"{first}-Marc", f"{last} Rivesaltes")
            case "accents":
                other = (first.translate(str.maketrans("èéîô", "eeio")), last)
            case "swapped":
                other = (last, first)
                planted[ORDER].add(f"person/{number:04}")
            case _:
                other = (next(one for one in firsts if one != first), last)
                planted[DIFFERENT].add(f"person/{number:04}")
        meet(world, number, ((first, last), other))

    result = world.audited(engine, DIFFERENT, ORDER)

    for code, records in planted.items():
        found = set().union(*subjects(result, code))
        assert {one for one in found if one.startswith("person")} == records


def test_kinds_of_disagreement() -> None:
    """Nothing is found for names that only look different."""
    assert compare("Lucile", "Rivière", "Rivière", "Lucile") is Disagreement.SWAPPED
    assert compare("Lucile", "Lucile", "Lucile", "Lucile") is None
