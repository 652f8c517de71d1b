"""``--only`` and ``--sample``: a pilot run on a few people, one field or one side, before the whole is trusted.

Narrowing never invents anything: it leaves out. What is left out is planned again next time, because no base, link or
digest of it is recorded either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pdsync.errors import UsageError
from pdsync.model import BoundMapping, Candidate, Change, ChangeKind, Decision, Side
from pdsync.planning.comparison import addresses
from pdsync.planning.keys import address_key
from pdsync.planning.wording import did_you_mean
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    from pdsync.snapshots.reader import Snapshot

__all__ = ["Narrowing", "Sampler", "keys_named", "parse_only"]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What to keep. Entries of one sort are alternatives; different sorts must all hold."""

    addresses: frozenset[str] = frozenset()
    ids: frozenset[tuple[Side | None, str]] = frozenset()
    keys: frozenset[str] = frozenset()
    """Field mapping keys. With any, creates are left out: half a record is not created."""
    sides: frozenset[Side] = frozenset()
    holders: frozenset[tuple[Side, str]] = frozenset()
    """Who holds one of ``addresses``: what tells whether a component, of which only ids are known, belongs to one."""
    identity: str = ""
    """Key of the field mapping of the addresses, on which links rest."""

    def keeps(self, bound: BoundMapping, candidate: Candidate) -> bool:
        """Whether this candidate is among the people asked for."""
        return (not self.addresses or self._holds_address(bound, candidate)) and (
            not self.ids or self._has_id(candidate)
        )

    def _holds_address(self, bound: BoundMapping, candidate: Candidate) -> bool:
        if any((member.side, member.id) in self.holders for member in candidate.members):
            return True
        held = {candidate.link.address} if candidate.link is not None else set()
        for side in Side:
            record = candidate.record(side)
            if record is not None:
                held |= {address_key(a) for a in addresses(record.get(bound.email[side]))}
        return bool(held & self.addresses)

    def _has_id(self, candidate: Candidate) -> bool:
        found: set[tuple[Side | None, str]] = set()
        for side in Side:
            record = candidate.record(side)
            identifier = (
                record.id if record is not None else candidate.link.id(side) if candidate.link else ""
            )
            if identifier:
                found |= {(side, identifier), (None, identifier)}
        for member in candidate.members:
            found |= {(member.side, member.id), (None, member.id)}
        return bool(found & self.ids)

    def narrow(self, decision: Decision) -> Decision:
        """The part of a decision that is asked for; ``depends_on`` is counted anew."""
        if not self.keys and not self.sides:
            return decision
        kept: list[Change] = []
        position: dict[int, int] = {}
        for index, change in enumerate(decision.changes, 1):
            smaller = self._narrow_change(change)
            if smaller is None or (change.depends_on and change.depends_on not in position):
                continue
            kept.append(replace(smaller, depends_on=position.get(change.depends_on, 0)))
            position[index] = len(kept)
        findings = tuple(f for f in decision.findings if not self.keys or f.details.get("key") in self.keys)
        return replace(decision, changes=tuple(kept), findings=findings, open=True)

    def _narrow_change(self, change: Change) -> Change | None:
        if change.kind.ledger_only:
            bases = {key: base for key, base in change.bases.items() if not self.keys or key in self.keys}
            unmark = tuple(key for key in change.unmark if not self.keys or key in self.keys)
            if change.kind is ChangeKind.SETTLE and not bases and not unmark:
                return None
            return replace(change, bases=bases, unmark=unmark, digests=None)
        if self.sides and change.side not in self.sides:
            return None
        if not self.keys:
            return change
        if change.kind is not ChangeKind.UPDATE:
            return None
        fields = tuple(one for one in change.fields if self.keys.issuperset((one.key, *one.follows)))
        if not fields:
            return None
        # The link moves with the address that is written, never without it: else the next plan would write it back.
        address = change.address if self.identity in self.keys else ""
        return replace(change, fields=fields, enrols=False, address=address)


