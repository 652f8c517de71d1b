"""One email address on both sides under clearly different names: two people behind one address, or the wrong address."""

from __future__ import annotations

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.pair_names import PAIR_NEEDS, Disagreement, disagreeing_pairs, pair_rows
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity

__all__ = ["AUDITS"]


def _find(inputs: AuditInputs) -> Found:
    pairs = disagreeing_pairs(inputs, Disagreement.DIFFERENT)
    if pairs is None:
        return Found(())
    message = "This person and this contact share an email address and have clearly different names"
    return Found(pair_rows(pairs, message))


def _headline(summary: AuditSummary) -> str:
    return counted(summary.findings, "pair")


AUDITS = (
    Audit(
        code="different-names",
        severity=Severity.WARNING,
        title="pairs with one email address and clearly different names",
        why="The address says that they are one person, and the sync would write the name of one over the other's. Case, "
        "accents, order, initials and second names are not counted as different.",
        rule="R12, R17",
        fix="Find out whose address it is; if they are two people, give one of them an address of their own.",
        needs=PAIR_NEEDS,
        find=_find,
        headline=_headline,
    ),
)
