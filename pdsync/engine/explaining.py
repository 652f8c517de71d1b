"""Explains one person: both records, the link, what each field was agreed to be, what is found, planned and written.

Works from what is stored; no request leaves. ``explain_live`` reads the two records again first. What would happen now is
asked of the planner itself (``planning.decide``), on the records that it would look at together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pdsync.engine.coverage import trusted_coverage
from pdsync.engine.explained_fields import explain_fields
from pdsync.engine.explained_holds import explain_holds, verdict
from pdsync.engine.finding_people import find_person, read_records, surrounding
from pdsync.engine.gathering import gather_one
from pdsync.engine.inputs import bind_mapping, check_accounts, newest_snapshots
from pdsync.engine.known_findings import Known, known_findings
from pdsync.engine.planfiles import find_plan
from pdsync.errors import InputFileError, PlanOutdated, UsageError
from pdsync.model import (
    MISSING,
    BoundMapping,
    Candidate,
    ChangeKind,
    Coverage,
    Decision,
    Event,
    ExplainedRecord,
    Explanation,
    Link,
    Match,
    PlannedFor,
    Reason,
    Record,
    Side,
    Subject,
    WrittenValue,
)
from pdsync.planning.comparison import addresses
from pdsync.planning.decide import decide
from pdsync.planning.drafting import title_of
from pdsync.snapshots.candidates import CandidateRow
from pdsync.store.plans import about

if TYPE_CHECKING:
    from pdsync.engine.finding_people import Surrounding
    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["explain", "explain_live"]

_OTHERS: Final = 50
_ENTRIES: Final = 100
"""Journal entries that are listed."""
_NOTHING: Final = Decision()


def _ignore(event: Event) -> None:
    del event


def explain(
    ws: Workspace,
    asked: str,
    *,
    on_event: Callable[[Event], None] = _ignore,
) -> Explanation:
    """Everything known of one person, from what is stored. No request leaves, nothing is written.

    Args:
        ws: The workspace.
        asked: An email address, ``pipedrive:person/1042``, ``plezi:contact/ab12``, or an id that only one side has.
        on_event: Told ``Progress`` of stage ``audit`` where no audit of these snapshots is stored.

    Raises:
        UsageError: nobody or several are meant, or a side was never read; the message says what to type.
        MappingError: the mapping does not fit the fields that were read.
        AccountMismatch, InputFileError, StateError
    """
    return _Explaining(ws, asked, {}, on_event).explanation()


async def explain_live(
    ws: Workspace, asked: str, *, on_event: Callable[[Event], None] = _ignore
) -> Explanation:
    """The same, with the two records read again: one or two requests.

    Who is meant and who shares an address is still taken from the snapshots.

    Raises:
        ServiceError, SettingsError: as any read.
        UsageError, MappingError, AccountMismatch, InputFileError, StateError: as ``explain``.
    """
    first = explain(ws, asked, on_event=on_event)
    fresh: dict[Side, Record | None] = {}
    unread: list[str] = []
    for side, held in first.records.items():
        if first.bound is not None and not first.bound.schemas[side].capabilities.read_by_id:
            unread.append(f"{side.label} cannot be asked for one record: this is what was read before.")
            continue
        client = await ws.client(side)
        ws.state.check_account(await client.account())
        fresh[side] = (await client.read([held.id])).get(held.id)
    again = _Explaining(ws, asked, fresh, on_event).explanation()
    return replace(again, not_known=(*unread, *again.not_known))


class _Explaining:
    """One explanation in the making."""

    def __init__(
        self,
        ws: Workspace,
        asked: str,
        fresh: Mapping[Side, Record | None],
        on_event: Callable[[Event], None],
    ) -> None:
        self._ws = ws
        self._asked = asked
        self._fresh = fresh
        self._on_event = on_event
        self._not_known: list[str] = []
        self._snapshots: Mapping[Side, Snapshot] = newest_snapshots(ws)
        self._ledger: LedgerReader = ws.state.ledger
        check_accounts(self._ledger, self._snapshots)
        schemas = {side: snapshot.schema for side, snapshot in self._snapshots.items()}
        self._bound: BoundMapping = bind_mapping(ws, schemas, self._ledger)[0]

    def explanation(self) -> Explanation:
        bound = self._bound
        who = find_person(self._ws, self._snapshots, self._asked)
        around = surrounding(self._ledger, self._snapshots, who)
        link = around.links.get((who.side, who.id))
        row = _row(around, link, who)
        ids = _ids(row, link, who)
        records = self._records(ids)
        known = known_findings(
            self._ws, self._snapshots, bound, self._ledger, set(ids.items()), on_event=self._on_event
        )
        candidate = self._candidate(row, link, records, known)
        undecided = self._undecided(records)
        decision = _NOTHING if undecided else decide(bound, candidate, self._coverage(candidate))
        shown = replace(candidate, pipedrive=records.get(Side.PIPEDRIVE), plezi=records.get(Side.PLEZI))
        made = link or _link_to_be(row, candidate)
        explained = {side: self._explained(side, one, records.get(side)) for side, one in ids.items()}
        members = [one for one in around.members if one.id != ids.get(one.side)]
        written, more = self._written(ids)
        return Explanation(
            asked=self._asked,
            title=title_of(bound, *records.values()) or str(who),
            mapping_name=bound.mapping.name,
            match=row.match,
            records=explained,
            verdict=undecided or verdict(candidate, decision),
            link=link,
            linked_at=self._ledger.linked_at((link.pipedrive_id, link.plezi_id)) if link else "",
            others=tuple(members[:_OTHERS]),
            more_others=max(0, len(members) - _OTHERS),
            fields=explain_fields(
                bound, shown, None if undecided else decision, link=made, undecided=undecided
            ),
            holds=explain_holds(bound, shown, decision, known.findings),
            changes=decision.changes,
            decided=decision.findings,
            counts=dict(decision.counts),
            findings=known.findings,
            audited_at=known.audited_at,
            plan=self._plan(ids),
            written=written,
            more_written=more,
            not_known=tuple(self._not_known),
            bound=bound,
        )

    def _records(self, ids: Mapping[Side, str]) -> dict[Side, Record | None]:
        found: dict[Side, Record | None] = {}
        for side, one in ids.items():
            if side in self._fresh:
                found[side] = self._fresh[side]
            else:
                found[side] = read_records(self._snapshots[side], [one]).get(one)
            if found[side] is None:
                where = "in the service" if side in self._fresh else "in the newest snapshot"
                self._not_known.append(f"The {side.noun} {one} of {side.label} is not {where}.")
        return found

    def _candidate(
        self, row: CandidateRow, link: Link | None, records: Mapping[Side, Record | None], known: Known
    ) -> Candidate:
        """What the planner would be given: by the planner's own way of gathering it."""
        there = {side: record for side, record in records.items() if record is not None}
        candidate = gather_one(self._bound, self._ledger, row, there, known.blocked)
        return replace(candidate, link=link) if link is not None and row.match is Match.LINKED else candidate

    def _coverage(self, candidate: Candidate) -> Mapping[Side, Coverage]:
        """As the planner trusts it; of a linked pair that is whole it is not asked."""
        if candidate.match is Match.LINKED and candidate.pipedrive and candidate.plezi:
            return {side: snapshot.coverage for side, snapshot in self._snapshots.items()}
        lookups = {side: snapshot.lookup(()) for side, snapshot in self._snapshots.items()}
        coverage, findings = trusted_coverage(self._snapshots, lookups, self._ledger.links_table())
        self._not_known += [f"{finding.message[:1].upper()}{finding.message[1:]}." for finding in findings]
        return coverage

    def _undecided(self, records: Mapping[Side, Record | None]) -> str:
        """Why the planner cannot be asked; empty: it can."""
        written = self._ws.state.history.last_write_at()
        stale = [
            side.label
            for side, snapshot in self._snapshots.items()
            if side in records and side not in self._fresh and written and snapshot.taken_at <= written
        ]
        if not stale:
            return ""
        return (
            f"nothing can be decided: {' and '.join(stale)} was last read before the last run wrote "
            "(pdsync pull, or --live)"
        )

    def _explained(self, side: Side, identifier: str, record: Record | None) -> ExplainedRecord:
        snapshot = self._snapshots[side]
        is_live = side in self._fresh
        return ExplainedRecord(
            side=side,
            id=identifier,
            record=record,
            read_at=_now() if is_live else snapshot.taken_at.isoformat(),
            live=is_live,
            url=_url(snapshot, identifier, record),
            addresses=tuple(addresses(record.get(self._bound.email[side]))) if record is not None else (),
        )

    def _plan(self, ids: Mapping[Side, str]) -> PlannedFor | None:
        try:
            plan = find_plan(self._ws, "last")
        except UsageError:
            return None
        except (InputFileError, PlanOutdated) as error:
            self._not_known.append(f"The newest plan cannot be read: {error.message}")
            return None
        header = plan.header
        subjects = {Subject(side, side.noun, one) for side, one in ids.items()}
        runs = self._ws.state.history.of_plan(header.id)
        newest = {side: snapshot.id for side, snapshot in self._snapshots.items()}
        changes, findings = about(plan, ids.values())
        return PlannedFor(
            id=header.id,
            made_at=header.made_at,
            is_current=dict(header.snapshots) == newest
            and header.ledger_revision == self._ledger.revision()
            and header.mapping_version == self._bound.version,
            run_id=runs[-1].id if runs else "",
            undoes=header.undoes,
            changes=tuple(
                change
                for change in changes
                if change.pipedrive_id == ids.get(Side.PIPEDRIVE, "?")
                or change.plezi_id == ids.get(Side.PLEZI, "?")
            ),
            findings=tuple(f for f in findings if subjects.intersection(f.subjects)),
            narrowed=header.narrowed,
        )

    def _written(self, ids: Mapping[Side, str]) -> tuple[tuple[WrittenValue, ...], int]:
        entries, count = self._ws.state.history.of_records(ids.items(), _ENTRIES)
        written: list[WrittenValue] = []
        for kind, entry in entries:
            change = entry.change
            common: dict[str, Any] = {
                "run_id": entry.run_id,
                "run_kind": kind,
                "at": entry.at,
                "side": change.side,
                "record_id": entry.record_id,
                "outcome": entry.outcome,
                "kind": change.kind,
                "error": entry.error,
            }
            written += [
                WrittenValue(
                    key=one.key,
                    code=one.code,
                    before=one.before,
                    after=one.after,
                    stored=entry.stored.get(one.code, MISSING),
                    reason=one.reason,
                    **common,
                )
                for one in change.fields
            ]
            if change.kind is ChangeKind.DELETE:
                written.append(_deleted(common))
        return tuple(written), count - len(entries)


