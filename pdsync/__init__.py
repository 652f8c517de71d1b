"""pdsync: audit Pipedrive and Plezi before they are joined, then keep them joined.

This module names the public API (``pdsync.api``) and the version. Importing it loads nothing, so that ``pdsync --help``
and a notebook's first cell answer at once; a name is loaded when it is first used.

::

    import pdsync

    account = pdsync.open_account(".")     # or pdsync.demo(): invented people, no account needed
    account.audit()                        # what would go wrong, as a table with the reasons
    account.plan()                         # what a sync would write where; nothing is written
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pdsync.api import (
        Account,
        AuditReport,
        Difference,
        Finding,
        Mapping,
        Plan,
        Run,
        Snapshot,
        Table,
        audit,
        charts,
        demo,
        diff,
        mapping,
        open_account,
        open_export,
        open_snapshot,
    )
    from pdsync.errors import PdsyncError

__version__ = "0.1.0"

__all__ = [
    "Account",
    "AuditReport",
    "Difference",
    "Finding",
    "Mapping",
    "PdsyncError",
    "Plan",
    "Run",
    "Snapshot",
    "Table",
    "__version__",
    "audit",
    "charts",
    "demo",
    "diff",
    "mapping",
    "open_account",
    "open_export",
    "open_snapshot",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("pdsync.errors" if name == "PdsyncError" else "pdsync.api"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
