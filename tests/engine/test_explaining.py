"""One person explained: found by whatever people type, decided as the planner decides, nothing known left out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pdsync.engine.examine import examine
from pdsync.engine.explaining import explain, explain_live
from pdsync.engine.prepare import prepare
from pdsync.errors import UsageError
from pdsync.model import (
    Account,
    Change,
    ChangeKind,
    Coverage,
    Explanation,
    FieldChange,
    FieldStanding,
    HoldKind,
    Link,
    LinkState,
    Match,
    MergeBase,
    Outcome,
    Reason,
    Record,
    RunKind,
    RunState,
    RunSummary,
    Side,
    Subject,
    UndoneMark,
)
from tests.engine.planning_world import World
from tests.planning.build import CITY, SECTOR, contact, emails, person

CITY_KEY = "city=plz_city"
PERSONS = [
    person("1", "ana@example.com", first_name="Ana", last_name="Le Gall", city="Paris", sync=35),
    person("2", "bo@example.com", first_name="Bo", last_name="Dupont", sync=35),
    person("3", "bo2@example.com", first_name="Bo", last_name="Martin", sync=36),
    person("4", "shared@example.com", first_name="Léa", last_name="Roy", sync=35),
    person("5", "SHARED@example.com", first_name="Leo", last_name="Roy", sync=35),
    person("7", "two@example.com", first_name="Tom", last_name="Vu", city="Brest", sync=35),
    person("8", first_name="No", last_name="Address", email=None),
]
CONTACTS = [
    contact("a", "ana@example.com", first_name="Ana", last_name="Le Gall"),
    contact("c", "cy@example.net", first_name="Cy", last_name="Vidal"),
    contact("d", "dee@example.net", first_name="Dee", last_name=None),
    contact("7", "two@example.com", first_name="Tom", last_name="Vu", plz_city="Lyon"),
]


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world where both sides were read and audited; nobody is linked."""
    folder = tmp_path_factory.mktemp("audited")
    world = World(folder, CITY, SECTOR)
    world.read(PERSONS, CONTACTS)
    examine(world.ws, on_event=lambda _: None)
    world.ws.state.close()
    return folder


@pytest.fixture
def world(tmp_path: Path, audited: Path) -> World:
    """A copy of that world."""
    shutil.copytree(audited, tmp_path, dirs_exist_ok=True)
    world = World(tmp_path, CITY, SECTOR)
    world.clock += timedelta(hours=1)
    return world


def link(world: World, *links: Link) -> None:
    """Put links into the ledger."""
    with world.ws.state.writing("test") as session, session.transaction() as transaction:
        for one in links:
            transaction.ledger.set_link(
                (one.pipedrive_id, one.plezi_id), address=one.address, state=one.state
            )


def standing(explanation: Explanation, key: str) -> tuple[FieldStanding, str]:
    """How one field mapping stands, and why."""
    (found,) = (one for one in explanation.fields if one.key == key)
    return found.standing, found.why


def holds(explanation: Explanation) -> list[HoldKind]:
    """What holds, in order."""
    return [one.kind for one in explanation.holds]


@pytest.mark.parametrize(
    "asked",
    [
        "1",
        "pipedrive:person/1",
        "pipedrive:1",
        "plezi:contact/a",
        "a",
        " Ana@Example.COM ",
        "ana@example.com",
    ],
)
def test_a_person_is_found_by_whatever_people_type(world: World, asked: str) -> None:
    """By id of either side, with or without the side, and by the address in any spelling: always the same pair."""
    found = explain(world.ws, asked)

    assert [str(one) for one in found.subjects] == ["pipedrive:person/1", "plezi:contact/a"]
    assert found.title == "Ana Le Gall"
    assert found.match is Match.PAIRED
    assert found.asked == asked


