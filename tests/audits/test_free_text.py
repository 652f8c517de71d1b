"""R23, R24: free text that would land in lists, deleted options that would land in texts, lists in another order."""

from __future__ import annotations

from pathlib import Path

from pdsync.model import Condition, Direction, Field, FieldMapping, Kind, Option, Scope, Side
from tests.audits.build import FIELDS, World, option_field, rows, sector, subjects

JOB = Field("job", "Function", Kind.TEXT)
FUNCTION = Field("function", "Fonction", Kind.TEXT)


def test_every_spelling_of_a_function(tmp_path: Path, engine: str) -> None:
    """R23: the distinct values in scope that would land in Plezi's function, and how many of them are only spellings."""
    flag = option_field("sync", "sync_to_plezi", ("1", "Yes"))
    world = World(
        tmp_path,
        fields={
            Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], JOB, flag),
            Side.PLEZI: (*FIELDS[Side.PLEZI], FUNCTION),
        },
        mapped=[FieldMapping("Function", "function", Direction.BOTH)],
        scope={Side.PLEZI: Scope(Condition("sync_to_plezi", equals=("Yes",)))},
    )
    jobs = [
        "Directeur général",
        "DIRECTEUR GENERAL",
        "directeur-général",
        "مدير",
        "Giám đốc",
        "🔥",
        "🔥",
        " ",
        None,
    ]
    for number, job in enumerate(jobs, start=1):
        world.person(str(number), job=job, sync=1)
    world.person("99", job="Poète", sync=None)
    world.contact("c", function="Never counted")

    result = world.audited(engine, "free-text-values")

    assert subjects(result, "free-text-values") == [
        {"field/job", *(f"person/{number}" for number in range(1, 8))}
    ]
    field = rows(result, "free-text-values")[0]
    assert field["message"] == (
        "'Function' would put 6 different values of 7 persons into 'Fonction' in Plezi, "
        "4 if case, accents and punctuation are overlooked"
    )
    assert field["details"]["values"] == 6
    assert next(iter(field["details"]["commonest"].items())) == ("🔥", 2)
    assert result.summaries[0].headline == "Function; 7 records"


def test_the_way_that_the_rule_recommends(tmp_path: Path, engine: str) -> None:
    """R23: from Plezi to the CRM free text harms nobody."""
    fields = {Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], JOB), Side.PLEZI: (*FIELDS[Side.PLEZI], FUNCTION)}
    world = World(tmp_path, fields=fields, mapped=[FieldMapping("job", "function", Direction.TO_PIPEDRIVE)])
    world.person("1", job="Poète")

    assert world.audited(engine, "free-text-values").table.num_rows == 0


def test_text_into_a_list(tmp_path: Path, engine: str) -> None:
    """R23: only spellings that the list has arrive; the others are counted, with everybody who holds one."""
    there = option_field("plz_job", "Fonction", ("ceo", "Geschäftsführer"), ("dev", "Dév."))
    fields = {Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], JOB), Side.PLEZI: (*FIELDS[Side.PLEZI], there)}
    world = World(tmp_path, fields=fields, mapped=[FieldMapping("job", "plz_job", Direction.TO_PLEZI)])
    for number, job in enumerate(
        ["ceo", "Geschäftsführer", "GESCHAFTSFUHRER", "Poet", "Poet", "poet'); --", "", None], start=1
    ):
        world.person(str(number), job=job)

    result = world.audited(engine, "free-text-values")

    assert subjects(result, "free-text-values") == [{"field/job", "person/4", "person/5", "person/6"}]
    field = rows(result, "free-text-values")[0]
    assert (
        field["message"]
        == "'Function' holds 5 different values, of which 2 are not in the list of 'Fonction' in Plezi"
    )
    assert field["details"]["commonest"] == {"Poet": 2, "poet'); --": 1}


def test_deleted_options_in_a_text(tmp_path: Path, engine: str) -> None:
    """R24: the id of a deleted option would arrive as a text; options of the list do not, nor do other fields' options."""
    here = option_field("tags", "Tags", ("1", "crm"), ("2", "Énergie"), kind=Kind.OPTIONS)
    other = option_field("kind", "Kind", ("1", "x"))
    there = [Field("plz_tags", "Tags", Kind.TEXT), option_field("plz_kind", "Kind", "x")]
    world = World(
        tmp_path,
        fields={
            Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], here, other),
            Side.PLEZI: (*FIELDS[Side.PLEZI], *there),
        },
        mapped=[
            FieldMapping("tags", "plz_tags", Direction.TO_PLEZI),
            FieldMapping("kind", "plz_kind", Direction.TO_PLEZI),
        ],
    )
    world.person("1", tags=[1, 2], kind=77)
    world.person("2", tags=[34, 34, 1])
    world.person("3", tags=[34, 35])
    world.person("4", tags=[])

    result = world.audited(engine, "deleted-option")

    assert subjects(result, "deleted-option") == [
        {"option/tags/34", "person/2", "person/3"}, {"option/tags/35", "person/3"},
    ]  # fmt: skip
    assert rows(result, "deleted-option")[0]["message"] == (
        "2 persons hold '34', which is in the list of 'Tags' no more; 'Tags' in Plezi would get it as it stands"
    )


def world_of_lists(folder: Path, here: list[str], there: tuple[Option, ...]) -> World:
    """One list on each side."""
    options = option_field("sector", "Secteur", *((str(number), label) for number, label in enumerate(here)))
    fields = {
        Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], options),
        Side.PLEZI: (*FIELDS[Side.PLEZI], Field("plz_sector", "Secteur", Kind.OPTION, options=there)),
    }
    return World(folder, fields=fields, mapped=[sector()])


def test_lists_in_another_order(tmp_path: Path, engine: str) -> None:
    """R24: as few options as possible count as moved; options without a counterpart do not matter."""
    there = tuple(Option(text, text) for text in ("sante", "energie", "only-there", "banque", "طاقة", "教育"))
    world = world_of_lists(tmp_path, ["Énergie", "Only here", "Banque", "طاقة", "教育", "Santé"], there)

    result = world.audited(engine, "option-order")

    assert subjects(result, "option-order") == [{"field/sector", "field/plz_sector"}]
    assert rows(result, "option-order")[0]["message"] == (
        "'sector': of 5 options that both lists have, 1 would have to move for the order to be the same"
    )
    assert result.summaries[0].severity == "info"


def test_lists_in_the_same_order(tmp_path: Path, engine: str) -> None:
    """R24: gaps do not change an order, and a list that was put together from data has none."""
    same = tuple(Option(text, text) for text in ("energie", "autre", "banque"))
    assert (
        world_of_lists(tmp_path / "same", ["Énergie", "Banque"], same)
        .audited(engine, "option-order")
        .table.num_rows
        == 0
    )
    seen = (Option("banque", "banque", observed=True), Option("energie", "energie", observed=True))
    assert (
        world_of_lists(tmp_path / "seen", ["Énergie", "Banque"], seen)
        .audited(engine, "option-order")
        .table.num_rows
        == 0
    )
