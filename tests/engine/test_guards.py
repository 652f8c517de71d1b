"""The last look before a request leaves: what may never be written is not written, whatever a plan says (R6, consent)."""

from __future__ import annotations

import pytest

from pdsync.engine.committing import Committer
from pdsync.engine.guards import refuse_forbidden
from pdsync.engine.looking import Look
from pdsync.engine.sending import send
from pdsync.errors import Rejected
from pdsync.model import (
    Change,
    ChangeKind,
    Consent,
    Decision,
    Direction,
    Field,
    FieldChange,
    FieldMapping,
    Kind,
    Option,
    Reason,
    Side,
    Value,
)
from tests.engine.conftest import MakeWorld
from tests.engine.test_apply import messages, outcomes
from tests.engine.world import World
from tests.planning.build import PLEZI_FIELDS, R6, bind_fields, contact, person

OPT_OUT = FieldMapping("marketing_status", "plz_consent", Direction.BOTH)
STATUSES = tuple(Option(id_, id_.capitalize()) for id_ in ("subscribed", "unsubscribed", "no_consent"))
REMOTE = {
    Side.PLEZI: (*PLEZI_FIELDS, Field("plz_consent", "Consent", Kind.OPTION, "drop-down", options=STATUSES))
}
"""Plezi with a drop-down that holds the same statuses."""
CONSENT = {Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",))}


def update(side: Side, key: str, code: str, before: Value, after: Value) -> Decision:
    """One value to be written."""
    one = FieldChange(key, code, before, after, Reason.CHANGED, after)
    return Decision((Change(ChangeKind.UPDATE, side, "1", "a", fields=(one,)),))


def consenting(make_world: MakeWorld) -> World:
    """A pair in which the person's status is about consent."""
    world = make_world(OPT_OUT, consent=CONSENT, remote=REMOTE)
    world.pipedrive.add(person("1", marketing_status="unsubscribed"))
    world.plezi.add(contact("a", plz_consent="subscribed"))
    world.link("1", "a")
    return world


async def test_an_opt_out_is_not_reversed(make_world: MakeWorld) -> None:
    """Whatever the plan says: who opted out stays out (design 6, Consent)."""
    world = consenting(make_world)
    key = world.bound.fields[-1].key
    plan = world.plan(update(Side.PIPEDRIVE, key, "marketing_status", "unsubscribed", "subscribed"))
    assert outcomes(await world.apply(plan)) == {"failed": 1}
    assert messages(world) == ["'Marketing status' in Pipedrive would opt in a person who opted out."]
    assert world.pipedrive.writes() == []


async def test_opting_out_and_other_changes_are_free(make_world: MakeWorld) -> None:
    """The guard holds one direction only."""
    world = consenting(make_world)
    world.pipedrive.records["1"]["marketing_status"] = "subscribed"
    key = world.bound.fields[-1].key
    plan = world.plan(update(Side.PIPEDRIVE, key, "marketing_status", "subscribed", "unsubscribed"))
    assert outcomes(await world.apply(plan)) == {"done": 1}


async def test_the_other_sides_opt_out_is_not_reversed_either(make_world: MakeWorld) -> None:
    """A side without a consent field of its own says it through the field that is mapped to the other side's."""
    consent = {Side.PLEZI: Consent("opted_out", (True,))}
    world = make_world(FieldMapping("city", "opted_out", Direction.BOTH), consent=consent)
    world.pipedrive.add(person("1", city="true"))
    world.plezi.add(contact("a", opted_out=True))
    world.link("1", "a")
    plan = world.plan(update(Side.PIPEDRIVE, "city=opted_out", "city", "true", "false"))
    assert outcomes(await world.apply(plan)) == {"failed": 1}
    plan = world.plan(update(Side.PLEZI, "city=opted_out", "opted_out", True, False))
    assert outcomes(await world.apply(plan)) == {"failed": 1}
    assert world.pipedrive.writes() == world.plezi.writes() == []


@pytest.mark.parametrize("code", ["behaviour_score", "state", "source", "plezi_url"])
@pytest.mark.parametrize("kind", [ChangeKind.CREATE, ChangeKind.UPDATE])
async def test_r6_holds_at_the_last_step_too(make_world: MakeWorld, code: str, kind: ChangeKind) -> None:
    """Special Plezi fields go from Plezi to Pipedrive only, even if everything before this point failed to say so."""
    world = make_world(*R6)
    world.plezi.add(contact("a"))
    world.pipedrive.add(person("1", sync=35))
    looked_at = world.pipedrive.record("1") if kind is ChangeKind.CREATE else world.plezi.record("a")
    one = FieldChange(f"x={code}", code, None, "x", Reason.UNDO)
    change = Change(kind, Side.PLEZI, "1", "a", fields=(one,), number=1)
    with pytest.raises(Rejected, match="R6"):
        refuse_forbidden(world.bound, change, None)
    run = await world.apply(world.plan(Decision()))
    with world.state.writing("apply") as writer:
        async with Committer(writer) as committer:
            result = await send(world.parts.job(committer, run.id), change, Look(looked_at))
    assert (result.outcome.value, "R6" in result.message) == ("failed", True)
    assert world.plezi.writes() == []


def test_a_field_that_cannot_be_written_is_not(make_world: MakeWorld) -> None:
    """Read-only fields of a service, whatever the mapping says of them."""
    bound = bind_fields(FieldMapping("city", "behaviour_score", Direction.TO_PIPEDRIVE))
    one = FieldChange("city=behaviour_score", "city", None, "x", Reason.FILL)
    refuse_forbidden(bound, Change(ChangeKind.UPDATE, Side.PIPEDRIVE, "1", "a", fields=(one,)), None)
    other = FieldChange("city=behaviour_score", "gone", None, "x", Reason.UNDO)
    with pytest.raises(Rejected, match="does not exist"):
        refuse_forbidden(bound, Change(ChangeKind.UPDATE, Side.PIPEDRIVE, "1", "a", fields=(other,)), None)
