"""decide(): what should happen to one candidate. Pure, deterministic, total; the heart of pdsync.

Read this file first to know how pdsync thinks. It sees one pair, one lone record or one ambiguous component with all
that the ledger remembers of it, and answers with changes, findings and counts. Clock, network and files are
elsewhere. The table of who changed is in ``merging``, the address in ``emails``, creates in ``creating``, scope and
consent in ``scoping``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pdsync.model import (
    BoundField,
    BoundMapping,
    Candidate,
    Change,
    ChangeKind,
    Coverage,
    Decision,
    Direction,
    FieldChange,
    Finding,
    Link,
    LinkState,
    Match,
    Reason,
    Record,
    Severity,
    Side,
    Subject,
    Value,
    WhenLeft,
    has_value,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.creating import decide_alone
from pdsync.planning.drafting import Draft, title_of
from pdsync.planning.emails import decide_address
from pdsync.planning.merging import Conflict, HeldBack, Nothing, Settle, Unread, Write, merge
from pdsync.planning.scoping import enrolment, find_field, holds, may_update, opted_out
from pdsync.planning.transforms import Untranslatable, translate
from pdsync.planning.wording import listed

__all__ = ["broken_link", "decide"]


def decide(bound: BoundMapping, candidate: Candidate, coverage: Mapping[Side, Coverage]) -> Decision:
    """Decide one candidate under a mapping, given how complete both snapshots are.

    Returns:
        The changes in the order in which they must happen (``depends_on`` counts from 1 within them), findings, and
        counts of what is neither. Same input, same output; never raises on data.
    """
    match candidate.match:
        case Match.AMBIGUOUS:
            return _ambiguous(bound, candidate).decision()
        case Match.ALONE:
            return decide_alone(bound, candidate, coverage).decision()
        case Match.PAIRED:
            return _paired(bound, candidate, coverage).decision()
        case Match.LINKED:
            return _linked(bound, candidate, coverage).decision()


def _ambiguous(bound: BoundMapping, candidate: Candidate) -> Draft:
    draft = Draft(bound, candidate)
    sides = Counter(member.side for member in candidate.members)
    who = listed(
        f"{sides[side]} {side.noun}{'' if sides[side] == 1 else 's'}" for side in Side if sides[side]
    )
    draft.finding(
        "ambiguous-match",
        f"{who} share addresses: nobody can tell who is who",
        severity=Severity.BLOCKING,
        subjects=candidate.members,
        field=bound.email[Side.PIPEDRIVE],
        fix="merge the duplicates, or correct the shared address; the next sync tries again by itself",
        rule="R17",
    )
    return draft


def _paired(bound: BoundMapping, candidate: Candidate, coverage: Mapping[Side, Coverage]) -> Draft:
    draft = Draft(bound, candidate)
    person, contact = candidate.pipedrive, candidate.plezi
    if person is None or contact is None:
        return draft
    if candidate.blocked_by:
        draft.counts["blocked"] += 1
        return draft
    if not all(coverage[side].complete for side in Side):
        draft.counts["not-complete"] += 1
        return draft
    link = Link(person.id, contact.id, candidate.address)
    _merge_pair(draft, link, coverage, first=True)
    return draft


def _linked(bound: BoundMapping, candidate: Candidate, coverage: Mapping[Side, Coverage]) -> Draft:
    draft = Draft(bound, candidate)
    person, contact, link = candidate.pipedrive, candidate.plezi, candidate.link
    if link is None:
        return draft
    if person is None or contact is None:
        _absent(draft, link, coverage)
        return draft
    if candidate.blocked_by:
        draft.counts["blocked"] += 1
        draft.open = True
        return draft
    _merge_pair(draft, link, coverage, first=link.state is LinkState.BROKEN)
    return draft


def _absent(draft: Draft, link: Link, coverage: Mapping[Side, Coverage]) -> None:
    """A linked record that a complete snapshot does not hold: the link is broken, and nothing else follows."""
    gone = [side for side in Side if draft.candidate.record(side) is None and coverage[side].complete]
    if not gone:
        draft.counts["not-seen"] += 1
        return
    if link.state is LinkState.OK:
        draft.changes.append(
            Change(
                kind=ChangeKind.UNLINK,
                side=Side.PIPEDRIVE,
                pipedrive_id=link.pipedrive_id,
                plezi_id=link.plezi_id,
                address=link.address,
                title=title_of(draft.bound, draft.candidate.pipedrive, draft.candidate.plezi),
            )
        )
    draft.findings.append(broken_link((link.pipedrive_id, link.plezi_id), gone))
    draft.open = True


def broken_link(pair: tuple[str, str], gone: Sequence[Side] = tuple(Side)) -> Finding:
    """The finding on a link (Pipedrive id, Plezi id) of which a record is gone."""
    names = " or ".join(f"the {side.noun} in {side.label}" for side in gone)
    return Finding(
        code="broken-link",
        severity=Severity.WARNING,
        message=f"{names} of this link is gone (deleted, merged, or no longer visible)",
        subjects=tuple(Subject(side, side.noun, one) for side, one in zip(Side, pair, strict=True)),
        fix="nothing is written, created or linked again by itself; restore the record or delete its partner, or, after a "
        f"merge, let go of this link: pdsync release {Subject(Side.PLEZI, Side.PLEZI.noun, pair[1])}",
    )


def _merge_pair(draft: Draft, link: Link, coverage: Mapping[Side, Coverage], *, first: bool) -> None:
    bound, candidate = draft.bound, draft.candidate
    person, contact = candidate.pipedrive, candidate.plezi
    if person is None or contact is None:
        return
    draft.records = {Side.PIPEDRIVE: person, Side.PLEZI: contact}
    address, may_enrol = link.address, bound.schemas[Side.PIPEDRIVE].capabilities.update
    for field in bound.flow:
        if may_enrol and field.key not in bound.flags:
            _enrol(draft)
            may_enrol = False
        if field.stopped or field.written.direction is Direction.OFF:
            continue
        if field.pipedrive.code == bound.email[Side.PIPEDRIVE]:
            if not draft.undone(field):
                address = _merge_address(draft, field, link, coverage)
        elif not candidate.undone or not draft.undone(field):
            _merge_field(draft, field)
    if may_enrol:
        _enrol(draft)
    _check_capabilities(draft)
    _add_changes(draft, link, address, first=first)


def _enrol(draft: Draft) -> None:
    """Set the scope's flag, once whatever the mapping writes into what enrolment reads is known."""
    rule, person = draft.bound.mapping.enrol, draft.records[Side.PIPEDRIVE]
    change = enrolment(draft.bound, person, enrolled_before=draft.candidate.enrolled_before)
    if rule is not None and change is not None:
        draft.add(Side.PIPEDRIVE, replace(change, follows=draft.rests_on(person.side, rule.where.field)))


