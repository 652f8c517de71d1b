"""Accepted findings: read with every problem at once, refused where they hold an address, written to the letter."""

from __future__ import annotations

import string
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdsync.errors import InputFileError, MappingError, UsageError
from pdsync.mapfiles import (
    accepted_path,
    add_accepted,
    holds_address,
    load_accepted,
    read_accepted,
    remove_accepted,
)
from pdsync.model import Acknowledgement, Subject

AUDITS = ("duplicate-email", "role-address", "option-mismatch")
GOOD = """\
# Ours.
version: 1
accepted:
  # The shared mailbox.
  - code: duplicate-email      # since 2019
    subject: pipedrive:person/1042
    also: [pipedrive:person/1043, plezi:contact/ab12]
    who: Florent
    why: one mailbox for two
    until: 2026-12-31
  - {code: option-mismatch, subject: "plezi:option/plz_secteur/santé publique", who: Zoé, why: renamed soon}
"""


_ROLE = "{code: role-address, subject: "


def put(folder: Path, text: str) -> Path:
    """A file of accepted findings."""
    path = folder / "contacts.yaml"
    path.write_text(text, "utf-8")
    return path


def test_it_lies_beside_the_mapping() -> None:
    """One file per mapping file, by the same name."""
    assert accepted_path(Path("mappings/contacts.yaml")) == Path("mappings/accepted/contacts.yaml")


def test_without_a_file_nothing_is_accepted(tmp_path: Path) -> None:
    """Nobody has to have one."""
    assert load_accepted(tmp_path / "contacts.yaml", audits=AUDITS) == ()


def test_entries_are_read_with_their_places(tmp_path: Path) -> None:
    """Records, options, days; block or braces."""
    first, second = load_accepted(put(tmp_path, GOOD), audits=AUDITS)

    assert first == Acknowledgement(
        "duplicate-email",
        Subject.parse("pipedrive:person/1042"),
        "Florent",
        "one mailbox for two",
        (Subject.parse("pipedrive:person/1043"), Subject.parse("plezi:contact/ab12")),
        date(2026, 12, 31),
    )
    assert second.subject == Subject.parse("plezi:option/plz_secteur/santé publique")
    assert second.until is None
    assert first.place is not None
    assert (first.place.line, first.place.column) == (5, 5)


