"""JSON for programs: exact values, keys in a fixed order, one schema per document in ``schemas/``.

Each document says what it is (``kind``) and in which version (``version``, raised when a reader would have to change).
A value that was not read is a key that is not there; an empty one is ``null``, ``""`` or ``[]`` as delivered. Plans and
journals are written piece by piece, so that a million changes need no memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pdsync.model import (
    MISSING,
    Account,
    Acknowledged,
    Acknowledgement,
    AuditDifferences,
    AuditReport,
    AuditSummary,
    Change,
    FieldChange,
    Finding,
    FindingsDifference,
    Gate,
    JournalEntry,
    MergeBase,
    Place,
    Plan,
    PlanHeader,
    RunSummary,
    Side,
    SideTotals,
)
from pdsync.report.inert import for_json

__all__ = [
    "VERSION",
    "acknowledgement_data",
    "audit_data",
    "audit_json",
    "change_data",
    "field_change_data",
    "finding_data",
    "history_json",
    "plan_header_data",
    "plan_json",
    "run_json",
]

VERSION: Final = 1

_Data = dict[str, object]


def audit_json(report: AuditReport) -> str:
    """A whole audit report (``schemas/audit-v1.schema.json``)."""
    return _text(audit_data(report)) + "\n"


def plan_json(plan: Plan) -> Iterator[str]:
    """A whole plan, in pieces (``schemas/plan-v1.schema.json``)."""
    return _streamed(
        plan_header_data(plan.header),
        changes=map(change_data, plan.changes()),
        findings=map(finding_data, plan.findings()),
    )


def run_json(run: RunSummary, entries: Iterable[JournalEntry] = ()) -> Iterator[str]:
    """One run with its journal, in pieces (``schemas/run-v1.schema.json``)."""
    return _streamed({"kind": "run", "version": VERSION, **_run_data(run)}, journal=map(_entry_data, entries))


def history_json(runs: Iterable[RunSummary]) -> Iterator[str]:
    """All runs without their journals, in pieces (``schemas/run-v1.schema.json``, document ``history``)."""
    return _streamed({"kind": "history", "version": VERSION}, runs=map(_run_data, runs))


def audit_data(report: AuditReport) -> _Data:
    """An audit report in JSON's terms."""
    return {
        "kind": "audit",
        "version": VERSION,
        "mapping": report.mapping_name,
        "mapping_version": report.mapping_version,
        "gate": _gate_data(report.gate),
        "sides": {
            str(side): {
                "account": _account_data(report.accounts[side]),
                "snapshot": report.snapshots[side],
                "records": report.totals[side],
                "source": report.sources.get(side, ""),
                "complete": report.complete.get(side, True),
            }
            for side in Side
        },
        "audits": [_summary_data(summary, report.differences) for summary in report.summaries],
        "since": _since_data(report.differences),
        "acknowledgements": [_acknowledged_data(one) for one in report.acknowledgements],
        "seconds": round(report.seconds, 3),
        "table": report.table,
    }


def plan_header_data(header: PlanHeader) -> _Data:
    """A plan without its changes and findings, in JSON's terms."""
    totals = header.totals
    return {
        "kind": "plan",
        "version": VERSION,
        "id": header.id,
        "made_at": header.made_at,
        "mapping": {
            "name": header.mapping_name,
            "digest": header.mapping_digest,
            "version": header.mapping_version,
        },
        "accounts": {str(side): _account_data(header.accounts[side]) for side in Side},
        "snapshots": {str(side): header.snapshots[side] for side in Side if side in header.snapshots},
        "ledger_revision": header.ledger_revision,
        "gate": _gate_data(header.gate),
        "empty": header.is_empty,
        "narrowed": list(header.narrowed),
        "needs": list(header.needs),
        "undoes": header.undoes,
        "totals": {
            "writes": totals.writes,
            "sides": {str(side): _side_data(totals.sides[side]) for side in Side if side in totals.sides},
            "links": totals.links,
            "unlinks": totals.unlinks,
            "settles": totals.settles,
            "conflicts": totals.conflicts,
            "counts": dict(sorted(totals.counts.items())),
            "findings": dict(sorted(totals.findings.items())),
        },
    }


def change_data(change: Change) -> _Data:
    """One change in JSON's terms."""
    return {
        "number": change.number,
        "kind": str(change.kind),
        "side": str(change.side),
        "pipedrive_id": change.pipedrive_id,
        "plezi_id": change.plezi_id,
        "title": change.title,
        "address": change.address,
        "depends_on": change.depends_on,
        "enrols": change.enrols,
        "irreversible": list(change.irreversible),
        "fields": [field_change_data(field) for field in change.fields],
        "bases": {key: _base_data(base) for key, base in change.bases.items()},
        "unmark": list(change.unmark),
    }


def finding_data(finding: Finding) -> _Data:
    """One finding in JSON's terms."""
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "message": finding.message,
        "subjects": [str(subject) for subject in finding.subjects],
        "field": finding.field,
        "place": _place_data(finding.place),
        "fix": finding.fix,
        "rule": finding.rule,
        "details": dict(finding.details),
    }