def _may_update(draft: Draft, target: Side) -> tuple[bool, tuple[str, ...]]:
    """Whether the scope lets ``target`` be updated once this plan is carried out, and the write that this rests on."""
    source, scope = draft.records[target.other], draft.bound.mapping.scope.get(target)
    allowed = may_update(draft.bound, target, source)
    if not allowed or scope is None or scope.where is None or scope.when_left is WhenLeft.CONTINUE:
        return allowed, ()
    return True, draft.rests_on(source.side, scope.where.field)


def _merge_field(draft: Draft, field: BoundField) -> None:
    records = draft.records
    values = {
        Side.PIPEDRIVE: records[Side.PIPEDRIVE].get(field.pipedrive.code),
        Side.PLEZI: records[Side.PLEZI].get(field.plezi.code),
    }
    consent = _consent_first(draft, field, records) if draft.bound.mapping.consent else None
    outcome = consent or merge(field, values, draft.candidate.bases.get(field.key))
    match outcome:
        case Nothing():
            pass
        case Unread():
            draft.counts["skipped-missing"] += 1
        case Settle(base):
            draft.bases[field.key] = base
        case HeldBack():
            draft.counts["held-back"] += 1
        case Conflict():
            _conflict(draft, field, {side: v for side, v in values.items() if v is not MISSING})
        case Write(target, Reason.CONSENT):
            draft.write(field, target, Reason.CONSENT)
        case Write(target, reason):
            allowed, gate = _may_update(draft, target)
            if allowed:
                draft.write(field, target, reason, gate)
            else:
                draft.counts["out-of-scope-held"] += 1


def _conflict(draft: Draft, field: BoundField, values: Mapping[Side, Value]) -> None:
    base = draft.candidate.bases.get(field.key)
    details: dict[str, Value] = {
        "base": {"pipedrive": base.pipedrive, "plezi": base.plezi} if base is not None else None,
        "pipedrive": values[Side.PIPEDRIVE],
        "plezi": values[Side.PLEZI],
        "key": field.key,
    }
    since = (
        "both sides changed it since they last agreed"
        if base is not None
        else "both sides differ and never agreed"
    )
    draft.finding(
        "conflict",
        f"{field.written.pipedrive}: {since}",
        field=field.written.pipedrive,
        fix="correct one side, or name the winner: conflicts: pipedrive | plezi",
        rule="R25",
        details=details,
    )


