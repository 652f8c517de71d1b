"""What each audit costs, against the time in which pyarrow decodes the columns that it uses: the floor of any audit.

All audits that there are, over the database of ``tests.benchmarks.crm``: 1,000,000 persons and 400,000 contacts unless
said otherwise. Which columns an audit uses is not written down but looked at: on a small database an engine runs it that
notes what the optimiser asks the files for. Each audit is run alone, on a fresh engine, so it pays for what it shares
with others; the line for all together is what a person waits for. Floor and audit take turns, the best of each counts,
because the machine has other things to do.

Then the peak of memory, each size in a process of its own, and how time and memory grow with the number of contacts.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow.parquet as pq

from pdsync.audits.declaring import Audit
from pdsync.audits.inputs import AuditInputs
from pdsync.audits.registry import every_audit
from pdsync.audits.running import run_audits
from pdsync.engine.auditing import audit_inputs
from pdsync.model import Side
from pdsync.snapshots.engines import ENGINES, PolarsEngine
from tests.benchmarks.crm import Crm, made

if TYPE_CHECKING:
    import narwhals as nw

LIMIT, AIM = 12, 6
"""Times the floor, all audits together."""
LIMIT_MB = 1_500
GROWTH = (100_000, 1_000_000, 5_000_000)
NOT_EXACT = {"near-duplicate"}
"""Audits that judge by likelihood; they have a benchmark of their own."""
Columns = Mapping[Path, frozenset[str]]
"""By Parquet file, what is read of it."""


class NotingEngine(PolarsEngine):
    """Polars, with a note of what it reads."""

    def __init__(self) -> None:
        self.read: dict[Path, set[str]] = {}

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        """A file that notes the columns which the optimiser asks for."""
        import narwhals as nw
        import polars as pl
        from polars.io.plugins import register_io_source

        def source(
            with_columns: list[str] | None,
            predicate: pl.Expr | None,
            n_rows: int | None,
            batch_size: int | None,
        ) -> Iterator[pl.DataFrame]:
            del n_rows, batch_size
            frame = pl.read_parquet(path, columns=with_columns)
            self.read.setdefault(path, set()).update(frame.columns)
            yield frame if predicate is None else frame.filter(predicate)

        return nw.from_native(register_io_source(source, schema=pl.read_parquet_schema(path)))


@contextmanager
def engine_named(name: str, make: Callable[[], PolarsEngine]) -> Iterator[None]:
    """An engine that ``audit_inputs`` can be asked for, for a while."""
    ENGINES[name] = make  # type: ignore[index]
    try:
        yield
    finally:
        del ENGINES[name]  # type: ignore[attr-defined]


def inputs_of(crm: Crm, engine: str) -> AuditInputs:
    """What audits are given, on a fresh engine."""
    inputs = audit_inputs(crm.snapshots, crm.bound, engine=engine)
    return replace(inputs, links=inputs.engine.table(crm.links))


def findings(crm: Crm, audits: Sequence[Audit], engine: str) -> int:
    """How many findings; the whole way, from the files to the table of findings."""
    return sum(one.findings for one in run_audits(inputs_of(crm, engine), audits=audits).summaries)


def columns_used(crm: Crm, audits: Sequence[Audit]) -> dict[str, Columns]:
    """By audit, the columns that it makes polars read; names of files as in ``crm``."""
    used: dict[str, Columns] = {}
    for audit in audits:
        noting = NotingEngine()
        with engine_named("noting", lambda noting=noting: noting):  # type: ignore[misc]
            findings(crm, [audit], "noting")
        used[audit.code] = {path: frozenset(names) for path, names in noting.read.items()}
    return used


def together(used: Sequence[Columns]) -> Columns:
    """Every column once."""
    every: dict[Path, set[str]] = {}
    for columns in used:
        for path, names in columns.items():
            every.setdefault(path, set()).update(names)
    return {path: frozenset(names) for path, names in every.items()}


def decode(columns: Columns, other: Mapping[Path, Path]) -> int:
    """The floor: pyarrow reads these columns into memory; ``other``: of which file instead."""
    return sum(
        int(pq.read_table(other[path], columns=sorted(names)).num_rows) for path, names in columns.items()
    )


class Cost(NamedTuple):
    """The best of several runs."""

    seconds: float
    worked: float
    """Seconds of processors: what others do on the machine hardly counts."""
    result: int


def in_turns(times: int, *works: Callable[[], int]) -> list[Cost]:
    """What each costs at best, and what it returned; they take turns."""
    best = [Cost(float("inf"), float("inf"), 0)] * len(works)
    for _ in range(times):
        for number, work in enumerate(works):
            started, worked = time.perf_counter(), time.process_time()
            result = work()
            seconds, busy = time.perf_counter() - started, time.process_time() - worked
            held = best[number]
            best[number] = Cost(min(held.seconds, seconds), min(held.worked, busy), result)
    return best


def exact_audits() -> list[Audit]:
    """All but those that judge by likelihood, in the order of their codes."""
    return sorted(
        (audit for audit in every_audit() if audit.code not in NOT_EXACT), key=lambda audit: audit.code
    )


def peak_mb() -> float:
    """This process's peak resident memory so far, in MB (10^6 bytes).

    On Linux ``ru_maxrss`` counts what the process that started this one held; the kernel's own mark does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        marks = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(marks["VmHWM"].split()[0]) * 1024 / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6  # macOS counts bytes


