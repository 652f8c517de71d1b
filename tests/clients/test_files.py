"""Exports: encodings, separators, bad rows, and what a cell becomes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import parquet

from pdsync import errors
from pdsync.clients import open_file
from pdsync.clients.columns import ColumnMap
from pdsync.clients.file_values import Cells, split_addresses, split_name
from pdsync.clients.files import FileClient
from pdsync.clients.tables import BadRow, Row, open_table
from pdsync.model import Account, Field, Finding, Kind, Option, Record, Severity, Side, Value

NAMES = [
    "Zoé Lefèvre",
    "Élodie Noël",
    "Jérôme Bérénger",
    "Hélène Dupré-Saint-Maël",
    "François Müller",
    "Anaïs Cœur",
]
EXPORT = "Person - ID;Person - Name;Person - Email - Work\n" + "".join(
    f"{n};{name};p{n}@example.com\n" for n, name in enumerate(NAMES, 1)
)


def _write(tmp_path: Path, content: str | bytes, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _read(client: FileClient) -> tuple[list[Record], Sequence[Finding]]:
    async def read() -> list[Record]:
        return [record async for page in client.pages() for record in page]

    return asyncio.run(read()), client.problems()


def _open(tmp_path: Path, content: str | bytes, side: Side = Side.PIPEDRIVE, **given: Any) -> FileClient:
    return open_file(side, _write(tmp_path, content), **given)


# encodings and dialects


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
    ],
)
def test_encodings_are_found_out(tmp_path: Path, encoding: str, shown: str) -> None:
    """Excel on Windows, Excel on a Mac, scripts: the names come out as they were typed."""
    client = _open(tmp_path, EXPORT.encode(encoding))
    assert client.format.startswith(f"CSV, {shown}, separated by ';'")
    records, problems = _read(client)
    assert [record.values["name"] for record in records] == NAMES
    assert problems == []


def test_an_encoding_may_be_given(tmp_path: Path) -> None:
    """Where guessing cannot know, a person can say."""
    text = "Name;Email\nŁukasz Żółć;l@example.com\n"
    (record,), _ = _read(_open(tmp_path, text.encode("cp1250"), encoding="cp1250"))
    assert record.values["name"] == "Łukasz Żółć"
    with pytest.raises(errors.InputFileError, match="no-such"):
        _open(tmp_path, text, encoding="no-such")


def test_one_broken_byte_does_not_garble_the_rest(tmp_path: Path) -> None:
    """A file that is UTF-8 but for one name stays UTF-8; that one row is told."""
    rows = "".join(f"{n};Zoé Lefèvre\n" for n in range(1, 60)).encode()
    client = _open(tmp_path, b"Person - ID;Person - Name\n" + rows + b"60;Zo\xe9\n")
    records, problems = _read(client)
    assert {record.values["name"] for record in records} == {"Zoé Lefèvre"}
    assert [(p.place and p.place.line, p.message) for p in problems] == [
        (61, "this row was left out: holds bytes that are not utf-8")
    ]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_separators_are_found_out(tmp_path: Path, separator: str, ending: str) -> None:
    """By which most rows are as wide as the header, also where cells hold the other separators."""
    lines = [
        ["Person - ID", "Person - Name", "Person - Phone"],
        ["1", '"a,b;c|d"', "1"],
        ["2", '"x ""y"" z"', ""],
    ]
    text = "".join(separator.join(line) + ending for line in lines)
    records, problems = _read(_open(tmp_path, text))
    assert [record.values["name"] for record in records] == ["a,b;c|d", 'x "y" z']
    assert problems == []


def test_excels_own_hint_and_single_quotes(tmp_path: Path) -> None:
    """'sep=;' is no header; lines count with it. Apostrophes are quotes only where they enclose cells."""
    (record,), _ = _read(_open(tmp_path, "sep=;\nPerson - Name;Person - Email\nZoé, Lefèvre;z@example.com\n"))
    assert (record.id, record.values["name"]) == ("3", "Zoé, Lefèvre")
    records, _ = _read(_open(tmp_path, "'Name';'Email'\n'A;B';'a@example.com'\n'C''D';''\n"))
    assert [record.values["name"] for record in records] == ["A;B", "C'D"]
    (record,), _ = _read(_open(tmp_path, "Name;Email\nd'Aiguebelle;a@example.com\n"))
    assert record.values["name"] == "d'Aiguebelle"


def test_a_damaged_header_is_still_the_header(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 in the first row make a column's name odd; the first person stays a person."""
    body = "".join(f"{number};Zoé;Lefèvre\n" for number in range(50))
    records, problems = _read(_open(tmp_path, "ID;Pr\xe9nom;Nom\n".encode("latin-1") + body.encode()))
    assert len(records) == 50
    assert problems == []


