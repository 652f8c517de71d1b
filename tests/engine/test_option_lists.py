"""Options added to a list and taken off again: journalled, settled by looking, never sent twice, never while held (R24)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pdsync.errors import Forbidden, LimitExceeded, PlanOutdated, Rejected, Unreachable
from pdsync.model import (
    MISSING,
    Capabilities,
    Change,
    ChangeKind,
    Decision,
    Field,
    FieldChange,
    JournalEntry,
    Limits,
    Note,
    Option,
    Plan,
    Reason,
    RunState,
    Side,
)
from tests.engine.conftest import MakeWorld
from tests.engine.service import Call
from tests.engine.test_apply import outcomes
from tests.engine.test_lost import lose
from tests.engine.test_recovery import killed, settle
from tests.engine.world import World
from tests.planning.build import PIPEDRIVE_FIELDS, PLEZI_FIELDS, SECTOR, bind_fields, person

FIELDS = {Side.PIPEDRIVE: ("sector", PIPEDRIVE_FIELDS), Side.PLEZI: ("plz_sector", PLEZI_FIELDS)}
ABLE = Capabilities(delete=True, read_batch=100, recent_first=True, change_lists=True, longest_option=255)


EITHER = pytest.mark.parametrize("side", Side, indirect=True)
"""Direction is a value: whichever side can change its lists."""


@pytest.fixture
def side(request: pytest.FixtureRequest) -> Side:
    """The side whose lists can be changed."""
    found: Side = getattr(request, "param", Side.PIPEDRIVE)
    return found


@pytest.fixture
def world(make_world: MakeWorld, side: Side) -> World:
    """Two services of which one lets its lists be changed."""
    return make_world(SECTOR, capabilities={side: ABLE}, remote=custom(side), limits=Limits(creates=3))


def custom(side: Side, world: World | None = None) -> dict[Side, tuple[Field, ...]]:
    """The fields of the side, the list of the sector custom, with the options that it has by now."""
    code, fields = FIELDS[side]
    options = {code: tuple(world.services[side].lists[code])} if world is not None else {}
    return {
        side: tuple(
            replace(one, custom=True, options=options.get(code, one.options)) if one.code == code else one
            for one in fields
        )
    }


def adding(side: Side, *labels: str) -> Decision:
    """The decision that a fix file makes."""
    code = FIELDS[side][0]
    fields = tuple(
        FieldChange("sector=plz_sector", code, MISSING, label, Reason.REPAIR, MISSING) for label in labels
    )
    return Decision(changes=(Change(ChangeKind.ADD_OPTIONS, side, fields=fields, title="Secteur"),))


def plan(world: World, side: Side, *labels: str) -> Plan:
    """A plan that adds these."""
    return world.plan(adding(side, *labels))


def listed(world: World, side: Side) -> list[str]:
    """The labels of the list as it is."""
    return [option.label for option in world.services[side].lists[FIELDS[side][0]]]


def look_again(world: World, side: Side) -> None:
    """What a later run sees: the lists as they are."""
    world.bound = bind_fields(
        SECTOR, capabilities={side: ABLE}, remote=custom(side, world), limits=Limits(creates=3)
    )


def entries(world: World) -> list[JournalEntry]:
    """The journal of the last run."""
    return list(world.state.history.entries(world.state.history.run("last").id))


def told(world: World) -> list[str]:
    """Codes of the findings that the run told of."""
    return [e.finding.code for e in world.events if isinstance(e, Note) and e.finding is not None]


@EITHER
async def test_a_list_grows_by_one_request(world: World, side: Side) -> None:
    """Read, intended, sent, and the new identities are in the journal; nobody's values are counted."""
    before = listed(world, side)
    made = plan(world, side, "Énergie verte", "<b>Bois</b> & co")
    assert made.header.totals.sides[side].options == 2
    assert made.header.totals.writes == 1
    run = await world.apply(made)
    assert outcomes(run) == {"done": 1}
    assert (run.writes[side], run.values) == (1, 0)
    assert listed(world, side) == [*before, "Énergie verte", "<b>Bois</b> & co"]
    assert [call.what for call in world.services[side].calls] == ["options", "add-options"]
    (entry,) = entries(world)
    assert entry.stored == {"Énergie verte": "1001", "<b>Bois</b> & co": "1002"}
    assert world.state.history.last_write_at() is not None, "a snapshot from before is too old to plan from"
    with pytest.raises(PlanOutdated, match="applied already"):
        await world.apply(made)


