"""Makes a plan: from two snapshots, the mapping and the ledger, without a single write to either service or the ledger.

Sets find the candidates, ``planning.decide`` decides them one by one, and the changes stream into the plan file. The
same inputs give the same plan with the same id.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.acknowledging import accepted_findings
from pdsync.engine.auditing import audit
from pdsync.engine.coverage import trusted_coverage
from pdsync.engine.gathering import Surroundings, gather
from pdsync.engine.inputs import bind_mapping, check_accounts, check_fresh, newest_snapshots
from pdsync.engine.narrowing import Narrowing, Sampler, parse_only
from pdsync.engine.tallying import Cost, Tally
from pdsync.engine.waiting import in_thread
from pdsync.errors import InputFileError, Interrupted, PlanOutdated, SettingsError, UsageError
from pdsync.model import (
    PLAN_FORMAT,
    BoundMapping,
    Candidate,
    Change,
    ChangeKind,
    Coverage,
    Decision,
    Event,
    Finding,
    Gate,
    LinkState,
    Match,
    Plan,
    PlanHeader,
    Progress,
    Side,
)
from pdsync.planning.decide import broken_link, decide
from pdsync.snapshots.candidates import find_candidates
from pdsync.snapshots.digests import record_digest
from pdsync.snapshots.engines import collect
from pdsync.store import PlanWriter, read_plan

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.candidates import Candidates
    from pdsync.snapshots.reader import RecordLookup, Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["cost_of", "prepare"]

_WINDOW = 2_000
"""Candidates decided at a time: some 20 MB of records."""

_LISTED = 5_000
"""Findings of one code that are listed in a plan file; all are counted."""


@dataclass(frozen=True, slots=True)
class _Request:
    """What was asked for."""

    only: tuple[str, ...]
    sample: int | None
    adopt: bool
    output: Path | None


def _ignore(event: Event) -> None:
    del event


async def prepare(
    ws: Workspace,
    *,
    only: Sequence[str] = (),
    sample: int | None = None,
    adopt: bool = False,
    output: Path | None = None,
    on_event: Callable[[Event], None] = _ignore,
) -> Plan:
    """Plan a sync from the newest snapshots of both sides.

    Args:
        ws: The workspace; its services are asked only for the owner that ``on_create`` names.
        only: Addresses, ids, fields or a side to narrow the plan to.
        sample: Plan for so many people only, spread over all and the same for the same inputs.
        adopt: Let records that existed before the first run be created as well (``existing: link_only``).
        output: Where to put the plan file; None: ``plans/ID.pdsync`` in the state folder.
        on_event: Told of progress, from a worker thread.

    Raises:
        MappingError: the mapping does not fit the fields of the snapshots.
        UsageError: nothing was read yet, what was read is older than the last run, or a wrong ``only``.
        AccountMismatch: snapshots of other accounts than this state's.
        StorageFull, InputFileError, StateError
    """
    request = _Request(tuple(only), sample, adopt, output)
    if sample is not None and sample < 1:
        raise UsageError("--sample takes a number from 1 up.", untouched="Nothing was planned.")
    costs = {side: await cost_of(ws, side) for side in Side}
    owner = await _owner(ws)
    stop = threading.Event()
    return await in_thread(_Preparation(ws, request, costs, owner, on_event, stop).run, stop.set)


async def cost_of(ws: Workspace, side: Side) -> Cost:
    """What writes cost there; nothing is known without the means to write."""
    with suppress(SettingsError):
        return (await ws.client(side)).cost
    return lambda **counts: (sum(counts.values()), 0)


async def _owner(ws: Workspace) -> str:
    address = ws.mapping.owner_on_create
    if not address:
        return ""
    owner = await (await ws.client(Side.PIPEDRIVE)).owner_id(address)
    if not owner:
        raise UsageError(
            f"on_create: no Pipedrive user has the address {address!r}.",
            untouched="Nothing was planned.",
            next_step="Correct on_create.pipedrive.owner in the mapping, or leave it out.",
        )
    return owner


class _Preparation:
    """One plan in the making; runs in a thread of its own."""

    def __init__(
        self,
        ws: Workspace,
        request: _Request,
        costs: Mapping[Side, Cost],
        owner: str,
        on_event: Callable[[Event], None],
        stop: threading.Event,
    ) -> None:
        self._ws = ws
        self._request = request
        self._costs = costs
        self._owner = owner
        self._tell = on_event
        self._stop = stop
        self._listed: Counter[str] = Counter()
        self._whole_again: set[tuple[str, str]] = set()

    def run(self) -> Plan:
        """Plan, and put the plan file in place."""
        snapshots = newest_snapshots(self._ws)
        ledger = self._ws.state.ledger
        check_accounts(ledger, snapshots)
        check_fresh(self._ws.state.history.last_write_at(), snapshots)
        revision = ledger.revision()
        bound, problems = bind_mapping(
            self._ws,
            {side: snapshot.schema for side, snapshot in snapshots.items()},
            ledger,
            owner_id=self._owner,
        )
        links = ledger.links_table()
        coverage, absences = trusted_coverage(
            snapshots, {side: frozenset(snapshot.ids()) for side, snapshot in snapshots.items()}, links
        )
        audited = audit(
            snapshots,
            bound,
            ledger,
            coverage=coverage,
            on_event=self._tell,
            sample=0,
            accepted=accepted_findings(self._ws),
        )
        # After the audits, so that what both hold in memory is never there at once.
        lookups = {side: snapshot.lookup(bound.codes[side]) for side, snapshot in snapshots.items()}
        candidates = find_candidates(
            snapshots[Side.PIPEDRIVE], snapshots[Side.PLEZI], links, version=bound.version
        )
        around = self._surroundings(bound, lookups, ledger, audited.blocked)
        narrowing = parse_only(self._request.only, bound, snapshots)
        tally = Tally(bound, linked=links.num_rows)
        with PlanWriter(self._ws.folder.plans) as writer:
            for finding in (*problems, *absences):
                self._add_finding(writer, tally, finding)
            for decision in self._decisions(around, candidates, coverage, narrowing):
                tally.add(decision)
                writer.add_changes(decision.changes)
                for finding in decision.findings:
                    self._list_finding(writer, finding)
            if not self._request.only and not self._request.sample:
                for finding in self._still_broken(links, lookups, coverage):
                    self._add_finding(writer, tally, finding)
            header = self._header(bound, snapshots, revision, audited.report.gate, tally, writer.digest)
            header = replace(header, needs=self._needs(bound, snapshots, ledger, header))
            return self._kept(header) or writer.finish(header, self._request.output)

    def _kept(self, header: PlanHeader) -> Plan | None:
        """The same plan from an earlier time, so that whoever reads it just now is not disturbed."""
        path = self._ws.folder.plans / f"{header.id}.pdsync"
        if self._request.output is not None or not path.exists():
            return None
        with suppress(InputFileError, PlanOutdated):
            kept = read_plan(path)
            if replace(kept.header, made_at="") == replace(header, made_at=""):
                return kept
        return None

    def _surroundings(
        self,
        bound: BoundMapping,
        lookups: Mapping[Side, RecordLookup],
        ledger: LedgerReader,
        blocked: Mapping[Side, Mapping[str, tuple[str, ...]]],
    ) -> Surroundings:
        signed = ledger.signatures()
        dropped = {f.key for f in bound.fields if signed.get(f.key, f.signature) != f.signature}
        return Surroundings(
            bound=bound,
            lookups=lookups,
            ledger=ledger,
            blocked=blocked,
            dropped_keys=frozenset(dropped),
            adopt=self._request.adopt,
            existed={side: ledger.existing_ids(side) for side in Side},
            undone_creates={side: ledger.undone_creates(side) for side in Side},
            enrolled=ledger.enrolled(),
        )

    def _decisions(
        self,
        around: Surroundings,
        candidates: Candidates,
        coverage: Mapping[Side, Coverage],
        narrowing: Narrowing,
    ) -> Iterator[Decision]:
        """Every decision that belongs into the plan, in order."""
        sampler = Sampler(self._request.sample, around.bound.version) if self._request.sample else None
        done = 0
        for rows in candidates.batches(_WINDOW):
            for candidate in gather(around, rows):
                if self._stop.is_set():
                    raise Interrupted("Planning was stopped.", untouched="No plan was written.")
                if candidate.link is not None and candidate.link.state is LinkState.BROKEN:
                    self._whole_again.add((candidate.link.pipedrive_id, candidate.link.plezi_id))
                if not narrowing.keeps(around.bound, candidate):
                    continue
                decision = narrowing.narrow(decide(around.bound, candidate, coverage))
                if sampler is not None:
                    sampler.add(decision)
                else:
                    yield _with_digests(around.bound, candidate, decision)
            done += len(rows)
            self._tell(Progress("plan", done, len(candidates)))
        if sampler is not None:
            yield from sampler.chosen()

    def _still_broken(
        self, links: pa.Table, lookups: Mapping[Side, RecordLookup], coverage: Mapping[Side, Coverage]
    ) -> Iterator[Finding]:
        """Links that an earlier run marked broken and that are not whole again: one finding each, in every plan.

        Of those whose records are both gone, nothing is left that anybody could look after.
        """
        import pyarrow.compute as pc

        rows = links.filter(pc.equal(links.column("state"), LinkState.BROKEN.value))
        for row in rows.select(["pipedrive_id", "plezi_id"]).to_pylist():
            pair = (row["pipedrive_id"], row["plezi_id"])
            left = [
                side
                for side, one in zip(Side, pair, strict=True)
                if one in lookups[side] or not coverage[side].complete
            ]
            if left and pair not in self._whole_again:
                yield broken_link(pair)

    def _add_finding(self, writer: PlanWriter, tally: Tally, finding: Finding) -> None:
        tally.add_finding(finding)
        self._list_finding(writer, finding)

    def _list_finding(self, writer: PlanWriter, finding: Finding) -> None:
        self._listed[finding.code] += 1
        if self._listed[finding.code] <= _LISTED:
            writer.add_finding(finding)

    def _header(
        self,
        bound: BoundMapping,
        snapshots: Mapping[Side, Snapshot],
        revision: int,
        gate: Gate,
        tally: Tally,
        digest: str,
    ) -> PlanHeader:
        narrowed = [f"only {text}" for text in self._request.only]
        if self._request.sample:
            narrowed.append(f"a sample of {self._request.sample}")
        identity = {
            "format": PLAN_FORMAT,
            "version": bound.version,
            "owner": bound.owner_id,
            "snapshots": {side: snapshot.id for side, snapshot in snapshots.items()},
            "accounts": {side: snapshot.account.id for side, snapshot in snapshots.items()},
            "revision": revision,
            "narrowed": narrowed,
            "adopt": self._request.adopt,
            "changes": digest,
        }
        if gate.acknowledged:  # another gate over the same changes is another plan to review
            identity |= {"acknowledged": [*gate.acknowledged, *gate.refused, gate.held_records]}
        text = json.dumps(identity, sort_keys=True)
        return PlanHeader(
            id=hashlib.sha256(text.encode()).hexdigest()[:16],
            mapping_name=bound.mapping.name,
            mapping_digest=bound.mapping.digest,
            mapping_version=bound.version,
            snapshots={side: snapshot.id for side, snapshot in snapshots.items()},
            ledger_revision=revision,
            accounts={side: snapshot.account for side, snapshot in snapshots.items()},
            gate=gate,
            totals=tally.totals(self._costs),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            narrowed=tuple(narrowed),
            bindings={f"{side}:{name}": code for (side, name), code in sorted(bound.names.items())},
            signatures={field.key: field.signature for field in bound.fields},
        )

    def _needs(
        self,
        bound: BoundMapping,
        snapshots: Mapping[Side, Snapshot],
        ledger: LedgerReader,
        header: PlanHeader,
    ) -> tuple[str, ...]:
        needs = []
        if ledger.is_new() and _somebody_filled_plezi_url(bound, snapshots[Side.PIPEDRIVE]):
            needs.append("--first-run")
        if any(side.unguarded for side in header.totals.sides.values()):
            needs.append("--accept-unguarded")
        return tuple(needs)


def _with_digests(bound: BoundMapping, candidate: Candidate, decision: Decision) -> Decision:
    """Let the ledger remember under which digests a settled pair needs no second look.

    Only where nothing is written and nothing is open: what is written changes the record, and its digest with it.
    """
    person, contact = candidate.pipedrive, candidate.plezi
    if (
        decision.open
        or person is None
        or contact is None
        or candidate.match not in (Match.LINKED, Match.PAIRED)
    ):
        return decision
    if any(not change.kind.ledger_only for change in decision.changes):
        return decision
    digests = (record_digest(bound, person), record_digest(bound, contact))
    if decision.changes:
        first, *rest = decision.changes
        return replace(decision, changes=(replace(first, digests=digests), *rest))
    if candidate.match is not Match.LINKED:
        return decision
    return replace(
        decision,
        changes=(
            Change(
                kind=ChangeKind.SETTLE,
                side=Side.PIPEDRIVE,
                pipedrive_id=person.id,
                plezi_id=contact.id,
                digests=digests,
            ),
        ),
    )


def _somebody_filled_plezi_url(bound: BoundMapping, persons: Snapshot) -> bool:
    """Whether persons carry a ``plezi_url`` that this ledger did not write: another connector was or is at work (R7)."""
    import narwhals as nw

    codes = {f.pipedrive.code for f in bound.fields if f.plezi.code == "plezi_url"}
    codes |= {f.code for f in persons.schema.named("plezi_url")}
    frame = persons.frames().records
    columns = [f"c:{code}" for code in sorted(codes & persons.schema.by_code.keys())]
    if not columns:
        return False
    filled = frame.select(
        nw.any_horizontal(*(~nw.col(c).is_null() for c in columns), ignore_nulls=True).any()
    )
    return bool(collect(filled).column(0)[0].as_py())
