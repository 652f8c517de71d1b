"""How audits count in words."""

from __future__ import annotations

from pdsync.model import AuditSummary

__all__ = ["counted", "records_counted"]


def counted(number: int, one: str, many: str = "") -> str:
    """``1 person``, ``1,204 persons``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def records_counted(summary: AuditSummary) -> str:
    """``63 persons, 12 contacts``: the records of a summary."""
    return ", ".join(counted(number, side.noun) for side, number in summary.records.items() if number)
