"""``--only`` leaves out whole values and what follows from them, and nothing of that is remembered as done."""

from __future__ import annotations

from dataclasses import replace

from pdsync.engine.narrowing import parse_only
from pdsync.model import Side
from tests.engine.conftest import MakeWorld
from tests.engine.world import World, updates
from tests.planning.build import CITY, contact, emails, person

AGREED = {"first_name": ("Lucile", "Lucile"), "last_name": ("Rivière", "Rivière"), "city": ("Lyon", "Lyon")}


def moved(world: World) -> None:
    """Person 1 and contact a are linked; since then the person got another address and another city."""
    world.pipedrive.add(person("1", city="Lyon"))
    world.plezi.add(contact("a", plz_city="Lyon"))
    world.link("1", "a", **AGREED)
    world.pipedrive.records["1"] |= {"email": emails("new@example.com"), "city": "Nantes"}


async def test_an_address_that_is_left_out_moves_no_link(make_world: MakeWorld) -> None:
    """Design 6, email: a pilot of another field must not make the next plan turn the new address back."""
    world = make_world(CITY)
    moved(world)
    (decision,) = world.decisions()
    narrowed = parse_only(["city"], world.bound).narrow(decision)
    assert [change.address for change in narrowed.changes] == [""]
    await world.apply(world.plan(narrowed))
    assert updates(world.pending()) == [("plezi", "a", "email")]


async def test_a_link_does_not_move_without_its_address(make_world: MakeWorld) -> None:
    """A change that names a new address and does not write it, from an older plan file, leaves the link where it is."""
    world = make_world(CITY)
    moved(world)
    (decision,) = world.decisions()
    (change,) = decision.changes
    only_city = replace(change, fields=tuple(one for one in change.fields if one.code == "plz_city"))
    await world.apply(world.plan(replace(decision, changes=(only_city,))))
    assert updates(world.pending()) == [("plezi", "a", "email")]


async def test_an_address_that_is_asked_for_moves_its_link(make_world: MakeWorld) -> None:
    """``--only email``: the address is written, and the link rests on it from then on."""
    world = make_world(CITY)
    moved(world)
    (decision,) = world.decisions()
    narrowed = parse_only(["email", Side.PLEZI], world.bound).narrow(decision)
    await world.apply(world.plan(narrowed))
    assert world.state.ledger.links_of([("1", "a")])["1", "a"].address == "new@example.com"
    assert updates(world.pending()) == [("plezi", "a", "plz_city")]
