"""Answers that were lost: looked for, adopted, sent once more at most, and never blindly (design 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pdsync.errors import AnswerLost, Rejected
from pdsync.model import Capabilities, MergeBase, Note, Side, Value
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call, Service
from tests.engine.test_apply import linked_pair, messages, outcomes
from tests.engine.world import World
from tests.planning.build import CITY, R6, contact, emails, person


def lose(*whats: str, times: int = 1) -> Callable[[Call], None]:
    """A hook that loses the answer of the next ``times`` of these requests."""
    left = {"times": times}

    def hook(call: Call) -> None:
        if call.what in whats and left["times"]:
            left["times"] -= 1
            raise AnswerLost("the connection broke")

    return hook


def person_from(contact_: dict[str, Value]) -> dict[str, Value]:
    """The values that a create from this contact sends."""
    return {
        "email": emails(str(contact_["email"])),
        "first_name": contact_["first_name"],
        "last_name": contact_["last_name"],
    }


def creates(service: Service) -> int:
    """How many creates were sent."""
    return sum(call.what == "create" for call in service.calls)


def codes(world: World) -> list[str]:
    """Codes of the findings that the run told of."""
    return [
        event.finding.code for event in world.events if isinstance(event, Note) and event.finding is not None
    ]


@pytest.mark.parametrize("side", Side)
async def test_a_create_that_arrived_is_adopted(make_world: MakeWorld, side: Side) -> None:
    """The connection broke after the commit: the record is found, linked, and what follows it follows."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", "l@example.com", sync=35))
    world.plezi.add(contact("c", "c@example.com", plezi_url="https://p/c"))
    service = world.services[side]
    service.after = lose("create")
    run = await world.apply()
    assert outcomes(run)["adopted"] == 1
    assert creates(service) == 1
    assert world.state.ledger.count_links() == 2
    assert world.pipedrive.records["1"]["plezi_url"] == "https://p/1001"
    assert world.pending() == []


@pytest.mark.parametrize("side", Side)
async def test_a_create_that_did_not_arrive_is_sent_once_more(make_world: MakeWorld, side: Side) -> None:
    """Dropped before the commit: after the wait nothing is there, so one more try is safe."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", "l@example.com", sync=35))
    world.plezi.add(contact("c", "c@example.com"))
    service = world.services[side]
    service.before = lose("create")
    run = await world.apply()
    assert "failed" not in outcomes(run)
    assert creates(service) == 2
    assert len(world.pipedrive.records) == len(world.plezi.records) == 2
    assert world.pending() == []


async def test_a_late_commit_within_the_wait_makes_nobody_twice(make_world: MakeWorld) -> None:
    """The first look finds nothing, the second one does: nothing is sent again."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    late: list[Call] = []

    def defer(call: Call) -> None:
        if call.what == "create" and not late:
            late.append(call)
            raise AnswerLost("the connection broke")

    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            world.pipedrive.insert(late[0].values)

    world.pipedrive.before = defer
    world.pace = replace(world.pace, sleep=wait)
    assert outcomes(await world.apply()) == {"adopted": 1}
    assert waits == [2.0, 8.0]
    assert len(world.pipedrive.records) == 1


async def test_a_commit_later_than_all_waiting_is_reported(make_world: MakeWorld) -> None:
    """It came after the second try: both are named, and a person merges them."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    lost: list[Call] = []

    def first_is_lost(call: Call) -> None:
        if call.what == "create" and not lost:
            lost.append(call)
            raise AnswerLost("the connection broke")

    def then_it_arrives(call: Call) -> None:
        if call.what == "create" and len(world.pipedrive.records) == 1:
            world.pipedrive.insert(lost[0].values)

    world.pipedrive.before, world.pipedrive.after = first_is_lost, then_it_arrives
    assert outcomes(await world.apply()) == {"done": 1}
    assert codes(world) == ["created-twice"]


async def test_a_create_lost_twice_is_left_to_a_person(make_world: MakeWorld) -> None:
    """One retry, not more: then it is a finding, and no later plan creates it by itself."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    world.pipedrive.before = lose("create", times=9)
    assert outcomes(await world.apply()) == {"failed": 1}
    assert creates(world.pipedrive) == 2
    assert codes(world) == ["lost-create"]
    assert world.state.ledger.undone_creates(Side.PLEZI) == {"c"}
    assert world.pending() == []