def _consent_first(draft: Draft, field: BoundField, records: Mapping[Side, Record]) -> Write | Nothing | None:
    """Opting out wins over every policy and is never reversed; None: this is not about consent, or nobody opted out."""
    bound = draft.bound
    governed = {
        side: consent
        for side, consent in bound.mapping.consent.items()
        if (found := find_field(bound, side, consent.field)) is not None and found.code == field.on(side).code
    }
    if not governed:
        return None
    out: dict[Side, bool] = {}
    for side in Side:
        value = records[side].get(field.on(side).code)
        if side in governed:
            out[side] = opted_out(bound, records[side])
        elif has_value(value):
            across = translate(field, value, side.other)
            wanted = governed[side.other].opted_out
            out[side] = not isinstance(across, Untranslatable) and holds(field.on(side.other), across, wanted)
        else:
            out[side] = False
    if not any(out.values()):
        return None
    if all(out.values()):
        values = {side: records[side].get(field.on(side).code) for side in Side}
        agreed = merge(field, values, draft.candidate.bases.get(field.key))
        if isinstance(agreed, Settle):
            draft.bases[field.key] = agreed.base
        return Nothing()
    target = next(side for side in Side if not out[side])
    if field.writes(target):
        return Write(target, Reason.CONSENT)
    draft.counts["opt-out-not-carried"] += 1
    return Nothing()


def _merge_address(
    draft: Draft,
    identity: BoundField,
    link: Link,
    coverage: Mapping[Side, Coverage],
) -> str:
    """Handle the pair's address; returns the key that the link rests on if only the ledger changes."""
    outcome = decide_address(identity, draft.candidate, link)
    if outcome.problem:
        draft.finding(
            "email-change",
            outcome.problem,
            field=identity.written.pipedrive,
            fix="make the address the same on both sides by hand",
            rule="R17",
        )
    if outcome.held_back:
        draft.counts["held-back"] += 1
    if outcome.target is None or outcome.change is None:
        return outcome.address or link.address
    allowed, gate = _may_update(draft, outcome.target)
    if not allowed:
        draft.counts["out-of-scope-held"] += 1
    elif not coverage[outcome.target].complete:
        # Somebody who was not read may hold the new address already (R17).
        draft.counts["not-complete"] += 1
        draft.open = True
    elif not draft.bound.schemas[outcome.target].capabilities.update:
        draft.finding(
            "email-change",
            f"the address changed in {outcome.target.other.label}, and {outcome.target.label} cannot update by id",
            field=identity.written.pipedrive,
            fix=f"change the address in {outcome.target.label} by hand",
            rule="R17",
        )
    elif draft.known_not_to_be_stored(identity, outcome.target, outcome.change.before, outcome.change.after):
        draft.counts["not-stored-before"] += 1
    else:
        draft.add(outcome.target, replace(outcome.change, follows=gate))
        draft.moved[outcome.target] = outcome.address
    return link.address


def _check_capabilities(draft: Draft) -> None:
    """A call that the API profile cannot make is a finding at planning time, not a failure at apply."""
    for side in Side:
        if draft.writes[side] and not draft.bound.schemas[side].capabilities.update:
            codes = ", ".join(change.code for change in draft.writes[side])
            draft.writes[side].clear()
            draft.finding(
                "unsupported",
                f"{side.label} cannot update records through this API profile: {codes}",
                fix="use an API profile with an update call, or correct the record by hand",
            )


def _add_changes(draft: Draft, link: Link, address: str, *, first: bool) -> None:
    title = title_of(draft.bound, draft.candidate.pipedrive, draft.candidate.plezi)
    if first or draft.bases or draft.unmark or address != link.address:
        draft.changes.append(
            Change(
                kind=ChangeKind.LINK if first else ChangeKind.SETTLE,
                side=Side.PIPEDRIVE,
                pipedrive_id=link.pipedrive_id,
                plezi_id=link.plezi_id,
                address=address,
                bases=dict(draft.bases),
                unmark=tuple(draft.unmark),
                title=title,
            )
        )
    needs = dict.fromkeys(Side, len(draft.changes) if first else 0)
    for step in draft.steps():
        before = len(draft.changes)
        for side, fields in step.items():
            email = draft.bound.email[side]
            draft.changes.append(
                Change(
                    kind=ChangeKind.UPDATE,
                    side=side,
                    pipedrive_id=link.pipedrive_id,
                    plezi_id=link.plezi_id,
                    address=draft.moved.get(side, "") if any(one.code == email for one in fields) else "",
                    fields=fields,
                    title=title,
                    depends_on=needs[side],
                    irreversible=_irreversible(draft.bound, side, fields),
                    enrols=any(one.reason is Reason.ENROL for one in fields),
                )
            )
        needs = {side.other: number for number, side in enumerate(step, before + 1)}


def _irreversible(bound: BoundMapping, side: Side, fields: Sequence[FieldChange]) -> tuple[str, ...]:
    """What an undo of these writes could not take back, in words (design 7)."""
    reasons = []
    for change in fields:
        remote = bound.schemas[side].by_code[change.code]
        if change.reason is Reason.CONSENT:
            reasons.append(f"the opt-out in {remote.name} stays")
        elif is_empty(change.before) and not remote.clearable:
            reasons.append(f"{remote.name} stays filled: clearing it is not known to work")
    return tuple(reasons)