def alone(folder: Path, persons: int, engine: str) -> dict[str, float]:
    """Seconds, processor time and peak memory of all audits together, in a process of its own."""
    command = [sys.executable, "-m", __spec__.name, "--alone", "--folder", str(folder)]
    command += ["--persons", str(persons), "--engine", engine]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return result


def print_ratios(folder: Path, persons: int, engine: str, times: int) -> None:
    """One line for each audit, and one for all together."""
    audits = exact_audits()
    small, crm = made(folder, 1), made(folder, persons)
    other = {
        small.snapshots[s].path(t): crm.snapshots[s].path(t)
        for s in Side
        for t in ("records", "addresses", "options")
    }
    used = columns_used(small, audits)
    print(f"{crm.name}, {engine}; best of {times}, floor and audit in turns")
    for audit in audits:
        if not used[audit.code]:
            print(f"{audit.code:20}     reads no records here: what it asks are lists and mapping")
            continue
        floor, cost = in_turns(
            times,
            lambda audit=audit: decode(used[audit.code], other),  # type: ignore[misc]
            lambda audit=audit: findings(crm, [audit], engine),  # type: ignore[misc]
        )
        print(line(audit.code, floor, cost))
    every = together(list(used.values()))
    floor, cost = in_turns(times, lambda: decode(every, other), lambda: findings(crm, audits, engine))
    count = sum(map(len, every.values()))
    print(
        f"{line('all together', floor, cost)}; at most {LIMIT}, aim {AIM}; "
        f"floor {floor.seconds * 1e3:.0f} ms for {count} columns"
    )


def line(name: str, floor: Cost, cost: Cost) -> str:
    """Ratios of the clock and of the processors."""
    return (
        f"{name:20} {cost.seconds / floor.seconds:5.1f} times decoding ({cost.worked / floor.worked:4.1f} in work) "
        f"{cost.seconds * 1e3:6.0f} ms, {cost.result:,} findings"
    )


def print_growth(folder: Path, engine: str, largest: int) -> None:
    """Memory, and how it and the work grow: processor time, as others may use the machine as well."""
    sizes = [size for size in GROWTH if size <= largest]
    before: tuple[int, float] | None = None
    for size in sizes:
        made(folder, size)  # so that the process below only reads
        seen = alone(folder, size, engine)
        said = f"{size:>9,} persons {seen['seconds']:7.2f} s ({seen['worked']:.1f} s of processors)"
        said += f", peak {seen['megabytes']:6.0f} MB"
        if size == GROWTH[1]:
            said += f", {seen['megabytes'] / LIMIT_MB:.2f} of {LIMIT_MB} MB"
        if before is not None:
            said += f"; {seen['worked'] / before[1]:.1f} times the work for {size / before[0]:.0f} times the records"
        before = (size, seen["worked"])
        print(said)


def main() -> None:
    """Print ratios, memory and growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--largest", type=int, default=5_000_000, help="of the growth; 0: do without it")
    parser.add_argument("--engine", default="polars")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the databases here, for the next time")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.alone:
        crm = made(wanted.folder, wanted.persons)
        started, worked = time.perf_counter(), time.process_time()
        findings(crm, exact_audits(), wanted.engine)
        seen = {
            "seconds": time.perf_counter() - started,
            "worked": time.process_time() - worked,
            "megabytes": peak_mb(),
        }
        print(json.dumps(seen))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.folder or Path(temporary)
        print_ratios(folder, wanted.persons, wanted.engine, wanted.times)
        print_growth(folder, wanted.engine, wanted.largest)


if __name__ == "__main__":
    main()
