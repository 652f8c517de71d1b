"""What changed since the audit before and what is acknowledged, in plain sentences for pages and workbooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pdsync.model import AuditReport
from pdsync.report.text.layout import Line
from pdsync.report.text.standing import acknowledgement_lines, since_lines, solved_lines
from pdsync.report.text.values import counted

__all__ = ["acknowledged_texts", "acknowledgement_texts", "since_texts", "solved_texts"]

_ENDLESS: Final = 1_000_000
"""A width at which no sentence is broken."""


def since_texts(report: AuditReport) -> list[str]:
    """``2026-11-01 21:04 UTC: 5 new, 17 solved ...``, and which audits cannot be compared."""
    return _sentences(since_lines(report.differences, _ENDLESS), "since")


def solved_texts(report: AuditReport) -> list[str]:
    """Audit by audit, the records of some of what is solved."""
    return _sentences(solved_lines(report.differences, _ENDLESS), "solved")


def acknowledged_texts(report: AuditReport) -> list[str]:
    """What is acknowledged, and what that does not change."""
    held = report.gate.held_records
    said = list(report.gate.acknowledged)
    if held:
        said.append(f"{counted(held, 'record stays', 'records stay')} out of plans all the same")
    return said


def acknowledgement_texts(report: AuditReport) -> list[str]:
    """The acknowledgements that need somebody: expired, in part, of nothing."""
    return _sentences(acknowledgement_lines(report.acknowledgements, _ENDLESS), "acknowledgement")


def _sentences(lines: Iterable[Line], name: str) -> list[str]:
    """Lines of a terminal without the name that each begins with; blank ones left out."""
    texts = ("".join(piece for piece, _ in line).strip() for line in lines)
    return [text.removeprefix(name).strip() for text in texts if text]
