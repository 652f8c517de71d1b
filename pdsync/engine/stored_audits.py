"""Finds audits again that were kept in the state folder: the newest for a screen, the one before for the trend."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pdsync.model import (
    Account,
    Acknowledged,
    AcknowledgedState,
    Acknowledgement,
    AuditDifferences,
    AuditReport,
    AuditSummary,
    FindingsDifference,
    Gate,
    GateState,
    Place,
    Severity,
    Side,
    Subject,
)

__all__ = ["StoredAudit", "finding_ids", "stored_audits"]

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
    for path in sorted(folder.glob("*.json"), key=_age, reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            yield _read(path)


def finding_ids(table: str, code: str, subject: Subject) -> set[str]:
    """The ids of the findings of this audit about this subject, from the file that keeps an audit's findings.

    Raises:
        OSError, pyarrow.ArrowException: it cannot be read.
    """
    import pyarrow.parquet as pq

    columns = ["code", "finding", "side", "noun", "id"]
    near = pq.read_table(table, columns=columns, filters=[("id", "=", subject.id)])
    wanted = (code, str(subject.side), subject.noun)
    return {row["finding"] for row in near.to_pylist() if (row["code"], row["side"], row["noun"]) == wanted}


def _age(path: Path) -> tuple[str, int]:
    """By the time in its name; of several within one second by when they were written."""
    taken = path.stem.partition("-")[0]
    try:
        return taken, path.stat().st_mtime_ns
    except OSError:  # removed just now
        return taken, 0


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
            acknowledged=tuple(data["gate"].get("acknowledged", ())),
            held_records=data["gate"].get("held_records", 0),
        ),
        summaries=tuple(_summary(one) for one in data["audits"]),
        mapping_name=data["mapping"],
        mapping_version=data.get("mapping_version", ""),
        accounts={side: Account(side, **said["account"]) for side, said in sides.items()},
        snapshots={side: said["snapshot"] for side, said in sides.items()},
        totals={side: said["records"] for side, said in sides.items()},
        sources={side: said.get("source", "") for side, said in sides.items()},
        complete={side: said.get("complete", True) for side, said in sides.items()},
        differences=_differences(data),
        acknowledgements=tuple(_acknowledged(one) for one in data.get("acknowledgements", ())),
        seconds=data["seconds"],
        table=str(table),
    )


def _differences(data: Mapping[str, Any]) -> AuditDifferences | None:
    said = data.get("since")
    if said is None:
        return None
    return AuditDifferences(
        audit=said["audit"],
        taken_at=said["taken_at"],
        gate=GateState(said["state"]),
        blocked_records=said["blocked_records"],
        by_code={
            one["code"]: FindingsDifference(
                **{name: one["since"][name] for name in ("new", "persisting", "solved", "unseen")}
            )
            for one in data["audits"]
            if one["since"] is not None
        },
        not_compared=said["not_compared"],
    )


def _acknowledged(said: Mapping[str, Any]) -> Acknowledged:
    entry = Acknowledgement(
        code=said["code"],
        subject=Subject.parse(said["subject"]),
        who=said["who"],
        why=said["why"],
        also=tuple(map(Subject.parse, said["also"])),
        until=date.fromisoformat(said["until"]) if said["until"] else None,
        place=Place(**said["place"]) if said["place"] else None,
    )
    unnamed = tuple(map(Subject.parse, said["unnamed"]))
    return Acknowledged(entry, AcknowledgedState(said["state"]), said["findings"], unnamed)


def _summary(data: Mapping[str, Any]) -> AuditSummary:
    return AuditSummary(
        code=data["code"],
        severity=Severity(data["severity"]),
        title=data["title"],
        why=data["why"],
        rule=data["rule"],
        findings=data["findings"],
        acknowledged=data.get("acknowledged", 0),
        records={side: data["records"][side] for side in Side},
        groups={one["name"]: one["findings"] for one in data.get("groups", ())},
        headline=data["headline"],
        allow=data["allow"],
        allow_percent=data["allow_percent"],
        exceeded=data["exceeded"],
        not_checked=data["not_checked"],
        fix=data["fix"],
    )
