"""What one run works with, and how it writes down what it does: every other part of applying goes through here.

The intent is on disk before a request leaves, and the outcome reaches the disk together with what it means for the
ledger. Whatever happens in between, the next run finds an open intent and settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pdsync.engine.committing import Committer
from pdsync.engine.option_use import OptionUse
from pdsync.engine.pace import Pace
from pdsync.engine.pausing import Pause
from pdsync.engine.settling import Stored
from pdsync.errors import BadAnswer, Forbidden, PdsyncError, RecordError, ServiceFault, Unreachable
from pdsync.model import BoundMapping, Change, ChangeKind, Finding, Outcome, Record, Side, Value
from pdsync.model.values import MISSING

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client
    from pdsync.store import State, Transaction

__all__ = ["Job", "Result"]

_ABOUT_ONE_RECORD = (RecordError, Forbidden, ServiceFault, BadAnswer)
"""After these the next record is tried; if the last three come for record after record, the run ends after all."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one change ended."""

    change: Change
    """As it was carried out: with the id of what was created."""
    outcome: Outcome
    message: str = ""
    values: int = 0
    """Values written."""
    stored: Mapping[str, Value] = field(default_factory=dict)
    """What the service holds; after a create, everything that it showed."""
    finding: Finding | None = None
    service_trouble: bool = False
    """It failed for a reason that may lie in the service rather than in the record."""

    @property
    def succeeded(self) -> bool:
        """Whether what depends on it may follow."""
        return self.outcome in (Outcome.DONE, Outcome.ADOPTED, Outcome.NOT_STORED)


@dataclass(frozen=True, slots=True)
class Job:
    """One run: its parts, and its journal."""

    run_id: str
    state: State
    committer: Committer
    bound: BoundMapping
    clients: Mapping[Side, Client]
    pace: Pace
    pause: Pause
    use: OptionUse
    """Who holds which option; asked where one is taken off a list."""

    def linked(self, side: Side, ids: Iterable[str]) -> Iterable[str]:
        """Which of these records are linked."""
        return self.state.ledger.links_by_id(side, ids)

    def can_read(self, side: Side) -> bool:
        return self.bound.schemas[side].capabilities.read_by_id

    async def intend(self, change: Change) -> None:
        """Write down that this change is about to be sent, and what of the ledger it will replace."""
        server_at = self.clients[change.side].server_time()

        def step(transaction: Transaction) -> None:
            address, bases = transaction.ledger.known((change.pipedrive_id, change.plezi_id))
            if change.kind is ChangeKind.CREATE and change.partner_id:
                # A reviewed plan creates from it: it no longer counts as one of those from before the first run.
                transaction.ledger.adopt(change.side.other, [change.partner_id])
            transaction.journal.intent(
                self.run_id,
                change,
                server_at=server_at,
                address_before=address,
                bases_before={one.key: bases.get(one.key) for one in change.fields},
            )

        await self.committer.commit(step)

    async def outcome(self, change: Change, outcome: Outcome, message: str) -> Result:
        """An intent came to this, and the ledger stays as it is."""
        await self.committer.commit(
            lambda t: t.journal.outcome(self.run_id, change.number, outcome, error=message)
        )
        return Result(change, outcome, message)

    async def end(self, change: Change, outcome: Outcome, message: str) -> Result:
        """A change that ends without a request."""
        await self.committer.commit(lambda t: t.journal.not_sent(self.run_id, [(change, outcome, message)]))
        return Result(change, outcome, message)

    async def refused(self, change: Change, error: PdsyncError) -> Result:
        """A request that was answered with an error: over for this record, or for the run (then raised again).

        What cannot be reached may still have got an earlier try: its intent stays open, and the next run looks.
        """
        if isinstance(error, _ABOUT_ONE_RECORD):
            result = await self.outcome(change, Outcome.FAILED, error.message)
            return replace(result, service_trouble=not isinstance(error, RecordError))
        if not isinstance(error, Unreachable) or change.kind is ChangeKind.CREATE or change.kind.of_options:
            await self.outcome(change, Outcome.SKIPPED, error.message)
        raise error

    async def stored(self, change: Change, answer: Record) -> Stored:
        """What the answer shows of the fields that were sent; read again where it shows too little."""
        shown = {one.code: answer.get(one.code) for one in change.fields}
        values = {code: value for code, value in shown.items() if value is not MISSING}
        missing = shown.keys() - values.keys()
        if missing:
            with suppress(PdsyncError):  # the write counts; that it could not be read again does not undo it
                values |= await self.read_fields(change.side, answer.id, missing)
        return Stored(answer.id, values, answer.updated_at)

    async def read_fields(self, side: Side, record_id: str, codes: Iterable[str]) -> dict[str, Value]:
        """These fields of one record as they are now; those that cannot be read are left out."""
        if not self.can_read(side):
            return {}
        record = (await self.clients[side].read([record_id])).get(record_id)
        values = {} if record is None else {code: record.get(code) for code in codes}
        return {code: value for code, value in values.items() if value is not MISSING}