async def test_several_that_match_are_a_finding_and_no_retry(make_world: MakeWorld) -> None:
    """Somebody created the same person at the same moment: nobody can tell which one is ours."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    world.pipedrive.after = lose("create")
    world.pipedrive.before = lambda call: (
        None
        if call.what != "create"
        else (world.pipedrive.insert(person_from(world.plezi.records["c"])), None)[1]
    )
    assert outcomes(await world.apply()) == {"failed": 1}
    assert creates(world.pipedrive) == 1
    assert codes(world) == ["lost-create"]
    assert world.state.ledger.count_links() == 0


async def test_one_with_the_address_but_other_values_is_not_taken_for_ours(make_world: MakeWorld) -> None:
    """Adopt on all sent values only; but while such a record is there, nothing is sent again either."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    lose_create, other = lose("create"), person_from(world.plezi.records["c"]) | {"last_name": "Martin"}

    def and_somebody_else_creates(call: Call) -> None:
        if call.what == "create":
            world.pipedrive.insert(other)
        lose_create(call)

    world.pipedrive.before = and_somebody_else_creates
    assert outcomes(await world.apply()) == {"failed": 1}
    assert creates(world.pipedrive) == 1
    assert world.state.ledger.count_links() == 0


async def test_the_plezi_url_alone_proves_that_it_is_ours(make_world: MakeWorld) -> None:
    """Where ``plezi_url`` was sent, it decides: the server may have changed every other value."""
    world = make_world(*R6)
    world.plezi.add(contact("c", "c@example.com", plezi_url="https://p/c"))
    world.pipedrive.alter = lambda values: values | {"last_name": "RIVIÈRE"}
    world.pipedrive.after = lose("create")
    assert outcomes(await world.apply()) == {"adopted": 1}
    base = world.state.ledger.bases([("1001", "c")])[("1001", "c")]["last_name=last_name"]
    assert base == MergeBase("RIVIÈRE", "Rivière")


async def test_older_records_are_not_looked_at(make_world: MakeWorld) -> None:
    """Five minutes before the intent, by the server's date: an equal person from last year is somebody else's."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    plan = world.plan()
    world.pipedrive.add(person("7", "c@example.com"))
    world.pipedrive.before = lose("create")
    assert outcomes(await world.apply(plan)) == {"done": 1}
    assert creates(world.pipedrive) == 2


async def test_a_linked_record_is_never_adopted(make_world: MakeWorld) -> None:
    """It is somebody else's counterpart already."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"), contact("d", "d@example.com"))
    plan = world.plan()
    other = world.pipedrive.insert(person_from(world.plezi.records["c"]))
    world.link(other, "d")
    plan = replace(plan, header=replace(plan.header, ledger_revision=world.state.ledger.revision()))
    world.pipedrive.before = lose("create")
    await world.apply(plan)
    assert world.state.ledger.links_by_id(Side.PLEZI, ["d"])["d"].pipedrive_id == other
    assert world.state.ledger.links_by_id(Side.PLEZI, ["c"])["c"].pipedrive_id != other


async def test_a_side_that_cannot_be_searched_is_never_tried_again(make_world: MakeWorld) -> None:
    """A form submission whose answer was lost has side effects: once is enough, a person looks."""
    blind = {Side.PLEZI: Capabilities(read_all=False, read_by_id=False, update=False)}
    world = make_world(capabilities=blind)
    world.pipedrive.add(person("1", sync=35))
    world.plezi.before = lose("create")
    assert outcomes(await world.apply()) == {"failed": 1}
    assert creates(world.plezi) == 1
    assert codes(world) == ["lost-create"]
    assert world.state.ledger.undone_creates(Side.PIPEDRIVE) == {"1"}


async def test_a_form_that_was_submitted_is_done_and_not_submitted_again(make_world: MakeWorld) -> None:
    """Plezi's one known write says that it happened, and not which contact it made."""
    form = Capabilities(
        read_all=False, read_by_id=False, update=False, create_side_effects="counts as a submission"
    )
    world = make_world(capabilities={Side.PLEZI: form})
    world.pipedrive.add(person("1", sync=35))
    world.plezi.silent = True
    assert outcomes(await world.apply()) == {"done": 1}
    assert codes(world) == []
    assert world.state.ledger.undone_creates(Side.PIPEDRIVE) == {"1"}
    assert world.state.ledger.count_links() == 0


