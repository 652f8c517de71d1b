"""Two exports audited without any account, as people get them: any encoding, any separator, columns in any words."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.cli.shell.exits import ExitCode
from pdsync.mapfiles import shipped_fields, shipped_mapping
from pdsync.model import Side
from tests.cli.invoking import Run

PERSONS = (
    "ID;Nom complet;Prénom;Nom;E-mail - Travail;E-mail - Domicile;sync_to_plezi;Secteur;Date de naissance",
    "1;Lucile Rivière;Lucile;Rivière;lucile@example.com;;Yes;Éducation;1980-01-31",
    "2;Zoé Œuvrard;Zoé;Œuvrard;zoe@example.com;Zoé@example.org;No;Sante;31/12/1980",
    "3;trop;de;colonnes;a@example.com;;;;;plus;encore",
    ";Sans Id;Sans;Id;s@example.com;;;;",
    "1;Encore Un;Encore;Un;d@example.com;;;;",
    "4;Test Test;Test;Test;lucile@example.com;;;;",
)
CONTACTS = (
    "email,Prénom,Nom,Formulaire,Désinscrit",
    "lucile@example.com,Lucile,Rivière,Newsletter,oui",
    "b@example.com,,,Démo,non",
)


@pytest.fixture(name="mapping")
def _mapping(tmp_path: Path) -> Path:
    """The shipped mapping and field lists, in a folder of the test's own."""
    (tmp_path / "mappings" / "fields").mkdir(parents=True)
    path = tmp_path / "mappings" / "contacts.yaml"
    path.write_bytes(shipped_mapping().read_bytes())
    for side in Side:
        (path.parent / "fields" / f"{side}.yaml").write_bytes(shipped_fields(side).read_bytes())
    return path


def exports(folder: Path, *, encoding: str = "utf-8", separator: str = ";") -> tuple[str, ...]:
    """Both files, as words of the command."""
    persons, contacts = folder / "persons.csv", folder / "contacts.csv"
    persons.write_bytes("\r\n".join([*PERSONS, ""]).replace(";", separator).encode(encoding))
    contacts.write_text("\n".join(CONTACTS), encoding="utf-8")
    return "--pipedrive", str(persons), "--plezi", str(contacts)


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [
        pytest.param("utf-8", ";", marks=pytest.mark.long),
        pytest.param("utf-8-sig", ",", marks=pytest.mark.long),
        pytest.param("cp1252", ";", marks=pytest.mark.long),
        pytest.param("cp1252", "\t", marks=pytest.mark.long),
        ("utf-16", "\t"),
        pytest.param("utf-16-le", "|", marks=pytest.mark.long),
    ],
)
def test_any_encoding_and_separator(
    encoding: str, separator: str, mapping: Path, run: Run, tmp_path: Path
) -> None:
    """The same persons give the same findings, however the file was saved."""
    result = run(
        "audit",
        *exports(tmp_path, encoding=encoding, separator=separator),
        "--mapping",
        str(mapping),
        "--json",
    )

    assert result.code == ExitCode.FINDINGS
    found = {one["code"]: one["findings"] for one in result.data["audits"] if one["findings"]}
    assert found["duplicate-email"] == found["wrong-format"] == found["placeholder-name"] == 1
    assert result.data["sides"]["pipedrive"]["records"] == 3
    assert "missing-last-name" in found
    assert "damaged-name" not in found


def test_a_bad_row_is_told_with_file_and_line(mapping: Path, run: Run, tmp_path: Path) -> None:
    """One broken row does not hide what is wrong with the others; an editor jumps to it."""
    words = exports(tmp_path, encoding="cp1252")
    result = run("audit", *words, "--mapping", str(mapping), "--sample", "0")

    assert f"{words[1]}:4:1: this row was left out: has 11 cells instead of 9" in result.err
    assert f"{words[1]}:5:1: this row was left out: its id is blank" in result.err
    assert f"{words[1]}:6:1: this row was left out: its id '1' stands in an earlier row" in result.err
    assert "3 rows could not be read" in result.out
    assert "2 contacts" in result.out


