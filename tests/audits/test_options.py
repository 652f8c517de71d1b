"""R24: lists that are not the same on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pdsync.audits.resemblance import differences, resembling
from pdsync.model import Direction, Field, FieldMapping, Kind, Option, Side, Value
from tests.audits.build import FIELDS, World, option_field, rows, sector

CODE = "option-mismatch"

HERE = option_field(
    "sector", "Secteur",
    ("1", "Énergie"), ("2", "Sante"), ("3", "Conseil"), ("4", "Industrie & énergie"), ("5", "Numérique"),
    ("6", "Bâtiment  TP"), ("7", "E-mailing"),
)  # fmt: skip
THERE = option_field(
    "plz_sector", "Secteur d'activité",
    ("energie", "Énergie"), ("santé", "Santé"), ("CONSEIL", "CONSEIL"), ("industrie", "Industrie"),
    ("agro", "Agroalimentaire"), ("bâtiment tp", "Bâtiment TP"), ("emailing", "Emailing"),
)  # fmt: skip


def world_of(folder: Path, mapping: FieldMapping, here: Field = HERE, there: Field = THERE) -> World:
    """A world with one list on each side."""
    fields = {Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], here), Side.PLEZI: (*FIELDS[Side.PLEZI], there)}
    return World(folder, fields=fields, mapped=[mapping])


def findings(found: Sequence[dict[str, Any]]) -> list[tuple[str, set[str], set[str]]]:
    """Per finding: problem, options, records."""
    result: dict[str, tuple[str, set[str], set[str]]] = {}
    for row in found:
        _, options, records = result.setdefault(row["finding"], (row["details"].get("problem"), set(), set()))
        (options if row["noun"] == "option" else records).add(f"{row['side']} {row['id']}")
    return list(result.values())


def test_every_way_to_differ(tmp_path: Path, engine: str) -> None:
    """R24: spelt differently, missing on either side, deleted, in no list: each with the records that hold it."""
    world = world_of(tmp_path, sector(("Industrie & énergie", "industrie")))
    for number, option in enumerate([1, 2, 2, 3, 4, 5, 34, 34, 6, 7, None], start=1):
        world.person(f"{number:02}", sector=option)
    for number, value in enumerate(
        ["energie", "santé", "CONSEIL", "agro", "agro", "Banque", "", "industrie"], start=1
    ):
        world.contact(f"c{number}", plz_sector=value)

    result = world.audited(engine, CODE)

    assert findings(rows(result, CODE)) == [
        (
            "spelling",
            {"pipedrive sector/2", "plezi plz_sector/santé"},
            {"pipedrive 02", "pipedrive 03", "plezi c2"},
        ),
        ("spelling", {"pipedrive sector/3", "plezi plz_sector/CONSEIL"}, {"pipedrive 04", "plezi c3"}),
        ("spelling", {"pipedrive sector/6", "plezi plz_sector/bâtiment tp"}, {"pipedrive 09"}),
        ("spelling", {"pipedrive sector/7", "plezi plz_sector/emailing"}, {"pipedrive 10"}),
        ("missing", {"pipedrive sector/5"}, {"pipedrive 06"}),
        ("missing", {"plezi plz_sector/agro"}, {"plezi c4", "plezi c5"}),
        ("not-in-list", {"pipedrive sector/34"}, {"pipedrive 07", "pipedrive 08"}),
        ("not-in-list", {"plezi plz_sector/Banque"}, {"plezi c6"}),
    ]
    summary = result.summaries[0]
    assert summary.records == {Side.PIPEDRIVE: 8, Side.PLEZI: 5}
    assert summary.headline == "sector: 8 options differ; 13 records"
    assert summary.groups == {"sector": 8}


def test_what_a_finding_says(tmp_path: Path, engine: str) -> None:
    """R24: how the spellings differ, how near they are, who holds them, and the line that pairs them in the mapping."""
    world = world_of(tmp_path, sector(("Industrie & énergie", "industrie")))
    world.person("1", sector=2)
    world.person("2", sector=7)

    found = {row["id"]: row for row in rows(world.audited(engine, CODE), CODE) if row["noun"] == "option"}

    sante = found["sector/2"]
    assert sante["message"] == (
        "'Sante' in Pipedrive and 'santé' in Plezi differ by accents; without a pair neither crosses"
    )
    assert sante["fix"].endswith('- {pipedrive: "Sante", plezi: "santé"}')
    assert sante["details"] == {
        "problem": "spelling", "option": "2", "label": "Sante", "records": 1, "differences": ["accents"],
        "similarity": 1.0,
    }  # fmt: skip
    assert found["sector/7"]["details"]["similarity"] == pytest.approx(0.94)
    assert "probably mean the same" in found["sector/7"]["message"]
    assert found["sector/5"]["message"] == "'Numérique' in Pipedrive has no counterpart in Plezi"
    assert (
        "'Secteur d\\'activité'" in found["sector/5"]["fix"]
        or '"Secteur d\'activité"' in found["sector/5"]["fix"]
    )


def test_what_the_planner_translates_is_settled(tmp_path: Path, engine: str) -> None:
    """R24: an explicit pair, an exact label and a unique slug settle an option; the planner decides, not this audit."""
    here = option_field(
        "sector", "S", ("1", "Énergie"), ("2", "banque"), ("3", "Tout autre"), ("4", "Éducation")
    )
    there = option_field(
        "plz_sector", "S", ("energie", "x"), ("banque", "y"), ("divers", "z"), ("education", "é")
    )
    world = world_of(tmp_path, sector(("Tout autre", "divers")), here, there)
    for number in range(1, 5):
        world.person(str(number), sector=number)

    assert rows(world.audited(engine, CODE), CODE) == []


def test_only_directions_that_flow(tmp_path: Path, engine: str) -> None:
    """R16, R24: one way, only the source's options need a counterpart; switched off, none does."""
    here = option_field("sector", "S", ("1", "Alpha"))
    there = option_field("plz_sector", "S", ("omega", "Omega"))

    def problems(direction: Direction) -> list[set[str]]:
        world = world_of(tmp_path / direction, sector(direction=direction), here, there)
        return [options for _, options, _ in findings(rows(world.audited(engine, CODE), CODE))]

    assert problems(Direction.BOTH) == [{"pipedrive sector/1"}, {"plezi plz_sector/omega"}]
    assert problems(Direction.TO_PLEZI) == [{"pipedrive sector/1"}]
    assert problems(Direction.TO_PIPEDRIVE) == [{"plezi plz_sector/omega"}]
    assert problems(Direction.OFF) == []


