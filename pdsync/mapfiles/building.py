"""From plain data that fits the schema to a ``Mapping``, part by part.

Every property of the schema is read here and nowhere else; a test compares both lists. A part that does not fit is
left out (its default stands in), so that the rules across parts can still look at all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import replace
from typing import Any

from pdsync.mapfiles.document import Document, Path
from pdsync.model import (
    AuditRule,
    Condition,
    ConflictPolicy,
    Consent,
    Direction,
    EmptyPolicy,
    Enrolment,
    Existing,
    FieldMapping,
    Limits,
    Mapping,
    OptionPair,
    OptionRules,
    Place,
    Scope,
    Severity,
    Side,
    UnknownOption,
    Value,
    WhenLeft,
)
from pdsync.planning.meaning import meaning_digest

__all__ = ["build"]

_NAMES = ("first_name", "last_name")
"""Without them a contact is not accepted in Pipedrive (R13): the default of ``scope.to_pipedrive.require``."""


def build(document: Document, breaches: Iterable[Path]) -> Mapping:
    """The mapping that a document says; whatever holds a breach of the schema is left out."""
    sound = _Sound(document, breaches)
    limits = Limits()
    mapping = Mapping(
        name=sound.get(("name",), ""),
        description=sound.get(("description",), ""),
        existing=Existing(sound.get(("identity", "existing"), Existing.LINK_ONLY)),
        scope={
            Side.PLEZI: _scope(sound, Side.PLEZI, ()),
            Side.PIPEDRIVE: _scope(sound, Side.PIPEDRIVE, _NAMES),
        },
        enrol=_enrolment(sound),
        consent={side: consent for side in Side if (consent := _consent(sound, side)) is not None},
        conflicts=ConflictPolicy(sound.get(("conflicts",), ConflictPolicy.MANUAL)),
        limits=Limits(
            creates=int(sound.get(("limits", "creates"), limits.creates)),
            clears=int(sound.get(("limits", "clears"), limits.clears)),
            changed_percent=sound.get(("limits", "changed_percent"), limits.changed_percent),
        ),
        owner_on_create=sound.get(("on_create", "pipedrive", "owner"), ""),
        fields=tuple(
            entry
            for number in range(sound.length(("fields",)))
            if (entry := _field_mapping(sound, number)) is not None
        ),
        audits={
            code: rule
            for code in sound.keys(("audits",))
            if (rule := _audit_rule(sound.get(("audits", code), None))) is not None
        },
        path=document.path,
        places=sound.places,
    )
    return replace(mapping, digest=meaning_digest(mapping))


class _Sound:
    """The parts of a document that fit the schema."""

    def __init__(self, document: Document, breaches: Iterable[Path]) -> None:
        self.document = document
        self._broken: set[Path] = {breach[:size] for breach in breaches for size in range(len(breach) + 1)}
        """Every value with a breach somewhere inside it."""
        self.places: dict[str, Place] = {}
        """Of everything outside ``fields``, by dotted path."""
        self.entry_places: dict[int, dict[str, Place]] = {}
        """Of everything in each field mapping, by its number, then by dotted path inside it."""
        for path, place in document.values.items():
            number = path[1] if len(path) > 1 and path[0] == "fields" else None
            if isinstance(number, int):
                self.entry_places.setdefault(number, {})[_dotted(path[2:])] = place
            else:
                self.places[_dotted(path)] = place

    def get(self, path: Path, default: Any) -> Any:  # noqa: ANN401 - of the type that the schema has checked
        """The value at ``path``; ``default`` where it is not in the file, or does not fit."""
        if path in self._broken:
            return default
        value = self._look(path)
        return default if value is None else value

    def keys(self, path: Path) -> list[str]:
        """The keys of the group at ``path``, even if parts of it do not fit."""
        group = self._look(path)
        return list(group) if isinstance(group, dict) else []

    def length(self, path: Path) -> int:
        """The length of the list at ``path``, even if parts of it do not fit."""
        items = self._look(path)
        return len(items) if isinstance(items, list) else 0

    def _look(self, path: Path) -> Any:  # noqa: ANN401
        value: Any = self.document.data
        for part in path:
            if isinstance(part, str) and isinstance(value, dict):
                value = value.get(part)
            elif isinstance(part, int) and isinstance(value, list):
                value = value[part] if part < len(value) else None
            else:
                return None
        return value


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))


def _scope(sound: _Sound, target: Side, require: tuple[str, ...]) -> Scope:
    path: Path = ("scope", f"to_{target}")
    where = sound.get((*path, "where"), "everybody")
    return Scope(
        where=None if where == "everybody" else _condition(sound, (*path, "where")),
        when_left=WhenLeft(sound.get((*path, "when_left"), WhenLeft.CONTINUE)),
        require=tuple(sound.get((*path, "require"), require)),
    )


def _enrolment(sound: _Sound) -> Enrolment | None:
    path: Path = ("scope", "enrol")
    enrol = sound.get(path, None)
    if enrol is None:
        return None
    return Enrolment(
        field=enrol["set"]["field"], to=enrol["set"]["to"], where=_condition(sound, (*path, "where"))
    )


def _condition(sound: _Sound, path: Path) -> Condition:
    written: MappingType[str, Any] = sound.get(path, {})
    return Condition(
        field=written["field"],
        equals=_several(written.get("is")),
        has=_several(written.get("has")),
        empty=written.get("empty"),
        place=sound.document.place((*path, "field")),
    )


def _several(value: Value | list[Value]) -> tuple[Value, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def _consent(sound: _Sound, side: Side) -> Consent | None:
    written = sound.get(("consent", str(side)), None)
    if written is None:
        return None
    return Consent(field=written["field"], opted_out=tuple(written["opted_out"]))


def _audit_rule(written: MappingType[str, Any] | None) -> AuditRule | None:
    if written is None:
        return None
    return AuditRule(
        severity=Severity(written["severity"]) if "severity" in written else None,
        allow=int(written["allow"]) if "allow" in written else None,
        allow_percent=written.get("allow_percent"),
        off=written.get("off", False),
    )


def _field_mapping(sound: _Sound, number: int) -> FieldMapping | None:
    path: Path = ("fields", number)
    written = sound.get(path, None)
    if written is None:
        return None
    return FieldMapping(
        pipedrive=written["pipedrive"],
        plezi=written["plezi"],
        direction=Direction(written["direction"]),
        locked=written.get("locked", False),
        empty=EmptyPolicy(written.get("empty", EmptyPolicy.IGNORE)),
        conflicts=ConflictPolicy(written["conflicts"]) if "conflicts" in written else None,
        options=_option_rules(sound.document, written.get("options", {}), (*path, "options", "pairs")),
        place=sound.document.place(path),
        places=sound.entry_places.get(number, {}),
    )


def _option_rules(document: Document, written: MappingType[str, Any], path: Path) -> OptionRules:
    return OptionRules(
        unknown=UnknownOption(written.get("unknown", UnknownOption.BLOCK)),
        pairs=tuple(
            OptionPair(pair["pipedrive"], pair["plezi"], place=document.place((*path, number)))
            for number, pair in enumerate(written.get("pairs", ()))
        ),
    )
