"""From a finding to the repairs that pdsync can propose for it. What cannot be computed is left to people.

Nothing is guessed into a file as accepted: only what changes the spelling of a value and not its meaning begins as
``accept: yes``. Repairs that nobody may carry out (opted-out persons, read-only fields, fields that the other side writes)
are not proposed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from pdsync.audits import placeholder_names
from pdsync.engine.fix_clusters import cluster_proposals
from pdsync.engine.fix_known import Known
from pdsync.engine.fix_values import NotPossible, as_file, as_sent
from pdsync.mapfiles.fixes import SAFE
from pdsync.model import (
    MISSING,
    Condition,
    Field,
    Finding,
    Kind,
    MissingOption,
    PairProposal,
    Proposal,
    Repair,
    Side,
    Subject,
    Value,
    has_value,
    is_empty,
)
from pdsync.planning.comparison import addresses, same
from pdsync.planning.repairs import not_emptied, not_repaired
from pdsync.planning.scoping import find_field, may_create

__all__ = ["REPAIRED", "WORDS", "propose"]

_LONGEST: Final = 1_000
"""Characters of a value that a person reviews on one line."""

WORDS: Final[Mapping[str, str]] = {
    "outer-spaces": "White space at the ends of a text. pdsync compares without it, so the meaning stays: accepted.",
    "email-spelling": "Addresses in capitals, or with white space or invisible characters. They stay the same address: "
    "accepted.",
    "damaged-name": "Names that a wrong encoding damaged. The repair is computed from the damage; does it read well?",
    "honorific-in-name": "Titles (Mr, Mme, Dr) inside a name. 'set' is the name without; the title is kept nowhere else.",
    "misplaced-name-part": "Names probably split in the wrong place. 'set' moves the word to the other part (R11).",
    "name-order": "First and last name that are probably exchanged. Where two lines bear the same 'one_of', a person and a "
    "contact disagree: accept the one that is wrong.",
    "placeholder-name": "Placeholders (test, xxx, -). 'set' is the name that the record's partner on the other side has.",
    "mistyped-domain": "Addresses at a domain one slip away from a well-known one. Ask before you correct: it may exist.",
    "scope-value-unclear": "The flag of the scope holds something like a yes that does not count. Accepting brings the "
    "person into the sync (R9).",
    "one-sided-scope": "The partner on the other side is in the sync; here the flag is empty. Accepting sets it (R9).",
    "duplicate-email": "Different people with one address. 'set' takes it off the record where it is not the first one.",
}
"""Audit code -> what stands at the head of its repairs."""


def propose(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Every repair for one finding; none where pdsync knows none."""
    make = _MAKERS.get(finding.code)
    if make is not None:
        yield from make(finding, known)


def _repair(
    finding: Finding, known: Known, record: Subject, to: Mapping[str, Value], *, one_of: str = ""
) -> Iterator[Repair]:
    """The repair of a record, if every part of it may be and changes anything."""
    held = known.records.get(record)
    if held is None or known.is_opted_out(record) or not to:
        return
    now: dict[str, Value] = {}
    wanted: dict[str, Value] = {}
    for code, value in to.items():
        owner = known.bound.schemas[record.side].by_code.get(code)
        if owner is None or not _may_be(known, record.side, owner, value):
            return
        current = held.get(code)
        shown = as_file(owner, current)
        if shown == value or (is_empty(shown) and is_empty(value)):
            continue
        try:
            as_sent(owner, value, current)
        except NotPossible:
            return
        if _is_long(shown) or _is_long(value):
            return
        name = known.name(record.side, owner)
        now[name], wanted[name] = shown, value
    if now:
        yield Repair(finding.code, record, now, wanted, accepted=finding.code in SAFE, one_of=one_of)


def _may_be(known: Known, side: Side, owner: Field, value: Value) -> bool:
    bound = known.bound
    return not not_repaired(bound, side, owner) and not not_emptied(bound, side, owner, value)


def _is_long(value: Value) -> bool:
    if isinstance(value, str):
        return len(value) > _LONGEST
    return isinstance(value, Sequence) and any(map(_is_long, value))


def _details(finding: Finding) -> Iterator[tuple[Subject, Mapping[str, Any]]]:
    """The subjects that are records, each with what the finding says of it."""
    said = finding.details.get("subjects")
    for one in said if isinstance(said, Sequence) and not isinstance(said, str) else ():
        if isinstance(one, Mapping) and isinstance(text := one.get("subject"), str):
            subject = Subject.parse(text)
            if subject.noun == subject.side.noun:
                yield subject, one


def _suggested(finding: Finding, known: Known) -> Iterator[Proposal]:
    """What the audit suggests, by field code."""
    for subject, said in _details(finding):
        suggested = said.get("suggested")
        if isinstance(suggested, Mapping) and _as_audited(known, subject, said):
            yield from _repair(finding, known, subject, suggested)


def _as_audited(known: Known, subject: Subject, said: Mapping[str, Any]) -> bool:
    """Whether the record still holds the texts that the audit saw: it may have been read again since."""
    record = known.records.get(subject)
    if record is None:
        return False
    return all(
        same(Kind.TEXT, said[code], record.get(code))
        for code in said
        if isinstance(said[code], str) and record.get(code) is not MISSING
    )


