"""``pdsync acknowledge``: written beside the mapping, shown by the audit, listed, removed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.accounts import put_mapping
from tests.cli.invoking import Run

PERSONS = "ID,Name,First name,Last name,Email\n1,Ana Roy,Ana,Roy,x@example.com\n2,Bo Vu,Bo,Vu,x@example.com\n"
CONTACTS = "id,first_name,last_name,email\na,Cy,Li,cy@example.net\n"
YEAR = datetime.now(UTC).year + 1


@pytest.fixture
def exports(tmp_path: Path) -> tuple[str, ...]:
    """Two exports and a mapping; what points an audit at them, with a state folder to compare in."""
    put_mapping(tmp_path)
    Path("persons.csv").write_text(PERSONS, "utf-8")
    Path("contacts.csv").write_text(CONTACTS, "utf-8")
    return ("--pipedrive", "persons.csv", "--plezi", "contacts.csv", "--state", ".pdsync")


def test_from_finding_to_entry_and_back(exports: tuple[str, ...], run: Run) -> None:
    """Audit, acknowledge, audit again, list, remove: as a person types it."""
    first = run("audit", *exports, "--json").data
    assert first["since"] is None
    assert first["gate"]["blocked_records"] == 2

    added = run(
        "acknowledge", "duplicate-email", "pipedrive:person/1", "--why", "one desk", "--who", "Zoé", "--json"
    )
    assert added.code == 0, added.err
    assert added.data["accepted"][0]["also"] == ["pipedrive:person/2"]
    assert "zo" in Path("mappings/accepted/contacts.yaml").read_text("utf-8").lower()
    assert run("check").code == 0

    second = run("audit", "--state", ".pdsync", "--json").data
    assert second["gate"]["blocked_records"] == 0
    assert second["gate"]["held_records"] == 2
    assert [one["state"] for one in second["acknowledgements"]] == ["holds"]
    shown = run("audit", "--state", ".pdsync").out
    assert "acknowledged by Zoé: one desk" in shown
    assert "2 records stay out of plans all the same" in shown

    assert run("acknowledge").out == "duplicate-email  pipedrive:person/1 (and 1 other)  Zoé: one desk\n"
    until = f"{YEAR}-12-31"
    changed = run(
        "acknowledge",
        "duplicate-email",
        "pipedrive:1",
        "--why",
        "merged soon",
        "--until",
        until,
        "--who",
        "Bo",
    )
    assert changed.out.startswith("Changed in mappings/accepted/contacts.yaml:")
    assert f"until {until}, Bo: merged soon" in changed.out
    assert run("acknowledge", "duplicate-email", "pipedrive:1", "--remove").code == 0
    assert "Nothing is acknowledged" in run("acknowledge").out


@pytest.mark.long
def test_what_changed_since_the_audit_before(exports: tuple[str, ...], run: Run) -> None:
    """Exports of another day, with the day in their names: compared with the ones before."""
    Path("persons.csv").rename("persons-2026-11-22.csv")
    before = ("--pipedrive", "persons-2026-11-22.csv", *exports[2:])
    run("audit", *before)
    mended = PERSONS.replace("2,Bo Vu,Bo,Vu,x@", "2,Bo Vu,Bo,Vu,bo@") + "3,Di Ko,Di,Ko,bo@example.com\n"
    Path("persons-2026-11-23.csv").write_text(mended, "utf-8")

    report = run("audit", "--pipedrive", "persons-2026-11-23.csv", *exports[2:], "--json").data

    (duplicates,) = (one for one in report["audits"] if one["code"] == "duplicate-email")
    assert {key: duplicates["since"][key] for key in ("new", "persisting", "solved")} == {
        "new": 0, "persisting": 1, "solved": 0,
    }  # fmt: skip
    assert report["since"]["blocked_records"] == 2
    text = run("audit", "--from", "last").out
    assert "since" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("duplicate-email",), "What the finding is about is missing"),
        (("duplicate-email", "pipedrive:1"), "Say why"),
        (("duplicate-emial", "pipedrive:1", "--why", "w"), "did you mean 'duplicate-email'"),
        (("duplicate-email", "x\x1b[2J", "--why", "w"), r"x\x1b[2J"),
        (("duplicate-email", "pipedrive:1", "--remove"), "has no entry"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_type(
    exports: tuple[str, ...], run: Run, words: tuple[str, ...], says: str
) -> None:
    """Exit 2, nothing written, control sequences escaped."""
    del exports
    result = run("acknowledge", *words)
    assert result.code == 2
    assert says in result.err
    assert "\x1b" not in result.err
    assert not Path("mappings/accepted").exists()


def test_no_such_day(exports: tuple[str, ...], run: Run) -> None:
    """Click says which form a day has."""
    del exports
    assert (
        run("acknowledge", "duplicate-email", "pipedrive:1", "--why", "w", "--until", "31/12/2026").code == 2
    )


def test_check_names_a_wrong_entry(exports: tuple[str, ...], run: Run) -> None:
    """The accepted file is checked with the mapping: file, line, column."""
    del exports
    path = Path("mappings/accepted/contacts.yaml")
    path.parent.mkdir()
    path.write_text(
        "version: 1\naccepted:\n  - {code: role-adress, subject: 'plezi:contact/1', who: z, why: w}\n"
    )
    result = run("check")
    assert result.code == 2
    assert "mappings/accepted/contacts.yaml:3:12  there is no audit 'role-adress'" in result.out
