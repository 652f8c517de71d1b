"""How fast the terminal UI starts and searches: first paint against an empty Textual app, a filter against bare polars.

The first paint is what a person waits for: from starting the process in a terminal (a pty of 120 by 40) until its screen
is drawn and at rest for a moment. Harlequin and Posting, two good applications of the same kind, start beside it if
``.venv-others`` has them (``make bench`` installs them there). All take turns, the middle of each counts, because the
machine has other things to do.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from pdsync.engine.findings import FindingsTable, parse_query

PAINT, FILTER = 1.5, 2.0
"""Times the empty app; times the bare expression."""
_EMPTY: Final = """
from textual.app import App
class Empty(App):
    pass
Empty().run()
"""
_OTHERS: Final = Path(__file__).parents[2] / ".venv-others" / "bin"
_COMPARED: Final = ("harlequin", "posting")
_DRAWN: Final = 400
"""Bytes after the switch to the other screen: more than the switches of modes, less than the emptiest picture."""


def first_paint(command: Sequence[str], folder: Path) -> float:
    """Seconds from the start of the process to its first picture.

    Raises:
        LookupError: there is no such program, or it drew nothing.
    """
    if not shutil.which(command[0]):
        raise LookupError(f"there is no {command[0]}")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        os.execve(  # noqa: S606 - programs of ours and of .venv-others
            command[0], list(command), kept | {"TERM": "xterm-256color", "HOME": str(folder)}
        )
    started = time.perf_counter()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    drawn = b""
    try:
        while time.perf_counter() - started < 60:
            if not select.select([terminal], [], [], 0.1)[0]:
                continue
            drawn += os.read(terminal, 65536)
            _, switched, after = drawn.partition(b"\x1b[?1049h")
            if switched and len(after) > _DRAWN:
                return time.perf_counter() - started
    except OSError:  # it ended before it had drawn anything
        pass
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    last = drawn.decode(errors="replace").split("\n")[-2:]
    raise LookupError(f"{command[0]} drew nothing: {' '.join(last).strip()}")


def paints(rounds: int) -> bool:
    """Print how long each application takes; whether ours is within its limit."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        script = folder / "empty.py"
        script.write_text(_EMPTY, encoding="utf-8")
        commands = {
            "empty Textual app": [sys.executable, str(script)],
            "pdsync tui": [sys.executable, "-m", "pdsync", "tui"],
            **{name: [str(_OTHERS / name)] for name in _COMPARED},
        }
        left_out: dict[str, str] = {}
        taken: dict[str, list[float]] = {}
        for name, command in commands.items():
            try:  # the first time fills the disk cache, and compiles
                first_paint(command, folder)
                taken[name] = []
            except LookupError as error:
                if name not in _COMPARED:
                    raise
                left_out[name] = str(error)
        for _ in range(rounds):
            for name, seconds in taken.items():
                seconds.append(first_paint(commands[name], folder))
    middle = {name: statistics.median(seconds) for name, seconds in taken.items()}
    empty = middle["empty Textual app"]
    for name, took in middle.items():
        limit = f"   at most {PAINT}" if name == "pdsync tui" else ""
        print(f"first paint  {name:<18} {took * 1000:>7,.0f} ms  {took / empty:>5.2f} x{limit}")
    for name, why in left_out.items():
        print(f"first paint  {name:<18} left out: {why}")
    return middle["pdsync tui"] <= PAINT * empty


def findings(count: int) -> pl.DataFrame:
    """Rows as an audit keeps them: two subjects each, like the demo's, so many times."""
    number = pl.int_range(count * 2, eager=True) // 2
    plezi = pl.int_range(count * 2, eager=True) % 2 == 1
    kinds = ("duplicate-email", "option-mismatch", "missing-last-name", "role-address")
    codes = pl.Series(kinds).gather(number * len(kinds) // count)
    names = pl.Series(("Zoé Énergie", "Lucile Rivière", "Maël Le Gall", "Ægir Ørsted")).gather(number % 4)
    frame = pl.DataFrame({"code": codes, "number": number, "is_plezi": plezi, "name": names})
    return frame.select(
        "code",
        pl.lit("warning").alias("severity"),
        pl.format("{}", "number").alias("finding"),
        pl.lit("").alias("group"),
        pl.when("is_plezi").then(pl.lit("plezi")).otherwise(pl.lit("pipedrive")).alias("side"),
        pl.when("is_plezi").then(pl.lit("contact")).otherwise(pl.lit("person")).alias("noun"),
        pl.format("{}", "number").alias("id"),
        pl.lit("Secteur").alias("field"),
        pl.format("{} holds a value that the other side does not know.", "name").alias("message"),
        pl.lit("Pair the options.").alias("fix"),
        pl.lit("R24").alias("rule"),
        pl.lit(None, pl.String).alias("link"),
pl.concat_str(
            pl.lit('{"first_name": "'),
            "name",
            pl.lit('", "addresses": [{"delivered": "p'),
            "number",
            pl.lit('@example.com"}]}'),
        ).alias("details"),
    )  # fmt: skip


def filters(count: int, rounds: int) -> bool:
    """Print how long a search takes; whether it is within its limit."""
    table, query = FindingsTable(findings(count)), "energie code:option"
    rows = table._rows

    def bare() -> int:
        """What the search comes down to: one expression over the prepared rows."""
        found = pl.col("text").str.contains("energie", literal=True) & pl.col("code").str.starts_with(
            "option"
        )
        return rows.lazy().filter(found).select("number").unique().collect().height

    def ours() -> int:
        return len(table.select(parse_query(query)))

    assert bare() == ours() > 0
    floor, taken = best(bare, ours, rounds)
    print(
        f"filter       {count:,} findings  {taken * 1000:>7.1f} ms  {taken / floor:>5.2f} x the expression "
        f"({floor * 1000:.1f} ms)   at most {FILTER}"
    )
    return taken <= FILTER * floor


def best(floor: Callable[[], object], ours: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The shortest time of each; they take turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for do, seconds in zip((floor, ours), times, strict=True):
            started = time.perf_counter()
            do()
            seconds.append(time.perf_counter() - started)
    return min(times[0]), min(times[1])


def main() -> None:
    """Measure, print, and end with 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--findings", type=int, default=100_000)
    given = parser.parse_args()
    within = [filters(given.findings, given.rounds * 3), paints(given.rounds)]
    sys.exit(0 if all(within) else 1)


if __name__ == "__main__":
    main()
