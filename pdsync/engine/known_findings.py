"""What the audits say of a few records: from the newest stored audit if it is of these snapshots, else asked now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pdsync.engine.auditing import audit
from pdsync.engine.stored_audits import StoredAudit, stored_audits
from pdsync.model import BoundMapping, Event, Finding, Side

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["Known", "known_findings"]

_MOST: Final = 200
"""Findings of one person that are listed."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is found about some records."""

    findings: tuple[Finding, ...]
    """Gravest first."""
    blocked: Mapping[Side, Mapping[str, tuple[str, ...]]]
    """Record id -> codes of the blocking findings on it, as ``audits.gate.blocked_subjects`` says it of all."""
    audited_at: str
    """RFC 3339: of the stored audit; empty: asked now."""


def known_findings(
    ws: Workspace,
    snapshots: Mapping[Side, Snapshot],
    bound: BoundMapping,
    ledger: LedgerReader,
    records: Collection[tuple[Side, str]],
    *,
    on_event: Callable[[Event], None],
) -> Known:
    """What the audits find about these records, in these snapshots, under this mapping.

    Raises:
        InputFileError: a snapshot is damaged.
    """
    stored = _current(ws, snapshots, bound)
    table = _stored_rows(stored, records) if stored is not None else None
    audited_at = stored.taken_at.isoformat() if stored is not None and table is not None else ""
    if table is None:
        table = _rows_of(audit(snapshots, bound, ledger, on_event=on_event, sample=0).table, records)
    return _known(table, records, audited_at)


def _known(table: pa.Table, records: Collection[tuple[Side, str]], audited_at: str) -> Known:
    import pyarrow as pa

    from pdsync.audits.gate import blocked_subjects
    from pdsync.audits.table import samples

    own = {(str(side), one) for side, one in records}
    rows = list(
        zip(table["finding"].to_pylist(), table["side"].to_pylist(), table["id"].to_pylist(), strict=True)
    )
    order = {finding: number for number, finding in enumerate(dict.fromkeys(row[0] for row in rows))}
    # The person's own rows first: a finding on thousands of records lists only its first ones.
    turn = sorted(range(len(rows)), key=lambda at: (order[rows[at][0]], rows[at][1:] not in own, at))
    findings = samples(table.take(pa.array(turn, pa.int64())), _MOST)
    blocked = blocked_subjects(table)
    return Known(
        findings=tuple(sorted(findings, key=lambda finding: finding.severity.rank)),
        blocked={
            side: {one: codes for one, codes in held.items() if (str(side), one) in own}
            for side, held in blocked.items()
        },
        audited_at=audited_at,
    )


def _current(ws: Workspace, snapshots: Mapping[Side, Snapshot], bound: BoundMapping) -> StoredAudit | None:
    """The newest stored audit, if it is of these snapshots and this mapping."""
    newest = next(stored_audits(ws.folder.audits), None)
    if newest is None or not newest.has_table or newest.report.mapping_version != bound.version:
        return None
    same = dict(newest.report.snapshots) == {side: snapshot.id for side, snapshot in snapshots.items()}
    return newest if same else None


def _stored_rows(stored: StoredAudit, records: Collection[tuple[Side, str]]) -> pa.Table | None:
    """All rows of the findings that name one of these records; None: the table cannot be read any more."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = Path(stored.report.table)
    try:
        mine = pq.read_table(
            path,
            columns=["finding", "side", "noun", "id"],
            filters=[("id", "in", {one for _, one in records})],
        )
        wanted = _findings_among(mine, records)
        return pq.read_table(path, filters=[("finding", "in", wanted)]) if wanted else _no_rows()
    except (OSError, pa.ArrowException):
        return None


def _no_rows() -> pa.Table:
    """No findings."""
    from pdsync.audits.table import empty_table

    return empty_table()


def _rows_of(table: pa.Table, records: Collection[tuple[Side, str]]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    some = table.filter(
        pc.is_in(table["id"], value_set=pa.array([one for _, one in records], table["id"].type))
    )
    wanted = pa.array(sorted(_findings_among(some, records)), table["finding"].type)
    return table.filter(pc.is_in(table["finding"], value_set=wanted))


def _findings_among(table: pa.Table, records: Collection[tuple[Side, str]]) -> set[str]:
    """The findings with a row about one of these records."""
    wanted = {(str(side), side.noun, one) for side, one in records}
    columns = (table[name].to_pylist() for name in ("finding", "side", "noun", "id"))
    return {finding for finding, *subject in zip(*columns, strict=True) if tuple(subject) in wanted}
