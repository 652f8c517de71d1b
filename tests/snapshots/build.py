"""Small snapshots and links for tests: a schema with one field of each kind, records, and the table of links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from pdsync.model import (
    Account,
    BoundMapping,
    Coverage,
    Field,
    Kind,
    Option,
    Record,
    RemoteSchema,
    Side,
    Value,
)
from pdsync.model import Mapping as MappingFile
from pdsync.snapshots.candidates import LINK_COLUMNS
from pdsync.snapshots.reader import Snapshot, snapshots_folder
from pdsync.snapshots.writer import SnapshotWriter

NOON = datetime(2026, 11, 2, 12, 0, 0, tzinfo=UTC)
COMPLETE = Coverage(complete=True)


def account(side: Side) -> Account:
    """The one invented account of a side."""
    return Account(side, id=f"{side}-4711", name="Acme", domain="acme.example.com")


def schema(side: Side) -> RemoteSchema:
    """A field of every kind that tests write; codes are the kinds' names, ``email`` aside."""
    options = (Option("1", "Énergie"), Option("2", "Banque"))
    others = [
        Field(kind.value, kind.value.title(), kind, options=options if "option" in kind.value else ())
        for kind in Kind
        if kind is not Kind.EMAILS
    ]
    return RemoteSchema(account(side), (Field("email", "Email", Kind.EMAILS), *others))


def bound(version: str = "v1", codes: Sequence[str] = ("email", "number", "option", "text")) -> BoundMapping:
    """A bound mapping as far as snapshots look at it: codes, version and the identity field."""
    return BoundMapping(
        mapping=MappingFile("test", (), {}),
        schemas={side: schema(side) for side in Side},
        fields=(),
        codes=dict.fromkeys(Side, tuple(sorted(codes))),
        version=version,
        email=dict.fromkeys(Side, "email"),
    )


def record(side: Side, identifier: str, addresses: Iterable[str] = (), **values: Value) -> Record:
    """A record as its service delivers it: a list of addresses in Pipedrive, at most one in Plezi."""
    delivered = list(addresses)
    email: Value = (
        [{"value": one, "label": "work", "primary": place == 0} for place, one in enumerate(delivered)]
        if side is Side.PIPEDRIVE
        else (delivered[0] if delivered else None)
    )
    return Record(side, identifier, {"email": email, **values}, "2026-11-01T08:00:00Z")


def write(
    state: Path,
    side: Side,
    records: Sequence[Record],
    *,
    mapping: BoundMapping | None = None,
    coverage: Coverage = COMPLETE,
    taken_at: datetime = NOON,
) -> Snapshot:
    """Write records, in two pages, as a snapshot of the state."""
    with SnapshotWriter(
        snapshots_folder(state), side, schema(side), account(side), bound=mapping, taken_at=taken_at
    ) as writer:
        writer.add(records[: len(records) // 2])
        writer.add(records[len(records) // 2 :])
        return writer.finish(coverage)


def links_table(rows: Iterable[Mapping[str, str | bool | None]]) -> pa.Table:
    """The table of links, with what a row leaves out filled in."""
    usual = {
        "address": "",
        "state": "ok",
        "digest_pipedrive": "",
        "digest_plezi": "",
        "version": "v1",
        "open": False,
    }
    full = [{**usual, **row} for row in rows]
    types = [(name, pa.bool_() if name == "open" else pa.string()) for name in LINK_COLUMNS]
    return pa.Table.from_pylist(full, schema=pa.schema(types))
