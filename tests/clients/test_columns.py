"""Which column is which field, and how sure that is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pdsync.clients.columns import RECORD_ID, ColumnMap, match_columns
from pdsync.errors import InputFileError
from pdsync.model import Field, Kind, Side

LIST = (
    Field("name", "Nom", Kind.TEXT),
    Field("email", "Adresse", Kind.EMAILS),
    Field("a" * 40, "Secteur", Kind.OPTION, custom=True),
    Field("b" * 40, "Fonction", Kind.TEXT, custom=True),
    Field("e" * 40, "Fonction", Kind.TEXT, custom=True),
    Field("id", "ID", Kind.NUMBER),
)


def _matched(header: str, side: Side = Side.PIPEDRIVE, fields: Any = ()) -> tuple[str, str, str]:
    (column,) = match_columns([header], side, fields).columns
    return column.code, column.label, column.because


@pytest.mark.parametrize(
    ("header", "code", "label"),
    [
        ("Person - ID", RECORD_ID, ""),
        ("Person - Name", "name", ""),
        ("Person - First name", "first_name", ""),
        ("Person - Last name", "last_name", ""),
        ("Person - Email - Work", "email", "work"),
        ("Person - Email - Home", "email", "home"),
        ("Person - Email - Other", "email", "other"),
        ("Person - Phone - Mobile", "phone", "mobile"),
        ("Person - Email", "email", ""),
        ("Person - Label", "label_ids", ""),
        ("person - LABELS", "label_ids", ""),
        ("Person - Organization", "org_id", ""),
        ("Person - Owner", "owner_id", ""),
    ],
)
def test_pipedrives_own_naming(header: str, code: str, label: str) -> None:
    """As its exports have it, whatever the case."""
    assert _matched(header) == (code, label, "Pipedrive's naming")


@pytest.mark.parametrize(
    ("header", "code", "label"),
    [
        ("Personne - Nom", "name", ""),
        ("Personne - Prénom", "first_name", ""),
        ("Personne - Pre\u0301nom", "first_name", ""),
        ("Personne - E-mail - Travail", "email", "work"),
        ("Personne - Téléphone - Domicile", "phone", "home"),
        ("Personne - Étiquettes", "label_ids", ""),
        ("Person - Email - Bureau", "email", "work"),
        ("First name", "first_name", ""),
        ("Email - Work", "email", "work"),
        ("Nom", "name", ""),
        ("ID de la personne", RECORD_ID, ""),
        ("Adresse e-mail - Travail", "email", "work"),
        ("Adresse e-mail (Personnel)", "email", "home"),
        ("Personne \u2013 E\u2011mail \u2014 Bureau", "email", "work"),
        ("COURRIEL", "email", ""),
        ("Prenom", "first_name", ""),
        ("Pre\u0301nom", "first_name", ""),
        ("Telephone - Portable", "phone", "mobile"),
    ],
)
def test_guesses_are_marked(header: str, code: str, label: str) -> None:
    """French words, and headers without the prefix of an export, are assumptions and say so."""
    assert _matched(header) == (code, label, "assumed")


@pytest.mark.parametrize(
    ("header", "fields", "expected"),
    [
        ("Secteur", LIST, ("a" * 40, "", "field name")),
        ("SECTEUR ", LIST, ("a" * 40, "", "field name")),
        ("Person - Secteur", LIST, ("a" * 40, "", "field name")),
        ("a" * 40, LIST, ("a" * 40, "", "code")),
        ("Personne - Nom", LIST, ("name", "", "field name")),
        ("ID", LIST, (RECORD_ID, "", "code")),
        ("Person - Secteur", (), ("Secteur", "", "own field")),
        ("Secteur (ancien)", (), ("Secteur (ancien)", "", "own field")),
        ("Nom - Usage", (), ("Nom - Usage", "", "own field")),
        ("label_ids", (), ("label_ids", "", "code")),
        ("email", (), ("email", "", "code")),
        ("Name", (), ("name", "", "code")),
        (RECORD_ID, (), (RECORD_ID, "", "code")),
    ],
)
def test_codes_and_names_of_the_account(header: str, fields: Any, expected: tuple[str, str, str]) -> None:
    """A code, or a name that one field bears; without a list a column of its own."""
    assert _matched(header, Side.PIPEDRIVE, fields) == expected


@pytest.mark.parametrize(
    ("header", "because"),
    [
        ("Person - Fonction", f"several fields are called so: {'b' * 40}, {'e' * 40}"),
        ("Organization - Name", "about something else than the person"),
        ("Deal - Title", "about something else than the person"),
        ("", "no header"),
    ],
)
def test_what_is_left_out(header: str, because: str) -> None:
    """And why: a name borne by two fields is never decided by chance."""
    assert _matched(header, Side.PIPEDRIVE, LIST) == ("", "", because)


@pytest.mark.parametrize(
    ("header", "code", "because"),
    [
        ("email", "email", "code"),
        ("plz_secteur", "plz_secteur", "own field"),
        ("first_name", "first_name", "code"),
        ("behaviour_score", "behaviour_score", "code"),
        ("plezi_url", "plezi_url", "code"),
        ("Prénom", "first_name", "assumed"),
        ("Nom", "last_name", "assumed"),
        ("E-mail", "email", "assumed"),
        ("Société", "company", "assumed"),
        ("Score", "behaviour_score", "assumed"),
        ("Societe", "company", "assumed"),
        ("Courriel", "email", "assumed"),
        ("ID du contact", RECORD_ID, "assumed"),
    ],
)
def test_plezis_exports_are_guesswork(header: str, code: str, because: str) -> None:
    """Their form is not public (reference plezi-api 9.8): codes are certain, words are assumptions."""
    assert _matched(header, Side.PLEZI) == (code, "", because)


def test_one_field_has_one_column() -> None:
    """The second one is left out, unless the field is a list of addresses or numbers."""
    columns = match_columns(
        ["Person - Name", "Name", "Person - Email - Work", "Person - Email - Home"], Side.PIPEDRIVE
    )
    assert [(c.code, c.because) for c in columns.columns] == [
        ("name", "Pipedrive's naming"),
        ("", "a second column for name"),
        ("email", "Pipedrive's naming"),
        ("email", "Pipedrive's naming"),
    ]
    assert [c.header for c in columns.left_out] == ["Name"]


def test_a_map_survives_being_kept() -> None:
    """As JSON and back: the same map."""
    columns = match_columns(
        ["Person - ID", "Personne - Nom", "Deal - Title", "Person - Email - Work"], Side.PIPEDRIVE
    )
    data = json.loads(json.dumps(columns.to_data()))
    assert ColumnMap.from_data(data) == columns
    assert data["columns"][1] == {"column": "Personne - Nom", "field": "name", "because": "assumed"}
    assert [c.header for c in columns.assumed] == ["Personne - Nom"]


def test_a_map_can_be_shown() -> None:
    """One line a column, with the reason."""
    columns = match_columns(["Person - Email - Work", "Deal - Title"], Side.PIPEDRIVE)
    assert columns.lines() == [
        "Person - Email - Work  ->  email [work]  (Pipedrive's naming)",
        "Deal - Title           ->  (left out)  (about something else than the person)",
    ]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"version": 2, "columns": []},
        {"version": 1},
        {"version": 1, "columns": ["x"]},
        {"version": 1, "columns": [{"field": "x"}]},
    ],
)
def test_what_is_no_map(data: Any) -> None:
    """A clear refusal."""
    with pytest.raises(InputFileError, match="column map"):
        ColumnMap.from_data(data)
