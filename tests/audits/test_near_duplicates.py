"""One person under several addresses: what is found, what is not, and that it is for information only."""

from __future__ import annotations

import json
import logging
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pdsync.audits import near_duplicate_search, near_duplicates
from pdsync.audits.near_duplicates import NEAR_DUPLICATE
from pdsync.audits.registry import asked_by
from pdsync.audits.running import run_audits
from pdsync.model import (
    AuditRule,
    Direction,
    Field,
    FieldMapping,
    GateState,
    Kind,
    Severity,
    Side,
    Value,
)
from tests.audits.build import EMAIL, NAMES, World, rows, subjects

installed = pytest.mark.skipif(
    not near_duplicate_search.is_installed(),
    reason="Splink is not installed: pip install 'pdsync[near-duplicates]'",
)

BIRTHDAY = "Date de naissance"
FIELDS = {
    Side.PIPEDRIVE: (
        EMAIL,
        *NAMES,
        Field("phone", "Phone", Kind.PHONES),
        Field("org_id", "Organization", Kind.REFERENCE),
        Field("birth", BIRTHDAY, Kind.DATE),
        Field("city", "Ville", Kind.TEXT),
        Field("employer", "Société", Kind.TEXT),
    ),
    Side.PLEZI: (
        EMAIL,
        *NAMES[1:],
        Field("plz_birth", BIRTHDAY, Kind.DATE),
        Field("plz_city", "Ville", Kind.TEXT),
        Field("company", "Société", Kind.TEXT),
    ),
}
MAPPED = (
    FieldMapping("birth", "plz_birth", Direction.BOTH),
    FieldMapping("city", "plz_city", Direction.BOTH),
    FieldMapping("employer", "company", Direction.BOTH),
)


def world(folder: Path, **more: Any) -> World:
    """Two sides with everything that is compared."""
    return World(folder, fields=FIELDS, mapped=MAPPED, **more)


