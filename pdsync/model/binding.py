"""A mapping resolved against the fields of both sides: what the planner works with."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from types import MappingProxyType

from pdsync.model.mapping import ConflictPolicy, FieldMapping, Mapping
from pdsync.model.records import Field, RemoteSchema
from pdsync.model.values import Side

__all__ = ["BoundField", "BoundMapping"]


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field mapping whose two fields are known."""

    written: FieldMapping
    pipedrive: Field
    plezi: Field
    policy: ConflictPolicy
    signature: str = ""
    """Digest of what a merge base depends on: both fields' code and kind, and the option pairs. When it changes,
    the bases of this field mapping are dropped; a new direction or policy leaves it alone (design 6)."""
    stopped: str = ""
    """Why this field mapping is not synced at all in this plan (a name that now means another field); else empty."""
    option_pairs: tuple[tuple[str, str], ...] = ()
    """Resolved option identities (Pipedrive, Plezi), in order of preference (``planning.transforms.option_pairs``)."""
    option_to: MappingType[Side, MappingType[str, str]] = field(init=False, repr=False, compare=False)
    """By the side that is written: option identity of the other side -> option identity of this side."""

    key: str = field(init=False, repr=False, compare=False)
    """Stable identity in the ledger: ``PIPEDRIVE_CODE=PLEZI_CODE``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", f"{self.pipedrive.code}={self.plezi.code}")
        to_plezi: dict[str, str] = {}
        to_pipedrive: dict[str, str] = {}
        for here, there in self.option_pairs:
            to_plezi.setdefault(here, there)
            to_pipedrive.setdefault(there, here)
        object.__setattr__(self, "option_to", {Side.PLEZI: to_plezi, Side.PIPEDRIVE: to_pipedrive})

    def on(self, side: Side) -> Field:
        """The field of ``side``."""
        return self.pipedrive if side is Side.PIPEDRIVE else self.plezi

    def writes(self, target: Side) -> bool:
        """Whether the direction allows a write to ``target``."""
        return not self.stopped and self.written.direction.writes(target)


@dataclass(frozen=True, slots=True)
class BoundMapping:
    """The mapping, both remote schemas, and the field mappings resolved against them."""

    mapping: Mapping
    schemas: MappingType[Side, RemoteSchema]
    fields: tuple[BoundField, ...]
    """In the order of the file; entries whose field does not exist are not here (they are findings)."""
    codes: MappingType[Side, tuple[str, ...]]
    """Every field code that field mappings, scope, enrolment, consent and identity read, sorted: what a record's
    digest covers."""
    version: str
    """Digest of mapping, resolved fields and option lists: a record's digest is only valid under the same version."""
    email: MappingType[Side, str]
    """The code of the identity field on each side."""
    owner_id: str = ""
    """Id of the Pipedrive user named in ``on_create``; empty: the token's user."""
    names: MappingType[tuple[Side, str], str] = field(default_factory=dict)
    """Every field name that the mapping uses -> the code it was first resolved to. The ledger keeps it, and the next
    ``bind`` is given it: a name that means another field by then stops what it names (design 5)."""
    by_key: MappingType[str, BoundField] = field(init=False, repr=False, compare=False)
    flow: tuple[BoundField, ...] = field(init=False, repr=False, compare=False)
    """The same field mappings in the order in which values flow: whoever writes a field stands before whoever passes it
    on, and whoever sets a flag that the scope reads before everybody else. The mapping of the addresses comes last of
    those that nobody feeds; else the order is that of the file."""

    flags: frozenset[str] = field(init=False, repr=False, compare=False)
    """Keys of the field mappings that write what scope or enrolment read, and of those that feed them: first in ``flow``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_key", MappingProxyType({f.key: f for f in self.fields}))
        before = {field.key: self._before(field) for field in self.fields}
        read = set(self._read_as_flags())
        flags: set[str] = set()
        for one in self.fields:
            if any(one.writes(side) and (side, one.on(side).code) in read for side in Side):
                flags |= {one.key, *(feeder.key for feeder in before[one.key])}
        object.__setattr__(self, "flags", frozenset(flags))
        email = self.email.get(Side.PIPEDRIVE)
        ordered = sorted(
            self.fields, key=lambda f: (f.key not in flags, len(before[f.key]), f.pipedrive.code == email)
        )
        object.__setattr__(self, "flow", tuple(ordered))

    def feeder(self, reader: BoundField, target: Side) -> BoundField | None:
        """The other field mapping that writes what ``reader`` would pass on to ``target``; None: people alone write it."""
        side = target.other
        code = reader.on(side).code
        return next(
            (f for f in self.fields if f.key != reader.key and f.writes(side) and f.on(side).code == code),
            None,
        )

    def _before(self, reader: BoundField) -> list[BoundField]:
        """Whoever feeds it, and whoever feeds that; a circle, which lint refuses, ends somewhere."""
        found = [reader]
        while len(found) <= len(self.fields):
            fed = (self.feeder(found[-1], target) for target in Side if found[-1].writes(target))
            feeder = next((one for one in fed if one is not None), None)
            if feeder is None:
                break
            found.append(feeder)
        return found[1:]

    def _read_as_flags(self) -> Iterator[tuple[Side, str]]:
        conditions = [(target.other, scope.where) for target, scope in self.mapping.scope.items()]
        if self.mapping.enrol is not None:
            conditions.append((Side.PIPEDRIVE, self.mapping.enrol.where))
        for side, where in conditions:
            if where is not None:
                yield from ((side, found.code) for found in self.schemas[side].named(where.field))
