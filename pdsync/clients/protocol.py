"""What every client can be asked, whichever service or file it speaks for.

The engine knows only this. A client turns its wire format into ``Record`` values and every foreign exception into
one of ``pdsync.errors``; whether a call exists is in ``RemoteSchema.capabilities``, and a call that does not exist
raises ``Unsupported``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypedDict, Unpack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from pdsync.model import Account, Finding, Option, Record, RemoteSchema, Side, Value

__all__ = ["Client", "Requests"]


class Requests(TypedDict, total=False):
    """How much of what is to be sent; what is left out is none."""

    creates: int
    updates: int
    reads: int
    """Precondition reads of single records."""
    deletes: int
    lists_longer: int
    """Lists to which options are added, each with the read before."""
    lists_shorter: int
    """Lists from which options are taken, each with the read before."""
    looked_through: int
    """Records of one full read."""


class Client(Protocol):
    """One side, over HTTP or from a file. All calls are coroutines; a client belongs to one event loop."""

    side: Side

    async def account(self) -> Account:
        """Whose data this is: one cheap call, which also proves the credentials (Pipedrive: ``users/me``, 2 tokens).

        Raises:
            Unauthorised, Forbidden, Unreachable, BadAnswer
        """
        ...

    async def schema(self) -> RemoteSchema:
        """Fields, options and capabilities (Pipedrive: ceil(fields/500) calls). Calls ``account`` first if need be, once.

        Asked once and kept, until this client itself changes a list.
        """
        ...

    def pages(
        self, *, since: datetime | None = None, known_highest_id: str = ""
    ) -> AsyncIterator[Sequence[Record]]:
        """Every record, page by page, in id order. No record twice. Values by field code.

        With ``since``: those changed at or after it (inclusive), in no order, and those whose id is above
        ``known_highest_id`` of the read before, for new persons have no time of change (reference 6.3). Without that
        id, or where changes cannot be listed by time (``capabilities.incremental``), every record comes.
        A full read of N persons is max(1, ceil(N/500)) calls.
        """
        ...

    def newest(self) -> AsyncIterator[Sequence[Record]]:
        """Records by time of creation, newest first: how a create whose answer was lost is found."""
        ...

    async def read(self, ids: Sequence[str]) -> Mapping[str, Record]:
        """These records by id, at most ``capabilities.read_batch`` of them; absent ones are left out.

        Pipedrive: below 10 ids one GET each (1 token), from 10 on one ``GET /persons?ids=`` (10 tokens).
        """
        ...

    async def create(self, values: Mapping[str, Value], *, within: float | None = None) -> Record:
        """Create a record from field codes and values, and return it as stored. Never retried.

        ``within``, of all three writes: seconds from now in which the request may leave; later, what was read for it is
        too old. None: whenever it can.

        Raises:
            Overdue: it could not leave in time, and was not sent.
            AnswerLost: the request may have been carried out.
            Rejected, Unsupported, Unauthorised, BudgetExhausted, Unreachable
        """
        ...

    async def update(
        self, record_id: str, values: Mapping[str, Value], *, within: float | None = None
    ) -> Record:
        """Write exactly these values (one PATCH) and return the record as stored.

        Raises:
            NotFound, Rejected, Unsupported, AnswerLost, ...
        """
        ...

    async def delete(self, record_id: str, *, within: float | None = None) -> None:
        """Delete; a record that is already gone is not an error."""
        ...

    async def options(self, code: str) -> Sequence[Option] | None:
        """The list of one field as it is now (Pipedrive: 1 token); None: the field is gone.

        Raises:
            Unsupported: ``capabilities.change_lists`` is false, as for the next two.
        """
        ...

    async def add_options(self, code: str, labels: Sequence[str]) -> Sequence[Option]:
        """Put options behind the others of a field's list, all or none, and return them as stored. Never retried.

        Raises:
            AnswerLost: the request may have been carried out.
            NotFound, Rejected, Forbidden, ...
        """
        ...

    async def remove_options(self, code: str, ids: Sequence[str]) -> None:
        """Take options off a field's list, all or none. Records that hold one keep its id, which then means nothing.

        Raises:
            NotFound: the field or one of the options is gone.
            AnswerLost, Rejected, Forbidden, ...
        """
        ...

    async def owner_id(self, address: str) -> str:
        """The id of the user with this address, for ``on_create``; empty when there is none.

        Raises:
            Unsupported: Plezi, files
        """
        ...

    def server_time(self) -> datetime | None:
        """The service's clock by the ``Date`` header of its last answer; None before the first."""
        ...

    def cost(self, **counts: Unpack[Requests]) -> tuple[int, int]:
        """(requests, tokens) that so many writes and reads take."""
        ...

    def problems(self) -> Sequence[Finding]:
        """What could not be read so far: the bad rows of an export. A read with problems is not complete."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...
