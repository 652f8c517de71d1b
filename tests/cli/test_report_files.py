"""``pdsync audit -o FILE``: reports as files, from a new audit, from exports, and from one that was kept."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.accounts import put_mapping
from tests.cli.invoking import Run

PERSONS = (
    "id,first_name,last_name,email\n1,Ada,,ada@example.com\n2,=1+1,Lupin,ada@example.com\n3,Zoé,Rivière,\n"
)
CONTACTS = "id,first_name,last_name,email\nc1,Ada,Lupin,ada@example.com\n"


@pytest.fixture
def exports(tmp_path: Path) -> list[str]:
    """Two exports, as flags."""
    put_mapping(tmp_path)
    Path("persons.csv").write_text(PERSONS, encoding="utf-8")
    Path("contacts.csv").write_text(CONTACTS, encoding="utf-8")
    return ["--pipedrive", "persons.csv", "--plezi", "contacts.csv"]


def found(file: str) -> list[dict[str, str]]:
    """The rows of a CSV report."""
    with Path(file).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_exports_leave_reports_and_nothing_else(exports: list[str], run: Run) -> None:
    """Two files in, any number of reports out; no state is kept, and no path of what is gone is named."""
    before = set(Path().iterdir())
    result = run("audit", *exports, "-o", "all.csv", "-o", "pr.md", "-o", "all.xlsx", "--output", "all.json")

    assert result.code == 1
    assert [line for line in result.err.splitlines() if line.startswith("Written: ")] == [
        f"Written: {name}" for name in ("all.csv", "pr.md", "all.xlsx", "all.json")
    ]
    assert {path.name for path in set(Path().iterdir()) - before} == {
        "all.csv",
        "pr.md",
        "all.xlsx",
        "all.json",
    }
    assert "every finding:" not in result.out
    duplicates = [row for row in found("all.csv") if row["code"] == "duplicate-email"]
    assert [(row["pipedrive_ids"], row["plezi_ids"]) for row in duplicates] == [("1; 2", "c1")]
    assert {row["pipedrive_links"] for row in found("all.csv")} == {""}, "an export names no account"
    assert "ada@" not in Path("pr.md").read_text(encoding="utf-8").lower()
    assert json.loads(Path("all.json").read_text(encoding="utf-8"))["kind"] == "audit"


def test_a_kept_audit_says_the_same_again(exports: list[str], run: Run) -> None:
    """From what was kept: same text, same findings, same exit code, nothing is read or audited again."""
    made = run("audit", *exports, "--state", "state", "-o", "new.csv")
    Path("persons.csv").unlink()
    kept = run("audit", "--state", "state", "--from", "last", "-o", "old.csv")

    assert kept.code == made.code == 1
    assert kept.out == made.out
    assert Path("old.csv").read_bytes() == Path("new.csv").read_bytes()
    (identifier,) = [path.stem for path in Path("state/audits").glob("*.json")]
    assert run("audit", "--state", "state", "--from", identifier[:12]).out == made.out


@pytest.mark.long
def test_there_must_be_such_an_audit(exports: list[str], run: Run) -> None:
    """Two of a beginning, none, or a new one at the same time: said, with what to type."""
    assert "Make one: pdsync audit" in run("audit", "--state", "state", "--from", "last").err
    for _ in range(2):
        run("audit", *exports, "--state", "state")

    both = run("audit", "--state", "state", "--from", "20")
    assert (both.code, "is the beginning of 2 audits" in both.err) == (2, True)
    assert run("audit", "--state", "state", "--from", "x").code == 2
    assert run("audit", *exports, "--state", "state", "--from", "last").code == 2


def test_a_report_that_cannot_be_written_is_said_first(exports: list[str], run: Run) -> None:
    """Before anything is read or audited."""
    for name, said in (
        ("all.pdf", ".pdf stands for no report"),
        ("nowhere/all.csv", "there is no folder nowhere"),
    ):
        result = run("audit", *exports, "--state", "state", "-o", name)

        assert result.code == 2
        assert said in result.err
        assert not Path("state").exists()
