"""decide(): what should happen to one candidate. Pure, deterministic, total; the heart of pdsync.

Read this file first to know how pdsync thinks. It sees one pair, one lone record or one ambiguous component with all
that the ledger remembers of it, and answers with changes, findings and counts. Clock, network and files are
elsewhere. The table of who changed is in ``merging``, the address in ``emails``, creates in ``creating``, scope and
consent in ``scoping``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdsync.model import (
    BoundField,
    BoundMapping,
    Candidate,
    Change,
    ChangeKind,
    Coverage,
    Decision,
    Direction,
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
    persons = sum(1 for member in candidate.members if member.side is Side.PIPEDRIVE)
    contacts = len(candidate.members) - persons
    draft.finding(
        "ambiguous-match",
        f"{persons} persons and {contacts} contacts share addresses: nobody can tell who is who",
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
    records = {Side.PIPEDRIVE: person, Side.PLEZI: contact}
    enrol = None
    if bound.schemas[Side.PIPEDRIVE].capabilities.update:
        enrol = enrolment(bound, person, enrolled_before=candidate.enrolled_before)
    overrides = {enrol.code: enrol.after} if enrol is not None else {}
    allowed = {
        target: may_update(bound, target, records[target.other], overrides if target is Side.PLEZI else None)
        for target in Side
    }
    if enrol is not None:
        draft.writes[Side.PIPEDRIVE].append(enrol)
    identity = next((f for f in bound.fields if f.pipedrive.code == bound.email[Side.PIPEDRIVE]), None)
    address = link.address
    for field in bound.fields:
        if field is identity or field.stopped or field.written.direction is Direction.OFF:
            continue
        if candidate.undone and draft.undone(field):
            continue
        _merge_field(draft, field, records, allowed)
    if identity is not None and not identity.stopped and not draft.undone(identity):
        address = _merge_address(draft, identity, link, allowed, coverage)
    _check_capabilities(draft)
    _add_changes(draft, link, address, first=first, enrols=enrol is not None)


def _merge_field(
    draft: Draft, field: BoundField, records: Mapping[Side, Record], allowed: Mapping[Side, bool]
) -> None:
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
        case Write(target, reason):
            if allowed[target] or reason is Reason.CONSENT:
                draft.write(field, target, reason)
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
    allowed: Mapping[Side, bool],
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
    if not allowed[outcome.target]:
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
        draft.writes[outcome.target].append(outcome.change)
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


def _add_changes(draft: Draft, link: Link, address: str, *, first: bool, enrols: bool) -> None:
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
    needs_link = len(draft.changes) if first else 0
    for side in Side:
        if draft.writes[side]:
            draft.changes.append(
                Change(
                    kind=ChangeKind.UPDATE,
                    side=side,
                    pipedrive_id=link.pipedrive_id,
                    plezi_id=link.plezi_id,
                    address=draft.moved.get(side, ""),
                    fields=tuple(draft.writes[side]),
                    title=title,
                    depends_on=needs_link,
                    irreversible=_irreversible(draft, side),
                    enrols=enrols and side is Side.PIPEDRIVE,
                )
            )


def _irreversible(draft: Draft, side: Side) -> tuple[str, ...]:
    """What an undo of these writes could not take back, in words (design 7)."""
    reasons = []
    for change in draft.writes[side]:
        remote = draft.bound.schemas[side].by_code[change.code]
        if change.reason is Reason.CONSENT:
            reasons.append(f"the opt-out in {remote.name} stays")
        elif is_empty(change.before) and not remote.clearable:
            reasons.append(f"{remote.name} stays filled: clearing it is not known to work")
    return tuple(reasons)
