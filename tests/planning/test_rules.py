"""Named examples: the connector's rules R5-R9, R11-R13, R17 and R22-R25 as the planner holds them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import (
    Condition,
    Enrolment,
    Existing,
    FieldChange,
    MergeBase,
    Reason,
    Scope,
    Side,
    UnknownOption,
    Value,
)
from pdsync.model.mapping import OptionRules
from pdsync.planning.decide import decide
from tests.planning.build import (
    CITY,
    COMPLETE,
    R6,
    SCOPE,
    SECTOR,
    ConflictPolicy,
    Direction,
    FieldMapping,
    alone,
    bind_fields,
    contact,
    linked,
    paired,
    person,
)
from tests.planning.tell import tell

FULL_PERSON = person("1", first_name="Maël", last_name="Le Gall")
FULL_CONTACT = contact(
    "a", first_name="Maël", last_name="Le Gall", plezi_url="https://p/a", behaviour_score=7, state="Engaged"
)


def test_r5_score_and_status_come_from_plezi() -> None:
    """R5: score <- behaviour_score and status <- state; a number becomes text in a text field."""
    decision = decide(
        bind_fields(*R6), linked(person(), contact(behaviour_score=42, state="Accepted")), COMPLETE
    )
    assert tell(decision) == ["update pipedrive: score='42' (fill), status='Accepted' (fill)"]


def test_r6_plezi_wins_where_there_is_no_base() -> None:
    """R6: a special Plezi field overwrites what stood in Pipedrive at the first meeting, whatever the policy."""
    bound = bind_fields(*R6, conflicts=ConflictPolicy.PIPEDRIVE)
    decision = decide(bound, linked(person(score="3"), contact(behaviour_score=42)), COMPLETE)
    assert tell(decision) == ["update pipedrive: score='42' (overwrites)"]


def test_r6_special_fields_are_never_written_to_plezi_even_by_a_wrong_mapping() -> None:
    """R6: the planner refuses the direction that the schema forbids, should it get past it."""
    wrong = FieldMapping("score", "behaviour_score", Direction.TO_PLEZI)
    decision = decide(bind_fields(wrong), linked(person(score="3"), contact()), COMPLETE)
    assert tell(decision) == ["finding unsupported"]


def test_r7_plezi_url_is_written_for_every_linked_person() -> None:
    """R7: a new pair gets its link to the Plezi record in the same plan."""
    decision = decide(bind_fields(*R6), paired(FULL_PERSON, FULL_CONTACT), COMPLETE)
    assert tell(decision)[1].startswith("update pipedrive after 1: plezi_url='https://p/a' (fill)")


def test_r7_plezi_url_follows_the_create_of_a_contact() -> None:
    """R7: what Plezi computes at creation comes back within the same plan, so that the next plan is empty."""
    decision = decide(bind_fields(*R6), alone(FULL_PERSON), COMPLETE)
    assert [line.split(":")[0] for line in tell(decision)] == ["create plezi", "update pipedrive after 1"]
    assert "plezi_url=<plezi_url> (follows-create)" in tell(decision)[1]


def test_r8_source_is_never_written_to_plezi() -> None:
    """R8: source is completed by Plezi; a person's own value does not travel."""
    decision = decide(
        bind_fields(*R6),
        alone(replace(FULL_PERSON, values={**FULL_PERSON.values, "source": "salon"})),
        COMPLETE,
    )
    assert "source" not in tell(decision)[0]


@pytest.mark.parametrize(
    ("flag", "expected"), [(35, "create plezi"), (36, "count out-of-scope 1"), (None, "count out-of-scope 1")]
)
def test_r9_only_persons_with_the_flag_are_imported(flag: Value, expected: str) -> None:
    """R9: only sync_to_plezi = Yes creates a contact."""
    assert tell(decide(bind_fields(), alone(person(sync=flag)), COMPLETE))[0].startswith(expected)


def test_r9_leaving_the_scope_stops_updates_and_deletes_nothing() -> None:
    """R9: a linked person whose flag was taken away is no longer written to Plezi; nothing is unlinked or cleared."""
    bases: dict[str, tuple[Value, Value]] = {"city=plz_city": ("Paris", "Paris")}
    decision = decide(
        bind_fields(CITY), linked(person(sync=36, city="Lyon"), contact(plz_city="Paris"), bases), COMPLETE
    )
    assert tell(decision) == ["count out-of-scope-held 1"]


