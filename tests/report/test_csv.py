"""CSV: one row per finding, read back by a program, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from pdsync.report.csv import COLUMNS, csv_pieces
from pdsync.report.inert import for_csv
from tests.report.found import FORMULAS, NAMES, finding_rows
from tests.report.golden import check


def table() -> list[dict[str, str]]:
    """The rows as Python's reader sees them."""
    text = "".join(csv_pieces(finding_rows()))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline=""), strict=True))


def test_csv_golden() -> None:
    """Byte by byte; very long names are cut."""
    text = "".join(csv_pieces(finding_rows()))

    check("findings.csv.txt", text.removeprefix("\ufeff").replace("\r\n", "\n").splitlines())


def test_one_row_per_finding() -> None:
    """Every finding is one row of the same cells, whatever its people are called; no line end is left in a cell."""
    rows = table()

    assert len(rows) == len(finding_rows()) == 2 + len(NAMES)
    assert list(rows[0]) == list(COLUMNS)
    assert not [cell for row in rows for cell in row.values() if "\n" in cell or "\r" in cell or "\t" in cell]


def test_all_ids_of_a_finding() -> None:
    """The ids are complete; names and links of the first are there, and how many more there are."""
    first = table()[0]

    assert first["pipedrive_ids"] == "1042; 1043; 1044; 1045"
    assert first["records"] == "5"
    assert first["pipedrive_links"] == (
        "https://acme.pipedrive.com/person/1042; https://acme.pipedrive.com/person/1043; and 2 more"
    )
    assert first["pipedrive_details"].startswith("problem: a blank")
    assert first["plezi_links"] == "https://app.plezi.co/contacts/5f00"
    assert first["plezi_details"] == "counterpart"


def test_options_are_named_as_options() -> None:
    """An option is no record: it is not counted as one and has no link."""
    row = table()[1]

    assert (row["records"], row["pipedrive_ids"], row["pipedrive_names"]) == (
        "0",
        "option/sector/43",
        "Sante (112)",
    )
    assert row["pipedrive_links"] == ""


def test_no_cell_is_a_formula() -> None:
    """Neither at the start of a cell nor behind a separator of another country (OWASP, CSV injection)."""
    for row in table():
        for cell in row.values():
            assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")), cell
            for separator in ";,|":
                for part in cell.split(separator):
                    assert not part.lstrip().startswith(("=", "+", "@", "＝", "＋", "＠")), cell


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_get_an_apostrophe(text: str) -> None:
    """What is there can still be read; a tab becomes two letters, which begin no formula."""
    assert "'" in for_csv(text) or for_csv(text).startswith("\\t")
    assert for_csv(text).replace("'", "") == text.replace("\t", "\\t").replace("'", "")


def test_links_are_of_the_web() -> None:
    """Of addresses that somebody may have typed, those that a browser may be sent to; others are left out."""
    links = {row["plezi_links"] for row in table()}

    assert links == {
        "",
        "https://app.plezi.co/contacts/5f00",
        "https://app.plezi.co/contacts/5f01?tab=1&x=2",
    }
