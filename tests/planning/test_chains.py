"""What one field mapping writes and another passes on is planned together: after one run the next plan is empty."""

from __future__ import annotations

import pytest

from pdsync.model import Capabilities, Condition, Enrolment, Scope, Side, Value, WhenLeft
from pdsync.planning.decide import decide
from pdsync.planning.linting import lint
from tests.planning.build import (
    CITY,
    COMPLETE,
    YES,
    Direction,
    FieldMapping,
    alone,
    bind_fields,
    contact,
    linked,
    person,
)
from tests.planning.tell import tell

THERE = FieldMapping("city", "plz_city", Direction.TO_PLEZI)
BACK = FieldMapping("phone_text", "plz_city", Direction.TO_PIPEDRIVE)
ON = FieldMapping("city", "plz_phone", Direction.TO_PLEZI)
FLAG = FieldMapping("sync_to_plezi", "plz_phone", Direction.TO_PIPEDRIVE)
AGREED: dict[str, tuple[Value, Value]] = {
    "city=plz_city": ("Paris", "Paris"),
    "phone_text=plz_city": ("Paris", "Paris"),
}


@pytest.mark.parametrize("fields", [(THERE, BACK), (BACK, THERE)], ids=["in order", "the reader first"])
def test_a_value_goes_through_two_field_mappings_in_one_plan(fields: tuple[FieldMapping, ...]) -> None:
    """City -> plz_city -> phone_text: the second write waits for the first, and carries the value that will be there."""
    here = person(city="Lyon", phone_text="Paris")
    decision = decide(bind_fields(*fields), linked(here, contact(plz_city="Paris"), AGREED), COMPLETE)
    assert tell(decision) == [
        "update plezi: plz_city='Lyon' (changed)",
        "update pipedrive after 1: phone_text='Lyon' (changed)",
    ]
    assert decision.changes[1].fields[0].follows == ("city=plz_city",)
    assert decision.changes[1].fields[0].source == "Lyon"


def test_what_the_plan_overwrites_is_not_passed_on() -> None:
    """A value that the first field mapping replaces in this very plan never reaches the third field."""
    here = person(city="Lyon", phone_text="Paris")
    decision = decide(bind_fields(THERE, BACK), linked(here, contact(plz_city="Nice"), AGREED), COMPLETE)
    assert tell(decision)[1] == "update pipedrive after 1: phone_text='Lyon' (changed)"


def test_both_ends_of_a_two_way_field_mapping_may_be_passed_on() -> None:
    """Other values of the same record do not wait."""
    bound = bind_fields(CITY, BACK, ON, FieldMapping("revenue", "plz_revenue", Direction.BOTH))
    here = person(city="Paris", phone_text="Paris", revenue=7)
    there = contact(plz_city="Lyon", plz_phone="Paris")
    bases = AGREED | {"city=plz_phone": ("Paris", "Paris")}
    assert tell(decide(bound, linked(here, there, bases), COMPLETE)) == [
        "update pipedrive: city='Lyon' (changed), phone_text='Lyon' (changed)",
        "update plezi: plz_revenue=7 (fill)",
        "update plezi after 1: plz_phone='Lyon' (changed)",
    ]


def test_nothing_rests_on_a_write_that_cannot_be_made() -> None:
    """Plezi cannot update: what is there stays there, and is what is passed on."""
    bound = bind_fields(THERE, BACK, capabilities={Side.PLEZI: Capabilities(update=False)})
    here = person(city="Lyon", phone_text="Paris")
    assert tell(decide(bound, linked(here, contact(plz_city="Paris"), AGREED), COMPLETE)) == [
        "finding unsupported"
    ]


def test_what_a_create_writes_is_carried_back_in_the_same_plan() -> None:
    """A new contact's city fills the person's other field as soon as the contact is there."""
    lines = tell(decide(bind_fields(THERE, BACK), alone(person(city="Lyon")), COMPLETE))
    assert lines[1:] == ["update pipedrive after 1: phone_text=<plz_city> (follows-create)"]


def test_a_create_writes_the_flag_that_enrolment_sets() -> None:
    """R10: a field mapping that passes the flag on sees it set, as scope does."""
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("label_ids", has=("Customer",)))
    bound = bind_fields(FieldMapping("sync_to_plezi", "plz_phone", Direction.TO_PLEZI), enrol=enrol)
    decision = decide(bound, alone(person(sync=None, label_ids=[5])), COMPLETE)
    assert "plz_phone='Yes' (create)" in tell(decision)[1]
    assert decision.changes[1].depends_on == 1


def test_a_new_person_is_created_with_the_flag_that_enrolment_would_set() -> None:
    """R10: the label comes from Plezi, so the next plan would enrol; this one does, and remembers it."""
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("label_ids", has=("Customer",)))
    bound = bind_fields(FieldMapping("label_ids", "plz_phone", Direction.TO_PIPEDRIVE), enrol=enrol)
    (create,) = decide(bound, alone(contact(plz_phone="Customer")), COMPLETE).changes[:1]
    assert (create.fields[-1].code, create.fields[-1].after, create.enrols) == ("sync", 35, True)


def test_a_flag_that_the_plan_sets_opens_the_scope_in_the_same_plan() -> None:
    """R9: Plezi sets the flag, so the person's city goes to Plezi, once the flag is there."""
    here = person(sync=None, city="Lyon")
    decision = decide(bind_fields(CITY, FLAG), linked(here, contact(plz_phone="Yes")), COMPLETE)
    assert tell(decision) == [
        "update pipedrive: sync=35 (fill)",
        "update plezi after 1: plz_city='Lyon' (fill)",
    ]


def test_a_flag_that_the_plan_takes_away_closes_the_scope_in_the_same_plan() -> None:
    """R9, ``when_left: stop``: nothing goes to Plezi any more of somebody whom this plan puts out of scope."""
    here = person(sync=35, city="Lyon")
    bases: dict[str, tuple[Value, Value]] = {"sync=plz_phone": (35, "Yes")}
    decision = decide(bind_fields(CITY, FLAG), linked(here, contact(plz_phone="No"), bases), COMPLETE)
    assert tell(decision) == ["update pipedrive: sync=36 (changed)", "count out-of-scope-held 1"]


def test_where_updates_go_on_anyway_nothing_waits_for_the_flag() -> None:
    """``when_left: continue``: the flag decides about creates only."""
    scope = {Side.PLEZI: Scope(where=YES, when_left=WhenLeft.CONTINUE)}
    decision = decide(
        bind_fields(CITY, FLAG, scope=scope),
        linked(person(sync=None, city="Lyon"), contact(plz_phone="Yes")),
        COMPLETE,
    )
    assert "update plezi: plz_city='Lyon' (fill)" in tell(decision)


def test_three_in_a_row_and_circles_are_refused() -> None:
    """What one plan cannot settle is no mapping: the check says so in one sentence."""
    two = [THERE, BACK]
    assert [f.code for f in lint(bind_fields(*two)) if f.code == "long-chain"] == []
    third = FieldMapping("phone_text", "plz_phone", Direction.TO_PLEZI)
    assert [f.code for f in lint(bind_fields(*two, third)) if f.code == "long-chain"] == ["long-chain"]
    circle = FieldMapping("city", "plz_phone", Direction.TO_PIPEDRIVE)
    assert [f.code for f in lint(bind_fields(*two, third, circle)) if f.code == "long-chain"] == [
        "long-chain"
    ] * 4
