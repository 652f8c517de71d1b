"""The demo world, read over HTTP: every planted defect and no other record, on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from pdsync.engine.auditing import Audited, audit
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


@pytest.fixture(scope="module", name="demo")
def _demo(sandbox_module: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo world, read once over HTTP."""
    return asyncio.run(read_demo(sandbox_module, tmp_path_factory.mktemp("demo") / "state"))


@pytest.fixture(scope="module", name="audited")
def _audited(demo: Demo) -> Mapping[str, Audited]:
    """By engine."""
    return {engine: audit(demo.snapshots, demo.bound, engine=engine) for engine in ("polars", "duckdb")}


@pytest.mark.long
def test_the_demo_has_what_was_planted(demo: Demo, audited: Mapping[str, Audited]) -> None:
    """R7, R9, R13, R29, consent: precision and recall are 1, against the seed's own book and a plain count of records."""
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
    for engine, found_by in audited.items():
        rows = found_by.table.to_pylist()
        for code, wanted in expected.items():
            found = by_finding(rows, code)
            assert same(found, wanted), (engine, code, len(found), len(wanted))
        one_sided = set().union(*by_finding(rows, "one-sided-scope"))
        assert set().union(*demo.subjects("linked-out-of-scope", related=True)) <= one_sided


@pytest.mark.long
def test_the_demo_has_the_defects_that_were_planted(demo: Demo, audited: Mapping[str, Audited]) -> None:
    """R11, R13, R17, R24: every duplicate, incomplete name and differing option of the demo world, and no other."""
    for found in audited.values():
        rows = found.table.to_pylist()
        clustered = demo.subjects("duplicate-email", related=True)
        assert same(by_finding(rows, "duplicate-email"), clustered)
        for code in ("missing-first-name", "missing-last-name"):
            assert same(by_finding(rows, code), demo.subjects(code))
        mismatched = set().union(*by_finding(rows, "option-mismatch"))
        assert mismatched == set().union(*demo.subjects("option-mismatch", "deleted-option-in-use"))
        forms = [
            one["detail"] for one in demo.planted if one["kind"] == "missing-last-name" and one["detail"]
        ]
        (summary,) = (one for one in found.report.summaries if one.code == "missing-last-name")
        assert summary.groups == {form: forms.count(form) for form in dict.fromkeys(forms)}


@pytest.mark.long
def test_engines_say_the_same_of_the_demo(audited: Mapping[str, Audited]) -> None:
    """Summaries, gate and every row of the table, in the same order."""
    one, other = audited["polars"], audited["duckdb"]
    assert (one.report.gate, one.report.summaries) == (other.report.gate, other.report.summaries)
    assert one.table.equals(other.table)
