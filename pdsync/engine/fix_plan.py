"""Turns what is accepted of a fix file into an ordinary plan: reviewed, limited, journalled and undone like any other.

Options come first (``fix_options``). Each repair states the value that it was made for. Where the record holds another
one by now, it is left out and said so; where it holds the wanted one already, it is only counted. The plan moves no link
and no merge base, so the next ordinary sync sees a value that a person changed, and carries it across by its own rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.admission import UNGUARDED
from pdsync.engine.examine import examined
from pdsync.engine.fix_options import option_decisions
from pdsync.engine.fix_resolving import Fields, check_meant, resolved
from pdsync.engine.fix_values import NotPossible, as_sent, is_still
from pdsync.engine.inputs import bind_mapping, check_accounts, check_fresh, newest_snapshots
from pdsync.engine.tallying import Cost, Tally
from pdsync.engine.waiting import in_thread
from pdsync.mapfiles.fixes import load_fixes
from pdsync.model import (
    MISSING,
    PLAN_FORMAT,
    BoundMapping,
    Change,
    ChangeKind,
    Decision,
    Event,
    Field,
    FieldChange,
    Finding,
    FixFile,
    Gate,
    Link,
    Plan,
    PlanHeader,
    Reason,
    Record,
    Repair,
    Severity,
    Side,
    Subject,
    Value,
    is_empty,
)
from pdsync.planning.comparison import addresses
from pdsync.planning.drafting import title_of
from pdsync.planning.keys import address_key
from pdsync.planning.repairs import REPAIR, mapped_by
from pdsync.planning.scoping import opted_out

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot

__all__ = ["prepare_fixes"]


def _ignore(event: Event) -> None:
    del event


async def prepare_fixes(
    ws: Workspace,
    path: Path,
    *,
    output: Path | None = None,
    on_event: Callable[[Event], None] = _ignore,
) -> Plan:
    """Plan the accepted repairs and options of a fix file, from the newest snapshots; nothing is written to a service.

    Pairs and merges in it are no part of the plan.

    Args:
        ws: The workspace.
        path: The fix file.
        output: Where to put the plan file; None: ``plans/ID.pdsync`` in the state folder.
        on_event: Told of progress.

    Raises:
        MappingError: the fix file has problems (all at once, with their places), or the mapping has.
        UsageError: it is of another mapping; nothing was read yet, or not since the last run.
        AccountMismatch: it is of other accounts.
        InputFileError, StateError, StorageFull
    """
    from pdsync.audits.registry import audit_codes
    from pdsync.engine.prepare import cost_of

    costs = {side: await cost_of(ws, side) for side in Side}
    fixes = await in_thread(lambda: load_fixes(path, audits=audit_codes()))
    return await in_thread(lambda: _plan(ws, fixes, output, costs, on_event))


def _plan(
    ws: Workspace,
    fixes: FixFile,
    output: Path | None,
    costs: Mapping[Side, Cost],
    on_event: Callable[[Event], None],
) -> Plan:
    from pdsync.store import PlanWriter

    snapshots, ledger = newest_snapshots(ws), ws.state.ledger
    check_accounts(ledger, snapshots)
    check_fresh(ws.state.history.last_write_at(), snapshots)
    revision = ledger.revision()
    schemas = {side: snapshot.schema for side, snapshot in snapshots.items()}
    bound, _ = bind_mapping(ws, schemas, ledger)
    check_meant(fixes, bound)
    wanted = resolved(fixes, bound)
    links = {
        side: ledger.links_by_id(side, [one.id for one in wanted.records if one.side is side])
        for side in Side
    }
    repairing = _Repairing(bound, snapshots, wanted.records, links)
    audited = examined(ws, on_event=on_event, sample=0, keep=False)
    tally = Tally(bound, linked=ledger.count_links())
    with PlanWriter(ws.folder.plans) as writer:
        for decision in (*option_decisions(bound, wanted.options), *repairing.decisions()):
            tally.add(decision)
            writer.add_changes(decision.changes)
            for finding in decision.findings:
                writer.add_finding(finding)
        totals = tally.totals(costs)
        identity = {
            "fixes": Path(fixes.path).name,
            "version": bound.version,
            "snapshots": {side: snapshot.id for side, snapshot in snapshots.items()},
            "revision": revision,
            "changes": writer.digest,
        }
        header = PlanHeader(
            id=hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:16],
            mapping_name=bound.mapping.name,
            mapping_digest=bound.mapping.digest,
            mapping_version=bound.version,
            snapshots={side: snapshot.id for side, snapshot in snapshots.items()},
            ledger_revision=revision,
            accounts={side: snapshot.account for side, snapshot in snapshots.items()},
            gate=_open(audited.report.gate),
            totals=totals,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            format=PLAN_FORMAT,
            narrowed=(f"what is accepted in {Path(fixes.path).name}",),
            needs=(UNGUARDED,) if any(side.unguarded for side in totals.sides.values()) else (),
            bindings={f"{side}:{name}": code for (side, name), code in sorted(bound.names.items())},
            signatures={field.key: field.signature for field in bound.fields},
        )
        return writer.finish(header, output)


def _open(gate: Gate) -> Gate:
    """What the audits say, without what would refuse the plan: repairs are how a gate is opened."""
    return replace(gate, refused=())


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one record's repairs."""

    fields: tuple[FieldChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    done: int = 0


class _Repairing:
    """The accepted repairs beside the records as they were read last."""

    def __init__(
        self,
        bound: BoundMapping,
        snapshots: Mapping[Side, Snapshot],
        wanted: Mapping[Subject, Fields],
        links: Mapping[Side, Mapping[str, Link]],
    ) -> None:
        self._bound = bound
        self._wanted = wanted
        self._links = links
        self._records = self._read(snapshots)
        self._holders = self._holders_of(snapshots)

    def decisions(self) -> Iterator[Decision]:
        """One per record that is repaired, in the order of the file."""
        for subject, fields in self._wanted.items():
            outcome = self._outcome(subject, fields)
            changes = (self._change(subject, outcome.fields),) if outcome.fields else ()
            counts = {"already-repaired": outcome.done} if outcome.done else {}
            yield Decision(changes=changes, findings=outcome.findings, counts=counts)

    def _read(self, snapshots: Mapping[Side, Snapshot]) -> dict[Subject, Record]:
        """The records, and their partners."""
        ids = {side: {one.id for one in self._wanted if one.side is side} for side in Side}
        for side in Side:
            ids[side.other] |= {link.id(side.other) for link in self._links[side].values()}
        return {
            record.subject: record
            for side, snapshot in snapshots.items()
            if ids[side]
            for batch in snapshot.records(ids[side], self._bound.codes[side])
            for record in batch
        }

    def _holders_of(self, snapshots: Mapping[Side, Snapshot]) -> dict[tuple[Side, str], set[str]]:
        """(Side, address key) -> who holds it there, of the addresses that repairs would write."""
        import narwhals as nw

        from pdsync.snapshots.engines import collect

        holders: dict[tuple[Side, str], set[str]] = {}
        for side, snapshot in snapshots.items():
            email = self._bound.email[side]
            keys = {
                address_key(text)
                for subject, fields in self._wanted.items()
                if subject.side is side and email in fields
                for text in _texts(fields[email][1].to[fields[email][2]])
            }
            if keys:
                held = snapshot.frames().addresses.filter(nw.col("key").is_in(sorted(keys)))
                for row in collect(held.select("key", "id")).to_pylist():
                    holders.setdefault((side, row["key"]), set()).add(row["id"])
        return holders

    def _outcome(self, subject: Subject, fields: Fields) -> _Outcome:
        record = self._records.get(subject)
        if record is None:
            return self._left(subject, fields, "the record is gone")
        if not self._bound.schemas[subject.side].capabilities.update:
            return self._left(
                subject, fields, f"{subject.side.label} cannot update records through this API profile"
            )
        if opted_out(self._bound, record) or opted_out(self._bound, self._partner(subject)):
            return self._left(subject, fields, "the person opted out")
        made: list[tuple[FieldChange, Repair, str]] = []
        findings: list[Finding] = []
        failed: list[Repair] = []
        done = 0
        for code, (field, repair, name) in fields.items():
            current = record.get(code)
            if is_still(field, repair.to[name], current):
                done += 1
            elif not is_still(field, repair.now[name], current):
                why = "the record holds another value by now"
                findings.append(_finding("repair-stale", subject, name, why))
                failed.append(repair)
            else:
                change = self._made(subject, field, repair.to[name], current)
                if isinstance(change, FieldChange):
                    made.append((change, repair, name))
                else:
                    findings.append(_finding("repair-left-out", subject, name, change))
                    failed.append(repair)
        # One half of a repair is none: half an exchange of names would make two of one.
        why = "what belongs to the same repair is left out"
        findings += [
            _finding("repair-left-out", subject, name, why) for _, one, name in made if one in failed
        ]
        return _Outcome(tuple(one for one, repair, _ in made if repair not in failed), tuple(findings), done)

    def _made(self, subject: Subject, field: Field, wanted: Value, current: object) -> FieldChange | str:
        """The change of one value, or why there is none."""
        before: Value = None if current is MISSING else current  # type: ignore[assignment]
        try:
            after = as_sent(field, wanted, before)
        except NotPossible as error:
            return str(error)
        if field.code == self._bound.email[subject.side]:
            problem = self._address_problem(subject, before, after)
            if problem:
                return problem
        mapped = mapped_by(self._bound, subject.side, field.code)
        return FieldChange(
            key=mapped.key if mapped is not None else REPAIR,
            code=field.code,
            before=before,
            after=after,
            reason=Reason.REPAIR,
            source=MISSING,
        )

    def _address_problem(self, subject: Subject, before: Value, after: Value) -> str:
        """Why an address may not be written or taken away."""
        old, new = ({address_key(text) for text in addresses(value)} for value in (before, after))
        for key in sorted(new - old):
            if self._holders.get((subject.side, key), set()) - {subject.id}:
                return f"another {subject.side.noun} in {subject.side.label} holds the new address"
        link = self._links[subject.side].get(subject.id)
        dropped = len(addresses(after)) < len(addresses(before))
        if dropped and link is not None and link.address in old - new:
            return "the link to the other side rests on the address that would go"
        return ""

    def _change(self, subject: Subject, fields: Sequence[FieldChange]) -> Change:
        link, record = self._links[subject.side].get(subject.id), self._records[subject]
        ids = {subject.side: subject.id, subject.side.other: link.id(subject.side.other) if link else ""}
        by_code = self._bound.schemas[subject.side].by_code
        stays = tuple(
            f"{by_code[one.code].name} stays filled: clearing it is not known to work"
            for one in fields
            if is_empty(one.before) and not by_code[one.code].clearable
        )
        return Change(
            kind=ChangeKind.UPDATE,
            side=subject.side,
            pipedrive_id=ids[Side.PIPEDRIVE],
            plezi_id=ids[Side.PLEZI],
            fields=tuple(fields),
            title=title_of(self._bound, record),
            irreversible=stays,
        )

    def _partner(self, subject: Subject) -> Record | None:
        link, across = self._links[subject.side].get(subject.id), subject.side.other
        return None if link is None else self._records.get(Subject(across, across.noun, link.id(across)))

    @staticmethod
    def _left(subject: Subject, fields: Fields, why: str) -> _Outcome:
        return _Outcome(
            findings=tuple(_finding("repair-left-out", subject, name, why) for _, _, name in fields.values())
        )


def _finding(code: str, subject: Subject, name: str, why: str) -> Finding:
    fix = "audit again: pdsync pull, then pdsync audit --fixes FILE" if code == "repair-stale" else ""
    return Finding(code, Severity.WARNING, f"{name}: {why}", subjects=(subject,), field=name, fix=fix)


def _texts(value: Value) -> list[str]:
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [item for item in items if isinstance(item, str)]
