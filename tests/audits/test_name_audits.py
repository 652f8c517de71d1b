"""What the audits of names find, and what not: a table of nasty names with the exact findings."""

from __future__ import annotations

from pathlib import Path

from pdsync.model import Field, Kind, Side
from tests.audits.build import EMAIL, FIELDS, World, rows, subjects
from tests.audits.name_codes import (
    ADDRESS,
    CAPS,
    CODES,
    DAMAGED,
    DIGITS,
    EQUAL,
    FIRM,
    HOLDER,
    MISPLACED,
    ORDER,
    RULE,
    TITLE,
    Name,
    found,
)

IN_ORDER: list[Name] = [
    ("Lucile", "Rivière"), ("lucile", "rivière"), ("Zoé", "O'Driscoll"), ("Zoé", "O’Mulligan"), ("Jean-Marc", "Crèvecœur"),
    ("Anne-Laure", "de La Fontaine"), ("Ludwig", "van den Hove"), ("Otto", "von Altenwald"), ("Nolwenn", "Le Goaziou"),
    ("Inès", "d'Hauteroche"), ("Ève", "L'Évêque"), ("Jürgen", "Müller-Lüdenscheidt"), ("Groß", "Straße"), ("Ánh", "Nguyễn"),
    ("Văn An", None), ("محمد", "بن سلمان"), ("大文", "陳"), ("🌸Zoé", "Rivière"), ("J.", "Rivière"), ("J.P.", "Rivière"),
    ("DJ", "Rivière"), ("M", "Rivière"), ("Und", "Rivière"), ("Maria", "Herr"), ("Thomas", "Frau"), ("Sas", "Rivière"),
    ("Maria", "Sa"), ("Linda", "Co"), ("Paul", "Mc Donald"), ("Ruth", "McKechnie"), ("João", "São-Vicente"),
    ("Åse", "Ångström"), (None, None),
    ("Lucile", None), (None, "Rivière"), ("", " "), ("X", "X"), ("Kim", "Nam"), ("Ras", "Tafari"), ("Aarón", "Aaroñ-Vidal"),
    ("Teste-Belle", "Rivière"), ("Testa", "Rivière"), ("Nomade", "Prénomme"), ("Владимир", "Жуков"), ("Lilli", "Illing"),
    ("Jean", "Pierrefonds"), ("Al", "Gore-Bay"), ("Ben", "Yedder-Rives"), ("Émile", "Emile-Rose"), ("Marie", "Pierre"),
]  # fmt: skip

