"""The email address of a linked pair: data like any other, except that the link rests on it (design 6).

A person has a list of addresses, a contact has one. Only the entry that the link rests on is ever touched; other
entries, labels, order and the primary flag stay. An address is never written where somebody else already holds it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pdsync.model import BoundField, Candidate, FieldChange, Link, MergeBase, Missing, Reason, Side, Value
from pdsync.model.values import MISSING
from pdsync.planning.comparison import addresses
from pdsync.planning.keys import address_key

__all__ = ["AddressChange", "decide_address", "is_address", "primary_key", "replaced"]


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What follows for the address of a pair. All unset: nothing."""

    target: Side | None = None
    change: FieldChange | None = None
    address: str = ""
    """The key that the link rests on from now on (ledger only unless ``change`` is set)."""
    problem: str = ""
    """Why a person must decide, in words: an ``email-change`` finding."""
    held_back: bool = False


def is_address(key: str) -> bool:
    """Whether a key has the shape of an address; whether a server takes it is for the server to say."""
    local, at, domain = key.rpartition("@")
    return bool(at and local and domain) and not any(c.isspace() for c in key)


def primary_key(value: Value | Missing) -> str:
    """The key of the primary (else first) address; empty if there is none."""
    return next((key for address in addresses(value) if (key := address_key(address))), "")


def replaced(value: Value, old_key: str, new: str) -> Value:
    """A person's list of addresses with every entry of ``old_key`` carrying ``new``; all else as it was."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return new
    return [
        {**entry, "value": new}
        if isinstance(entry, Mapping) and address_key(str(entry.get("value") or "")) == old_key
        else entry
        for entry in value
    ]


def decide_address(bound: BoundField, candidate: Candidate, link: Link) -> AddressChange:
    """Who changed the address that this link rests on, and what follows.

    Unchanged while it is Plezi's email and among the person's addresses, primary or not.
    """
    person, contact = candidate.pipedrive, candidate.plezi
    theirs = MISSING if person is None else person.get(bound.pipedrive.code)
    ours = MISSING if contact is None else contact.get(bound.plezi.code)
    if theirs is MISSING or ours is MISSING:
        return AddressChange()
    held = [address_key(address) for address in addresses(theirs)]
    current = primary_key(ours)
    if current in held:
        return AddressChange(address=current if current != link.address else "")
    if link.address in held:
        return _contact_changed(bound, candidate, theirs, ours, link.address)
    if current == link.address:
        return _person_changed(bound, candidate, theirs, ours)
    return AddressChange(problem="both sides changed the address that this link rests on")


def _contact_changed(
    bound: BoundField, candidate: Candidate, theirs: Value, ours: Value, old: str
) -> AddressChange:
    new = next(iter(addresses(ours)), "")
    key = address_key(new)
    if not key or not bound.writes(Side.PIPEDRIVE):
        return AddressChange(held_back=True)
    if not is_address(key):
        return AddressChange(problem="Plezi's new address is not an address")
    if key in candidate.taken:
        return AddressChange(problem="Plezi's new address is held by another person in Pipedrive")
    if key in candidate.contested:
        return AddressChange(problem="another linked contact in Plezi has the same new address")
    change = FieldChange(
        key=bound.key,
        code=bound.pipedrive.code,
        before=theirs,
        after=replaced(theirs, old, new),
        reason=Reason.CHANGED,
        source=ours,
        base=MergeBase(old, old),
    )
    return AddressChange(target=Side.PIPEDRIVE, change=change, address=key)


def _person_changed(bound: BoundField, candidate: Candidate, theirs: Value, ours: Value) -> AddressChange:
    key = primary_key(theirs)
    if not key or not bound.writes(Side.PLEZI):
        return AddressChange(held_back=True)
    if not is_address(key):
        return AddressChange(problem="the person's new address is not an address")
    if key in candidate.taken:
        return AddressChange(problem="the person's new address is held by another contact in Plezi")
    if key in candidate.contested:
        return AddressChange(problem="another linked person in Pipedrive has the same new address")
    change = FieldChange(
        key=bound.key,
        code=bound.plezi.code,
        before=ours,
        after=next(iter(addresses(theirs))),
        reason=Reason.CHANGED,
        source=theirs,
        base=MergeBase(primary_key(ours), primary_key(ours)),
    )
    return AddressChange(target=Side.PLEZI, change=change, address=key)
