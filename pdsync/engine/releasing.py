"""What an undo, a create whose answer was lost, or a broken link keeps from being written; and letting go of it.

The planner never writes again what somebody took back, until a value changes or a person releases it, and never creates
again what may exist already (design 7). Of a broken link, it never pairs again by itself what is left (design 6): after
two persons were merged, a person says so here. Releasing touches neither service: the next plan decides anew, and is
reviewed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from pdsync.errors import UsageError
from pdsync.model import Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace
    from pdsync.store import HeldCreate

__all__ = ["Held", "UndoneField", "held", "release"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UndoneField:
    """One field mapping of one pair, which stays as an undo left it."""

    pipedrive_id: str
    plezi_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept from being written."""

    creates: tuple[HeldCreate, ...] = ()
    fields: tuple[UndoneField, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    """Broken links: Pipedrive id, Plezi id. Let go of by name only: what is left of one counts as new from then on."""

    def of(self, who: str) -> Held:
        """What of it concerns one record: ``pipedrive:person/1042``, ``pipedrive:1042``, or ``1042`` on either side."""
        side, colon, rest = who.rpartition(":")
        record_id = rest.rpartition("/")[2]
        sides = [one for one in Side if not colon or one.value == side]
        return Held(
            tuple(one for one in self.creates if one.side in sides and one.record_id == record_id),
            tuple(
                one
                for one in self.fields
                if (Side.PIPEDRIVE in sides and one.pipedrive_id == record_id)
                or (Side.PLEZI in sides and one.plezi_id == record_id)
            ),
            tuple(
                pair
                for pair in self.links
                if any(side in sides and one == record_id for side, one in zip(Side, pair, strict=True))
            ),
        )


def held(ws: Workspace) -> Held:
    """Everything that is held; nothing where there is no state yet."""
    if not ws.folder.database.exists():
        return Held()
    ledger = ws.state.ledger
    fields = (UndoneField(*pair, key) for pair, key in ledger.undone_fields())
    return Held(tuple(ledger.held_creates()), tuple(fields), tuple(ledger.broken_links()))


def release(ws: Workspace, who: Sequence[str] = (), *, everything: bool = False) -> Held:
    """Let go of what is held of these records, or of everything but broken links; returns what it was.

    Raises:
        UsageError: nothing is held of one of them; then nothing is released.
        StateLocked: somebody else writes.
    """
    there = held(ws)
    if everything:
        chosen = replace(there, links=())
    else:
        parts = {word: there.of(word) for word in who}
        for word, part in parts.items():
            if part == Held():
                raise UsageError(
                    f"Nothing is held of {word!r}.",
                    untouched="Nothing was released.",
                    next_step="See what is held: pdsync release",
                )
        chosen = Held(
            _each(one for part in parts.values() for one in part.creates),
            _each(one for part in parts.values() for one in part.fields),
            _each(one for part in parts.values() for one in part.links),
        )
    if chosen != Held():
        with ws.state.writing("release") as writer, writer.transaction() as transaction:
            for create in chosen.creates:
                transaction.ledger.release_create(create.side, create.record_id)
            for field in chosen.fields:
                pair = (field.pipedrive_id, field.plezi_id)
                transaction.ledger.set_undone(pair, {field.key: None})
                transaction.ledger.touch_link(pair)  # it is looked at again, although neither record changed
            for pair in chosen.links:
                transaction.ledger.remove_link(pair)
    return chosen


def _each(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