def test_an_id_may_have_any_shape(world: World) -> None:
    """Plezi's ids may look like 0b5e-4f1a: no side has to be named, as long as one record alone has it."""
    world.read(PERSONS, [contact("0b5e-4f1a", "new@example.com")])
    assert [str(one) for one in explain(world.ws, "0b5e-4f1a").subjects] == ["plezi:contact/0b5e-4f1a"]


@pytest.mark.parametrize(
    ("asked", "says", "types"),
    [
        ("nobody@example.com", "Nobody is known as 'nobody@example.com'", "pdsync pull"),
        ("999", "Nobody is known as '999'", "pdsync pull"),
        ("pipedrive:person/999", "Nobody is known", "pdsync pull"),
        ("", "Nobody is known as ''", "pdsync pull"),
        (
            "7",
            "'7' is 2 records: pipedrive:person/7 and plezi:contact/7",
            "pdsync explain pipedrive:person/7",
        ),
        ("shared@example.com", "is 2 records", "pdsync explain pipedrive:person/4"),
        ("pipedrive:contact/1", "is no person of Pipedrive", "pdsync explain pipedrive:person/1042"),
        ("evil\x1b[31m@example.com", r"'evil\x1b[31m@example.com'", "pdsync pull"),
    ],
)
def test_whom_nobody_can_mean_is_one_clear_error(world: World, asked: str, says: str, types: str) -> None:
    """Unknown, or several: what happened and what to type next, with control sequences escaped."""
    with pytest.raises(UsageError) as caught:
        explain(world.ws, asked)

    assert says in caught.value.message
    assert types in caught.value.next_step


@pytest.mark.long
async def test_it_says_what_the_plan_says(world: World) -> None:
    """For every record of both sides the changes and findings are those of a whole plan, change by change."""
    plan = await prepare(world.ws)
    planned: dict[tuple[str, str], list[Change]] = {}
    for change in plan.changes():
        planned.setdefault((change.pipedrive_id, change.plezi_id), []).append(change)

    seen = 0
    for record in (*PERSONS, *CONTACTS):
        found = explain(world.ws, str(record.subject))
        ids = tuple(found.records[one].id if one in found.records else "" for one in Side)
        assert content(found.changes) == content(planned.get((ids[0], ids[1]), ())), record.id
        assert found.plan is not None
        assert found.plan.is_current
        assert content(found.plan.changes) == content(found.changes)
        seen += len(found.changes)
    assert seen > 6


def content(changes: Sequence[Change]) -> list[tuple[ChangeKind, Side, tuple[FieldChange, ...]]]:
    """What changes do, without their numbers in a plan."""
    return [(one.kind, one.side, one.fields) for one in changes]


def test_fields_side_by_side_with_the_reason(world: World) -> None:
    """Filled, equal, both empty, in conflict: each field mapping of the pair, in the order of the mapping."""
    ana = explain(world.ws, "1")
    assert [one.key for one in ana.fields][:3] == [
        "email=email",
        "first_name=first_name",
        "last_name=last_name",
    ]
    assert standing(ana, CITY_KEY) == (FieldStanding.WRITE, "it is empty in Plezi")
    assert standing(ana, "first_name=first_name") == (FieldStanding.SAME, "both hold the same")
    assert standing(ana, "sector=plz_sector") == (FieldStanding.SAME, "both are empty")
    assert ana.verdict == "would link both records and update 1 field in Plezi"

    tom = explain(world.ws, "pipedrive:7")
    assert standing(tom, CITY_KEY) == (FieldStanding.CONFLICT, "city: both sides differ and never agreed")
    assert "1 conflict for a person to decide" in tom.verdict


def test_someone_alone(world: World) -> None:
    """One side only: what a create would write, or what keeps it from being made."""
    bo = explain(world.ws, "bo@example.com")
    assert bo.match is Match.ALONE
    assert list(bo.records) == [Side.PIPEDRIVE]
    assert standing(bo, "first_name=first_name") == (FieldStanding.WRITE, "part of the new record in Plezi")
    assert bo.verdict.startswith("would create the contact in Plezi with 3 fields")

    assert holds(explain(world.ws, "3")) == [HoldKind.OUT_OF_SCOPE]
    assert holds(explain(world.ws, "d")) == [HoldKind.INCOMPLETE]
    assert holds(explain(world.ws, "8")) == [HoldKind.INCOMPLETE]


