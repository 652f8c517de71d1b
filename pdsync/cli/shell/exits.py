"""The exit codes, as scripts and CI may rely on them (design 7)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEANINGS", "ExitCode"]


class ExitCode(IntEnum):
    """What one verb came to."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    SERVICE = 3
    OUTDATED = 4
    CHANGES = 10
    BUG = 70
    INTERRUPTED = 130


MEANINGS: Final[Mapping[ExitCode, str]] = {
    ExitCode.OK: "fine",
    ExitCode.FINDINGS: "findings beyond the gate, failed or stale changes, or a limit that holds the plan",
    ExitCode.USAGE: "usage, settings, mapping, or another account than the state's",
    ExitCode.SERVICE: "a service is unreachable or refuses",
    ExitCode.OUTDATED: "the plan no longer fits: plan again",
    ExitCode.CHANGES: "plan --detailed-exitcode: there is something to do",
    ExitCode.BUG: "a bug in pdsync; a report without personal data was written",
    ExitCode.INTERRUPTED: "interrupted; what was acknowledged is in the journal",
}
"""In words, for ``pdsync --help`` and the README. 70 is EX_SOFTWARE of sysexits.h."""
