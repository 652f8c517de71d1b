"""R11, R13, R14: names that are not whole."""

from __future__ import annotations

from pathlib import Path

from pdsync.model import MISSING, Field, Kind, Side
from tests.audits.build import EMAIL, FIELDS, World, rows, subjects

FIRST, LAST, ONE = "missing-first-name", "missing-last-name", "one-word-name"

BLANK = [
    None, "", " ", "\t\n", "\u00a0", "\u2007\u202f", "\u200b\u200b", "\u200c\u200d", "\ufeff", "\u00ad", "\u3000",
    "\u2800", "\u3164", "\u202e", "\u2066\u2069", "\x00\x1b", "\U000e0041", "\ufe0f", " \u200b\u00a0\u2003",
]  # fmt: skip
NAMES = [
    "Rivière", "Rivie\u0300re", "D'Été", "O’Brien", "de La Fontaine", "Müller-Lüdenscheidt", "Straße", "Nguyễn", "Ngô\u0309",
    "محمد", "بن‌سلمان", "陳", "🦊", "👩\u200d💻", "X", "-", ".", "0", "\u200bÉ\u200b", "Ж", "क्षितिज", "Ĳ", "\u1e9e",
]  # fmt: skip


def test_what_nobody_sees_is_no_name(tmp_path: Path, engine: str) -> None:
    """R13: empty, white space, zero-width and other invisible characters leave a name missing, on both sides."""
    world = World(tmp_path)
    expected: dict[str, list[set[str]]] = {FIRST: [], LAST: [], ONE: []}
    for number, blank in enumerate(BLANK):
        first, last, both = f"1{number:02}", f"2{number:02}", f"3{number:02}"
        world.person(first, first_name=blank)
        world.person(last, last_name=blank)
        world.person(both, first_name=blank, last_name=blank)
        world.contact(both, first_name=blank, last_name=blank)
        expected[FIRST] += [{f"person/{first}"}, {f"person/{both}"}, {f"contact/{both}"}]
        expected[LAST] += [{f"person/{last}"}, {f"person/{both}"}, {f"contact/{both}"}]
        expected[ONE] += [{f"person/{first}"}, {f"person/{last}"}]

    result = world.audited(engine, FIRST, LAST, ONE)

    for code, findings in expected.items():
        assert sorted(subjects(result, code), key=sorted) == sorted(findings, key=sorted), code


def test_names_of_all_languages_are_names(tmp_path: Path, engine: str) -> None:
    """R13: whatever can be seen is a name; whether it is a good one is for other audits."""
    world = World(tmp_path)
    for number, name in enumerate(NAMES):
        world.person(str(number), first_name=name, last_name=name)
        world.contact(str(number), first_name=name, last_name=name)

    result = world.audited(engine, FIRST, LAST, ONE)

    assert result.table.num_rows == 0


ONE_WORD = [
    ("Madonna", None), (None, "Rivière"), ("Nguyễn", ""), ("محمد", None), ("🦊", "\u200b"), ("Jean-Marc", None),
    ("  Lucile\u00a0", None), ("Jean \u200b", None), ("\u3000陳大文", None),
]  # fmt: skip
NOT_ONE_WORD = [
    ("Jean Marc", None), ("Jean\u00a0Marc", None), ("Jean\u3000Marc", None), ("Jean\nMarc", None),
    ("محمد سلمان", None), (None, "de La Fontaine"), ("Lucile", "Rivière"), (None, None), ("", " "),
]  # fmt: skip


def test_one_word(tmp_path: Path, engine: str) -> None:
    """R11: one word in all, whichever field holds it; several words in one field are something else."""
    world = World(tmp_path)
    for number, (first, last) in enumerate(ONE_WORD + NOT_ONE_WORD):
        world.person(f"{number:02}", first_name=first, last_name=last)

    found = subjects(world.audited(engine, ONE), ONE)

    assert found == [{f"person/{number:02}"} for number in range(len(ONE_WORD))]


WHOLE_NAME = {Side.PIPEDRIVE: (EMAIL, Field("name", "Name", Kind.TEXT)), Side.PLEZI: FIELDS[Side.PLEZI]}


WHOLE: list[tuple[str | None, set[str]]] = [
    ("Lucile Rivière", set()),
    ("Nguyễn Thị Ánh", set()),
    ("محمد سلمان", set()),
    ("👩\u200d💻 Zoé", set()),
    ("  Lucile\u00a0Rivière ", set()),
    ("Madonna", {LAST, ONE}),
    ("\u200bMadonna\u200b ", {LAST, ONE}),
    ("陳大文", {LAST, ONE}),
    ("Lucile \u200b", {LAST, ONE}),
    ("", {FIRST, LAST}),
    (None, {FIRST, LAST}),
    (" \u00a0 ", {FIRST, LAST}),
]