def test_multiple_choice(tmp_path: Path, engine: str) -> None:
    """R24: each option of a multiple choice counts, and a record with two of them counts once in all."""
    here = option_field("sector", "S", ("1", "A1"), ("2", "B2"), ("3", "crm"), kind=Kind.OPTIONS)
    there = option_field("plz_sector", "S", ("crm", "CRM"), kind=Kind.OPTIONS)
    world = world_of(tmp_path, sector(), here, there)
    world.person("1", sector=[1, 2, 3])
    world.person("2", sector=[2])
    world.person("3", sector=[3])
    world.contact("c", plz_sector=["crm", "gone", "gone"])

    result = world.audited(engine, CODE)

    assert findings(rows(result, CODE)) == [
        ("missing", {"pipedrive sector/1"}, {"pipedrive 1"}),
        ("missing", {"pipedrive sector/2"}, {"pipedrive 1", "pipedrive 2"}),
        ("not-in-list", {"plezi plz_sector/gone"}, {"plezi c"}),
    ]
    assert result.summaries[0].records == {Side.PIPEDRIVE: 2, Side.PLEZI: 1}


def test_two_options_that_read_the_same(tmp_path: Path, engine: str) -> None:
    """R24: of two options with one slug neither is guessed: the first is proposed, the other is told what it resembles."""
    here = option_field("sector", "S", ("1", "Énergie"), ("2", "ENERGIE"), ("3", "energié"))
    there = option_field("plz_sector", "S", ("energie", "Énergie"))
    world = world_of(tmp_path, sector(), here, there)

    found = rows(world.audited(engine, CODE), CODE)

    assert findings(found) == [
        ("spelling", {"pipedrive sector/1", "plezi plz_sector/energie"}, set()),
        ("missing", {"pipedrive sector/2"}, set()),
        ("missing", {"pipedrive sector/3"}, set()),
    ]
    assert found[-1]["details"]["resembles"] == "energie"
    assert "'Énergie' there resembles it and is the counterpart of another option" in found[-1]["message"]


def test_a_list_that_nobody_knows(tmp_path: Path, engine: str) -> None:
    """Plezi lists no fields: without options from a field list, the field is said to be unchecked, others are checked."""
    fields = {
        Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], HERE, option_field("size", "Taille", ("1", "Petit"))),
        Side.PLEZI: (
            *FIELDS[Side.PLEZI],
            option_field("plz_sector", "Secteur"),
            option_field("plz_size", "Taille", "x"),
        ),
    }
    world = World(tmp_path, fields=fields, mapped=[sector(), sector(fields=("size", "plz_size"))])

    result = world.audited(engine, CODE)

    assert result.summaries[0].not_checked == "the list of 'Secteur' in Plezi is not known"
    assert [options for _, options, _ in findings(rows(result, CODE))] == [
        {"pipedrive size/1"},
        {"plezi plz_size/x"},
    ]


