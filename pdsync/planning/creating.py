"""May a record that stands alone be created on the other side, and with which values (design 6; R9, R10, R13)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pdsync.model import (
    BoundMapping,
    Candidate,
    Change,
    ChangeKind,
    Coverage,
    Existing,
    FieldChange,
    Reason,
    Record,
    Severity,
    Side,
    Value,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.drafting import Draft, title_of
from pdsync.planning.emails import is_address, primary_key
from pdsync.planning.merging import PLEZI_COMPUTED, Write, merge
from pdsync.planning.scoping import (
    consent_unread,
    enrolment,
    find_field,
    may_create,
    may_update,
    opted_out,
)

__all__ = ["decide_alone"]


def decide_alone(bound: BoundMapping, candidate: Candidate, coverage: Mapping[Side, Coverage]) -> Draft:
    """Decide on a record without a partner: enrol it, create it on the other side, or say why not."""
    draft = Draft(bound, candidate)
    source = candidate.pipedrive or candidate.plezi
    if source is None:
        return draft
    target = source.side.other
    enrol = (
        enrolment(bound, candidate.pipedrive, enrolled_before=candidate.enrolled_before)
        if not candidate.blocked_by and _can_write(bound, Side.PIPEDRIVE)
        else None
    )
    overrides = {enrol.code: enrol.after} if enrol is not None else {}
    reason = _why_not(bound, candidate, coverage, source, overrides)
    if enrol is not None:
        _enrol(draft, enrol, source)
    if reason:
        draft.counts[reason] += 1
        return draft
    if not _is_complete(draft, source, target):
        return draft
    if overrides:
        source = replace(source, values={**source.values, **overrides})
    fields = _fields(draft, source, target, enrol)
    if fields is None:
        return draft
    _create(draft, source, target, fields)
    return draft


def _can_write(bound: BoundMapping, side: Side) -> bool:
    return bound.schemas[side].capabilities.update


def _why_not(  # noqa: PLR0911 - a list of reasons, the first one counts
    bound: BoundMapping,
    candidate: Candidate,
    coverage: Mapping[Side, Coverage],
    source: Record,
    overrides: dict[str, Value],
) -> str:
    """The count that this record falls under instead of being created; empty: create it."""
    target = source.side.other
    identity = next((f for f in bound.fields if f.on(target).code == bound.email[target]), None)
    if identity is None or not identity.writes(target):
        return "direction"
    if candidate.blocked_by:
        return "blocked"
    if not may_create(bound, target, source, overrides):
        return "out-of-scope"
    if opted_out(bound, source):
        return "opted-out"
    if consent_unread(bound, source):
        return "consent-unread"
    if candidate.existed_before and bound.mapping.existing is Existing.LINK_ONLY:
        return "existed-before"
    if candidate.create_undone:
        return "create-undone"
    if not all(coverage[side].complete for side in Side):
        return "not-complete"
    if not primary_key(source.get(bound.email[source.side])):
        return "no-address"
    return ""


def _enrol(draft: Draft, change: FieldChange, person: Record) -> None:
    draft.changes.append(
        Change(
            kind=ChangeKind.UPDATE,
            side=Side.PIPEDRIVE,
            pipedrive_id=person.id,
            fields=(change,),
            title=title_of(draft.bound, person),
            enrols=True,
        )
    )


def _is_complete(draft: Draft, source: Record, target: Side) -> bool:
    """Whether what ``require`` and the service demand is there (R13); says what is missing."""
    scope = draft.bound.mapping.scope.get(target)
    missing = []
    for name in scope.require if scope is not None else ():
        field = find_field(draft.bound, source.side, name)
        value = MISSING if field is None else source.get(field.code)
        if value is MISSING or is_empty(value):
            missing.append(name)
    if missing:
        draft.finding(
            "incomplete",
            f"cannot be created in {target.label} without {' and '.join(missing)}",
            field=missing[0],
            fix=f"fill it in {source.side.label}; the next sync tries again by itself",
            rule="R13",
        )
        return False
    key = primary_key(source.get(draft.bound.email[source.side]))
    if not is_address(key):
        draft.finding(
            "rejected",
            f"cannot be created in {target.label}: its email is not an address",
            field=draft.bound.email[source.side],
            fix=f"correct it in {source.side.label}",
        )
        return False
    if not draft.bound.schemas[target].capabilities.create:
        draft.finding("unsupported", f"{target.label} cannot create records through this API profile")
        return False
    return True


def _fields(
    draft: Draft, source: Record, target: Side, enrol: FieldChange | None
) -> list[FieldChange] | None:
    """The values of the new record; None (with findings) if a field that the service demands would stay empty."""
    changes: list[FieldChange] = []
    for field in draft.bound.fields:
        code = field.on(source.side).code
        value = source.get(code)
        if not field.writes(target) or value is MISSING or is_empty(value):
            continue
        after = draft.value_for(field, value, target)
        if after is not MISSING:
            changes.append(
                FieldChange(
                    key=field.key,
                    code=field.on(target).code,
                    before=MISSING,
                    after=after,
                    reason=Reason.CREATE,
                    source=value,
                    follows=(enrol.key,) if enrol is not None and enrol.code == code else (),
                )
            )
    given = {change.code for change in changes}
    schema = draft.bound.schemas[target]
    demanded = [f.name for f in schema.fields if f.required and f.writable and f.code not in given]
    if demanded:
        draft.finding(
            "incomplete",
            f"{target.label} demands {', '.join(demanded)}",
            severity=Severity.WARNING,
            field=demanded[0],
            fix=f"fill and map it, or make it optional in {target.label}",
        )
        return None
    if target is Side.PIPEDRIVE and draft.bound.owner_id:
        owner: Value = int(draft.bound.owner_id) if draft.bound.owner_id.isdigit() else draft.bound.owner_id
        changes.append(
            FieldChange(
                key="owner", code="owner_id", before=MISSING, after=owner, reason=Reason.CREATE, source=None
            )
        )
    return changes


def _create(draft: Draft, source: Record, target: Side, fields: list[FieldChange]) -> None:
    bound = draft.bound
    capabilities = bound.schemas[target].capabilities
    irreversible = ["the new record stays, unless undone with --delete-created"]
    if capabilities.create_side_effects:
        irreversible = [capabilities.create_side_effects]
    elif not capabilities.delete:
        irreversible = ["the new record stays"]
    pipedrive_id, plezi_id = (source.id, "") if source.side is Side.PIPEDRIVE else ("", source.id)
    title = title_of(bound, source)
    address = primary_key(source.get(bound.email[source.side]))
    made = _made(bound, target, fields)
    flag = enrolment(bound, made, enrolled_before=False) if target is Side.PIPEDRIVE else None
    if flag is not None:
        fields = [*fields, replace(flag, before=MISSING)]
    draft.changes.append(
        Change(
            kind=ChangeKind.CREATE,
            side=target,
            pipedrive_id=pipedrive_id,
            plezi_id=plezi_id,
            address=address,
            fields=tuple(fields),
            title=title,
            depends_on=len(draft.changes),
            irreversible=tuple(irreversible),
            enrols=flag is not None,
        )
    )
    follow_up = _carried_back(draft, source, target, fields)
    if follow_up and not capabilities.create_side_effects:
        draft.changes.append(
            Change(
                kind=ChangeKind.UPDATE,
                side=source.side,
                pipedrive_id=pipedrive_id,
                plezi_id=plezi_id,
                fields=tuple(follow_up),
                title=title,
                depends_on=len(draft.changes),
            )
        )


def _made(bound: BoundMapping, target: Side, fields: Sequence[FieldChange]) -> Record:
    """The new record as far as it is known before it is there."""
    blank: dict[str, Value] = {f.code: None for f in bound.schemas[target].fields if f.writable}
    return Record(target, "", blank | {change.code: change.after for change in fields})


def _carried_back(
    draft: Draft, source: Record, target: Side, fields: Sequence[FieldChange]
) -> list[FieldChange]:
    """What this side is to hold of the new record once it is there.

    That is what the other service computes when it creates it (plezi_url, R7), and what another field mapping passes on
    of what is written there. Written within the same plan, from the create's own answer; else a second plan would
    never be empty.
    """
    bound, side = draft.bound, source.side
    given = {change.code: change for change in fields}
    made = _made(bound, target, fields)
    if not may_update(bound, side, made) or not _can_write(bound, side):
        return []
    changes = []
    for field in bound.fields:
        there, fed = field.on(target), given.get(field.on(target).code)
        before = source.get(field.on(side).code)
        if not field.writes(side) or before is MISSING:
            continue
        if fed is not None:
            due = fed.key != field.key and isinstance(
                merge(field, {side: before, target: fed.after}, None), Write
            )
        else:
            wins = target is Side.PLEZI and there.code in PLEZI_COMPUTED
            due = not there.writable and (is_empty(before) or wins or field.policy.winner is target)
        if due:
            changes.append(
                FieldChange(
                    key=field.key,
                    code=field.on(side).code,
                    before=before,
                    after=None,
                    reason=Reason.FOLLOWS_CREATE,
                    source=MISSING,
                    deferred=there.code,
                    follows=() if fed is None else (fed.key, *fed.follows),
                )
            )
    return changes
