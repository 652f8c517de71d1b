"""What audits say, as values: one summary per audit, one report over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pdsync.model.findings import Finding, Severity
from pdsync.model.plans import Gate
from pdsync.model.records import Account
from pdsync.model.values import Side

__all__ = ["AuditReport", "AuditSummary"]


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
    seconds: float = 0
    table: str = ""
    """Path of the Parquet file with every finding, one row per finding and subject; empty if not stored."""
