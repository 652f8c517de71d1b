"""The custom fields of both made-up accounts, and how their option lists differ.

The first five Pipedrive fields are those that Plezi's help page tells its users to make (R3, R4); `Function` is R23's
free text. The lists of `Secteur` and `Centres d'intérêt` were typed twice, once into each service, as happens: R24
wants them to be exactly the same, and four sectors and one interest are not. `ListedOption` says of each entry how
the two spellings relate, so the option mismatches are planted in one table and counted from it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

PipedriveType: TypeAlias = Literal["varchar", "enum", "set", "double", "date"]
PleziType: TypeAlias = Literal[
    "short_text", "long_text", "number", "date", "check_box", "drop_down", "multiple_selection"
]
Relation: TypeAlias = Literal[
    "same", "accents", "case", "spelling", "missing-in-plezi", "missing-in-pipedrive"
]

FIRST_OPTION_ID: Final = 35
"""Pipedrive numbers options through the whole account; the small ones belong to its own fields."""


@dataclass(frozen=True, slots=True)
class ListedOption:
    """One entry of a list that exists twice."""

    pipedrive: str | None
    """The label there; None if the entry is missing."""

    plezi: str | None
    """The value (slug) there; None if the entry is missing."""

    plezi_label: str | None
    relation: Relation
    """`same`: the slug of the Pipedrive label is the value. Any other entry has no partner without an explicit pair."""


SECTORS: Final[tuple[ListedOption, ...]] = (
    ListedOption("Industrie & énergie", "industrie-energie", "Industrie & énergie", "same"),
    ListedOption("Banque et assurance", "banque-et-assurance", "Banque et assurance", "same"),
    ListedOption("Commerce de détail", "commerce-de-detail", "Commerce de détail", "same"),
    ListedOption("Éducation", "education", "Éducation", "same"),
    ListedOption("Transport et logistique", "transport-et-logistique", "Transport et logistique", "same"),
    ListedOption("Bâtiment", "batiment", "Bâtiment", "same"),
    ListedOption("Sante", "santé", "Santé", "accents"),
    ListedOption("Conseil", "CONSEIL", "CONSEIL", "case"),
    ListedOption("Numérique", None, None, "missing-in-plezi"),
    ListedOption(None, "agroalimentaire", "Agroalimentaire", "missing-in-pipedrive"),
)

INTERESTS: Final[tuple[ListedOption, ...]] = (
    ListedOption("CRM", "crm", "CRM", "same"),
    ListedOption("Événements", "evenements", "Événements", "same"),
    ListedOption("Réseaux sociaux", "reseaux-sociaux", "Réseaux sociaux", "same"),
    ListedOption("Référencement", "referencement", "Référencement", "same"),
    ListedOption("Livres blancs", "livres-blancs", "Livres blancs", "same"),
    ListedOption("E-mailing", "emailing", "Emailing", "spelling"),
)

LABELS: Final[tuple[tuple[int, str], ...]] = (
    (1, "Customer"),
    (2, "Hot lead"),
    (3, "Warm lead"),
    (4, "Cold lead"),
)
"""Options of Pipedrive's own field `label_ids` as one account has them (Pipedrive notes 2.5, `[live]` AIR)."""

CUSTOMER: Final = 1
DELETED_SECTOR_ID: Final = 34
"""An option of `Secteur` that somebody deleted while persons still held it: it is in no list any more."""


@dataclass(frozen=True, slots=True)
class PipedriveField:
    """A custom person field."""

    name: str
    type: PipedriveType
    options: tuple[tuple[int, str], ...] | None = None

    @property
    def code(self) -> str:
        """40 hexadecimal digits, always the same for the same name."""
        return hashlib.sha1(f"pdsync sandbox/{self.name}".encode(), usedforsecurity=False).hexdigest()

    def option_id(self, label: str) -> int:
        """The id of an option."""
        return next(id_ for id_, text in self.options or () if text == label)


@dataclass(frozen=True, slots=True)
class PleziField:
    """A custom contact field."""

    key: str
    label: str
    type: PleziType
    options: tuple[tuple[str, str], ...] | None = None


