"""Whether a mapping can work between two accounts: one row per thing that cannot, or that is worth knowing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pdsync.model import (
    BoundField,
    Condition,
    ConflictPolicy,
    Consent,
    Direction,
    EmptyPolicy,
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
    Value,
)
from pdsync.planning.binding import bind
from pdsync.planning.linting import lint, unknown_audits
from pdsync.planning.transforms import Untranslatable, translate
from tests.planning.build import CITY, IDENTITY, PIPEDRIVE_FIELDS, PLEZI_FIELDS, SCOPE, SECTOR, schemas

PD, PZ = Side.PIPEDRIVE, Side.PLEZI
PLACES = {
    key: Place("m.yaml", 9, column)
    for column, key in enumerate(
        ["pipedrive", "plezi", "direction", "empty", "options", "options.pairs.0.plezi"], start=1
    )
}
ENTRY = FieldMapping("here", "there", Direction.BOTH, place=Place("m.yaml", 9, 5), places=PLACES)
OPTIONS = (Option("1", "One"), Option("2", "Two"))
LISTS = (Kind.OPTION, Kind.OPTIONS)


def field(code: str, kind: Kind, **more: object) -> Field:
    """A field of this kind, with options if it has any."""
    values: dict[str, object] = {"options": OPTIONS if kind in LISTS else ()} | more
    return Field(code, code, kind, str(kind), **values)  # type: ignore[arg-type]


def findings_of(entry: FieldMapping, here: Field, there: Field, **parts: object) -> list[Finding]:
    """What lint says of one entry between two fields."""
    values: dict[str, object] = {"scope": SCOPE} | parts
    mapping = Mapping(name="test", fields=(*IDENTITY, entry), **values)  # type: ignore[arg-type]
    both = schemas(fields={PD: (*PIPEDRIVE_FIELDS, here), PZ: (*PLEZI_FIELDS, there)})
    bound, unresolved = bind(mapping, both)
    assert unresolved == ()
    return list(lint(bound))


def said(findings: list[Finding]) -> list[tuple[str, str]]:
    """(code, severity) of each."""
    return [(finding.code, str(finding.severity)) for finding in findings]


def one_way(here: Kind, there: Kind) -> list[tuple[str, str]]:
    """What lint says of a field mapping from a Pipedrive field of one kind to a Plezi field of another."""
    entry = replace(ENTRY, direction=Direction.TO_PLEZI)
    return said(findings_of(entry, field("here", here), field("there", there)))


FITS = {
    Kind.TEXT: [Kind.TEXT],
    Kind.NUMBER: [Kind.TEXT, Kind.NUMBER],
    Kind.DATE: [Kind.TEXT, Kind.DATE],
    Kind.DATETIME: [Kind.TEXT, Kind.DATETIME, Kind.DATE],
    Kind.BOOLEAN: [Kind.TEXT, Kind.BOOLEAN],
    Kind.OPTION: [Kind.TEXT, Kind.OPTION, Kind.OPTIONS],
    Kind.OPTIONS: [Kind.TEXT, Kind.OPTIONS],
    Kind.EMAILS: [Kind.EMAILS],
    Kind.PHONES: [Kind.TEXT],
}
MAY_FIT = {
    Kind.TEXT: [Kind.NUMBER, Kind.DATE, Kind.BOOLEAN],
    Kind.NUMBER: [Kind.OPTION, Kind.OPTIONS],
    Kind.DATE: [Kind.OPTION, Kind.OPTIONS],
    Kind.BOOLEAN: [Kind.OPTION, Kind.OPTIONS],
    Kind.OPTIONS: [Kind.OPTION],
}
NOT_YET = [Kind.REFERENCE, Kind.COMPOSITE, Kind.OTHER]


@pytest.mark.parametrize("here", Kind)
@pytest.mark.parametrize("there", Kind)
def test_which_kinds_translate(here: Kind, there: Kind) -> None:
    """The whole table, source by target: fine, with a warning, not at all, not yet; R23 for free text into a list."""
    if here in NOT_YET or there in NOT_YET:
        expected = [("not-yet", "blocking")]
    elif there in FITS[here]:
        expected = []
    elif there in MAY_FIT.get(here, []):
        expected = [("type-mismatch", "warning")]
    elif here is Kind.TEXT and there in LISTS:
        expected = [("free-text", "warning")]
    else:
        expected = [("type-mismatch", "blocking")]
    assert expected == one_way(here, there)


SAMPLES: dict[Kind, Value] = {
    Kind.TEXT: "One", Kind.NUMBER: 1, Kind.DATE: "2026-09-01", Kind.DATETIME: "2026-09-01T10:00:00Z", Kind.BOOLEAN: True,
    Kind.OPTION: "1", Kind.OPTIONS: ["1"], Kind.EMAILS: [{"value": "a@example.com", "primary": True, "label": "work"}],
    Kind.PHONES: [{"value": "1", "primary": True, "label": "work"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("here", "there"), [(here, there) for here, targets in FITS.items() for there in targets]
)
def test_what_lint_lets_through_the_planner_can_translate(here: Kind, there: Kind) -> None:
    """Lint and the planner have one opinion: what fits is never unsupported, and a usual value arrives."""
    entry = replace(ENTRY, options=OptionRules(pairs=(OptionPair("1", "1"),)))
    bound = BoundField(
        entry, field("here", here), field("there", there), ConflictPolicy.MANUAL, option_pairs=(("1", "1"),)
    )
    assert not isinstance(translate(bound, SAMPLES[here], PZ), Untranslatable)


@pytest.mark.parametrize(
    ("here", "there"), [(h, t) for h in Kind for t in Kind if h not in NOT_YET and t not in NOT_YET]
)
def test_what_lint_refuses_the_planner_could_not_write(here: Kind, there: Kind) -> None:
    """The other way round: a refused pair has no value of its kind that would have arrived."""
    if one_way(here, there) != [("type-mismatch", "blocking")]:
        return
    bound = BoundField(ENTRY, field("here", here), field("there", there), ConflictPolicy.MANUAL)
    assert isinstance(translate(bound, SAMPLES[here], PZ), Untranslatable)


TEXT, NUMBER = field("here", Kind.TEXT), field("here", Kind.NUMBER)


FREE_TEXT = (
    "9:3 'here' is free text in Pipedrive; only spellings that are in Plezi's list of 'Fonction' arrive there (R23); "
    "use to_pipedrive"
)


@pytest.mark.parametrize(
    ("entry", "here", "there", "expected"),
    [
        (ENTRY, TEXT, field("there", Kind.TEXT), []),
        (ENTRY, TEXT, field("there", Kind.TEXT, writable=False),
         ["9:3 direction: 'there' is read-only in Plezi; use to_pipedrive"]),
        (ENTRY, replace(TEXT, writable=False), field("there", Kind.TEXT),
         ["9:3 direction: 'here' is read-only in Pipedrive; use to_plezi"]),
        (replace(ENTRY, direction=Direction.TO_PLEZI), TEXT, field("there", Kind.TEXT, writable=False),
         ["9:3 direction: 'there' is read-only in Plezi; use off"]),
        (replace(ENTRY, direction=Direction.OFF), TEXT, field("there", Kind.REFERENCE, writable=False), []),
        (ENTRY, TEXT, field("there", Kind.TEXT, max_length=80), []),
        (ENTRY, replace(TEXT, max_length=255), field("there", Kind.TEXT, max_length=80),
         ["9:2 'there' in Plezi takes 80 characters, its source 255; longer values are rejected"]),
        (replace(ENTRY, empty=EmptyPolicy.PROPAGATE), TEXT, field("there", Kind.TEXT, clearable=False),
         ["9:4 empty: it is not known that Plezi lets 'there' be emptied, so that is left out"]),
        (replace(ENTRY, empty=EmptyPolicy.PROPAGATE, direction=Direction.TO_PIPEDRIVE), TEXT,
         field("there", Kind.TEXT, clearable=False), []),
        (replace(ENTRY, plezi="there2"), TEXT, field("there2", Kind.TEXT, observed=True),
         ["9:2 the type of 'there2' in Plezi is a guess; look at the field list"]),
        (replace(ENTRY, options=OptionRules(pairs=(OptionPair("a", "b"),))), TEXT, field("there", Kind.TEXT),
         ["9:5 options: neither field has a list, so the pairs change nothing"]),
        (replace(ENTRY, plezi="function", direction=Direction.BOTH), TEXT, field("x", Kind.TEXT),
         [FREE_TEXT]),
        (replace(ENTRY, plezi="function", direction=Direction.TO_PIPEDRIVE), TEXT, field("x", Kind.TEXT), []),
        (ENTRY, NUMBER, field("there", Kind.TEXT), ["9:1 text goes into a number; values that are none are rejected"]),
        (ENTRY, replace(TEXT, kind=Kind.REFERENCE, remote_type="org"), field("there", Kind.TEXT),
         ["9:1 'here' is a field of type org in Pipedrive; such fields cannot be mapped yet, only audited"]),
    ],
)  # fmt: skip
def test_what_is_said_of_one_field_mapping(
    entry: FieldMapping, here: Field, there: Field, expected: list[str]
) -> None:
    """Words and places: the direction where the direction is at fault, the field where the field is."""
    found = findings_of(entry, here, there)
    assert expected == [
        f"{f.place.line}:{f.place.column} {f.message}" if f.place else f.message for f in found
    ]


def test_plezis_function_takes_no_free_text_even_as_text() -> None:
    """R23: also where Plezi's field is a text field itself."""
    functions = {
        PZ: (*(f for f in PLEZI_FIELDS if f.code != "function"), Field("function", "Fonction", Kind.TEXT))
    }
    entry = FieldMapping("Function", "function", Direction.TO_PLEZI)
    bound, _ = bind(Mapping(name="m", fields=(*IDENTITY, entry), scope=SCOPE), schemas(fields=functions))
    (finding,) = lint(bound)
    assert (finding.code, finding.severity, finding.rule) == ("free-text", Severity.WARNING, "R23")
    assert "every spelling" in finding.message


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        (OptionPair("Énergie", "energie"), []),
        (OptionPair("1", "Banque"), []),
        (
            OptionPair("Énergies", "energie"),
            ["'Secteur' in Pipedrive has no option 'Énergies'; did you mean 'Énergie'?"],
        ),
        (
            OptionPair("banque", "Banques"),
            ["'Secteur' in Plezi has no option 'Banques'; did you mean 'Banque'?"],
        ),
        (
            OptionPair("99", "x"),
            ["'Secteur' in Pipedrive has no option '99'", "'Secteur' in Plezi has no option 'x'"],
        ),
    ],
)
def test_pairs_name_options_that_exist(pair: OptionPair, expected: list[str]) -> None:
    """R24: by label or by identity."""
    entry = replace(SECTOR, options=OptionRules(pairs=(pair,)))
    bound, _ = bind(Mapping(name="m", fields=(*IDENTITY, entry), scope=SCOPE), schemas())
    assert expected == [finding.message for finding in lint(bound)]


