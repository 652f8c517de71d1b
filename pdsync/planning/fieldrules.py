"""The connector's rules about single field mappings and about the list of them (R5, R6, R12, consent).

They hold for names as written in the file and for codes once the fields are known, because a Pipedrive field may be
named either way. So they are written once, over "what this field may be called", and asked twice: when the file is
read, and when it is bound to remote schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from pdsync.model import BoundField, Direction, FieldMapping, Finding, Place, Severity, Side
from pdsync.planning.wording import quoted

__all__ = ["IDENTITY", "LOCKED", "Named", "about_consent", "list_rules", "rules"]

IDENTITY: Final = "email"
"""What both sides know a person by, and the code of that field on both sides."""

LOCKED: Final = (IDENTITY, "first_name", "last_name")
"""Mapped with their namesakes, locked, in every mapping (R12)."""

_PAIRED: Final = MappingProxyType({"score": "behaviour_score", "status": "state"})
"""Pipedrive name -> Plezi key that belong together and to nobody else (R5)."""

_ONE_WAY: Final = frozenset({"behaviour_score", "state", "source", "plezi_url"})
"""Plezi keys that Plezi computes: to Pipedrive only (R6)."""

_CONSENT_FIELDS: Final = frozenset(
    {"marketing_status", "doi_status", "opted_out", "consents", "subscriptions"}
)
_CONSENT_WORDS: Final = re.compile(
    r"\bopt[ _-]?(in|out)\b|opted[ _-]?(in|out)|consent|unsubscri|d[ée]s[ai]n?scri|d[ée]sabonn|\b(rgpd|gdpr)\b",
    re.IGNORECASE,
)
"""English and French, as found in field names of both services."""


@dataclass(frozen=True, slots=True)
class Named:
    """A field mapping with what its two fields may be called."""

    written: FieldMapping
    codes: Mapping[Side, str]
    """Their codes; where they are not known yet, their names as written."""
    names: Mapping[Side, AbstractSet[str]]
    """Code and name; where they are not known yet, only the name as written."""

    @classmethod
    def as_written(cls, written: FieldMapping) -> Self:
        """What the file alone says."""
        return cls(written, {s: written.name(s) for s in Side}, {s: {written.name(s)} for s in Side})

    @classmethod
    def bound(cls, field: BoundField) -> Self:
        """What is known once the fields are resolved."""
        return cls(
            field.written,
            {side: field.on(side).code for side in Side},
            {side: {field.on(side).code, field.on(side).name} for side in Side},
        )

    def place(self, key: str) -> Place | None:
        """Where this property of the entry stands."""
        return self.written.places.get(key, self.written.place)


def about_consent(names: AbstractSet[str]) -> bool:
    """Whether a field of these names seems to be about consent: a known code, or a word in its name."""
    return any(name in _CONSENT_FIELDS or _CONSENT_WORDS.search(name) for name in names)


def rules(entry: Named, *, has_consent: bool) -> Iterator[Finding]:
    """What one field mapping breaks by itself."""
    yield from _pairing(entry)
    yield from _locked(entry)
    written = entry.written
    key = entry.codes[Side.PLEZI]
    if key in _ONE_WAY and written.direction not in (Direction.TO_PIPEDRIVE, Direction.OFF):
        message = f"direction: Plezi computes {key} and takes no value for it (R6); use to_pipedrive"
        yield _problem("one-way-field", entry, "direction", message, rule="R6")
    if written.direction is Direction.OFF or has_consent:
        return
    side = next((side for side in Side if about_consent(entry.names[side])), None)
    if side is not None:
        message = (
            f"{quoted(written.name(side))} is about consent and may not be mapped without a 'consent' part, "
            "which says what opted out means"
        )
        yield _problem("consent-not-covered", entry, side, message)


def _pairing(entry: Named) -> Iterator[Finding]:
    for here, there in _PAIRED.items():
        has_here = here in entry.names[Side.PIPEDRIVE]
        if has_here != (there == entry.codes[Side.PLEZI]):
            side = Side.PLEZI if has_here else Side.PIPEDRIVE
            message = f"Pipedrive's {here} and Plezi's {there} belong together, and neither is mapped otherwise (R5)"
            yield _problem("wrong-pair", entry, side, message, rule="R5")


def _locked(entry: Named) -> Iterator[Finding]:
    written = entry.written
    for name in LOCKED:
        held = [side for side in Side if entry.codes[side] == name]
        if len(held) == 1:
            message = f"{name} is mapped with the other side's {name} and with nothing else (R12)"
            yield _problem("wrong-pair", entry, held[0].other, message, rule="R12")
        elif held:
            if not written.locked:
                message = (
                    f"the mapping of {name} is part of every mapping and has to say 'locked: true' (R12)"
                )
                yield _problem("not-locked", entry, "locked", message, rule="R12")
            if written.direction is Direction.OFF:
                message = f"direction: the mapping of {name} cannot be switched off (R12)"
                yield _problem("locked-off", entry, "direction", message, rule="R12")


def list_rules(entries: Iterable[Named]) -> Iterator[Finding]:
    """What the field mappings break together: entries that stand twice, a target that two write, and chains of three."""
    entries = list(entries)
    seen: set[tuple[str, ...]] = set()
    writers: dict[tuple[Side, str], FieldMapping] = {}
    for entry in entries:
        key = tuple(entry.codes[side] for side in Side)
        if key in seen:
            message = f"{quoted(entry.written.pipedrive)} and {quoted(entry.written.plezi)} are mapped twice"
            yield _problem("mapped-twice", entry, "pipedrive", message)
            continue
        seen.add(key)
        for side, code in entry.codes.items():
            if not entry.written.direction.writes(side):
                continue
            first = writers.setdefault((side, code), entry.written)
            if first is not entry.written:
                line = first.places.get(side, first.place)
                where = f" in line {line.line}" if line is not None else ""
                message = (
                    f"{quoted(entry.written.name(side))} in {side.label} is already written by the field mapping"
                    f"{where}; one field takes values from one place only"
                )
                yield _problem("written-twice", entry, side, message)
    for entry in entries:
        yield from _chain(entry, entries)


def _chain(entry: Named, entries: Sequence[Named]) -> Iterator[Finding]:
    """A value that went through two field mappings already, or goes round in a circle.

    Two in a row are planned together, so that the next plan is empty. The third would write to the side where the first
    began, also to a record that is only being created there; and in a circle two edits chase each other for ever.
    """
    for target in Side:
        if not entry.written.direction.writes(target):
            continue
        second = _feeder(entry, target, entries)
        first = None if second is None else _feeder(second, target.other, entries)
        if first is not None and second is not None:
            here, there = (one.written.name(target.other) for one in (first, entry))
            message = (
                f"{quoted(there)} in {target.other.label} passes on what comes from {quoted(here)}: values would go through "
                "three field mappings in a row, or round in a circle; take this one from where they begin"
            )
            yield _problem("long-chain", entry, target.other, message)


def _feeder(entry: Named, target: Side, entries: Iterable[Named]) -> Named | None:
    """The other field mapping that writes what this one passes on to ``target``."""
    side = target.other
    return next(
        (
            one
            for one in entries
            if one.codes[side] == entry.codes[side]
            and one.codes[target] != entry.codes[target]
            and one.written.direction.writes(side)
        ),
        None,
    )


def _problem(code: str, entry: Named, key: str, message: str, *, rule: str = "") -> Finding:
    return Finding(
        code,
        Severity.BLOCKING,
        message,
        field=entry.written.pipedrive,
        place=entry.place(key),
        rule=rule,
    )