def _numbered(first: int, labels: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    return tuple(enumerate(labels, start=first))


def _pipedrive_labels(entries: tuple[ListedOption, ...]) -> tuple[str, ...]:
    return tuple(entry.pipedrive for entry in entries if entry.pipedrive is not None)


def _plezi_options(entries: tuple[ListedOption, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (entry.plezi, entry.plezi_label or entry.plezi) for entry in entries if entry.plezi is not None
    )


_SYNC_OPTIONS: Final = _numbered(FIRST_OPTION_ID, ("Yes", "No"))
_SECTOR_OPTIONS: Final = _numbered(FIRST_OPTION_ID + 2, _pipedrive_labels(SECTORS))
_INTEREST_OPTIONS: Final = _numbered(FIRST_OPTION_ID + 20, _pipedrive_labels(INTERESTS))

PLEZI_URL: Final = PipedriveField("plezi_url", "varchar")
SYNC_TO_PLEZI: Final = PipedriveField("sync_to_plezi", "enum", _SYNC_OPTIONS)
SOURCE: Final = PipedriveField("source", "varchar")
SCORE: Final = PipedriveField("score", "varchar")
STATUS: Final = PipedriveField("status", "varchar")
FUNCTION: Final = PipedriveField("Function", "varchar")
SECTOR: Final = PipedriveField("Secteur", "enum", _SECTOR_OPTIONS)
INTEREST: Final = PipedriveField("Centres d'intérêt", "set", _INTEREST_OPTIONS)
TURNOVER: Final = PipedriveField("Chiffre d'affaires", "double")
BIRTHDAY: Final = PipedriveField("Date de naissance", "date")

PIPEDRIVE_FIELDS: Final = (
    PLEZI_URL,
    SYNC_TO_PLEZI,
    SOURCE,
    SCORE,
    STATUS,
    FUNCTION,
    SECTOR,
    INTEREST,
    TURNOVER,
    BIRTHDAY,
)

YES: Final = SYNC_TO_PLEZI.option_id("Yes")
NO: Final = SYNC_TO_PLEZI.option_id("No")

PLZ_SECTOR: Final = PleziField("plz_secteur", "Secteur", "drop_down", _plezi_options(SECTORS))
PLZ_INTEREST: Final = PleziField(
    "plz_centres_d_interet", "Centres d'intérêt", "multiple_selection", _plezi_options(INTERESTS)
)
PLZ_TURNOVER: Final = PleziField("plz_chiffre_d_affaires", "Chiffre d'affaires", "number")
PLZ_BIRTHDAY: Final = PleziField("plz_date_de_naissance", "Date de naissance", "date")
PLZ_COMMENT: Final = PleziField("plz_commentaire", "Commentaire", "long_text")
PLZ_PARTNER: Final = PleziField("plz_partenaire", "Partenaire", "check_box")

PLEZI_FIELDS: Final = (PLZ_SECTOR, PLZ_INTEREST, PLZ_TURNOVER, PLZ_BIRTHDAY, PLZ_COMMENT, PLZ_PARTNER)
"""The last two have no counterpart in Pipedrive: there is always something that one side alone knows."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the Plezi account: contacts name it as their origin, submissions need its identifiers."""

    title: str

    @property
    def content_web_form_id(self) -> str:
        """A UUID, the identifier of the current API."""
        digits = self._digest
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"

    @property
    def form_id(self) -> str:
        """24 hexadecimal digits, the identifier of the legacy call."""
        return self._digest[8:32]

    @property
    def _digest(self) -> str:
        return hashlib.sha256(f"pdsync sandbox/{self.title}".encode()).hexdigest()


FORM_AT_FAULT: Final = Form("Newsletter (pied de page)")
"""It asks for an address only: the form that R14 is about."""

FORMS: Final = (
    Form("Demande de devis"),
    Form("Livre blanc : bien choisir son CRM"),
    Form("Inscription au webinaire"),
    Form("Contact"),
    Form("Étude de cas logistique"),
    FORM_AT_FAULT,
)
