"""Rules across the parts of one file, which a schema cannot say: entries against each other, flags against the scope."""

from __future__ import annotations

from collections.abc import Iterator

from pdsync.mapfiles.document import Document
from pdsync.model import FieldMapping, Finding, Mapping, Place, Severity, Side
from pdsync.planning.fieldrules import LOCKED, Named, list_rules, rules
from pdsync.planning.wording import quoted

__all__ = ["across_parts"]


def across_parts(mapping: Mapping, document: Document) -> Iterator[Finding]:
    """What the parts of a file break together. Parts that do not fit the schema are not in ``mapping``."""
    entries = [Named.as_written(entry) for entry in mapping.fields]
    has_consent = isinstance(document.data, dict) and bool(document.data.get("consent"))
    for entry in entries:
        yield from rules(entry, has_consent=has_consent)
        yield from _pairs(entry.written)
    yield from list_rules(entries)
    yield from _left_out(document)
    yield from _enrolment(mapping)


def _left_out(document: Document) -> Iterator[Finding]:
    """R12: the mappings of address, first and last name are in every file."""
    fields = document.data.get("fields") if isinstance(document.data, dict) else None
    if not isinstance(fields, list) or not fields:
        return  # the schema has said so
    written = {
        str(entry[side])
        for entry in fields
        if isinstance(entry, dict)
        for side in Side
        if isinstance(entry.get(side), str)
    }
    for name in LOCKED:
        if name not in written:
            yield Finding(
                "locked-missing",
                Severity.BLOCKING,
                f"there is no field mapping of {name}, which is part of every mapping (R12); "
                f"add {{pipedrive: {name}, plezi: {name}, direction: both, locked: true}}",
                place=document.key_place(("fields",)),
                rule="R12",
            )


def _pairs(entry: FieldMapping) -> Iterator[Finding]:
    """A value that is to be translated has to have one translation."""
    for target in Side:
        if not entry.direction.writes(target):
            continue
        first: dict[str, int] = {}
        for number, pair in enumerate(entry.options.pairs):
            names = {Side.PIPEDRIVE: pair.pipedrive, Side.PLEZI: pair.plezi}
            source = names[target.other]
            earlier = first.setdefault(source, number)
            if earlier == number:
                continue
            place = entry.places.get(f"options.pairs.{number}.{target.other}", pair.place)
            line = _line(entry.places.get(f"options.pairs.{earlier}.{target.other}"))
            message = f"{quoted(source)} of {target.other.label} is in a pair already{line}, and would have two meanings"
            yield Finding(
                "paired-twice", Severity.BLOCKING, message, field=entry.pipedrive, place=place, rule="R24"
            )


def _enrolment(mapping: Mapping) -> Iterator[Finding]:
    """R10: somebody reads the flag that is set, and nobody else writes it.

    Whether scope reads the same flag is asked once names are resolved (``planning.scopelinting``): a field and an option
    may be named in two ways.
    """
    enrol, scope = mapping.enrol, mapping.scope[Side.PLEZI]
    if enrol is None:
        return
    places = mapping.places
    place = places.get("scope.enrol.set.field")
    if scope.where is None and "scope.to_plezi.where" in places:
        message = "enrolling sets a flag that nothing reads: scope.to_plezi.where says everybody (R10)"
        yield _enrol_problem(message, place)
    writer = next(
        (f for f in mapping.fields if f.pipedrive == enrol.field and f.direction.writes(Side.PIPEDRIVE)), None
    )
    if writer is not None:
        message = (
            f"{quoted(enrol.field)} is already written by the field mapping{_line(writer.places.get('pipedrive'))}; "
            "one field takes values from one place only"
        )
        yield _enrol_problem(message, place, code="written-twice")


def _enrol_problem(message: str, place: Place | None, *, code: str = "enrolment") -> Finding:
    return Finding(code, Severity.BLOCKING, message, place=place, rule="R10")


def _line(place: Place | None) -> str:
    return f" in line {place.line}" if place is not None else ""
