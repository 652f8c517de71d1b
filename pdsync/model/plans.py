"""The plan as a value: what is shown is what will run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from pdsync.model.findings import Finding
from pdsync.model.links import MergeBase
from pdsync.model.records import Account, Subject
from pdsync.model.values import Missing, Side, Value

if TYPE_CHECKING:
    from pdsync.model.outlines import Outline

__all__ = [
    "PLAN_FORMAT",
    "Change",
    "ChangeKind",
    "ChangeSubject",
    "Decision",
    "FieldChange",
    "Gate",
    "GateState",
    "Plan",
    "PlanHeader",
    "PlanTotals",
    "Reason",
    "SideTotals",
]

PLAN_FORMAT = 1
"""Of plan files. A plan of another format is exit 4."""


class Reason(StrEnum):
    """Why a value is written."""

    FILL = "fill"
    """No base, and the target was empty."""
    CHANGED = "changed"
    """The source changed since both agreed."""
    OVERWRITES = "overwrites"
    """One-way: the source wins although the target differs or changed as well."""
    POLICY = "policy"
    """A conflict that the mapping decides."""
    CLEAR = "clear"
    """``empty: propagate``: the source was emptied."""
    CREATE = "create"
    """Part of a new record."""
    ENROL = "enrol"
    """``scope.enrol`` sets the flag (R10)."""
    CONSENT = "consent"
    """Opting out wins (design 6, Consent)."""
    FOLLOWS_CREATE = "follows-create"
    """A value that the other service computes when it creates the record (plezi_url); known only then."""
    UNDO = "undo"
    REPAIR = "repair"
    """A person accepted it in a fix file. The ledger does not move: the next sync carries it across, or translates
    with the new option."""


class ChangeKind(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    """Only in the plan of an undo with ``--delete-created``."""
    LINK = "link"
    """Ledger only: a new link, with the bases of what already agrees."""
    UNLINK = "unlink"
    """Ledger only: the link is marked broken, or removed by an undo."""
    SETTLE = "settle"
    """Ledger only: both sides agree, the base becomes that value."""
    ADD_OPTIONS = "add-options"
    """The list of one field grows (R24); only by a fix file. No record is touched."""
    REMOVE_OPTIONS = "remove-options"
    """What an ``ADD_OPTIONS`` made is taken off again; only in the plan of an undo."""

    @property
    def ledger_only(self) -> bool:
        """No request leaves for it; a plan of nothing else counts as empty."""
        return self in (ChangeKind.LINK, ChangeKind.UNLINK, ChangeKind.SETTLE)

    @property
    def of_options(self) -> bool:
        """It changes the list of a field: each of its ``FieldChange`` is one option, and there is no record."""
        return self in (ChangeKind.ADD_OPTIONS, ChangeKind.REMOVE_OPTIONS)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One value of one record."""

    key: str
    """The field mapping's key; ``enrol`` for the scope flag, ``owner`` for the owner on create, ``repair`` for
    the repair of a flag that is not mapped."""
    code: str
    """The field on the side that is written."""
    before: Value | Missing
    """As delivered; MISSING on a create."""
    after: Value
    """In the form that the side is sent."""
    reason: Reason
    source: Value | Missing = None
    """The other side's value as delivered; becomes its half of the merge base."""
    base: MergeBase | None = None
    """What both last agreed on, for people who review."""
    deferred: str = ""
    """A field code of the partner: ``after`` is taken from the partner's create answer (FOLLOWS_CREATE)."""
    follows: tuple[str, ...] = ()
    """Keys of the field changes of the same person that this one rests on: what they write is this one's source, or the
    flag without which the record is out of scope. Left out together with any of them."""
    option: str = ""
    """Of an option that is taken off a list: its identity. ``before`` is its label then; of one that is added, ``after``."""


class ChangeSubject:
    """Whom or what a change is about, told by its attributes: of a ``Change``, and of an outline of one."""

    __slots__ = ()

    @property
    def record_id(self: Outline) -> str:
        """The id on the side that is written; empty for a create."""
        return self.pipedrive_id if self.side is Side.PIPEDRIVE else self.plezi_id

    @property
    def partner_id(self: Outline) -> str:
        return self.plezi_id if self.side is Side.PIPEDRIVE else self.pipedrive_id

    @property
    def subject(self: Outline) -> Subject:
        """What it is about: the field whose list changes, the record that is written, or the source of a create."""
        if self.kind.of_options:
            return Subject(self.side, "field", self.fields[0].code)
        side = self.side if self.record_id else self.side.other
        return Subject(side, side.noun, self.record_id or self.partner_id)


