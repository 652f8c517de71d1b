"""What each audit costs, against the time in which pyarrow decodes the columns that it uses: the floor of any audit.

Persons and half as many contacts, most of them in order, as `pdsync.sandbox.seeding.people` makes them; every hundredth
name or address has something to find. Each audit is run alone, on a fresh engine, so it pays for what it shares with
others; the last line runs all of them together, who share it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import pyarrow.parquet as pq

from pdsync.audits.declaring import Audit
from pdsync.audits.registry import every_audit
from pdsync.audits.running import run_audits
from pdsync.engine.auditing import audit_inputs
from pdsync.model import Mapping as MappingFile
from pdsync.model import Record, Scope, Side
from pdsync.planning.binding import bind
from pdsync.sandbox.seeding.people import People
from pdsync.snapshots.reader import Snapshot, snapshots_folder
from pdsync.snapshots.writer import SnapshotWriter
from tests.audits.build import ACCOUNTS, COMPLETE, FIELDS, IDENTITY
from tests.snapshots.build import NOON, record

Table = Literal["records", "addresses"]
Columns = Mapping[Table, tuple[str, ...]]
"""By table of a snapshot, what is read of it."""

_NAMES: Columns = {"records": ("id", "c:first_name", "c:last_name")}
_DELIVERED_NAMES: Columns = {"records": ("id", "c:first_name", "c:last_name", "d:first_name", "d:last_name")}
_KEYS: Columns = {"addresses": ("id", "key", "rank")}
_PAIRS: Columns = {**_NAMES, **_KEYS}
USED: dict[str, Columns] = {
    "duplicate-email": _KEYS,
    "malformed-email": _KEYS,
    "role-address": _KEYS,
    "disposable-email": _KEYS,
    "mistyped-domain": _KEYS,
    "similar-mailbox": _KEYS,
    "no-email": {"records": ("id", "d:email"), "addresses": ("id",)},
    "different-names": _PAIRS,
    "name-order": {**_DELIVERED_NAMES, **_KEYS},
    "all-caps-name": _DELIVERED_NAMES,
    "name-rule-wrong": {"records": ("id", "c:first_name", "c:last_name", "c:name")},
    "email-as-name": _PAIRS,
    "placeholder-name": _NAMES,
    "honorific-in-name": _NAMES,
    "company-as-name": _NAMES,
    "digits-in-name": _NAMES,
    "damaged-name": _NAMES,
    "equal-names": _NAMES,
    "misplaced-name-part": _NAMES,
}
"""By audit; a new one is measured when it is named here."""

ODD_NAMES = (
    ("Test", "Rivière"), ("Mme Lucile", "Rivière"), ("Rivière", "SARL"), ("Lucile", "Rivière 2"), ("RIVIÈRE", "Lucile"),
    ("RiviÃ¨re", "Lucile"), ("Jean", "Pierre Rivière"), ("Jean Marc", "Rivière"), ("Lucile", "Lucile"), ("-", "Rivière"),
)  # fmt: skip
ODD_ADDRESSES = ("lucile{}@@example.com", "info{}@example.com", "lucile{}+crm@example.com", "")


def people(side: Side, size: int) -> Iterator[Record]:
    """Records of a side, the same people on both."""
    made, dice = People(1), random.Random(f"{side}")
    for number in range(size):
        one = made.one()
        first, last, address = one.first_name, one.last_name, one.email
        if dice.random() < 0.01:
            first, last = dice.choice(ODD_NAMES)
        if dice.random() < 0.01:
            address = dice.choice(ODD_ADDRESSES).format(number)
        named = {"first_name": first, "last_name": last}
        if side is Side.PIPEDRIVE:
            named["name"] = f"{first} {last}"
        yield record(side, str(number + 1), [address] if address else [], **named)


def written(folder: Path, sizes: Mapping[Side, int]) -> tuple[dict[Side, Snapshot], MappingFile]:
    """Both snapshots."""
    from pdsync.model import RemoteSchema

    schemas = {side: RemoteSchema(ACCOUNTS[side], FIELDS[side]) for side in Side}
    mapping = MappingFile("contacts", (IDENTITY,), {side: Scope() for side in Side})
    bound, _ = bind(mapping, schemas)
    snapshots: dict[Side, Snapshot] = {}
    for side, schema in schemas.items():
        with SnapshotWriter(
            snapshots_folder(folder), side, schema, schema.account, bound=bound, taken_at=NOON
        ) as writer:
            batch: list[Record] = []
            for one in people(side, sizes[side]):
                batch.append(one)
                if len(batch) == 2_000:
                    writer.add(batch)
                    batch = []
            writer.add(batch)
            snapshots[side] = writer.finish(COMPLETE)
    return snapshots, mapping


def decode(snapshots: Mapping[Side, Snapshot], used: Iterable[Columns]) -> int:
    """The floor: pyarrow reads these columns of both sides into memory, each once."""
    rows = 0
    wanted: dict[Table, dict[str, None]] = {}
    for columns in used:
        for table, names in columns.items():
            wanted.setdefault(table, {}).update(dict.fromkeys(names))
    for snapshot in snapshots.values():
        for name, chosen in wanted.items():
            path = snapshot.path(name)
            held = set(pq.read_schema(path).names)
            rows += pq.read_table(path, columns=[column for column in chosen if column in held]).num_rows
    return rows


def best_of(times: int, work: Callable[[], int]) -> tuple[float, int]:
    """The shortest of several runs, in seconds, and what the work returned."""
    best, result = float("inf"), 0
    for _ in range(times):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return best, result


def main() -> None:
    """Print one line for each audit, and one for all together."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--engine", default="polars")
    parser.add_argument("--times", type=int, default=3)
    wanted = parser.parse_args()
    sizes = {Side.PIPEDRIVE: wanted.persons, Side.PLEZI: wanted.persons * 2 // 5}
    audits = [audit for audit in every_audit() if audit.code in USED]
    with tempfile.TemporaryDirectory() as folder:
        snapshots, mapping = written(Path(folder), sizes)
        bound, _ = bind(mapping, {side: snapshot.schema for side, snapshot in snapshots.items()})

        def findings(chosen: list[Audit]) -> int:
            inputs = audit_inputs(snapshots, bound, engine=wanted.engine)
            return sum(summary.findings for summary in run_audits(inputs, audits=chosen).summaries)

        print(f"{sizes[Side.PIPEDRIVE]:,} persons, {sizes[Side.PLEZI]:,} contacts, {wanted.engine}")
        for audit in audits:
            floor, _ = best_of(wanted.times, lambda audit=audit: decode(snapshots, [USED[audit.code]]))  # type: ignore[misc]
            cost, found = best_of(wanted.times, lambda audit=audit: findings([audit]))  # type: ignore[misc]
            print(
                f"{audit.code:20} {cost / floor:5.1f} times decoding  {cost * 1e3:5.0f} ms, {found:,} findings"
            )
        floor, _ = best_of(wanted.times, lambda: decode(snapshots, [USED[audit.code] for audit in audits]))
        cost, found = best_of(wanted.times, lambda: findings(audits))
        print(
            f"{'all together':20} {cost / floor:5.1f} times decoding  {cost * 1e3:5.0f} ms, {found:,} findings"
        )


if __name__ == "__main__":
    main()
