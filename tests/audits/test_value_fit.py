"""Values that the other side cannot hold, and field mappings that cannot work: the audits count the records (design 6)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pdsync.model import AuditRule, Direction, Field, FieldMapping, Kind, Side, Value
from pdsync.planning.linting import lint
from tests.audits.build import FIELDS, World, option_field, rows

PERSON = FIELDS[Side.PIPEDRIVE]
CONTACT = FIELDS[Side.PLEZI]


def world_of(
    folder: Path,
    here: Sequence[Field],
    there: Sequence[Field],
    *mapped: FieldMapping,
    rules: dict[str, AuditRule] | None = None,
) -> World:
    """A world with these fields beside the usual ones."""
    fields = {Side.PIPEDRIVE: (*PERSON, *here), Side.PLEZI: (*CONTACT, *there)}
    return World(folder, fields=fields, mapped=mapped, rules=rules)


def told(found: Sequence[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Subject, group and message of each row."""
    return [(f"{row['noun']}/{row['id']}", row["group"], row["message"]) for row in found]


def test_too_long(tmp_path: Path, engine: str) -> None:
    """R2: longer than the target takes, counted in characters as the planner does, never in bytes; white space counts."""
    here = Field("note", "Note", Kind.TEXT)
    there = Field("plz_note", "Kommentar", Kind.TEXT, max_length=10)
    world = world_of(tmp_path, [here], [there], FieldMapping("note", "plz_note", Direction.TO_PLEZI))
    notes = [
        "x" * 10,
        "x" * 11,
        "Éléphantes",  # 10 characters, 12 bytes
        "Nguyễn Thị Ánh",  # 14
        '"""""""""""',  # 11, each escaped in JSON
        '"""""""""',  # 9, 18 in JSON
        "👩‍👩‍👧‍👦🔥🔥",  # 9 code points
        "محمد بن سلمان",  # 13
        "x" * 9 + "  ",  # 11 as delivered, 9 compared
        None,
        "   ",
        "Straßenbahn",  # 11
        "Größe, süß",  # 10
    ]
    for number, note in enumerate(notes, start=1):
        world.person(str(number), note=note)

    found = rows(world.audited(engine, "value-too-long"), "value-too-long")

    assert [(row["id"], row["details"]["value"]) for row in found] == [
        (str(number), notes[number - 1]) for number in (2, 4, 5, 8, 9, 12)
    ]
    assert found[0]["message"] == "'Kommentar' takes 10 characters, this has 11 (Plezi)"
    assert {row["field"] for row in found} == {"note"}
    summary = world.audited(engine, "value-too-long").summaries[0]
    assert summary.findings == summary.records[Side.PIPEDRIVE] == 6
    assert summary.headline == "6 persons (note)"


@pytest.mark.parametrize(
    ("kind", "values", "wrong"),
    [
        (
            Kind.NUMBER,
            [
                "12",
                "12.50",
                "-0",
                "1e3",
                " 7 ",
                "12,5",
                "1 000",
                "12 €",
                "",
                None,
                "NaN",
                "٣",
                "1e999999",
                "🔥",
            ],
            [5, 6, 7, 10, 12, 13],
        ),
        (
            Kind.DATE,
            [
                "2024-02-29",
                "2023-02-29",
                "2024-13-01",
                "29/02/2024",
                "2024-2-9",
                "2024-02-29T10:00:00Z",
                "",
                "31",
                "2024-12-31",
            ],
            [1, 2, 3, 4, 5, 7],
        ),
        (Kind.BOOLEAN, ["true", "FALSE", "oui", "1", "", None, "vrai"], [2, 3, 6]),
        (Kind.DATETIME, ["2024-02-29", ""], [0]),
    ],
)
def test_wrong_format(
    tmp_path: Path, engine: str, kind: Kind, values: Sequence[Value], wrong: Sequence[int]
) -> None:
    """R2: text that is no number, no day that exists, no yes-or-no; what the planner can read is in order."""
    here, there = Field("note", "Note", Kind.TEXT), Field("plz_note", "Note", kind)
    world = world_of(tmp_path, [here], [there], FieldMapping("note", "plz_note", Direction.TO_PLEZI))
    for number, value in enumerate(values):
        world.person(f"p{number:02}", note=value)

    found = rows(world.audited(engine, "wrong-format"), "wrong-format")

    assert [row["id"] for row in found] == [f"p{number:02}" for number in wrong]


