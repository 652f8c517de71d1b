"""Two services in memory, a state on disk, and plans made by the real planner: what tests of applying start from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pdsync.engine.apply import Confirmed, Parts, carry_out
from pdsync.engine.pace import Pace
from pdsync.engine.tallying import Tally
from pdsync.engine.undo import plan_undo
from pdsync.model import (
    BoundMapping,
    Candidate,
    Change,
    Decision,
    Event,
    Gate,
    GateState,
    Link,
    LinkState,
    Match,
    MergeBase,
    Plan,
    PlanHeader,
    RunSummary,
    Side,
)
from pdsync.planning.comparison import addresses
from pdsync.planning.decide import decide
from pdsync.planning.keys import address_key
from pdsync.store import PlanWriter, State
from tests.engine.service import Service
from tests.planning.build import COMPLETE


async def no_sleep(_seconds: float) -> None:
    """Time is not what these tests are about."""


QUICK = Pace(sleep=no_sleep)


@dataclass
class World:
    """Everything that a run touches."""

    folder: Path
    bound: BoundMapping
    pace: Pace = QUICK
    events: list[Event] = field(default_factory=list)
    confirmed: frozenset[Side] = frozenset()
    on_event: Callable[[Event], None] | None = None

    def __post_init__(self) -> None:
        self.state = State.open(self.folder / "state.sqlite3", self.folder / "lock")
        self.services = {side: Service(self.bound, side) for side in Side}
        (self.folder / "plans").mkdir(exist_ok=True)

    @property
    def pipedrive(self) -> Service:
        return self.services[Side.PIPEDRIVE]

    @property
    def plezi(self) -> Service:
        return self.services[Side.PLEZI]

    def link(self, person: str, contact: str, **bases: tuple[Any, Any]) -> None:
        """Two records that were synced before, with these merge bases (``city`` stands for ``city=plz_city``)."""
        self.link_all([(person, contact)], **bases)

    def link_all(self, pairs: Iterable[tuple[str, str]], **bases: tuple[Any, Any]) -> None:
        """Pairs that were synced before and agreed on the same, in one transaction."""
        keys = {field.pipedrive.code: field.key for field in self.bound.fields}
        agreed = {keys[code]: MergeBase(*base) for code, base in bases.items() if code in keys}
        with self.state.writing("test") as writer, writer.transaction() as t:
            t.ledger.sign_fields({f.key: f.signature for f in self.bound.fields})
            for pair in pairs:
                address = next(iter(addresses(self.plezi.records[pair[1]]["email"])))
                t.ledger.set_link(pair, address=address_key(address), state=LinkState.OK)
                t.ledger.set_bases(pair, agreed)

    # -- planning, by brute force -----------------------------------------------------------------------------------

    def candidates(self) -> list[Candidate]:
        """Links, pairs by address, and those who are alone."""
        ledger = self.state.ledger
        found: list[Candidate] = []
        linked: set[tuple[Side, str]] = set()
        for row in ledger.links_table().to_pylist():
            pair = (row["pipedrive_id"], row["plezi_id"])
            linked |= {(Side.PIPEDRIVE, pair[0]), (Side.PLEZI, pair[1])}
            here, there = (
                self.services[side].record(id_) if id_ in self.services[side].records else None
                for side, id_ in zip(Side, pair, strict=True)
            )
            found.append(
                Candidate(
                    Match.LINKED,
                    here,
                    there,
                    link=ledger.links_of([pair]).get(pair, Link(*pair, "")),
                    bases=ledger.bases([pair]).get(pair, {}),
                    undone=ledger.undone([pair]).get(pair, {}),
                    rejected_before=ledger.not_stored([pair]).get(pair, {}),
                    enrolled_before=pair[0] in ledger.enrolled(),
                )
            )
        by_key: dict[str, list[tuple[Side, str]]] = {}
        for side in Side:
            for id_ in self.services[side].records:
                if (side, id_) not in linked:
                    for address in addresses(self.services[side].records[id_]["email"]):
                        by_key.setdefault(address_key(address), []).append((side, id_))
        for key, members in by_key.items():
            persons = [i for side, i in members if side is Side.PIPEDRIVE]
            contacts = [i for side, i in members if side is Side.PLEZI]
            if len(persons) == len(contacts) == 1:
                person, contact = self.pipedrive.record(persons[0]), self.plezi.record(contacts[0])
                found.append(Candidate(Match.PAIRED, person, contact, address=key))
            elif len(members) == 1:
                side, id_ = members[0]
                record = self.services[side].record(id_)
                found.append(
                    Candidate(
                        Match.ALONE,
                        record if side is Side.PIPEDRIVE else None,
                        record if side is Side.PLEZI else None,
                        address=key,
                        existed_before=id_ in ledger.existing_ids(side),
                        create_undone=id_ in ledger.undone_creates(side),
                        enrolled_before=id_ in ledger.enrolled(),
                    )
                )
        return found

    def decisions(self) -> list[Decision]:
        return [decide(self.bound, candidate, COMPLETE) for candidate in self.candidates()]

    def pending(self) -> list[Change]:
        """What a plan made now would write."""
        return [c for decision in self.decisions() for c in decision.changes if not c.kind.ledger_only]

    def plan(self, *decisions: Decision, **header: Any) -> Plan:
        """A plan file: of what the planner says, or of these decisions."""
        tally = Tally(self.bound, self.state.ledger.count_links())
        with PlanWriter(self.folder / "plans") as writer:
            for decision in decisions or self.decisions():
                tally.add(decision)
                writer.add(decision)
            costs = {side: self.services[side].cost for side in Side}
            made = PlanHeader(
                id=writer.digest[:12] + f"{self.state.ledger.revision():04x}",
                mapping_name=self.bound.mapping.name,
                mapping_digest=self.bound.mapping.digest,
                mapping_version=self.bound.version,
                snapshots={},
                ledger_revision=self.state.ledger.revision(),
                accounts={side: self.bound.schemas[side].account for side in Side},
                gate=Gate(GateState.READY),
                totals=tally.totals(costs),
            )
            return writer.finish(replace(made, **header))

    # -- applying ---------------------------------------------------------------------------------------------------

    @property
    def parts(self) -> Parts:
        return Parts(self.state, self.bound, self.services, self.pace, confirmed=self.confirmed)

    async def apply(self, plan: Plan | None = None, **confirmed: Any) -> RunSummary:
        """Carry a plan out; by default what the planner says now."""
        plan = plan or self.plan()
        with self.state.writing("apply") as writer:
            return await carry_out(self.parts, writer, plan, Confirmed(**confirmed), self.tell)

    async def undo(self, run: RunSummary | None = None, **options: Any) -> RunSummary:
        """Plan an undo (of the last run), and carry it out."""
        return await self.apply(await self.undo_plan(run, **options))

    async def undo_plan(self, run: RunSummary | None = None, **options: Any) -> Plan:
        """Plan an undo."""
        run = run or self.state.history.run("last")
        return await plan_undo(self.parts, run, self.folder / "plans", **options)

    def tell(self, event: Event) -> None:
        self.events.append(event)
        if self.on_event is not None:
            self.on_event(event)

    def close(self) -> None:
        self.state.close()


def updates(changes: Iterable[Change]) -> list[tuple[str, str, str]]:
    """(side, id, code) of every value to be written."""
    return [(c.side.value, c.record_id, one.code) for c in changes for one in c.fields]