def _exchanged(finding: Finding, known: Known) -> Iterator[Proposal]:
    """First and last name in each other's place; of a pair that disagrees, either one."""
    subjects = [
        subject
        for subject, said in _details(finding)
        if _as_audited(known, subject, said.get(subject.side) or said)
    ]
    one_of = f"{finding.details.get('id', '')}"[:8] if len(subjects) > 1 else ""
    for subject in subjects:
        record = known.records.get(subject)
        if record is None:
            continue
        first, last = record.get("first_name"), record.get("last_name")
        if has_value(first) and has_value(last):
            swapped: dict[str, Value] = {"first_name": last, "last_name": first}
            yield from _repair(finding, known, subject, swapped, one_of=one_of)


def _from_partner(finding: Finding, known: Known) -> Iterator[Proposal]:
    """The name that the partner has, where it is one."""
    for subject, _ in _details(finding):
        record, partner = known.records.get(subject), known.partner(subject)
        if record is None or partner is None:
            continue
        names, theirs = (
            tuple(_as_text(one.get(code)) for code in ("first_name", "last_name"))
            for one in (record, partner)
        )
        fault, other = placeholder_names.fault(*names), placeholder_names.fault(*theirs)
        parts = dict(zip(("first_name", "last_name"), theirs, strict=True))
        wrong = other.parts if other is not None else ()
        if fault is not None:
            wanted: dict[str, Value] = {
                part: parts[part].strip() for part in fault.parts if parts[part].strip() and part not in wrong
            }
            yield from _repair(finding, known, subject, wanted)


def _readdressed(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Addresses as the audit suggests them."""
    for subject, said in _details(finding):
        record, code = known.records.get(subject), known.bound.email[subject.side]
        better = {
            one["delivered"]: one["suggested"] for one in said.get("addresses", ()) if "suggested" in one
        }
        if record is None or not better:
            continue
        held = record.get(code)
        if isinstance(held, str):
            yield from _repair(finding, known, subject, {code: better.get(held, held)})
        else:
            yield from _repair(
                finding, known, subject, {code: [better.get(one, one) for one in addresses(held)]}
            )


def _into_scope(finding: Finding, known: Known) -> Iterator[Proposal]:
    """The flag that the scope asks for, where it is empty or an unclear yes; a person's own no is not questioned (R10)."""
    for subject in finding.subjects:
        record, target = known.records.get(subject), subject.side.other
        scope = known.bound.mapping.scope.get(target)
        where = scope.where if scope is not None else None
        if record is None or where is None or may_create(known.bound, target, record):
            continue
        flag = find_field(known.bound, subject.side, where.field)
        wanted = _asked_for(where)
        if flag is None or flag.kind not in (Kind.OPTION, Kind.TEXT) or not wanted:
            continue
        if finding.code == "scope-value-unclear" or is_empty(record.get(flag.code)):
            yield from _repair(finding, known, subject, {flag.code: wanted})


def _asked_for(where: Condition) -> str:
    """The first value that a condition asks for, if that is a text."""
    first = where.equals[0] if where.equals else ""
    return first if isinstance(first, str) else ""


def _options(finding: Finding, known: Known) -> Iterator[Proposal]:
    """A pair for two options that probably mean the same; the missing half of an option that has none."""
    mapped = next((one for one in known.bound.fields if one.written.pipedrive == finding.field), None)
    if mapped is None or mapped.written.locked:
        return
    said = {
        Subject.parse(one["subject"]).side: one
        for one in _rows(finding)
        if Subject.parse(one["subject"]).noun == "option"
    }
    problems = {one.get("problem") for one in said.values()}
    if problems == {"spelling"} and len(said) == len(Side):
        label = _unique_label(mapped.pipedrive, str(said[Side.PIPEDRIVE]["option"]))
        yield PairProposal(finding.field, label, str(said[Side.PLEZI]["option"]))
    elif problems == {"missing"} and len(said) == 1:
        ((side, one),) = said.items()
        label = str(one.get("label") or one["option"])
        yield MissingOption(side.other, mapped.on(side.other).name, label, int(one.get("records") or 0))


def _rows(finding: Finding) -> Iterator[Mapping[str, Any]]:
    said = finding.details.get("subjects")
    for one in said if isinstance(said, Sequence) and not isinstance(said, str) else ():
        if isinstance(one, Mapping) and isinstance(one.get("subject"), str):
            yield one


def _unique_label(owner: Field, identity: str) -> str:
    """What a pair calls an option: its label, unless another one bears it too."""
    option = owner.option(identity)
    label = option.label if option is not None else identity
    return label if sum(one.label == label for one in owner.options) == 1 else identity


def _cluster(finding: Finding, known: Known) -> Iterator[Proposal]:
    for proposal in cluster_proposals(finding, known):
        if isinstance(proposal, Repair):
            code = known.bound.email[proposal.record.side]
            yield from _repair(
                finding, known, proposal.record, {code: proposal.to[code]}, one_of=proposal.one_of
            )
        else:
            yield proposal


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


_MAKERS: Final[Mapping[str, Callable[[Finding, Known], Iterator[Proposal]]]] = {
    "outer-spaces": _suggested,
    "email-spelling": _readdressed,
    "damaged-name": _suggested,
    "honorific-in-name": _suggested,
    "name-order": _exchanged,
    "misplaced-name-part": _suggested,
    "placeholder-name": _from_partner,
    "mistyped-domain": _readdressed,
    "scope-value-unclear": _into_scope,
    "one-sided-scope": _into_scope,
    "duplicate-email": _cluster,
    "option-mismatch": _options,
}

REPAIRED: Final = tuple(_MAKERS)
"""Codes of the audits for whose findings pdsync knows repairs."""