def test_cells_may_hold_lines(tmp_path: Path) -> None:
    """A line number is that of the row's first line."""
    text = 'Name;Note\nA;"two\nlines"\nB;"x"\n'
    records, _ = _read(_open(tmp_path, text))
    assert [(record.id, record.values["Note"]) for record in records] == [("2", "two\nlines"), ("4", "x")]


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"\xef\xbb\xbf", b";;;\n"])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    """Nothing to read is said, not shrugged off."""
    with pytest.raises(errors.InputFileError, match="empty"):
        _open(tmp_path, content)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """In the system's words."""
    with pytest.raises(errors.InputFileError, match="No such file"):
        open_file(Side.PLEZI, tmp_path / "nothing.csv")
    with pytest.raises(errors.InputFileError, match="directory"):
        open_file(Side.PLEZI, tmp_path)


def test_a_header_without_rows(tmp_path: Path) -> None:
    """An account without anybody is an account."""
    assert _read(_open(tmp_path, "Person - ID;Person - Name\n")) == ([], [])


# bad rows


def test_bad_rows_are_told_and_do_not_stop_the_rest(tmp_path: Path) -> None:
    """File and line of each; the others are read."""
    text = (
        "Person - ID;Person - Name\n"
        "1;A\n"
        "2\n"  # too few
        "3;C;extra\n"  # too many
        "4;D;;\n"  # too many, but blank
        ";E\n"  # no id
        "1;F\n"  # id again
        '5;"G"x\n'  # a stray quote
        "\n"
        "6;H\n"
        '7;"never closed\n8;I\n'
    )
    path = _write(tmp_path, text)
    records, problems = _read(open_file(Side.PIPEDRIVE, path))
    assert [record.id for record in records] == ["1", "4", "6"]
    told = [(str(p.place), p.message.removeprefix("this row was left out: ")) for p in problems]
    assert told == [
        (f"{path}:3:1", "has 1 cells instead of 2"),
        (f"{path}:4:1", "has 3 cells instead of 2"),
        (f"{path}:6:1", "its id is blank"),
        (f"{path}:7:1", "its id '1' stands in an earlier row"),
        (f"{path}:8:1", "';' expected after '\"'"),
        (f"{path}:11:1", "unexpected end of data (lines 11 to 12 belong to it)"),
    ]
    assert {(p.code, p.severity) for p in problems} == {("bad-row", Severity.WARNING)}


