"""Names that a wrong encoding damaged: "RiviÃ¨re", "M&uuml;ller", "Fran?ois" (``repairing``)."""

from __future__ import annotations

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.odd_names import NAMES_NEEDED, Fault, find_names
from pdsync.audits.repairing import DAMAGE, is_lost, repaired
from pdsync.model import Severity, Value

__all__ = ["AUDITS", "fault"]


def _find(inputs: AuditInputs) -> Found:
    return find_names(inputs, DAMAGE, fault)


def fault(first: str, last: str) -> Fault | None:
    """Which parts are damaged, and what they were, as far as it can be computed."""
    parts: list[str] = []
    suggested: dict[str, str] = {}
    lost: list[Value] = []
    for part, text in (("first_name", first), ("last_name", last)):
        better = repaired(text)
        if better != text:
            suggested[part] = better
        if is_lost(better):
            lost.append(part)
        if better != text or is_lost(better):
            parts.append(part)
    if not parts:
        return None
    details: dict[str, Value] = {"lost": lost} if lost else {}
    return Fault("was damaged by a wrong encoding", tuple(parts), suggested, details)


AUDITS = (
    Audit(
        code="damaged-name",
        severity=Severity.WARNING,
        title="records whose name a wrong encoding damaged (RiviÃ¨re)",
        why="An import read the file in another encoding than it was written in. The sync would carry the damage to the "
        "other side, over a name that is right there.",
        rule="R12",
        fix="Write the repaired name, which is in the details; where characters are lost, look them up.",
        needs=NAMES_NEEDED,
        find=_find,
    ),
)