def _deleted(common: Mapping[str, Any]) -> WrittenValue:
    return WrittenValue(
        key="", code="", before=MISSING, after=None, stored=MISSING, reason=Reason.UNDO, **common
    )


def _row(around: Surrounding, link: Link | None, who: Subject) -> CandidateRow:
    """What the planner would look at; of a link that is broken and not whole, and of somebody gone: what is left."""
    if around.row is not None:
        return around.row
    if link is not None:
        return CandidateRow(Match.LINKED, link.pipedrive_id, link.plezi_id, link.address)
    person, contact = (who.id, "") if who.side is Side.PIPEDRIVE else ("", who.id)
    return CandidateRow(Match.ALONE, person, contact)


def _ids(row: CandidateRow, link: Link | None, who: Subject) -> dict[Side, str]:
    """The one or two records that the explanation is about."""
    if link is not None:
        return {side: link.id(side) for side in Side}
    if row.match is Match.AMBIGUOUS:
        return {who.side: who.id}
    both = {Side.PIPEDRIVE: row.pipedrive_id, Side.PLEZI: row.plezi_id}
    return {side: one for side, one in both.items() if one}


def _link_to_be(row: CandidateRow, candidate: Candidate) -> Link | None:
    if row.match is not Match.PAIRED:
        return None
    return Link(row.pipedrive_id, row.plezi_id, candidate.address)


def _url(snapshot: Snapshot, identifier: str, record: Record | None) -> str:
    """Pipedrive's page of a person; of Plezi only what it delivers itself (R7)."""
    if snapshot.side is Side.PIPEDRIVE:
        domain = snapshot.account.domain
        return f"https://{domain}/person/{identifier}" if domain and identifier.isalnum() else ""
    url = record.get("plezi_url") if record is not None else ""
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else ""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
