# ruff: noqa: E501 - a table reads row by row
"""One example per sentence of design 6 on the address, scope, consent, absence and coverage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import (
    Candidate,
    Capabilities,
    Consent,
    Coverage,
    EmptyPolicy,
    Field,
    Kind,
    Link,
    LinkState,
    Record,
    Side,
    UndoneMark,
    Value,
)
from pdsync.planning.comparison import same
from pdsync.planning.decide import decide
from tests.planning.build import (
    CITY,
    COMPLETE,
    Direction,
    FieldMapping,
    alone,
    bind_fields,
    contact,
    emails,
    linked,
    paired,
    person,
)
from tests.planning.tell import tell

OLD, NEW = "l@example.com", "new@example.com"


def addresses(held: list[str], email: str, **more: object) -> Candidate:
    """A linked pair that rests on OLD; the person now holds ``held``, the contact ``email``."""
    values: list[dict[str, Value]] = [
        {"value": a, "primary": i == 0, "label": "home" if i else "work"} for i, a in enumerate(held)
    ]
    return linked(person(email=values), contact(email=email), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "held", [[OLD], ["other@example.com", OLD], [" L@Example.COM "]], ids=["primary", "secondary", "spelling"]
)
def test_an_address_is_unchanged_while_it_is_among_the_persons(held: list[str]) -> None:
    """The link's address is unchanged while it is Plezi's email and among the person's addresses, primary or not."""
    assert tell(decide(bind_fields(), addresses(held, OLD), COMPLETE)) == []


def test_plezi_changed_one_entry_of_the_list_is_replaced() -> None:
    """Plezi changed: that one entry is replaced; other entries, labels, order and primary flag stay."""
    decision = decide(bind_fields(), addresses(["first@example.com", OLD, "last@example.com"], NEW), COMPLETE)
    assert decision.changes[0].fields[0].after == [
        {"value": "first@example.com", "primary": True, "label": "work"},
        {"value": NEW, "primary": False, "label": "home"},
        {"value": "last@example.com", "primary": False, "label": "home"},
    ]
    assert decision.changes[0].address == NEW


def test_plezi_changed_to_an_address_that_the_person_has_already() -> None:
    """Nothing is written: the link rests on that address from now on."""
    assert tell(decide(bind_fields(), addresses([OLD, NEW], NEW), COMPLETE)) == [f"settle {NEW}"]


def test_pipedrive_changed_a_new_primary_alone_does_not_count() -> None:
    """Only the disappearance of the link's address counts."""
    assert tell(decide(bind_fields(), addresses([NEW, OLD], OLD), COMPLETE)) == []


def test_pipedrive_changed_the_new_primary_goes_to_plezi() -> None:
    """The link's address disappeared: the new primary goes to Plezi by id."""
    assert tell(decide(bind_fields(), addresses([NEW], OLD), COMPLETE)) == [
        f"update plezi: email='{NEW}' (changed)"
    ]


def test_pipedrive_changed_and_plezi_cannot_update_by_id() -> None:
    """Else ``email-change``; never an upsert by address for a linked record."""
    bound = bind_fields(capabilities={Side.PLEZI: Capabilities(update=False)})
    assert tell(decide(bound, addresses([NEW], OLD), COMPLETE)) == ["finding email-change"]


def test_both_changed_the_address() -> None:
    """Two new addresses are for a person to decide."""
    assert tell(decide(bind_fields(), addresses(["p@example.com"], "c@example.com"), COMPLETE)) == [
        "finding email-change"
    ]


def test_a_person_without_any_address_left_does_not_empty_plezi() -> None:
    """The identity is never cleared."""
    assert tell(decide(bind_fields(), addresses([], OLD), COMPLETE)) == ["count held-back 1"]


@pytest.mark.parametrize(("held", "email"), [([OLD], NEW), ([NEW], OLD)])
def test_an_address_is_not_written_where_somebody_else_holds_it(held: list[str], email: str) -> None:
    """Pdsync never makes the duplicate that R17 warns of."""
    decision = decide(bind_fields(), addresses(held, email, taken=frozenset({NEW})), COMPLETE)
    assert tell(decision) == ["finding email-change"]