TABLE: list[tuple[Name, set[str]]] = [
    (("Test", "Rivière"), {HOLDER}),
    (("Lucile", "TEST"), {HOLDER, CAPS}),
    (("test 2", "Rivière"), {HOLDER, DIGITS, RULE}),
    (("xxx", "Rivière"), {HOLDER}),
    (("Xx", "Rivière"), {HOLDER}),
    (("Aaaaaaaaaaaaaaaaaaa", "Rivière"), {HOLDER}),
    (("-", "Rivière"), {HOLDER}),
    (("Lucile", "."), {HOLDER}),
    (("Lucile", "???"), {HOLDER}),
    (("🦊", "Rivière"), {HOLDER}),
    (("Lucile", "Inconnu"), {HOLDER}),
    (("Lucile", "[inconnue]"), {HOLDER}),
    (("N/A", "Rivière"), {HOLDER}),
    (("n.a.", "Rivière"), {HOLDER}),
    (("Nc", "Rivière"), {HOLDER}),
    (("Lucile", "Non renseigné"), {HOLDER}),
    (("Lucile", "NON-RENSEIGNE"), {HOLDER, CAPS}),
    (("Prénom", "Nom"), {HOLDER}),
    (("John", "Doe"), {HOLDER}),
    (("Unbekannt", "Müller"), {HOLDER}),
    (("Null", "Rivière"), {HOLDER}),
    (("test", "test"), {HOLDER, EQUAL}),
    (("M.", "Rivière"), {TITLE}),
    (("M. Lucile", "Rivière"), {TITLE, RULE}),
    (("Mme", "Rivière"), {TITLE}),
    (("MME Lucile", "Rivière"), {TITLE, RULE}),
    (("Mme", "Lucile Rivière"), {TITLE}),
    (("Dr.Lucile", "Rivière"), {TITLE}),
    (("Lucile (Dr)", "Rivière"), {TITLE, RULE}),
    (("Lucile", "Rivière, Dr."), {TITLE}),
    (("Herr", "Müller"), {TITLE}),
    (("Frau Dr. Lena", "Müller"), {TITLE, RULE}),
    (("Docteur", "Nguyễn"), {TITLE}),
    ((None, "Madame Rivière"), {TITLE}),
    (("Maître", "Corbeau"), {TITLE}),
    (("Acme", "SARL"), {FIRM, CAPS}),
    (("Rivière", "S.A.R.L."), {FIRM}),
    (("Müller", "GmbH"), {FIRM}),
    (("Acme", "Widgets Ltd."), {FIRM}),
    (("Transports", "Rivière SAS"), {FIRM}),
    (("Dupont", "& Fils"), {FIRM}),
    ((None, "Müller und Söhne"), {FIRM}),
    (("Škoda", "s.r.o."), {FIRM}),
    (("Mairie", "de Rivière"), {FIRM}),
    (("Rivière", "S.A."), {FIRM}),
    (("Lucile2", "Rivière"), {DIGITS}),
    (("Lucile", "06 39 98 12 34"), {DIGITS}),
    (("محمد٣", "سلمان"), {DIGITS}),
    (("lucile@example.com", "Rivière"), {ADDRESS}),
    (("Lucile", "lucile.riviere99@example.com"), {ADDRESS}),
    (("RiviÃ¨re", "Lucile"), {DAMAGED}),
    (("Lucile", "RiviÃƒÂ¨re"), {DAMAGED}),
    (("Zo√©", "Rivière"), {DAMAGED}),
    (("No├½l", "Rivière"), {DAMAGED}),
    (("Lucile", "M&uuml;ller"), {DAMAGED}),
    (("Fran?ois", "Rivière"), {DAMAGED}),
    (("Fran\ufffdois", "Rivière"), {DAMAGED}),
    (("Nguyá»…n", "Ánh"), {DAMAGED}),
    (("Ù…Ø\xadÙ…Ø¯", "Rivière"), {DAMAGED}),
    (("Lucile", "Lucile"), {EQUAL}),
    (("Rivière", "riviere"), {EQUAL}),
    (("Jean-Luc", "jean luc"), {EQUAL}),
    (("de La Tour", "De la Tour"), {EQUAL, RULE}),
    (("محمد", "محمد"), {EQUAL}),
    (("陳", "陳"), set()),
    (("Ánh Nguyễn", "Ánh Nguyễn"), {EQUAL, RULE}),
    (("Lucile", "RIVIÈRE"), {CAPS}),
    (("LUCILE", "RIVIÈRE"), {CAPS}),
    (("Jean", "DE LA RÉE"), {CAPS}),
    (("ЖУКОВ", "ВЛАДИМИР"), {CAPS}),
    (("NGUYỄN", "VĂN AN"), {CAPS}),
    (("RIVIÈRE", "Lucile"), {CAPS, ORDER}),
    (("ЖУКОВ", "Владимир"), {CAPS, ORDER}),
    (("Jean", "Pierre Rivière"), {MISPLACED}),
    (("marie", "CLAIRE Rivière"), {MISPLACED}),
    (("Mary", "Beth Underhill"), {MISPLACED}),
    (("Hans", "Peter Müller"), {MISPLACED}),
    (("de", "La Fontaine"), {MISPLACED}),
    (("Jean de", "La Fontaine"), {MISPLACED}),
    (("Jean d'", "Ormesson"), {MISPLACED}),
    (("von", "Altenwald"), {MISPLACED}),
    (("Le", "Guennec"), {MISPLACED}),
    (("Ludwig van der", "Beke"), {MISPLACED}),
    (("Jean Marc", "Rivière"), {RULE}),
    (("Văn An", "Nguyễn"), {RULE}),
    (("Zoé 🌸", "Rivière"), {RULE}),
    (("Mary\u00a0Beth", "Underhill"), {RULE}),
]
"""First and last name, and every code they are found for."""


def test_names_of_all_kinds(tmp_path: Path, engine: str) -> None:
    """R11-R14: what each name is found for, on both sides; names that are in order are found for nothing."""
    world = World(tmp_path)
    expected: dict[tuple[str, Name], set[str]] = {}
    names: dict[str, Name] = {}
    for number, (name, codes) in enumerate([*((name, set()) for name in IN_ORDER), *TABLE]):
        names[str(number)] = name
        for side in Side:
            world.add(side, str(number), first_name=name[0], last_name=name[1])
            expected[side.noun, name] = codes

    codes_of = found(world.audited(engine, *CODES))

    actual = {
        (side.noun, name): codes_of.get(f"{side.noun}/{number}", set())
        for number, name in names.items()
        for side in Side
    }
    assert {key: (codes, expected[key]) for key, codes in actual.items() if codes != expected[key]} == {}