def test_a_thousand_bad_rows_are_enough(tmp_path: Path) -> None:
    """Beyond that only how many there are; and reading again does not count them twice."""
    client = _open(tmp_path, "Person - ID;Person - Name\n" + "1\n" * 2500)
    for _ in range(2):
        _, problems = _read(client)
        assert len(problems) == 1001
        assert problems[-1].message == "1,500 more rows were left out"


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_clear_refusal(content: bytes) -> None:
    """Whatever a file holds: rows, bad rows, or one of our errors; never another exception."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(content)
        try:
            table = open_table(path)
            rows = list(table.read())
        except errors.InputFileError:
            return
        assert all(isinstance(row, BadRow) or len(row.cells) == len(table.headers) for row in rows)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=3, max_size=3)
    )
)
@example([["", "", "\ufffd"]])
def test_what_csv_writes_is_what_is_read(rows: list[list[str]]) -> None:
    """Cells survive, whatever they hold: quotes, separators, formulas, emoji, a character that was lost long ago."""
    import csv
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
            writer.writerow(["Person - ID", "Person - Name", "Person - Note"])
            writer.writerows([["x", *row[1:]] for row in rows])
        read = list(open_table(path).read())
        assert [row.cells for row in read if isinstance(row, Row)] == [["x", *row[1:]] for row in rows]


@pytest.mark.parametrize("cell", ["=1+1", "+33 1 99", "-2", "@SUM(A1)", "=HYPERLINK(x)", "\t=1"])
def test_formulas_are_data(tmp_path: Path, cell: str) -> None:
    """What looks like a formula is the text that stands there."""
    (record,), _ = _read(_open(tmp_path, f'Name,Note\nA,"{cell}"\n'))
    assert record.values["Note"] == cell


# ids, names, addresses


def test_without_an_id_column_the_line_is_the_id(tmp_path: Path) -> None:
    """So a finding can still say which row it means."""
    records, _ = _read(_open(tmp_path, "Person - Name\nA\n\nB\n"))
    assert [record.id for record in records] == ["2", "4"]


def test_r11_a_single_name_is_split_as_pipedrive_splits_it(tmp_path: Path) -> None:
    """R11: the first word is the first name, the rest the surname; only where no parts are given."""
    records, _ = _read(_open(tmp_path, "Person - Name\nZoé de la Tour\nMadonna\n"))
    assert [(r.values["first_name"], r.values["last_name"]) for r in records] == [
        ("Zoé", "de la Tour"),
        ("Madonna", None),
    ]
    schema = asyncio.run(_open(tmp_path, "Person - Name\nA B\n").schema())
    assert {"name", "first_name", "last_name"} == set(schema.by_code)
    (record,), _ = _read(_open(tmp_path, "Person - Name;Person - First name\nA B;X\n"))
    assert record.values == {"name": "A B", "first_name": "X"}
    (record,), _ = _read(_open(tmp_path, "Nom,Email\nLefèvre,z@example.com\n", Side.PLEZI))
    assert record.values == {"last_name": "Lefèvre", "email": "z@example.com"}


@pytest.mark.parametrize(
    ("name", "parts"),
    [("", ("", "")), ("  A   B  C ", ("A", "B C")), ("A\u00a0B", ("A", "B")), ("A", ("A", ""))],
)
def test_splitting(name: str, parts: tuple[str, str]) -> None:
    """Blanks of every kind separate words."""
    assert split_name(name) == parts


def _entry(value: str, label: str, primary: bool) -> dict[str, Value]:
    return {"value": value, "label": label, "primary": primary}


def test_addresses_of_several_columns_are_one_list(tmp_path: Path) -> None:
    """In the order of the columns, labelled by them; the first is primary. Broken addresses stay as they are."""
    text = (
        "Person - Email - Work;Person - Email - Home;Person - Phone - Mobile\n"
        "a@example.com, b@example.com;c@example.org;+33 1, poste 2\n"
        ";not an address;\n"
        ";;\n"
    )
    records, _ = _read(_open(tmp_path, "Person - Name;" + text.replace("\n", "\nX;", 3).removesuffix("X;")))
    assert records[0].values["email"] == [
        _entry("a@example.com", "work", True),
        _entry("b@example.com", "work", False),
        _entry("c@example.org", "home", False),
    ]
    assert records[0].values["phone"] == [_entry("+33 1, poste 2", "mobile", True)]
    assert records[1].values["email"] == [_entry("not an address", "home", True)]
    assert records[2].values["email"] == []


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ("a@example.com", ["a@example.com"]),
        (" a@example.com;b@example.com ", ["a@example.com", "b@example.com"]),
        ("a@example.com b", ["a@example.com b"]),
        ("Zoé <a@example.com>", ["Zoé <a@example.com>"]),
    ],
)
def test_several_addresses_in_a_cell(cell: str, addresses: list[str]) -> None:
    """Split only where every part is one."""
    assert split_addresses(cell) == addresses


def test_plezi_has_one_address(tmp_path: Path) -> None:
    """One string, as its API delivers it; blank is empty."""
    records, _ = _read(_open(tmp_path, "id,email,first_name\n1,z@example.com,Zoé\n2,,X\n", Side.PLEZI))
    assert [record.values["email"] for record in records] == ["z@example.com", None]


# values

SECTOR = Field(
    "c" * 40,
    "Secteur",
    Kind.OPTION,
    options=(
        Option("35", "Énergie"),
        Option("36", "Achats, ventes"),
        Option("37", "Double"),
        Option("38", "Double"),
    ),
    custom=True,
)
SEVERAL = Field("d" * 40, "Centres", Kind.OPTIONS, options=SECTOR.options, custom=True)


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.TEXT, 12, "12"),
        (Kind.TEXT, 1.5, "1.5"),
        (Kind.TEXT, True, "true"),
        (Kind.TEXT, "  kept  ", "  kept  "),
        (Kind.TEXT, " \u00a0 ", None),
        (Kind.NUMBER, "1234", 1234),
        (Kind.NUMBER, "1234.50", 1234.5),
        (Kind.NUMBER, "-0", 0),
        (Kind.NUMBER, "1 234,5", 1234.5),
        (Kind.NUMBER, "1\u202f234\u202f567", 1234567),
        (Kind.NUMBER, "12,5", 12.5),
        (Kind.NUMBER, "1,234", "1,234"),
        (Kind.NUMBER, "1.234.567", "1.234.567"),
        (Kind.NUMBER, "viel", "viel"),
        (Kind.NUMBER, "٣", "٣"),
        (Kind.NUMBER, 7, 7),
        (Kind.BOOLEAN, "Oui", True),
        (Kind.BOOLEAN, "faux", False),
        (Kind.BOOLEAN, 1, True),
        (Kind.BOOLEAN, "peut-être", "peut-être"),
        (Kind.DATE, "2026-09-01", "2026-09-01"),
        (Kind.DATE, "2026-09-01 00:00:00", "2026-09-01"),
        (Kind.DATE, "01/09/2026", "01/09/2026"),
        (Kind.DATETIME, "2026-09-01 10:00:00", "2026-09-01 10:00:00"),
        (Kind.COMPOSITE, {"value": 1}, {"value": 1}),
    ],
)
def test_cells_become_values_only_where_that_is_certain(kind: Kind, cell: Value, value: Value) -> None:
    """Else the text stays: 1,234 may be a thousand or one and a bit, 01/09 may be January."""
    field = Field("x", "X", kind)
    found = Cells(Side.PIPEDRIVE, [field]).value(field, cell)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Énergie", 35),
        (" Énergie ", 35),
        ("35", 35),
        (35, 35),
        ("énergie", "énergie"),
        ("Double", "Double"),
        ("Neu", "Neu"),
        ("", None),
    ],
)
def test_option_labels_become_ids(cell: Value, value: Value) -> None:
    """Exactly the label, or the id. Another spelling, an unknown one, or a label that two options bear stays text."""
    assert Cells(Side.PIPEDRIVE, [SECTOR]).value(SECTOR, cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Énergie, Achats, ventes", [35, 36]),
        ("Achats, ventes", [36]),
        ("Énergie,Neu", [35, "Neu"]),
        ("Énergie; Neu", [35, "Neu"]),
        ("Énergie|Neu", [35, "Neu"]),
        (["Énergie", "36", None], [35, 36]),
        ("Énergie, ", [35]),
        (None, None),
    ],
)
def test_several_options_in_a_cell(cell: Value, value: Value) -> None:
    """A label that holds the separator is recognised as one."""
    assert Cells(Side.PIPEDRIVE, [SEVERAL]).value(SEVERAL, cell) == value


def test_plezis_options_stay_words() -> None:
    """A value that looks like a number is still Plezi's word for it."""
    field = Field("plz_x", "X", Kind.OPTION, options=(Option("75", "Paris"),))
    assert Cells(Side.PLEZI, [field]).value(field, "Paris") == "75"