async def test_what_is_there_by_now_is_stale(world: World, side: Side) -> None:
    """Somebody added one of them between plan and run, in another Unicode form: the whole list is left alone."""
    made = plan(world, side, "Énergie verte", "Bois")
    world.services[side].lengthen(FIELDS[side][0], "E\u0301nergie verte ")
    before = listed(world, side)
    run = await world.apply(made)
    assert outcomes(run) == {"stale": 1}
    assert listed(world, side) == before
    assert entries(world)[0].error == "the list has 'Énergie verte' by now"


async def test_a_field_that_vanished_is_stale(world: World, side: Side) -> None:
    """There is nothing to add to."""
    made = plan(world, side, "Bois")
    del world.services[side].lists[FIELDS[side][0]]
    assert outcomes(await world.apply(made)) == {"stale": 1}
    assert "is gone" in entries(world)[0].error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Rejected("label: too long (400)"), RunState.DONE),
        (Forbidden("Pipedrive does not allow 'add options' (403)"), RunState.DONE),
        (Unreachable("no connection"), RunState.FAILED),
    ],
)
async def test_a_refusal_is_told_in_its_words(
    world: World, side: Side, error: Exception, state: RunState
) -> None:
    """400 and 403 are about this list; an unreachable service ends the run, and nothing is left open."""

    def refuse(call: Call) -> None:
        if call.what == "add-options":
            raise error

    world.services[side].before = refuse
    run = await world.apply(plan(world, side, "Bois"))
    assert run.state is state
    assert "Bois" not in listed(world, side)
    assert str(error) in entries(world)[0].error
    assert world.state.history.is_settled()


@EITHER
async def test_a_lost_answer_that_arrived_is_adopted(world: World, side: Side) -> None:
    """Settled by the labels in the list; sent once; the undo knows the identity."""
    world.services[side].after = lose("add-options")
    run = await world.apply(plan(world, side, "Bois", "Verre"))
    assert outcomes(run) == {"adopted": 1}
    assert listed(world, side)[-2:] == ["Bois", "Verre"]
    assert [call.what for call in world.services[side].writes()] == ["add-options"]
    assert entries(world)[0].stored == {"Bois": "1001", "Verre": "1002"}


async def test_a_lost_answer_that_did_not_arrive_is_not_sent_again(world: World, side: Side) -> None:
    """A late commit would make the option twice: it is planned again, which looks first."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    world.pace = replace(world.pace, sleep=wait)
    world.services[side].before = lose("add-options")
    assert outcomes(await world.apply(plan(world, side, "Bois"))) == {"failed": 1}
    assert waits == [2.0, 8.0, 20.0]
    assert [call.what for call in world.services[side].writes()] == ["add-options"]
    assert "Bois" not in listed(world, side)


async def test_a_late_commit_within_the_wait_is_adopted(world: World, side: Side) -> None:
    """The first look finds nothing, the second one does."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            world.services[side].lengthen(FIELDS[side][0], "Bois")

    world.pace = replace(world.pace, sleep=wait)
    world.services[side].before = lose("add-options")
    assert outcomes(await world.apply(plan(world, side, "Bois"))) == {"adopted": 1}
    assert listed(world, side).count("Bois") == 1


async def test_a_lost_answer_and_two_alike_are_a_finding(world: World, side: Side) -> None:
    """Somebody added the same label at the same moment: which one is ours cannot be told, and nothing undoes it."""
    code = FIELDS[side][0]
    world.services[side].after = lambda call: (
        (world.services[side].lengthen(code, "Bois"), lose("add-options")(call))
        if call.what == "add-options"
        else None
    )
    run = await world.apply(plan(world, side, "Bois"))
    assert outcomes(run) == {"failed": 1}
    assert told(world) == ["lost-options"]
    look_again(world, side)
    assert list((await world.undo_plan(run)).changes()) == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_run_killed_with_an_open_intent_is_settled_by_a_look(
    world: World, side: Side, arrived: bool
) -> None:
    """The next run reads the list before anything else, and sends nothing."""
    (change,) = adding(side, "Bois").changes
    killed(world, replace(change, number=1))
    if arrived:
        world.services[side].lengthen(FIELDS[side][0], "Bois")
    run = await settle(world)
    assert outcomes(run) == {"adopted" if arrived else "failed": 1}
    assert world.services[side].writes() == []
    assert world.state.history.is_settled()