def test_a_list_seen_in_data_only(tmp_path: Path, engine: str) -> None:
    """What was only observed may be incomplete, and the message says so."""
    there = Field("plz_sector", "S", Kind.OPTION, options=(Option("crm", "crm", observed=True),))
    world = world_of(tmp_path, sector(), option_field("sector", "S", ("1", "Numérique")), there)

    found = rows(world.audited(engine, CODE), CODE)

    assert (
        found[0]["message"]
        == "'Numérique' in Pipedrive has no counterpart in Plezi (as far as its data shows)"
    )


def test_labels_that_break_yaml_and_sql(tmp_path: Path, engine: str) -> None:
    """R24: quotes, colons, emoji and other scripts in labels and values break neither the query nor the proposed line."""
    import yaml

    here = option_field("it's", "S", ("1", "a: \"b' #c"), ("2", "🔥"), ("3", "طاقة"), ("4", "Năng lượng"))
    there = option_field('plz"x', "S", ("A: \"B' #C", "x"), ("طَاقة", "y"), ("nang luong", "n"), ("🌊", "w"))
    world = world_of(tmp_path, FieldMapping("it's", 'plz"x', Direction.BOTH), here, there)
    held: dict[str, Value] = {"it's": 1}
    world.add(Side.PIPEDRIVE, "1", (), **held)
    world.add(Side.PLEZI, "c", (), **{'plz"x': "'; DROP TABLE--"})

    found = rows(world.audited(engine, CODE), CODE)

    assert [(problem, len(options), len(records)) for problem, options, records in findings(found)] == [
        ("spelling", 2, 1), ("spelling", 2, 0), ("spelling", 2, 0), ("missing", 1, 0), ("missing", 1, 0),
        ("not-in-list", 1, 1),
    ]  # fmt: skip
    line = found[0]["fix"].partition("this field: ")[2]
    assert yaml.safe_load(line) == [{"pipedrive": "a: \"b' #c", "plezi": "A: \"B' #C"}]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Santé", "Santé", ()),
        ("Santé", "SANTÉ", ("case",)),
        ("Sante", "Santé", ("accents",)),
        ("SANTE", "santé", ("case", "accents")),
        ("Sante\u0301", "Santé", ("Unicode form",)),
        ("Conseil  RH", "Conseil RH", ("spaces",)),
        ("Conseil\u00a0RH", "Conseil RH", ("spaces",)),
        (" Conseil", "Conseil", ("spaces",)),
        ("Con\u200bseil", "Conseil", ("spaces",)),
        ("Arts, spectacles", "Arts spectacles", ("punctuation",)),
        ("arts_spectacles", "Arts spectacles", ("case", "punctuation")),
        ("Œuvres", "Oeuvres", ("accents",)),
        ("STRASSE", "straße", ("case",)),
        ("Énergie", "Santé", ()),
        ("", "", ()),
    ],
)
def test_differences(one: str, other: str, expected: tuple[str, ...]) -> None:
    """R24: what has to be overlooked for two labels to be the same, by name; the same from either end."""
    assert differences(one, other) == expected
    assert differences(other, one) == expected


def test_nearest_letters_first() -> None:
    """Proposals go to the nearest; each option is proposed once; what is not near is not proposed."""
    here = [Option("1", "Informatiques"), Option("2", "Informatique"), Option("3", "Banque")]
    there = [
        Option("informatik", "Informatik"),
        Option("banane", "Banane"),
        Option("informatiq", "Informatiq"),
    ]

    pairs = [(one.id, other.id) for one, other, _ in resembling(here, there)]

    assert pairs == [("2", "informatiq"), ("1", "informatik")]


def test_long_lists_stay_quick() -> None:
    """Two lists of thousands get exact proposals only, instead of millions of comparisons by letters."""
    here = [Option(str(number), f"Option {number:05}") for number in range(2_000)]
    there = [Option(f"v{number}", f"OPTION  {number:05}") for number in range(1_000, 3_000)]

    pairs = {one.label[-5:]: other.label[-5:] for one, other, _ in resembling(here, there)}

    assert pairs == {f"{number:05}": f"{number:05}" for number in range(1_000, 2_000)}


def test_emoji_labels_are_compared_by_letters_only_if_they_have_some() -> None:
    """Two labels without letters or digits are not the same because nothing is left of them."""
    assert (
        list(resembling([Option("1", "🔥"), Option("2", "--")], [Option("x", "🌊"), Option("y", "!")])) == []
    )
