"""What is compared of each record when near duplicates are looked for: one row per record of both sides, spelling aside.

Names and texts are folded, each distinct value once; an address counts by what it says beyond the name. Field mappings
say which other fields mean the same on both sides, so that a birthday here is compared with the birthday there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.folding import folded, words
from pdsync.audits.inputs import AuditInputs, SideInputs
from pdsync.audits.lists import entries
from pdsync.audits.odd_names import NAMES_NEEDED, name_columns, split
from pdsync.model import Field, Kind, Side
from pdsync.planning.merging import PLEZI_COMPUTED
from pdsync.snapshots.columns import compared
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Compared", "comparable_fields", "record_tables"]

_COMPANY: Final = "company"
_TAKEN: Final = (
    frozenset({"email", "name", "first_name", "last_name", "phone", "org_id", _COMPANY}) | PLEZI_COMPUTED
)
"""Compared by themselves, or computed by Plezi and so no evidence of who somebody is (R6)."""
_MOST_FIELDS: Final = 8
_LONGEST: Final = 100
"""Letters of a text that are compared."""
_BATCH: Final = 10_000
"""Distinct values that are Python objects at once."""
_NATIONAL: Final = 9
"""Digits from the right that tell a telephone from others, with or without country code."""
_SHORTEST_NUMBER: Final = 6
_ALNUM: Final = re.compile(r"[^\W_]+")
_BIRTH: Final = re.compile(
    r"naissance|birth|\bdob\b|geburt|nacimiento|nascita|geboorte|anniversaire", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Compared:
    """A field that is compared besides names, addresses, telephones and companies."""

    column: str
    name: str
    """For people."""
    kind: Kind
    """``text``, ``number`` or ``date``."""
    codes: dict[Side, str]
    is_birthday: bool
    """By its name; two birthdays are two people, whatever else agrees."""


def comparable_fields(inputs: AuditInputs) -> tuple[Compared, ...]:
    """The mapped texts, numbers and days that were read on a side at least, in the order of the mapping."""
    found: list[Compared] = []
    for bound in inputs.bound.fields:
        fields = {side: bound.on(side) for side in Side}
        if bound.stopped or any(field.code in _TAKEN for field in fields.values()):
            continue
        kind = _common_kind(fields)
        codes = {side: field.code for side, field in fields.items() if field.code in inputs.sides[side].codes}
        if kind is None or not codes:
            continue
        birthday = kind is Kind.DATE and any(
            _BIRTH.search(field.name or field.code) for field in fields.values()
        )
        name = bound.pipedrive.name or bound.pipedrive.code
        found.append(Compared(f"f{len(found)}", name, kind, codes, birthday))
    return tuple(found[:_MOST_FIELDS])


def _common_kind(fields: dict[Side, Field]) -> Kind | None:
    """As what both are compared; None: they are not."""
    kinds = {field.kind for field in fields.values()}
    if not kinds <= {Kind.TEXT, Kind.NUMBER, Kind.DATE}:
        return None
    return kinds.pop() if len(kinds) == 1 else Kind.TEXT


def record_tables(inputs: AuditInputs, fields: tuple[Compared, ...]) -> Iterator[pa.Table]:
    """The records of each side that knows names; one table after the other, so that memory holds one.

    Columns: ``side``, ``id``, ``first``, ``last`` (folded words; both null where one says nothing), ``key`` (the first
    address key), ``phone`` (digits), ``org``, ``company``, and the columns of ``fields``. All but the first two may be
    null.
    """
    for held in inputs.having(*NAMES_NEEDED):
        yield _of_side(inputs, held, fields)


def _of_side(inputs: AuditInputs, held: SideInputs, fields: tuple[Compared, ...]) -> pa.Table:
    import narwhals as nw
    import pyarrow as pa

    side = held.side
    codes = {
        "phone": "phone" if side is Side.PIPEDRIVE else "",
        "org": "org_id" if side is Side.PIPEDRIVE else "",
        "company": _company_code(inputs, side),
        **{field.column: field.codes.get(side, "") for field in fields},
    }
    names = name_columns(inputs, held)
    read = {column: code for column, code in codes.items() if code in held.codes}
    wanted = [nw.col(compared(code)).cast(nw.String).alias(column) for column, code in read.items()]
    shown = [nw.col(compared(code)).cast(nw.String).alias(code) for code in names]
    address = held.frames.addresses.filter(nw.col("rank") == 0).select("id", "key")
    rows = collect(held.frames.records.select("id", *shown, *wanted).join(address, on="id", how="left"))
    nothing = pa.nulls(rows.num_rows, pa.string())

    first, last = _names([rows[code] for code in names])
    columns: dict[str, Any] = {
        "side": pa.repeat(pa.scalar(str(side), pa.string()), rows.num_rows),
        "id": rows["id"].cast(pa.string()),
        "first": first,
        "last": last,
        "key": rows["key"].cast(pa.string()),
        "phone": _each(rows["phone"], _telephone) if "phone" in read else nothing,
        "org": rows["org"].cast(pa.string()) if "org" in read else nothing,
        "company": _each(rows["company"], _company) if "company" in read else nothing,
    }
    for field in fields:
        fold = _alnum if field.kind is Kind.TEXT else str
        columns[field.column] = _each(rows[field.column], fold) if field.column in read else nothing
    return pa.table(columns)


def _company_code(inputs: AuditInputs, side: Side) -> str:
    """Plezi's own field of that name, and what the mapping says is the same in Pipedrive."""
    if side is Side.PLEZI:
        return _COMPANY
    partners = (bound.pipedrive for bound in inputs.bound.fields if bound.plezi.code == _COMPANY)
    return next((field.code for field in partners if field.kind is Kind.TEXT), "")


