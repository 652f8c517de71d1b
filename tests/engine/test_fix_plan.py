"""Accepted repairs as a plan: what is written, what is stale, what is left out and why; and what a bad file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.engine.prepare import prepare
from pdsync.errors import AccountMismatch, MappingError, UsageError
from pdsync.mapfiles.fixes import load_fixes
from pdsync.model import (
    MISSING,
    AuditRule,
    Capabilities,
    ChangeKind,
    Consent,
    Direction,
    FieldMapping,
    Plan,
    Reason,
    Side,
)
from tests.engine.fix_world import FixWorld
from tests.planning.build import CITY, R6, SECTOR, contact, emails, person

INTERESTS = FieldMapping("interests", "plz_interests", Direction.BOTH)
CONSENT = {Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",))}


@pytest.fixture
def world(tmp_path: Path) -> FixWorld:
    """All sorts of fields."""
    return FixWorld(tmp_path, CITY, SECTOR, INTERESTS, *R6, consent=CONSENT)


def written(plan: Plan) -> list[tuple[str, str, object, object]]:
    """Record, field, before and after of every value."""
    return [
        (str(change.record_id), one.code, one.before, one.after)
        for change in plan.changes()
        for one in change.fields
    ]


def said(plan: Plan) -> list[tuple[str, str, str]]:
    """Code, record and message of every finding of the plan itself."""
    return [
        (one.code, one.subjects[0].id, one.message)
        for one in plan.findings()
        if one.code.startswith("repair-")
    ]


async def test_accepted_repairs_become_an_ordinary_plan(world: FixWorld) -> None:
    """One update per record; the key is the field mapping's, the ledger's half stays out of it."""
    world.link("1", "a", "l@example.com")
    world.read(
        [person("1", last_name=" Rivière", city="Nantes "), person("2", "b@example.com", sync=None)],
        [contact("a")],
    )
    world.put(
        'record: pipedrive:person/1, now: {last_name: " Rivière"}, set: {last_name: Rivière}',
        'record: pipedrive:person/1, now: {city: "Nantes "}, set: {city: Nantes}',
        'record: pipedrive:person/2, now: {sync_to_plezi: null}, set: {sync_to_plezi: "Yes"}',
        'record: plezi:contact/a, now: {"Secteur": null}, set: {"Secteur": "Énergie"}',
    )
    plan = await world.plan()
    first, second, third = plan.changes()
    assert (first.kind, first.pipedrive_id, first.plezi_id) == (ChangeKind.UPDATE, "1", "a")
    assert [(one.key, one.reason, one.source) for one in first.fields] == [
        ("last_name=last_name", Reason.REPAIR, MISSING),
        ("city=plz_city", Reason.REPAIR, MISSING),
    ]
    assert (second.pipedrive_id, second.plezi_id, second.fields[0].key) == ("2", "", "repair")
    assert (third.side, third.fields[0].after) == (Side.PLEZI, "energie")
    assert written(plan)[2] == ("2", "sync", None, 35)
    assert plan.header.totals.sides[Side.PIPEDRIVE].values == 3
    assert plan.header.narrowed == ("what is accepted in fixes.yaml",)
    assert (await world.plan()).header.id == plan.header.id


async def test_what_is_not_accepted_is_not_planned(world: FixWorld) -> None:
    """A file as it is written plans the safe repairs; deciding plans the rest."""
    world.read([person("1", last_name=" Rivière", first_name="M. Jean")])
    world.write()
    assert written(await world.plan()) == [("1", "last_name", " Rivière", "Rivière")]
    world.accept()
    assert sorted(written(await world.plan())) == [
        ("1", "first_name", "M. Jean", "Jean"),
        ("1", "last_name", " Rivière", "Rivière"),
    ]


async def test_a_tidy_spelling_yields_to_a_correction(world: FixWorld) -> None:
    """Both were accepted for one value: the correction counts, and it is no contradiction."""
    world.read([person("1", first_name=" M. Jean")])
    world.write()
    world.accept()
    assert len(load_fixes(world.path).accepted) == 2
    assert written(await world.plan()) == [("1", "first_name", " M. Jean", "Jean")]


async def test_a_repair_for_another_value_is_stale(world: FixWorld) -> None:
    """Each states the value it was made for; the half of an exchange of names is none."""
    world.read(
        [
            person("1", first_name="RIVIÈRE", last_name="Lucile"),
            person("2", "b@example.com", first_name="DUPONT", last_name="Bo"),
            person("3", "c@example.com", city="Brest"),
        ]
    )
    world.put(
        "record: pipedrive:person/1, now: {first_name: RIVIÈRE, last_name: Lucie}, "
        "set: {first_name: Lucie, last_name: RIVIÈRE}",
        "record: pipedrive:person/2, now: {first_name: DUPONT, last_name: Bo}, set: {first_name: Bo, last_name: DUPONT}",
        "record: pipedrive:person/3, now: {city: Nantes}, set: {city: Brest}",
        "record: pipedrive:person/4, now: {city: Nantes}, set: {city: Brest}",
    )
    plan = await world.plan()
    assert [row[:2] for row in written(plan)] == [("2", "first_name"), ("2", "last_name")]
    assert said(plan) == [
        ("repair-stale", "1", "last_name: the record holds another value by now"),
        ("repair-left-out", "1", "first_name: what belongs to the same repair is left out"),
        ("repair-left-out", "4", "city: the record is gone"),
    ]
    assert plan.header.totals.counts["already-repaired"] == 1


async def test_who_opted_out_is_left_out(world: FixWorld) -> None:
    """Here, or through the partner (design 6, Consent)."""
    world.link("1", "a", "l@example.com")
    world.read([person("1", marketing_status="unsubscribed")], [contact("a", last_name="x")])
    world.put(
        "record: plezi:contact/a, now: {last_name: x}, set: {last_name: Rivière}",
        "record: pipedrive:person/1, now: {city: null}, set: {city: Brest}",
    )
    plan = await world.plan()
    assert written(plan) == []
    assert [row[2] for row in said(plan)] == ["last_name: the person opted out", "city: the person opted out"]


async def test_addresses_are_changed_with_care(world: FixWorld) -> None:
    """Not to one that somebody else holds, and not away from the one that the link rests on."""
    world.link("1", "a", "l@example.com")
    world.read(
        [
            person("1", "m@example.com", "l@example.com", "n@example.com"),
            person("2", "b@example.com", "x@wrong.example.com"),
            person("3", "x@right.example.com"),
        ],
        [contact("a")],
    )
    world.put(
        'record: pipedrive:person/1, now: {email: ["m@example.com", "l@example.com", "n@example.com"]}, '
        'set: {email: ["m@example.com", "n@example.com"]}',
        'record: pipedrive:person/2, now: {email: ["b@example.com", "x@wrong.example.com"]}, '
        'set: {email: ["b@example.com", "x@right.example.com"]}',
    )
    assert [row[2] for row in said(await world.plan())] == [
        "email: the link to the other side rests on the address that would go",
        "email: another person in Pipedrive holds the new address",
    ]
    world.put(
        'record: pipedrive:person/1, now: {email: ["m@example.com", "l@example.com", "n@example.com"]}, '
        'set: {email: ["m@example.com", "l@example.com"]}',
        'record: pipedrive:person/3, now: {email: ["x@right.example.com"]}, set: {email: ["nobody"]}',
    )
    plan = await world.plan()
    assert [row[3] for row in written(plan)] == [emails("m@example.com", "l@example.com")]
    assert [row[2] for row in said(plan)] == ["email: 'nobody' is no email address"]


async def test_a_side_that_cannot_be_updated_is_left_out(world: FixWorld) -> None:
    """An API profile without an update call: said before, not failed after."""
    world.world.capabilities[Side.PLEZI] = Capabilities(update=False)
    world.read([], [contact("a", last_name=" x")])
    world.write()
    plan = await world.plan()
    assert plan.header.is_empty
    assert [row[2] for row in said(plan)] == [
        "last_name: Plezi cannot update records through this API profile"
    ]


REFUSED = [
    (
        "pipedrive:person/1",
        "frist_name: x",
        "unknown field 'frist_name' in Pipedrive; did you mean 'First name'?",
    ),
    ("pipedrive:person/1", "plezi_url: x", "'plezi_url' is written from Plezi; repair it there"),
    ("plezi:contact/a", "behaviour_score: x", "'behaviour_score' is computed by Plezi"),
    ("pipedrive:person/1", "Marketing status: Subscribed", "which nothing but the person changes"),
    ("pipedrive:person/1", "revenue: '1'", "holds values that are not repaired by a file (number)"),
    ("pipedrive:person/1", "function: x", "'function' is not part of the mapping"),
    ("pipedrive:person/1", "last_name: null", "is never emptied (R12, R15)"),
    ("plezi:contact/a", "email: null", "is never emptied (R12, R15)"),
]


@pytest.mark.parametrize(("record", "value", "why"), REFUSED)
async def test_what_no_repair_may_touch(world: FixWorld, record: str, value: str, why: str) -> None:
    """Computed, read-only, consent, unmapped, locked: refused with file, line and column, before anything is planned."""
    world.read([person("1")], [contact("a")])
    name = value.partition(":")[0]
    world.put(f"record: {record}, now: {{{name}: old}}, set: {{{value}}}")
    with pytest.raises(MappingError) as caught:
        await world.plan()
    assert why in str(caught.value)
    assert "fixes.yaml:6:" in str(caught.value)


async def test_the_file_is_of_this_mapping_and_these_accounts(world: FixWorld) -> None:
    """One id means two people in two accounts."""
    world.read([person("1")])
    world.put("record: pipedrive:person/1, now: {city: null}, set: {city: Brest}")
    text = world.path.read_text("utf-8")
    world.path.write_text(text.replace("pipedrive-1", "'99'"), "utf-8")
    with pytest.raises(AccountMismatch, match="99"):
        await world.plan()
    world.path.write_text(text.replace("mapping: contacts", "mapping: other"), "utf-8")
    with pytest.raises(UsageError, match="'other'"):
        await world.plan()


async def test_a_closed_gate_does_not_refuse_what_opens_it(tmp_path: Path) -> None:
    """A threshold that refuses every sync lets repairs pass; a sync stays refused."""
    world = FixWorld(tmp_path, CITY, audits={"outer-spaces": AuditRule(allow=0)})
    world.read([person("1", last_name=" Rivière")])
    world.write()
    plan = await world.plan()
    assert plan.header.gate.refused == ()
    assert not plan.header.is_empty
    assert (await prepare(world.ws)).header.gate.refused