def test_numbers_and_days_of_their_own_kind(tmp_path: Path, engine: str) -> None:
    """R2: a field of the right type may hold text all the same (an export, a hand-made list): both directions count."""
    fields = [
        Field("turnover", "CA", Kind.NUMBER),
        Field("birthday", "Né(e) le", Kind.DATE),
        Field("seen", "Seen", Kind.DATETIME),
    ]
    there = [
        Field("plz_ca", "CA", Kind.NUMBER),
        Field("plz_born", "Né(e) le", Kind.DATE),
        Field("plz_seen", "Seen", Kind.DATE),
    ]
    world = world_of(
        tmp_path, fields, there,
        FieldMapping("turnover", "plz_ca", Direction.BOTH), FieldMapping("birthday", "plz_born", Direction.BOTH),
        FieldMapping("seen", "plz_seen", Direction.TO_PLEZI),
    )  # fmt: skip
    world.person("1", turnover=12.5, birthday="1980-02-30", seen="2024-01-31T23:00:00Z")
    world.person("2", turnover="beaucoup", birthday="1980-01-31", seen="hier")
    world.contact("c", plz_ca="12 500", plz_born="31.12.1980")

    found = rows(world.audited(engine, "wrong-format"), "wrong-format")

    assert [(row["group"], row["id"]) for row in found] == [
        ("turnover", "c"), ("turnover", "2"), ("birthday", "c"), ("birthday", "1"), ("seen", "2"),
    ]  # fmt: skip
    assert found[3]["message"] == "'Né(e) le' takes a day that exists (Plezi)"


def test_several_options_into_one(tmp_path: Path, engine: str) -> None:
    """R24: two options that both have a counterpart cannot go into a drop-down; one can."""
    here = option_field(
        "tags", "Tags", ("1", "crm"), ("2", "rh"), ("3", "a, b"), ("4", "gone"), kind=Kind.OPTIONS
    )
    there = option_field("plz_tag", "Tag", "crm", "rh", "a, b")
    world = world_of(tmp_path, [here], [there], FieldMapping("tags", "plz_tag", Direction.TO_PLEZI))
    for number, held in enumerate([[1], [1, 2], [3], [1, 4], [2, 3, 1], [], None], start=1):
        world.person(str(number), tags=held)

    found = rows(world.audited(engine, "several-options"), "several-options")

    assert told(found) == [
        ("person/2", "tags", "'Tag' takes one option, not 2 (Plezi)"),
        ("person/5", "tags", "'Tag' takes one option, not 3 (Plezi)"),
    ]


def test_only_what_flows(tmp_path: Path, engine: str) -> None:
    """R16: a direction that is switched off, or that nobody writes, loses nothing."""
    here, there = (
        Field("note", "Note", Kind.TEXT, max_length=5),
        Field("plz_note", "Note", Kind.TEXT, max_length=3),
    )

    def found(direction: Direction) -> list[str]:
        world = world_of(tmp_path / direction, [here], [there], FieldMapping("note", "plz_note", direction))
        world.person("1", note="abcdef")
        world.contact("c", plz_note="abcdef")
        return [row["id"] for row in rows(world.audited(engine, "value-too-long"), "value-too-long")]

    assert found(Direction.TO_PLEZI) == ["1"]
    assert found(Direction.TO_PIPEDRIVE) == ["c"]
    assert found(Direction.BOTH) == ["c", "1"]
    assert found(Direction.OFF) == []