def test_option_lists_that_nobody_gave_are_observed(tmp_path: Path) -> None:
    """Labels found in the rows become the options, marked as observed."""
    text = "Person - Name;Person - Label\nA;Customer, Hot lead\nB;Hot lead\nC;\nbad\n"
    schema = asyncio.run(_open(tmp_path, text).schema())
    options = schema.by_code["label_ids"].options
    assert [(o.id, o.label, o.observed) for o in options] == [
        ("Customer", "Customer", True),
        ("Hot lead", "Hot lead", True),
    ]


def test_a_field_list_is_kept_whole(tmp_path: Path) -> None:
    """Fields without a column are fields that were not read: missing, not empty."""
    text = "Person - ID;Person - Secteur\n1;Énergie\n2;\n"
    client = _open(tmp_path, text, fields=[SECTOR, SEVERAL])
    schema = asyncio.run(client.schema())
    assert set(schema.by_code) == {SECTOR.code, SEVERAL.code}
    records, _ = _read(client)
    assert [dict(record.values) for record in records] == [{SECTOR.code: 35}, {SECTOR.code: None}]


def test_whose_data_it_is(tmp_path: Path) -> None:
    """As given, else 'file': two exports of one account are one account. Nobody says that an export shows everybody."""
    path = _write(tmp_path, "Person - Name\nA\n")
    account = asyncio.run(open_file(Side.PIPEDRIVE, path).account())
    assert (account.id, account.name, account.sees_everything) == ("file", "export.csv", False)
    given_account = Account(Side.PIPEDRIVE, "42")
    assert asyncio.run(open_file(Side.PIPEDRIVE, path, account=given_account).account()) == given_account