@pytest.mark.parametrize(
    ("held", "email", "target"), [([OLD], NEW, Side.PIPEDRIVE), ([NEW], OLD, Side.PLEZI)]
)
def test_an_address_is_not_written_where_not_everybody_was_read(
    held: list[str], email: str, target: Side
) -> None:
    """Only a complete snapshot proves that nobody else holds it (R17); the pair is looked at again until one does."""
    decision = decide(bind_fields(), addresses(held, email), COMPLETE | {target: Coverage(complete=False)})
    assert (tell(decision), decision.open) == (["count not-complete 1"], True)


def test_an_address_that_the_service_did_not_store_is_not_sent_again() -> None:
    """The same address is not tried again while the other side still keeps the old one (design 7)."""
    memory: dict[tuple[str, Side], tuple[Value, Value]] = {("email=email", Side.PLEZI): (NEW, OLD)}
    assert tell(decide(bind_fields(), addresses([NEW], OLD, rejected_before=memory), COMPLETE)) == [
        "count not-stored-before 1"
    ]
    other: dict[tuple[str, Side], tuple[Value, Value]] = {("email=email", Side.PLEZI): ("x@example.com", OLD)}
    assert tell(decide(bind_fields(), addresses([NEW], OLD, rejected_before=other), COMPLETE)) == [
        f"update plezi: email='{NEW}' (changed)"
    ]


def test_what_is_no_address_replaces_none() -> None:
    """The identity is never overwritten with something that is none, from either side (R17)."""
    assert tell(decide(bind_fields(), addresses([OLD], "call her"), COMPLETE)) == ["finding email-change"]
    assert tell(decide(bind_fields(), addresses(["call her"], OLD), COMPLETE)) == ["finding email-change"]


def test_moving_the_address_does_not_hide_other_changes() -> None:
    """The new address and a changed field are one PATCH."""
    candidate = addresses([OLD], NEW)
    assert candidate.plezi is not None
    candidate = replace(
        candidate, plezi=replace(candidate.plezi, values={**candidate.plezi.values, "plz_city": "Lyon"})
    )
    lines = tell(decide(bind_fields(CITY), candidate, COMPLETE))
    assert len(lines) == 1
    assert "city='Lyon' (fill)" in lines[0]


def test_scope_is_ignored_by_pairing() -> None:
    """Pairing ignores scope: a person whose flag is not set is linked all the same, and not written to Plezi."""
    assert tell(decide(bind_fields(CITY), paired(person(sync=36, city="Lyon"), contact()), COMPLETE)) == [
        "link l@example.com: first_name=first_name, last_name=last_name",
        "count out-of-scope-held 1",
    ]


def test_require_applies_to_creates_only() -> None:
    """A linked contact that lost its name is still updated."""
    bases: dict[str, tuple[Value, Value]] = {"city=plz_city": ("Paris", "Paris")}
    candidate = linked(person(last_name=None, city="Paris"), contact(last_name=None, plz_city="Lyon"), bases)
    assert "update pipedrive: city='Lyon' (changed)" in tell(decide(bind_fields(CITY), candidate, COMPLETE))


CONSENT = {
    Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",)),
    Side.PLEZI: Consent("opted_out", (True,)),
}
CARRIED = FieldMapping("interests", "plz_interests", Direction.BOTH)
STATUS = FieldMapping("marketing_status", "opted_out", Direction.BOTH)


def test_an_opt_out_blocks_creation_on_the_other_side() -> None:
    """Opted out blocks creation on the other side, from either."""
    bound = bind_fields(consent=CONSENT)
    assert tell(decide(bound, alone(person(marketing_status="unsubscribed")), COMPLETE)) == [
        "count opted-out 1"
    ]
    assert tell(decide(bound, alone(contact(opted_out=True)), COMPLETE)) == ["count opted-out 1"]


@pytest.mark.parametrize(
    "record",
    [person(marketing_status=None, label_ids=[5]), contact(opted_out=None)],
    ids=["person", "contact"],
)
def test_whose_consent_was_not_read_is_not_created(record: Record) -> None:
    """Missing is not empty: an export without the column of consent brings nobody across who may have opted out."""
    from tests.planning.test_rules import ENROL

    bound = bind_fields(consent=CONSENT, enrol=ENROL)
    assert tell(decide(bound, alone(record), COMPLETE))[0].startswith("create")
    code = "marketing_status" if record.side is Side.PIPEDRIVE else "opted_out"
    values = {name: value for name, value in record.values.items() if name != code}
    unread = alone(replace(record, values=values))
    assert tell(decide(bound, unread, COMPLETE)) == ["count consent-unread 1"]
    not_enrolled = alone(replace(record, values={**values, "sync": None}))
    assert not decide(bound, not_enrolled, COMPLETE).changes


