"""Finds audits again that were kept in the state folder: the newest for a screen, the one before for the trend."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pdsync.model import Account, AuditReport, AuditSummary, Gate, GateState, Severity, Side

__all__ = ["StoredAudit", "stored_audits"]

_TAKEN = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class StoredAudit:
    """One audit as it was kept."""

    id: str
    taken_at: datetime
    report: AuditReport
    """Without samples: every finding is in the table beside it."""

    @property
    def has_table(self) -> bool:
        """Whether the findings are still there."""
        return bool(self.report.table) and Path(self.report.table).is_file()


def stored_audits(folder: Path) -> Iterator[StoredAudit]:
    """The audits in this folder, newest first, read one by one.

    What is no audit of this version is passed over: an audit can be made again at any time, and a screen that shows the
    past must not fail over it.
    """
    if not folder.is_dir():
        return
    for path in sorted(folder.glob("*.json"), reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            yield _read(path)


def _read(path: Path) -> StoredAudit:
    data = json.loads(path.read_text(encoding="utf-8"))
    if data["kind"] != "audit" or data["version"] != 1:
        raise ValueError(path)
    taken = datetime.strptime(path.stem.partition("-")[0], _TAKEN).replace(tzinfo=UTC)
    return StoredAudit(path.stem, taken, _report(data, path))


def _report(data: Mapping[str, Any], path: Path) -> AuditReport:
    sides = {side: data["sides"][side] for side in Side}
    table = path.with_suffix(".parquet")
    return AuditReport(
        gate=Gate(
            state=GateState(data["gate"]["state"]),
            reasons=tuple(data["gate"]["reasons"]),
            refused=tuple(data["gate"]["refused"]),
            blocked_records=data["gate"]["blocked_records"],
            not_checked=tuple(data["gate"]["not_checked"]),
        ),
        summaries=tuple(_summary(one) for one in data["audits"]),
        mapping_name=data["mapping"],
        mapping_version=data.get("mapping_version", ""),
        accounts={side: Account(side, **said["account"]) for side, said in sides.items()},
        snapshots={side: said["snapshot"] for side, said in sides.items()},
        totals={side: said["records"] for side, said in sides.items()},
        seconds=data["seconds"],
        table=str(table),
    )


def _summary(data: Mapping[str, Any]) -> AuditSummary:
    return AuditSummary(
        code=data["code"],
        severity=Severity(data["severity"]),
        title=data["title"],
        why=data["why"],
        rule=data["rule"],
        findings=data["findings"],
        records={side: data["records"][side] for side in Side},
        headline=data["headline"],
        allow=data["allow"],
        allow_percent=data["allow_percent"],
        exceeded=data["exceeded"],
        not_checked=data["not_checked"],
        fix=data["fix"],
    )
