"""The codes of the audits of names, and their findings by record."""

from __future__ import annotations

import unicodedata

from pdsync.audits.running import AuditResult

HOLDER, TITLE, FIRM, DIGITS, ADDRESS, DAMAGED, EQUAL, CAPS, ORDER, MISPLACED, RULE = (
    "placeholder-name", "honorific-in-name", "company-as-name", "digits-in-name", "email-as-name", "damaged-name",
    "equal-names", "all-caps-name", "name-order", "misplaced-name-part", "name-rule-wrong",
)  # fmt: skip
CODES = (HOLDER, TITLE, FIRM, DIGITS, ADDRESS, DAMAGED, EQUAL, CAPS, ORDER, MISPLACED, RULE)

Name = tuple[str | None, str | None]


def found(result: AuditResult) -> dict[str, set[str]]:
    """By record in short (``person/7``), the codes it is found for."""
    codes: dict[str, set[str]] = {}
    for row in result.table.select(["noun", "id", "code"]).to_pylist():
        codes.setdefault(f"{row['noun']}/{row['id']}", set()).add(row["code"])
    return codes


def strip_accents(text: str) -> str:
    """The text as somebody types it who has no accents on the keyboard."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
