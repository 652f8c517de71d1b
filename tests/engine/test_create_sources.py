"""A create is made from a record that is read again first: what is no longer true of it creates nobody (design 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pdsync.errors import AnswerLost
from pdsync.model import Capabilities, Condition, Consent, Enrolment, Side, Value
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.test_apply import messages, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, R6, contact, person

CONSENT = {
    Side.PIPEDRIVE: Consent("Marketing status", ("unsubscribed",)),
    Side.PLEZI: Consent("opted_out", (True,)),
}
ENROL = Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",)))


def opt_out(world: World) -> None:
    """The person says no, where the record lives."""
    world.pipedrive.records["1"]["marketing_status"] = "unsubscribed"


def fall_silent(world: World) -> None:
    """The service does not say any more whether the person opted out: missing is not empty."""
    del world.pipedrive.records["1"]["marketing_status"]


def leave(world: World) -> None:
    """Somebody sets sync_to_plezi to No (R9)."""
    world.pipedrive.records["1"]["sync"] = 36


def edit(world: World) -> None:
    """Somebody corrects a value that the create was to carry."""
    world.pipedrive.records["1"]["city"] = "Nantes"


def remove(world: World) -> None:
    """Somebody deletes the person."""
    del world.pipedrive.records["1"]


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (opt_out, "the person opted out since the plan was made"),
        (fall_silent, "Pipedrive does not say any more whether the person opted out"),
        (leave, "the record left the scope since the plan was made"),
        (edit, "'City' was changed in Pipedrive since the plan was made"),
        (remove, "the record in Pipedrive is gone"),
    ],
)
async def test_what_happened_since_the_plan_creates_nobody(
    make_world: MakeWorld, happens: Callable[[World], None], said: str
) -> None:
    """Stale, said why, with what follows it skipped; the others go on, and the next plan starts from what is true."""
    world = make_world(CITY, *R6, consent=CONSENT)
    world.pipedrive.add(person("1", "l@example.com", city="Lyon", sync=35))
    world.pipedrive.add(person("2", "n@example.com", city="Brest", sync=35))
    plan = world.plan()
    happens(world)
    assert outcomes(await world.apply(plan)) == {"done": 2, "skipped": 1, "stale": 1}
    assert said in messages(world)
    assert [record["email"] for record in world.plezi.records.values()] == ["n@example.com"]
    assert world.state.history.open_intents() == []


async def test_an_opt_out_in_plezi_counts_as_well(make_world: MakeWorld) -> None:
    """The source of a create is Plezi's contact as often as Pipedrive's person."""
    world = make_world(CITY, consent=CONSENT)
    world.plezi.add(contact("a", "l@example.com"), contact("b", "n@example.com"))
    plan = world.plan()
    world.plezi.records["a"]["opted_out"] = True
    assert outcomes(await world.apply(plan)) == {"done": 1, "stale": 1}
    assert len(world.pipedrive.records) == 1


async def test_edits_that_the_create_does_not_carry_do_not_matter(make_world: MakeWorld) -> None:
    """Only what is copied counts, in comparison form: people go on working while a plan is reviewed."""
    world = make_world(CITY)
    world.pipedrive.add(person("1", "l@example.com", city="Lyon", sync=35))
    plan = world.plan()
    world.pipedrive.records["1"] |= {"city": "Lyon ", "phone": [], "update_time": "2026-11-23T20:00:00Z"}
    assert outcomes(await world.apply(plan)) == {"done": 1}


async def test_a_flag_that_does_not_show_yet_stops_nothing(make_world: MakeWorld) -> None:
    """This run has just set it (R10); a read that lags behind the write is no reason to create nobody."""
    world = make_world(*R6, enrol=ENROL)
    world.pipedrive.add(person("1", sync=None, label_ids=[5]))
    plan = world.plan()

    def lag(call: Call) -> None:
        if call.what == "read" and world.pipedrive.writes():
            world.pipedrive.records["1"]["sync"] = None

    world.pipedrive.before = lag
    assert outcomes(await world.apply(plan))["done"] == 3
    assert len(world.plezi.records) == 1


async def test_a_flag_that_was_taken_away_creates_nobody(make_world: MakeWorld) -> None:
    """It was set when the plan was made, not by this plan; now it is empty, and the rule to set it is no excuse."""
    world = make_world(enrol=ENROL)
    world.pipedrive.add(person("1", sync=35, label_ids=[5]))
    plan = world.plan()
    world.pipedrive.records["1"]["sync"] = None
    assert outcomes(await world.apply(plan)) == {"stale": 1}
    assert world.plezi.records == {}


async def test_sources_are_read_in_batches_and_counted(make_world: MakeWorld) -> None:
    """Thirty creates cost two reads of up to 100 ids, and the plan had said that thirty records are looked at."""
    world = make_world()
    for n in range(30):
        world.pipedrive.add(person(str(n), f"p{n}@example.com", sync=35))
    plan = world.plan()
    assert plan.header.totals.sides[Side.PIPEDRIVE].requests == 30
    assert outcomes(await world.apply(plan)) == {"done": 30}
    assert sum(call.what == "read" for call in world.pipedrive.calls) == 30


async def test_a_source_that_cannot_be_read_is_taken_as_the_plan_saw_it(make_world: MakeWorld) -> None:
    """A side without reading by id: nothing can be looked at, and nothing is counted for it."""
    blind = {Side.PLEZI: Capabilities(read_by_id=False, read_batch=1)}
    world = make_world(CITY, capabilities=blind)
    world.plezi.add(contact("a", "l@example.com"))
    plan = world.plan()
    assert plan.header.totals.sides[Side.PLEZI].requests == 0
    assert outcomes(await world.apply(plan)) == {"done": 1}
    assert world.plezi.calls == []


async def test_after_a_lost_answer_the_source_is_read_once_more(make_world: MakeWorld) -> None:
    """The wait is long; who opts out during it is not created by the second try."""
    world = make_world(CITY, consent=CONSENT)
    world.pipedrive.add(person("1", sync=35))
    tries: list[dict[str, Value]] = []

    def lose(call: Call) -> None:
        if call.what == "create":
            tries.append(dict(call.values))
            raise AnswerLost("the connection broke")

    async def wait(_seconds: float) -> None:
        opt_out(world)

    world.plezi.before = lose
    world.pace = replace(world.pace, sleep=wait)
    assert outcomes(await world.apply()) == {"stale": 1}
    assert (len(tries), world.plezi.records) == (1, {})
    assert messages(world) == ["the person opted out since the plan was made"]
    assert world.state.history.open_intents() == []