@dataclass(frozen=True, slots=True)
class Change(ChangeSubject):
    """One create, update, link or unlink of one record; or what is done to the list of one field."""

    kind: ChangeKind
    side: Side
    """The side that is written; for ledger-only changes, Pipedrive."""
    pipedrive_id: str = ""
    """Empty while the person does not exist yet."""
    plezi_id: str = ""
    address: str = ""
    """The address key that the link rests on once this change succeeded. Empty: as it is (an update that does not
    touch the address must not turn back one that does)."""
    fields: tuple[FieldChange, ...] = ()
    bases: Mapping[str, MergeBase | None] = field(default_factory=dict)
    """Ledger only: bases to set, or to drop (None)."""
    unmark: tuple[str, ...] = ()
    """Ledger only: undone marks to lift, by field mapping key."""
    digests: tuple[str, str] | None = None
    """Ledger only: the digests (Pipedrive, Plezi) under which this pair needs no second look until one differs."""
    enrols: bool = False
    """Sets the scope flag of this person, or creates the person with it; the ledger remembers it, so that it is never set
    twice (R10)."""
    title: str = ""
    """The person's name for screens, or the field's; never printed into files for git."""
    number: int = 0
    """Position in the plan, from 1; given when the plan is written."""
    depends_on: int = 0
    """Number of the change that must have succeeded first; 0: none. Inside one Decision: index from 1 into its
    changes; made absolute when the plan is written."""
    irreversible: tuple[str, ...] = ()
    """What an undo could not take back, in words: 'the create stays without --delete-created'."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What decide() says of one candidate. All four may be empty: nothing to do."""

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    """Things that are neither change nor finding: ``held-back``, ``skipped-missing``, ``out-of-scope``,
    ``existed-before``, ``blocked``, ``undone``, ``unknown-option-skipped``, ``opted-out``,
    ``consent-unread``."""
    open: bool = False
    """The pair must be looked at again next time although its records may not have changed."""


class GateState(StrEnum):
    READY = "ready"
    WARNINGS = "ready with warnings"
    NOT_READY = "not ready"


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the audits let a sync go ahead."""

    state: GateState
    reasons: tuple[str, ...] = ()
    """'31 records share 14 addresses (duplicate-email)'; gravest first."""
    refused: tuple[str, ...] = ()
    """Thresholds (``allow``, ``allow_percent``) that are exceeded: these refuse the whole plan."""
    blocked_records: int = 0
    """Records that blocking findings keep out of plans and that nobody acknowledged."""
    not_checked: tuple[str, ...] = ()
    """Audits whose inputs the source does not hold, with the reason; then the gate is never plain ready."""
    acknowledged: tuple[str, ...] = ()
    """What people acknowledged, by audit: 'duplicate-email: 3 findings'. It does not count for the state."""
    held_records: int = 0
    """Records that only acknowledged blocking findings keep out of plans: acknowledging lets nobody in."""


@dataclass(frozen=True, slots=True)
class SideTotals:
    """What a plan does on one side."""

    creates: int = 0
    updates: int = 0
    deletes: int = 0
    values: int = 0
    """Values that are known when the plan is made."""
    clears: int = 0
    writes: int = 0
    """Requests that change something: the most there can be."""
    submissions: int = 0
    """Creates with side effects (form submissions in Plezi)."""
    requests: int = 0
    """Writes and precondition reads."""
    tokens: int = 0
    """What those cost by the service's table; 0 where no cost is known."""
    linked: int = 0
    """Linked records, those that the plan links included: what ``changed_percent`` is of."""
    unguarded: bool = False
    """The side cannot be re-read before a write (design 7): needs confirmation."""
    deferred: int = 0
    """Values that the other service works out when it creates a record: the most there can be, for some turn out empty."""
    options: int = 0
    """Options to add to lists."""
    options_off: int = 0
    """Options to take off lists again (an undo)."""

    @property
    def made(self) -> int:
        """What ``limits.creates`` counts: records and options."""
        return self.creates + self.options


@dataclass(frozen=True, slots=True)
class PlanTotals:
    sides: Mapping[Side, SideTotals]
    links: int = 0
    unlinks: int = 0
    settles: int = 0
    conflicts: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    """Summed over the decisions: held-back, out-of-scope, ..."""
    findings: Mapping[str, int] = field(default_factory=dict)
    """By code."""

    @property
    def writes(self) -> int:
        return sum(side.writes for side in self.sides.values())


@dataclass(frozen=True, slots=True)
class PlanHeader:
    """Frozen facts of a plan. The id is a digest of all that decides its content."""

    id: str
    """16 hex digits; same inputs, same plan, same id."""
    mapping_name: str
    mapping_digest: str
    mapping_version: str
    """BoundMapping.version: mapping, resolved fields and option lists."""
    snapshots: Mapping[Side, str]
    ledger_revision: int
    accounts: Mapping[Side, Account]
    gate: Gate
    totals: PlanTotals
    made_at: str = ""
    """RFC 3339; not part of the id."""
    format: int = PLAN_FORMAT
    narrowed: tuple[str, ...] = ()
    """``--only`` and ``--sample`` in words; empty: the whole plan."""
    needs: tuple[str, ...] = ()
    """Flags that apply will ask for: ``--first-run``, ``--accept-unguarded``."""
    undoes: str = ""
    """The run that this plan undoes; else empty."""
    bindings: Mapping[str, str] = field(default_factory=dict)
    """``SIDE:name as written`` -> field code: what the ledger will hold each name to from now on (design 5)."""
    signatures: Mapping[str, str] = field(default_factory=dict)
    """Field mapping key -> BoundField.signature under which its merge bases are valid."""

    @property
    def is_empty(self) -> bool:
        """Nothing to write. A ledger-only plan counts as empty."""
        return self.totals.writes == 0


@dataclass(frozen=True)
class Plan:
    """A header over changes and findings that are stored in order and read lazily."""

    header: PlanHeader
    read_changes: Callable[[], Iterable[Change]]
    read_findings: Callable[[], Iterable[Finding]]
    path: str = ""

    def changes(self) -> Iterator[Change]:
        """Every change in plan order, from the file."""
        return iter(self.read_changes())

    def findings(self) -> Iterator[Finding]:
        """Every finding of audits and planning, gravest first."""
        return iter(self.read_findings())