@pytest.mark.parametrize(
    ("entry", "place", "says"),
    [
        ("{code: duplicate-emails, subject: 'pipedrive:person/1', who: f, why: w}", "3:12", "'duplicate-email'?"),
        (_ROLE + "person/1, who: f, why: w}", "3:35", "written as pipedrive:person/1042"),
        (_ROLE + "'pipedrive:contact/1', who: f, why: w}", "3:35", "written as pipedrive:person/1042"),
        (_ROLE + "'plezi:contact/a@example.com', who: f, why: w}", "3:35", "subject: this looks like"),
        (_ROLE + "'plezi:contact/1', who: f, why: 'ask ana @ example.com'}", "3:67", "why: this looks like"),
        (_ROLE + "'plezi:contact/1', also: ['plezi:contact/b@example.org'], who: f, why: w}", "3:61", "also: this"),
        (_ROLE + "'plezi:contact/1', who: f}", "3:5", "'why' is missing"),
        (_ROLE + "'plezi:contact/1', who: f, why: w, untill: 2026-01-01}", "3:70", "did you mean 'until'?"),
        (_ROLE + "'plezi:contact/1', who: f, why: w, until: 31/12/2026}", "3:77", "a day is written as 2026-12-31"),
        (_ROLE + "'plezi:contact/1', who: f, why: w, until: 2026-02-30}", "3:77", "no day '2026-02-30'"),
        (_ROLE + "'plezi:contact/1', also: ['plezi:contact/1'], who: f, why: w}", "3:61", "already"),
        (_ROLE + "12, who: f, why: w}", "3:35", "expected text, but 12 without quotes is a number"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_told_where_and_why(tmp_path: Path, entry: str, place: str, says: str) -> None:
    """File, line, column, and what was probably meant; the address itself is not repeated."""
    entries, findings = read_accepted(put(tmp_path, f"version: 1\naccepted:\n  - {entry}\n"), audits=AUDITS)

    assert entries is None
    assert [str(f.place).rpartition("contacts.yaml:")[2] for f in findings] == [place]
    assert says in findings[0].message
    assert "example" not in findings[0].message


def test_every_problem_at_once(tmp_path: Path) -> None:
    """As for a mapping: one run names them all; the same thing twice is one of them."""
    text = GOOD + "  - {code: duplicate-email, subject: 'pipedrive:person/1042', who: '', why: w}\n"
    with pytest.raises(MappingError) as caught:
        load_accepted(put(tmp_path, text.replace("role", "roll")), audits=AUDITS)
    assert "who: may not be empty" in str(caught.value)

    twice = (
        GOOD
        + "  - {code: duplicate-email, subject: 'pipedrive:person/1042', who: me, why: w, until: 2020-13-01}\n"
    )
    _, findings = read_accepted(put(tmp_path, twice), audits=())
    assert [f.message for f in findings] == [
        "'duplicate-email' of 'pipedrive:person/1042' stands twice; first in line 6",
        "until: there is no day '2020-13-01'",
    ]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ana@example.com", True),
        ("see ana.lee+x@mail.example.org.", True),
        ("ana @ example", True),
        ("ana＠example.com", True),
        ("one mailbox, see ticket 12", False),
        ("@florent decided", False),
        ("price @ 3", True),
        ("", False),
    ],
)
def test_what_looks_like_an_address(text: str, holds: bool) -> None:
    """Rather one text too many refused than one address in git."""
    assert holds_address(text) is holds


NEW = Acknowledgement(
    "role-address", Subject.parse("plezi:contact/77"), "Zoé", "ours: the desk", until=date(2027, 1, 2)
)


def test_the_first_entry_makes_the_file(tmp_path: Path) -> None:
    """With words at its head, in a folder that is made for it; readable for a team, not private like the state."""
    path = tmp_path / "accepted" / "contacts.yaml"

    assert add_accepted(path, NEW) is False

    assert load_accepted(path, audits=AUDITS) == (NEW,)
    assert path.read_text("utf-8").startswith("# Findings of the audits")
    assert path.stat().st_mode & 0o777 == 0o644


def test_an_entry_is_added_behind_the_others(tmp_path: Path) -> None:
    """Every other character stays: comments, order, quotes, line ends."""
    path = put(tmp_path, GOOD)
    add_accepted(path, NEW)

    text = path.read_text("utf-8")
    assert text.startswith(GOOD.rstrip("\n"))
    assert len(load_accepted(path, audits=AUDITS)) == 3


def test_the_same_again_replaces_the_entry(tmp_path: Path) -> None:
    """One entry per finding: the new words stand, the old ones are gone."""
    path = put(tmp_path, GOOD)
    again = Acknowledgement(
        "duplicate-email", Subject.parse("pipedrive:person/1042"), "Zoé", "merged next week"
    )

    assert add_accepted(path, again) is True

    entries = load_accepted(path, audits=AUDITS)
    assert len(entries) == 2
    assert again in entries
    assert "# The shared mailbox." in path.read_text("utf-8")


def test_what_was_added_can_be_removed_again(tmp_path: Path) -> None:
    """To the letter; and an entry that is not there is one clear error."""
    path = put(tmp_path, GOOD)
    add_accepted(path, NEW)
    remove_accepted(path, NEW.code, NEW.subject)
    assert path.read_text("utf-8") == GOOD

    with pytest.raises(UsageError, match="has no entry with the code 'role-address'"):
        remove_accepted(path, NEW.code, NEW.subject)
    with pytest.raises(UsageError, match="has no entry"):
        remove_accepted(tmp_path / "none.yaml", NEW.code, NEW.subject)


def test_all_entries_removed_and_one_added(tmp_path: Path) -> None:
    """A list that became empty takes entries again."""
    path = put(tmp_path, GOOD)
    for entry in load_accepted(path):
        remove_accepted(path, entry.code, entry.subject)
    assert load_accepted(path) == ()
    add_accepted(path, NEW)
    assert load_accepted(path) == (NEW,)


def test_a_wrong_file_is_not_written_to(tmp_path: Path) -> None:
    """Nothing is added to what cannot be read, and nothing is lost."""
    path = put(tmp_path, GOOD + "  - nonsense\n")
    before = path.read_bytes()
    with pytest.raises(MappingError):
        add_accepted(path, NEW)
    with pytest.raises(MappingError):
        remove_accepted(path, "duplicate-email", Subject.parse("pipedrive:person/1042"))
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file stands where the folder belongs: one clear error."""
    (tmp_path / "accepted").write_text("", "utf-8")
    with pytest.raises(InputFileError):
        add_accepted(tmp_path / "accepted" / "contacts.yaml", NEW)


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda text: not holds_address(text) and text.strip() == text
)
IDS = st.text(string.ascii_letters + string.digits + "-_é /:#'\"{}", min_size=1, max_size=20).filter(
    lambda text: text.strip() == text
)


@given(why=WORDS, who=WORDS, ids=st.lists(IDS, min_size=1, max_size=4, unique=True))
def test_whatever_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, why: str, who: str, ids: list[str]
) -> None:
    """Any words, any ids of options: added to a file with entries, they come back; removed, the file is as before."""
    path = put(tmp_path_factory.mktemp("a"), GOOD)
    subjects = [Subject.parse(f"plezi:option/plz_secteur/{one}") for one in ids]
    entry = Acknowledgement("option-mismatch", subjects[0], who, why, tuple(subjects[1:]))
    if entry.subject == load_accepted(path)[1].subject:
        return

    add_accepted(path, entry)

    assert load_accepted(path)[-1] == entry
    remove_accepted(path, entry.code, entry.subject)
    assert path.read_text("utf-8") == GOOD
