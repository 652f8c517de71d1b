"""Findings: one type for mapping problems, audits, conflicts and rejected records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from pdsync.model.values import Value

if TYPE_CHECKING:
    from pdsync.model.records import Subject

__all__ = ["Finding", "Place", "Severity"]


class Severity(StrEnum):
    """How much a finding matters, gravest first."""

    BLOCKING = "blocking"
    """Its records are kept out of plans until it is solved."""
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest; for sorting."""
        return list(Severity).index(self)


class Place(NamedTuple):
    """Where in a file: as compilers and editors print it. Line and column count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should know."""

    code: str
    """Stable, lower case with hyphens: ``duplicate-email``. People filter and acknowledge by it."""
    severity: Severity
    message: str
    """One sentence. Names ids, fields and counts; the people are behind ``subjects``."""
    subjects: tuple[Subject, ...] = ()
    field: str = ""
    """The field it is about, as the mapping names it; empty when it is about none."""
    place: Place | None = None
    fix: str = ""
    """What to do about it, in one sentence."""
    rule: str = ""
    """The rule of the connector or of the design it rests on: ``R17``."""
    details: Mapping[str, Value] = attribute(default_factory=dict)
    """Exact values for JSON and screens (personal data allowed; never printed into files for git)."""