def test_one_record_with_two_values_at_fault(tmp_path: Path, engine: str) -> None:
    """One finding per record and field: complete and countable; thresholds of the mapping hold as for every audit."""
    here = [Field("note", "Note", Kind.TEXT), Field("title", "Titre", Kind.TEXT)]
    there = [
        Field("plz_note", "Note", Kind.TEXT, max_length=3),
        Field("plz_title", "Titre", Kind.TEXT, max_length=3),
    ]
    world = world_of(
        tmp_path, here, there,
        FieldMapping("note", "plz_note", Direction.TO_PLEZI), FieldMapping("title", "plz_title", Direction.TO_PLEZI),
        rules={"value-too-long": AuditRule(allow=1)},
    )  # fmt: skip
    world.person("1", note="abcd", title="abcd")
    world.person("2", note="abc", title="")

    result = world.audited(engine, "value-too-long")

    summary = result.summaries[0]
    assert (summary.findings, summary.records[Side.PIPEDRIVE], summary.groups) == (
        2,
        1,
        {"note": 1, "title": 1},
    )
    assert result.gate.refused == ("value-too-long: 2 findings, 1 allowed",)


def test_field_mappings_that_cannot_work(tmp_path: Path, engine: str) -> None:
    """R6: what lint refuses of the mapping, with the records that hold something which would get lost."""
    here = [
        Field("score", "score", Kind.TEXT),
        Field("born", "Né le", Kind.DATE),
        Field("other", "Autre", Kind.TEXT),
    ]
    there = [
        Field("behaviour_score", "Score", Kind.NUMBER, writable=False),
        Field("plz_flag", "Flag", Kind.BOOLEAN),
        Field("plz_note", "Note", Kind.TEXT, writable=False),
    ]
    world = world_of(
        tmp_path, here, there,
        FieldMapping("score", "behaviour_score", Direction.BOTH), FieldMapping("born", "plz_flag", Direction.TO_PLEZI),
        FieldMapping("other", "plz_note", Direction.TO_PLEZI),
    )  # fmt: skip
    world.person("1", score="12", born="1980-01-31", other="日本")
    world.person("2", score="", born=None, other="x")
    world.contact("c", behaviour_score=3, plz_flag=True)

    result = world.audited(engine, "read-only-target", "type-mismatch", "written-twice")

    assert {finding.code for finding in lint(world.bound)} >= {"read-only", "type-mismatch"}
    assert told(rows(result, "read-only-target")) == [
        (
            "field/behaviour_score",
            "score",
            "'Score' in Plezi is read-only: what 1 person holds cannot be written",
        ),
        ("person/1", "score", "'Score' in Plezi is read-only: what 1 person holds cannot be written"),
        ("field/plz_note", "other", "'Note' in Plezi is read-only: what 2 persons hold cannot be written"),
        ("person/1", "other", "'Note' in Plezi is read-only: what 2 persons hold cannot be written"),
        ("person/2", "other", "'Note' in Plezi is read-only: what 2 persons hold cannot be written"),
    ]
    assert told(rows(result, "type-mismatch")) == [
        (
            "field/plz_flag",
            "born",
            "'Né le' (date) does not become 'Flag' in Plezi (boolean): what 1 person holds cannot be written",
        ),
        (
            "person/1",
            "born",
            "'Né le' (date) does not become 'Flag' in Plezi (boolean): what 1 person holds cannot be written",
        ),
    ]
    assert rows(result, "written-twice") == []


def test_one_target_written_by_two(tmp_path: Path, engine: str) -> None:
    """One field with two sources: every record that fills both of them is named, those that fill one are not."""
    here = [Field("a", "Alpha", Kind.TEXT), Field("b", "Bêta", Kind.TEXT), Field("d", "Delta", Kind.TEXT)]
    there = [Field("plz_note", "Note", Kind.TEXT)]
    world = world_of(
        tmp_path, here, there,
        FieldMapping("a", "plz_note", Direction.TO_PLEZI), FieldMapping("b", "plz_note", Direction.TO_PLEZI),
        FieldMapping("d", "plz_note", Direction.TO_PIPEDRIVE),
    )  # fmt: skip
    for number, (a, b) in enumerate([("x", "y"), ("x", ""), (None, "y"), ("x", "x"), (None, None)], start=1):
        world.person(str(number), a=a, b=b)

    result = world.audited(engine, "written-twice")

    message = "'Note' in Plezi is written from 'Alpha' and 'Bêta'; 2 persons hold more than one of them"
    assert told(rows(result, "written-twice")) == [
        ("field/plz_note", "a", message), ("person/1", "a", message), ("person/4", "a", message),
    ]  # fmt: skip
    assert result.summaries[0].headline == "1 field; 2 records"
