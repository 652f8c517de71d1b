"""What a person who changes a mapping is offered: pairs of options, fields to map, and a real person to look at it with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pdsync.audits.options import proposed_pairs
from pdsync.engine.mapping_options import (
    Standing,
    count_holders,
    likely,
    option_rows,
    pair_name,
    why_no_pairs,
)
from pdsync.engine.mapping_preview import People, Preview
from pdsync.engine.mapping_suggestions import counterparts, proposed_fields, unmapped_fields
from pdsync.errors import UsageError
from pdsync.model import (
    BoundField,
    ConflictPolicy,
    Field,
    FieldStanding,
    Kind,
    Match,
    Option,
    OptionRules,
    Side,
)
from tests.engine.mapping_world import TEXT, MappingWorld, row_of
from tests.planning.build import SECTOR, contact, person

PEOPLE = (
    [
        person("1", "l@example.com", city="Lyon", sector=1, revenue=12),
        person("2", "twin@example.com"),
        person("3", "twin@example.com"),
        person("4", "alone@example.com", sync=36),
        person("5", "next@example.com", sector=99, city="Metz"),
    ],
    [
        contact("a", "l@example.com", plz_city="Paris", plz_sector="energie", source="Ads"),
        contact("b", "next@example.com", plz_sector="banque", plz_city="Metz"),
        contact("c", "new@example.com", plz_sector="banque"),
        contact("d", "nameless@example.com", last_name=None),
    ],
)


@pytest.fixture
def world(tmp_path: Path) -> MappingWorld:
    """Some people, read."""
    world = MappingWorld(tmp_path)
    world.read(*PEOPLE)
    return world


def sector(world: MappingWorld) -> BoundField:
    """The field mapping of the two lists."""
    field = row_of(world.draft(), "Secteur").field
    assert field is not None
    return field


# -- options


def test_both_lists_stand_side_by_side(world: MappingWorld) -> None:
    """R24: what asks for a decision first; who holds an option; what is in no list."""
    rows = option_rows(sector(world), count_holders(world.ws))

    assert [
        (str(row.standing), *(row.options[side].id if side in row.options else "" for side in Side))
        for row in rows
    ] == [
        ("open", "4", ""),
        ("paired", "3", "industrie-energie"),
        ("alike", "2", "banque"),
        ("alike", "1", "energie"),
        ("not in list", "99", ""),
    ]
    assert rows[2].records == {Side.PIPEDRIVE: 0, Side.PLEZI: 2}
    assert rows[4].records == {Side.PIPEDRIVE: 1}


def test_proposals_are_those_of_the_audit() -> None:
    """One judgement of what is alike, asked twice."""
    here = Field("sector", "S", Kind.OPTION, options=(Option("1", "Sante"), Option("2", "Conseil")))
    there = Field("plz_sector", "S", Kind.OPTION, options=(Option("santé", "Santé"), Option("x", "Conseils")))
    written = replace(SECTOR, options=OptionRules())
    field = BoundField(written, here, there, ConflictPolicy.MANUAL)
    proposed = [row for row in option_rows(field, {}) if row.standing is Standing.PROPOSED]

    assert [(row.options[Side.PIPEDRIVE].id, row.options[Side.PLEZI].id) for row in proposed] == [
        (here.id, there.id) for here, there, _ in proposed_pairs(field)
    ]
    assert [row.how for row in proposed] == ["differ by accents", "similarity 0.93"]
    assert proposed[0].records == {Side.PIPEDRIVE: None, Side.PLEZI: None}


def test_a_pair_of_the_file_that_means_nothing_is_shown_as_it_is(tmp_path: Path) -> None:
    """So that it can be taken out."""
    world = MappingWorld(tmp_path, TEXT.replace("pipedrive: Industrie & énergie,", "pipedrive: Indus,"))
    rows = option_rows(sector(world), {})

    assert rows[-1].standing is not Standing.UNKNOWN
    unknown = next(row for row in rows if row.standing is Standing.UNKNOWN)
    assert unknown.pair is not None
    assert unknown.pair.pipedrive == "Indus"
    assert list(unknown.options) == [Side.PLEZI]


@pytest.mark.parametrize(
    ("options", "side", "wanted"),
    [
        ([("1", "Oui"), ("2", "Non")], Side.PIPEDRIVE, "Oui"),
        ([("1", "Oui"), ("2", "Oui")], Side.PIPEDRIVE, "1"),
        ([("1", "2"), ("2", "Non")], Side.PIPEDRIVE, "2"),
        ([("oui", "Oui"), ("non", "Non")], Side.PLEZI, "oui"),
        ([("oui", "Oui"), ("non", "oui")], Side.PLEZI, "Oui"),
    ],
)
def test_a_pair_names_an_option_by_what_means_it_only(
    options: list[tuple[str, str]], side: Side, wanted: str
) -> None:
    """Pipedrive's label, Plezi's value; where the other option could be meant, the other name."""
    field = Field("f", "F", Kind.OPTION, options=tuple(Option(*one) for one in options))

    assert pair_name(field, side, field.options[0]) == wanted


def test_what_resembles_most_comes_first() -> None:
    """However little that is: somebody has to be first."""
    found = likely(
        Option("1", "Santé"), [Option("x", "Autre"), Option("y", "Sante publique"), Option("z", "")]
    )

    assert found[0].id == "y"
    assert len(found) == 3


def test_why_there_is_nothing_to_pair(world: MappingWorld) -> None:
    """A text is no list; a list that nobody knows cannot be shown."""
    city = row_of(world.draft(), "City").field
    assert city is not None
    assert why_no_pairs(city) == "City is no list in Pipedrive: there is nothing to pair."
    field = sector(world)
    assert why_no_pairs(field) == ""
    assert "is not known" in why_no_pairs(replace(field, plezi=replace(field.plezi, options=())))


def test_nobody_is_counted_before_anybody_was_read(tmp_path: Path) -> None:
    """A side that was never read is left out, not zero."""
    world = MappingWorld(tmp_path)
    assert count_holders(world.ws) == {}
    assert option_rows(sector(world), {})[1].records == {Side.PIPEDRIVE: None, Side.PLEZI: None}


# -- fields


def test_fields_called_alike_are_proposed(world: MappingWorld) -> None:
    """Nobody has mapped them, and values can flow between them."""
    bound = world.draft().view().bound
    assert bound is not None
    names = [(here.code, there.code) for here, there in proposed_fields(bound)]

    assert ("function", "function") in names
    assert ("plezi_url", "plezi_url") in names
    assert all(here != "sector" for here, _ in names)
    assert "city" not in [one.code for one in unmapped_fields(bound, Side.PIPEDRIVE)]


def test_counterparts_are_sorted_by_fit_then_by_name(world: MappingWorld) -> None:
    """What cannot be mapped comes last, with the reason."""
    bound = world.draft().view().bound
    assert bound is not None
    born = next(one for one in unmapped_fields(bound, Side.PIPEDRIVE) if one.code == "born")
    found = counterparts(bound, born)

    assert [bool(one.why_not) for one in found] == sorted(bool(one.why_not) for one in found)
    assert found[0].field.code == "plz_born"
    phones = replace(born, kind=Kind.PHONES, writable=False)
    assert next(one.why_not for one in counterparts(bound, phones) if one.field.code == "plz_born") == (
        "phones and date do not become each other"
    )
    assert next(one.why_not for one in counterparts(bound, phones) if one.field.code == "state") == (
        "both are read-only"
    )


# -- a real person


def preview(world: MappingWorld, number: int = 0, text: str = "") -> Preview:
    """What the file, or this text, would do to somebody."""
    if text:
        world.write(text)
    mapping = world.draft().view().mapping
    assert mapping is not None
    return People(world.ws).preview(number, mapping)


def line(shown: Preview, number: int) -> object:
    """How the field mapping in this line stands."""
    return next(one.standing for (at, _), one in shown.fields.items() if at == number)


def test_a_pair_is_shown_as_the_planner_would_treat_it(world: MappingWorld) -> None:
    """Conflicts, what would be written, and what is the same, at the lines of the file."""
    shown = preview(world)

    assert (shown.title, shown.match, shown.people) == ("Lucile Rivière", Match.PAIRED, 5)
    assert shown.ids == {Side.PIPEDRIVE: "1", Side.PLEZI: "a"}
    assert line(shown, 11) is FieldStanding.CONFLICT
    assert line(shown, 12) is FieldStanding.WRITE
    assert line(shown, 13) is FieldStanding.SAME
    assert line(shown, 19) is FieldStanding.WRITE
    assert shown.writes == {Side.PIPEDRIVE: 1, Side.PLEZI: 1}


def test_a_change_of_the_draft_changes_what_is_shown(world: MappingWorld) -> None:
    """Without saving: the mapping of the draft is looked at."""
    people, draft = People(world.ws), world.draft()
    draft.turn(row_of(draft, "source").entry)
    mapping = draft.view().mapping
    assert mapping is not None
    shown = people.preview(0, mapping)

    assert line(shown, 12) is FieldStanding.OFF
    assert shown.writes == {Side.PLEZI: 1}


def test_who_is_on_one_side_only_is_created_or_not(world: MappingWorld) -> None:
    """With the reason: scope, R13; pairs come first, and who shares an address is not among them."""
    found = [preview(world, number) for number in range(5)]

    assert [(one.match, dict(one.ids), one.creates) for one in found[2:]] == [
        (Match.ALONE, {Side.PIPEDRIVE: "4"}, None),
        (Match.ALONE, {Side.PLEZI: "c"}, Side.PIPEDRIVE),
        (Match.ALONE, {Side.PLEZI: "d"}, None),
    ]
    assert "out-of-scope" in found[2].counts
    assert found[4].findings


def test_the_list_of_people_goes_round(world: MappingWorld) -> None:
    """After the last comes the first."""
    assert preview(world, 5).number == 0
    assert preview(world, -1).number == 4


def test_a_person_is_found_by_address_or_id(world: MappingWorld) -> None:
    """The beginning of an address is enough."""
    people = People(world.ws)

    assert people.find("next@example.com") == 1
    assert people.find("NEX") == 1
    assert people.find("pipedrive:person/4") == 2
    assert people.find(" c ") == 3
    with pytest.raises(UsageError, match="shares its addresses"):
        people.find("pipedrive:person/2")
    with pytest.raises(UsageError, match="Nobody is known"):
        people.find("x@example.com")
    with pytest.raises(UsageError):
        people.find("")


def test_a_mapping_with_problems_is_shown_as_far_as_it_can_be_read(world: MappingWorld) -> None:
    """What is wrong with one field mapping hides no other."""
    shown = preview(world, 0, TEXT.replace("pipedrive: City,", "pipedrive: Citty,"))

    assert not any(at == 11 for at, _ in shown.fields)
    assert line(shown, 12) is FieldStanding.WRITE


def test_nobody_was_read(tmp_path: Path) -> None:
    """It says so, and what to do."""
    world = MappingWorld(tmp_path)
    with pytest.raises(UsageError, match="was never read"):
        People(world.ws)
    world.read([], [])
    mapping = world.draft().view().mapping
    assert mapping is not None
    with pytest.raises(UsageError, match="Nobody was read"):
        People(world.ws).preview(0, mapping)


def test_newer_snapshots_are_noticed(world: MappingWorld) -> None:
    """Then the people are read again."""
    people = People(world.ws)
    assert people.are_newest
    world.read(*PEOPLE)
    assert not people.are_newest
