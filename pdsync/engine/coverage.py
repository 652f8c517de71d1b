"""How far a snapshot may be trusted to prove that something is absent (design 6, Absence).

A complete read that suddenly misses many linked records is more likely a lost permission, a wrong filter or a broken
service than so many deletions. It then counts as partial: nothing is created, no link is marked broken.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING

from pdsync.model import Coverage, Finding, LinkState, Severity, Side

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.snapshots.reader import Snapshot

__all__ = ["ABSENT_PERCENT", "ALWAYS_BELIEVED", "trusted_coverage"]

ABSENT_PERCENT = 1
"""Of the links: more than this share newly absent at once, and the snapshot counts as partial (design 6)."""

ALWAYS_BELIEVED = 10
"""So many absences are believed whatever their share: in a ledger of 60 links one deleted person would be 1.7 %, and
without this floor a small account could never lose anybody."""


def trusted_coverage(
    snapshots: Mapping[Side, Snapshot], there: Mapping[Side, Container[str]], links: pa.Table
) -> tuple[dict[Side, Coverage], list[Finding]]:
    """The coverage of each side, and a finding for each that is complete by its own account and not believed.

    ``there``: the ids of the records of each side.
    """
    coverage: dict[Side, Coverage] = {}
    findings: list[Finding] = []
    unbroken = [state == LinkState.OK.value for state in links.column("state").to_pylist()]
    for side, snapshot in snapshots.items():
        coverage[side] = snapshot.coverage
        if not snapshot.coverage.complete:
            continue
        ids = links.column(f"{side}_id").to_pylist()
        absent = sum(
            1
            for record_id, is_ok in zip(ids, unbroken, strict=True)
            if is_ok and record_id not in there[side]
        )
        if absent > ALWAYS_BELIEVED and absent * 100 > ABSENT_PERCENT * len(ids):
            why = f"{absent:,} of {len(ids):,} linked {side.noun}s are missing at once"
            coverage[side] = Coverage(complete=False, reason=why)
            findings.append(
                Finding(
                    code="mass-absence",
                    severity=Severity.WARNING,
                    message=f"{why}: the read of {side.label} is not believed, nothing is created or unlinked",
                    fix="check the token's permissions and the account, then read again: pdsync pull",
                )
            )
    return coverage, findings
