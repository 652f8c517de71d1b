"""How fast the terminal UI starts, searches and scrolls: against an empty Textual app, bare polars, and a short list.

The first paint is what a person waits for: from starting the process in a terminal (a pty of 120 by 40) until its first
picture is drawn. Harlequin and Posting, two good applications of the same kind, start beside it if ``.venv-others`` has them
(``make bench`` installs them there). All take turns and the best of each counts, because the machine has other things to do;
the limit is on processor time where the system tells it (Linux), which other programs disturb least.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import math
import os
import pty
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
from textual.app import App, ComposeResult

from pdsync.engine.findings import FindingsTable, parse_query
from pdsync.tui.screens.audit import _Findings
from pdsync.tui.widgets.listing import Column, Listing

PAINT, FILTER, SCROLL = 1.5, 2.0, 1.5
"""Times the empty app; times the bare expression; times a list that is a hundredth as long."""
_EMPTY: Final = """
from textual.app import App
class Empty(App):
    pass
Empty().run()
"""
_OTHERS: Final = Path(__file__).parents[2] / ".venv-others"
_COMPARED: Final = ("harlequin", "posting")
_DRAWN: Final = 400
"""Bytes after the switch to the other screen: more than the switches of modes, less than the emptiest picture."""


class Paint(NamedTuple):
    """Seconds until a first picture."""

    clock: float
    processor: float
    """Of all threads; not a number where the system does not tell."""


def first_paint(command: Sequence[str], folder: Path) -> Paint:
    """How long it takes from the start of the process to its first picture.

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
                return Paint(time.perf_counter() - started, _processor(pid))
    except OSError:  # it ended before it had drawn anything
        pass
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
    last = drawn.decode(errors="replace").split("\n")[-2:]
    raise LookupError(f"{command[0]} drew nothing: {' '.join(last).strip()}")


def _processor(pid: int) -> float:
    """Seconds of processor time that a running process has had (Linux: nanoseconds, by thread)."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9
    except (OSError, IndexError):
        return math.nan


def paints(rounds: int) -> bool:
    """Print how long each application takes; whether ours is within its limit."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        script = folder / "empty.py"
        script.write_text(_EMPTY, encoding="utf-8")
        commands = {
            "empty Textual app": [sys.executable, str(script)],
            "pdsync tui": [sys.executable, "-m", "pdsync", "tui"],
            **{name: [str(_OTHERS / name / "bin" / name)] for name in _COMPARED},
        }
        left_out: dict[str, str] = {}
        taken: dict[str, list[Paint]] = {}
        for name, command in commands.items():
            try:  # the first time fills the disk cache, and compiles
                first_paint(command, folder)
                taken[name] = []
            except LookupError as error:
                if name not in _COMPARED:
                    raise
                left_out[name] = str(error)
        for _ in range(rounds):
            for name, paint in taken.items():
                paint.append(first_paint(commands[name], folder))
    best_of = {name: Paint(*map(min, zip(*all_, strict=True))) for name, all_ in taken.items()}
    empty = best_of["empty Textual app"]
    ratios = {
        name: Paint(best.clock / empty.clock, best.processor / empty.processor)
        for name, best in best_of.items()
    }
    for name, took in best_of.items():
        limit = f"   at most {PAINT}" if name == "pdsync tui" else ""
        print(
            f"first paint  {name:<18} {took.processor * 1000:>7,.0f} ms of processor  {ratios[name].processor:>5.2f} x"
            f"   {took.clock * 1000:>7,.0f} ms by the clock  {ratios[name].clock:>5.2f} x{limit}"
        )
    for name, why in left_out.items():
        print(f"first paint  {name:<18} left out: {why}")
    ours = ratios["pdsync tui"]
    return (ours.clock if math.isnan(ours.processor) else ours.processor) <= PAINT


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


def filters(table: FindingsTable, rounds: int) -> bool:
    """Print how long searches take; whether all are within their limit.

    The bare expression is what a search comes down to: which findings have a row that fits. Ours also parses what was
    typed, and has the findings ready to be drawn, in order.
    """
    text, code = pl.col("text"), pl.col("code")
    searches = {
        "energie code:option": text.str.contains("energie", literal=True) & code.str.starts_with("option"),
        "riviere": text.str.contains("riviere", literal=True),
        "/ørsted|le.gall/": text.str.contains("(?i)ørsted|le.gall"),
        "side:plezi field:secteur": (pl.col("side") == "plezi")
        & pl.col("field").str.to_lowercase().str.starts_with("secteur"),
    }
    within = [_filter(table, query, found, rounds) for query, found in searches.items()]
    return all(within)


def _filter(table: FindingsTable, query: str, found: pl.Expr, rounds: int) -> bool:
    rows = table._rows

    def bare() -> int:
        return rows.lazy().filter(found).select("number").unique().collect().height

    def ours() -> int:
        return len(table.select(parse_query(query)))

    assert bare() == ours() > 0, query
    floor, taken = best(bare, ours, rounds)
    print(
        f"filter       {len(table):,} findings  {taken * 1000:>7.1f} ms  {taken / floor:>5.2f} x the expression "
        f"({floor * 1000:.1f} ms)   at most {FILTER}   {query}"
    )
    return taken <= FILTER * floor


class _Scrolled(App[None]):
    """A listing of findings as the Audit screen has it."""

    def __init__(self, table: FindingsTable) -> None:
        super().__init__()
        self._table = table

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"cursor": "#2a3550"}

    def compose(self) -> ComposeResult:
        yield Listing([Column("", 10, grow=1) for _ in range(7)])

    def on_mount(self) -> None:
        self.query_one(Listing).show(_Findings(self._table.select(parse_query(""))))


async def _page_down(table: FindingsTable, pages: int) -> float:
    """Milliseconds of processor time that a page takes, from the key until it is drawn."""
    app = _Scrolled(table)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("pagedown")
        started = time.process_time()
        for _ in range(pages):
            await pilot.press("pagedown")
        assert app.query_one(Listing).cursor > pages
        return (time.process_time() - started) * 1000 / pages


def scrolls(table: FindingsTable, rounds: int) -> bool:
    """Print how long a page takes in a long list and in a short one; whether the length makes no difference."""
    short = FindingsTable(findings(len(table) // 100))
    pages = 15
    times = [
        (asyncio.run(_page_down(short, pages)), asyncio.run(_page_down(table, pages))) for _ in range(rounds)
    ]
    floor, taken = min(one for one, _ in times), min(other for _, other in times)
    print(
        f"scroll       {len(table):,} findings  {taken:>7.1f} ms a page  {taken / floor:>5.2f} x of {len(short):,} findings "
        f"({floor:.1f} ms)   at most {SCROLL}"
    )
    return taken <= SCROLL * floor


def best(floor: Callable[[], object], ours: Callable[[], object], rounds: int) -> tuple[float, float]:
    """The shortest processor time of each, of all threads; they take turns."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for do, seconds in zip((floor, ours), times, strict=True):
            started = time.process_time()
            do()
            seconds.append(time.process_time() - started)
    return min(times[0]), min(times[1])


def main() -> None:
    """Measure, print, and end with 1 where a limit is passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--findings", type=int, default=100_000)
    given = parser.parse_args()
    table = FindingsTable(findings(given.findings))
    within = [
        filters(table, given.rounds * 3),
        scrolls(table, 3),
        paints(given.rounds),
    ]
    sys.exit(0 if all(within) else 1)


if __name__ == "__main__":
    main()