def test_an_opt_out_is_never_enrolled() -> None:
    """Somebody who opted out is not set to sync by pdsync either."""
    from tests.planning.test_rules import ENROL

    bound = bind_fields(consent=CONSENT, enrol=ENROL)
    candidate = alone(person(sync=None, label_ids=[5], marketing_status="unsubscribed"))
    assert tell(decide(bound, candidate, COMPLETE)) == ["count out-of-scope 1"]


@pytest.mark.parametrize("base", [("subscribed", "Subscribed"), ("unsubscribed", "Unsubscribed"), None])
@pytest.mark.parametrize("winner", ["pipedrive", "plezi", "manual"])
def test_opted_out_wins_over_every_policy_and_base(base: tuple[str, str] | None, winner: str) -> None:
    """Whatever the base and the policy say: the side that is not opted out becomes opted out."""
    from pdsync.model import ConflictPolicy, Option
    from tests.planning.build import PLEZI_FIELDS

    options = (Option("unsubscribed", "Unsubscribed"), Option("subscribed", "Subscribed"))
    remote = {
        Side.PLEZI: (
            *PLEZI_FIELDS,
            Field("plz_consent", "Consent", Kind.OPTION, "drop-down", options=options),
        )
    }
    mapped = FieldMapping("marketing_status", "plz_consent", Direction.BOTH, conflicts=ConflictPolicy(winner))
    consent = {Side.PIPEDRIVE: CONSENT[Side.PIPEDRIVE]}
    bound = bind_fields(mapped, consent=consent, remote=remote)
    bases: dict[str, tuple[Value, Value]] = (
        {} if base is None else {"marketing_status=plz_consent": (base[0], base[0])}
    )
    there = contact(plz_consent="unsubscribed")
    decision = decide(bound, linked(person(marketing_status="subscribed"), there, bases), COMPLETE)
    assert tell(decision) == ["update pipedrive: marketing_status='unsubscribed' (consent)"]
    assert decision.changes[0].irreversible == ("the opt-out in Marketing status stays",)
    here = person(marketing_status="unsubscribed")
    decision = decide(bound, linked(here, contact(plz_consent="subscribed"), bases), COMPLETE)
    assert tell(decision) == ["update plezi: plz_consent='unsubscribed' (consent)"]


ABSENT = linked(person(), None)


def test_absence_from_a_complete_snapshot_breaks_the_link() -> None:
    """The link becomes broken: no write, no create, no re-pairing, one finding."""
    assert tell(decide(bind_fields(CITY), ABSENT, COMPLETE)) == [
        "unlink l@example.com",
        "finding broken-link",
    ]


def test_absence_from_a_partial_snapshot_proves_nothing() -> None:
    """What was not read may still be there."""
    partial = {Side.PIPEDRIVE: Coverage(complete=True), Side.PLEZI: Coverage(complete=False)}
    assert tell(decide(bind_fields(CITY), ABSENT, partial)) == ["count not-seen 1"]


def test_a_broken_link_stays_broken_and_is_told_once_a_plan() -> None:
    """No second unlink; the finding stays until it is solved."""
    broken = replace(ABSENT, link=Link("1", "a", OLD, LinkState.BROKEN))
    assert tell(decide(bind_fields(), broken, COMPLETE)) == ["finding broken-link"]


def test_a_broken_link_heals_when_its_record_is_back() -> None:
    """The same two records are there again: that is no re-pairing, and syncing goes on from the old bases."""
    back = replace(linked(person(city="Lyon"), contact()), link=Link("1", "a", OLD, LinkState.BROKEN))
    assert tell(decide(bind_fields(CITY), back, COMPLETE)) == [
        "link l@example.com",
        "update plezi after 1: plz_city='Lyon' (fill)",
    ]


def test_a_pair_is_not_linked_on_a_partial_snapshot() -> None:
    """Exactly one record per side is a statement about absence; only complete snapshots can make it."""
    partial = {Side.PIPEDRIVE: Coverage(complete=False), Side.PLEZI: Coverage(complete=True)}
    assert tell(decide(bind_fields(CITY), paired(person(city="x"), contact()), partial)) == [
        "count not-complete 1"
    ]