def parse_only(
    only: Sequence[str], bound: BoundMapping, snapshots: Mapping[Side, Snapshot] | None = None
) -> Narrowing:
    """What ``--only`` means: a side, an address, a field of the mapping, ``pipedrive:person/1042``, or a bare id.

    Args:
        only: As typed.
        bound: The mapping.
        snapshots: Of both sides: they know who holds an address, and ids of any shape.

    Raises:
        UsageError: a text that is none of these.
    """
    found_addresses: set[str] = set()
    ids: set[tuple[Side | None, str]] = set()
    keys: set[str] = set()
    sides: set[Side] = set()
    names = keys_named(bound)
    for text in only:
        side, _, rest = text.partition(":")
        if text in list(Side):
            sides.add(Side(text))
        elif side in list(Side) and "/" in rest:
            ids.add((Side(side), rest.partition("/")[2]))
        elif "@" in text:
            found_addresses.add(address_key(text))
        elif text in names:
            keys |= names[text]
        elif (text.isalnum() and any(c.isdigit() for c in text)) or _is_somebodys(text, snapshots):
            ids.add((None, text))
        else:
            hint = did_you_mean(text, sorted({*names, *Side}))
            raise UsageError(
                f"--only {text!r} is no email address, record id, mapped field or side{hint}",
                untouched="Nothing was planned.",
                next_step="Name an address, an id such as 1042 or pipedrive:person/1042, a field, pipedrive or plezi.",
            )
    email = bound.email[Side.PIPEDRIVE]
    identity = next((field.key for field in bound.fields if field.pipedrive.code == email), "")
    return Narrowing(
        frozenset(found_addresses),
        frozenset(ids),
        frozenset(keys),
        frozenset(sides),
        _holders(found_addresses, snapshots or {}),
        identity,
    )


def _is_somebodys(text: str, snapshots: Mapping[Side, Snapshot] | None) -> bool:
    return any(text in snapshot.lookup(()) for snapshot in (snapshots or {}).values())


def _holders(keys: set[str], snapshots: Mapping[Side, Snapshot]) -> frozenset[tuple[Side, str]]:
    if not keys:
        return frozenset()
    import narwhals as nw

    found: set[tuple[Side, str]] = set()
    for side, snapshot in snapshots.items():
        held = snapshot.frames().addresses.filter(nw.col("key").is_in(sorted(keys)))
        found |= {(side, one) for one in collect(held.select("id"))["id"].to_pylist()}
    return frozenset(found)


def keys_named(bound: BoundMapping) -> dict[str, frozenset[str]]:
    """What a person may call a field -> the keys of the field mappings that are meant: its name, its code, a key."""
    found: dict[str, frozenset[str]] = {}
    for field in bound.fields:
        codes = (field.pipedrive.code, field.plezi.code, field.key)
        for name in {field.written.pipedrive, field.written.plezi, *codes}:
            found[name] = found.get(name, frozenset()) | {field.key}
    return found


class Sampler:
    """Keeps the N people whose hash is smallest: spread over the whole, and the same N for the same inputs."""

    def __init__(self, size: int, seed: str) -> None:
        self._size, self._seed = size, seed
        self._kept: list[tuple[bytes, int, Decision]] = []
        self._count = 0

    def add(self, decision: Decision) -> None:
        """Consider a decision that would write something."""
        if all(change.kind.ledger_only for change in decision.changes):
            return
        first = decision.changes[0]
        text = f"{self._seed}|{first.pipedrive_id}|{first.plezi_id}"
        self._count += 1
        self._kept.append((hashlib.sha256(text.encode()).digest(), self._count, decision))
        if len(self._kept) > 2 * self._size + 64:
            self._shrink()

    def _shrink(self) -> None:
        self._kept = sorted(self._kept, key=lambda entry: entry[:2])[: self._size]

    def chosen(self) -> list[Decision]:
        """The sample, in the order in which its decisions came."""
        self._shrink()
        return [decision for _, _, decision in sorted(self._kept, key=lambda entry: entry[1])]
