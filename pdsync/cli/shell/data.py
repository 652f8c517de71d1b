"""Findings as JSON data, for verbs and for errors alike."""

from __future__ import annotations

from pdsync.model import Finding

__all__ = ["finding_data"]


def finding_data(finding: Finding) -> dict[str, object]:
    """One finding, exact."""
    place = finding.place
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "subjects": [str(subject) for subject in finding.subjects],
        "field": finding.field,
        "place": None if place is None else {"path": place.path, "line": place.line, "column": place.column},
        "fix": finding.fix,
        "rule": finding.rule,
        "details": dict(finding.details),
    }