def test_what_an_undo_left_stays_until_a_value_differs() -> None:
    """The planner writes neither side until a value differs from what the undo left (design 7)."""
    mark = {"city=plz_city": UndoneMark("Lyon", None)}
    held = replace(linked(person(city="Lyon"), contact()), undone=mark)
    assert tell(decide(bind_fields(CITY), held, COMPLETE)) == ["count undone 1"]
    moved = replace(linked(person(city="Nice"), contact()), undone=mark)
    decision = decide(bind_fields(CITY), moved, COMPLETE)
    assert tell(decision) == ["settle l@example.com", "update plezi: plz_city='Nice' (fill)"]
    assert decision.changes[0].unmark == ("city=plz_city",)


def test_a_create_that_was_undone_is_not_repeated() -> None:
    """``undo --delete-created`` is remembered."""
    assert tell(decide(bind_fields(), alone(person(), create_undone=True), COMPLETE)) == [
        "count create-undone 1"
    ]


def test_what_cannot_be_cleared_is_a_finding_at_planning_time() -> None:
    """Where clearing is not proven to work, the change is an ``unsupported`` finding."""
    from tests.planning.build import PIPEDRIVE_FIELDS

    fixed = tuple(replace(f, clearable=False) if f.code == "city" else f for f in PIPEDRIVE_FIELDS)
    bound = bind_fields(replace(CITY, empty=EmptyPolicy.PROPAGATE), remote={Side.PIPEDRIVE: fixed})
    bases: dict[str, tuple[Value, Value]] = {"city=plz_city": ("Paris", "Paris")}
    assert tell(decide(bound, linked(person(city="Paris"), contact(), bases), COMPLETE)) == [
        "finding unsupported"
    ]


def test_a_value_that_the_other_side_cannot_hold_is_rejected_at_planning_time() -> None:
    """300 characters do not fit into 255."""
    assert tell(decide(bind_fields(CITY), linked(person(city="x" * 300), contact()), COMPLETE)) == [
        "finding rejected"
    ]


def test_a_call_that_the_profile_cannot_make_is_unsupported() -> None:
    """No update call: one finding for the pair, no write."""
    bound = bind_fields(CITY, capabilities={Side.PLEZI: Capabilities(update=False)})
    assert tell(decide(bound, linked(person(city="Lyon"), contact()), COMPLETE)) == ["finding unsupported"]


def test_a_person_without_an_address_cannot_be_created() -> None:
    """Email is the identity in Plezi."""
    nobody = person(email=emails())
    assert tell(decide(bind_fields(), alone(nobody), COMPLETE)) == ["count no-address 1"]


def test_an_address_that_is_none_is_rejected() -> None:
    """What has no @ is not sent."""
    assert tell(decide(bind_fields(), alone(person(email=emails("call her"))), COMPLETE)) == [
        "finding rejected"
    ]


@pytest.mark.parametrize(
    ("field", "here", "there"),
    [
        (FieldMapping("revenue", "plz_revenue", Direction.BOTH), {"revenue": 12.0}, {"plz_revenue": 12}),
        (
            FieldMapping("born", "plz_born", Direction.BOTH),
            {"born": "1990-02-03"},
            {"plz_born": "1990-02-03"},
        ),
        (
            FieldMapping("city", "plz_city", Direction.BOTH),
            {"city": "Orle\u0301ans"},
            {"plz_city": " Orléans"},
        ),
        (CARRIED, {"interests": [12, 11]}, {"plz_interests": ["crm", "emailing"]}),
        (
            FieldMapping("score", "behaviour_score", Direction.TO_PIPEDRIVE),
            {"score": "42"},
            {"behaviour_score": 42},
        ),
        (
            FieldMapping("function", "function", Direction.TO_PIPEDRIVE),
            {"function": "Directrice générale"},
            {"function": "dg"},
        ),
        (
            FieldMapping("born", "plz_born", Direction.BOTH),
            {"born": "1990-02-03"},
            {"plz_born": "1990-02-03T00:00:00.000Z"},
        ),
    ],
    ids=[
        "number",
        "date",
        "text in two Unicode forms",
        "options in another order",
        "number in text",
        "option in text",
        "day as a midnight",
    ],
)
def test_equal_values_of_each_kind_need_no_write(
    field: FieldMapping, here: dict[str, Value], there: dict[str, Value]
) -> None:
    """Both sides say the same in their own spelling: only the ledger learns it."""
    (line,) = tell(decide(bind_fields(field), linked(person(**here), contact("a", **there)), COMPLETE))
    assert line.startswith("settle ")


