"""What notebooks and scripts use: accounts, snapshots, audits, plans and runs, with displays that need no explanation.

``import pdsync`` names all of it, lazily. Nothing here decides anything: the engine does the work and the command line
shows the same numbers. Results that are rows come as ``Table`` (Arrow); nothing is loaded before it is asked for, so
that a million contacts stay on the disk until a query has made them few.
"""

from pdsync.api.accounts import Account, open_account
from pdsync.api.audits import AuditReport, Finding, audit
from pdsync.api.demo_data import demo
from pdsync.api.diffs import Difference, diff
from pdsync.api.mappings import Mapping, mapping
from pdsync.api.pictures import charts
from pdsync.api.plans import Plan
from pdsync.api.runs import Run
from pdsync.api.snapshots import Snapshot, open_export, open_snapshot
from pdsync.api.tables import Table

__all__ = [
    "Account",
    "AuditReport",
    "Difference",
    "Finding",
    "Mapping",
    "Plan",
    "Run",
    "Snapshot",
    "Table",
    "audit",
    "charts",
    "demo",
    "diff",
    "mapping",
    "open_account",
    "open_export",
    "open_snapshot",
]
