"""Finds one person among all that was read: by address or id, and everybody who hangs together with them.

What hangs together is what the planner would look at together (``snapshots.pairing``). The tables are only filtered, not
loaded, so that one person out of a million is found in about the time that their ids take to be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pdsync.errors import UsageError
from pdsync.model import Link, Match, Record, Side, Subject
from pdsync.planning.keys import address_key
from pdsync.planning.wording import listed, quoted
from pdsync.snapshots.candidates import LINK_COLUMNS, CandidateRow, candidates_among
from pdsync.snapshots.columns import delivered
from pdsync.snapshots.encoding import decode_value
from pdsync.snapshots.engines import collect, open_engine
from pdsync.snapshots.reader import Frames

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

    from pdsync.engine.workspace import Workspace
    from pdsync.snapshots.reader import Snapshot
    from pdsync.store.reader import LedgerReader

__all__ = ["Surrounding", "find_person", "read_records", "surrounding"]

_MOST_MEMBERS: Final = 1_000
"""Records that hang together and are followed up: beyond that nobody reads on, and nothing is written anyway."""
_NAMED: Final = 5
"""Records that an error lists."""


@dataclass(frozen=True, slots=True)
class Surrounding:
    """Everybody who hangs together with one record by addresses or by its link."""

    row: CandidateRow | None
    """What the planner would look at; None: the record is not in the newest snapshot, and no link names it."""
    links: Mapping[tuple[Side, str], Link] = field(default_factory=dict)
    members: tuple[Subject, ...] = ()
    """Of the ambiguous component that it is in, linked or not."""


def find_person(ws: Workspace, snapshots: Mapping[Side, Snapshot], asked: str) -> Subject:
    """The record that a person means: ``pipedrive:person/1042``, ``1042``, ``plezi:contact/ab12`` or an address.

    Raises:
        UsageError: nobody, or several records; the message says what to type instead.
    """
    text = asked.strip()
    side, colon, rest = text.partition(":")
    if colon and side in list(Side):
        return _by_subject(ws, snapshots, Side(side), rest)
    found = _by_address(ws, snapshots, text) if "@" in text else _by_id(ws, snapshots, text)
    if len(found) == 1:
        return found[0]
    if not found:
        raise _nobody(text)
    raise _several(text, found)


def surrounding(ledger: LedgerReader, snapshots: Mapping[Side, Snapshot], who: Subject) -> Surrounding:
    """Who hangs together with this record, cut as the planner cuts it.

    Raises:
        InputFileError: a snapshot is damaged.
    """
    engine = open_engine()
    frames = {side: snapshot.frames(engine) for side, snapshot in snapshots.items()}
    link = ledger.links_by_id(who.side, [who.id]).get(who.id)
    start = {(side, link.id(side)) for side in Side} if link is not None else {(who.side, who.id)}
    members = _hanging_together(frames, start)
    links: dict[tuple[Side, str], Link] = {}
    for side in Side:
        ids = [one for of_side, one in members if of_side is side]
        links |= {(side, one): held for one, held in ledger.links_by_id(side, ids).items()}
    if link is not None:
        links |= {(side, link.id(side)): link for side in Side}
    some = {
        side: _only(frames[side], [one for of_side, one in members if of_side is side], engine.keep)
        for side in Side
    }
    rows = [
        row
        for row in candidates_among(engine, some, _links_table(links.values()))
        if who.id == (row.pipedrive_id if who.side is Side.PIPEDRIVE else row.plezi_id) or who in row.members
    ]
    # A linked record may share an address with somebody who is not: it is one row as a pair, and a member of another.
    tangled = next((row.members for row in rows if row.match is Match.AMBIGUOUS), ())
    rows.sort(key=lambda row: row.match is Match.AMBIGUOUS)
    return Surrounding(rows[0] if rows else None, links, tangled)


def read_records(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, Record]:
    """These records with every field, from the snapshot; absent ones are left out.

    Raises:
        InputFileError: the file is damaged.
    """
    wanted = [one for one in dict.fromkeys(ids) if one]
    codes = list(snapshot.schema.by_code)
    frame = _among(snapshot.frames().records, "id", wanted)
    table = collect(frame.select("id", "updated_at", *map(delivered, codes))) if wanted else None
    rows = table.to_pylist() if table is not None else []
    return {
        row["id"]: Record(
            snapshot.side,
            row["id"],
            {code: decode_value(row[delivered(code)]) for code in codes if row[delivered(code)] is not None},
            row["updated_at"],
        )
        for row in rows
    }


def _by_subject(ws: Workspace, snapshots: Mapping[Side, Snapshot], side: Side, rest: str) -> Subject:
    """``person/1042`` or ``1042`` of one side; also somebody whom only a link or the journal still knows."""
    noun, slash, identifier = rest.partition("/")
    if not slash:
        noun, identifier = side.noun, rest
    if noun != side.noun or not identifier:
        raise UsageError(
            f"{quoted(f'{side}:{rest}')} is no {side.noun} of {side.label}.",
            untouched="Nothing was read or written.",
            next_step=f"Name one like this: pdsync explain {side}:{side.noun}/1042",
        )
    subject = Subject(side, side.noun, identifier)
    if _is_there(snapshots[side], identifier) or _is_remembered(ws, subject):
        return subject
    raise _nobody(str(subject))


def _by_id(ws: Workspace, snapshots: Mapping[Side, Snapshot], text: str) -> list[Subject]:
    subjects = [Subject(side, side.noun, text) for side in Side]
    there = [one for one in subjects if text and _is_there(snapshots[one.side], text)]
    return there or [one for one in subjects if text and _is_remembered(ws, one)]


def _by_address(ws: Workspace, snapshots: Mapping[Side, Snapshot], text: str) -> list[Subject]:
    """Who holds the address; both ends of one pair count as one, and are named by the person."""
    import narwhals as nw

    key = address_key(text)
    ledger = ws.state.ledger
    holders: list[Subject] = []
    for side in Side:
        addresses = snapshots[side].frames().addresses.filter(nw.col("key") == key)
        ids = sorted(set(collect(addresses.select("id"))["id"].to_pylist()), key=lambda one: (len(one), one))
        holders += [Subject(side, side.noun, one) for one in ids]
    linked = {one: ledger.links_by_id(one.side, [one.id]).get(one.id) for one in holders[: 2 * _NAMED]}
    if not holders:
        return [
            Subject(Side.PIPEDRIVE, Side.PIPEDRIVE.noun, one.pipedrive_id) for one in ledger.links_on(key)
        ]
    ends = {link for link in linked.values() if link is not None}
    if len(ends) == 1 and all(linked.get(one) is not None for one in holders):
        return holders[:1]
    if [one.side for one in holders] == list(Side) and not ends:
        return holders[:1]
    return holders


def _is_there(snapshot: Snapshot, identifier: str) -> bool:
    records = _among(snapshot.frames().records, "id", [identifier])
    return bool(collect(records.select("id")).num_rows)


def _is_remembered(ws: Workspace, subject: Subject) -> bool:
    if subject.id in ws.state.ledger.links_by_id(subject.side, [subject.id]):
        return True
    return ws.state.history.of_records([(subject.side, subject.id)], 1)[1] > 0


def _hanging_together(
    frames: Mapping[Side, Frames], start: Iterable[tuple[Side, str]]
) -> set[tuple[Side, str]]:
    """Everybody reached from ``start`` by shared addresses, step by step, up to a bound."""
    members = set(start)
    seen: set[str] = set()
    fresh = members
    while fresh and len(members) < _MOST_MEMBERS:
        keys: set[str] = set()
        for side, held in frames.items():
            ids = [one for of_side, one in fresh if of_side is side]
            keys |= _column(_among(held.addresses, "id", ids), "key")
        keys -= seen
        seen |= keys
        holders = {
            (side, one)
            for side, held in frames.items()
            for one in _column(_among(held.addresses, "key", sorted(keys)), "id")
        }
        fresh = holders - members
        members |= fresh
    return members


def _column(frame: nw.LazyFrame[Any], name: str) -> set[str]:
    return set(collect(frame.select(name))[name].to_pylist())


def _only(frames: Frames, ids: Sequence[str], keep: Any) -> Frames:  # noqa: ANN401 - an engine's method
    """The tables with these records only."""
    return Frames(
        *(keep(_among(frame, "id", ids)) for frame in (frames.records, frames.addresses, frames.options))
    )


def _among(frame: nw.LazyFrame[Any], column: str, values: Sequence[str]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    return frame.filter(nw.col(column).is_in(list(values))) if values else frame.head(0)


def _links_table(links: Iterable[Link]) -> pa.Table:
    import pyarrow as pa

    rows = {(link.pipedrive_id, link.plezi_id): link for link in links}.values()
    columns: dict[str, list[Any]] = {name: [None] * len(rows) for name in LINK_COLUMNS}
    columns |= {
        "pipedrive_id": [link.pipedrive_id for link in rows],
        "plezi_id": [link.plezi_id for link in rows],
        "address": [link.address for link in rows],
        "state": [link.state.value for link in rows],
        "open": [True] * len(rows),
    }
    return pa.table(
        {
            name: pa.array(values, pa.bool_() if name == "open" else pa.string())
            for name, values in columns.items()
        }
    )


def _nobody(text: str) -> UsageError:
    return UsageError(
        f"Nobody is known as {quoted(text)}: not in the newest snapshots, not in a link, not in a run.",
        untouched="Nothing was changed.",
        next_step="Read both sides again: pdsync pull. Or name another address, or an id such as pipedrive:person/1042.",
    )


def _several(text: str, found: Sequence[Subject]) -> UsageError:
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return UsageError(
        f"{quoted(text)} is {len(found)} records: {listed(str(one) for one in found[:_NAMED])}{more}.",
        untouched="Nothing was changed.",
        next_step=f"Say which: pdsync explain {found[0]}",
    )