def _summary_data(summary: AuditSummary, differences: AuditDifferences | None) -> _Data:
    difference = differences.by_code.get(summary.code) if differences is not None else None
    return {
        "code": summary.code,
        "severity": str(summary.severity),
        "title": summary.title,
        "headline": summary.headline,
        "findings": summary.findings,
        "acknowledged": summary.acknowledged,
        "since": None if difference is None else _difference_data(difference),
        "records": {str(side): summary.records.get(side, 0) for side in Side},
        "allow": summary.allow,
        "allow_percent": summary.allow_percent,
        "exceeded": summary.exceeded,
        "not_checked": summary.not_checked,
        "why": summary.why,
        "rule": summary.rule,
        "fix": summary.fix,
        "groups": [{"name": name, "findings": count} for name, count in summary.groups.items()],
        "samples": [finding_data(finding) for finding in summary.samples],
    }


def _since_data(differences: AuditDifferences | None) -> _Data | None:
    """What changed since the audit before, over all audits."""
    if differences is None:
        return None
    return {
        "audit": differences.audit,
        "taken_at": differences.taken_at,
        "state": str(differences.gate),
        "blocked_records": differences.blocked_records,
        "new": differences.new,
        "persisting": differences.persisting,
        "solved": differences.solved,
        "unseen": differences.unseen,
        "not_compared": dict(differences.not_compared),
    }


def _difference_data(difference: FindingsDifference) -> _Data:
    return {
        "new": difference.new,
        "persisting": difference.persisting,
        "solved": difference.solved,
        "unseen": difference.unseen,
        "solved_samples": [finding_data(finding) for finding in difference.solved_samples],
    }


def acknowledgement_data(entry: Acknowledgement) -> _Data:
    """One entry of accepted findings in JSON's terms."""
    return {
        "code": entry.code,
        "subject": str(entry.subject),
        "also": [str(subject) for subject in entry.also],
        "who": entry.who,
        "why": entry.why,
        "until": entry.until.isoformat() if entry.until is not None else None,
        "place": _place_data(entry.place),
    }


def _acknowledged_data(one: Acknowledged) -> _Data:
    return acknowledgement_data(one.entry) | {
        "state": str(one.state),
        "findings": one.findings,
        "unnamed": [str(subject) for subject in one.unnamed],
    }


def _place_data(place: Place | None) -> _Data | None:
    return None if place is None else {"path": place.path, "line": place.line, "column": place.column}


def _gate_data(gate: Gate) -> _Data:
    return {
        "state": str(gate.state),
        "reasons": list(gate.reasons),
        "refused": list(gate.refused),
        "blocked_records": gate.blocked_records,
        "not_checked": list(gate.not_checked),
        "acknowledged": list(gate.acknowledged),
        "held_records": gate.held_records,
    }


def _account_data(account: Account) -> _Data:
    return {"id": account.id, "name": account.name, "domain": account.domain}


def _side_data(side: SideTotals) -> _Data:
    return {
        "creates": side.creates,
        "updates": side.updates,
        "deletes": side.deletes,
        "values": side.values,
        "deferred": side.deferred,
        "clears": side.clears,
        "writes": side.writes,
        "submissions": side.submissions,
        "requests": side.requests,
        "tokens": side.tokens,
        "linked": side.linked,
        "unguarded": side.unguarded,
        "options": side.options,
        "options_off": side.options_off,
    }


def field_change_data(field: FieldChange) -> _Data:
    """One value that a change writes, in JSON's terms."""
    data: _Data = {"field": field.key, "code": field.code, "reason": str(field.reason)}
    if field.before is not MISSING:
        data["before"] = field.before
    data["after"] = field.after
    if field.source is not MISSING:
        data["source"] = field.source
    data["base"] = _base_data(field.base)
    data["deferred"] = field.deferred
    if field.follows:
        data["follows"] = list(field.follows)
    if field.option:
        data["option"] = field.option
    return data


def _base_data(base: MergeBase | None) -> _Data | None:
    return None if base is None else {str(side): base.on(side) for side in Side}


def _run_data(run: RunSummary) -> _Data:
    return {
        "id": run.id,
        "kind_of_run": str(run.kind),
        "state": str(run.state),
        "plan": run.plan_id,
        "mapping": run.mapping_name,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "outcomes": {str(outcome): count for outcome, count in sorted(run.outcomes.items())},
        "writes": {str(side): run.writes.get(side, 0) for side in Side},
        "values": run.values,
        "remaining": run.remaining,
        "undoes": run.undoes,
        "undone_by": run.undone_by,
        "message": run.message,
    }


def _entry_data(entry: JournalEntry) -> _Data:
    return {
        "number": entry.number,
        "outcome": str(entry.outcome),
        "at": entry.at,
        "record_id": entry.record_id,
        "error": entry.error,
        "stored": dict(entry.stored),
        "change": change_data(entry.change),
    }


def _streamed(head: Mapping[str, object], **lists: Iterable[_Data]) -> Iterator[str]:
    """One document: the head's keys, then each list, an item at a time."""
    yield _text(head)[: -len("\n}")]
    for name, items in lists.items():
        yield f',\n  "{name}": ['
        between = "\n    "
        for item in items:
            yield between + _text(item, flat=True)
            between = ",\n    "
        yield "\n  ]" if between.startswith(",") else "]"
    yield "\n}\n"


def _text(data: object, *, flat: bool = False) -> str:
    return for_json(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=None if flat else 2))