WHOLE: list[tuple[str | None, set[str]]] = [
    ("Lucile Rivière", set()),
    ("Nguyễn Văn An", set()),
    ("محمد بن سلمان", set()),
    ("🦊🌸 Rivière", {HOLDER}),
    ("Test Rivière", {HOLDER}),
    ("Lucile -", {HOLDER}),
    ("John Doe", {HOLDER}),
    ("M. Lucile Rivière", {TITLE}),
    ("Dr. Müller", {TITLE}),
    ("Rivière SARL", {FIRM, CAPS}),
    ("Dupont & Fils", {FIRM}),
    ("Lucile Rivière 2", {DIGITS}),
    ("lucile@example.com", {ADDRESS}),
    ("Lucile RiviÃ¨re", {DAMAGED}),
    ("Zoé\u2003Zoé", {EQUAL}),
    ("Paul Paul", {EQUAL}),
    ("paul PAUL", {EQUAL, CAPS}),
    ("Zoé Zoe", {EQUAL}),
    ("LUCILE RIVIÈRE", {CAPS}),
    ("Lucile RIVIÈRE", {CAPS}),
    ("Lucile\u00a0RIVIÈRE", {CAPS}),
    ("RIVIÈRE Lucile", {CAPS, ORDER}),
    ("Jean Pierre Rivière", {MISPLACED}),
    ("de La Fontaine", {MISPLACED}),
    ("Jean de La Fontaine", set()),
    (None, set()),
    ("", set()),
    ("Lucile", set()),
]


def test_where_only_the_whole_name_is_known(tmp_path: Path, engine: str) -> None:
    """R11: such names are judged by the parts that the connector's rule makes of them."""
    fields = {Side.PIPEDRIVE: (EMAIL, Field("name", "Name", Kind.TEXT)), Side.PLEZI: FIELDS[Side.PLEZI]}
    world = World(tmp_path, fields=fields)
    for number, (name, _) in enumerate(WHOLE):
        world.person(str(number), name=name)

    result = world.audited(engine, *CODES)

    codes_of = found(result)
    actual = {name: codes_of.get(f"person/{number}", set()) for number, (name, _) in enumerate(WHOLE)}
    assert actual == dict(WHOLE)
    assert {row["field"] for code in CODES for row in rows(result, code)} <= {"name", ""}


SUGGESTED: list[tuple[str, tuple[str, str], dict[str, str]]] = [
    (DAMAGED, ("RiviÃ¨re", "Zo√©"), {"first_name": "Rivière", "last_name": "Zoé"}),
    (DAMAGED, ("Lucile", "CrÃ¨vecÅ“ur"), {"last_name": "Crèvecœur"}),
    (DAMAGED, ("Lucile", "RiviÃƒÂ¨re"), {"last_name": "Rivière"}),
    (DAMAGED, ("M&#252;ller", "O&apos;Driscoll"), {"first_name": "Müller", "last_name": "O'Driscoll"}),
    (DAMAGED, ("Nguyá»…n", "Ánh"), {"first_name": "Nguyễn"}),
    (DAMAGED, ("ÐÐ½Ð½Ð°".replace("ÐÐ", "Ð\x90Ð"), "Rivière"), {"first_name": "Анна"}),
    (DAMAGED, ("Zoé ðŸŒ¸", "Rivière"), {"first_name": "Zoé 🌸"}),
    (TITLE, ("Mme", "Lucile Rivière"), {"first_name": "Lucile", "last_name": "Rivière"}),
    (TITLE, ("Frau Dr. Lena", "Müller"), {"first_name": "Lena"}),
    (TITLE, ("M.", "Rivière"), {"first_name": ""}),
    (TITLE, ("Lucile", "Rivière, Dr."), {"last_name": "Rivière"}),
    (MISPLACED, ("Jean", "Pierre Rivière"), {"first_name": "Jean Pierre", "last_name": "Rivière"}),
    (MISPLACED, ("Ludwig van der", "Beke"), {"first_name": "Ludwig", "last_name": "van der Beke"}),
    (MISPLACED, ("Le", "Guennec"), {"first_name": "", "last_name": "Le Guennec"}),
    (ORDER, ("RIVIÈRE", "Zoé"), {"first_name": "Zoé", "last_name": "RIVIÈRE"}),
]


def test_repairs_are_suggested(tmp_path: Path, engine: str) -> None:
    """What can be computed is computed exactly, and stands in the details; messages and fixes name nobody."""
    world = World(tmp_path)
    for number, (_, (first, last), _) in enumerate(SUGGESTED):
        world.person(f"{number:02}", first_name=first, last_name=last)

    result = world.audited(engine, DAMAGED, TITLE, MISPLACED, ORDER)

    table = [row for code in (DAMAGED, TITLE, MISPLACED, ORDER) for row in rows(result, code)]
    by_record = {(row["code"], row["id"]): row for row in table}
    for number, (code, (first, last), suggested) in enumerate(SUGGESTED):
        row = by_record[code, f"{number:02}"]
        assert row["details"]["suggested"] == suggested, (first, last)
        assert (row["details"]["first_name"], row["details"]["last_name"]) == (first, last)
        assert last not in row["message"] + row["fix"]
        assert row["link"] == f"https://acme.example.com/person/{number:02}"