def test_r9_leaving_the_scope_may_keep_updates() -> None:
    """R9: with ``when_left: continue`` a linked person is still written."""
    scope = {**SCOPE, Side.PLEZI: Scope(where=Condition("sync_to_plezi", equals=("Yes",)))}
    bases: dict[str, tuple[Value, Value]] = {"city=plz_city": ("Paris", "Paris")}
    candidate = linked(person(sync=36, city="Lyon"), contact(plz_city="Paris"), bases)
    assert tell(decide(bind_fields(CITY, scope=scope), candidate, COMPLETE)) == [
        "update plezi: plz_city='Lyon' (changed)"
    ]


ENROL = Enrolment("sync_to_plezi", "Yes", Condition("label_ids", has=("Customer",)))


def test_r10_enrolment_sets_an_empty_flag_and_the_create_waits_for_it() -> None:
    """R10: the flag is set and the contact created in one plan; the create depends on the flag's write."""
    decision = decide(bind_fields(enrol=ENROL), alone(person(sync=None, label_ids=[5])), COMPLETE)
    assert tell(decision)[0] == "update pipedrive: sync=35 (enrol)"
    assert tell(decision)[1].startswith("create plezi after 1")
    assert decision.changes[0].enrols


@pytest.mark.parametrize("candidate", [
    alone(person(sync=36, label_ids=[5])),
    alone(person(sync=None, label_ids=[5]), enrolled_before=True),
    alone(person(sync=None, label_ids=[6])),
])  # fmt: skip
def test_r10_enrolment_never_overrides_a_persons_own_choice(candidate: object) -> None:
    """R10: not over No, not a second time, not outside its condition."""
    assert tell(decide(bind_fields(enrol=ENROL), candidate, COMPLETE)) == ["count out-of-scope 1"]  # type: ignore[arg-type]


def test_r11_the_parts_of_a_name_are_taken_as_delivered() -> None:
    """R11: Pipedrive's own first and last name go to Plezi as they are; nothing is split again."""
    decision = decide(
        bind_fields(), alone(person(first_name="[Sample] Benjamin", last_name="Leon")), COMPLETE
    )
    assert "first_name='[Sample] Benjamin' (create), last_name='Leon' (create)" in tell(decision)[0]


@pytest.mark.parametrize(
    "missing", [{"first_name": None}, {"last_name": "  "}, {"first_name": "", "last_name": None}]
)
def test_r13_a_contact_without_a_full_name_is_not_created(missing: dict[str, Value]) -> None:
    """R13: rejected with code and reason, never dropped silently, and looked at again next time."""
    decision = decide(
        bind_fields(), alone(replace(FULL_CONTACT, values={**FULL_CONTACT.values, **missing})), COMPLETE
    )
    assert tell(decision) == ["finding incomplete"]
    assert decision.findings[0].rule == "R13"
    assert decision.open


def test_r12_r13_a_full_contact_is_created_with_name_and_address() -> None:
    """R12: first and last name are always mapped; the address arrives in Pipedrive's list form."""
    decision = decide(bind_fields(), alone(FULL_CONTACT), COMPLETE)
    (line,) = tell(decision)
    assert line == (
        "create pipedrive: email=[{'value': 'l@example.com', 'primary': True, 'label': 'work'}] (create), "
        "first_name='Maël' (create), last_name='Le Gall' (create)"
    )


def test_r17_an_ambiguous_component_is_written_nowhere() -> None:
    """R17: two persons with one address are a finding with all members and no write to any."""
    members = (person("1").subject, person("2").subject, contact("a").subject)
    from pdsync.model import Candidate, Match

    decision = decide(bind_fields(), Candidate(Match.AMBIGUOUS, members=members), COMPLETE)
    assert tell(decision) == ["finding ambiguous-match"]
    assert decision.findings[0].subjects == members
    assert decision.findings[0].message.startswith("2 persons and 1 contact share addresses: ")
    decision = decide(bind_fields(), Candidate(Match.AMBIGUOUS, members=members[:2]), COMPLETE)
    assert decision.findings[0].message.startswith("2 persons share addresses: ")


def test_r17_a_blocking_finding_keeps_its_records_out() -> None:
    """R17: a record that an audit blocks is neither linked nor created nor written."""
    for candidate in (
        paired(FULL_PERSON, FULL_CONTACT, blocked_by=("duplicate-email",)),
        alone(FULL_PERSON, blocked_by=("duplicate-email",)),
        linked(person(city="Lyon"), contact(), blocked_by=("duplicate-email",)),
    ):
        assert tell(decide(bind_fields(CITY), candidate, COMPLETE)) == ["count blocked 1"]


def test_r22_a_field_mapping_that_became_two_way_uses_its_old_base() -> None:
    """R22: after a change of direction every link is decided again, from the base that both sides last agreed on."""
    bases: dict[str, tuple[Value, Value]] = {"city=plz_city": ("Paris", "Paris")}
    candidate = linked(person(city="Paris"), contact(plz_city="Lyon"), bases)
    one_way = bind_fields(replace(CITY, direction=Direction.TO_PLEZI))
    assert tell(decide(one_way, candidate, COMPLETE)) == ["count held-back 1"]
    assert tell(decide(bind_fields(CITY), candidate, COMPLETE)) == ["update pipedrive: city='Lyon' (changed)"]


