"""A small world to test the planner's laws in: two servers, a ledger, and a naive engine between them.

Everything here is the simplest thing that could be right, written a second time and independently of the engine: the
pairing is brute force, the servers are dictionaries, and applying a change does what design 7 says and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pdsync.model import (
    BoundMapping,
    Candidate,
    Change,
    ChangeKind,
    Coverage,
    Decision,
    Kind,
    Link,
    LinkState,
    Match,
    MergeBase,
    Reason,
    Record,
    Side,
    UndoneMark,
    Value,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.comparison import addresses, same
from pdsync.planning.decide import decide
from pdsync.planning.keys import address_key
from pdsync.planning.transforms import Untranslatable, translate

COMPLETE = {side: Coverage(complete=True) for side in Side}


@dataclass
class Memory:
    """What the ledger remembers of one pair."""

    link: Link
    bases: dict[str, MergeBase] = field(default_factory=dict)
    undone: dict[str, UndoneMark] = field(default_factory=dict)


@dataclass
class Written:
    """One value that a plan wrote: enough to undo it."""

    side: Side
    record_id: str
    pair: tuple[str, str]
    key: str
    code: str
    before: Value
    after: Value
    base_before: MergeBase | None
    address_before: str
    reason: Reason


@dataclass
class World:
    """Both servers and the ledger."""

    bound: BoundMapping
    servers: dict[Side, dict[str, dict[str, Value]]] = field(
        default_factory=lambda: {side: {} for side in Side}
    )
    ledger: dict[tuple[str, str], Memory] = field(default_factory=dict)
    enrolled: set[str] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)
    next_id: int = 1000

    def record(self, side: Side, identifier: str) -> Record | None:
        values = self.servers[side].get(identifier)
        return None if values is None else Record(side, identifier, dict(values))

    def keys(self, side: Side, identifier: str) -> set[str]:
        values = self.servers[side][identifier]
        return {key for a in addresses(values.get(self.bound.email[side])) if (key := address_key(a))}

    # -- planning ---------------------------------------------------------------------------------------------

    def plan(
        self, coverage: Mapping[Side, Coverage] = COMPLETE, order: Iterable[Candidate] | None = None
    ) -> list[tuple[Candidate, Decision]]:
        candidates = list(order) if order is not None else self.candidates()
        return [(candidate, decide(self.bound, candidate, coverage)) for candidate in candidates]

    def candidates(self) -> list[Candidate]:
        """Every candidate, found by brute force."""
        found: list[Candidate] = []
        linked: set[tuple[Side, str]] = set()
        for pair, memory in sorted(self.ledger.items()):
            linked |= {(Side.PIPEDRIVE, pair[0]), (Side.PLEZI, pair[1])}
            found.append(
                Candidate(
                    Match.LINKED,
                    self.record(Side.PIPEDRIVE, pair[0]),
                    self.record(Side.PLEZI, pair[1]),
                    link=memory.link,
                    bases=memory.bases,
                    undone=memory.undone,
                    enrolled_before=pair[0] in self.enrolled,
                    taken=self._taken(pair),
                    contested=self._contested(pair),
                )
            )
        nodes = [(side, identifier) for side in Side for identifier in sorted(self.servers[side])]
        for component in self._components(nodes):
            free = [node for node in component if node not in linked]
            if not free:
                continue
            here = [i for side, i in component if side is Side.PIPEDRIVE]
            there = [i for side, i in component if side is Side.PLEZI]
            if len(component) == 1:
                side, identifier = component[0]
                record = self.record(side, identifier)
                enrolled = side is Side.PIPEDRIVE and identifier in self.enrolled
                found.append(
                    Candidate(Match.ALONE, record, enrolled_before=enrolled)
                    if side is Side.PIPEDRIVE
                    else Candidate(Match.ALONE, plezi=record)
                )
            elif len(here) == len(there) == 1 and len(free) == 2:
                person, contact = self.record(Side.PIPEDRIVE, here[0]), self.record(Side.PLEZI, there[0])
                shared = self.keys(Side.PIPEDRIVE, here[0]) & self.keys(Side.PLEZI, there[0])
                enrolled = here[0] in self.enrolled
                found.append(
                    Candidate(Match.PAIRED, person, contact, address=min(shared), enrolled_before=enrolled)
                )
            else:
                records = [self.record(side, i) for side, i in component]
                members = tuple(r.subject for r in records if r is not None)
                found.append(Candidate(Match.AMBIGUOUS, members=members))
        return found

    def _components(self, nodes: list[tuple[Side, str]]) -> list[list[tuple[Side, str]]]:
        groups: list[tuple[set[str], list[tuple[Side, str]]]] = []
        for node in nodes:
            keys, members = self.keys(*node), [node]
            rest = []
            for other_keys, other in groups:
                if keys & other_keys:
                    keys, members = keys | other_keys, other + members
                else:
                    rest.append((other_keys, other))
            groups = [*rest, (keys, members)]
        return [sorted(members) for _, members in groups]

    def _taken(self, pair: tuple[str, str]) -> frozenset[str]:
        if any(i not in self.servers[side] for side, i in zip(Side, pair, strict=True)):
            return frozenset()
        mine = {Side.PIPEDRIVE: pair[0], Side.PLEZI: pair[1]}
        taken: set[str] = set()
        for side in Side:
            keys = self.keys(side.other, mine[side.other])
            for identifier in self.servers[side]:
                if identifier != mine[side]:
                    taken |= keys & self.keys(side, identifier)
        return frozenset(taken)

    def _contested(self, pair: tuple[str, str]) -> frozenset[str]:
        found: set[str] = set()
        for side, own in zip(Side, pair, strict=True):
            if own in self.servers[side] and (new := self._moves_to(side, own, self.ledger[pair])):
                movers = [
                    other[list(Side).index(side)]
                    for other, memory in self.ledger.items()
                    if other != pair and memory.link.state is LinkState.OK
                    if self._moves_to(side, other[list(Side).index(side)], memory) == new
                ]
                found |= {new} if movers else set()
        return frozenset(found)

    def _moves_to(self, side: Side, identifier: str, memory: Memory) -> str:
        """The first address of a record that lost the one that its link rests on."""
        if identifier not in self.servers[side]:
            return ""
        held = [address_key(a) for a in addresses(self.servers[side][identifier].get(self.bound.email[side]))]
        held = [key for key in held if key]
        return held[0] if held and memory.link.address not in held else ""

    # -- applying ---------------------------------------------------------------------------------------------

    def apply(self, plan: Iterable[tuple[Candidate, Decision]]) -> None:
        for _, decision in plan:
            created: dict[int, str] = {}
            for number, change in enumerate(decision.changes, 1):
                self._apply_one(number, change, created)

    def _apply_one(self, number: int, change: Change, created: dict[int, str]) -> None:
        if change.kind is ChangeKind.CREATE:
            created[number] = self._create(change)
        elif change.kind is ChangeKind.UPDATE:
            if change.depends_on in created:
                new = created[change.depends_on]
                change = (
                    replace(change, plezi_id=new)
                    if change.side is Side.PIPEDRIVE
                    else replace(change, pipedrive_id=new)
                )
            self._update(change)
        elif change.kind is ChangeKind.UNLINK:
            memory = self.ledger[(change.pipedrive_id, change.plezi_id)]
            memory.link = replace(memory.link, state=LinkState.BROKEN)
        else:
            pair = (change.pipedrive_id, change.plezi_id)
            memory = self.ledger.setdefault(pair, Memory(Link(*pair, change.address)))
            memory.link = Link(*pair, change.address)
            for key, base in change.bases.items():
                if base is not None:
                    memory.bases[key] = base
            for key in change.unmark:
                memory.undone.pop(key, None)

    def _create(self, change: Change) -> str:
        self.next_id += 1
        identifier = f"{self.next_id}"
        fields = self.bound.schemas[change.side].fields
        values: dict[str, Value] = dict.fromkeys((f.code for f in fields), None)
        if change.side is Side.PLEZI:
            values |= {
                "behaviour_score": 0,
                "state": "new",
                "source": "offline",
                "plezi_url": f"https://p/{identifier}",
            }
        for one in change.fields:
            assert self.bound.schemas[change.side].by_code[one.code].writable
            values[one.code] = one.after
        self.servers[change.side][identifier] = values
        pair = (change.pipedrive_id or identifier, change.plezi_id or identifier)
        memory = self.ledger[pair] = Memory(Link(*pair, change.address))
        for one in change.fields:
            if one.key in self.bound.by_key and one.source is not MISSING:
                memory.bases[one.key] = _base(change.side, one.source, one.after)
        if change.enrols:
            self.enrolled.add(identifier)
        return identifier

    def _update(self, change: Change) -> None:
        target = self.servers[change.side][change.record_id]
        pair = (change.pipedrive_id, change.plezi_id)
        memory = self.ledger.get(pair)
        for one in change.fields:
            kind = self.bound.schemas[change.side].by_code[one.code].kind
            assert same(kind, target[one.code], one.before), "a plan must know what it overwrites"
            after, source = one.after, one.source
            if one.deferred:
                source = after = self.servers[change.side.other][change.partner_id][one.deferred]
                if is_empty(after):
                    continue
                translated = translate(self.bound.by_key[one.key], after, change.side)
                if isinstance(translated, Untranslatable):
                    continue
                after = translated
            if memory is not None:
                self.written.append(
                    Written(
                        change.side,
                        change.record_id,
                        pair,
                        one.key,
                        one.code,
                        target[one.code],
                        after,
                        memory.bases.get(one.key),
                        memory.link.address,
                        one.reason,
                    )
                )
            target[one.code] = after
            if memory is not None and one.key in self.bound.by_key and source is not MISSING:
                memory.bases[one.key] = _base(change.side, source, after)
        if memory is not None and change.address:
            memory.link = replace(memory.link, address=change.address)
        if change.enrols:
            self.enrolled.add(change.pipedrive_id)

    def undo(self) -> None:
        """Take back every value of an update, where it is still what was written; opt-outs and flags stay."""
        for one in reversed(self.written):
            remote = self.bound.schemas[one.side].by_code[one.code]
            current = self.servers[one.side][one.record_id]
            if one.reason in (Reason.CONSENT, Reason.ENROL) or not same(
                remote.kind, current[one.code], one.after
            ):
                continue
            if is_empty(one.before) and not remote.clearable:
                continue
            current[one.code] = one.before
            memory = self.ledger[one.pair]
            if one.base_before is None:
                memory.bases.pop(one.key, None)
            else:
                memory.bases[one.key] = one.base_before
            if remote.kind is Kind.EMAILS:
                memory.link = replace(memory.link, address=one.address_before)
            field = self.bound.by_key[one.key]
            values = {
                side: self.servers[side][i][field.on(side).code]
                for side, i in zip(Side, one.pair, strict=True)
            }
            memory.undone[one.key] = UndoneMark(values[Side.PIPEDRIVE], values[Side.PLEZI])
        self.written.clear()


def _base(side: Side, source: Value, stored: Value) -> MergeBase:
    return MergeBase(stored, source) if side is Side.PIPEDRIVE else MergeBase(source, stored)


def writes(plan: Iterable[tuple[Candidate, Decision]]) -> list[Change]:
    """The changes of a plan for which a request would leave."""
    return [change for _, decision in plan for change in decision.changes if not change.kind.ledger_only]