def test_who_shares_an_address(world: World) -> None:
    """An ambiguous component: the others are named, the finding is there, nothing would be written."""
    lea = explain(world.ws, "4")

    assert lea.match is Match.AMBIGUOUS
    assert lea.others == (Subject(Side.PIPEDRIVE, "person", "5"),)
    assert lea.changes == ()
    assert HoldKind.AMBIGUOUS in holds(lea)
    assert lea.findings[0].code == "duplicate-email"
    assert lea.findings[0].subjects[0] == Subject(Side.PIPEDRIVE, "person", "4")
    assert explain(world.ws, "5").findings[0].subjects[0] == Subject(Side.PIPEDRIVE, "person", "5")


def test_findings_are_those_of_the_audit(world: World) -> None:
    """Without a stored audit of these snapshots they are looked for now; with one they are read from it: the same."""
    stored = explain(world.ws, "4")
    assert stored.audited_at

    world.read(PERSONS, CONTACTS)
    asked_now = explain(world.ws, "4")
    assert asked_now.audited_at == "", "an audit of older snapshots proves nothing"
    assert asked_now.findings == stored.findings


def test_a_link_with_its_merge_base(world: World) -> None:
    """Linked: since when, on which address, what both last agreed on, and who changed since."""
    link(world, Link("1", "a", "ana@example.com"))
    with world.ws.state.writing("test") as session, session.transaction() as transaction:
        transaction.ledger.set_bases(("1", "a"), {CITY_KEY: MergeBase("Nantes", "Nantes")})

    found = explain(world.ws, "a")

    assert found.match is Match.LINKED
    assert found.link == Link("1", "a", "ana@example.com")
    assert found.linked_at
    (city,) = (one for one in found.fields if one.key == CITY_KEY)
    assert city.base == MergeBase("Nantes", "Nantes")
    assert city.values == {Side.PIPEDRIVE: "Paris", Side.PLEZI: None}
    assert (city.standing, city.why) == (FieldStanding.WRITE, "Pipedrive changed it since both last agreed")


def test_a_record_that_is_gone(world: World) -> None:
    """Of a broken link the record that is left is shown, and the link says which one is missing."""
    link(world, Link("1", "zz", "ana@example.com", LinkState.BROKEN))

    found = explain(world.ws, "plezi:contact/zz")

    assert found.records[Side.PLEZI].record is None
    assert found.records[Side.PIPEDRIVE].record is not None
    assert holds(found) == [HoldKind.BROKEN]
    assert "The contact zz of Plezi is not in the newest snapshot." in found.not_known


def test_an_undone_field_is_held(world: World) -> None:
    """An undo's mark holds its field, and says until when."""
    link(world, Link("7", "7", "two@example.com"))
    with world.ws.state.writing("test") as session, session.transaction() as transaction:
        transaction.ledger.set_undone(("7", "7"), {CITY_KEY: UndoneMark("Brest", "Lyon")})

    found = explain(world.ws, "pipedrive:7")

    assert standing(found, CITY_KEY) == (
        FieldStanding.HELD,
        "an undo left it so; it stays until one side changes",
    )
    assert [(one.kind, one.key) for one in found.holds] == [(HoldKind.UNDONE, CITY_KEY)]


def test_a_partial_snapshot_proves_nothing(world: World) -> None:
    """Nobody is created from a partial read; the explanation says why."""
    world.read(PERSONS, CONTACTS, coverage={Side.PLEZI: Coverage(complete=False, reason="a test")})

    bo = explain(world.ws, "bo@example.com")

    assert bo.changes == ()
    assert holds(bo) == [HoldKind.INCOMPLETE]


