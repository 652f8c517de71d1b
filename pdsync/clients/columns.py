"""Which column of an export is which field: found out from the headers, shown to the person, and kept as data.

Certain are: field codes; field names of a list that was given; and Pipedrive's own naming as its exports have it
("Person - Name", "Person - Email - Work"). Words in French, and everything about Plezi's exports, whose form no public
source shows (plezi-api 9.8), are assumptions: they are marked so in the map, which a person may correct and hand back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pdsync.errors import InputFileError
from pdsync.model import Field, Kind, Side

__all__ = ["RECORD_ID", "Column", "ColumnMap", "kind_of", "match_columns"]

RECORD_ID: Final = "@id"
"""In place of a field code: the column holds the record's id."""

_PIPEDRIVE: Final = {
    "id": RECORD_ID,
    "name": "name",
    "first name": "first_name",
    "last name": "last_name",
    "email": "email",
    "phone": "phone",
    "label": "label_ids",
    "labels": "label_ids",
    "owner": "owner_id",
    "organization": "org_id",
    "person created": "add_time",
    "update time": "update_time",
    "visible to": "visible_to",
    "marketing status": "marketing_status",
}
_PIPEDRIVE_ASSUMED: Final = {
    "identifiant": RECORD_ID,
    "identifiant de la personne": RECORD_ID,
    "id de la personne": RECORD_ID,
    "id personne": RECORD_ID,
    "person id": RECORD_ID,
    "nom": "name",
    "nom complet": "name",
    "full name": "name",
    "prénom": "first_name",
    "nom de famille": "last_name",
    "e-mail": "email",
    "mail": "email",
    "email address": "email",
    "e-mail address": "email",
    "adresse e-mail": "email",
    "adresse email": "email",
    "adresse mail": "email",
    "adresse électronique": "email",
    "courriel": "email",
    "téléphone": "phone",
    "numéro de téléphone": "phone",
    "phone number": "phone",
    "étiquette": "label_ids",
    "étiquettes": "label_ids",
    "libellé": "label_ids",
    "propriétaire": "owner_id",
    "organisation": "org_id",
    "personne créée": "add_time",
    "heure de mise à jour": "update_time",
    "visible par": "visible_to",
}
_PLEZI_ASSUMED: Final = {
    "id": RECORD_ID,
    "_id": RECORD_ID,
    "identifiant": RECORD_ID,
    "identifiant du contact": RECORD_ID,
    "id du contact": RECORD_ID,
    "id contact": RECORD_ID,
    "contact id": RECORD_ID,
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "email address": "email",
    "e-mail address": "email",
    "adresse email": "email",
    "adresse e-mail": "email",
    "adresse mail": "email",
    "adresse électronique": "email",
    "courriel": "email",
    "first name": "first_name",
    "firstname": "first_name",
    "prénom": "first_name",
    "last name": "last_name",
    "lastname": "last_name",
    "nom": "last_name",
    "nom de famille": "last_name",
    "company": "company",
    "société": "company",
    "entreprise": "company",
    "function": "function",
    "fonction": "function",
    "behaviour score": "behaviour_score",
    "score": "behaviour_score",
    "state": "state",
    "état": "state",
    "statut": "state",
    "source": "source",
    "plezi url": "plezi_url",
    "form": "form",
    "formulaire": "form",
    "formulaire d'origine": "form",
}
_ENTITIES: Final = re.compile(r"(person|personne|contact)\s+-\s+(.+)", re.IGNORECASE)
_OTHER_ENTITIES: Final = re.compile(
    r"(organization|organisation|deal|affaire|lead|activity|activité)\s+-\s+.+", re.IGNORECASE
)
_LABELLED: Final = re.compile(r"(.+?)(?:\s+-\s+(.+)|\s*\((.+)\))")
"""``Email - Work``, ``E-mail (Travail)``: of a field that holds several."""
_LABELS_ASSUMED: Final = {
    "travail": "work",
    "bureau": "work",
    "professionnel": "work",
    "domicile": "home",
    "personnel": "home",
    "portable": "mobile",
    "mobile": "mobile",
    "autre": "other",
}
_SEVERAL: Final = frozenset({"email", "phone"})
_DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014"), "-")
"""What a word processor makes of a hyphen."""
_LABELS: Final = frozenset({"work", "home", "mobile", "other"})
_KINDS: Final = {
    "email": Kind.EMAILS,
    "phone": Kind.PHONES,
    "label_ids": Kind.OPTIONS,
    "owner_id": Kind.REFERENCE,
    "org_id": Kind.REFERENCE,
    "add_time": Kind.DATETIME,
    "update_time": Kind.DATETIME,
    "visible_to": Kind.OPTION,
    "marketing_status": Kind.OPTION,
    "behaviour_score": Kind.NUMBER,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column and what it is."""

    header: str
    code: str
    """Field code, ``@id``, or empty: left out."""
    because: str
    """``code``, ``field name``, ``Pipedrive's naming``, ``assumed``, ``own field``, ``given``, or why it is left out."""
    label: str = ""
    """Of an address or number: ``work``."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """All columns of one export, in their order."""

    columns: tuple[Column, ...]

    @property
    def assumed(self) -> tuple[Column, ...]:
        """What was guessed and should be looked at."""
        return tuple(column for column in self.columns if column.because == "assumed")

    @property
    def left_out(self) -> tuple[Column, ...]:
        """What is not read."""
        return tuple(column for column in self.columns if not column.code)

    def to_data(self) -> dict[str, Any]:
        """As YAML or JSON may hold it."""
        return {
            "version": 1,
            "columns": [
                {"column": c.header, "field": c.code or None}
                | ({"label": c.label} if c.label else {})
                | {"because": c.because}
                for c in self.columns
            ],
        }

    @classmethod
    def from_data(cls, data: object) -> ColumnMap:
        """Back from data; what a person wrote counts as given.

        Raises:
            InputFileError: not a column map of version 1.
        """
        entries = data.get("columns") if isinstance(data, Mapping) and data.get("version") == 1 else None
        if not isinstance(entries, list):
            raise InputFileError("This is no column map: 'version: 1' and a list 'columns' are needed.")
        columns = []
        for entry in entries:
            code = entry.get("field") if isinstance(entry, Mapping) else None
            if not isinstance(entry, Mapping) or not isinstance(entry.get("column"), str):
                raise InputFileError(
                    "In a column map each entry has a 'column' (its header) and a 'field' (or null)."
                )
            label = entry.get("label")
            columns.append(
                Column(
                    entry["column"], str(code or ""), str(entry.get("because") or "given"), str(label or "")
                )
            )
        return cls(tuple(columns))

    def over(self, headers: Sequence[str]) -> ColumnMap:
        """This map for a file with these headers: columns by name; unknown ones left out.

        Raises:
            InputFileError: a column that the map names is not in the file.
        """
        by_header: dict[str, Column] = {_plain(column.header): column for column in self.columns}
        there = {_plain(header) for header in headers}
        missing = [
            column.header for column in self.columns if column.code and _plain(column.header) not in there
        ]
        if missing:
            raise InputFileError(
                f"The column map names {', '.join(map(repr, missing))}, and the file has no such column.",
                untouched="Nothing was read or written.",
                next_step="Correct the map, or leave it out to have the columns matched anew.",
            )
        return ColumnMap(
            tuple(
                by_header.get(_plain(header)) or Column(header, "", "not in the column map")
                for header in headers
            )
        )

    def lines(self) -> list[str]:
        """For people: one line a column."""
        width = max((len(column.header) for column in self.columns), default=0)
        return [
            f"{c.header:<{width}}  ->  {c.code or '(left out)'}{f' [{c.label}]' if c.label else ''}  ({c.because})"
            for c in self.columns
        ]


def kind_of(code: str) -> Kind:
    """What a field of this code holds when no list says so."""
    return _KINDS.get(code, Kind.TEXT)


def match_columns(headers: Sequence[str], side: Side, fields: Iterable[Field] = ()) -> ColumnMap:
    """The columns of an export of ``side``; ``fields`` is the list of the account's fields where it is known."""
    listed = tuple(fields)
    surnames = _surnames(headers) if side is Side.PIPEDRIVE else frozenset()
    taken: set[str] = set()
    columns: list[Column] = []
    for header in headers:
        column = (
            Column(header, "last_name", "assumed") if header in surnames else _match(header, side, listed)
        )
        several = kind_of(column.code) in (Kind.EMAILS, Kind.PHONES)
        if column.code in taken and not several:
            column = Column(header, "", f"a second column for {column.code}")
        taken.add(column.code)
        columns.append(column)
    return ColumnMap(tuple(columns))


def _surnames(headers: Sequence[str]) -> frozenset[str]:
    """``Nom`` beside ``Prénom`` is the family name, unless another column is; Pipedrive itself calls the whole name so."""
    parts = {_bare(_ENTITIES.sub(r"\2", header)) for header in headers}
    if not parts & {"prenom", "first name", "first_name"} or parts & {
        "nom de famille",
        "last name",
        "last_name",
    }:
        return frozenset()
    return frozenset(header for header in headers if _plain(_ENTITIES.sub(r"\2", header)) == "nom")


def _match(header: str, side: Side, fields: Sequence[Field]) -> Column:
    if not header:
        return Column(header, "", "no header")
    if header == RECORD_ID:
        return Column(header, RECORD_ID, "code")
    found = _by_list(header, header, fields)
    if found is not None:
        return found
    if side is Side.PLEZI:
        return _plezi(header)
    dashed = header.translate(_DASHES)
    entity = _ENTITIES.fullmatch(dashed)
    if entity is None and _OTHER_ENTITIES.fullmatch(dashed):
        return Column(header, "", "about something else than the person")
    name = entity[2].strip() if entity else dashed
    if entity is not None:
        found = _by_list(header, name, fields, not_standard=True)
        if found is not None:
            return found
    certain = entity is not None and entity[1].casefold() == "person"
    return _pipedrive(header, name, certain=certain)


def _pipedrive(header: str, name: str, *, certain: bool) -> Column:
    """``certain``: the header has the prefix of Pipedrive's own exports."""
    labelled = _LABELLED.fullmatch(name)
    if labelled is not None and _assumed(labelled[1]) not in _SEVERAL:
        labelled = None
    label, plain = "", _plain(name)
    if labelled is not None:
        what = labelled[2] or labelled[3]
        plain, said = _plain(labelled[1]), _plain(what)
        label = said if said in _LABELS else _LABELS_ASSUMED.get(said, what.strip())
        certain = certain and said in _LABELS and labelled[3] is None
    if certain and plain in _PIPEDRIVE:
        return Column(header, _PIPEDRIVE[plain], "Pipedrive's naming", label)
    if plain in set(_PIPEDRIVE.values()) and labelled is None:
        return Column(header, plain, "code")
    code = _assumed(labelled[1] if labelled is not None else name)
    return Column(header, code, "assumed", label) if code else Column(header, name, "own field")


def _assumed(name: str) -> str:
    """What a header without Pipedrive's own form probably means; empty: nothing that is known."""
    return _PIPEDRIVE.get(_plain(name)) or _PIPEDRIVE_BARE.get(_bare(name), "")


def _plezi(header: str) -> Column:
    plain = _plain(header)
    code = _PLEZI_BARE.get(_bare(header))
    if code is None and plain in set(_PLEZI_ASSUMED.values()):
        return Column(header, plain, "code")
    if code is not None:
        return Column(header, code, "code" if plain == code else "assumed")
    return Column(header, header, "own field")


def _by_list(header: str, name: str, fields: Sequence[Field], *, not_standard: bool = False) -> Column | None:
    """By code, else by a name that only one field bears."""
    wanted = _plain(name)
    by_code = [field for field in fields if _plain(field.code) == wanted]
    by_name = [
        field
        for field in fields
        if _plain(field.name) == wanted and not (not_standard and wanted in _PIPEDRIVE)
    ]
    if by_code:
        return Column(header, RECORD_ID if by_code[0].code == "id" else by_code[0].code, "code")
    if len(by_name) > 1:
        codes = ", ".join(field.code for field in by_name)
        return Column(header, "", f"several fields are called so: {codes}")
    if by_name:
        return Column(header, RECORD_ID if by_name[0].code == "id" else by_name[0].code, "field name")
    return None


def _plain(text: str) -> str:
    """For comparing headers: one spelling of accents and dashes, no case, single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_DASHES).casefold().split())


def _bare(text: str) -> str:
    """For guessing: without accents as well, which spreadsheets and people leave out."""
    letters = unicodedata.normalize("NFD", _plain(text))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


_PIPEDRIVE_BARE: Final = {_bare(words): code for words, code in _PIPEDRIVE_ASSUMED.items()}
_PLEZI_BARE: Final = {_bare(words): code for words, code in _PLEZI_ASSUMED.items()}