def test_the_repair_of_a_whole_name(tmp_path: Path, engine: str) -> None:
    """Where only the whole name is known, the whole name is repaired."""
    fields = {Side.PIPEDRIVE: (EMAIL, Field("name", "Name", Kind.TEXT)), Side.PLEZI: FIELDS[Side.PLEZI]}
    world = World(tmp_path, fields=fields)
    world.person("1", name="Lucile RiviÃ¨re")
    world.person("2", name="Mme Lucile Rivière")

    result = world.audited(engine, DAMAGED, TITLE)

    assert [row["details"]["suggested"] for code in (DAMAGED, TITLE) for row in rows(result, code)] == [
        {"name": "Lucile Rivière"},
        {"name": "Lucile Rivière"},
    ]


def test_lost_characters_are_found_and_not_guessed(tmp_path: Path, engine: str) -> None:
    """A question mark inside a word: nobody can compute what stood there."""
    world = World(tmp_path)
    world.person("1", first_name="Fran?ois", last_name="RiviÃ¨re")

    (row,) = rows(world.audited(engine, DAMAGED), DAMAGED)

    assert row["details"] == {
        "first_name": "Fran?ois", "last_name": "RiviÃ¨re", "lost": ["first_name"], "suggested": {"last_name": "Rivière"},
    }  # fmt: skip
    assert (row["field"], row["message"]) == ("", "First and last name: each was damaged by a wrong encoding")


def test_a_name_that_is_part_of_the_records_own_address(tmp_path: Path, engine: str) -> None:
    """What stands before or behind the @ is no name, if it does not read like one; somebody else's does not count."""
    world = World(tmp_path)
    world.person("1", "lucile.riviere@example.com", first_name="Lucile.Riviere", last_name=None)
    world.person("2", "x@example.com", "lriviere75@example.com", first_name="lriviere75", last_name="x")
    world.person("3", "contact@riviere.example.com", first_name="riviere.example.com", last_name=None)
    world.person("4", "zoé.rivière@example.com", first_name="X", last_name="ZOÉ.RIVIÈRE")
    world.person(
        "5", "lucile@example.com", first_name="Lucile", last_name="Rivière"
    )  # her name is her mailbox
    world.person("6", "hugo@example.com", first_name="lucile.riviere", last_name=None)  # somebody else's
    world.person("7", "j.p@example.com", first_name="J.P", last_name="Rivière")

    result = world.audited(engine, ADDRESS)

    assert subjects(result, ADDRESS) == [{f"person/{number}"} for number in (1, 2, 3, 4, 7)]
    assert [row["field"] for row in rows(result, ADDRESS)] == [
        "first_name", "first_name", "first_name", "last_name", "first_name",
    ]  # fmt: skip


def test_the_whole_name_decides_where_the_rule_goes_wrong(tmp_path: Path, engine: str) -> None:
    """R11: Vietnamese and Hungarian names have the family first; the rule makes the family a first name."""
    world = World(tmp_path)
    world.person("1", name="Nguyễn Ánh", first_name="Ánh", last_name="Nguyễn")
    world.person("2", name="Lucile Rivière", first_name="Lucile", last_name="Rivière")
    world.person("3", name="Lucile  Rivière", first_name="Lucile", last_name="Rivière")
    world.person("4", name="Lucile", first_name="Lucile", last_name=None)
    world.person("5", name=None, first_name="Jean Marc", last_name="Rivière")

    result = world.audited(engine, RULE)

    assert subjects(result, RULE) == [{"person/1"}, {"person/5"}]
    assert [row["details"]["by_rule"] for row in rows(result, RULE)] == [
        {"first_name": "Nguyễn", "last_name": "Ánh"},
        {"first_name": "Jean", "last_name": "Marc Rivière"},
    ]


def test_a_side_without_names_is_not_checked(tmp_path: Path, engine: str) -> None:
    """The gate is never plain ready when a source does not hold what is asked."""
    world = World(tmp_path, fields={Side.PIPEDRIVE: (EMAIL,), Side.PLEZI: FIELDS[Side.PLEZI]})
    world.contact("a", first_name="Test", last_name="Rivière")

    result = world.audited(engine, *CODES)

    assert found(result) == {"contact/a": {HOLDER}}
    assert all(
        summary.not_checked == "what was read from Pipedrive holds no first names and no last names"
        for summary in result.summaries
    )
