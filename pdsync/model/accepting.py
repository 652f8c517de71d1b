"""Findings that people know of and live with, as a file in git says it, and what became of each entry in an audit."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from pdsync.model.records import Subject

if TYPE_CHECKING:
    from pdsync.model.findings import Place

__all__ = ["Acknowledged", "AcknowledgedState", "Acknowledgement"]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """One entry of ``accepted/NAME.yaml``: this finding about this subject is known."""

    code: str
    """The audit's."""
    subject: Subject
    """A record, or the field or option that the finding is about."""
    who: str
    why: str
    also: tuple[Subject, ...] = ()
    """The other records of the same finding. A finding on several records is acknowledged when all are named."""
    until: date | None = None
    """The last day on which it holds; None: until somebody removes it."""
    place: Place | None = attribute(default=None, compare=False)

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (self.subject, *self.also)

    def holds_on(self, today: date) -> bool:
        """Whether it still counts."""
        return self.until is None or today <= self.until


class AcknowledgedState(StrEnum):
    """What became of an entry in one audit."""

    HOLDS = "holds"
    """Every finding that it names is acknowledged."""
    PARTIAL = "in part"
    """A finding that it names is about more records than are acknowledged: it counts."""
    EXPIRED = "expired"
    """Its last day is over: what it names counts again."""
    NOTHING = "matches nothing"
    """No finding is about its subject any more: the entry can be removed."""
    NOT_CHECKED = "not checked"
    """The audit was not made, or only in part: nobody can tell."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One entry and what became of it."""

    entry: Acknowledgement
    state: AcknowledgedState
    findings: int = 0
    """Findings that it names and that are acknowledged."""
    unnamed: tuple[Subject, ...] = ()
    """In part: other records of its findings that nobody named, at most 20."""
