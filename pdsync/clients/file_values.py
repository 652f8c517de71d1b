"""Cells of an export -> values as the service itself would deliver them, as far as that is certain.

An export shows option labels where the API delivers ids, and numbers as the spreadsheet's country writes them. What can
be turned back without doubt is; everything else stays the text that stood there, so that nothing is invented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pdsync.model import Field, Kind, Side, Value, composed, is_empty

__all__ = ["Cells", "split_addresses", "split_name", "text_of"]

_PLAIN_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,12})?", re.ASCII)
_FRENCH_NUMBER: Final = re.compile(r"-?\d{1,3}(?:[ \u00a0\u202f]?\d{3})*(,\d{1,12})?", re.ASCII)
_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00)?(?:\.0+)?Z?)?", re.ASCII)
_BOOLEANS: Final = {
    "true": True,
    "yes": True,
    "oui": True,
    "vrai": True,
    "1": True,
    "false": False,
    "no": False,
    "non": False,
    "faux": False,
    "0": False,
}
_BETWEEN_OPTIONS: Final = (",", ";", "|")
_BETWEEN_ADDRESSES: Final = re.compile(r"[,;\s]+")


def split_name(name: str) -> tuple[str, str]:
    """First name and surname of a single Name (R11): the first word, and the rest."""
    first, _, last = " ".join(name.split()).partition(" ")
    return first, last


def split_addresses(cell: str) -> list[str]:
    """Several addresses in one cell; a cell that is not made of addresses is one, however broken."""
    parts = [part for part in _BETWEEN_ADDRESSES.split(cell.strip()) if part]
    return parts if len(parts) > 1 and all("@" in part for part in parts) else [cell.strip()]


class Cells:
    """Reads cells of one side. Knows the options of each field."""

    def __init__(self, side: Side, fields: Sequence[Field]) -> None:
        self._side = side
        self._wire: dict[str, dict[str, Value]] = {
            field.code: self._options(field) for field in fields if field.options
        }

    def value(self, field: Field, cell: Value) -> Value:  # noqa: PLR0911 - one line per kind
        """The value of a cell; None where it is blank."""
        if field.kind is Kind.TEXT and type(cell) is str and cell.isascii():
            return cell if cell.strip() else None  # the most frequent case, at a third of the price
        if is_empty(cell):
            return None
        match field.kind:
            case Kind.TEXT:
                return text_of(cell)
            case Kind.NUMBER:
                return _number(cell)
            case Kind.BOOLEAN:
                return (
                    cell
                    if isinstance(cell, bool)
                    else _BOOLEANS.get(text_of(cell).strip().lower(), text_of(cell))
                )
            case Kind.DATE:
                found = _DAY.fullmatch(text_of(cell).strip())
                return found[1] if found else text_of(cell)
            case Kind.OPTION:
                return self._option(field, text_of(cell).strip())
            case Kind.OPTIONS:
                return self._several(field, cell)
            case _:
                return cell

    def labels(self, field: Field, cell: Value) -> list[str]:
        """The options in a cell, as they stand there: for lists that nobody gave."""
        if is_empty(cell):
            return []
        if field.kind is Kind.OPTION:
            return [text_of(cell).strip()]
        return [text_of(part) for part in self._several(field, cell)]

    def _options(self, field: Field) -> dict[str, Value]:
        """Label or id as it may stand in a cell -> the option's identity on the wire. Labels that two options bear: none."""
        wire: dict[str, Value] = {}
        twice: set[str] = set()
        for option in field.options:
            if option.label in wire:
                twice.add(option.label)
            wire[option.label] = _wire(option.id, self._side)
        for label in twice:
            del wire[label]
        for option in field.options:
            wire.setdefault(option.id, _wire(option.id, self._side))
        return wire

    def _option(self, field: Field, text: str) -> Value:
        return self._wire.get(field.code, {}).get(composed(text), text)

    def _several(self, field: Field, cell: Value) -> list[Value]:
        if isinstance(cell, Sequence) and not isinstance(cell, str):
            return [self._option(field, text_of(item).strip()) for item in cell if not is_empty(item)]
        text = composed(text_of(cell).strip())
        known = self._wire.get(field.code, {})
        if text in known:
            return [known[text]]
        separator = next((each for each in _BETWEEN_OPTIONS if each in text), "")
        parts = [part.strip() for part in text.split(separator)] if separator else [text]
        return [self._option(field, label) for label in _joined(parts, separator, known) if label]


def _joined(parts: Sequence[str], separator: str, known: Mapping[str, Value]) -> list[str]:
    """The labels that comma-separated parts make up: the longest run of parts that is a known label ('Achats, ventes')."""
    labels: list[str] = []
    at = 0
    while at < len(parts):
        for end in range(len(parts), at + 1, -1):
            run = f"{separator} ".join(parts[at:end])
            if run in known:
                labels.append(run)
                at = end
                break
        else:
            labels.append(parts[at])
            at += 1
    return labels


def text_of(cell: Value) -> str:
    """A cell as text: 12 for 12.0, true for a tick."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return str(cell)
    if isinstance(cell, Sequence):
        return ", ".join(text_of(item) for item in cell)
    return "" if cell is None else str(cell)


def _number(cell: Value) -> Value:
    """A number, if the text is one beyond doubt: 1234.5, 1 234,5. '1,234' is one thousand or one and a bit: text."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    text = text_of(cell).strip()
    if not _PLAIN_NUMBER.fullmatch(text):
        ambiguous = re.fullmatch(r"-?\d{1,3},\d{3}", text)
        if ambiguous or not _FRENCH_NUMBER.fullmatch(text):
            return text
        text = re.sub(r"[ \u00a0\u202f]", "", text).replace(",", ".")
    return float(text) if "." in text else int(text)


def _wire(identity: str, side: Side) -> Value:
    """Pipedrive's option ids are numbers (reference pipedrive-api 2.4); Plezi's are words."""
    return int(identity) if side is Side.PIPEDRIVE and identity.isascii() and identity.isdigit() else identity
