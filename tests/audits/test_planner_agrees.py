"""The audits of the scope say of every record what the planner decides: a law over any mixture of people."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pdsync.model import Candidate, ChangeKind, Condition, Enrolment, Existing, Match, Side, Value
from pdsync.planning.decide import decide
from pdsync.planning.emails import is_address
from pdsync.snapshots.candidates import LINK_COLUMNS, find_candidates
from tests.audits.build import COMPLETE, World, subjects
from tests.audits.test_scope_audits import CONSENT, HERE, SCOPE

ADDRESSES = st.sampled_from(
    [
        "ana@example.com",
        "Ana@Example.com",
        "zoé@example.com",
        "b@münchen.example",
        "not an address",
        "@",
        "x y@example.com",
        " ",
    ]
)
NAMES = st.sampled_from(["Lucile", "Nguyễn", "محمد", "🦊", None, "", "\u200b"])
PERSONS = st.fixed_dictionaries(
    {
        "addresses": st.lists(ADDRESSES, max_size=2),
        "first_name": NAMES,
        "last_name": NAMES,
        "sync": st.sampled_from([35, 36, 37, 99, None, ""]),
        "labels": st.sampled_from([[1], [2], [1, 2], [], None]),
        "status": st.sampled_from([7, 8, None]),
    }
)
CONTACTS = st.fixed_dictionaries(
    {
        "addresses": st.lists(ADDRESSES, max_size=1),
        "first_name": NAMES,
        "last_name": NAMES,
        "opted_out": st.sampled_from([True, False, None]),
    }
)
ENROL = Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",)))


def fill(world: World, side: Side, people: Sequence[dict[str, Value]]) -> None:
    """Everybody, under their number."""
    for number, one in enumerate(people):
        values = {name: value for name, value in one.items() if name != "addresses"}
        addresses = one["addresses"]
        assert isinstance(addresses, list)
        world.add(side, str(number), addresses, **values)


def decided(world: World) -> tuple[set[str], set[str]]:
    """Who the planner would create, and who it would but for what is missing; by the names that audits give.

    It says ``incomplete`` first also of those whose address is none, who could not be created either way.
    """
    import pyarrow as pa

    snapshots = world.snapshots()
    bound = replace(world.bound, mapping=replace(world.bound.mapping, existing=Existing.CREATE))
    none = pa.table(
        {name: pa.array([], pa.bool_() if name == "open" else pa.string()) for name in LINK_COLUMNS}
    )
    rows = find_candidates(snapshots[Side.PIPEDRIVE], snapshots[Side.PLEZI], none, version=bound.version)
    records = {side: {record.id: record for record in world.records[side]} for side in Side}
    created: set[str] = set()
    incomplete: set[str] = set()
    for row in rows:
        if row.match is not Match.ALONE:
            continue
        person, contact = records[Side.PIPEDRIVE].get(row.pipedrive_id), records[Side.PLEZI].get(row.plezi_id)
        candidate = Candidate(Match.ALONE, pipedrive=person, plezi=contact, address=row.address)
        decision = decide(bound, candidate, dict.fromkeys(Side, COMPLETE))
        name = f"person/{row.pipedrive_id}" if person is not None else f"contact/{row.plezi_id}"
        if any(change.kind is ChangeKind.CREATE for change in decision.changes):
            created.add(name)
        elif is_address(row.address) and any(one.code == "incomplete" for one in decision.findings):
            incomplete.add(name)
    return created, incomplete


@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
@pytest.mark.parametrize("enrol", [None, ENROL], ids=["by hand", "enrolled"])
@settings(
    max_examples=settings().max_examples // 20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(persons=st.lists(PERSONS, max_size=14), contacts=st.lists(CONTACTS, max_size=8))
def test_who_would_be_created(
    engine: str,
    enrol: Enrolment | None,
    persons: list[dict[str, Value]],
    contacts: list[dict[str, Value]],
) -> None:
    """R9, R10, R13: ``import-share`` names whom a plan creates, ``required-empty`` whom it would but for what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), fields=HERE, scope=SCOPE, consent=CONSENT, enrol=enrol)
        fill(world, Side.PIPEDRIVE, persons)
        fill(world, Side.PLEZI, contacts)
        created, incomplete = decided(world)
        result = world.audited(engine, "import-share", "required-empty")

    assert set().union(*subjects(result, "import-share")) == created
    assert set().union(*subjects(result, "required-empty")) == incomplete