async def test_nothing_follows_a_create_that_nobody_can_name(make_world: MakeWorld) -> None:
    """A create that is answered without an id: held, and its follow-up is skipped instead of sent to nobody."""
    world = make_world(*R6)
    world.pipedrive.add(person("1", sync=35))
    world.plezi.silent = True
    assert outcomes(await world.apply()) == {"failed": 1, "skipped": 1}
    assert world.pipedrive.writes() == []


async def test_a_side_without_newest_is_searched_whole(make_world: MakeWorld) -> None:
    """Slower, but as safe."""
    world = make_world(capabilities={Side.PLEZI: Capabilities(read_batch=100)})
    world.pipedrive.add(person("1", sync=35))
    world.plezi.after = lose("create")
    assert outcomes(await world.apply()) == {"adopted": 1}
    assert [call.what for call in world.plezi.calls] == ["create", "pages"]


async def test_a_refused_retry_is_a_failure(make_world: MakeWorld) -> None:
    """The second try is a create like any other."""
    world = make_world()
    world.plezi.add(contact("c", "c@example.com"))
    tries: list[Call] = []

    def refuse_second(call: Call) -> None:
        if call.what == "create":
            tries.append(call)
            raise AnswerLost("the connection broke") if len(tries) == 1 else Rejected("too many persons")

    world.pipedrive.before = refuse_second
    assert outcomes(await world.apply()) == {"failed": 1}
    assert messages(world) == ["too many persons"]


@pytest.mark.parametrize(("arrived", "expected"), [(True, {"done": 1}), (False, {"failed": 1})])
async def test_a_lost_update_is_settled_by_looking(
    make_world: MakeWorld, *, arrived: bool, expected: dict[str, int]
) -> None:
    """One PATCH is carried out whole or not at all: the record itself says which."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    if arrived:
        world.plezi.after = lose("update")
    else:
        world.plezi.before = lose("update")
    assert outcomes(await world.apply()) == expected
    assert (world.pending() == []) is arrived
    assert outcomes(await world.apply()).get("failed") is None
    assert world.plezi.records["a"]["plz_city"] == "Nantes"
    assert world.pending() == []


async def test_an_update_that_arrives_late_is_ours_and_can_be_undone(make_world: MakeWorld) -> None:
    """Carried out ten seconds after its connection broke: journalled as done, so that an undo takes it back."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes"})
    world.plezi.before = lose("update")
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            world.plezi.edit("a", plz_city="Nantes")

    world.pace = replace(world.pace, sleep=wait)
    assert outcomes(await world.apply()) == {"done": 1}
    assert waits == [2.0, 8.0]
    world.plezi.before = lambda _call: None
    await world.undo()
    assert world.plezi.records["a"]["plz_city"] == "Lyon"


async def test_a_lost_delete_on_a_side_that_cannot_be_read_fails_alone(make_world: MakeWorld) -> None:
    """Nobody can look whether it happened: said of this record, and the run goes on."""
    world = make_world(capabilities={Side.PLEZI: Capabilities(read_by_id=False, delete=True)})
    world.pipedrive.add(person("1", sync=35))
    await world.apply()
    plan = await world.undo_plan(delete_created=True)
    world.plezi.before = lose("delete")
    run = await world.apply(plan, accept_unguarded=True)
    assert (run.state.value, outcomes(run)) == ("done", {"failed": 1})
    assert "Nobody can look" in messages(world)[-1]


async def test_a_lost_update_that_somebody_edited_since_counts_as_done(make_world: MakeWorld) -> None:
    """Of two values that were sent one is there, the other was changed again: both had arrived."""
    world = make_world(CITY)
    linked_pair(world, here={"city": "Nantes", "first_name": "Lucie"})

    def edited(call: Call) -> None:
        if call.what == "update":
            world.plezi.records["a"]["plz_city"] = "Paris"
            raise AnswerLost("the connection broke")

    world.plezi.after = edited
    assert outcomes(await world.apply()) == {"done": 1}
    world.plezi.after = lambda _call: None
    assert [(c.side, one.after) for c in world.pending() for one in c.fields] == [(Side.PIPEDRIVE, "Paris")]
