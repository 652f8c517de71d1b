"""Fix files: what audits found, as proposed repairs that a person reviews, accepts and turns into a plan.

This is the face of the subject. ``write_fixes`` puts every repair that pdsync knows into a new file; ``add_finding`` and
``remove_finding`` do so for one finding, as a screen does. Nothing here writes to a service: ``engine.fix_plan`` makes an
ordinary plan of the accepted repairs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.model import Event, Finding

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["FixesWritten", "add_finding", "default_path", "remove_finding", "write_fixes"]


@dataclass(frozen=True, slots=True)
class FixesWritten:
    """What a fix file got, or lost."""

    path: Path
    proposals: int
    """How many entries were written or removed. 0: the file is as it was, and ``words`` say why."""
    accepted: int = 0
    """How many of them begin as accepted: those that change the spelling of a value and nothing else."""
    words: str = ""
    """One sentence for people: '2 proposals are in fixes.yaml', 'pdsync knows no repair for this finding'."""
    notes: tuple[str, ...] = ()
    """What else is to be known: an entry in .gitignore, findings that did not fit into the file."""
    counts: dict[str, int] = field(default_factory=dict)
    """Proposals by audit code."""


def default_path(ws: Workspace) -> Path:
    """Where a screen keeps its fix file: in the state folder, which is private and outside of git."""
    return ws.folder.root / "fixes.yaml"


def _ignore(event: Event) -> None:
    del event


def write_fixes(
    ws: Workspace,
    path: Path,
    *,
    codes: Collection[str] = (),
    on_event: Callable[[Event], None] = _ignore,
) -> FixesWritten:
    """Audit the newest snapshots and write every repair that pdsync can propose into a new file.

    Args:
        ws: The workspace.
        path: The new file: mode 0600, and kept out of git.
        codes: Only for findings of these audits.
        on_event: Told of progress.

    Raises:
        UsageError: the file exists; git tracks it; no such audit; nothing was read yet.
        MappingError, AccountMismatch, InputFileError, StateError, StorageFull
    """
    raise NotImplementedError


def add_finding(ws: Workspace, path: Path, finding: Finding) -> FixesWritten:
    """Put what pdsync proposes for one finding into a fix file, which is made if it is not there.

    Everything else in the file stays as it is, comments and decisions included. What is in the file already is not put
    there twice. The finding is one of an audit's samples, or of ``engine.findings.FindingsTable``.

    Raises:
        MappingError: the file, or the mapping, has problems.
        UsageError: the file is for other accounts; git tracks it.
        InputFileError, StateError, StorageFull
    """
    raise NotImplementedError


def remove_finding(ws: Workspace, path: Path, finding: Finding) -> FixesWritten:
    """Take out again what ``add_finding`` put there for this finding, whatever was decided about it since.

    Raises:
        As ``add_finding``.
    """
    raise NotImplementedError
