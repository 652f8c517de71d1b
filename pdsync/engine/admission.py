"""What must hold before the first write (design 7): otherwise nothing at all is written.

A plan is a promise about two accounts, one mapping and one ledger, as they were when it was made. If any of them is
another one now, or the plan goes beyond what the mapping allows, the whole plan is refused, with the step that helps.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pdsync.engine.guards import refuse_forbidden
from pdsync.engine.limits import PERIOD, Planned, check_limits
from pdsync.errors import (
    AccountMismatch,
    ConfirmationNeeded,
    GateClosed,
    PlanOutdated,
    Rejected,
)
from pdsync.model import PLAN_FORMAT, Account, BoundMapping, Change, ChangeKind, Plan, Reason, Side

if TYPE_CHECKING:
    from pdsync.store import State

__all__ = [
    "FIRST_RUN",
    "UNGUARDED",
    "Scan",
    "check_accounts",
    "check_mapping",
    "check_revision",
    "check_undo",
    "confirm",
    "hold",
    "scan",
]

_NEAR = 100
"""A change stands at most so many places behind the one that it depends on: both come from one decision."""

_ONLY_UNDO = (ChangeKind.DELETE, ChangeKind.REMOVE_OPTIONS)

_PLAN_AGAIN = "Plan again: pdsync plan"
_UNTOUCHED = "Nothing was written."

FIRST_RUN, UNGUARDED = "--first-run", "--accept-unguarded"


@dataclass(slots=True)
class Scan:
    """A plan read through once before anything is done."""

    changes: int = 0
    links: int = 0
    planned: dict[Side, Planned] = field(default_factory=lambda: {side: Planned() for side in Side})
    unguarded: set[Side] = field(default_factory=set)
    """Sides with records to be written that cannot be read again first."""
    writes: int = 0


def check_revision(state: State, plan: Plan) -> None:
    """The plan was made from the ledger as it is now, and was not applied yet.

    Raises:
        PlanOutdated
    """
    header = plan.header
    if header.format != PLAN_FORMAT:
        raise PlanOutdated(
            f"The plan {header.id} is of format {header.format}; this pdsync carries out format {PLAN_FORMAT}.",
            untouched=_UNTOUCHED,
            next_step=_PLAN_AGAIN,
        )
    if header.ledger_revision == state.ledger.revision():
        return
    runs = state.history.of_plan(header.id)
    why = (
        f"it was applied already, in run {runs[-1].id}"
        if runs
        else "the ledger has changed since it was made: another plan was applied, or accounts were read for the first time"
    )
    raise PlanOutdated(
        f"The plan {header.id} no longer fits: {why}.", untouched=_UNTOUCHED, next_step=_PLAN_AGAIN
    )


def check_accounts(state: State, plan: Plan, answering: Mapping[Side, Account]) -> None:
    """The accounts that answer are those of the plan and of the state (design 6, Accounts).

    Raises:
        AccountMismatch
    """
    for side, account in answering.items():
        planned = plan.header.accounts.get(side)
        if planned is not None and planned.id != account.id:
            raise AccountMismatch(
                f"The plan {plan.header.id} is for {side.label} account {planned.name or planned.domain} ({planned.id}), "
                f"but the account that answers is {account.name or account.domain} ({account.id}).",
                untouched=_UNTOUCHED,
                next_step="Use the token of the account that the plan is for, or plan again for this one.",
            )
        state.check_account(account)


def check_mapping(plan: Plan, bound: BoundMapping) -> None:
    """Mapping, fields and option lists are those that the plan was made with.

    Raises:
        PlanOutdated
    """
    header = plan.header
    if header.mapping_digest != bound.mapping.digest:
        raise PlanOutdated(
            f"The mapping {bound.mapping.name!r} was changed since the plan {header.id} was made.",
            untouched=_UNTOUCHED,
            next_step=_PLAN_AGAIN,
        )
    if header.mapping_version != bound.version:
        raise PlanOutdated(
            f"Fields or option lists of Pipedrive or Plezi were changed since the plan {header.id} was made.",
            untouched=_UNTOUCHED,
            next_step="Read both sides and plan again: pdsync pull, then pdsync plan",
        )


def scan(plan: Plan, bound: BoundMapping) -> Scan:
    """Read the whole plan once: it is in order, and the mapping allows every change of it.

    Raises:
        PlanOutdated: a change that the mapping in force does not allow, or a plan that is not in order.
        InputFileError: it cannot be read.
    """
    found = Scan()
    for change in plan.changes():
        found.changes += 1
        near = 0 <= change.number - change.depends_on <= _NEAR or not change.depends_on
        if change.number != found.changes or not near or change.depends_on >= change.number:
            raise _wrong(plan, change, "it is not in its place")
        if change.kind.ledger_only:
            if change.depends_on:
                raise _wrong(plan, change, "it is not in its place")
            found.links += change.kind is ChangeKind.LINK
            continue
        if change.kind in _ONLY_UNDO and not plan.header.undoes:
            raise _wrong(plan, change, "only an undo deletes")
        try:
            refuse_forbidden(bound, change, None)
        except Rejected as error:
            raise _wrong(plan, change, error.message) from error
        if not plan.header.undoes and any(one.reason is Reason.UNDO for one in change.fields):
            raise _wrong(plan, change, "only an undo takes a value back")
        found.writes += 1
        found.planned[change.side].add(change)
        by_id = change.kind in (ChangeKind.UPDATE, ChangeKind.DELETE)
        if by_id and not bound.schemas[change.side].capabilities.read_by_id:
            found.unguarded.add(change.side)
    return found


def check_undo(state: State, plan: Plan) -> None:
    """An undo touches only what its run has written, and deletes only what it has created.

    No limit holds an undo, because it only takes back (design 7). A plan is a file that travels: so that is made sure of.

    Raises:
        PlanOutdated
    """
    undone = plan.header.undoes
    if not undone:
        return
    if not any(run.id == undone for run in state.history.runs()):
        raise PlanOutdated(
            f"The plan {plan.header.id} undoes the run {undone}, which this state does not know.",
            untouched=_UNTOUCHED,
            next_step="See the runs: pdsync history",
        )
    written: dict[tuple[Side, str], bool] = {}
    options: set[tuple[Side, str, str]] = set()
    for entry in state.history.entries(undone, written=True):
        if entry.change.kind is ChangeKind.ADD_OPTIONS:
            field = entry.change.subject.id
            options.update((entry.change.side, field, str(option)) for option in entry.stored.values())
            continue
        where = (entry.change.side, entry.record_id or entry.change.record_id)
        written[where] = written.get(where, False) or entry.change.kind is ChangeKind.CREATE
    for change in plan.changes():
        if change.kind is ChangeKind.REMOVE_OPTIONS:
            if not all((change.side, change.subject.id, one.option) in options for one in change.fields):
                raise _wrong(plan, change, f"the run {undone} did not add these options")
            continue
        created = written.get((change.side, change.record_id))
        fits = created is not None and all(one.reason is Reason.UNDO for one in change.fields)
        if not fits or change.kind not in (ChangeKind.UPDATE, ChangeKind.DELETE):
            raise _wrong(plan, change, f"the run {undone} did not write that")
        if change.kind is ChangeKind.DELETE and not created:
            raise _wrong(plan, change, f"the run {undone} did not create that record")


def confirm(plan: Plan, found: Scan, *, given: Collection[str]) -> None:
    """Ask for what a person has to say aloud.

    Args:
        plan: With the flags that planning found necessary.
        found: What the plan would do.
        given: Flags that were given: ``--first-run``, ``--accept-unguarded``.

    Raises:
        GateClosed: the audits refuse the whole plan.
        ConfirmationNeeded: naming the flag.
    """
    gate = plan.header.gate
    if gate.refused and found.writes:
        raise GateClosed(
            "The quality gate is closed:\n" + "\n".join(f"  {reason}" for reason in gate.refused),
            untouched="Nothing was written; the plan is kept.",
            next_step="Solve the findings (pdsync audit), or raise the threshold in the mapping; then plan again.",
        )
    needed = set(plan.header.needs) | ({UNGUARDED} if found.unguarded else set())
    if FIRST_RUN in needed and FIRST_RUN not in given:
        raise ConfirmationNeeded(
            "This state knows no link, but persons in Pipedrive carry a plezi_url: Plezi's own connector, or another state "
            "of pdsync, is or was at work here.",
            untouched="Nothing was written; the plan is kept.",
            next_step=f"Switch the other one off, or use its state folder. If this is the first run: {FIRST_RUN}",
        )
    if UNGUARDED in needed and UNGUARDED not in given and found.writes:
        sides = " and ".join(side.label for side in Side if side in found.unguarded) or "One side"
        raise ConfirmationNeeded(
            f"{sides} cannot be read by id: a value that somebody changes after the last read would be overwritten.",
            untouched="Nothing was written; the plan is kept.",
            next_step=f"If you accept that: {UNGUARDED}",
        )


def hold(state: State, plan: Plan, bound: BoundMapping, found: Scan, allow: Mapping[str, float]) -> None:
    """Hold a plan that goes beyond the mapping's limits. An undo only takes back, and is not held.

    Raises:
        LimitExceeded
    """
    if plan.header.undoes or not found.writes:
        return
    recent = state.history.recent(datetime.now(UTC) - PERIOD)
    linked = state.ledger.count_links() + found.links
    check_limits(bound.mapping.limits, found.planned, recent, linked, allow)


def _wrong(plan: Plan, change: Change, why: str) -> PlanOutdated:
    return PlanOutdated(
        f"Change {change.number} of the plan {plan.header.id} cannot be carried out: {why}",
        untouched=_UNTOUCHED,
        next_step=_PLAN_AGAIN,
    )
