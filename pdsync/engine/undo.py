"""Plans the undo of a run: what pdsync wrote goes back to what was there, where it still is what pdsync wrote.

An undo is a plan like any other: it is reviewed, its records are read again just before they are written, and it has a
journal. What cannot be taken back is listed in it as ``not-undone`` findings, so that it is known before. Afterwards
the planner leaves each restored field alone until a value differs from what the undo left (design 7); the undo of that
undo lifts this again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.engine.admission import UNGUARDED
from pdsync.engine.apply import Parts, connect, settle_interrupted
from pdsync.engine.guards import reverses_opt_out
from pdsync.engine.pace import Pace
from pdsync.engine.preconditions import kind_of, read_records
from pdsync.engine.settling import CHANGED_AT
from pdsync.engine.tallying import Tally
from pdsync.engine.undo_options import off_the_list
from pdsync.model import (
    Change,
    ChangeKind,
    Decision,
    Event,
    FieldChange,
    Finding,
    Gate,
    GateState,
    JournalEntry,
    Kind,
    Missing,
    Plan,
    PlanHeader,
    PlanTotals,
    Progress,
    Reason,
    Record,
    RunKind,
    RunSummary,
    Severity,
    Side,
    Subject,
    Value,
    is_empty,
)
from pdsync.model.values import MISSING
from pdsync.planning.comparison import addresses, same
from pdsync.planning.scoping import opted_out

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["plan_undo", "prepare_undo"]

_WINDOW = 500
"""Journal entries looked at together."""


def _ignore(event: Event) -> None:
    del event


async def prepare_undo(
    ws: Workspace,
    run_id: str,
    *,
    delete_created: bool = False,
    output: Path | None = None,
    on_event: Callable[[Event], None] = _ignore,
    pace: Pace | None = None,
) -> Plan:
    """Plan the undo of a run from its journal and from the records as they are now; nothing is written.

    Args:
        ws: The workspace; both services are read.
        run_id: The run, the beginning of its id, or ``last``. The undo of an undo puts back what that took.
        delete_created: Also delete what the run created, where nobody has changed it since.
        output: Where to put the plan file; None: ``plans/ID.pdsync`` in the state folder.
        on_event: Told of progress.
        pace: Other times than usual, for tests.

    Raises:
        UsageError: there is no such run.
        AccountMismatch, MappingError, SettingsError, ServiceError, StateLocked, StorageFull
    """
    await settle_interrupted(ws, on_event, pace)
    run = ws.state.history.run(run_id)
    parts = await connect(ws, pace or Pace())
    for account in parts.accounts.values():
        ws.state.check_account(account)
    return await plan_undo(
        parts, run, ws.folder.plans, delete_created=delete_created, output=output, on_event=on_event
    )


async def plan_undo(
    parts: Parts,
    run: RunSummary,
    folder: Path,
    *,
    delete_created: bool = False,
    output: Path | None = None,
    on_event: Callable[[Event], None] = _ignore,
) -> Plan:
    """The undo of a run, once both services have answered; spooled in ``folder``."""
    from pdsync.store import PlanWriter

    revision = parts.state.ledger.revision()
    tally = Tally(parts.bound, parts.state.ledger.count_links())
    entries = parts.state.history.entries(run.id, written=True)
    done, total = 0, sum(run.writes.values())
    use = parts.use()
    with PlanWriter(folder) as writer:
        while window := list(islice(entries, _WINDOW)):
            undoing = _Undoing(parts, run, delete_created=delete_created)
            await undoing.read(window)
            for entry in window:
                if not entry.change.kind.of_options:
                    decision = undoing.decide(entry)
                elif (decision := await off_the_list(parts.bound, entry, use)).changes:
                    tally.look_through(entry.change.side, (await use.of(entry.change.side)).records)
                tally.add(decision)
                writer.add(decision)
            done += len(window)
            on_event(Progress("undo", done, max(done, total)))
        totals = tally.totals({side: parts.clients[side].cost for side in Side})
        return writer.finish(_header(parts, run, revision, totals, writer.digest), output)


class _Undoing:
    """Some entries of a journal beside the records as they are now."""

    def __init__(self, parts: Parts, run: RunSummary, *, delete_created: bool) -> None:
        self._parts = parts
        self._bound = parts.bound
        self._redo = run.kind is RunKind.UNDO
        self._delete_created = delete_created
        self._now: dict[Side, Mapping[str, Record]] = {side: {} for side in Side}

    async def read(self, entries: Sequence[JournalEntry]) -> None:
        """Read every record that the entries are about, and its partner."""
        for side in Side:
            able = self._bound.schemas[side].capabilities
            if not able.read_by_id:
                continue
            ids = {_id(entry, side): None for entry in entries if self._concerns(entry) and _id(entry, side)}
            self._now[side] = await read_records(self._parts.clients[side], list(ids), able.read_batch)

    def decide(self, entry: JournalEntry) -> Decision:
        """What is taken back of one change, and what is not."""
        match entry.change.kind:
            case ChangeKind.UPDATE:
                return self._restore(entry)
            case ChangeKind.CREATE if self._delete_created:
                return self._delete(entry)
            case ChangeKind.CREATE:
                return self._stays(
                    entry, "create-stays", "what was created stays; --delete-created would delete it"
                )
            case ChangeKind.DELETE:
                return self._stays(entry, "deleted", "what was deleted does not come back")
            case _:
                return Decision()

    def _concerns(self, entry: JournalEntry) -> bool:
        return entry.change.kind is ChangeKind.UPDATE or (
            entry.change.kind is ChangeKind.CREATE and self._delete_created
        )

    # -- values ---------------------------------------------------------------------------------------------------

    def _restore(self, entry: JournalEntry) -> Decision:
        change, side = entry.change, entry.change.side
        if self._can_read(side) and change.record_id not in self._now[side]:
            return self._stays(entry, "record-gone", "the record is gone")
        fields, kept = [], []
        for one in change.fields:
            why = self._why_not(entry, one)
            if why:
                kept.append((one, *why))
            elif not self._nothing_to_restore(entry, one):
                fields.append(self._restored(entry, one))
        findings = tuple(
            self._finding(entry, f"{self._bound.schemas[side].name_of(one.code)}: {words}", field=one.code)
            for one, _, words in kept
        )
        counts: dict[str, int] = {}
        for _, code, _ in kept:
            counts[code] = counts.get(code, 0) + 1
        if not fields:
            return Decision(findings=findings, counts=counts)
        email = self._bound.email[side]
        restored = Change(
            kind=ChangeKind.UPDATE,
            side=side,
            pipedrive_id=_id(entry, Side.PIPEDRIVE),
            plezi_id=_id(entry, Side.PLEZI),
            address=entry.address_before if any(one.code == email for one in fields) else "",
            fields=tuple(fields),
            unmark=tuple(one.key for one in fields) if self._redo else (),
            title=change.title,
        )
        return Decision(changes=(restored,), findings=findings, counts=counts)

    def _why_not(self, entry: JournalEntry, one: FieldChange) -> tuple[str, str] | None:
        """Why a value is left as it is: (count, words); None: it can be restored, or needs not."""
        side = entry.change.side
        remote = self._bound.schemas[side].by_code.get(one.code)
        if remote is None or not remote.writable:
            return "field-gone", "the field cannot be written any more"
        if self._nothing_to_restore(entry, one):
            return None
        if one.reason is Reason.CONSENT or self._opts_in(entry, one):
            return "opt-out-stays", "an opt-out is never taken back"
        current = self._current(entry, one)
        if current is MISSING or not same(remote.kind, current, self._left(entry, one)):
            return "changed-since", "somebody changed it since"
        if is_empty(one.before) and not remote.clearable:
            return "cannot-clear", "it was empty, and emptying it is not known to work"
        return None

    def _nothing_to_restore(self, entry: JournalEntry, one: FieldChange) -> bool:
        """The run left the value as it was: the service did not store what it was sent."""
        if one.before is MISSING:
            return True
        kind, left = kind_of(self._bound, entry.change.side, one.code), self._left(entry, one)
        if one.reason in (Reason.REPAIR, Reason.UNDO) and kind in (Kind.TEXT, Kind.EMAILS):
            return left == one.before or (kind is Kind.EMAILS and addresses(left) == addresses(one.before))
        return same(kind, left, one.before)

    def _opts_in(self, entry: JournalEntry, one: FieldChange) -> bool:
        record = self._now[entry.change.side].get(entry.change.record_id)
        if record is None or one.before is MISSING:
            return False
        return reverses_opt_out(self._bound, entry.change.side, replace(one, after=one.before), record)

    def _restored(self, entry: JournalEntry, one: FieldChange) -> FieldChange:
        before = None if one.before is MISSING or is_empty(one.before) else one.before
        return FieldChange(
            key=one.key,
            code=one.code,
            before=self._current(entry, one),
            after=before,
            reason=Reason.UNDO,
            source=self._across(entry, one),
            base=entry.bases_before.get(one.key),
        )

    def _current(self, entry: JournalEntry, one: FieldChange) -> Value | Missing:
        """The value as it is now; on a side that cannot be read, as the run left it."""
        side = entry.change.side
        if not self._can_read(side):
            return self._left(entry, one)
        record = self._now[side].get(entry.change.record_id)
        return MISSING if record is None else record.get(one.code)

    def _across(self, entry: JournalEntry, one: FieldChange) -> Value | Missing:
        """The partner's value as it is now: its half of what the undo leaves."""
        mapped, other = self._bound.by_key.get(one.key), entry.change.side.other
        if mapped is None or not self._can_read(other):
            return one.source
        record = self._now[other].get(_id(entry, other))
        return one.source if record is None else record.get(mapped.on(other).code)

    # -- records --------------------------------------------------------------------------------------------------

    def _delete(self, entry: JournalEntry) -> Decision:
        change, side = entry.change, entry.change.side
        if not self._bound.schemas[side].capabilities.delete:
            return self._stays(entry, "create-stays", f"{side.label} cannot delete through this API profile")
        record = self._now[side].get(entry.record_id)
        if record is None and self._can_read(side):
            return self._stays(entry, "record-gone", "the record is gone")
        fields = tuple(
            FieldChange(one.key, one.code, self._left(entry, one), None, Reason.UNDO)
            for one in change.fields
            if one.code in self._bound.schemas[side].by_code
        )
        if record is not None and opted_out(self._bound, record):
            return self._stays(entry, "opt-out-stays", "the person opted out, which is never taken back")
        touched = record is not None and any(
            not same(kind_of(self._bound, side, one.code), record.get(one.code), one.before) for one in fields
        )
        if touched or (record is not None and self._touched(record)):
            return self._stays(entry, "changed-since", "somebody changed what was created; it stays")
        deleted = Change(
            kind=ChangeKind.DELETE,
            side=side,
            pipedrive_id=_id(entry, Side.PIPEDRIVE),
            plezi_id=_id(entry, Side.PLEZI),
            fields=fields,
            title=change.title,
            irreversible=("what is deleted does not come back",),
        )
        return Decision(changes=(deleted,))

    def _touched(self, record: Record) -> bool:
        """Whether a record was changed after every write of pdsync: a telephone number, a note, a deal.

        The journals' times are the server's own, so no clocks are compared. Records whose writes showed none are judged
        by the fields that were written alone.
        """
        written, _ = self._parts.state.history.of_records([(record.side, record.id)], _WINDOW)
        known = {entry.stored[CHANGED_AT] for _, entry in written if CHANGED_AT in entry.stored}
        return bool(known) and record.updated_at not in known

    def _stays(self, entry: JournalEntry, count: str, words: str) -> Decision:
        return Decision(findings=(self._finding(entry, words),), counts={count: 1})

    def _finding(self, entry: JournalEntry, words: str, *, field: str = "") -> Finding:
        side = entry.change.side
        return Finding(
            code="not-undone",
            severity=Severity.INFO,
            message=words,
            subjects=(Subject(side, side.noun, entry.record_id),),
            field=field,
        )

    def _can_read(self, side: Side) -> bool:
        return self._bound.schemas[side].capabilities.read_by_id

    @staticmethod
    def _left(entry: JournalEntry, one: FieldChange) -> Value:
        """What the run left in this field: what was stored, or where that was not shown, what was sent."""
        return entry.stored.get(one.code, one.after)


def _id(entry: JournalEntry, side: Side) -> str:
    """The id of the entry's record, or of its partner; of what a create made, the new one."""
    change = entry.change
    if side is change.side:
        return entry.record_id or change.record_id
    return change.partner_id


def _header(parts: Parts, run: RunSummary, revision: int, totals: PlanTotals, digest: str) -> PlanHeader:
    bound = parts.bound
    identity = json.dumps([run.id, bound.version, revision, digest])
    return PlanHeader(
        id=hashlib.sha256(identity.encode()).hexdigest()[:16],
        mapping_name=bound.mapping.name,
        mapping_digest=bound.mapping.digest,
        mapping_version=bound.version,
        snapshots={},
        ledger_revision=revision,
        accounts=parts.accounts,
        gate=Gate(GateState.READY),
        totals=totals,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        needs=(UNGUARDED,) if any(side.unguarded for side in totals.sides.values()) else (),
        undoes=run.id,
    )
