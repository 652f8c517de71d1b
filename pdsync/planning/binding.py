"""Resolves a mapping against the fields of both sides: names become codes, labels become identities.

A Pipedrive field may be named by its name, and names change hands: somebody renames a field and gives its old name to a
new one. So a name that two fields bear is refused, and a name that was bound before and means another field now stops
what it names instead of writing one field's values into another (design 5).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from types import MappingProxyType

from pdsync.model import (
    BoundField,
    BoundMapping,
    Direction,
    Field,
    FieldMapping,
    Finding,
    Kind,
    Mapping,
    Place,
    RemoteSchema,
    Severity,
    Side,
)
from pdsync.planning.fieldrules import IDENTITY
from pdsync.planning.meaning import meaning_digest
from pdsync.planning.transforms import option_pairs
from pdsync.planning.wording import did_you_mean, listed, quoted

__all__ = ["bind"]

_FORMAT = 1
"""Of digests made here; raised when what they cover changes, so that every record is looked at again."""

_NONE: MappingType[tuple[Side, str], str] = MappingProxyType({})


def bind(
    mapping: Mapping,
    schemas: MappingType[Side, RemoteSchema],
    *,
    bound_before: MappingType[tuple[Side, str], str] = _NONE,
    owner_id: str = "",
) -> tuple[BoundMapping, tuple[Finding, ...]]:
    """Resolve every name in ``mapping``.

    Args:
        mapping: As read from its file.
        schemas: The fields of both sides.
        bound_before: ``BoundMapping.names`` as the ledger kept it: which code each name meant when it was first used.
        owner_id: Id of the Pipedrive user that ``on_create`` names, if it was looked up.

    Returns:
        The bound mapping, and what there is to say. With a ``BLOCKING`` finding the mapping does not fit and must not
        be planned with; entries whose fields are not known are left out of ``fields``. A ``field-moved`` warning stops
        its own field mapping only (``BoundField.stopped``). ``planning.linting`` checks the rest.
    """
    resolver = _Resolver(schemas, bound_before)
    fields = tuple(
        bound for entry in mapping.fields if (bound := _bound_field(mapping, entry, resolver)) is not None
    )
    codes: dict[Side, set[str]] = {side: set() for side in Side}
    for bound in fields:
        if bound.written.direction is not Direction.OFF:
            for side in Side:
                codes[side].add(bound.on(side).code)
    for use in _uses(mapping):
        found = resolver.resolve(use)
        if found is not None:
            codes[use.side].add(found.code)
    email = {side: _identity(schemas[side], resolver) for side in Side}
    for side in Side:
        codes[side].add(email[side])
    read = {side: tuple(sorted(codes[side])) for side in Side}
    bound_mapping = BoundMapping(
        mapping=mapping,
        schemas=schemas,
        fields=fields,
        codes=read,
        version=_version(mapping, schemas, fields, read),
        email=email,
        owner_id=owner_id,
        names=MappingProxyType(resolver.names),
    )
    return bound_mapping, tuple(resolver.findings)


@dataclass(frozen=True, slots=True)
class _Use:
    """A field name in the mapping, and what it is used for."""

    side: Side
    name: str
    place: Place | None
    entry: FieldMapping | None = None
    """The field mapping that it belongs to; None: scope, enrolment or consent."""

    @property
    def is_off(self) -> bool:
        return self.entry is not None and self.entry.direction is Direction.OFF


def _uses(mapping: Mapping) -> Iterator[_Use]:
    """Every name outside ``fields``."""
    places = mapping.places
    for target, scope in mapping.scope.items():
        path = f"scope.to_{target}"
        if scope.where is not None:
            place = places.get(f"{path}.where.field", scope.where.place)
            yield _Use(target.other, scope.where.field, place)
        for number, name in enumerate(scope.require):
            yield _Use(target.other, name, places.get(f"{path}.require.{number}", places.get(path)))
    if mapping.enrol is not None:
        yield _Use(Side.PIPEDRIVE, mapping.enrol.field, places.get("scope.enrol.set.field"))
        where = mapping.enrol.where
        yield _Use(Side.PIPEDRIVE, where.field, places.get("scope.enrol.where.field", where.place))
    for side, consent in mapping.consent.items():
        yield _Use(side, consent.field, places.get(f"consent.{side}.field"))


@dataclass(slots=True)
class _Resolver:
    schemas: MappingType[Side, RemoteSchema]
    before: MappingType[tuple[Side, str], str]
    findings: list[Finding] = field(default_factory=list)
    names: dict[tuple[Side, str], str] = field(default_factory=dict)
    moved: dict[tuple[Side, str], str] = field(default_factory=dict)
    """Names that mean another field than before, and the words for it."""

    def resolve(self, use: _Use) -> Field | None:
        """The field that a name means; None, with a finding, if there is not exactly one.

        A name that has moved resolves to the field it meant before, as long as that exists.
        """
        schema, key = self.schemas[use.side], (use.side, use.name)
        found = schema.named(use.name)
        if len(found) > 1:
            codes = listed(field.code for field in found)
            message = f"{len(found)} fields are called {quoted(use.name)} in {use.side.label}: {codes}; use the code"
            self._say("ambiguous-field", use, message)
            return None
        if not found:
            self._say("unknown-field", use, self._unknown(use))
            return None
        before = self.before.get(key)
        if before is None or before == found[0].code:
            self.names[key] = found[0].code
            return found[0]
        self.names[key] = before
        self.moved[key] = (
            f"{quoted(use.name)} in {use.side.label} meant the field {before} so far and means {found[0].code} now"
        )
        message = f"{self.moved[key]}; name the one you mean by its code"
        if use.entry is not None:
            message = f"{self.moved[key]}; this field mapping is stopped until you name the one you mean by its code"
        self._say("field-moved", use, message)
        return schema.by_code.get(before, found[0])

    def _unknown(self, use: _Use) -> str:
        schema = self.schemas[use.side]
        start = f"unknown field {quoted(use.name)} in {use.side.label}"
        before = schema.by_code.get(self.before.get((use.side, use.name), ""))
        if before is not None:
            return (
                f"{start}; the field that it meant so far, {before.code}, is called {quoted(before.name)} now"
            )
        return start + did_you_mean(use.name, [word for f in schema.fields for word in (f.name, f.code)])

    def _say(self, code: str, use: _Use, message: str) -> None:
        stops_only_itself = use.is_off or (code == "field-moved" and use.entry is not None)
        severity = Severity.WARNING if stops_only_itself else Severity.BLOCKING
        finding = Finding(code, severity, message, field=use.name, place=use.place)
        if finding not in self.findings:
            self.findings.append(finding)


def _bound_field(mapping: Mapping, entry: FieldMapping, resolver: _Resolver) -> BoundField | None:
    found: dict[Side, Field] = {}
    stopped = ""
    for side in Side:
        use = _Use(side, entry.name(side), entry.places.get(side, entry.place), entry)
        remote = resolver.resolve(use)
        if remote is not None:
            found[side] = remote
        stopped = stopped or resolver.moved.get((side, use.name), "")
    if len(found) != len(Side):
        return None
    pipedrive, plezi = found[Side.PIPEDRIVE], found[Side.PLEZI]
    return BoundField(
        written=entry,
        pipedrive=pipedrive,
        plezi=plezi,
        policy=entry.conflicts or mapping.conflicts,
        signature=_signature(entry, pipedrive, plezi),
        stopped=stopped,
        option_pairs=option_pairs(entry, pipedrive, plezi),
    )


def _identity(schema: RemoteSchema, resolver: _Resolver) -> str:
    """The code of the field that a side knows people by: ``email``, else the one field of addresses."""
    named = schema.by_code.get(IDENTITY)
    if named is not None and named.kind is Kind.EMAILS:
        return named.code
    others = [field.code for field in schema.fields if field.kind is Kind.EMAILS]
    if len(others) == 1:
        return others[0]
    message = f"{schema.side.label} has no field of email addresses to know people by"
    resolver.findings.append(Finding("no-identity", Severity.BLOCKING, message, field=IDENTITY, rule="R17"))
    return IDENTITY


def _signature(entry: FieldMapping, pipedrive: Field, plezi: Field) -> str:
    """What a merge base depends on: the two fields and the explicit pairs.

    Pairs count by identity, so that a renamed label or a pair spelt differently changes nothing.
    """
    here, there = _identities(pipedrive), _identities(plezi)
    pairs = {(pair.pipedrive, pair.plezi) for pair in entry.options.pairs}
    resolved = sorted({(here.get(one, one), there.get(other, other)) for one, other in pairs})
    return _digest([_FORMAT, [pipedrive.code, pipedrive.kind], [plezi.code, plezi.kind], resolved])


def _identities(field: Field) -> dict[str, str]:
    """Label -> option identity, without labels that several options bear."""
    count = Counter(option.label for option in field.options)
    return {option.label: option.id for option in field.options if count[option.label] == 1}


def _version(
    mapping: Mapping,
    schemas: MappingType[Side, RemoteSchema],
    fields: tuple[BoundField, ...],
    codes: MappingType[Side, tuple[str, ...]],
) -> str:
    """Everything besides the records themselves that a decision rests on."""
    bound = sorted([f.key, f.signature, f.policy, f.stopped] for f in fields)
    remote = {side: [_of_field(schemas[side].by_code.get(code)) for code in codes[side]] for side in Side}
    able = {side: repr(schemas[side].capabilities) for side in Side}
    return _digest([_FORMAT, mapping.digest or meaning_digest(mapping), bound, remote, able])


def _of_field(remote: Field | None) -> list[object]:
    if remote is None:
        return []
    options = sorted([option.id, option.label] for option in remote.options)
    held = [remote.writable, remote.clearable, remote.required, remote.max_length]
    return [remote.code, remote.kind, *held, options]


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