@pytest.mark.parametrize(
    ("field", "here", "expected"),
    [
        (FieldMapping("city", "plz_revenue", Direction.TO_PLEZI), {"city": "12,5"}, "finding rejected"),
        (FieldMapping("city", "plz_revenue", Direction.TO_PLEZI), {"city": "nan"}, "finding rejected"),
        (FieldMapping("city", "plz_revenue", Direction.TO_PLEZI), {"city": "12.50"}, "update plezi: plz_revenue=12.5 (fill)"),
        (FieldMapping("city", "plz_born", Direction.TO_PLEZI), {"city": "3/2/1990"}, "finding rejected"),
        (FieldMapping("city", "plz_born", Direction.TO_PLEZI), {"city": "2023-02-30"}, "finding rejected"),
        (FieldMapping("sector", "plz_city", Direction.TO_PLEZI), {"sector": 99}, "finding unknown-option"),
        (FieldMapping("city", "plz_born", Direction.TO_PLEZI), {"city": "1990-02-03"}, "update plezi: plz_born='1990-02-03' (fill)"),
        (FieldMapping("born", "plz_city", Direction.TO_PLEZI), {"born": "1990-02-03"}, "update plezi: plz_city='1990-02-03' (fill)"),
        (FieldMapping("revenue", "plz_city", Direction.TO_PLEZI), {"revenue": 1200.0}, "update plezi: plz_city='1200' (fill)"),
        (FieldMapping("sector", "plz_city", Direction.TO_PLEZI), {"sector": 1}, "update plezi: plz_city='Énergie' (fill)"),
        (FieldMapping("interests", "plz_city", Direction.TO_PLEZI), {"interests": [13, 11]}, "update plezi: plz_city='CRM, SEO' (fill)"),
        (FieldMapping("city", "plz_sector", Direction.TO_PLEZI), {"city": "énergie"}, "update plezi: plz_sector='energie' (fill)"),
        (FieldMapping("city", "plz_sector", Direction.TO_PLEZI), {"city": "pêche"}, "finding unknown-option"),
        (FieldMapping("interests", "plz_interests", Direction.TO_PLEZI), {"interests": [13, 11]}, "update plezi: plz_interests=['crm', 'seo'] (fill)"),
        (FieldMapping("city", "opted_out", Direction.TO_PLEZI), {"city": "maybe"}, "finding rejected"),
        (FieldMapping("city", "opted_out", Direction.TO_PLEZI), {"city": "true"}, "update plezi: opted_out=True (fill)"),
    ],
)  # fmt: skip
def test_values_translate_by_kind_or_are_findings(
    field: FieldMapping, here: dict[str, Value], expected: str
) -> None:
    """A value that the other side cannot hold is found at planning time, never at the service."""
    assert tell(decide(bind_fields(field), linked(person(**here), contact()), COMPLETE)) == [expected]


@pytest.mark.parametrize("blank", [[{"value": "", "primary": True}], [{"value": None}], [None], [""], [[]]])
@pytest.mark.parametrize("base", [None, ([{"value": "1"}], "1"), ([11], ["crm"])])
def test_a_list_of_nothing_is_empty(blank: Value, base: tuple[Value, Value] | None) -> None:
    """Empty is no value: Pipedrive's ``[{"value": ""}]`` neither erases nor contradicts what the other side holds."""
    from tests.planning.build import PIPEDRIVE_FIELDS

    remote = {Side.PIPEDRIVE: (*PIPEDRIVE_FIELDS, Field("phone", "Phones", Kind.PHONES, "phone"))}
    for field, held in (
        (FieldMapping("phone", "plz_phone", Direction.TO_PLEZI), {"plz_phone": "1"}),
        (FieldMapping("interests", "plz_interests", Direction.TO_PLEZI), {"plz_interests": ["crm"]}),
        (FieldMapping("interests", "plz_sector", Direction.TO_PLEZI), {"plz_sector": "energie"}),
    ):
        bound = bind_fields(field, remote=remote)
        bases = {} if base is None else {f"{field.pipedrive}={field.plezi}": base}
        candidate = linked(person(**{field.pipedrive: blank}), contact("a", **held), bases)
        assert decide(bound, candidate, COMPLETE).changes == ()