def test_a_label_that_only_looks_the_same_is_shown_for_what_it_is() -> None:
    """A no-break space: two equal words in one message would help nobody; a decomposed accent is the same label."""
    entry = replace(SECTOR, options=OptionRules(pairs=(OptionPair("Énergie\u00a0", "energie"),)))
    bound, _ = bind(Mapping(name="m", fields=(*IDENTITY, entry), scope=SCOPE), schemas())
    (finding,) = lint(bound)
    assert finding.message.endswith(
        r"did you mean '\xc9nergie'? It looks the same and is written with other characters"
    )


def test_a_label_that_two_options_bear_is_named_by_id() -> None:
    """Pipedrive allows it; nobody guesses."""
    twins = field("here", Kind.OPTION, options=(Option("1", "One"), Option("2", "One")))
    entry = replace(ENTRY, options=OptionRules(pairs=(OptionPair("One", "1"),)))
    found = findings_of(entry, twins, field("there", Kind.OPTION))
    assert [f.message for f in found] == [
        "'here' in Pipedrive has 2 options labelled 'One': 1 and 2; use the id, in quotes"
    ]


@pytest.mark.parametrize(
    ("written", "here", "there", "code"),
    [
        (replace(CITY, pipedrive="status", plezi="plz_city", direction=Direction.TO_PLEZI), None, None, "wrong-pair"),
        (replace(CITY, plezi="state", direction=Direction.TO_PIPEDRIVE), None, None, "wrong-pair"),
        (replace(CITY, pipedrive="made", plezi="behaviour_score", direction=Direction.TO_PIPEDRIVE),
         Field("made", "score", Kind.TEXT), None, ""),
        (replace(CITY, pipedrive="made", plezi="plz_city", direction=Direction.TO_PIPEDRIVE),
         Field("made", "score", Kind.TEXT), None, "wrong-pair"),
        (replace(CITY, plezi="Source", direction=Direction.BOTH), None, None, "one-way-field"),
        (replace(CITY, pipedrive="City", plezi="First name"), None, None, "wrong-pair"),
        (replace(CITY, pipedrive="made"), Field("made", "email", Kind.TEXT), None, ""),
        (replace(CITY, pipedrive="made"), Field("made", "Opt-in e-mail", Kind.TEXT), None, "consent-not-covered"),
        (replace(CITY, plezi="made"), None, Field("made", "Désabonné", Kind.TEXT), "consent-not-covered"),
    ],
)  # fmt: skip
def test_the_connectors_rules_hold_for_codes_and_names(
    written: FieldMapping, here: Field | None, there: Field | None, code: str
) -> None:
    """R5, R6, R12 and consent, whichever way a field is named: a name hides nothing that a code would show."""
    both = schemas(
        fields={
            PD: (*PIPEDRIVE_FIELDS, *([here] if here else [])),
            PZ: (*PLEZI_FIELDS, *([there] if there else [])),
        }
    )
    bound, unresolved = bind(Mapping(name="m", fields=(*IDENTITY, written), scope=SCOPE), both)
    assert unresolved == ()
    blocking = {finding.code for finding in lint(bound) if finding.severity is Severity.BLOCKING}
    assert code in blocking or (not code and not blocking)


