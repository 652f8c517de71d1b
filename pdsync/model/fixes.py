"""A fix file as values: the repairs that pdsync proposes, and what a person decided about each.

``Repair`` and ``MissingOption`` are carried out by an ordinary plan, the latter where a service has a call for it. The
other two are work for people: an option pair belongs into the mapping, records are merged in the service itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute

from pdsync.model.findings import Place
from pdsync.model.records import Subject
from pdsync.model.values import Side, Value

__all__ = ["FixFile", "MergeProposal", "MissingOption", "PairProposal", "Proposal", "Repair"]


@dataclass(frozen=True, slots=True)
class Repair:
    """Other values for one record."""

    code: str
    """Of the audit that found it."""
    record: Subject
    now: Mapping[str, Value]
    """Field, by name or code -> the value that the repair was made for: texts as delivered, options by label, the
    addresses of a person as a list. Where the record holds another one by now, the repair is stale."""
    to: Mapping[str, Value]
    """``set`` in the file: what these fields are to hold. The same fields as ``now``."""
    accepted: bool = False
    one_of: str = ""
    """Repairs that exclude each other bear the same word: at most one of them may be accepted."""
    place: Place | None = attribute(default=None, compare=False)
    places: Mapping[str, Place] = attribute(default_factory=dict, compare=False)
    """Where each part stands: ``record``, ``now.FIELD``, ``set.FIELD``."""


@dataclass(frozen=True, slots=True)
class PairProposal:
    """Two options that probably mean the same; for ``options.pairs`` of the mapping."""

    field: str
    """As the mapping names it in Pipedrive."""
    pipedrive: str
    plezi: str
    accepted: bool = False
    place: Place | None = attribute(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MissingOption:
    """An option to be added to the list of one side (R24)."""

    side: Side
    field: str
    """What the list is called there."""
    label: str
    records: int = 0
    """Of the other side, that hold its counterpart."""
    accepted: bool = False
    place: Place | None = attribute(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MergeProposal:
    """Records that are probably one person. Never carried out: Pipedrive cannot undo a merge."""

    keep: Subject
    """The survivor."""
    merge: tuple[Subject, ...]
    """What becomes part of it."""
    why: str
    """Why this one survives. Names nobody."""
    links: tuple[str, ...] = ()
    """Where people see the records, the survivor first."""
    place: Place | None = attribute(default=None, compare=False)


Proposal = Repair | PairProposal | MissingOption | MergeProposal


@dataclass(frozen=True, slots=True)
class FixFile:
    """One fix file."""

    mapping: str
    """Name of the mapping that it was made under."""
    accounts: Mapping[Side, str]
    """Ids of the accounts that the records are in."""
    repairs: tuple[Repair, ...] = ()
    """In the order of the file: by audit."""
    pairs: tuple[PairProposal, ...] = ()
    options: tuple[MissingOption, ...] = ()
    merges: tuple[MergeProposal, ...] = ()
    path: str = attribute(default="", compare=False)

    @property
    def accepted(self) -> tuple[Repair, ...]:
        """The repairs that a person wants."""
        return tuple(repair for repair in self.repairs if repair.accepted)

    @property
    def accepted_options(self) -> tuple[MissingOption, ...]:
        """The missing options that a person wants."""
        return tuple(option for option in self.options if option.accepted)
