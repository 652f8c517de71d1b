"""One person explained: everything that pdsync knows, and what it would do and why, as a value for every screen.

Made by ``pdsync.engine.explaining``; shown by the command line, the terminal UI and notebooks. It holds personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pdsync.model.binding import BoundMapping
from pdsync.model.findings import Finding
from pdsync.model.links import Link, Match, MergeBase, UndoneMark
from pdsync.model.plans import Change, ChangeKind, FieldChange, Reason
from pdsync.model.records import Record, Subject
from pdsync.model.runs import Outcome, RunKind
from pdsync.model.values import Direction, Missing, Side, Value

__all__ = [
    "ExplainedField",
    "ExplainedRecord",
    "Explanation",
    "FieldStanding",
    "Hold",
    "HoldKind",
    "PlannedFor",
    "WrittenValue",
]


class FieldStanding(StrEnum):
    """How one field mapping of one person stands."""

    SAME = "same"
    """Both sides hold the same value, or both are empty."""
    WRITE = "write"
    """The planner would write it now."""
    CONFLICT = "conflict"
    """Both changed, or never agreed, and no policy decides: a person has to."""
    PROBLEM = "problem"
    """It would be written, but the other side cannot take the value; ``why`` says so."""
    HELD = "held"
    """They differ and nothing is written: a hold, the scope, a direction or ``empty: ignore``; ``why`` says which."""
    NOT_READ = "not-read"
    """A side's value was not read."""
    ONE_SIDE = "one-side"
    """There is a record on one side only."""
    OFF = "off"
    """The mapping switches it off."""


class HoldKind(StrEnum):
    """What keeps pdsync from writing to this person, or to one field."""

    BLOCKED = "blocked"
    """A blocking finding of an audit; also where it is acknowledged."""
    AMBIGUOUS = "ambiguous"
    """Several records share an address (R17)."""
    BROKEN = "broken-link"
    """A record of the link is gone."""
    EXISTED_BEFORE = "existed-before"
    """There before the first run and not adopted (``existing: link_only``)."""
    OUT_OF_SCOPE = "out-of-scope"
    OPTED_OUT = "opted-out"
    INCOMPLETE = "incomplete"
    """A required field is empty, or a snapshot is not complete."""
    CREATE_HELD = "create-held"
    """An undo deleted what was created from it, or nobody can tell whether a create happened."""
    UNDONE = "undone"
    """An undo left this field as it is, until a value differs."""
    NOT_STORED = "not-stored"
    """The service did not store this value as sent; not tried again with the same value."""
    STOPPED = "stopped"
    """A field name of the mapping now means another field."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One thing that keeps something from being written."""

    kind: HoldKind
    text: str
    """What it is, in one sentence without people or values."""
    next_step: str = ""
    """What a person can do or type; empty: nothing need be done."""
    key: str = ""
    """The field mapping; empty: the whole person."""


@dataclass(frozen=True, slots=True)
class ExplainedRecord:
    """One of the records: as the newest snapshot has it, or as it was just read."""

    side: Side
    id: str
    record: Record | None
    """None: a link names it, and it was not found."""
    read_at: str
    """RFC 3339: when the read of the snapshot began, or when it was read just now."""
    live: bool = False
    """Read just now from the service, not from the snapshot."""
    url: str = ""
    """Where people see it; empty where that is not known."""
    addresses: tuple[str, ...] = ()
    """As delivered, the primary one first."""

    @property
    def subject(self) -> Subject:
        return Subject(self.side, self.side.noun, self.id)


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """One field mapping, both sides next to each other. In the order of the mapping."""

    key: str
    names: Mapping[Side, str]
    """As the mapping names the field."""
    codes: Mapping[Side, str]
    direction: Direction
    values: Mapping[Side, Value | Missing]
    """As delivered; MISSING: not read, or no such record."""
    standing: FieldStanding
    why: str
    """One sentence for people: 'Plezi changed it since both last agreed'."""
    base: MergeBase | None = None
    """What both last agreed on; None: they never did, or the field mapping changed since."""
    writes: Mapping[Side, FieldChange] = field(default_factory=dict)
    """What the planner would write now, by the side that is written."""
    undone: UndoneMark | None = None
    not_stored: Mapping[Side, tuple[Value, Value]] = field(default_factory=dict)
    """By the side that was written: (value sent, value that the service stored instead)."""


@dataclass(frozen=True, slots=True)
class PlannedFor:
    """What a plan holds for this person."""

    id: str
    made_at: str
    """RFC 3339."""
    is_current: bool
    """Made from the newest snapshots, this mapping and this ledger: it is what would be decided now."""
    run_id: str = ""
    """The run that carried it out, if any did."""
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    undoes: str = ""
    """The run that this plan undoes."""
    narrowed: tuple[str, ...] = ()
    """``--only`` and ``--sample`` of the plan, in words: then nobody can tell from it what was left out."""


@dataclass(frozen=True, slots=True)
class WrittenValue:
    """One value that a run sent, or meant to send."""

    run_id: str
    run_kind: RunKind
    at: str
    """RFC 3339, UTC."""
    side: Side
    record_id: str
    key: str
    code: str
    before: Value | Missing
    after: Value
    stored: Value | Missing
    """What the service showed afterwards; MISSING: it showed nothing."""
    reason: Reason
    outcome: Outcome
    kind: ChangeKind = ChangeKind.UPDATE
    """Of a delete there is one entry, without a field."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything pdsync knows of one person."""

    asked: str
    """As the person typed it."""
    title: str
    """The person's name, else an address, else the id."""
    mapping_name: str
    match: Match
    """How both records belong together, or why not."""
    records: Mapping[Side, ExplainedRecord]
    """One or two; a linked record that is gone is here with ``record`` None."""
    verdict: str
    """What would happen now, in one sentence: 'Would update Pipedrive: 2 fields.'"""
    link: Link | None = None
    linked_at: str = ""
    """RFC 3339."""
    others: tuple[Subject, ...] = ()
    """Of an ambiguous component: its other members, at most 50."""
    more_others: int = 0
    """How many more there are."""
    fields: tuple[ExplainedField, ...] = ()
    holds: tuple[Hold, ...] = ()
    """What keeps pdsync from writing, the whole person's first."""
    changes: tuple[Change, ...] = ()
    """What the planner would do now; the mapping's limits and gate aside."""
    decided: tuple[Finding, ...] = ()
    """What the planner would say: conflicts, values that the other side cannot take."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """``Decision.counts``: held-back, out-of-scope, ..."""
    findings: tuple[Finding, ...] = ()
    """What the audits found about these records, gravest first; ``details["acknowledged"]`` where somebody did."""
    audited_at: str = ""
    """RFC 3339: of the audit that ``findings`` are from; empty: the audits were run for this explanation."""
    plan: PlannedFor | None = None
    """The newest plan in the state folder; None: there is none."""
    written: tuple[WrittenValue, ...] = ()
    """What runs wrote, newest first."""
    more_written: int = 0
    """Older values that are not listed."""
    not_known: tuple[str, ...] = ()
    """What could not be told, and why, one sentence each."""
    bound: BoundMapping | None = field(default=None, compare=False, repr=False)
    """The names of fields and options, for whoever shows values."""

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Both records, persons first."""
        return tuple(self.records[side].subject for side in Side if side in self.records)
