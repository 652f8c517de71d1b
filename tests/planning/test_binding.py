"""Names become codes, once and for good: what a mapping means in these two accounts (design 5, R22)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import (
    BoundMapping,
    Condition,
    Consent,
    Direction,
    Enrolment,
    Field,
    FieldMapping,
    Finding,
    Kind,
    Mapping,
    Option,
    OptionPair,
    OptionRules,
    Place,
    Scope,
    Severity,
    Side,
)
from pdsync.planning.binding import bind
from tests.planning.build import CITY, IDENTITY, PIPEDRIVE_FIELDS, PLEZI_FIELDS, SCOPE, SECTOR, schemas

PD, PZ = Side.PIPEDRIVE, Side.PLEZI
NAMED = FieldMapping("Secteur", "plz_sector", Direction.BOTH, place=Place("m.yaml", 9, 5))
NEW = Field("sector2", "Secteur", Kind.OPTION, options=(Option("71", "Énergie"),))


def mapping(*fields: FieldMapping, **parts: object) -> Mapping:
    """The locked field mappings, these, and the scope of all tests."""
    values: dict[str, object] = {"scope": SCOPE} | parts
    return Mapping(name="test", fields=(*IDENTITY, *fields), **values)  # type: ignore[arg-type]


def fields(side: Side, *more: Field, without: str = "") -> dict[Side, tuple[Field, ...]]:
    """The fields of one side, some more, one less."""
    given = PIPEDRIVE_FIELDS if side is PD else PLEZI_FIELDS
    return {side: (*(field for field in given if field.code != without), *more)}


def codes(findings: tuple[Finding, ...]) -> list[str]:
    """Their codes."""
    return [finding.code for finding in findings]


def sector(bound: BoundMapping) -> str:
    """The signature of the one entry that is not locked."""
    return bound.fields[-1].signature


@pytest.mark.parametrize("name", ["Secteur", "sector"])
def test_a_field_is_named_by_its_name_or_its_code(name: str) -> None:
    """Both lead to the same field, the same ledger key and the same signature."""
    bound, findings = bind(mapping(replace(NAMED, pipedrive=name)), schemas())
    assert findings == ()
    assert bound.fields[-1].key == "sector=plz_sector"
    assert sector(bound) == sector(bind(mapping(NAMED), schemas())[0])


def test_what_a_digest_covers_is_everything_that_is_read() -> None:
    """Design 2: field mappings, scope, enrolment, consent and identity, per side, sorted; nothing that is off."""
    whole = mapping(
        CITY,
        FieldMapping("Revenue", "plz_revenue", Direction.OFF),
        scope={
            PZ: Scope(Condition("sync_to_plezi", equals=("Yes",)), require=("Born",)),
            PD: Scope(require=("plz_born",)),
        },
        enrol=Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",))),
        consent={PD: Consent("Marketing status", ("unsubscribed",)), PZ: Consent("opted_out", (True,))},
    )
    bound, findings = bind(whole, schemas())
    assert findings == ()
    assert bound.codes[PD] == (
        "born", "city", "email", "first_name", "label_ids", "last_name", "marketing_status", "sync",
    )  # fmt: skip
    assert bound.codes[PZ] == ("email", "first_name", "last_name", "opted_out", "plz_born", "plz_city")
    assert bound.email == {PD: "email", PZ: "email"}
    assert bound.names[PD, "Labels"] == "label_ids"


def test_a_name_of_two_fields_lists_both_codes() -> None:
    """Nobody guesses which one is meant."""
    bound, (finding,) = bind(mapping(NAMED), schemas(fields=fields(PD, NEW)))
    assert finding.message == "2 fields are called 'Secteur' in Pipedrive: sector and sector2; use the code"
    assert (finding.severity, finding.place) == (Severity.BLOCKING, NAMED.place)
    assert len(bound.fields) == len(IDENTITY)
    assert (PD, "Secteur") not in bound.names


def test_a_code_wins_over_a_name() -> None:
    """A field that somebody called ``city`` does not take over the field whose code that is."""
    bound, findings = bind(mapping(CITY), schemas(fields=fields(PD, Field("x1", "city", Kind.TEXT))))
    assert findings == ()
    assert bound.fields[-1].pipedrive.code == "city"


def test_a_name_that_means_another_field_stops_its_field_mapping_only() -> None:
    """Design 5: the old field was renamed and a new one has its name. The old binding stays until it is solved."""
    renamed = replace(next(f for f in PIPEDRIVE_FIELDS if f.code == "sector"), name="Secteur (2024)")
    first, _ = bind(mapping(NAMED, CITY), schemas())
    now = schemas(fields=fields(PD, renamed, NEW, without="sector"))
    bound, (finding,) = bind(mapping(NAMED, CITY), now, bound_before=first.names)
    assert (finding.code, finding.severity) == ("field-moved", Severity.WARNING)
    assert "meant the field sector so far and means sector2 now" in finding.message
    entry = bound.by_key["sector=plz_sector"]
    assert entry.stopped
    assert not entry.writes(PD)
    assert not entry.writes(PZ)
    assert bound.by_key["city=plz_city"].writes(PD)
    assert bound.names[PD, "Secteur"] == "sector"
    assert codes(bind(mapping(NAMED, CITY), now, bound_before=bound.names)[1]) == ["field-moved"]


def test_a_field_that_was_deleted_and_made_anew_is_another_field() -> None:
    """Its values are gone; the new one is not written until somebody names it."""
    first, _ = bind(mapping(NAMED), schemas())
    bound, (finding,) = bind(
        mapping(NAMED), schemas(fields=fields(PD, NEW, without="sector")), bound_before=first.names
    )
    assert finding.code == "field-moved"
    assert bound.fields[-1].stopped
    assert bound.fields[-1].pipedrive.code == "sector2"
    by_code = replace(NAMED, pipedrive="sector2")
    freed, findings = bind(
        mapping(by_code), schemas(fields=fields(PD, NEW, without="sector")), bound_before=bound.names
    )
    assert findings == ()
    assert not freed.fields[-1].stopped


def test_a_moved_name_in_the_scope_blocks() -> None:
    """Who may be created would be decided by another field: nothing is planned until somebody has looked."""
    first, _ = bind(mapping(), schemas())
    new = Field("sync2", "sync_to_plezi", Kind.OPTION, options=(Option("1", "Yes"),))
    _, (finding,) = bind(mapping(), schemas(fields=fields(PD, new, without="sync")), bound_before=first.names)
    assert (finding.code, finding.severity) == ("field-moved", Severity.BLOCKING)


def test_a_renamed_field_is_found_by_what_it_was_bound_to() -> None:
    """The message says how the field is called now, instead of guessing by spelling."""
    first, _ = bind(mapping(NAMED), schemas())
    renamed = replace(next(f for f in PIPEDRIVE_FIELDS if f.code == "sector"), name="Branche")
    _, (finding,) = bind(
        mapping(NAMED), schemas(fields=fields(PD, renamed, without="sector")), bound_before=first.names
    )
    assert finding.message == (
        "unknown field 'Secteur' in Pipedrive; the field that it meant so far, sector, is called 'Branche' now"
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("secteur", "; did you mean 'Secteur'?"),
        ("Secteurs", "; did you mean 'Secteur'?"),
        ("revenu", "; did you mean 'Revenue'?"),
        ("date de naissance", ""),  # a name of the other side
        ("Ville", ""),
        ("Secteur ", "; did you mean 'Secteur'? It looks the same and is written with other characters"),
        ("Sécteur", "; did you mean 'Secteur'?"),
        ("x" * 5000, ""),
    ],
)
def test_did_you_mean_looks_at_names_and_codes_of_that_side(name: str, hint: str) -> None:
    """Case, accents, hyphens and one slip apart; never a field of the other side."""
    _, (finding,) = bind(mapping(replace(NAMED, pipedrive=name)), schemas())
    assert finding.code == "unknown-field"
    assert finding.message.endswith(f"in Pipedrive{hint}")
    assert len(finding.message) < 200


def test_an_entry_that_is_off_only_warns() -> None:
    """R18: new fields are appended switched off; they must not stop a sync."""
    off = replace(NAMED, pipedrive="nowhere", direction=Direction.OFF)
    _, (finding,) = bind(mapping(off), schemas())
    assert finding.severity is Severity.WARNING


def test_the_same_problem_is_said_once_per_place() -> None:
    """A flag that does not exist, in the scope and in enrolment: two places, two findings; not more."""
    whole = mapping(
        scope={PZ: Scope(Condition("nowhere", equals=("Yes",)))},
        enrol=Enrolment("nowhere", "Yes", Condition("Labels", has=("x",))),
    )
    assert codes(bind(whole, schemas())[1]) == ["unknown-field"]


def test_a_side_without_addresses_has_no_identity() -> None:
    """R17: without an email field nobody can be known."""
    without = schemas(fields=fields(PZ, without="email"))
    assert "no-identity" in codes(bind(mapping(), without)[1])
    other = schemas(fields=fields(PZ, Field("mail", "E-mail", Kind.EMAILS), without="email"))
    assert bind(Mapping(name="m", fields=(), scope={}), other)[0].email == {PD: "email", PZ: "mail"}


def pairs(*written: tuple[str, str]) -> FieldMapping:
    """The sector's field mapping with these pairs."""
    return replace(SECTOR, options=OptionRules(pairs=tuple(OptionPair(*pair) for pair in written)))


