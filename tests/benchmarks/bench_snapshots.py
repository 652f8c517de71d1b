"""Memory and speed of snapshots and of the candidate query, for 200,000 records a side.

Each step runs in a process of its own, so that its peak memory is its own. Speeds are ratios to the least that any
program must do with the same data: to decode the same records from JSON, or to read the columns that a query uses.
``python -m tests.benchmarks.bench_snapshots 1000000 900000`` takes other sizes.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from pdsync.model import BoundMapping, Field, Kind, Mapping, Match, Record, RemoteSchema, Side, Value
from pdsync.snapshots.candidates import find_candidates
from pdsync.snapshots.reader import Snapshot, latest, snapshots_folder
from pdsync.snapshots.writer import SnapshotWriter
from tests.snapshots.build import COMPLETE, NOON, account

PERSONS, CONTACTS = 200_000, 200_000
OVERLAP = 0.6
"""Share of the persons who are contacts as well; of these, half are linked, and one in a hundred of those changed."""
PAGE = 500
SHARED_EVERY = 500
"""Every so many persons hold the address of their neighbour too."""


def schema(side: Side) -> RemoteSchema:
    """Ten fields, as a mapping of usual size reads."""
    texts = ("first_name", "last_name", "city", "plezi_url", "source")
    return RemoteSchema(
        account(side),
        (
            Field("email", "Email", Kind.EMAILS),
            *(Field(code, code, Kind.TEXT) for code in texts),
            Field("sector", "Sector", Kind.OPTION),
            Field("interests", "Interests", Kind.OPTIONS),
            Field("score", "Score", Kind.NUMBER),
            Field("born", "Born", Kind.DATE),
        ),
    )


def bound() -> BoundMapping:
    """All fields count for the digest."""
    schemas = {side: schema(side) for side in Side}
    codes = {side: tuple(sorted(schemas[side].by_code)) for side in Side}
    return BoundMapping(Mapping("bench", (), {}), schemas, (), codes, "v1", dict.fromkeys(Side, "email"))


def people(side: Side, count: int, first: int = 0) -> Iterator[list[Record]]:
    """Pages of made-up people; those of the same number are the same on both sides."""
    for start in range(0, count, PAGE):
        page = []
        for number in range(start, min(start + PAGE, count)):
            who = number + first
            address = f"person.{who}@example.com"
            emails: list[Value] = [{"value": address, "label": "work", "primary": True}]
            if who % SHARED_EVERY == 1:
                emails.append({"value": f"person.{who - 1}@example.com", "label": "home", "primary": False})
            page.append(
                Record(
                    side,
                    str(number + 1),
                    {
                        "email": emails if side is Side.PIPEDRIVE else address,
                        "first_name": f"Zoé{who % 900}",
                        "last_name": f"Le Gall-{who % 40_000}",
                        "city": f"Ville {who % 3_000}" if who % 3 else None,
                        "plezi_url": f"https://app.plezi.example/contacts/{who}",
                        "source": ("direct", "referral", "form")[who % 3],
                        "sector": who % 9 if who % 4 else None,
                        "interests": [who % 7, who % 5] if who % 2 else None,
                        "score": who % 100,
                        "born": f"19{50 + who % 50}-0{1 + who % 9}-1{who % 9}",
                    },
                    "2026-11-01T08:00:00Z",
                )
            )
        yield page


def write(state: Path, side: Side, count: int, first: int) -> None:
    """One snapshot."""
    with SnapshotWriter(
        snapshots_folder(state), side, schema(side), account(side), bound=bound(), taken_at=NOON
    ) as writer:
        for page in people(side, count, first):
            writer.add(page)
        writer.finish(COMPLETE)


def opened(state: Path) -> tuple[Snapshot, Snapshot]:
    """Both snapshots."""
    person, contact = (latest(state, side) for side in Side)
    assert person is not None
    assert contact is not None
    return person, contact


def links(persons: Snapshot, contacts: Snapshot, first: int) -> object:
    """The second half of the people on both sides is linked; of every hundredth link one side has changed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    digests = [
        pq.read_table(one.path("records"), columns=["digest"]).column(0) for one in (persons, contacts)
    ]
    shared = persons.rows - first
    start = shared // 2
    left = digests[0].slice(first + start, shared - start)
    right = digests[1].slice(start, shared - start)
    changed = pa.array(
        [None if number % 100 == 0 else one for number, one in enumerate(right.to_pylist())], pa.string()
    )
    rows = range(start, shared)
    return pa.table(
        {
            "pipedrive_id": [str(first + row + 1) for row in rows],
            "plezi_id": [str(row + 1) for row in rows],
            "address": [f"person.{first + row}@example.com" for row in rows],
            "state": ["ok"] * len(rows),
            "digest_pipedrive": left,
            "digest_plezi": changed,
            "version": ["v1"] * len(rows),
            "open": [False] * len(rows),
        }
    )