def test_first_word_then_the_rest(tmp_path: Path, engine: str) -> None:
    """R11: where a source knows only the whole name, its first word is the first name and the rest the last name."""
    world = World(tmp_path, fields=WHOLE_NAME)
    for number, (name, _) in enumerate(WHOLE):
        world.person(f"{number:02}", name=name)

    result = world.audited(engine, FIRST, LAST, ONE)

    for code in (FIRST, LAST, ONE):
        expected = [{f"person/{number:02}"} for number, (_, missing) in enumerate(WHOLE) if code in missing]
        assert subjects(result, code) == expected, code
    assert not any(summary.not_checked for summary in result.summaries)


def test_delivered_parts_beat_the_rule(tmp_path: Path, engine: str) -> None:
    """R11: first and last name count as delivered; the whole name beside them decides nothing."""
    world = World(tmp_path)
    world.person("1", name="Lucile Rivière", first_name="Lucile", last_name=None)

    assert subjects(world.audited(engine, LAST), LAST) == [{"person/1"}]


def test_what_was_not_read_is_not_judged(tmp_path: Path, engine: str) -> None:
    """Missing is neither empty nor a value (design 6): a field that one record did not deliver is not its defect."""
    world = World(tmp_path)
    world.person("1")
    del world.records[Side.PIPEDRIVE][0].values["last_name"]  # type: ignore[attr-defined]
    assert world.records[Side.PIPEDRIVE][0].get("last_name") is MISSING

    result = world.audited(engine, LAST, ONE)

    assert result.table.num_rows == 0


def test_a_side_without_names_is_not_checked(tmp_path: Path, engine: str) -> None:
    """A source without the fields is said to be unchecked; the other side is checked all the same."""
    world = World(tmp_path, fields={Side.PIPEDRIVE: (EMAIL,), Side.PLEZI: FIELDS[Side.PLEZI]})
    world.person("1", "a@example.com")
    world.contact("c", "b@example.com", last_name="")

    result = world.audited(engine, LAST)

    assert subjects(result, LAST) == [{"contact/c"}]
    assert result.summaries[0].not_checked == "what was read from Pipedrive holds no last names"
    assert result.gate.not_checked == ("missing-last-name: what was read from Pipedrive holds no last names",)


def test_the_form_at_fault_is_named(tmp_path: Path, engine: str) -> None:
    """R14: incomplete contacts are counted by the form they came from; persons have none."""
    world = World(tmp_path)
    for number in range(3):
        world.contact(f"n{number}", last_name=None, form="Newsletter", source="direct")
    world.contact("w", last_name=None, form="Webinaire", source="referral")
    world.contact("x", last_name=None, form=None)
    world.person("1", last_name=None)

    summary = world.audited(engine, LAST).summaries[0]

    assert summary.groups == {"Newsletter": 3, "Webinaire": 1}
    assert summary.headline == "1 person, 5 contacts, 3 of these from 'Newsletter'"


def test_the_source_stands_in_for_the_form(tmp_path: Path, engine: str) -> None:
    """R14: where Plezi's forms are not delivered, the source of the visit is what is known of the origin."""
    plezi = tuple(field for field in FIELDS[Side.PLEZI] if field.code != "form")
    world = World(tmp_path, fields={Side.PIPEDRIVE: FIELDS[Side.PIPEDRIVE], Side.PLEZI: plezi})
    world.contact("c", first_name="", source="referral")

    assert world.audited(engine, FIRST).summaries[0].groups == {"referral": 1}


def test_details_are_exact(tmp_path: Path, engine: str) -> None:
    """Details are JSON of what was delivered, whatever it holds; the message names nobody."""
    world = World(tmp_path)
    name = 'Zoé "\\\n\x1b[31m\u202e'
    world.contact(
        "c", first_name=name, last_name=" ", form="a\tb", source=None, plezi_url="http://plezi.example.com/c"
    )

    (row,) = rows(world.audited(engine, LAST), LAST)

    assert row["details"] == {"first_name": name, "last_name": " ", "form": "a\tb", "source": None}
    assert row["message"] == "This contact has no last name"
    assert row["field"] == "last_name"
    assert row["rule"] == "R13, R14"
    assert row["link"] == "http://plezi.example.com/c"
