"""What an audit is: a few words for people, and one function over the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pdsync.model import AuditSummary, Severity

if TYPE_CHECKING:
    import narwhals as nw

    from pdsync.audits.inputs import AuditInputs, Need

__all__ = ["Audit", "Found"]


@dataclass(frozen=True, slots=True)
class Found:
    """What one audit found, still lazy where it can be.

    Each frame has one row per finding and subject. Columns: ``side`` and ``id`` (always); ``key`` (identity of the
    finding within its audit, for findings with several subjects; null: the subject is the finding); ``order`` (text by
    which findings are sorted); ``noun`` (null: a record); ``group``, ``field``, ``message``, ``fix``,
    ``details`` (JSON text). A column left out is empty; for ``fix`` that means the audit's own.
    """

    rows: Sequence[nw.LazyFrame[Any]]
    not_checked: tuple[str, ...] = ()
    """What could not be checked and why, beyond the declared needs; the rest was."""
    headline: str = ""
    """The line for overviews, where counting records does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One audit: what it looks for, why that matters, what to do about it."""

    code: str
    """Stable, lower case with hyphens; people filter, allow and acknowledge by it."""
    severity: Severity
    """Unless the mapping's ``audits`` say otherwise."""
    title: str
    """What it looks for, in words that follow 'records where' or stand alone."""
    why: str
    """Why it matters for the sync."""
    rule: str
    """The connector rules it rests on (R17)."""
    fix: str
    """What to do about one finding."""
    needs: tuple[Need, ...]
    """What a source must hold for it."""
    find: Callable[[AuditInputs], Found]
    headline: Callable[[AuditSummary], str] | None = None
    """The line for overviews from the counts; None: '63 persons, 12 contacts'."""
    on_request: bool = False
    """Run only if asked for, by the mapping or by the caller. It informs and holds nothing: thresholds and severities of
    the mapping do not apply to it, so that no plan waits for it."""