def _names(columns: list[pa.ChunkedArray]) -> tuple[pa.Array, pa.Array]:
    """First and last name in folded words; both null if one of them says nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(columns) == 1:
        first = _each(columns[0], lambda text: _name(split(text)[0] if text.split() else ""))
        last = _each(columns[0], lambda text: _name(split(text)[1] if text.split() else ""))
    else:
        first, last = (_each(column, _name) for column in columns)
    either = pc.and_(pc.is_valid(first), pc.is_valid(last))
    absent = pa.nulls(len(first), pa.string())
    return pc.if_else(either, first, absent), pc.if_else(either, last, absent)


def _name(text: str) -> str:
    return "" if folded(text).strip() in _placeholders() else " ".join(words(text))[:_LONGEST]


def _placeholders() -> frozenset[str]:
    return frozenset(entries("placeholders"))


def _company(text: str) -> str:
    forms = {folded(form) for form in entries("company_forms")} | {
        "sarl",
        "gmbh",
        "ltd",
        "inc",
        "llc",
        "bvba",
    }
    return "".join(word for word in _ALNUM.findall(folded(text)) if word not in forms)[:_LONGEST]


def _alnum(text: str) -> str:
    return "".join(_ALNUM.findall(folded(text[:_LONGEST])))


def _telephone(text: str) -> str:
    """The end of the first number in Pipedrive's list, as JSON; primary ones first."""
    try:
        listed = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(listed, list):
        return ""
    entered = [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("value"), str)]
    for entry in sorted(entered, key=lambda entry: entry.get("primary") is not True):
        digits = "".join(c for c in entry["value"] if c.isdecimal())
        if len(digits) >= _SHORTEST_NUMBER:
            return digits[-_NATIONAL:]
    return ""


def _each(column: pa.ChunkedArray, fold: Callable[[str], str]) -> pa.Array:
    """``fold`` of each distinct value; null where there is nothing, before or after."""
    import pyarrow as pa

    encoded = column.combine_chunks().cast(pa.string()).dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    values = [
        pa.array(
            [fold(value) or None for value in encoded.dictionary.slice(start, _BATCH).to_pylist()],
            pa.string(),
        )
        for start in range(0, len(encoded.dictionary), _BATCH)
    ]
    return pa.concat_arrays([*values, pa.nulls(0, pa.string())]).take(encoded.indices)