def test_a_value_that_was_written_is_in_the_history(world: World) -> None:
    """What a run wrote, newest first; what was read before it cannot be decided on, and says so."""
    link(world, Link("1", "a", "ana@example.com"))
    change = Change(
        ChangeKind.UPDATE,
        Side.PLEZI,
        pipedrive_id="1",
        plezi_id="a",
        fields=(FieldChange(CITY_KEY, "plz_city", "Rennes", "Paris", Reason.CHANGED, "Paris"),),
        number=1,
    )
    write(world, change, {"plz_city": "Paris"})

    found = explain(world.ws, "1")

    (value,) = found.written
    assert (value.before, value.after, value.stored) == ("Rennes", "Paris", "Paris")
    assert (value.side, value.record_id, value.outcome, value.run_kind) == (
        Side.PLEZI,
        "a",
        Outcome.DONE,
        RunKind.APPLY,
    )
    assert found.more_written == 0
    assert "was last read before the last run wrote" in found.verdict
    assert found.changes == ()
    assert explain(world.ws, "2").written == ()


def test_a_record_that_only_the_journal_knows(world: World) -> None:
    """Deleted and no longer linked: what was written is still told."""
    change = Change(ChangeKind.DELETE, Side.PLEZI, plezi_id="gone", number=1)
    write(world, change, {})

    found = explain(world.ws, "plezi:contact/gone")

    assert found.records[Side.PLEZI].record is None
    assert [one.kind for one in found.written] == [ChangeKind.DELETE]


async def test_live_reads_the_two_records_again(world: World) -> None:
    """With --live the values are those of the services now, and the decision follows them."""
    services = {
        Side.PIPEDRIVE: _Service(Side.PIPEDRIVE, [PERSONS[0]]),
        Side.PLEZI: _Service(
            Side.PLEZI, [contact("a", "ana@example.com", first_name="Anna", last_name="Le Gall")]
        ),
    }
    world.ws._clients.update(services)  # type: ignore[arg-type]

    found = await explain_live(world.ws, "1")

    assert all(one.live for one in found.records.values())
    assert standing(found, "first_name=first_name")[0] is FieldStanding.CONFLICT
    assert [one.asked for one in services.values()] == [["1"], ["a"]]


class _Service:
    """A service that holds some records and can be asked for one."""

    def __init__(self, side: Side, records: Sequence[Record]) -> None:
        self.side = side
        self._records = {record.id: record for record in records}
        self.asked: list[str] = []

    async def account(self) -> Account:
        return Account(self.side, f"{self.side}-1", "Acme")

    async def read(self, ids: Sequence[str]) -> Mapping[str, Record]:
        self.asked += ids
        return {one: self._records[one] for one in ids if one in self._records}

    async def aclose(self) -> None:
        return None


def write(world: World, change: Change, stored: Mapping[str, Any]) -> None:
    """A run that carried out one change, after the newest read."""
    run = RunSummary(
        "20261101-120000-abcd",
        RunKind.APPLY,
        RunState.RUNNING,
        "p" * 16,
        "contacts",
        "2026-11-01T12:00:00+00:00",
    )
    with world.ws.state.writing("test") as session, session.transaction() as transaction:
        transaction.journal.begin(run)
        transaction.journal.intent(run.id, change, server_at=None)
        transaction.journal.outcome(run.id, change.number, Outcome.DONE, stored=stored)
        transaction.journal.end(run.id, RunState.DONE)


def test_emails_of_a_list_come_primary_first(tmp_path: Path) -> None:
    """A person's addresses are shown as delivered, the primary one first."""
    world = World(tmp_path, CITY)
    value = emails("old@example.com", "new@example.com")
    world.read([Record(Side.PIPEDRIVE, "1", {"email": value, "first_name": "Ana"})], [])

    assert explain(world.ws, "new@example.com").records[Side.PIPEDRIVE].addresses[0] == "old@example.com"
    assert datetime.fromisoformat(explain(world.ws, "1").records[Side.PIPEDRIVE].read_at).tzinfo is UTC
