"""The mapping as a value: what may flow where, as one YAML file says it (design 5)."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from typing import TYPE_CHECKING

from pdsync.model.values import Direction, Side, Value, composed

if TYPE_CHECKING:
    from pdsync.model.findings import Place, Severity

__all__ = [
    "AuditRule",
    "Condition",
    "ConflictPolicy",
    "Consent",
    "EmptyPolicy",
    "Enrolment",
    "Existing",
    "FieldMapping",
    "Limits",
    "Mapping",
    "OptionPair",
    "OptionRules",
    "Scope",
    "UnknownOption",
    "WhenLeft",
]


class Existing(StrEnum):
    """What to do with records that were there before the first run and have no partner."""

    LINK_ONLY = "link_only"
    CREATE = "create"


class WhenLeft(StrEnum):
    """What happens to updates of a linked record that no longer matches the scope."""

    STOP = "stop"
    CONTINUE = "continue"


class ConflictPolicy(StrEnum):
    """Who wins when both sides changed a value since they last agreed."""

    MANUAL = "manual"
    PIPEDRIVE = "pipedrive"
    PLEZI = "plezi"

    @property
    def winner(self) -> Side | None:
        return None if self is ConflictPolicy.MANUAL else Side(self.value)


class EmptyPolicy(StrEnum):
    """Whether an emptied field empties the other side."""

    IGNORE = "ignore"
    PROPAGATE = "propagate"


class UnknownOption(StrEnum):
    """What to do with a value that has no counterpart in the other side's list."""

    BLOCK = "block"
    """A ``unknown-option`` finding; this field of this record is not written until it is solved."""
    SKIP = "skip"
    """Not written, only counted."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on one record: exactly one of ``equals``, ``has`` and ``empty`` is set."""

    field: str
    equals: tuple[Value, ...] = ()
    """``is:`` in the file; option labels for drop-downs. True if the value is one of these."""
    has: tuple[Value, ...] = ()
    """True if a multiple-choice field holds one of these labels."""
    empty: bool | None = None
    place: Place | None = attribute(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may be created on one side, and who is still updated there (R9, R13)."""

    where: Condition | None = None
    """On the source record. None: everybody."""
    when_left: WhenLeft = WhenLeft.CONTINUE
    require: tuple[str, ...] = ()
    """Fields of the source that must be filled for a create."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Sets the scope flag by itself, never over a person's own choice (R10)."""

    field: str
    to: Value
    where: Condition


@dataclass(frozen=True, slots=True)
class Consent:
    """Which value of which field means that a person opted out. Opting out always wins."""

    field: str
    opted_out: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one day may change on one side before a person has to say so (R29)."""

    creates: int = 500
    clears: int = 50
    changed_percent: float = 20
    """Of the linked records; applies above 50 changes."""


@dataclass(frozen=True, slots=True)
class OptionPair:
    """This Pipedrive option is that Plezi option; either by label or by identity."""

    pipedrive: str
    plezi: str
    place: Place | None = attribute(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pipedrive", composed(self.pipedrive))
        object.__setattr__(self, "plezi", composed(self.plezi))


@dataclass(frozen=True, slots=True)
class OptionRules:
    unknown: UnknownOption = UnknownOption.BLOCK
    pairs: tuple[OptionPair, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One entry of ``fields:``, as written: fields by name or code, not yet resolved."""

    pipedrive: str
    plezi: str
    direction: Direction
    locked: bool = False
    empty: EmptyPolicy = EmptyPolicy.IGNORE
    conflicts: ConflictPolicy | None = None
    """None: the mapping's own policy."""
    options: OptionRules = OptionRules()
    place: Place | None = attribute(default=None, compare=False)
    places: MappingType[str, Place] = attribute(default_factory=dict, compare=False)
    """Where each property's value stands: ``pipedrive``, ``plezi``, ``direction``, ``empty``, ``options``..."""

    def name(self, side: Side) -> str:
        """The field of ``side`` as written."""
        return self.pipedrive if side is Side.PIPEDRIVE else self.plezi


@dataclass(frozen=True, slots=True)
class AuditRule:
    """What one audit's findings mean for the quality gate."""

    severity: Severity | None = None
    """None: the audit's own."""
    allow: int | None = None
    """More findings than this close the gate for the whole plan. None: no such threshold."""
    allow_percent: float | None = None
    off: bool = False


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping file, valid by itself. Whether its fields exist is decided against remote schemas."""

    name: str
    fields: tuple[FieldMapping, ...]
    scope: MappingType[Side, Scope]
    """By the side that is written: ``to_plezi`` is ``scope[Side.PLEZI]``. Its conditions read the other side."""
    description: str = ""
    existing: Existing = Existing.LINK_ONLY
    enrol: Enrolment | None = None
    consent: MappingType[Side, Consent] = attribute(default_factory=dict)
    conflicts: ConflictPolicy = ConflictPolicy.MANUAL
    limits: Limits = Limits()
    owner_on_create: str = ""
    """Address of the Pipedrive user who owns persons that pdsync creates; empty: the token's user."""
    audits: MappingType[str, AuditRule] = attribute(default_factory=dict)
    path: str = attribute(default="", compare=False)
    places: MappingType[str, Place] = attribute(default_factory=dict, compare=False)
    """Where each value outside ``fields`` stands, by dotted path: ``scope.to_plezi.where.field``."""
    digest: str = attribute(default="", compare=False)
    """SHA-256 of what the file means (not of its spelling), 64 hex digits."""
