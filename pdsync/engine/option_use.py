"""Who holds which option: what has to be known before an option is taken off a list.

A record that holds an option keeps its id when the option is gone, and that id then means nothing: the value is lost
without a word. No search finds it (Pipedrive's finds no value of a drop-down, reference 2.9), so the whole side is read.
Records that were deleted and could still be brought back are not seen.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pdsync.model import Kind, RemoteSchema, Side
from pdsync.planning.comparison import comparison_form

if TYPE_CHECKING:
    from pdsync.clients.protocol import Client

__all__ = ["Holders", "OptionUse"]


@dataclass(frozen=True, slots=True)
class Holders:
    """What one full read of a side showed."""

    records: int
    """Read."""
    counts: Mapping[tuple[str, str], int]
    """(field code, option) -> records that hold it."""
    unproven: str = ""
    """Why the read does not prove that nobody else holds it."""

    def why_held(self, side: Side, code: str, options: Collection[str]) -> str:
        """Why these options may not be taken off, in words; empty: nobody holds any of them."""
        if self.unproven:
            return self.unproven
        held = max((self.counts.get((code, option), 0) for option in options), default=0)
        if not held:
            return ""
        return f"{held:,} {side.noun} holds it" if held == 1 else f"{held:,} {side.noun}s hold it"


class OptionUse:
    """Reads each side once, when it is first asked for."""

    def __init__(
        self,
        clients: Mapping[Side, Client],
        schemas: Mapping[Side, RemoteSchema],
        confirmed: Collection[Side] = (),
    ) -> None:
        """``confirmed``: sides of which a person says that a full read shows every record."""
        self._clients = clients
        self._schemas = schemas
        self._confirmed = confirmed
        self._found: dict[Side, Holders] = {}
        self._reading = asyncio.Lock()

    async def of(self, side: Side) -> Holders:
        """Who holds what on this side.

        Raises:
            ServiceError: it could not be read.
        """
        async with self._reading:
            if side not in self._found:
                self._found[side] = await self._read(side)
            return self._found[side]

    async def _read(self, side: Side) -> Holders:
        schema = self._schemas[side]
        if not (schema.account.sees_everything or side in self._confirmed):
            return Holders(
                0,
                {},
                f"nobody confirmed that this token shows every {side.noun} ({side}.confirm_complete_read), so somebody "
                "may hold it",
            )
        codes = [field.code for field in schema.fields if field.kind in (Kind.OPTION, Kind.OPTIONS)]
        counts: Counter[tuple[str, str]] = Counter()
        records = 0
        async for page in self._clients[side].pages():
            records += len(page)
            for record in page:
                for code in codes:
                    value = record.values.get(code)
                    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
                    counts.update(
                        {(code, form) for item in items if (form := comparison_form(Kind.OPTION, item))}
                    )
        return Holders(records, counts)
