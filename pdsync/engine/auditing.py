"""Audits two snapshots: opens their tables, runs every audit, and keeps the result where the state is.

No network, no ledger write. The plan asks for the same audits, so that what it blocks is what the report says.
"""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.differing import compared, previous_audit
from pdsync.engine.folder import no_room
from pdsync.errors import StateError
from pdsync.model import Acknowledgement, AuditReport, BoundMapping, Coverage, Event, Finding, Side

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.audits.inputs import AuditInputs
    from pdsync.snapshots.reader import Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["Audited", "OnRequest", "asked_for", "audit", "audit_inputs"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class OnRequest:
    """Audits that take long and need more than pdsync itself: they run only if somebody asks."""

    codes: frozenset[str]
    scratch: Path
    """Where they may make a folder for what does not fit in memory; it is removed again."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The report for people, and every finding behind it."""

    report: AuditReport
    table: pa.Table
    """One row per finding and subject: ``pdsync.audits.table``."""

    @property
    def blocked(self) -> dict[Side, dict[str, tuple[str, ...]]]:
        """By side and record id, the codes of blocking findings: these records are kept out of plans.

        Acknowledged ones as well: to know of a finding does not make it safe to write.
        """
        from pdsync.audits.gate import blocked_subjects

        return blocked_subjects(self.table)


def _ignore(event: Event) -> None:
    del event


def audit(  # noqa: PLR0913 - everything after the first three is an option by keyword
    snapshots: Mapping[Side, Snapshot],
    bound: BoundMapping,
    ledger: LedgerReader | None = None,
    *,
    coverage: Mapping[Side, Coverage] | None = None,
    on_event: Callable[[Event], None] = _ignore,
    engine: str = "polars",
    store_in: Path | None = None,
    sample: int = 5,
    accepted: Sequence[Acknowledgement] = (),
    today: date | None = None,
    asked: OnRequest | None = None,
) -> Audited:
    """Run all audits that the mapping does not switch off, and those on request that are asked for.

    Args:
        snapshots: One of each side.
        bound: The mapping, resolved against the fields of these snapshots.
        ledger: Where the links are; None: audits know of no link.
        coverage: How far each snapshot is believed, where that is less than it says itself.
        on_event: Told ``Progress`` of stage ``audit``.
        engine: ``polars`` or ``duckdb``.
        store_in: The folder ``audits`` of the state, in which the audit before is looked for as well; None: nothing is
            stored or compared.
        sample: Findings per audit that the report carries for people.
        accepted: Findings that people acknowledged.
        today: By which that is judged; None: this machine's day.
        asked: Which audits on request are to run as well (``asked_for``); None: none of them, as for a plan.

    Raises:
        InputFileError: a snapshot is damaged.
        UsageError: no such engine.
        StorageFull, StateError: the result cannot be stored.
    """
    from pdsync.audits.running import run_audits

    started = time.perf_counter()
    inputs = audit_inputs(snapshots, bound, ledger, coverage=coverage, engine=engine, asked=asked)
    result = run_audits(
        inputs,
        on_event=on_event,
        sample=sample,
        accepted=accepted,
        today=today or datetime.now().astimezone().date(),
    )
    report = AuditReport(
        gate=result.gate,
        summaries=result.summaries,
        mapping_name=bound.mapping.name,
        mapping_version=bound.version,
        accounts={side: snapshot.account for side, snapshot in snapshots.items()},
        snapshots={side: snapshot.id for side, snapshot in snapshots.items()},
        totals={side: snapshot.rows for side, snapshot in snapshots.items()},
        sources={side: _source(snapshot) for side, snapshot in snapshots.items()},
        complete={side: inputs.sides[side].coverage.complete for side in Side},
        acknowledgements=result.acknowledgements,
        seconds=time.perf_counter() - started,
    )
    table = result.table
    if store_in is not None:
        report, table = _compare(report, table, store_in, snapshots, sample)
        report = _store(replace(report, seconds=time.perf_counter() - started), table, store_in)
    return Audited(report, table)


def _source(snapshot: Snapshot) -> str:
    """An account, or an export; of one that does not say whose it is, by which name."""
    able = snapshot.schema.capabilities
    if able.read_by_id or able.create or able.update:
        return "account"
    return f"export {snapshot.account.name}" if snapshot.account.id == "file" else "export"


def _compare(
    report: AuditReport, table: pa.Table, folder: Path, snapshots: Mapping[Side, Snapshot], sample: int
) -> tuple[AuditReport, pa.Table]:
    """The report with what changed since the audit before, the table with the marks of it."""
    before = previous_audit(folder, report)
    ids = {side: partial(_ids, snapshot) for side, snapshot in snapshots.items()}
    found = compared(report, table, before, ids, sample=sample) if before is not None else None
    if found is None:
        return report, table
    differences, marked = found
    since = _since(marked, [str(f.details["id"]) for one in report.summaries for f in one.samples])
    summaries = tuple(
        replace(one, samples=tuple(_told_since(finding, since) for finding in one.samples))
        for one in report.summaries
    )
    return replace(report, differences=differences, summaries=summaries), marked


def _ids(snapshot: Snapshot) -> pa.Array:
    """The ids of all records that were read."""
    from pdsync.snapshots.engines import collect

    return collect(snapshot.frames().records.select("id"))["id"]


def _since(table: pa.Table, findings: Sequence[str]) -> dict[str, str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    some = table.filter(
        pc.is_in(table["finding"], value_set=pa.array(findings, table["finding"].type))
    ).select(["finding", "since"])
    return dict(zip(some["finding"].to_pylist(), some["since"].to_pylist(), strict=True))


def _told_since(finding: Finding, since: Mapping[str, str]) -> Finding:
    said = since.get(str(finding.details["id"]), "")
    return replace(finding, details={**finding.details, "since": said}) if said else finding


def audit_inputs(
    snapshots: Mapping[Side, Snapshot],
    bound: BoundMapping,
    ledger: LedgerReader | None = None,
    *,
    coverage: Mapping[Side, Coverage] | None = None,
    engine: str = "polars",
    asked: OnRequest | None = None,
) -> AuditInputs:
    """What audits may look at, from two snapshots; arguments as for ``audit``."""
    from pdsync.audits.inputs import AuditInputs, SideInputs
    from pdsync.snapshots.engines import open_engine

    chosen = open_engine(engine)

    sides = {
        side: SideInputs(
            schema=snapshots[side].schema,
            coverage=(coverage or {}).get(side, snapshots[side].coverage),
            frames=snapshots[side].frames(chosen),
            total=snapshots[side].rows,
            codes=snapshots[side].read_codes,
        )
        for side in Side
    }
    links = None
    if ledger is not None:
        links = chosen.table(ledger.links_table().select(["pipedrive_id", "plezi_id", "address", "state"]))
    inputs = AuditInputs(bound=bound, sides=sides, engine=chosen, links=links)
    return inputs if asked is None else replace(inputs, asked=asked.codes, scratch=asked.scratch)


def asked_for(bound: BoundMapping, scratch: Path, *, near_duplicates: bool = False) -> OnRequest:
    """The audits on request that are to run: those that the mapping names, and near duplicates if that is said."""
    from pdsync.audits.near_duplicates import NEAR_DUPLICATE
    from pdsync.audits.registry import asked_by

    return OnRequest(
        asked_by(bound.mapping.audits) | ({NEAR_DUPLICATE} if near_duplicates else set()), scratch
    )


def _store(report: AuditReport, table: pa.Table, folder: Path) -> AuditReport:
    """Write ``ID.parquet`` and then ``ID.json``, private; what is half written is removed."""
    import pyarrow.parquet as pq

    from pdsync.report.json import audit_json

    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    rows, summary = folder / f"{name}.parquet", folder / f"{name}.json"
    stored = replace(report, table=str(rows))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(_create(rows), "wb") as file:
            pq.write_table(table, file, compression="zstd")
        with os.fdopen(_create(summary), "w", encoding="utf-8") as text:
            text.write(audit_json(stored))
    except OSError as error:
        for path in (rows, summary):
            path.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise no_room(folder) from error
        raise StateError(
            f"The audit cannot be stored in {folder}: {error.strerror or error}.",
            untouched="Nothing else was changed.",
            next_step="Check the folder's owner and rights, or choose another one with --state.",
        ) from error
    return stored


def _create(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
