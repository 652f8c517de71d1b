"""One person as JSON for programs (``schemas/explanation-v1.schema.json``): exact values, people included."""

from __future__ import annotations

import json

from pdsync.model import (
    MISSING,
    ExplainedField,
    ExplainedRecord,
    Explanation,
    Hold,
    MergeBase,
    Missing,
    PlannedFor,
    Side,
    UndoneMark,
    Value,
    WrittenValue,
)
from pdsync.report.inert import for_json
from pdsync.report.json import VERSION, change_data, field_change_data, finding_data

__all__ = ["explanation_data", "explanation_json"]

_Data = dict[str, object]


def explanation_json(explanation: Explanation) -> str:
    """A whole explanation."""
    data = explanation_data(explanation)
    return for_json(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2)) + "\n"


def explanation_data(one: Explanation) -> _Data:
    """An explanation in JSON's terms. A value that was not read is a key that is not there."""
    link = one.link
    return {
        "kind": "explanation",
        "version": VERSION,
        "asked": one.asked,
        "title": one.title,
        "mapping": one.mapping_name,
        "match": str(one.match),
        "verdict": one.verdict,
        "records": {str(side): _record(held) for side, held in sorted(one.records.items())},
        "link": None
        if link is None
        else {
            "pipedrive_id": link.pipedrive_id,
            "plezi_id": link.plezi_id,
            "address": link.address,
            "state": str(link.state),
            "since": one.linked_at,
        },
        "others": [str(subject) for subject in one.others],
        "more_others": one.more_others,
        "fields": [_field(field) for field in one.fields],
        "holds": [_hold(hold) for hold in one.holds],
        "changes": [change_data(change) for change in one.changes],
        "decided": [finding_data(finding) for finding in one.decided],
        "counts": dict(sorted(one.counts.items())),
        "findings": [finding_data(finding) for finding in one.findings],
        "audited_at": one.audited_at,
        "plan": None if one.plan is None else _plan(one.plan),
        "written": [_written(value) for value in one.written],
        "more_written": one.more_written,
        "not_known": list(one.not_known),
    }


def _record(held: ExplainedRecord) -> _Data:
    return {
        "subject": str(held.subject),
        "found": held.record is not None,
        "read_at": held.read_at,
        "live": held.live,
        "url": held.url,
        "addresses": list(held.addresses),
        "updated_at": held.record.updated_at if held.record is not None else None,
        "values": dict(held.record.values) if held.record is not None else {},
    }


def _field(field: ExplainedField) -> _Data:
    return {
        "field": field.key,
        "names": {str(side): field.names[side] for side in Side},
        "codes": {str(side): field.codes[side] for side in Side},
        "direction": str(field.direction),
        "values": {str(side): value for side, value in field.values.items() if value is not MISSING},
        "standing": str(field.standing),
        "why": field.why,
        "base": _pair(field.base),
        "writes": {str(side): field_change_data(change) for side, change in field.writes.items()},
        "undone": _pair(field.undone),
        "not_stored": {
            str(side): {"sent": sent, "stored": stored} for side, (sent, stored) in field.not_stored.items()
        },
    }


def _pair(both: MergeBase | UndoneMark | None) -> _Data | None:
    return None if both is None else {str(side): both.on(side) for side in Side}


def _hold(hold: Hold) -> _Data:
    return {"kind": str(hold.kind), "text": hold.text, "next_step": hold.next_step, "field": hold.key}


def _plan(plan: PlannedFor) -> _Data:
    return {
        "id": plan.id,
        "made_at": plan.made_at,
        "current": plan.is_current,
        "run": plan.run_id,
        "undoes": plan.undoes,
        "narrowed": list(plan.narrowed),
        "changes": [change_data(change) for change in plan.changes],
        "findings": [finding_data(finding) for finding in plan.findings],
    }


def _written(value: WrittenValue) -> _Data:
    data: _Data = {
        "run": value.run_id,
        "kind_of_run": str(value.run_kind),
        "at": value.at,
        "side": str(value.side),
        "record_id": value.record_id,
        "change": str(value.kind),
        "field": value.key,
        "code": value.code,
    }
    held: dict[str, Value | Missing] = {"before": value.before, "after": value.after, "stored": value.stored}
    data |= {name: part for name, part in held.items() if part is not MISSING}
    return data | {"reason": str(value.reason), "outcome": str(value.outcome), "error": value.error}