# -- the steps, one process each -------------------------------------------------------------------------------------


def step_decode(_state: Path, persons: int, _contacts: int, _first: int) -> str:
    """The floor for writing: the same records from JSON."""
    import msgspec

    pages = [
        json.dumps([one.values for one in page]) for page in people(Side.PIPEDRIVE, min(persons, 50_000))
    ]
    began = time.perf_counter()
    for text in pages:
        msgspec.json.decode(text)
    return str((time.perf_counter() - began) * persons / min(persons, 50_000))


def step_write(state: Path, persons: int, contacts: int, first: int) -> str:
    """Both snapshots; the time to make the people up is taken off."""
    began = time.perf_counter()
    for pages in (people(Side.PIPEDRIVE, persons), people(Side.PLEZI, contacts, first)):
        deque(pages, maxlen=0)
    made_up = time.perf_counter() - began
    began = time.perf_counter()
    write(state, Side.PIPEDRIVE, persons, 0)
    write(state, Side.PLEZI, contacts, first)
    return str(max(0.001, time.perf_counter() - began - made_up))


def step_scan(state: Path, *_sizes: int) -> str:
    """The floor for the query: the columns that it uses."""
    import polars as pl

    began = time.perf_counter()
    for snapshot in opened(state):
        pl.read_parquet(snapshot.path("records"), columns=["id", "digest"])
        pl.read_parquet(snapshot.path("addresses"), columns=["id", "key", "rank"])
    return str(time.perf_counter() - began)


def step_find(engine: str) -> Callable[[Path, int, int, int], str]:
    """The candidate query and its rows, in order."""

    def find(state: Path, _persons: int, _contacts: int, first: int) -> str:
        snapshots = opened(state)
        table = links(*snapshots, first)
        began = time.perf_counter()
        candidates = find_candidates(*snapshots, table, version="v1", engine=engine)
        found = time.perf_counter() - began
        rows = sum(1 for _ in candidates)
        assert rows == len(candidates)
        counts = ", ".join(f"{candidates.counts[match]:,} {match}" for match in Match)
        return f"{found} {counts}"

    return find


def step_read(state: Path, *_sizes: int) -> str:
    """All a planner does with records: find, then look up every candidate's records of both sides."""
    persons, contacts = opened(state)
    began = time.perf_counter()
    first = max(0, persons.rows - contacts.rows)
    candidates = find_candidates(persons, contacts, links(persons, contacts, first), version="v1")
    lookups = [persons.lookup(), contacts.lookup()]
    seen = 0
    for batch in candidates.batches(2_000):
        seen += len(lookups[0].get([row.pipedrive_id for row in batch]))
        seen += len(lookups[1].get([row.plezi_id for row in batch]))
    return f"{time.perf_counter() - began} {seen:,} records looked up"


STEPS: dict[str, Callable[..., str]] = {
    "decode": step_decode,
    "write": step_write,
    "scan": step_scan,
    "find-polars": step_find("polars"),
    "find-duckdb": step_find("duckdb"),
    "read": step_read,
}


def run(name: str, *arguments: object) -> tuple[float, int, str]:
    """Seconds, peak memory in MB, and what the step has to say."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_snapshots", "--step", name, *map(str, arguments)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    seconds, _, words = said[0].partition(" ")
    return float(seconds), int(said[1]), words


def main(persons: int = PERSONS, contacts: int = CONTACTS) -> None:
    """Print one line per figure: name, ratio, details."""
    first = int(persons * (1 - OVERLAP))
    with tempfile.TemporaryDirectory() as folder:
        sizes = (folder, persons, contacts, first)
        both = persons + contacts
        floor = run("decode", *sizes)[0] * both / persons
        took, peak, _ = run("write", *sizes)
        say(
            "snapshot write",
            took / floor,
            "decoding the same JSON",
            f"{both / took:,.0f} records/s, peak {peak} MB",
        )
        floor = run("scan", *sizes)[0]
        steps = {
            "candidates polars": "find-polars",
            "candidates duckdb": "find-duckdb",
            "candidates+records": "read",
        }
        for name, step in steps.items():
            took, peak, words = run(step, *sizes)
            say(name, took / floor, "reading their columns", f"{took:.2f} s, peak {peak} MB: {words}")


def say(name: str, ratio: float, floor: str, details: str) -> None:
    """One line: name, ratio, details."""
    print(f"{name:<20} {ratio:5.1f} x {floor:<24} {details}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        _, _, step, state, *numbers = sys.argv
        print(STEPS[step](Path(state), *map(int, numbers)))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    else:
        main(*map(int, sys.argv[1:]))