@pytest.mark.parametrize(
    "content",
    [
        "1;Zoé;zoe@example.org\n2;Ana;ana@example.org\n".encode(),
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
        b'{"a": 1}',
    ],
    ids=["no header", "a photograph", "JSON"],
)
def test_a_file_that_is_no_export(mapping: Path, run: Run, tmp_path: Path, content: bytes) -> None:
    """Not one known column: an error, and not a database of nobody that is as good as ready."""
    words = exports(tmp_path)
    Path(words[1]).write_bytes(content)
    result = run("audit", *words, "--mapping", str(mapping))

    assert result.code == ExitCode.USAGE
    assert f"No column of {words[1]} is known, so it is no export of persons" in result.err
    assert "--columns FILE" in result.err


def test_the_columns_are_shown(mapping: Path, run: Run, tmp_path: Path) -> None:
    """Format, field and how sure that is, column by column; Nom beside Prénom is the family name."""
    err = run("audit", *exports(tmp_path), "--mapping", str(mapping)).err

    lines = [" ".join(line.split()) for line in err.splitlines()]
    assert f"{tmp_path / 'persons.csv'}: CSV, utf-8, separated by ';'; columns by their headers:" in lines
    assert "Nom -> last_name (assumed)" in lines
    assert "E-mail - Domicile -> email [home] (assumed)" in lines
    assert "Formulaire -> form (assumed)" in lines
    assert "To correct what is assumed: --columns FILE writes this list, and reads it the next time." in lines


def test_what_no_column_is_known_as_is_said(mapping: Path, run: Run, tmp_path: Path) -> None:
    """R17: without addresses nobody is matched, without ids a line is no id; the gap stands once, with its audits."""
    words = exports(tmp_path)
    Path(words[1]).write_text("Prénom;Nom;Joindre par\nLucile;Rivière;l@example.com\n", encoding="utf-8")
    result = run("audit", *words, "--mapping", str(mapping), "--sample", "0", "--json")

    lines = " ".join(result.err.split())
    assert (
        "No column is known as the email address, by which people are matched: name it in a column map"
        in lines
    )
    assert "No column is known as the id: a person is called by its line in the file." in lines
    gap = [text for text in result.data["gate"]["not_checked"] if text.endswith("holds no email addresses")]
    assert len(gap) == 1
    assert {"duplicate-email", "no-email"} <= set(gap[0].partition(":")[0].split(", "))


@pytest.mark.long
def test_the_columns_are_kept_and_corrected(mapping: Path, run: Run, tmp_path: Path) -> None:
    """--columns writes what is not there, reads what is, and never overwrites."""
    words = (*exports(tmp_path), "--mapping", str(mapping), "--columns", str(tmp_path / "columns.yaml"))
    first = run("audit", *words, "--json")
    written = (tmp_path / "columns.yaml").read_text()

    assert "  - {column: Nom, field: last_name}  # assumed\n" in written
    assert '  - {column: ID, field: "@id"}  # code\n' in written
    assert "lucile" not in written
    assert run("audit", *words, "--json").data["audits"] == first.data["audits"]

    corrected = written.replace(
        "{column: Date de naissance, field: 0c6f00dc0468fbce8f8c54dba382e0245f35f921}",
        "{column: Date de naissance, field: null}",
    )
    assert corrected != written
    (tmp_path / "columns.yaml").write_text(corrected)
    again = run("audit", *words, "--json")

    (summary,) = (one for one in again.data["audits"] if one["code"] == "wrong-format")
    assert summary["findings"] == 0
    assert "'Date de naissance' was not read from Pipedrive" in summary["not_checked"]
    assert "columns as" in again.err
    assert (tmp_path / "columns.yaml").read_text() == corrected


