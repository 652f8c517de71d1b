"""Scope, links and mapping fit on the demo world: every planted defect and no other record, on both engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pdsync.engine.auditing import audit
from pdsync.model import Record, Side, Value
from pdsync.planning.keys import address_key
from tests.audits.demo import Demo, by_finding, read_demo
from tests.sandbox_process import SandboxProcess

YES, NO = 35, 36
QUIET = (
    "crossed-link",
    "consent-not-covered",
    "deleted-option",
    "free-text-values",
    "option-order",
    "orphan-link",
    "read-only-target",
    "scope-value-unclear",
    "several-options",
    "type-mismatch",
    "value-too-long",
    "written-twice",
    "wrong-format",
)
"""What the demo world has none of: any finding of these would be a false one."""


def same(found: Iterable[set[str]], expected: Iterable[set[str]]) -> bool:
    """The same findings, in any order."""
    return sorted(map(sorted, found)) == sorted(map(sorted, expected))


def records(demo: Demo, side: Side) -> dict[str, Record]:
    """Every record of a side, by subject."""
    read = (record for batch in demo.snapshots[side].records() for record in batch)
    return {str(record.subject): record for record in read}


def keys(record: Record) -> set[str]:
    """The address keys that a record holds."""
    value: Any = record.values.get("email")
    entries = [value] if isinstance(value, str) else [entry["value"] for entry in value or ()]
    return {key for entry in entries if (key := address_key(entry))}


def pairs(persons: dict[str, Record], contacts: dict[str, Record]) -> Iterator[tuple[str, str]]:
    """Who holds the one address of whom, and nobody else does: worked out one by one."""
    holders: dict[str, set[str]] = {}
    for name, record in (persons | contacts).items():
        for key in keys(record):
            holders.setdefault(key, set()).add(name)
    partners: dict[str, set[str]] = {}
    for names in holders.values():
        for name in names:
            partners.setdefault(name, set()).update(names - {name})
    for name in persons:
        others = partners.get(name, set())
        if len(others) == 1 and (other := next(iter(others))) in contacts and partners[other] == {name}:
            yield name, other


async def test_the_demo_has_what_was_planted(sandbox: SandboxProcess, tmp_path: Path) -> None:
    """R7, R9, R13, R29, consent: precision and recall are 1, against the seed's own book and a plain count of records."""
    demo = await read_demo(sandbox, tmp_path / "state")
    schema = demo.snapshots[Side.PIPEDRIVE].schema
    flag, url = (schema.named(name)[0].code for name in ("sync_to_plezi", "plezi_url"))
    persons, contacts = records(demo, Side.PIPEDRIVE), records(demo, Side.PLEZI)

    def where(code: str, *values: Value) -> set[str]:
        return {name for name, record in persons.items() if record.values.get(code) in values}

    couples = list(pairs(persons, contacts))
    without_flag = {name for name, record in persons.items() if record.values.get(flag) != YES}
    expected: dict[str, list[set[str]]] = {
        "import-share": [
            set().union(*demo.subjects("create-in-plezi")),
            set().union(*demo.subjects("create-in-pipedrive")),
        ],
        "required-empty": demo.subjects("missing-first-name", "missing-last-name", side=Side.PLEZI),
        "scope-value": [where(flag, NO)],
        "one-sided-scope": [{person, contact} for person, contact in couples if person in without_flag],
        "opted-out-mailed": demo.subjects("opted-out", related=True),
        "foreign-plezi-url": [{name} for name in persons.keys() - where(url, None, "")],
        **{code: [] for code in QUIET},
    }
    assert all(len(found) for code, found in expected.items() if code not in QUIET)
    for engine in ("polars", "duckdb"):
        rows = audit(demo.snapshots, demo.bound, engine=engine).table.to_pylist()
        for code, wanted in expected.items():
            found = by_finding(rows, code)
            assert same(found, wanted), (engine, code, len(found), len(wanted))
        one_sided = set().union(*by_finding(rows, "one-sided-scope"))
        assert set().union(*demo.subjects("linked-out-of-scope", related=True)) <= one_sided