SIGNED = sector(bind(mapping(SECTOR), schemas())[0])


@pytest.mark.parametrize(
    "same",
    [
        replace(SECTOR, direction=Direction.TO_PLEZI),
        replace(SECTOR, empty=SECTOR.empty, conflicts=None, locked=True),
        pairs(("3", "industrie-energie")),
        pairs(("Industrie & énergie", "Industrie")),
        pairs(("3", "Industrie"), ("Industrie & énergie", "industrie-energie")),
    ],
)
def test_bases_survive_what_does_not_touch_them(same: FieldMapping) -> None:
    """R22: a direction, a policy, a pair spelt by id instead of by label."""
    assert sector(bind(mapping(same), schemas())[0]) == SIGNED


@pytest.mark.parametrize(
    "other",
    [
        replace(SECTOR, plezi="plz_city"),
        replace(SECTOR, pipedrive="interests"),
        pairs(),
        pairs(("1", "industrie-energie")),
        pairs(("3", "industrie-energie"), ("1", "energie")),
    ],
)
def test_bases_are_dropped_when_what_they_rest_on_changes(other: FieldMapping) -> None:
    """R22: another field, another type, another pair."""
    assert sector(bind(mapping(other), schemas())[0]) != SIGNED


def test_a_renamed_label_changes_no_signature() -> None:
    """Design 6: options compare by identity; the pair says the new label, the option is the same."""
    old = next(field for field in PIPEDRIVE_FIELDS if field.code == "sector")
    options = tuple(replace(o, label="Industrie") if o.id == "3" else o for o in old.options)
    renamed = schemas(fields=fields(PD, replace(old, options=options), without="sector"))
    assert sector(bind(mapping(pairs(("Industrie", "industrie-energie"))), renamed)[0]) == SIGNED


