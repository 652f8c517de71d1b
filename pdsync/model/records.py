"""Records and the fields of the side that they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pdsync.model.values import MISSING, Kind, Missing, Side, Value, composed

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Account", "Capabilities", "Coverage", "Field", "Option", "Record", "RemoteSchema", "Subject"]


class Subject(NamedTuple):
    """What a finding is about, as it may stand in a file for git: an id, never a name or address."""

    side: Side
    noun: str
    """``person``, ``contact``, ``field`` or ``option``."""
    id: str

    def __str__(self) -> str:
        return f"{self.side}:{self.noun}/{self.id}"

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read ``pipedrive:person/1042``.

        Raises:
            ValueError: the text has another form.
        """
        side, _, rest = text.partition(":")
        noun, slash, identifier = rest.partition("/")
        if not (slash and noun and identifier):
            message = f"not a subject: {text!r} (expected pipedrive:person/1042)"
            raise ValueError(message)
        return cls(Side(side), noun, identifier)


@dataclass(frozen=True, slots=True)
class Record:
    """One person or contact as delivered."""

    side: Side
    id: str
    values: Mapping[str, Value]
    """Field code -> delivered value. A code that is absent was not read (missing, not empty)."""
    updated_at: str | None = None
    """RFC 3339. May be None for new Pipedrive persons; moves for reasons other than field edits. Never decides."""

    def get(self, code: str) -> Value | Missing:
        """The delivered value of a field, or MISSING."""
        return self.values.get(code, MISSING)

    @property
    def subject(self) -> Subject:
        return Subject(self.side, self.side.noun, self.id)


@dataclass(frozen=True, slots=True)
class Option:
    """One entry of a drop-down or multiple-choice list."""

    id: str
    """Its identity, in one Unicode form: Pipedrive's option id as text, Plezi's value (slug)."""
    label: str
    observed: bool = False
    """Seen in data only, not in a list that the service or a person gave."""
    spelt: str = ""
    """The identity as the service spells it, where that is another Unicode form; else empty."""

    def __post_init__(self) -> None:
        identity = composed(self.id)
        if identity != self.id:
            object.__setattr__(self, "spelt", self.id)
            object.__setattr__(self, "id", identity)
        object.__setattr__(self, "label", composed(self.label))

    @property
    def sent(self) -> str:
        """The identity in the form in which the service holds it, and is sent it."""
        return self.spelt or self.id


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one side."""

    code: str
    """The technical key: ``first_name``, a 40-hex code, ``plz_secteur``."""
    name: str
    """What people call it. Not guaranteed unique in Pipedrive."""
    kind: Kind
    remote_type: str = ""
    """The type in the service's own words, for messages: ``enum``, ``drop-down``."""
    options: tuple[Option, ...] = ()
    writable: bool = True
    clearable: bool = True
    """Whether writing empty is known to work (reference 2.4, 2.6). Where not, a clear is an ``unsupported`` finding."""
    max_length: int | None = None
    """Longest text in characters that the service takes."""
    required: bool = False
    custom: bool = False
    observed: bool = False
    """Seen in data only, so that its kind is a guess."""

    def option(self, identifier: str) -> Option | None:
        """The option with this identity, or None (deleted or never there)."""
        identity = composed(identifier)
        return next((option for option in self.options if option.id == identity), None)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose data this is. State, snapshots, plans and field lists are bound to it."""

    side: Side
    id: str
    """Pipedrive's company id, Plezi's tenant."""
    name: str = ""
    domain: str = ""
    """``acme.pipedrive.com``, for messages and links."""
    sees_everything: bool = True
    """False when the token's user may not see all records: the snapshot is then partial."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be done on a side through this client."""

    read_all: bool = True
    read_by_id: bool = True
    incremental: bool = False
    """Whether changed records can be listed by time."""
    create: bool = True
    update: bool = True
    """Update by id. Without it linked records are never written (no upsert by address)."""
    delete: bool = False
    create_side_effects: str = ""
    """What else a create sets off, in words ('counts as a form submission'); empty when nothing."""
    read_batch: int = 1
    """How many records one precondition read may ask for."""
    recent_first: bool = False
    """Whether the newest records can be paged from the newest on (needed to find a create whose answer was lost)."""
    change_lists: bool = False
    """Whether options can be added to the list of a custom field, and taken off it again."""
    longest_option: int | None = None
    """Characters of the longest label that such a list takes; None: not known."""


@dataclass(frozen=True, slots=True)
class RemoteSchema:
    """The fields of one side, their types, options, and what the side can do."""

    account: Account
    fields: tuple[Field, ...]
    capabilities: Capabilities = field(default_factory=Capabilities)
    by_code: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_code", MappingProxyType({f.code: f for f in self.fields}))

    @property
    def side(self) -> Side:
        return self.account.side

    def name_of(self, code: str) -> str:
        """How people call a field; the code itself of one that is not there (any more)."""
        field = self.by_code.get(code)
        return code if field is None else field.name

    def named(self, name: str) -> tuple[Field, ...]:
        """All fields that ``name`` may mean: the one with this code, else those with exactly this name."""
        by_code = self.by_code.get(name)
        if by_code is not None:
            return (by_code,)
        return tuple(f for f in self.fields if f.name == name)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a side a snapshot holds. Only a complete snapshot proves that something is absent."""

    complete: bool
    """Whether what is not in the snapshot is not there."""
    reason: str = ""
    """Why it is not complete, in words."""
    full_read_at: str = ""
    """Of a snapshot renewed by an increment: when the last full read began (RFC 3339). A record deleted since may
    still be in the snapshot; a new or changed one is. Empty: the snapshot is itself one read."""
