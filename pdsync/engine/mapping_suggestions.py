"""Which fields could be mapped with each other: what a person who adds a field mapping is offered, the likeliest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pdsync.model import BoundMapping, Field, Kind, Option, Side
from pdsync.planning.transforms import translates

__all__ = ["Counterpart", "counterparts", "proposed_fields", "unmapped_fields"]

_NOT_YET: Final = (Kind.REFERENCE, Kind.COMPOSITE, Kind.OTHER)
"""Kinds that cannot be mapped yet (``planning.linting`` says so of a mapping that does)."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A field of Plezi that a field of Pipedrive could be mapped with."""

    field: Field
    likeness: float
    """0 to 1, of the names."""
    why_not: str = ""
    """Why nothing can flow between the two; empty: something can."""


def unmapped_fields(bound: BoundMapping, side: Side) -> list[Field]:
    """The fields of a side that no field mapping names and that can be mapped, in the order of the account."""
    mapped = {one.on(side).code for one in bound.fields}
    return [one for one in bound.schemas[side].fields if one.code not in mapped and one.kind not in _NOT_YET]


def proposed_fields(bound: BoundMapping) -> list[tuple[Field, Field]]:
    """Fields of both sides that nobody has mapped, whose names are alike and whose values can flow."""
    from pdsync.audits.resemblance import resembling

    free = {side: unmapped_fields(bound, side) for side in Side}
    found = resembling(*([_as_option(one) for one in free[side]] for side in Side))
    by_code = {side: {one.code: one for one in free[side]} for side in Side}
    pairs = [(by_code[Side.PIPEDRIVE][here.id], by_code[Side.PLEZI][there.id]) for here, there, _ in found]
    return [pair for pair in pairs if not _why_not(*pair)]


def counterparts(bound: BoundMapping, pipedrive: Field) -> list[Counterpart]:
    """The fields of Plezi that nobody has mapped: those that fit first, of these the one with the likest name."""
    from pdsync.audits.resemblance import resemblance

    found = [
        Counterpart(one, resemblance(_as_option(pipedrive), _as_option(one)), _why_not(pipedrive, one))
        for one in unmapped_fields(bound, Side.PLEZI)
    ]
    return sorted(found, key=lambda one: (bool(one.why_not), -one.likeness))


def _why_not(pipedrive: Field, plezi: Field) -> str:
    """A direction in which values translate and the target takes them is enough."""
    ways = ((pipedrive, plezi), (plezi, pipedrive))
    if any(target.writable and translates(source, target) for source, target in ways):
        return ""
    if not (pipedrive.writable or plezi.writable):
        return "both are read-only"
    return f"{pipedrive.kind} and {plezi.kind} do not become each other"


def _as_option(one: Field) -> Option:
    """Fields resemble each other as options do: by their name and their code."""
    return Option(one.code, one.name)
