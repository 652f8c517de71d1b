"""Email addresses that two records of one side hold: nobody can tell whose contact that is (R17).

A cluster is what hangs together by such addresses: the records that share them, directly or through one another, and
the records of the other side that hold one of them. An address counts wherever it stands in a person's list, first or
not; the same address twice in one record's list is no duplicate. Two addresses are one if their keys are equal
(``planning.keys``): case, spaces, Unicode forms and the spelling of the domain do not matter, plus-tags and dots do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.held_addresses import clusters, every_address, spelling
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import Severity, Side, Value
from pdsync.planning.wording import listed
from pdsync.snapshots.components import components
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AUDITS"]

_MOST_ADDRESSES: Final = 50
"""Addresses of one record that details carry."""


def _find(inputs: AuditInputs) -> Found:
    """All clusters; the headline says how many persons Plezi's own connector would overwrite."""
    found = _clusters(_shared_addresses(inputs))
    columns: dict[Side, dict[str, list[str | None]]] = {
        held.side: {name: [] for name in ("order", "key", "side", "id", "message", "details")}
        for held in inputs.having(Need.ADDRESSES)
    }
    count, holders, overwritten = 0, dict.fromkeys(Side, 0), 0
    for rows in found:
        cluster = _Cluster(rows)
        order, identity, message = f"{count:09}", cluster.identity(), cluster.message()
        for side, identifier, details in cluster.members():
            row = (order, identity, str(side), identifier, message, details)
            for column, value in zip(columns[side].values(), row, strict=True):
                column.append(value)
        count += 1
        overwritten += cluster.overwritten
        for side in Side:
            holders[side] += len(cluster.holders[side])
    said = ", ".join(
        [counted(count, "cluster"), *(counted(n, side.noun) for side, n in holders.items() if n)]
    )
    if overwritten:
        said += f"; Plezi's own connector would overwrite {overwritten:,} of them with another person's data"
    frames = [inputs.frame(held) for held in columns.values()]
    return Found(frames, headline=said)


def _shared_addresses(inputs: AuditInputs) -> pa.Table:
    """Every holder of every address that several records of one side hold; ``shared``: it is on this side that they do."""
    import narwhals as nw

    sides = list(inputs.having(Need.ADDRESSES))
    shared = [
        clusters(inputs, held).select(
            "key", "id", nw.lit(str(held.side)).alias("side"), nw.lit(value=True).alias("shared")
        )
        for held in sides
    ]
    edges = [
        every_address(inputs, held).select(
            nw.lit(str(held.side)).alias("side"), "id", "key", spelling(), "primary", "position"
        )
        for held in sides
    ]
    keys = nw.concat([frame.select("key") for frame in shared]).unique()
    marked = [
        edge.join(keys, on="key", how="semi").join(mark, on=["side", "id", "key"], how="left")
        for edge, mark in zip(edges, shared, strict=True)
    ]
    return collect(nw.concat(marked).with_columns(nw.col("shared").fill_null(value=False)))


def _clusters(found: pa.Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of each cluster, in the order of its first member; members by side, id as people count, and place."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if found.num_rows == 0:
        return
    order = [("side", "ascending"), ("length", "ascending"), ("id", "ascending"), ("position", "ascending")]
    ordered = found.append_column("length", pc.utf8_length(found["id"])).sort_by(order)
    numbers: dict[tuple[str, str], int] = {}
    for number, (nodes, _) in enumerate(components(_edges(ordered))):
        numbers.update(dict.fromkeys(nodes, number))
    cluster = pa.array([numbers[node] for node, _ in _edges(ordered)], pa.int64())
    whole = ordered.append_column("cluster", cluster).sort_by([("cluster", "ascending"), *order])
    rows = (row for batch in whole.to_batches(max_chunksize=1_000) for row in batch.to_pylist())
    for _, members in groupby(rows, key=itemgetter("cluster")):
        yield list(members)


def _edges(table: pa.Table) -> Iterator[tuple[tuple[str, str], str]]:
    """(side, id) and key of each row, some thousand at a time in memory."""
    for batch in table.select(["side", "id", "key"]).to_batches(max_chunksize=10_000):
        sides, ids, keys = (column.to_pylist() for column in batch.columns)
        yield from zip(zip(sides, ids, strict=True), keys, strict=True)


class _Cluster:
    """What hangs together, and what is to be said of it."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows
        self.holders: dict[Side, set[str]] = {side: set() for side in Side}
        """Records that share an address with another one of their own side."""
        self._counterparts: dict[Side, set[str]] = {side: set() for side in Side}
        spellings: dict[str, set[str]] = {}
        for row in rows:
            (self.holders if row["shared"] else self._counterparts)[Side(row["side"])].add(row["id"])
            spellings.setdefault(row["key"], set()).add(row["delivered"])
        for side in Side:
            self._counterparts[side] -= self.holders[side]
        self._addresses = len(spellings)
        self._spellings = sum(map(len, spellings.values()))

    @property
    def overwritten(self) -> int:
        """Persons whose data Plezi's connector would replace: all but the first of those who become one contact (R17)."""
        return max(0, len(self.holders[Side.PIPEDRIVE]) - 1)

    def identity(self) -> str:
        """The same as long as the same records are in it."""
        digest = blake2b(digest_size=16)
        for side, identifier in dict.fromkeys((row["side"], row["id"]) for row in self._rows):
            digest.update(f"{side}/{identifier}\0".encode())
        return digest.hexdigest()

    def message(self) -> str:
        """Counts only: no address, no name."""
        who = listed(counted(len(ids), side.noun) for side, ids in self.holders.items() if ids)
        said = f"{who} share {counted(self._addresses, 'email address', 'email addresses')}"
        if self._spellings > self._addresses:
            said += f" in {self._spellings:,} spellings"
        others = [(side, len(ids)) for side, ids in self._counterparts.items() if ids]
        for side, number in others:
            verb = "holds" if number == 1 else "hold"
            said += f", which {counted(number, side.noun)} in {side.label} {verb} as well"
        if self.overwritten:
            said += f"; Plezi's own connector would overwrite {self.overwritten:,} of the persons with another's data"
        return said

    def members(self) -> Iterator[tuple[Side, str, str]]:
        """Each record once: side, id, details as JSON."""
        for (side, identifier), rows in groupby(self._rows, key=lambda row: (Side(row["side"]), row["id"])):
            held = list(rows)
            addresses: list[Value] = [
                {"delivered": row["delivered"], "primary": bool(row["primary"])}
                for row in held[:_MOST_ADDRESSES]
            ]
            role = "shares" if identifier in self.holders[side] else "counterpart"
            details: dict[str, Value] = {
                "role": role,
                "primary": any(bool(row["primary"]) for row in held),
                "addresses": addresses,
            }
            yield side, identifier, json.dumps(details, ensure_ascii=False)


AUDITS = (
    Audit(
        code="duplicate-email",
        severity=Severity.BLOCKING,
        title="records of one side that share an email address",
        why="The address is how a person is known to be a contact: with two persons behind one address, Plezi's own "
        "connector updates the second with the first one's data. pdsync writes to none of them until it is solved.",
        rule="R17",
        fix="Merge the records if they are one person; otherwise give each an address of its own, and keep a mailbox that "
        "several people use on one record only.",
        needs=(Need.ADDRESSES,),
        find=_find,
    ),
)