def test_a_phone_list_without_a_number_is_rejected_and_clears_nothing() -> None:
    """Entries of another form than ``value`` are no number that can be written."""
    from tests.planning.build import PIPEDRIVE_FIELDS

    remote = {Side.PIPEDRIVE: (*PIPEDRIVE_FIELDS, Field("phone", "Phones", Kind.PHONES, "phone"))}
    bound = bind_fields(FieldMapping("phone", "plz_phone", Direction.TO_PLEZI), remote=remote)
    odd = person(phone=[{"number": "1"}])
    assert tell(decide(bound, linked(odd, contact()), COMPLETE)) == ["finding rejected"]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", True),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("2026-01-01 00:00:00", "2026-01-01T00:00:00Z", True),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+01:00", False),
        ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z", False),
        ("0001-01-01T00:00:00+02:00", "0001-01-01T00:00:00Z", False),
        ("yesterday", "2026-01-01T00:00:00Z", False),
    ],
)
def test_moments_are_compared_and_not_their_spelling(one: str, other: str, equal: bool) -> None:
    """A zone or a fraction of nothing is no edit of a person, and a later hour is one."""
    assert same(Kind.DATETIME, one, other) is equal


def test_of_a_moment_the_day_is_the_one_that_is_written_there() -> None:
    """Midnight in Paris is a birthday there, not the evening before in UTC."""
    from tests.planning.build import PLEZI_FIELDS

    remote = {Side.PLEZI: (*PLEZI_FIELDS, Field("plz_when", "When", Kind.DATETIME, "date and time"))}
    bound = bind_fields(FieldMapping("born", "plz_when", Direction.TO_PIPEDRIVE), remote=remote)
    there = contact(plz_when="1990-02-03T00:00:00+01:00")
    assert tell(decide(bound, linked(person(), there), COMPLETE)) == [
        "update pipedrive: born='1990-02-03' (fill)"
    ]


def test_leaving_the_scope_clears_nothing() -> None:
    """Leaving the scope never deletes, unlinks or clears, not even with ``empty: propagate`` and a value just emptied."""
    bases: dict[str, tuple[Value, Value]] = {"city=plz_city": ("Paris", "Paris")}
    left = linked(person(city=None, sync=None), contact(plz_city="Paris"), bases)
    bound = bind_fields(replace(CITY, empty=EmptyPolicy.PROPAGATE))
    assert tell(decide(bound, left, COMPLETE)) == ["count out-of-scope-held 1"]


def test_scope_is_evaluated_with_the_flag_set_for_a_linked_person_too() -> None:
    """Enrolment and the update that it lets through are in the same plan (R10)."""
    from tests.planning.test_rules import ENROL

    here = person(sync=None, label_ids=[5], city="Lyon")
    assert tell(decide(bind_fields(CITY, enrol=ENROL), linked(here, contact()), COMPLETE)) == [
        "update pipedrive: sync=35 (enrol)",
        "update plezi after 1: plz_city='Lyon' (fill)",
    ]


def test_an_opt_out_that_no_field_carries_is_counted() -> None:
    """Opted out is never reversed: a one-way field mapping from the other side leaves it, and says so."""
    bound = bind_fields(replace(STATUS, direction=Direction.TO_PIPEDRIVE), consent=CONSENT)
    here = person(marketing_status="unsubscribed")
    assert tell(decide(bound, linked(here, contact(opted_out=False)), COMPLETE)) == [
        "count opt-out-not-carried 1"
    ]


@pytest.mark.parametrize(
    ("field", "held", "expected"),
    [
        (CARRIED, [11, 99], "finding unknown-option"),
        (FieldMapping("interests", "plz_sector", Direction.TO_PLEZI), [11, 12], "finding unknown-option"),
        (FieldMapping("interests", "plz_city", Direction.TO_PLEZI), [11, 99], "finding unknown-option"),
    ],
)
def test_half_of_a_multiple_choice_is_not_written(
    field: FieldMapping, held: list[Value], expected: str
) -> None:
    """R24: with one option that has no counterpart the whole value waits, for the rest would look like a person's choice."""
    assert tell(decide(bind_fields(field), linked(person(interests=held), contact()), COMPLETE)) == [expected]