def fill(made: World, count: int = 300) -> World:
    """Strangers: what usual names, days and towns are, has to be seen somewhere."""
    firsts = (
        "Anne",
        "Bruno",
        "Chloé",
        "David",
        "Élise",
        "Farid",
        "Gaëlle",
        "Hugo",
        "Inès",
        "Jules",
        "Karim",
        "Léa",
    )
    lasts = (
        "Adam",
        "Blanc",
        "Colin",
        "Dumas",
        "Evrard",
        "Faure",
        "Garnier",
        "Hamel",
        "Imbert",
        "Joly",
        "Klein",
    )
    for number in range(count):
        first, last = firsts[number % 12], lasts[(number // 12) % 11]
        values: dict[str, Value] = {
            "first_name": first,
            "last_name": f"{last}{'o' * (number // 132)}",
            "birth": f"{1950 + number % 50}-{1 + number % 12:02}-{1 + number * 7 % 28:02}",
            "city": f"Ville{number % 40}",
        }
        made.person(f"9{number:04}", f"stranger{number}@example.net", **values)
    return made


def found(made: World, engine: str = "polars") -> list[set[str]]:
    """The subjects of each finding, in order."""
    return subjects(made.audited(engine, NEAR_DUPLICATE), NEAR_DUPLICATE)


def phone(number: str) -> Value:
    """As Pipedrive delivers one."""
    return [{"value": number, "label": "mobile", "primary": True}]


Cases = list[tuple[str, dict[str, Value], dict[str, Value]]]

SAME: Cases = [
    # (what, one record, another)
    (
        "French, accents, a birthday",
        {"first_name": "Zoé", "last_name": "Crèvecœur", "birth": "1980-03-07"},
        {"first_name": "ZOE", "last_name": "CREVECOEUR", "birth": "1980-03-07"},
    ),
    (
        "German, a slip, a telephone",
        {"first_name": "Jürgen", "last_name": "Weißmüller", "phone": phone("+49 30 1234567")},
        {
            "first_name": "Juergen",
            "last_name": "Weissmüller",
            "phone": phone("030 / 123 45 67"),
            "city": None,
        },
    ),
    (
        "Vietnamese, exchanged, a birthday",
        {"first_name": "Thị Ánh", "last_name": "Nguyễn", "birth": "1991-11-23"},
        {"first_name": "Nguyễn", "last_name": "Thị Ánh", "birth": "1991-11-23"},
    ),
    (
        "Arabic, a telephone",
        {"first_name": "محمد", "last_name": "الحسيني", "phone": phone("+212 661-234567")},
        {"first_name": "مُحَمَّد", "last_name": "الحسيني", "phone": phone("0661234567")},
    ),
    (
        "emoji beside the name",
        {"first_name": "Maï 🌸", "last_name": "Rossignol", "birth": "1975-01-30"},
        {"first_name": "Maï", "last_name": "Rossignol 🚀", "birth": "1975-01-30"},
    ),
    (
        "exchanged, a company",
        {"first_name": "Octave", "last_name": "Zebulon", "employer": "Vélos Durand SA", "org_id": 7},
        {
            "first_name": "Zebulon",
            "last_name": "Octave",
            "employer": "VELOS DURAND",
            "org_id": 7,
            "phone": phone("0102030405"),
        },
    ),
    (
        "day and month exchanged",
        {"first_name": "Wilhelmine", "last_name": "Quast", "birth": "1988-05-11", "city": "Brême"},
        {"first_name": "Wilhelmine", "last_name": "Quast", "birth": "1988-11-05", "city": "Breme"},
    ),
    (
        "married since",
        {
            "first_name": "Philippine",
            "last_name": "Vaugelas",
            "birth": "1984-09-02",
            "city": "Sète",
            "phone": phone("0611223344"),
        },
        {
            "first_name": "Philippine",
            "last_name": "Ostrowski",
            "birth": "1984-09-02",
            "city": "Sète",
            "phone": phone("+33611223344"),
        },
    ),
    (
        "initial, a telephone",
        {"first_name": "K.", "last_name": "Wyszynska", "phone": phone("0699887766"), "city": "Metz"},
        {
            "first_name": "Katarzyna",
            "last_name": "Wyszyńska",
            "phone": phone("+33 6 99 88 77 66"),
            "city": "Metz",
        },
    ),
]

OTHERS: Cases = [
    (
        "the same name alone",
        {"first_name": "Jean", "last_name": "Martin"},
        {"first_name": "Jean", "last_name": "Martin"},
    ),
    (
        "father and son",
        {
            "first_name": "Gaspard",
            "last_name": "Lhermitte",
            "birth": "1951-02-03",
            "org_id": 5,
            "phone": phone("0140302010"),
        },
        {
            "first_name": "Gaspard",
            "last_name": "Lhermitte",
            "birth": "1983-08-19",
            "org_id": 5,
            "phone": phone("0140302010"),
        },
    ),
    (
        "twins",
        {
            "first_name": "Apolline",
            "last_name": "Duquesne",
            "birth": "1999-12-24",
            "city": "Dole",
            "phone": phone("0384112233"),
        },
        {
            "first_name": "Balthazar",
            "last_name": "Duquesne",
            "birth": "1999-12-24",
            "city": "Dole",
            "phone": phone("0384112233"),
        },
    ),
    (
        "colleagues",
        {"first_name": "Ursule", "last_name": "Prigent", "org_id": 5, "employer": "Acme"},
        {"first_name": "Théophile", "last_name": "Abgrall", "org_id": 5, "employer": "Acme"},
    ),
    (
        "first names missing",
        {"first_name": None, "last_name": "Sauvageot", "phone": phone("0644556677")},
        {"first_name": None, "last_name": "Sauvageot", "phone": phone("0644556677")},
    ),
    (
        "placeholders",
        {"first_name": "test", "last_name": "test", "birth": "1970-01-01", "phone": phone("0000000000")},
        {"first_name": "Test", "last_name": "TEST", "birth": "1970-01-01", "phone": phone("0000000000")},
    ),
    (
        "nothing but emoji",
        {"first_name": "🌸", "last_name": "🚀", "birth": "1970-01-01"},
        {"first_name": "🌸", "last_name": "🚀", "birth": "1970-01-01"},
    ),
]


def everybody(folder: Path) -> World:
    """All of them among strangers: persons 1a and 1b are the first case."""
    made = fill(world(folder))
    for number, (_, one, other) in enumerate((*SAME, *OTHERS), start=1):
        made.person(f"{number}a", f"{number}a@example.com", **one)
        made.person(f"{number}b", f"{number}b@example.org", **other)
    return made


@installed
@pytest.mark.long
def test_nasty_rows(tmp_path: Path) -> None:
    """One person under two addresses is found, however it is written; namesakes, relatives and colleagues are left alone."""
    result = everybody(tmp_path).audited("polars", NEAR_DUPLICATE)

    names = [case[0] for case in (*SAME, *OTHERS)]
    said = {
        names[int(row["id"][:-1]) - 1]: row["details"]["nearest"]
        for row in rows(result, NEAR_DUPLICATE)
        if row["id"].endswith("a")
    }
    assert said == {name: f"pipedrive:person/{number}b" for number, (name, *_) in enumerate(SAME, start=1)}
    assert len(subjects(result, NEAR_DUPLICATE)) == len(SAME)


@installed
@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
def test_within_and_across(tmp_path: Path, engine: str) -> None:
    """Two persons and a contact are one finding, whose rows say with whom and why; the same on both engines."""
    made = fill(world(tmp_path))
    whole: dict[str, Value] = {"first_name": "Octave", "last_name": "Zebulon", "birth": "1980-03-07"}
    made.person("1", "octave@example.com", **whole)
    made.person("2", "o.zebulon@example.org", **whole)
    made.contact(
        "c1", "zebulon@example.net", first_name="Octave", last_name="Zébulon", plz_birth="1980-03-07"
    )

    result = made.audited(engine, NEAR_DUPLICATE)

    assert subjects(result, NEAR_DUPLICATE) == [{"person/1", "person/2", "contact/c1"}]
    first = rows(result, NEAR_DUPLICATE)[0]
    assert first["message"] == (
        "2 persons and 1 contact are probably one person (over 99.99 % sure): the same name and the same Date de naissance"
    )
    assert first["group"] == "across both sides"
    details = first["details"]
    assert details["nearest"] in {"pipedrive:person/2", "plezi:contact/c1"}
    assert details["agree"] == ["the same name", f"the same {BIRTHDAY}"]
    assert details["differ"] == ["another company"]
    assert details["probability"] > 0.9999
    assert "times likelier for one person than for two" in details["in_words"]
    assert (details["first_name"], details["address"]) == ("Octave", "octave@example.com")


@installed
@pytest.mark.long
def test_who_is_known_already_is_left_alone(tmp_path: Path) -> None:
    """A shared address is ``duplicate-email`` or a pair, whichever of their addresses it is; a link is a link."""
    whole: dict[str, Value] = {"first_name": "Octave", "last_name": "Zebulon"}
    made = fill(world(tmp_path, links=[("3", "c3")]))
    made.person("1", "octave@example.com", "shared@example.com", birth="1980-03-07", **whole)
    made.person("2", "o.zebulon@example.org", "Shared@example.com", birth="1980-03-07", **whole)
    made.person("3", "a@example.com", first_name="Wilhelmine", last_name="Quast", birth="1988-05-11")
    made.contact("c3", "b@example.com", first_name="Wilhelmine", last_name="Quast", plz_birth="1988-05-11")

    assert found(made) == []


def namesakes(made: World) -> None:
    """Two of one name at one company, with its telephone."""
    values: dict[str, Value] = {"first_name": "Jeanne", "last_name": "Martin", "phone": phone("0140302010")}
    for number in ("501", "502"):
        made.person(number, f"p{number}@acme.example.com", **values)


@installed
@pytest.mark.long
def test_a_switchboard_is_no_evidence(tmp_path: Path) -> None:
    """The more records share a value, the less it says: sixty colleagues and two namesakes among them."""
    made = fill(world(tmp_path), 60)
    for number in range(120):
        values: dict[str, Value] = {
            "first_name": f"Prénom{chr(97 + number % 26)}",
            "last_name": f"Nom{chr(97 + number // 26)}{chr(97 + number % 13)}",
        }
        made.person(str(number), f"p{number}@acme.example.com", phone=phone("0140302010"), org_id=5, **values)
    namesakes(made)
    weights = [
        row["details"]["weight"] for row in rows(made.audited("polars", NEAR_DUPLICATE), NEAR_DUPLICATE)
    ]

    lonely = fill(world(tmp_path / "lonely"), 60)
    namesakes(lonely)
    sure = rows(lonely.audited("polars", NEAR_DUPLICATE), NEAR_DUPLICATE)[0]["details"]["weight"]
    assert all(weight < sure - 5 for weight in weights)


@installed
@pytest.mark.parametrize("count", [0, 1, 2, 10])
@pytest.mark.long
def test_small_lists(tmp_path: Path, count: int) -> None:
    """What an agreement is worth is stated, and measured where there is enough: ten people are enough for a result."""
    made = world(tmp_path)
    for number in range(count):
        made.person(
            str(number),
            f"p{number}@example.com",
            first_name="Octave",
            last_name="Zebulon",
            birth="1980-03-07",
        )

    assert found(made) == ([{f"person/{number}" for number in range(count)}] if count > 1 else [])


@installed
@pytest.mark.long
def test_the_same_every_time(tmp_path: Path) -> None:
    """No dice: run twice, and with the records in another order, it gives the same rows to the last digit."""
    made = everybody(tmp_path / "one")
    first, second = (made.audited("polars", NEAR_DUPLICATE).table for _ in range(2))
    turned = everybody(tmp_path / "two")
    turned.records[Side.PIPEDRIVE].reverse()

    assert first.num_rows == 2 * len(SAME)
    assert first.equals(second)
    assert first.to_pylist() == turned.audited("duckdb", NEAR_DUPLICATE).table.to_pylist()


HOSTILE = (
    "'; DROP TABLE people; --",
    '"',
    "\\",
    "%s{0}$1",
    "<script>alert(1)</script>",
    "a\x00b",
    "\u202egnp",
    "=1+1",
    "x" * 5000,
)


@installed
@pytest.mark.long
def test_hostile_text(tmp_path: Path) -> None:
    """Whatever stands in a name, an address, a town or a telephone is compared, never run; messages hold none of it."""
    made = fill(world(tmp_path), 50)
    for number, text in enumerate(HOSTILE):
        for half in "ab":
            made.person(
                f"{number}{half}", f'"{text[:20]}{number}{half}"@example.com', first_name=f"Octave{'a' * number}{text}",
                last_name=f"Zebulon {text}{'b' * number}", birth=f"198{number}-03-07", city=text,
                phone=[{"value": text}, {"value": f"061234{number}678"}, text],
            )  # fmt: skip

    result = made.audited("polars", NEAR_DUPLICATE)

    assert len(subjects(result, NEAR_DUPLICATE)) == len(HOSTILE)
    assert not [
        row
        for row in rows(result, NEAR_DUPLICATE)
        if any(text in row["message"] for text in HOSTILE if len(text) > 3)
    ]


@installed
@pytest.mark.long
def test_hostile_field_names(tmp_path: Path) -> None:
    """Fields are named by people, too."""
    name = "Ville'; DROP TABLE people; -- \" {x}"
    fields = {side: (EMAIL, *NAMES[1:], Field("city", name, Kind.TEXT)) for side in Side}
    made = World(tmp_path, fields=fields, mapped=[FieldMapping(name, name, Direction.BOTH)])
    for number in ("1", "2"):
        made.person(number, f"{number}@example.com", first_name="Octave", last_name="Zebulon", city="Sète")

    (one,) = {row["message"] for row in rows(made.audited("polars", NEAR_DUPLICATE), NEAR_DUPLICATE)}
    assert name in one


@installed
@pytest.mark.long
def test_leaves_nothing_behind(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its folder is private while it works and gone afterwards; nothing is printed, logged or sent."""

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    seen: list[int] = []
    room = tmp_path / "state"
    room.mkdir(mode=0o700)
    weigh = near_duplicate_search._weigh

    def watched(*words: Any) -> Any:
        (folder,) = room.iterdir()
        seen.append(folder.stat().st_mode & 0o777)
        return weigh(*words)

    monkeypatch.setattr(near_duplicate_search, "_weigh", watched)
    made = fill(world(tmp_path / "world"), 50)
    inputs = replace(made.inputs(), asked=frozenset({NEAR_DUPLICATE}), scratch=room)
    before = logging.getLogger("splink").level
    capfd.readouterr()
    with caplog.at_level(logging.DEBUG):
        run_audits(inputs, audits=near_duplicates.AUDITS)

    assert seen == [0o700]
    assert list(room.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert [record for record in caplog.records if record.name.startswith("splink")] == []
    assert logging.getLogger("splink").level == before


def test_only_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless it is asked for it is not run, not listed, and the gate says plain ready; the extra is not even looked for."""

    def refuse() -> bool:
        raise AssertionError("it was run")

    monkeypatch.setattr(near_duplicates, "is_installed", refuse)
    result = World(tmp_path).audited()

    assert NEAR_DUPLICATE not in {summary.code for summary in result.summaries}
    assert result.gate.not_checked == ()


def test_the_mapping_can_ask(tmp_path: Path) -> None:
    """Naming it is asking; ``off`` is not."""
    assert asked_by({NEAR_DUPLICATE: AuditRule()}) == {NEAR_DUPLICATE}
    assert asked_by({NEAR_DUPLICATE: AuditRule(off=True)}) == frozenset()
    assert asked_by({"duplicate-email": AuditRule()}) == frozenset()


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for and not there: not checked, with the command that installs it, and the gate says so."""
    monkeypatch.setattr(near_duplicates, "is_installed", lambda: False)
    result = World(tmp_path).audited("polars", NEAR_DUPLICATE)

    (summary,) = result.summaries
    assert summary.not_checked == "Splink is not installed: pip install 'pdsync[near-duplicates]'"
    assert result.gate.state is GateState.WARNINGS
    assert result.gate.not_checked == (f"{NEAR_DUPLICATE}: {summary.not_checked}",)


@installed
def test_never_blocks(tmp_path: Path) -> None:
    """Whatever the mapping says of it: it informs, nobody is held back, no plan is refused."""
    rules = {NEAR_DUPLICATE: AuditRule(severity=Severity.BLOCKING, allow=0, allow_percent=0)}
    made = world(tmp_path, rules=rules)
    for number in ("1", "2"):
        made.person(
            number, f"{number}@example.com", first_name="Octave", last_name="Zebulon", birth="1980-03-07"
        )

    result = made.audited("polars", NEAR_DUPLICATE)

    assert [summary.findings for summary in result.summaries] == [1]
    assert result.gate.state is GateState.READY
    assert (result.gate.refused, result.gate.blocked_records) == ((), 0)


@installed
def test_too_little_memory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is not checked, and why; the other audits are not lost with it."""
    import duckdb

    def full(*_: object, **__: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate\nmore")

    monkeypatch.setattr(near_duplicates, "find_pairs", full)
    made = fill(world(tmp_path), 10)

    (summary,) = made.audited("polars", NEAR_DUPLICATE).summaries
    assert (
        "takes more memory or room than there is: Out of Memory Error: failed to allocate"
        in summary.not_checked
    )


@installed
@pytest.mark.long
def test_details_are_json(tmp_path: Path) -> None:
    """What a person looks at can be read by a program as well."""
    made = world(tmp_path)
    for number in ("1", "2"):
        made.person(
            number, f"{number}@example.com", first_name="Octave", last_name="Zebulon", birth="1980-03-07"
        )

    for row in made.audited("polars", NEAR_DUPLICATE).table.to_pylist():
        assert set(json.loads(row["details"])) == {
            "first_name", "last_name", "address", "nearest", "agree", "differ", "probability", "weight", "in_words",
        }  # fmt: skip
