"""Plans made from stored snapshots: what is decided, counted, narrowed, refused, and that the same inputs give the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdsync.engine.prepare import prepare
from pdsync.engine.releasing import release
from pdsync.errors import AccountMismatch, MappingError, UsageError
from pdsync.model import (
    Account,
    AuditRule,
    Change,
    ChangeKind,
    Condition,
    Coverage,
    Decision,
    Existing,
    GateState,
    LinkState,
    Plan,
    Progress,
    Scope,
    Severity,
    Side,
    UndoneMark,
)
from pdsync.store import read_plan
from tests.engine.planning_world import World
from tests.planning.build import YES, contact, emails, person
from tests.planning.tell import tell


def told(plan: Plan) -> list[str]:
    """The plan's changes in words."""
    return tell(Decision(changes=tuple(plan.changes())))


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty state, no snapshots."""
    return World(tmp_path)


PERSONS = [
    person("1", "ana@example.com", first_name="Ana", last_name="Le Gall", city="Paris"),
    person("2", "bo@example.com", first_name="Bo", last_name="Dupont"),
    person("10", "zoe@example.com", first_name="Zoé", last_name="O'Brien", sync=36),
]
CONTACTS = [
    contact("a", "ANA@example.com", first_name="Ana", last_name="Le Gall"),
    contact("c", "cy@example.net", first_name="Cy", last_name="Vidal"),
]


async def test_nothing_was_read_yet(world: World) -> None:
    """Without snapshots there is one message, with the command that helps."""
    with pytest.raises(UsageError, match="pdsync pull"):
        await prepare(world.ws)


async def test_a_first_plan_links_fills_and_creates(world: World) -> None:
    """A pair is linked and filled; lone records within the scope are created on the other side."""
    world.read(PERSONS, CONTACTS)
    plan = await prepare(world.ws)
    assert [line.split(":")[0] for line in told(plan)] == [
        "link ana@example.com",
        "update plezi after 1",
        "create plezi",
        "update pipedrive after 3",
        "create pipedrive",
    ]
    totals = plan.header.totals
    assert (totals.links, totals.sides[Side.PLEZI].creates, totals.sides[Side.PIPEDRIVE].creates) == (1, 1, 1)
    assert totals.counts["out-of-scope"] == 1
    for side, held in totals.sides.items():
        fields = [one for change in plan.changes() if change.side is side for one in change.fields]
        assert held.deferred == sum(bool(one.deferred) for one in fields)
        assert held.values + held.deferred == len(fields)
    assert totals.sides[Side.PIPEDRIVE].deferred
    assert not plan.header.is_empty
    assert plan.header.gate.state is GateState.WARNINGS
    assert any(reason.startswith("option-mismatch: sector") for reason in plan.header.gate.reasons)


async def test_the_same_inputs_give_the_same_plan(world: World) -> None:
    """Same snapshots, mapping and ledger: same id and same bytes but for the time."""
    world.read(PERSONS, CONTACTS)
    first, second = await prepare(world.ws), await prepare(world.ws)
    assert first.header.id == second.header.id
    assert list(first.changes()) == list(second.changes())
    assert replace(first.header, made_at="") == replace(second.header, made_at="")


async def test_the_order_of_the_rows_does_not_matter(world: World) -> None:
    """Another order of delivery makes another snapshot, and the same changes."""
    world.read(PERSONS, CONTACTS)
    first = await prepare(world.ws)
    world.read(PERSONS[::-1], CONTACTS[::-1])
    assert list((await prepare(world.ws)).changes()) == list(first.changes())


async def test_the_plan_file_can_be_read_again(world: World, tmp_path: Path) -> None:
    """``plan -o FILE``: the file holds the whole plan."""
    world.read(PERSONS, CONTACTS)
    plan = await prepare(world.ws, output=tmp_path / "my.pdsync")
    again = read_plan(tmp_path / "my.pdsync")
    assert again.header == plan.header
    assert list(again.changes()) == list(plan.changes())


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (["Ana@Example.com"], ["link ana@example.com", "update plezi after 1"]),
        (["2"], ["create plezi", "update pipedrive after 1"]),
        (["plezi:contact/c"], ["create pipedrive"]),
        (["pipedrive"], ["link ana@example.com", "create pipedrive"]),
        (["city"], ["link ana@example.com", "update plezi after 1"]),
        (["city", "pipedrive"], ["link ana@example.com"]),
        (["nobody@example.com"], []),
    ],
)
async def test_only_narrows_a_plan(world: World, only: list[str], expected: list[str]) -> None:
    """``--only`` by address, id, side and field; different sorts must all hold."""
    world.read(PERSONS, CONTACTS)
    plan = await prepare(world.ws, only=only)
    assert [line.split(":")[0] for line in told(plan)] == expected
    assert plan.header.narrowed == tuple(f"only {text}" for text in only)


async def test_only_tells_of_the_component_that_an_address_belongs_to(world: World) -> None:
    """R17: whoever asks for one address is told that nobody can tell who is who, also by an address that is not shared."""
    twins = [person("7", "same@example.com", "own@example.com"), person("8", "Same@example.com")]
    world.read([*PERSONS, *twins], CONTACTS)
    for only in ("SAME@example.com", "own@example.com"):
        plan = await prepare(world.ws, only=[only])
        (finding,) = plan.findings()
        assert (finding.code, [one.id for one in finding.subjects]) == ("ambiguous-match", ["7", "8"])
    assert list((await prepare(world.ws, only=["ana@example.com"])).findings()) == []


async def test_only_takes_an_id_of_any_shape_that_somebody_has(world: World) -> None:
    """Plezi's ids may hold hyphens; a word that is nobody's id is still told as one that means nothing."""
    identifier = "0b5e-4f1a"
    world.read(PERSONS, [contact(identifier, "ANA@example.com", first_name="Ana", last_name="Le Gall")])
    plan = await prepare(world.ws, only=[identifier])
    assert {change.plezi_id for change in plan.changes()} == {identifier}
    with pytest.raises(UsageError, match="no email address, record id"):
        await prepare(world.ws, only=["0b5e-4f1b"])


async def test_only_says_what_it_does_not_know(world: World) -> None:
    """A word that is nothing gets one clear message."""
    world.read(PERSONS, CONTACTS)
    with pytest.raises(UsageError, match="citi") as caught:
        await prepare(world.ws, only=["citi"])
    assert "city" in str(caught.value)


async def test_a_sample_is_small_and_repeatable(world: World) -> None:
    """``--sample N``: N people, the same ones every time, with all that belongs to them."""
    many = [person(str(n), f"p{n}@example.com", last_name=f"N{n}") for n in range(1, 60)]
    world.read(many)
    first, second = await prepare(world.ws, sample=7), await prepare(world.ws, sample=7)
    creates = [c for c in first.changes() if c.kind is ChangeKind.CREATE]
    assert len(creates) == 7
    assert list(first.changes()) == list(second.changes())
    assert [c.depends_on for c in first.changes() if c.kind is ChangeKind.UPDATE] == [
        c.number for c in creates
    ]


async def test_blocking_findings_keep_records_out_and_leave_the_rest(world: World) -> None:
    """R17: a shared address blocks its members; the gate says so; everybody else is planned."""
    twins = [person("7", "same@example.com"), person("8", "Same@example.com")]
    world.read([*PERSONS, *twins], CONTACTS)
    plan = await prepare(world.ws)
    assert plan.header.gate.state is GateState.NOT_READY
    assert plan.header.gate.refused == ()
    assert plan.header.gate.blocked_records == 2
    assert not {"7", "8"} & {change.pipedrive_id for change in plan.changes()}
    assert {"ambiguous-match"} == {finding.code for finding in plan.findings()}
    assert plan.header.totals.sides[Side.PLEZI].creates == 1


async def test_an_explicit_threshold_refuses_the_whole_plan(world: World) -> None:
    """``allow: 0``: the plan is still made, to be looked at; its gate refuses it."""
    world.mapping = replace(
        world.mapping, audits={"duplicate-email": AuditRule(severity=Severity.BLOCKING, allow=0)}
    )
    world.ws.mapping = world.mapping
    world.read([person("7", "same@example.com"), person("8", "same@example.com")])
    plan = await prepare(world.ws)
    assert len(plan.header.gate.refused) == 1


async def test_who_existed_before_is_linked_and_not_created_until_adopted(world: World) -> None:
    """``link_only``: ids of the first complete snapshot are never created on the other side, unless adopted."""
    world.read(PERSONS, CONTACTS)
    with world.ws.state.writing("test") as writer:
        writer.record_existing(Side.PIPEDRIVE, ["1", "2", "10"])
        writer.record_existing(Side.PLEZI, ["a", "c"])
    plan = await prepare(world.ws)
    assert plan.header.totals.counts["existed-before"] == 2
    assert [c for c in plan.changes() if c.kind is ChangeKind.CREATE] == []
    adopted = await prepare(world.ws, adopt=True)
    assert len([c for c in adopted.changes() if c.kind is ChangeKind.CREATE]) == 2
    assert adopted.header.id != plan.header.id


async def test_existing_create_needs_no_adoption(tmp_path: Path) -> None:
    """``existing: create`` in the mapping."""
    world = World(tmp_path, existing=Existing.CREATE)
    world.read(PERSONS, CONTACTS)
    with world.ws.state.writing("test") as writer:
        writer.record_existing(Side.PIPEDRIVE, ["1", "2", "10"])
    assert (await prepare(world.ws)).header.totals.sides[Side.PLEZI].creates == 1


async def test_a_partial_snapshot_plans_no_create_and_no_link(world: World) -> None:
    """Design 6, Absence: what was not read may be there."""
    world.read(PERSONS, CONTACTS, coverage={Side.PLEZI: Coverage(complete=False, reason="not an admin")})
    plan = await prepare(world.ws)
    assert list(plan.changes()) == []
    assert plan.header.gate.state is GateState.WARNINGS
    assert any("not an admin" in line for line in plan.header.gate.not_checked)


async def test_plezi_urls_of_a_stranger_ask_for_a_first_run(world: World) -> None:
    """R7: an empty ledger facing persons with a filled plezi_url needs ``--first-run``."""
    stranger = replace(PERSONS[0], values={**PERSONS[0].values, "plezi_url": "https://p/a"})
    world.read([stranger], CONTACTS)
    assert (await prepare(world.ws)).header.needs == ("--first-run",)
    world.read(PERSONS, CONTACTS)
    assert (await prepare(world.ws)).header.needs == ()


async def test_snapshots_of_another_account_are_refused(world: World) -> None:
    """Design 6, Accounts: before anything is planned."""
    world.read(PERSONS, CONTACTS)
    with world.ws.state.writing("test") as writer:
        writer.bind_account(Account(Side.PLEZI, "another", "Other company"))
    with pytest.raises(AccountMismatch, match="Other company"):
        await prepare(world.ws)


async def test_a_mapping_that_does_not_fit_is_refused_with_every_problem(world: World) -> None:
    """Unknown names, all at once."""
    world.read(PERSONS, CONTACTS)
    bad = replace(world.mapping.fields[3], pipedrive="citty")
    worse = replace(world.mapping.fields[4], plezi="plz_sectr")
    world.ws.mapping = replace(world.mapping, fields=(*world.mapping.fields[:3], bad, worse))
    with pytest.raises(MappingError) as caught:
        await prepare(world.ws)
    assert len([f for f in caught.value.findings if f.severity is Severity.BLOCKING]) == 2


async def test_a_scope_condition_reads_the_source(tmp_path: Path) -> None:
    """``to_pipedrive`` may have a ``where`` as well; it reads the contact."""
    scope = {
        Side.PLEZI: Scope(where=YES),
        Side.PIPEDRIVE: Scope(where=Condition("state", equals=("Engaged",))),
    }
    world = World(tmp_path, scope=scope)
    engaged = replace(CONTACTS[1], values={**CONTACTS[1].values, "state": "Engaged"})
    world.read([], [CONTACTS[0], engaged])
    plan = await prepare(world.ws)
    assert [c.plezi_id for c in plan.changes() if c.kind is ChangeKind.CREATE] == ["c"]


async def test_progress_is_told(world: World) -> None:
    """Planning tells how far it is, up to the end."""
    world.read(PERSONS, CONTACTS)
    events: list[object] = []
    await prepare(world.ws, on_event=events.append)
    last = [event for event in events if isinstance(event, Progress) and event.stage == "plan"][-1]
    assert last.done == last.total > 0


async def test_many_absences_at_once_are_not_believed(world: World) -> None:
    """More than 1 % of the links broken at once: the snapshot counts as partial, and nothing is unlinked."""
    pairs = [(str(n), f"c{n}") for n in range(1, 41)]
    with world.ws.state.writing("test") as writer, writer.transaction() as transaction:
        transaction.ledger.settle(
            [
                Change(ChangeKind.LINK, Side.PIPEDRIVE, here, there, address=f"p{here}@example.com", number=n)
                for n, (here, there) in enumerate(pairs, 1)
            ],
            "version",
        )
    persons = [person(here, f"p{here}@example.com") for here, _ in pairs]
    contacts = [contact(there, f"p{here}@example.com") for here, there in pairs]
    world.clock = datetime.now(UTC) + timedelta(hours=1)
    world.read(persons[:20], contacts)
    plan = await prepare(world.ws)
    assert {f.code for f in plan.findings()} == {"mass-absence"}
    assert [c for c in plan.changes() if c.kind is ChangeKind.UNLINK] == []
    world.read(persons[:35], contacts)
    plan = await prepare(world.ws)
    assert len([c for c in plan.changes() if c.kind is ChangeKind.UNLINK]) == 5
    assert plan.header.totals.findings["broken-link"] == 5


async def test_an_address_that_moves_onto_another_record_is_not_written(world: World) -> None:
    """The query tells the planner who else holds the new address."""
    with world.ws.state.writing("test") as writer, writer.transaction() as transaction:
        link = Change(ChangeKind.LINK, Side.PIPEDRIVE, "1", "a", address="ana@example.com", number=1)
        transaction.ledger.settle([link], "version")
    world.clock = datetime.now(UTC) + timedelta(hours=1)
    other = person("5", "new@example.com", last_name="Autre", sync=None)
    moved = contact("a", "new@example.com", first_name="Ana", last_name="Le Gall")
    ana = person("1", email=emails("ana@example.com"), first_name="Ana", last_name="Le Gall")
    world.read([ana, other], [moved])
    plan = await prepare(world.ws)
    assert {"email-change", "ambiguous-match"} == {finding.code for finding in plan.findings()}
    assert [c for c in plan.changes() if not c.kind.ledger_only] == []


@pytest.mark.parametrize("side", Side)
async def test_two_linked_records_that_move_to_one_address_are_both_told(tmp_path: Path, side: Side) -> None:
    """R17: with the audit of duplicates off, neither is written; it would make the duplicate on the other side."""
    off = {"duplicate-email": AuditRule(off=True)}
    world = World(tmp_path, audits=off)
    with world.ws.state.writing("test") as writer, writer.transaction() as transaction:
        for number, (one, other) in enumerate([("1", "a"), ("2", "b")], 1):
            link = Change(
                ChangeKind.LINK, Side.PIPEDRIVE, one, other, address=f"{one}@example.com", number=number
            )
            transaction.ledger.settle([link], "version")
    world.clock = datetime.now(UTC) + timedelta(hours=1)
    here, there = ("1@example.com", "2@example.com"), ("1@example.com", "2@example.com")
    if side is Side.PIPEDRIVE:
        here = ("new@example.com", "New@example.com")
    else:
        there = ("new@example.com", "New@example.com")
    world.read([person("1", here[0]), person("2", here[1])], [contact("a", there[0]), contact("b", there[1])])
    plan = await prepare(world.ws)
    found = list(plan.findings())
    assert [finding.code for finding in found] == ["email-change", "email-change"]
    assert all(side.label in finding.message for finding in found)
    assert [change for change in plan.changes() if not change.kind.ledger_only] == []


async def test_r22_what_rests_on_other_option_pairs_is_decided_anew(world: World) -> None:
    """R22: under new option pairs a mark of an undo and a value that was not stored hold nothing back, as bases do not."""
    world.read([], [])
    (city,) = [field for field in world.mapping.fields if field.pipedrive == "city"]
    key = f"{city.pipedrive}={city.plezi}"
    pairs = [("1", "a"), ("2", "b")]
    with world.ws.state.writing("test") as writer, writer.transaction() as transaction:
        ledger = transaction.ledger
        ledger.sign_fields({key: "of other pairs"})
        for pair, address in zip(pairs, ("ana@example.com", "bo@example.com"), strict=True):
            ledger.set_link(pair, address=address, state=LinkState.OK)
        ledger.set_undone(pairs[0], {key: UndoneMark("Lyon", None)})
        ledger.set_not_stored(pairs[1], Side.PLEZI, {key: ("Lyon", None)})
    world.clock = datetime.now(UTC) + timedelta(hours=1)
    addresses = ("ana@example.com", "bo@example.com")
    world.read(
        [person(here, a, city="Lyon") for (here, _), a in zip(pairs, addresses, strict=True)],
        [contact(there, a) for (_, there), a in zip(pairs, addresses, strict=True)],
    )
    plan = await prepare(world.ws)
    written = [
        (c.plezi_id, one.code) for c in plan.changes() if c.kind is ChangeKind.UPDATE for one in c.fields
    ]
    assert written == [("a", "plz_city"), ("b", "plz_city")]


async def test_after_a_merge_a_broken_link_is_let_go_of_by_name(world: World) -> None:
    """Absence: no automatic re-pairing, and no dead end: a person releases the link, and the survivor is linked."""
    with world.ws.state.writing("test") as writer, writer.transaction() as transaction:
        for number, pair in enumerate((("1", "a"), ("3", "gone")), 1):
            link = Change(
                ChangeKind.LINK, Side.PIPEDRIVE, *pair, address=f"{pair[1]}@example.com", number=number
            )
            transaction.ledger.settle([link], "version")
            transaction.ledger.settle([replace(link, kind=ChangeKind.UNLINK)], "version")
    world.clock = datetime.now(UTC) + timedelta(hours=1)
    world.read([person("2", "other@example.com", "a@example.com")], [contact("a", "a@example.com")])
    plan = await prepare(world.ws)
    found = [finding for finding in plan.findings() if finding.code == "broken-link"]
    assert [str(finding.subjects[1]) for finding in found] == ["plezi:contact/a"]
    assert found[0].fix.endswith("pdsync release plezi:contact/a")
    assert [c.kind for c in plan.changes()] == []

    assert release(world.ws, everything=True).links == ()
    assert release(world.ws, ["plezi:contact/a"]).links == (("1", "a"),)

    plan = await prepare(world.ws)
    first = next(plan.changes())
    assert (first.kind, first.pipedrive_id, first.plezi_id) == (ChangeKind.LINK, "2", "a")
    assert "broken-link" not in {finding.code for finding in plan.findings()}
