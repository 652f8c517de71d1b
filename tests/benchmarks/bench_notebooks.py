"""Peak memory of what notebooks ask of a million persons: the queries run on the files, only their results come to memory.

The records are made up here, in a snapshot of their own; each question runs in a process of its own, beside the price of
loading everything. ``python -m tests.benchmarks.bench_notebooks 100000`` takes another size.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

import pdsync
from pdsync.model import Account, Coverage, Field, Kind, Option, Record, RemoteSchema, Side, Value
from pdsync.snapshots.writer import SnapshotWriter

SIZE = 1_000_000
LIMIT_MB = 1_000
BATCH = 5_000

SECTORS = tuple(Option(str(number), f"Sector {number}") for number in range(9))
FIELDS = (
    Field("email", "Email", Kind.EMAILS),
    Field("first_name", "First name", Kind.TEXT),
    Field("last_name", "Last name", Kind.TEXT),
    Field("source", "Source", Kind.TEXT),
    Field("sector", "Sector", Kind.OPTION, options=SECTORS),
    *(Field(f"text_{number}", f"Text {number}", Kind.TEXT) for number in range(15)),
)


def make_snapshot(folder: Path, size: int) -> Path:
    """A snapshot of so many persons with twenty fields, one in a hundred without a last name."""
    account = Account(Side.PIPEDRIVE, "1", "Bench")
    schema = RemoteSchema(account, FIELDS)
    with SnapshotWriter(
        folder, Side.PIPEDRIVE, schema, account, bound=None, taken_at=datetime.now(UTC)
    ) as writer:
        for start in range(0, size, BATCH):
            writer.add([_person(number) for number in range(start, min(start + BATCH, size))])
        return writer.finish(Coverage(complete=True)).folder


def _person(number: int) -> Record:
    values: dict[str, Value] = {
        "email": [{"value": f"person{number}@example.com", "label": "work", "primary": True}],
        "first_name": f"First{number % 1_000}",
        "last_name": None if number % 100 == 0 else f"Last{number % 5_000}",
        "source": f"source {number % 12}",
        "sector": number % 9,
        **{f"text_{field}": f"text {number * field % 9_973}" for field in range(15)},
    }
    return Record(Side.PIPEDRIVE, str(number), values, "2026-10-01T00:00:00Z")


def _fields(snapshot: pdsync.Snapshot) -> None:
    snapshot.fields.to_polars()


def _sources(snapshot: pdsync.Snapshot) -> None:
    snapshot.records.lazy().group_by("source").agg(pl.len()).collect()


def _ages(snapshot: pdsync.Snapshot) -> None:
    snapshot.records.lazy().group_by(pl.col("updated_at").dt.truncate("1mo")).agg(pl.len()).collect()


def _proposals(snapshot: pdsync.Snapshot) -> None:
    nameless = snapshot.records.lazy().filter(pl.col("last_name").is_null()).select("id", "first_name")
    nameless.join(snapshot.addresses.lazy().select("id", "key"), on="id").collect()


def _display(snapshot: pdsync.Snapshot) -> None:
    snapshot.records._repr_mimebundle_()


def _sql(snapshot: pdsync.Snapshot) -> None:
    snapshot.records.to_duckdb().aggregate('"sector", count(*)').fetchall()


def _everything(snapshot: pdsync.Snapshot) -> None:
    snapshot.records.to_polars()


QUESTIONS = {
    "nothing": lambda snapshot: snapshot.rows,
    "fill rates": _fields,
    "sources": _sources,
    "ages": _ages,
    "names from addresses": _proposals,
    "the table's own display": _display,
    "sectors in SQL": _sql,
    "everything, on purpose": _everything,
}


def main() -> None:
    """Print the peak of each question, and how long it took beside reading everything."""
    if len(sys.argv) > 3:
        make_snapshot(Path(sys.argv[1]), int(sys.argv[3]))
        return
    if len(sys.argv) > 2:
        started = time.perf_counter()
        QUESTIONS[sys.argv[2]](pdsync.open_snapshot(sys.argv[1]))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        sys.stdout.write(f"{peak / 1e6} {time.perf_counter() - started}")
        return
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    with tempfile.TemporaryDirectory() as name:
        ourselves = [sys.executable, "-m", "tests.benchmarks.bench_notebooks"]
        # Made in a process of its own as well: a child begins with the peak of its parent.
        subprocess.run([*ourselves, name, "make", str(size)], check=True)
        (folder,) = Path(name).iterdir()
        for question in QUESTIONS:
            command = [*ourselves, str(folder), question]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            megabytes, seconds = map(float, done.stdout.split())
            print(
                f"memory  {megabytes / LIMIT_MB:.2f} of {LIMIT_MB} MB, {seconds:.1f} s  {question}, {size:,} persons"
            )


if __name__ == "__main__":
    main()