def test_r22_a_new_field_mapping_has_no_base_and_fills() -> None:
    """R22: a field added to the mapping is filled on both sides where one is empty."""
    assert tell(decide(bind_fields(CITY), linked(person(city="Lyon"), contact()), COMPLETE)) == [
        "update plezi: plz_city='Lyon' (fill)"
    ]


def test_r23_a_plezi_option_lands_in_free_text_as_its_label() -> None:
    """R23: function goes from Plezi's list into Pipedrive's text, one way."""
    function = FieldMapping("function", "function", Direction.TO_PIPEDRIVE)
    assert tell(decide(bind_fields(function), linked(person(), contact(function="dg")), COMPLETE)) == [
        "update pipedrive: function='Directrice générale' (fill)"
    ]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (3, "update plezi: plz_sector='industrie-energie' (fill)"),
        (2, "update plezi: plz_sector='banque' (fill)"),
        (1, "update plezi: plz_sector='energie' (fill)"),
        (4, "finding unknown-option"),
        (99, "finding unknown-option"),
    ],
    ids=["explicit pair", "label equals value", "unique slug", "no counterpart", "deleted option"],
)
def test_r24_options_translate_by_pair_then_label_then_slug(option: int, expected: str) -> None:
    """R24: lists need not be the same; what has no counterpart is reported."""
    assert tell(decide(bind_fields(SECTOR), linked(person(sector=option), contact()), COMPLETE)) == [expected]


def test_r24_an_unknown_option_may_be_skipped() -> None:
    """R24: with ``unknown: skip`` it is counted only."""
    skip = replace(SECTOR, options=OptionRules(UnknownOption.SKIP))
    decision = decide(bind_fields(skip), linked(person(sector=4), contact()), COMPLETE)
    assert tell(decision) == ["count unknown-option-skipped 1"]


def test_r24_a_renamed_label_changes_no_record() -> None:
    """Options compare by identity: only the label of option 3 differs from yesterday's, so nothing is written."""
    bases: dict[str, tuple[Value, Value]] = {"sector=plz_sector": (3, "industrie-energie")}
    candidate = linked(person(sector=3), contact(plz_sector="industrie-energie"), bases)
    assert tell(decide(bind_fields(SECTOR), candidate, COMPLETE)) == []


def test_r25_what_the_server_did_not_store_as_sent_is_not_sent_again() -> None:
    """The same value is not tried again while the target still holds what the server made of it (design 7)."""
    memory: dict[tuple[str, Side], tuple[Value, Value]] = {("city=plz_city", Side.PLEZI): ("Lyon", "LYON")}
    candidate = linked(person(city="Lyon"), contact(plz_city="LYON"), {"city=plz_city": ("Paris", "LYON")})
    assert tell(decide(bind_fields(CITY), replace(candidate, rejected_before=memory), COMPLETE)) == [
        "count not-stored-before 1"
    ]
    changed = linked(person(city="Nice"), contact(plz_city="LYON"), {"city=plz_city": ("Paris", "LYON")})
    assert tell(decide(bind_fields(CITY), replace(changed, rejected_before=memory), COMPLETE)) == [
        "update plezi: plz_city='Nice' (changed)"
    ]


def test_existing_records_are_linked_but_not_created() -> None:
    """Who existed before the first run is never created on the other side under link_only."""
    assert tell(decide(bind_fields(), alone(FULL_PERSON, existed_before=True), COMPLETE)) == [
        "count existed-before 1"
    ]
    create = bind_fields(existing=Existing.CREATE)
    assert tell(decide(create, alone(FULL_PERSON, existed_before=True), COMPLETE))[0].startswith(
        "create plezi"
    )


def test_the_owner_is_set_on_create() -> None:
    """``on_create`` names the owner of persons that pdsync creates."""
    bound = replace(bind_fields(), owner_id="7001")
    created = decide(bound, alone(FULL_CONTACT), COMPLETE).changes[0].fields
    assert FieldChange("owner", "owner_id", created[-1].before, 7001, Reason.CREATE, None) == created[-1]


def test_a_settled_pair_remembers_both_spellings() -> None:
    """A merge base is kept as each server stores it."""
    decision = decide(bind_fields(SECTOR), linked(person(sector=1), contact(plz_sector="energie")), COMPLETE)
    assert decision.changes[0].bases == {"sector=plz_sector": MergeBase(1, "energie")}
