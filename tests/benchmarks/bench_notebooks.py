"""Peak memory of what notebooks ask of a million persons: the queries run on the files, only their results come to memory.

A snapshot of them, a plan that changes two values of each, and the journal of the run that carried it out are made up here;
each question runs in a process of its own, beside the price of loading everything.
``python -m tests.benchmarks.bench_notebooks 100000`` takes another size.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

import pdsync
from pdsync.model import (
    Account,
    Change,
    ChangeKind,
    Coverage,
    Field,
    FieldChange,
    Gate,
    GateState,
    Kind,
    Option,
    Outcome,
    PlanHeader,
    PlanTotals,
    Reason,
    Record,
    RemoteSchema,
    RunKind,
    RunState,
    RunSummary,
    Side,
    SideTotals,
    Value,
)
from pdsync.snapshots.writer import SnapshotWriter
from pdsync.store import PlanWriter, State, read_plan

SIZE = 1_000_000
LIMIT_MB = 1_000
BATCH = 5_000
PLAN = "bench.pdsync"

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


def make_plan(folder: Path, size: int) -> None:
    """A plan that writes two values of each person, as a file."""
    account = {side: Account(side, "1", "Bench") for side in Side}
    sides = {side: SideTotals(updates=size, values=2 * size, writes=size) for side in (Side.PLEZI,)}
    with PlanWriter(folder) as writer:
        for number in range(size):
            writer.add_changes([_change(number)])
        header = PlanHeader(
            "0" * 16, "bench", "0" * 64, "0" * 64, {}, 1, account, Gate(GateState.READY), PlanTotals(sides)
        )
        writer.finish(header, folder / PLAN)


def make_journal(folder: Path, size: int) -> None:
    """A run that carried such a plan out, in the state of a folder of its own; one in a hundred was stale."""
    state_folder = folder / ".pdsync"
    state_folder.mkdir()
    run = RunSummary(
        "20261001-000000-0000", RunKind.APPLY, RunState.RUNNING, "0" * 16, "bench", "2026-10-01T00:00:00Z"
    )
    with (
        State.open(state_folder / "state.sqlite3", state_folder / "lock") as state,
        state.writing("bench") as writer,
    ):
        with writer.transaction() as transaction:
            transaction.journal.begin(run)
        for start in range(0, size, BATCH):
            ends = [
                (
                    replace(_change(number), number=number + 1),
                    Outcome.DONE if number % 100 else Outcome.STALE,
                    "",
                )
                for number in range(start, min(start + BATCH, size))
            ]
            with writer.transaction() as transaction:
                transaction.journal.not_sent(run.id, ends)
        with writer.transaction() as transaction:
            transaction.journal.end(run.id, RunState.DONE)


def _change(number: int) -> Change:
    fields = (
        FieldChange("a", "text_1", None, f"text {number % 9_973}", Reason.FILL),
        FieldChange("b", "text_2", f"before {number % 997}", f"after {number % 9_973}", Reason.CHANGED),
    )
    title = f"First{number % 1_000} Last{number % 5_000}"
    return Change(ChangeKind.UPDATE, Side.PLEZI, str(number), f"p{number}", fields=fields, title=title)


def _snapshot(folder: Path) -> pdsync.Snapshot:
    (stored,) = (folder / "snapshots").iterdir()
    return pdsync.open_snapshot(stored)


def _fields(folder: Path) -> None:
    _snapshot(folder).fields.to_polars()


def _sources(folder: Path) -> None:
    _snapshot(folder).records.lazy().group_by("source").agg(pl.len()).collect()


def _ages(folder: Path) -> None:
    months = pl.col("updated_at").dt.truncate("1mo")
    _snapshot(folder).records.lazy().group_by(months).agg(pl.len()).collect()


def _proposals(folder: Path) -> None:
    snapshot = _snapshot(folder)
    nameless = snapshot.records.lazy().filter(pl.col("last_name").is_null()).select("id", "first_name")
    nameless.join(snapshot.addresses.lazy().select("id", "key"), on="id").collect()


def _display(folder: Path) -> None:
    _snapshot(folder).records._repr_mimebundle_()


def _sql(folder: Path) -> None:
    _snapshot(folder).records.to_duckdb().aggregate('"sector", count(*)').fetchall()


def _everything(folder: Path) -> None:
    _snapshot(folder).records.to_polars()


def _changes(folder: Path) -> pdsync.Table:
    return pdsync.Plan(read_plan(folder / PLAN), None).changes


def _explored(folder: Path) -> None:
    """What 06-what-would-change asks."""
    changes = _changes(folder)
    counted = changes.lazy().group_by("field", "side", "why").agg(pl.len()).collect()
    assert counted["len"].sum() == changes.rows
    changes.lazy().filter(pl.col("before").is_not_null()).head(1_000).collect()


def _all_changes(folder: Path) -> None:
    _changes(folder).to_polars()


def _journal(folder: Path) -> pdsync.Table:
    return pdsync.open_account(folder).run("last").journal


def _looked_into(folder: Path) -> None:
    """What 08-sync-history asks."""
    journal = _journal(folder).lazy()
    journal.group_by("field", "outcome").agg(pl.len()).collect()
    troubles = journal.filter(pl.col("outcome") != "done").head(1_000).collect()
    assert set(troubles["outcome"]) == {"stale"}


def _whole_journal(folder: Path) -> None:
    _journal(folder).to_polars()


QUESTIONS: dict[str, Callable[[Path], object]] = {
    "snapshot: nothing": lambda folder: _snapshot(folder).rows,
    "snapshot: fill rates": _fields,
    "snapshot: sources": _sources,
    "snapshot: ages": _ages,
    "snapshot: names from addresses": _proposals,
    "snapshot: the table's own display": _display,
    "snapshot: sectors in SQL": _sql,
    "snapshot: everything, on purpose": _everything,
    "plan: by field, why, what is replaced": _explored,
    "plan: everything, on purpose": _all_changes,
    "journal: by field, what did not work": _looked_into,
    "journal: everything, on purpose": _whole_journal,
}


def main() -> None:
    """Print the peak of each question, and how long it took beside reading everything."""
    if len(sys.argv) > 3:
        folder, size = Path(sys.argv[1]), int(sys.argv[3])
        make_snapshot(folder / "snapshots", size)
        make_plan(folder, size)
        make_journal(folder, size)
        return
    if len(sys.argv) > 2:
        QUESTIONS[sys.argv[2]](Path(sys.argv[1]))
        used = resource.getrusage(resource.RUSAGE_SELF)
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        sys.stdout.write(f"{peak / 1e6} {used.ru_utime + used.ru_stime}")
        return
    size = int(sys.argv[1]) if len(sys.argv) > 1 else SIZE
    with tempfile.TemporaryDirectory() as name:
        ourselves = [sys.executable, "-m", "tests.benchmarks.bench_notebooks", name]
        # Made in a process of its own as well: a child begins with the peak of its parent.
        subprocess.run([*ourselves, "make", str(size)], check=True)
        for question in QUESTIONS:
            done = subprocess.run([*ourselves, question], check=True, stdout=subprocess.PIPE, text=True)
            megabytes, seconds = map(float, done.stdout.split())
            spent = f"memory  {megabytes / LIMIT_MB:.2f} of {LIMIT_MB} MB, {seconds:5.1f} s of processor time"
            print(f"{spent}  {question}, {size:,} persons", flush=True)


if __name__ == "__main__":
    main()