def test_the_version_covers_mapping_fields_and_lists() -> None:
    """A record's digest is only valid while everything that a decision rests on is the same."""
    first = bind(mapping(SECTOR), schemas())[0].version
    assert first == bind(mapping(SECTOR), schemas())[0].version
    old = next(field for field in PIPEDRIVE_FIELDS if field.code == "sector")
    unread = next(field for field in PIPEDRIVE_FIELDS if field.code == "revenue")
    others = {
        "direction": bind(mapping(replace(SECTOR, direction=Direction.TO_PLEZI)), schemas()),
        "an option": bind(
            mapping(SECTOR),
            schemas(fields=fields(PD, replace(old, options=old.options[1:]), without="sector")),
        ),
        "read-only": bind(
            mapping(SECTOR), schemas(fields=fields(PD, replace(old, writable=False), without="sector"))
        ),
        "stopped": bind(mapping(SECTOR), schemas(), bound_before={(PD, "sector"): "another"}),
    }
    assert len({first, *(bound.version for bound, _ in others.values())}) == 5
    same = bind(
        mapping(SECTOR), schemas(fields=fields(PD, replace(unread, name="Umsatz"), without="revenue"))
    )[0].version
    assert first == same, "a field that is not read changes nothing"


def test_the_order_of_remote_fields_does_not_matter() -> None:
    """Services list as they like."""
    backwards = {PD: PIPEDRIVE_FIELDS[::-1], PZ: PLEZI_FIELDS[::-1]}
    one, other = (
        bind(mapping(SECTOR, CITY), schemas())[0],
        bind(mapping(SECTOR, CITY), schemas(fields=backwards))[0],
    )
    assert (one.version, one.codes, one.fields) == (other.version, other.codes, other.fields)
