"""What the ledger remembers of a pair, and what the planner is asked to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pdsync.model.records import Record, Subject
from pdsync.model.values import Side, Value

__all__ = ["Candidate", "Link", "LinkState", "Match", "MergeBase", "UndoneMark"]


class LinkState(StrEnum):
    OK = "ok"
    BROKEN = "broken"
    """One of its records was absent from a complete snapshot: no write, no create, no re-pairing (design 6, Absence)."""


@dataclass(frozen=True, slots=True)
class MergeBase:
    """The value of one field mapping that both sides last agreed on, as each server stores it.

    Kept per side, because the same value has two spellings (option id here, slug there).
    """

    pipedrive: Value
    plezi: Value

    def on(self, side: Side) -> Value:
        return self.pipedrive if side is Side.PIPEDRIVE else self.plezi


@dataclass(frozen=True, slots=True)
class UndoneMark:
    """What an undo left on both sides: the planner writes neither until one of them differs (design 7, Undo)."""

    pipedrive: Value
    plezi: Value

    def on(self, side: Side) -> Value:
        return self.pipedrive if side is Side.PIPEDRIVE else self.plezi


@dataclass(frozen=True, slots=True)
class Link:
    """This person is that contact."""

    pipedrive_id: str
    plezi_id: str
    address: str
    """The address key it rests on; empty when neither had one when it was made by hand."""
    state: LinkState = LinkState.OK

    def id(self, side: Side) -> str:
        return self.pipedrive_id if side is Side.PIPEDRIVE else self.plezi_id


class Match(StrEnum):
    """How a candidate came about."""

    LINKED = "linked"
    """By an existing link."""
    PAIRED = "paired"
    """By address: exactly one record on each side in the component."""
    ALONE = "alone"
    """No record of the other side, linked or not, holds any of its addresses."""
    AMBIGUOUS = "ambiguous"
    """Its component has several records on a side, or a member that is linked elsewhere (R17)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pair, one lone record or one ambiguous component: all that decide() may know of it."""

    match: Match
    pipedrive: Record | None = None
    """None: not in the snapshot (linked), or no such side (alone, ambiguous)."""
    plezi: Record | None = None
    link: Link | None = None
    bases: Mapping[str, MergeBase] = field(default_factory=dict)
    """Field mapping key -> base. No entry: no base."""
    undone: Mapping[str, UndoneMark] = field(default_factory=dict)
    rejected_before: Mapping[tuple[str, Side], tuple[Value, Value]] = field(default_factory=dict)
    """(field mapping key, target) -> (value sent, value stored): what a server did not store as sent. Not tried again
    with the same value while the target still holds the same."""
    members: tuple[Subject, ...] = ()
    """Of an ambiguous component: everyone in it."""
    blocked_by: tuple[str, ...] = ()
    """Codes of blocking findings on one of its records; then nothing is written."""
    existed_before: bool = False
    """Alone only: the record was there before the first run, and nobody adopted it."""
    create_undone: bool = False
    """Alone only: an undo deleted the record that was once created from this one."""
    enrolled_before: bool = False
    """pdsync has set the scope flag of this person before."""
    taken: frozenset[str] = frozenset()
    """Linked: address keys of this pair that another record of the opposite side holds as well; none is written."""
    contested: frozenset[str] = frozenset()
    """Linked: address keys that a record of this pair and another linked one of the same side move to; none is written."""
    address: str = ""
    """Paired and alone: the address key that the link rests on (will rest on)."""

    def record(self, side: Side) -> Record | None:
        return self.pipedrive if side is Side.PIPEDRIVE else self.plezi
