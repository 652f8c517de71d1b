"""The same checks in pdsync and in three other tools, each in its best idiom, on the same files in the same run.

``make bench-peers`` makes the environment of the peers (.venv-peers) and runs this. Every tool is a process of its own, and
they take turns; imports are not counted. All have to find the same records. pdsync writes a message, a link, the details
and an id for each of them as well; the others only say which records they are. What they get is a snapshot: the address
keys and comparison forms are there already, which is most of the work of a duplicate search (CONTRIBUTING.md).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from pdsync.audits.lists import entries
from pdsync.audits.registry import every_audit
from pdsync.audits.running import run_audits
from pdsync.audits.typo_emails import slips
from pdsync.engine.auditing import audit_inputs
from pdsync.model import Side
from pdsync.snapshots.columns import compared
from tests.benchmarks.crm import Crm, made
from tests.benchmarks.peers.task import Found, Task
from tests.benchmarks.peers.task import main as measured

CODES = (
    "disposable-email", "duplicate-email", "missing-first-name", "missing-last-name", "mistyped-domain", "no-email",
    "role-address", "value-too-long", "wrong-format",
)  # fmt: skip
PEERS = {"pandas": "with_pandas", "DuckDB SQL": "with_duckdb", "pandera on polars": "with_pandera"}
HERE = "tests.benchmarks.peers"
ROOM = 255


def task_of(crm: Crm) -> Task:
    """Files, columns and patterns."""
    dates: dict[str, list[str]] = {}
    short: dict[str, list[str]] = {}
    for side in Side:
        code = {mapped.written.pipedrive: mapped.on(side).code for mapped in crm.bound.fields}
        dates[side] = [compared(code["Date de naissance"])]
        short[side] = [compared(code["Function"])] if side is Side.PLEZI else []
    desks = "|".join(re.escape(word) for word in entries("role_mailboxes"))
    domains = "|".join(re.escape(domain) for domain in entries("disposable_domains"))
    return {
        "tables": {
            side: {table: str(crm.snapshots[side].path(table)) for table in ("records", "addresses")}
            for side in Side
        },
        "columns": {side: ["id", "c:first_name", "c:last_name", *dates[side], *short[side]] for side in Side},
        "dates": dates,
        "short": short,
        "room": ROOM,
        "day": "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])$",
        "desks": rf"^(?:{desks})[._-]?[0-9]*(?:\+[^@]*)?@",
        "disposable": f"[@.](?:{domains})$",
        "slips": list(slips()),
    }


def by_pdsync(folder: Path, persons: int, engine: str) -> None:
    """The audits, measured as the peers are."""
    import email_validator  # noqa: F401 - what is imported where it is used, for the peers' imports are not counted either
    import narwhals  # noqa: F401
    import polars  # noqa: F401, ICN001

    crm = made(folder, persons)
    audits = [audit for audit in every_audit() if audit.code in CODES]
    slips()  # a list that the peers are given

    def check(_: Task) -> Found:
        table = run_audits(audit_inputs(crm.snapshots, crm.bound, engine=engine), audits=audits).table
        rows = table.select(["code", "side", "noun", "id"]).to_pydict()
        found: Found = {}
        for code, side, noun, identifier in zip(
            rows["code"], rows["side"], rows["noun"], rows["id"], strict=True
        ):
            if noun in ("person", "contact"):
                found.setdefault(code, {}).setdefault(side, []).append(identifier)
        return found

    measured(check)


def main() -> None:
    """Print one line for each tool, against pdsync."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=".venv-peers/bin/python", help="of the environment of the peers")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the database here, for the next time")
    parser.add_argument("--engine", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.engine:
        by_pdsync(wanted.folder, wanted.persons, wanted.engine)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.folder or Path(temporary)
        crm = made(folder, wanted.persons)
        task = json.dumps(task_of(crm))
        own = [
            sys.executable,
            "-m",
            HERE,
            "--folder",
            str(folder),
            "--persons",
            str(wanted.persons),
            "--engine",
        ]
        tools = {"pdsync": [*own, "polars"], "pdsync on DuckDB": [*own, "duckdb"]}
        tools |= {name: [wanted.python, "-m", f"{HERE}.{module}"] for name, module in PEERS.items()}
        best: dict[str, dict[str, float]] = {}
        counts: dict[str, object] = {}
        for _ in range(wanted.times):
            for name, command in tools.items():
                done = subprocess.run(command, input=task, text=True, check=True, stdout=subprocess.PIPE)
                seen = json.loads(done.stdout.splitlines()[-1])
                counts[name] = seen.pop("counts")
                held = best.setdefault(name, seen)
                best[name] = {key: min(held[key], seen[key]) for key in seen}
    print(f"{crm.name}; {len(CODES)} checks; best of {wanted.times}, in turns")
    for name, seen in best.items():
        ratio = seen["seconds"] / best["pdsync"]["seconds"]
        same = "the same records" if counts[name] == counts["pdsync"] else f"OTHER RECORDS: {counts[name]}"
        print(
            f"{name:18} {ratio:5.2f} times pdsync  {seen['seconds']:6.2f} s  {seen['megabytes']:6.0f} MB  {same}"
        )
    print(json.dumps(counts["pdsync"]))


if __name__ == "__main__":
    main()
