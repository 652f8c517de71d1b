"""How problems in a file are printed: one line each, as compilers and editors know it, then how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pdsync.model import Finding, Severity

__all__ = ["in_order", "render_problems", "summary"]


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By file, line and column; findings without a place last."""
    return tuple(sorted(findings, key=_position))


def _position(finding: Finding) -> tuple[bool, str, int, int, int, str]:
    place = finding.place
    if place is None:
        return (True, "", 0, 0, finding.severity.rank, finding.message)
    return (False, place.path, place.line, place.column, finding.severity.rank, finding.message)


def summary(findings: Sequence[Finding]) -> str:
    """``3 problems``, ``1 problem and 2 warnings``, ``no problems``."""
    problems = sum(finding.severity is Severity.BLOCKING for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    notes = len(findings) - problems - warnings
    counted = [(problems, "problem"), (warnings, "warning"), (notes, "note")]
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted if count]
    return " and ".join(", ".join(parts).rsplit(", ", 1)) if parts else "no problems"


def render_problems(findings: Sequence[Finding]) -> str:
    """All findings with aligned places, in the order of the file, and the sum; what is advice only says so.

    ``Nothing was read or written.`` stands there when a problem keeps the mapping from being used.
    """
    findings = in_order(findings)
    places = [str(finding.place) if finding.place is not None else "" for finding in findings]
    width = max(map(len, places), default=0)
    lines = [
        f"{place:<{width}}  {_sentence(finding)}".strip()
        for place, finding in zip(places, findings, strict=True)
    ]
    blocked = any(finding.severity is Severity.BLOCKING for finding in findings)
    return "\n".join([*lines, f"{summary(findings)}.{' Nothing was read or written.' if blocked else ''}"])


def _sentence(finding: Finding) -> str:
    advice = "" if finding.severity is Severity.BLOCKING else f"{_WORDS[finding.severity]}: "
    fix = f"; {finding.fix}" if finding.fix else ""
    return f"{advice}{finding.message}{fix}"


_WORDS = {Severity.WARNING: "warning", Severity.INFO: "note"}
