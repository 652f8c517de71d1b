"""Finds a stored audit by what a person types: its id, the beginning of it, or ``last``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.finding_rows import damage
from pdsync.engine.stored_audits import StoredAudit, stored_audits
from pdsync.errors import UsageError
from pdsync.model import AuditReport

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["find_audit"]


def find_audit(ws: Workspace, name: str, *, sample: int = 5) -> AuditReport:
    """The audit that ``name`` means, with ``sample`` findings of each code for people.

    Raises:
        UsageError: there is none, or there are several.
        InputFileError: its table of findings is gone or damaged.
    """
    folder = ws.folder.audits
    found: list[StoredAudit] = []
    known = 0
    for stored in stored_audits(folder):
        known += 1
        if name == "last":
            return _with_samples(stored.report, sample)
        if name and stored.id.startswith(name):
            found.append(stored)
    if len(found) == 1:
        return _with_samples(found[0].report, sample)
    if found:
        raise UsageError(
            f"{name!r} is the beginning of {len(found)} audits: {', '.join(one.id for one in found[:5])}.",
            untouched="Nothing was read or written.",
            next_step="Give more of the id.",
        )
    raise UsageError(
        f"There is no audit {name!r} in {folder}.",
        untouched="Nothing was read or written.",
        next_step="See the newest: pdsync audit --from last" if known else "Make one: pdsync audit",
    )


def _with_samples(report: AuditReport, sample: int) -> AuditReport:
    """Stored reports have none: every finding is in the table beside them."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from pdsync.audits.table import samples

    path = Path(report.table)
    with damage(path):
        table = pq.read_table(path)
        codes = table["code"].cast(pa.string())
        return replace(
            report,
            summaries=tuple(
                replace(one, samples=samples(table.filter(pc.equal(codes, one.code)), sample))
                for one in report.summaries
            ),
        )