def test_update_time_is_passed_on(tmp_path: Path) -> None:
    """For people; it never decides."""
    (record,), _ = _read(_open(tmp_path, "Person - Name;Person - Update time\nA;2026-09-01 10:00:00\n"))
    assert record.updated_at == "2026-09-01 10:00:00"


# column maps


def test_a_corrected_map_is_obeyed(tmp_path: Path) -> None:
    """Shown, kept as data, corrected by a person, handed back; columns that it does not name are left out."""
    path = _write(tmp_path, "Nr;Wer;Mail;Sonst\n9;Zoé Lefèvre;z@example.com;x\n")
    first = open_file(Side.PIPEDRIVE, path, columns=None)
    data = first.columns.to_data()
    for entry, code in zip(data["columns"], ("@id", "name", "email", None), strict=True):
        entry["field"] = code
        entry["because"] = "given"
    client = open_file(Side.PIPEDRIVE, path, columns=ColumnMap.from_data(data))
    (record,), _ = _read(client)
    assert record.id == "9"
    assert set(record.values) == {"name", "first_name", "last_name", "email"}


def test_a_map_of_another_file(tmp_path: Path) -> None:
    """A column that is not there is an error, not an empty field."""
    data = {"version": 1, "columns": [{"column": "Gone", "field": "name"}]}
    with pytest.raises(errors.InputFileError, match="'Gone'"):
        _open(tmp_path, "Name\nA\n", columns=ColumnMap.from_data(data))


def test_a_file_without_any_known_column(tmp_path: Path) -> None:
    """Everything left out is nothing to read."""
    data = {"version": 1, "columns": [{"column": "Name", "field": None}]}
    with pytest.raises(errors.InputFileError, match="No column"):
        _open(tmp_path, "Name\nA\n", columns=ColumnMap.from_data(data))


# workbooks and Parquet


def _workbook(path: Path, rows: Sequence[Sequence[Any]], *, first_row: int = 0) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    book.add_worksheet("Empty")
    sheet = book.add_worksheet("Export")
    day, moment = (
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    )
    for number, row in enumerate(rows, first_row):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, moment if cell.time() != time() else day)
            elif cell is not None:
                sheet.write(number, column, cell)
    book.close()
    return path