def test_a_target_is_written_from_one_place_however_it_is_named() -> None:
    """The file cannot know that a name and a code are one field; here it is known."""
    entries = (CITY, replace(CITY, pipedrive="City", plezi="plz_phone"))
    bound, _ = bind(Mapping(name="m", fields=(*IDENTITY, *entries), scope=SCOPE), schemas())
    assert [finding.code for finding in lint(bound)] == ["written-twice"]
    same = (CITY, replace(CITY, pipedrive="City", plezi="Ville", direction=Direction.OFF))
    bound, _ = bind(Mapping(name="m", fields=(*IDENTITY, *same), scope=SCOPE), schemas())
    assert [finding.code for finding in lint(bound)] == ["mapped-twice"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("sync_to_plezi", equals=("Yes",)), ""),
        (Condition("sync_to_plezi", equals=("35", "No")), ""),
        (Condition("sync_to_plezi", equals=("yes",)), "has no option 'yes'; did you mean 'Yes'?"),
        (Condition("sync_to_plezi", equals=(True,)), "has no option true; a label goes in quotes"),
        (Condition("sync_to_plezi", has=("Yes",)), "has: 'sync_to_plezi' holds one value; use is"),
        (Condition("sync_to_plezi", empty=False), ""),
        (Condition("Labels", has=("Customer", "Hot lead")), ""),
        (Condition("Labels", has=("Custoner",)), "did you mean 'Customer'?"),
        (Condition("Labels", equals=("Customer",)), "is: 'Labels' is a multiple choice; use has"),
        (Condition("Labels", empty=True), ""),
        (Condition("City", equals=("Lyon",)), ""),
        (Condition("City", equals=(69,)), "'City' in Pipedrive holds text, never 69 without quotes"),
        (Condition("Revenue", equals=(10, 12.5)), ""),
        (Condition("Revenue", equals=("ten",)), "'Revenue' in Pipedrive holds numbers, never 'ten'"),
        (Condition("Revenue", equals=(True,)), "holds numbers, never true"),
        (Condition("email", equals=("a@example.com",)), "cannot be tested for a value, only for being empty"),
        (Condition("email", empty=False), ""),
    ],
)  # fmt: skip
def test_a_scope_asks_for_values_that_can_be_held(condition: Condition, expected: str) -> None:
    """R9: a label that does not exist would let nobody in, without a word."""
    whole = Mapping(
        name="m",
        fields=IDENTITY,
        scope={PZ: Scope(condition)},
        places={"scope.to_plezi.where": Place("m.yaml", 4, 3)},
    )
    found = lint(bind(whole, schemas())[0])
    assert bool(expected) == bool(found)
    for finding in found:
        assert finding.severity is Severity.BLOCKING
        assert finding.message.endswith(expected)
        assert finding.place == Place("m.yaml", 4, 3)