def test_a_wrong_column_map_is_told_with_every_place(mapping: Path, run: Run, tmp_path: Path) -> None:
    """All problems at once, with line and column, and what was probably meant."""
    path = tmp_path / "columns.yaml"
    path.write_text(
        "version: 1\npipedrive:\n  - {column: ID, field: '@id'}\n  - {column: Nom, field: lastname}\n"
        "  - {column: Prénom, field: first_name}\n  - {column: X, field: first_name}\n  - {column: Y, felt: z}\n",
        encoding="utf-8",
    )
    result = run("audit", *exports(tmp_path), "--mapping", str(mapping), "--columns", str(path))

    assert result.code == ExitCode.USAGE
    assert f"{path}:4:26  unknown field 'lastname' in Pipedrive; did you mean 'last_name'?" in result.err
    assert f"{path}:6:24  'first_name' stands twice; one field has one entry" in result.err
    assert f"{path}:7:" in result.err
    assert "Nothing was read or written." in result.err


def test_a_column_that_the_file_has_not(mapping: Path, run: Run, tmp_path: Path) -> None:
    """A map of another export is refused, not applied in part."""
    path = tmp_path / "columns.yaml"
    path.write_text("version: 1\npipedrive:\n  - {column: Numéro, field: '@id'}\n", encoding="utf-8")

    result = run("audit", *exports(tmp_path), "--mapping", str(mapping), "--columns", str(path))

    assert result.code == ExitCode.USAGE
    assert "The column map names 'Numéro', and the file has no such column." in result.err


def test_a_threshold_of_no_audit_stops_audit_and_plan(mapping: Path, run: Run, tmp_path: Path) -> None:
    """The gate would let through what the threshold was written to stop; check says the same, with the place."""
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("  missing-last-name: ", "  missing-lastname: ", 1), encoding="utf-8")
    words = (*exports(tmp_path), "--mapping", str(mapping), "--state", str(tmp_path / "state"))
    for verb in ("audit", "plan"):
        result = run(verb, *words)
        assert result.code == ExitCode.USAGE
        assert "there is no audit 'missing-lastname'; did you mean 'missing-last-name'?" in result.err


def test_a_mapping_that_cannot_work_is_audited_and_not_planned(
    mapping: Path, run: Run, tmp_path: Path
) -> None:
    """R6: what can never be written is a finding beside all others, and blocks; a plan is refused for it."""
    text = mapping.read_text(encoding="utf-8")
    more = (
        "  - {pipedrive: phone, plezi: plz_partenaire, direction: to_plezi}\n"
        "  - {pipedrive: Date de naissance, plezi: created_at, direction: to_plezi}\n"
        "  - {pipedrive: org_id, plezi: company, direction: to_plezi}\n"
        "  - {pipedrive: e9a3c2108c22bf2df17392b1ea42c2bccb63f4d8, plezi: medium, direction: to_pipedrive}\n"
    )
    mapping.write_text(text.replace("\nfields:\n", "\nfields:\n" + more, 1), encoding="utf-8")
    words = (*exports(tmp_path), "--mapping", str(mapping), "--state", str(tmp_path / "state"))
    result = run("audit", *words, "--json")

    by_code = {one["code"]: one for one in result.data["audits"]}
    assert by_code["read-only-target"]["findings"] == 1
    assert by_code["type-mismatch"]["findings"] == 2
    assert by_code["written-twice"]["findings"] == 1
    assert by_code["duplicate-email"]["findings"] == 1
    assert {by_code[code]["severity"] for code in ("read-only-target", "type-mismatch", "written-twice")} == {
        "blocking"
    }
    assert result.data["gate"]["state"] == "not ready"
    assert result.code == ExitCode.FINDINGS

    plan = run("plan", *words)
    assert plan.code == ExitCode.USAGE
    assert "4 problems. Nothing was read or written." in plan.err
