"""What audits say, as values: one summary per audit, one report over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pdsync.model.accepting import Acknowledged
from pdsync.model.findings import Finding, Severity
from pdsync.model.plans import Gate, GateState
from pdsync.model.records import Account
from pdsync.model.values import Side

__all__ = ["AuditDifferences", "AuditReport", "AuditSummary", "FindingsDifference"]


@dataclass(frozen=True, slots=True)
class AuditSummary:
    """One audit, counted. The complete findings are in a table beside the report; ``samples`` are for people."""

    code: str
    severity: Severity
    title: str
    """What it looks for, in words: 'two records share an email address'."""
    why: str
    """Why it matters for the sync."""
    rule: str
    """The connector rules it rests on: ``R17``."""
    findings: int
    records: Mapping[Side, int] = field(default_factory=dict)
    """Distinct records concerned, per side."""
    groups: Mapping[str, int] = field(default_factory=dict)
    """Findings by what the audit groups them by (the form or source of contacts, the field), largest first, at most
    20. May hold words that people typed."""
    samples: tuple[Finding, ...] = ()
    headline: str = ""
    """The one line for overviews: '14 clusters, 31 persons'."""
    allow: int | None = None
    allow_percent: float | None = None
    exceeded: str = ""
    """Which threshold is exceeded, in words; empty: none."""
    not_checked: str = ""
    """What could not be checked, and why (a source does not hold its inputs); ``findings`` counts what could."""
    fix: str = ""
    """What to do about one finding, in general."""
    acknowledged: int = 0
    """Of ``findings``: known and accepted (``accepted/NAME.yaml``). They are shown and do not count for the gate."""

    @property
    def open(self) -> int:
        """Findings that count for the gate."""
        return self.findings - self.acknowledged


@dataclass(frozen=True, slots=True)
class FindingsDifference:
    """What became of the findings of one audit since the audit before."""

    new: int = 0
    """Found now, and not then."""
    persisting: int = 0
    """Found now, and then. ``new + persisting`` is what is found now."""
    solved: int = 0
    """Found then, and not now, although its records were read, or a complete read shows that they are gone."""
    unseen: int = 0
    """Found then; its records were not read this time, so nobody can tell."""
    solved_samples: tuple[Finding, ...] = ()
    """Some of those solved, as they were."""


@dataclass(frozen=True, slots=True)
class AuditDifferences:
    """What changed since the audit before of the same accounts, sources and mapping file."""

    audit: str
    """Its id."""
    taken_at: str
    """RFC 3339."""
    gate: GateState
    blocked_records: int
    by_code: Mapping[str, FindingsDifference] = field(default_factory=dict)
    """Every audit that was made in both, in the order of the report now."""
    not_compared: Mapping[str, str] = field(default_factory=dict)
    """Audit -> why its findings are neither new nor solved: it was not made, or not on the same, in one of the two."""

    @property
    def new(self) -> int:
        return sum(one.new for one in self.by_code.values())

    @property
    def persisting(self) -> int:
        return sum(one.persisting for one in self.by_code.values())

    @property
    def solved(self) -> int:
        return sum(one.solved for one in self.by_code.values())

    @property
    def unseen(self) -> int:
        return sum(one.unseen for one in self.by_code.values())


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All audits over two snapshots under one mapping."""

    gate: Gate
    summaries: tuple[AuditSummary, ...]
    """Gravest first, then by number of records."""
    mapping_name: str
    accounts: Mapping[Side, Account]
    snapshots: Mapping[Side, str]
    """Ids of the snapshots audited."""
    totals: Mapping[Side, int]
    """Records read."""
    mapping_version: str = ""
    """``BoundMapping.version``: the mapping, the fields and the lists that it was made under."""
    sources: Mapping[Side, str] = field(default_factory=dict)
    """What was read: ``account``, or the name of an export."""
    complete: Mapping[Side, bool] = field(default_factory=dict)
    """Whether the snapshot holds everybody."""
    differences: AuditDifferences | None = None
    """Since the audit before; None: there is none to compare with."""
    acknowledgements: tuple[Acknowledged, ...] = ()
    """Every entry of ``accepted/NAME.yaml``, in its order."""
    seconds: float = 0
    table: str = ""
    """Path of the Parquet file with every finding, one row per finding and subject; empty if not stored."""