@pytest.mark.parametrize(
    ("consent", "expected"),
    [
        ({PD: Consent("marketing_status", ("unsubscribed",))}, []),
        ({PD: Consent("Marketing status", ("Unsubscribed", "No consent"))}, []),
        ({PD: Consent("marketing_status", ("opted out",))}, ["unknown-option"]),
        ({PZ: Consent("opted_out", (True,))}, []),
        ({PZ: Consent("opted_out", ("true",))}, ["wrong-value"]),
        ({PD: Consent("Labels", ("Customer",))}, []),
    ],
)
def test_opting_out_is_a_value_that_can_be_held(consent: dict[Side, Consent], expected: list[str]) -> None:
    """A misspelt value would see nobody as opted out: the worst of silences."""
    found = lint(bind(Mapping(name="m", fields=IDENTITY, scope=SCOPE, consent=consent), schemas())[0])
    assert expected == [finding.code for finding in found]


@pytest.mark.parametrize(
    ("enrol", "expected"),
    [
        (Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",))), []),
        (
            Enrolment("sync_to_plezi", "Maybe", Condition("Labels", has=("Nobody",))),
            ["unknown-option", "unknown-option"],
        ),
        (Enrolment("Labels", "Customer", Condition("City", empty=False)), ["enrolment"]),
        (Enrolment("Revenue", "much", Condition("City", empty=False)), ["wrong-value", "enrolment"]),
        (Enrolment("sync", "Yes", Condition("label_ids", has=("Customer",))), []),
        (Enrolment("sync", "35", Condition("label_ids", has=("5",))), []),
        (Enrolment("sync", "No", Condition("label_ids", has=("5",))), ["enrolment"]),
    ],
)
def test_enrolment_writes_what_the_flag_can_hold(enrol: Enrolment, expected: list[str]) -> None:
    """R10: and what the scope reads, whether field and option are named by name, by code or by identity."""
    found = lint(bind(Mapping(name="m", fields=IDENTITY, scope=SCOPE, enrol=enrol), schemas())[0])
    assert expected == [finding.code for finding in found]


@pytest.mark.parametrize(
    ("direction", "expected"),
    [(Direction.TO_PIPEDRIVE, ["written-twice"]), (Direction.TO_PLEZI, []), (Direction.OFF, [])],
)
def test_the_flag_is_written_by_enrolment_alone(direction: Direction, expected: list[str]) -> None:
    """R10: also where a field mapping writes the same field under its code; one update would hold two values for it."""
    fields = (*IDENTITY, FieldMapping("sync", "plz_city", direction))
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",)))
    found = lint(bind(Mapping(name="m", fields=fields, scope=SCOPE, enrol=enrol), schemas())[0])
    blocking = [finding.code for finding in found if finding.severity is Severity.BLOCKING]
    assert blocking == expected


@pytest.mark.parametrize("change", [{"writable": False}, {"kind": Kind.REFERENCE}])
def test_enrolment_needs_a_flag_that_can_be_written(change: dict[str, object]) -> None:
    """R10: computed fields and owners cannot be set."""
    flag = replace(Field("flag", "Flag", Kind.TEXT), **change)  # type: ignore[arg-type]
    scope = SCOPE | {PZ: Scope(where=Condition("Flag", empty=False))}
    whole = Mapping(
        name="m", fields=IDENTITY, scope=scope, enrol=Enrolment("Flag", "x", Condition("City", empty=False))
    )
    both = schemas(fields={PD: (*PIPEDRIVE_FIELDS, flag)})
    assert [finding.severity for finding in lint(bind(whole, both)[0])] == [Severity.BLOCKING]


def test_what_the_target_demands_of_new_records() -> None:
    """Unmapped: no create would ever succeed. Mapped but not required by the scope: some would not."""
    must = Field("must", "Société", Kind.TEXT, required=True)
    both = schemas(fields={PZ: (*PLEZI_FIELDS, must)})
    unmapped = lint(bind(Mapping(name="m", fields=IDENTITY, scope=SCOPE), both)[0])
    assert [(f.code, f.severity) for f in unmapped] == [("required-unmapped", Severity.WARNING)]
    fields = (*IDENTITY, replace(CITY, plezi="must"))
    unasked = lint(bind(Mapping(name="m", fields=fields, scope=SCOPE), both)[0])
    assert [(f.code, f.severity) for f in unasked] == [("required-unasked", Severity.INFO)]
    asked = SCOPE | {PZ: Scope(require=("City",))}
    assert lint(bind(Mapping(name="m", fields=fields, scope=asked), both)[0]) == ()
    nobody = (replace(IDENTITY[0], direction=Direction.TO_PIPEDRIVE), *IDENTITY[1:])
    assert lint(bind(Mapping(name="m", fields=nobody, scope=SCOPE), both)[0]) == ()


def test_audits_are_known_by_code() -> None:
    """The audits stand above this layer; whoever knows their codes asks."""
    whole = Mapping(name="m", fields=IDENTITY, scope=SCOPE, audits={"duplicate-emial": None, "names": None})  # type: ignore[dict-item]
    (finding,) = unknown_audits(whole, ["duplicate-email", "names"])
    assert finding.message == "there is no audit 'duplicate-emial'; did you mean 'duplicate-email'?"