async def test_another_label_than_was_sent_is_told_apart_by_its_place(world: World, side: Side) -> None:
    """A server may change what it is sent: told, and the identity is known all the same."""
    world.services[side].relabel = str.title
    run = await world.apply(plan(world, side, "bois", "Verre"))
    assert outcomes(run) == {"not-stored-as-sent": 1}
    assert entries(world)[0].error.endswith("stored another label than it was sent: 'bois'")
    assert entries(world)[0].stored == {"bois": "1001", "Verre": "1002"}


async def test_options_count_as_creates_within_the_limits(world: World, side: Side) -> None:
    """Three are allowed within 24 hours, earlier runs included (R29)."""
    await world.apply(plan(world, side, "Bois", "Verre"))
    look_again(world, side)
    made = plan(world, side, "Fer", "Cuivre")
    with pytest.raises(LimitExceeded, match=r"4 creates within 24 hours \(2 of them by earlier runs\)"):
        await world.apply(made)
    assert outcomes(await world.apply(made, allow={"creates": 4})) == {"done": 1}


async def test_a_list_that_nothing_can_change_is_refused_before_the_first_write(
    world: World, side: Side
) -> None:
    """A plan is a file that travels: what the side cannot do is seen once more (design 6)."""
    other = side.other
    with pytest.raises(PlanOutdated, match="no known call changes"):
        await world.apply(plan(world, other, "Bois"))
    assert world.services[other].calls == []


# -- undo -----------------------------------------------------------------------------------------------------------


@EITHER
async def test_an_undo_takes_off_what_the_run_made(world: World, side: Side) -> None:
    """Only that, by its identity; everything that was there before stays. The look at everybody is in the price."""
    before = listed(world, side)
    holding(world, side, "1")
    run = await world.apply(plan(world, side, "Bois", "Verre"))
    world.services[side].lengthen(FIELDS[side][0], "Autre")
    look_again(world, side)
    undo = await world.undo_plan(run)
    (change,) = undo.changes()
    assert change.kind is ChangeKind.REMOVE_OPTIONS
    assert [(one.before, one.after, one.option) for one in change.fields] == [
        ("Bois", None, "1001"),
        ("Verre", None, "1002"),
    ]
    totals = undo.header.totals.sides[side]
    assert (totals.options_off, totals.writes, totals.requests) == (2, 1, 2)
    assert outcomes(await world.apply(undo)) == {"done": 1}
    assert listed(world, side) == [*before, "Autre"]


def holding(world: World, side: Side, option: str) -> None:
    """Somebody holds an option."""
    code = FIELDS[side][0]
    value = int(option) if side is Side.PIPEDRIVE else option
    world.services[side].add(replace(person("9"), side=side, values={code: value}))


@EITHER
async def test_a_plan_that_says_it_is_an_undo_takes_off_only_what_its_run_added(
    world: World, side: Side
) -> None:
    """No limit holds an undo: an option that was there before is none of its business, whatever the file says."""
    run = await world.apply(plan(world, side, "Bois"))
    look_again(world, side)
    before = listed(world, side)
    (there, *_) = world.services[side].lists[FIELDS[side][0]]
    one = FieldChange("sector=plz_sector", FIELDS[side][0], there.label, None, Reason.UNDO, option=there.id)
    claimed = world.plan(
        Decision(changes=(Change(ChangeKind.REMOVE_OPTIONS, side, fields=(one,)),)), undoes=run.id
    )
    with pytest.raises(PlanOutdated, match="did not add these options"):
        await world.apply(claimed)
    assert listed(world, side) == before


