"""Runs and the events that an engine tells while it works. CLI, TUI and notebooks read the same stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from pdsync.model.findings import Finding
from pdsync.model.links import MergeBase
from pdsync.model.plans import Change
from pdsync.model.values import Side, Value

__all__ = [
    "Event",
    "JournalEntry",
    "Note",
    "Outcome",
    "Progress",
    "RecordOutcome",
    "RunKind",
    "RunState",
    "RunSummary",
    "Waiting",
]


class RunKind(StrEnum):
    APPLY = "apply"
    UNDO = "undo"


class RunState(StrEnum):
    RUNNING = "running"
    """Also what a run looks like that was killed, until the next run settles its open intents."""
    DONE = "done"
    STOPPED = "stopped"
    """By the person or by an exhausted budget; the rest was not tried."""
    FAILED = "failed"
    """A service stopped answering."""


class Outcome(StrEnum):
    """How one change ended."""

    INTENT = "intent"
    """Sent or about to be sent; no answer yet."""
    DONE = "done"
    ADOPTED = "adopted"
    """The answer of a create was lost and the record was found."""
    STALE = "stale"
    """A field to be written no longer held ``before``: skipped (design 7)."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """What it depends on did not succeed, or the run was stopped."""
    NOT_STORED = "not-stored-as-sent"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One change of one run: what was intended and what came of it."""

    run_id: str
    number: int
    change: Change
    outcome: Outcome
    at: str
    """RFC 3339, UTC, of the last outcome."""
    stored: Mapping[str, Value] = field(default_factory=dict)
    """Field code -> value that the answer or a re-read showed; of added options: label -> identity."""
    error: str = ""
    record_id: str = ""
    """Of the record written; for a create, the new id."""
    intended_at: str = ""
    """RFC 3339, UTC: when it was about to be sent."""
    server_at: str = ""
    """The service's own clock at that time, as far as known; a lost create is looked for from here on."""
    address_before: str = ""
    """The address key that the link rested on; what an undo goes back to."""
    bases_before: Mapping[str, MergeBase | None] = field(default_factory=dict)
    """Merge bases that this change replaced (None: there was none), by field mapping key."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One attempt to carry out a plan (R26)."""

    id: str
    """``YYYYMMDD-HHMMSS-xxxx``, UTC; sorts by time."""
    kind: RunKind
    state: RunState
    plan_id: str
    mapping_name: str
    started_at: str
    ended_at: str = ""
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    writes: Mapping[Side, int] = field(default_factory=dict)
    values: int = 0
    """Values written."""
    undoes: str = ""
    undone_by: str = ""
    message: str = ""
    """Why it stopped or failed."""
    remaining: int = 0
    """Changes of the plan that were not tried."""


@dataclass(frozen=True, slots=True)
class Progress:
    """So much of a stage is done. ``total`` is 0 while unknown."""

    stage: str
    """``read persons``, ``read contacts``, ``audit``, ``plan``, ``apply``, ``undo``."""
    done: int
    total: int
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The budget or a service makes pdsync wait."""

    side: Side
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """One change was carried out, skipped or failed."""

    change: Change
    outcome: Outcome
    message: str = ""
    values: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth a line for the person, without being a finding."""

    text: str
    finding: Finding | None = None


Event: TypeAlias = Progress | Waiting | RecordOutcome | Note