def test_typed_cells_of_a_workbook(tmp_path: Path) -> None:
    """Numbers of a phone or id are text without '.0'; dates are ISO; ticks are true; the sheet with most columns counts."""
    rows: list[list[Any]] = [
        ["Person - ID", "Person - Name", "Person - Phone - Work", "Né le", "Vu", "OK", "Note"],
        [101.0, "Zoé Lefèvre", 33199001234, datetime(2026, 9, 1), datetime(2026, 9, 1, 10, 30), True, "=1+1"],  # noqa: DTZ001
        [None, None, None, None, None, None, None],
        [102, "X", "+33 1", None, None, False, 1.5],
    ]
    client = open_file(Side.PIPEDRIVE, _workbook(tmp_path / "x.xlsx", rows, first_row=2))
    assert client.format == "XLSX, sheet 'Export', the widest of 2"
    records, problems = _read(client)
    assert problems == []
    assert [record.id for record in records] == ["101", "102"]
    assert records[0].values["phone"] == [{"value": "33199001234", "label": "work", "primary": True}]
    assert {code: records[0].values[code] for code in ("Né le", "Vu", "OK", "Note")} == {
        "Né le": "2026-09-01",
        "Vu": "2026-09-01T10:30:00",
        "OK": "true",
        "Note": "=1+1",
    }
    assert records[1].values["Note"] == "1.5"
    assert records[1].values["Né le"] is None


def test_lines_of_a_workbook_are_its_rows(tmp_path: Path) -> None:
    """As the spreadsheet counts them, blank rows above included."""
    path = _workbook(tmp_path / "x.xlsx", [["Person - Name"], ["A"]], first_row=4)
    (record,), _ = _read(open_file(Side.PIPEDRIVE, path))
    assert record.id == "6"


def test_typed_columns_of_parquet(tmp_path: Path) -> None:
    """Lists, objects, decimals, nanoseconds, NaN: values as JSON could say them."""
    table = pa.table(
        {
            "id": ["1"],
            "email": [
                [{"value": "z@example.com", "label": "home", "primary": True}, {"value": "y@example.com"}]
            ],
            "label_ids": [[1, 2]],
            "n": pa.array([Decimal("12.00")]),
            "nan": [float("nan")],
            "at": pa.array([1_756_720_800_123_456_789], pa.timestamp("ns", "UTC")),
            "day": [date(2026, 9, 1)],
            "raw": [b"z\xc3\xa9"],
            "none": pa.nulls(1),
        }
    )
    path = tmp_path / "x.parquet"
    parquet.write_table(table, path)
    client = open_file(Side.PIPEDRIVE, path)
    assert client.format == "Parquet, 1 rows"
    (record,), problems = _read(client)
    assert problems == []
    assert record.id == "1"
    assert record.values["email"] == [
        {"value": "z@example.com", "label": "home", "primary": True},
        {"value": "y@example.com", "label": "work", "primary": False},
    ]
    assert record.values["label_ids"] == [1, 2]
    assert {code: record.values[code] for code in ("n", "nan", "at", "day", "raw", "none")} == {
        "n": "12",
        "nan": None,
        "at": "2025-09-01T10:00:00.123456Z",
        "day": "2026-09-01",
        "raw": "zé",
        "none": None,
    }


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PAR1 nothing more", "no Parquet file"),
        (b"PK\x03\x04 nothing more", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
    ],
)
def test_files_of_known_kinds_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    """One clear message each."""
    with pytest.raises(errors.InputFileError, match=says):
        _open(tmp_path, content)


def test_a_big_export_is_read_in_pages(tmp_path: Path) -> None:
    """Rows are held a page at a time: 500, and the rest."""
    path = _write(tmp_path, "Person - ID;Person - Name\n" + "".join(f"{n};P {n}\n" for n in range(1, 1202)))

    async def sizes() -> list[int]:
        return [len(page) async for page in open_file(Side.PIPEDRIVE, path).pages()]

    assert asyncio.run(sizes()) == [500, 500, 201]
