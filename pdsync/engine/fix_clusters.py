"""What to do about records of one side that share an address: merge them, or take the address off all but one (R17).

Where no two names contradict each other, the records are probably one person: a merge is proposed, with the survivor and
the reason. Where they do, these are several people with one mailbox: it stays with the one whose first address it is.
Both are for a person to decide, and a merge is for a person to carry out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, Final

from pdsync.audits.pair_names import Disagreement, compare
from pdsync.engine.fix_known import Known
from pdsync.model import Finding, MergeProposal, Proposal, Record, Repair, Side, Subject, has_value
from pdsync.planning.comparison import addresses
from pdsync.planning.keys import address_key

__all__ = ["cluster_proposals"]

_MOST: Final = 20
"""Members of a cluster that can be looked at one by one; larger ones are a mailbox of many, or a made-up address."""


def cluster_proposals(finding: Finding, known: Known) -> Iterator[Proposal]:
    """Proposals for one ``duplicate-email`` finding. Of a repair, only record, addresses by code and ``one_of`` count."""
    if finding.details.get("more"):
        return
    said = {Subject.parse(row["subject"]): row for row in _rows(finding)}
    for side in Side:
        members = [
            subject
            for subject, row in said.items()
            if subject.side is side and row.get("role") == "shares" and subject in known.records
        ]
        members = _still_sharing(known, members)
        if not 1 < len(members) <= _MOST:
            continue
        if _are_one(known, members):
            yield _merge(known, members, said)
        elif side is Side.PIPEDRIVE:  # a contact has one address, and cannot do without
            yield from _without(finding, known, members)


def _rows(finding: Finding) -> Iterator[Mapping[str, Any]]:
    said = finding.details.get("subjects")
    for row in said if isinstance(said, Sequence) and not isinstance(said, str) else ():
        if isinstance(row, Mapping):
            yield row


def _still_sharing(known: Known, members: Sequence[Subject]) -> list[Subject]:
    """Those that hold an address of another one by now: they may have been read again since the audit."""
    keys = {member: {address_key(text) for text in _addresses(known, member)} for member in members}
    times = Counter(key for held in keys.values() for key in held)
    return [member for member in members if any(times[key] > 1 for key in keys[member])]


def _are_one(known: Known, members: Sequence[Subject]) -> bool:
    """Whether no two of the names are the names of two people."""
    names = [_names(known.records[member]) for member in members]
    return all(compare(*one, *other) is not Disagreement.DIFFERENT for one, other in combinations(names, 2))


def _names(record: Record) -> tuple[str, str]:
    first, last = (record.get(code) for code in ("first_name", "last_name"))
    return first if isinstance(first, str) else "", last if isinstance(last, str) else ""


def _merge(
    known: Known, members: Sequence[Subject], said: Mapping[Subject, Mapping[str, Any]]
) -> MergeProposal:
    """The survivor: who is linked, else who has a partner, else who has most fields filled, else the oldest."""
    filled = {member: _filled(known, member) for member in members}
    order = sorted(members, key=lambda one: (*_rank(known, one), -filled[one], len(one.id), one.id))
    keep, *rest = order
    links = [str(said[one]["link"]) for one in order if said[one].get("link")]
    return MergeProposal(keep, tuple(rest), _why(known, keep, rest, filled), tuple(links))


def _rank(known: Known, member: Subject) -> tuple[bool, bool]:
    return known.link(member) is None, known.partner(member) is None


def _filled(known: Known, member: Subject) -> int:
    """Fields that the mapping reads and that hold something."""
    record = known.records[member]
    return sum(has_value(record.get(code)) for code in known.bound.codes[member.side])


def _why(known: Known, keep: Subject, rest: Sequence[Subject], filled: Mapping[Subject, int]) -> str:
    """What sets the survivor apart, in words that name nobody."""
    ours = _rank(known, keep)
    others = [_rank(known, one) for one in rest]
    across = keep.side.other
    if not ours[0] and all(rank[0] for rank in others):
        return f"it is the one that is linked to a {across.noun} in {across.label}"
    if not ours[1] and all(rank[1] for rank in others):
        return f"it is the one that has a {across.noun} in {across.label}"
    most = max(filled[one] for one in rest)
    if filled[keep] > most:
        return f"it has more fields filled than the others ({filled[keep]} against {most})"
    return "nothing sets it apart; its id comes first"


def _without(finding: Finding, known: Known, members: Sequence[Subject]) -> Iterator[Repair]:
    """The records without the addresses that are first on exactly one other member."""
    held = {member: _addresses(known, member) for member in members}
    owners: dict[str, list[Subject]] = {}
    holders: dict[str, list[Subject]] = {}
    for member, found in held.items():
        for place, text in enumerate(found):
            key = address_key(text)
            holders.setdefault(key, []).append(member)
            if place == 0:
                owners.setdefault(key, []).append(member)
    alternatives = {
        key
        for key, who in holders.items()
        if len(set(who)) == 2 and key not in owners  # second on both: one of the two may lose it
    }
    number = str(finding.details.get("id", ""))[:8]
    for member, found in held.items():
        code, link = known.bound.email[member.side], known.link(member)
        kept: list[str] = []
        one_of = ""
        for place, text in enumerate(found):
            key = address_key(text)
            shared = len(set(holders[key])) > 1
            owned = owners.get(key, [])
            theirs = len(owned) == 1 and owned[0] != member
            needed = place == 0 or (link is not None and link.address == key)
            if shared and not needed and (theirs or key in alternatives):
                one_of = one_of or ("" if theirs else number)
            else:
                kept.append(text)
        if len(kept) < len(found):
            yield Repair(finding.code, member, {}, {code: list(kept)}, one_of=one_of)


def _addresses(known: Known, member: Subject) -> list[str]:
    return addresses(known.records[member].get(known.bound.email[member.side]))