@EITHER
async def test_what_somebody_holds_stays_and_is_listed(world: World, side: Side) -> None:
    """Taking it off would lose the value without a word."""
    run = await world.apply(plan(world, side, "Bois", "Verre"))
    holding(world, side, "1001")
    look_again(world, side)
    undo = await world.undo_plan(run)
    (change,) = undo.changes()
    assert [one.before for one in change.fields] == ["Verre"]
    (finding,) = undo.findings()
    assert finding.message == f"the option 'Bois' stays as it is: 1 {side.noun} holds it"
    assert undo.header.totals.counts == {"option-stays": 1}


async def test_what_somebody_holds_by_now_stays_as_well(world: World, side: Side) -> None:
    """Between the review of the undo and its run a person picked it: every record is read once more."""
    run = await world.apply(plan(world, side, "Bois"))
    look_again(world, side)
    undo = await world.undo_plan(run)
    holding(world, side, "1001")
    assert outcomes(await world.apply(undo)) == {"stale": 1}
    assert "Bois" in listed(world, side)
    assert entries(world)[0].error == f"it stays in the list: 1 {side.noun} holds it"


async def test_what_cannot_be_proven_unheld_stays(world: World, side: Side) -> None:
    """A token that does not see everybody proves nothing, unless a person says that it does."""
    run = await world.apply(plan(world, side, "Bois"))
    look_again(world, side)
    schemas = dict(world.bound.schemas)
    schemas[side] = replace(schemas[side], account=replace(schemas[side].account, sees_everything=False))
    world.bound = replace(world.bound, schemas=schemas)
    undo = await world.undo_plan(run)
    assert list(undo.changes()) == []
    assert "confirm_complete_read" in next(iter(undo.findings())).message
    world.confirmed = frozenset({side})
    assert len(list((await world.undo_plan(run)).changes())) == 1


async def test_what_was_renamed_or_taken_off_stays_as_it_is(world: World, side: Side) -> None:
    """It is somebody else's by now."""
    run = await world.apply(plan(world, side, "Bois", "Verre"))
    held = world.services[side].lists[FIELDS[side][0]]
    world.services[side].lists[FIELDS[side][0]] = [
        Option(one.id, "Bois & forêt") if one.label == "Bois" else one for one in held if one.label != "Verre"
    ]
    look_again(world, side)
    undo = await world.undo_plan(run)
    assert list(undo.changes()) == []
    assert [finding.message for finding in undo.findings()] == [
        "the option 'Bois' stays as it is: somebody renamed it to 'Bois & forêt'",
        "the option 'Verre' stays as it is: it is not in the list any more",
    ]


async def test_what_is_gone_already_is_done(world: World, side: Side) -> None:
    """Somebody took it off between the review of the undo and its run."""
    run = await world.apply(plan(world, side, "Bois"))
    look_again(world, side)
    undo = await world.undo_plan(run)
    world.services[side].lists[FIELDS[side][0]].pop()
    assert outcomes(await world.apply(undo)) == {"done": 1}
    assert [call.what for call in world.services[side].writes()] == ["add-options"]


@pytest.mark.parametrize(("moment", "outcome"), [("after", "done"), ("before", "failed")])
async def test_the_lost_answer_of_an_undo_is_settled_by_a_look(
    world: World, side: Side, moment: str, outcome: str
) -> None:
    """Gone means done; still there means that it did not arrive, and it is not sent again."""
    run = await world.apply(plan(world, side, "Bois"))
    look_again(world, side)
    undo = await world.undo_plan(run)
    hook: Callable[[Call], None] = lose("remove-options")
    setattr(world.services[side], moment, hook)
    assert outcomes(await world.apply(undo)) == {outcome: 1}
    assert [call.what for call in world.services[side].writes()] == ["add-options", "remove-options"]


async def test_the_undo_of_an_undo_makes_no_option(world: World, side: Side) -> None:
    """A new one would have another identity: a fix file is the way, and the plan says so."""
    run = await world.apply(plan(world, side, "Bois"))
    look_again(world, side)
    undone = await world.undo(run)
    look_again(world, side)
    again = await world.undo_plan(undone)
    assert list(again.changes()) == []
    assert next(iter(again.findings())).message.endswith("what was taken off does not come back")
