"""``pdsync fixes --accept``: what a screen ticks, for one finding named on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.mapfiles.fixes import load_fixes
from tests.cli.accounts import put_mapping
from tests.cli.invoking import Run

PERSONS = (
    "ID,Name,First name,Last name,Email\n"
    "1,M. Paul Rivière,M. Paul,Rivière,paul@example.com\n"
    "2,Mme Zoé Martin,Mme Zoé,Martin,zoe@example.com\n"
    '3,Ana Roy,Ana,Roy,"ana@example.com, desk@example.net"\n'
    '4,Bo Vu,Bo,Vu,"bo@example.com, desk@example.net"\n'
)
CONTACTS = "id,first_name,last_name,email\na,Cy,Li,cy@example.net\n"
FILE = Path(".pdsync/fixes.yaml")


@pytest.fixture
def audited(tmp_path: Path, run: Run) -> None:
    """Two exports, and an audit of them that was kept."""
    put_mapping(tmp_path)
    Path("persons.csv").write_text(PERSONS, "utf-8")
    Path("contacts.csv").write_text(CONTACTS, "utf-8")
    done = run(
        "audit", "--pipedrive", "persons.csv", "--plezi", "contacts.csv", "--state", ".pdsync", "--json"
    )
    assert done.data["audits"]


def decisions() -> dict[str, bool]:
    """Record -> whether its repair is accepted."""
    return {one.record.id: one.accepted for one in load_fixes(FILE).repairs}


@pytest.mark.usefixtures("audited")
def test_one_finding_is_accepted_and_put_back(run: Run) -> None:
    """The file is made; another one joins it; what is put back stays in it; twice is once."""
    state = ("--state", ".pdsync")
    first = run("fixes", "--accept", "honorific-in-name", "pipedrive:person/1", *state)
    assert first.code == 0, first.err
    assert "fixes.yaml" in first.err
    assert decisions() == {"1": True}
    assert "pipedrive:person/1  first_name: M. Paul -> Paul" in first.err

    both = run(
        "fixes",
        "--accept",
        "honorific-in-name",
        "pipedrive:2",
        "--put-back",
        "honorific-in-name",
        "pipedrive:1",
        *state,
    )
    assert both.code == 0, both.err
    assert decisions() == {"1": False, "2": True}

    again = run("fixes", str(FILE), "--accept", "honorific-in-name", "pipedrive:2", *state)
    assert again.code == 0
    assert "says so already" in again.err
    assert decisions() == {"1": False, "2": True}


@pytest.mark.usefixtures("audited")
def test_all_of_it_or_nothing(run: Run) -> None:
    """The second of two cannot be accepted: the first is not either, and what is said of the file is true."""
    known = ("--accept", "honorific-in-name", "pipedrive:person/1")
    done = run("fixes", *known, "--accept", "honorific-in-name", "pipedrive:person/3", "--state", ".pdsync")
    assert done.code == 2
    assert "The fix file is as it was" in done.err
    assert not FILE.exists()


@pytest.mark.usefixtures("audited")
def test_of_alternatives_the_one_that_was_named(run: Run) -> None:
    """Two persons, one address: the one who is named last gives it up, and the other one does not any more."""
    state = ("--state", ".pdsync")
    for person, expected in (("3", {"3": True}), ("4", {"3": False, "4": True})):
        done = run("fixes", "--accept", "duplicate-email", f"pipedrive:person/{person}", *state)
        assert done.code == 0, done.err
        assert decisions() == expected


@pytest.mark.usefixtures("audited")
def test_what_is_accepted_is_put_back_whatever_the_last_audit_says(run: Run) -> None:
    """The record was corrected and audited since: the entry in the file is still there, and can be put back."""
    state = ("--state", ".pdsync")
    run("fixes", "--accept", "honorific-in-name", "pipedrive:person/1", *state)
    Path("persons.csv").write_text(PERSONS.replace("M. Paul", "Paul"), "utf-8")
    run("audit", "--pipedrive", "persons.csv", "--plezi", "contacts.csv", *state, "--json")
    done = run("fixes", "--put-back", "honorific-in-name", "pipedrive:person/1", *state)
    assert done.code == 0, done.err
    assert "not accepted any more: pipedrive:person/1  first_name: M. Paul -> Paul" in done.err
    assert decisions() == {"1": False}


def test_of_many_the_one_who_was_named(tmp_path: Path, run: Run) -> None:
    """A finding that stands for thirty people: the twenty-eighth alone is accepted."""
    put_mapping(tmp_path)
    rows = (f"{n},Ana Roy{n},Ana,Roy{n},ana{n}@example.com,vrai\n" for n in range(1, 31))
    Path("persons.csv").write_text(
        "ID,Name,First name,Last name,Email,sync_to_plezi\n" + "".join(rows), "utf-8"
    )
    Path("contacts.csv").write_text(CONTACTS, "utf-8")
    state = ("--state", ".pdsync")
    audit = run("audit", "--pipedrive", "persons.csv", "--plezi", "contacts.csv", *state, "--json").data
    found = {one["code"]: one for one in audit["audits"]}
    assert found["scope-value-unclear"]["findings"] == 1, found["scope-value-unclear"]

    done = run("fixes", "--accept", "scope-value-unclear", "pipedrive:person/28", *state)
    assert done.code == 0, done.err
    assert decisions() == {"28": True}


@pytest.mark.usefixtures("audited")
@pytest.mark.parametrize(
    ("words", "says", "then"),
    [
        (
            ("--accept", "honorific-in-name", "pipedrive:person/3"),
            "found no honorific-in-name about pipedrive:person/3",
            "explain",
        ),
        (("--accept", "duplicate-mail", "pipedrive:person/1"), "did you mean 'duplicate-email'", "audit"),
        (("--accept", "honorific-in-name", "Lucile"), "is no subject", "audit"),
        (
            ("--put-back", "honorific-in-name", "pipedrive:1"),
            "Nothing is accepted in fixes.yaml",
            "pdsync fixes",
        ),
        (("--accept", "duplicate-email", "plezi:contact/a"), "found no duplicate-email", "explain"),
        ((), "fixes.yaml is not there", "pdsync audit --fixes"),
        (("x" * 300,), "cannot be opened", "Name another file"),
    ],
)
def test_what_cannot_be_accepted_says_why(run: Run, words: tuple[str, ...], says: str, then: str) -> None:
    """One sentence and the next command; no file is made."""
    done = run("fixes", *words, "--state", ".pdsync")
    assert done.code == 2, done.out
    assert says in done.err
    assert then in done.err
    assert not FILE.exists()


def test_without_an_audit(tmp_path: Path, run: Run) -> None:
    """Nothing was looked at yet."""
    put_mapping(tmp_path)
    done = run("fixes", "--accept", "honorific-in-name", "pipedrive:person/1", "--state", ".pdsync")
    assert done.code == 2
    assert "no audit to look into yet" in done.err
