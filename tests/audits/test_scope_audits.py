"""R9, R13, R29: who is in scope, who would be imported, and what keeps the others out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pdsync.model import (
    AuditRule,
    Condition,
    Consent,
    Direction,
    Enrolment,
    Field,
    FieldMapping,
    GateState,
    Kind,
    Scope,
    Side,
    Value,
    WhenLeft,
)
from tests.audits.build import FIELDS, World, option_field, rows, subjects

FLAG = option_field("sync", "sync_to_plezi", ("35", "Yes"), ("36", "No"), ("37", "Oui"))
LABELS = option_field("labels", "Labels", ("1", "Customer"), ("2", "Lead"), kind=Kind.OPTIONS)
STATUS = option_field("status", "Consent", ("7", "unsubscribed"), ("8", "subscribed"))
OUT = Field("opted_out", "Opted out", Kind.BOOLEAN)
HERE = {
    Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], FLAG, LABELS, STATUS),
    Side.PLEZI: (*FIELDS[Side.PLEZI], OUT),
}
YES = Scope(Condition("sync_to_plezi", equals=("Yes",)), when_left=WhenLeft.STOP)
NAMES = Scope(require=("first_name", "last_name"))
CONSENT = {
    Side.PIPEDRIVE: Consent("Consent", ("unsubscribed",)),
    Side.PLEZI: Consent("opted_out", (True,)),
}
SCOPE = {Side.PLEZI: YES, Side.PIPEDRIVE: NAMES}


def world_of(folder: Path, scope: Mapping[Side, Scope] = SCOPE, **more: Any) -> World:
    """A world with the shipped mapping's scope."""
    arguments: dict[str, Any] = {"fields": HERE, "scope": scope, "consent": CONSENT} | more
    return World(folder, **arguments)


def test_who_would_be_imported(tmp_path: Path, engine: str) -> None:
    """R9, R13, R29: alone, in scope, not opted out, with an address, complete; those and nobody else, per direction."""
    world = world_of(tmp_path)
    world.person("1", "nguyễn.thị@example.com", sync=35)  # yes
    world.person("2", "no@example.com", sync=36)  # out of scope
    world.person("3", "empty@example.com", sync=None)  # out of scope
    world.person("4", sync=35)  # no address
    world.person("5", "not an address", sync=35)  # nothing like one
    world.person("6", "out@example.com", sync=35, status=7)  # opted out
    world.person("7", "shared@example.com", sync=35)
    world.person("8", " SHARED@example.com", sync=35)  # nobody knows whose it is
    world.person("9", "met@example.com", sync=35)
    world.contact("a", "Met@example.com")  # has a partner
    world.contact("b", "alone@example.com")  # yes
    world.contact("c", "incomplete@example.com", last_name="\u200b")  # R13
    world.contact("d", "gone@example.com", opted_out=True)
    world.contact("e", "محمد@example.org", first_name="محمد", last_name="🔥")  # yes
    world.contact("f", "weiß@straße.example", first_name="Jürgen", last_name="Weiß")
    world.person("10", "weiß@xn--strae-oqa.example", sync=36)  # its partner: the same domain in ASCII

    result = world.audited(engine, "import-share")

    assert subjects(result, "import-share") == [{"person/1"}, {"contact/b", "contact/e"}]
    summary = result.summaries[0]
    assert summary.headline == "1 of 10 persons (10.0 %) to Plezi; 2 of 6 contacts (33.3 %) to Pipedrive"
    assert summary.groups == {"to Pipedrive": 1, "to Plezi": 1}


def test_a_brake_on_imports(tmp_path: Path, engine: str) -> None:
    """R29: a share of either side beyond allow_percent closes the gate, although the audit is for information."""
    world = world_of(
        tmp_path, {side: Scope() for side in Side}, rules={"import-share": AuditRule(allow_percent=50)}
    )
    for number in range(4):
        world.person(str(number), f"p{number}@example.com")

    result = world.audited(engine, "import-share")

    assert result.gate.state is GateState.NOT_READY
    assert result.gate.refused == ("import-share: 4 persons of 4 (100 %), 50 % allowed",)


def test_enrolled_people_are_in_scope(tmp_path: Path, engine: str) -> None:
    """R10: a person whose empty flag the plan would set counts as in scope; a No, and who opted out, does not."""
    enrol = Enrolment("sync_to_plezi", "Yes", Condition("Labels", has=("Customer",)))
    world = world_of(tmp_path, enrol=enrol)
    flags: list[dict[str, Value]] = [
        {"sync": None, "labels": [1, 2]},
        {"sync": 36, "labels": [1]},
        {"labels": [1]},
        {"sync": None, "labels": [2]},
        {"sync": None, "labels": [1], "status": 7},
        {"sync": 35, "labels": []},
    ]
    for number, values in enumerate(flags, start=1):
        world.person(str(number), f"p{number}@example.com", **{"status": None} | values)

    assert subjects(world.audited(engine, "import-share"), "import-share") == [{"person/1", "person/6"}]


def test_nobody_is_created_that_way(tmp_path: Path, engine: str) -> None:
    """R16: without a scope for a direction nobody is created that way; whether the API could write does not matter."""
    world = world_of(tmp_path, {side: Scope() for side in Side})
    world.person("1", "a@example.com")
    world.contact("c", "c@example.com")
    unable = {
        side: replace(schema, capabilities=replace(schema.capabilities, create=False, update=False))
        for side, schema in world.schemas.items()
    }
    only = replace(world.bound.mapping, scope={Side.PLEZI: Scope()})
    world.bound = replace(world.bound, schemas=unable, mapping=only)

    assert subjects(world.audited(engine, "import-share"), "import-share") == [{"person/1"}]


def test_required_and_empty(tmp_path: Path, engine: str) -> None:
    """R13: who would be created but for a missing name, or but for what the target demands; one finding per field."""
    here, there = Field("town", "Ort", Kind.TEXT), Field("plz_town", "Ville", Kind.TEXT, required=True)
    fields = {Side.PIPEDRIVE: (*HERE[Side.PIPEDRIVE], here), Side.PLEZI: (*HERE[Side.PLEZI], there)}
    mapped = [FieldMapping("town", "plz_town", Direction.TO_PLEZI)]
    world = world_of(tmp_path, fields=fields, mapped=mapped)
    world.person("1", "a@example.com", sync=35, town="Århus")
    world.person("2", "b@example.com", sync=35, town=" ")
    world.person("3", "c@example.com", sync=36)  # out of scope: nobody asks
    world.contact("a", "x@example.com", first_name="", last_name=None)
    world.contact("b", "y@example.com", first_name="Zoé", last_name="Ø")
    world.contact("c", "z@example.com", first_name=None, opted_out=True)
    world.contact("d", "a@example.com", first_name=None)  # has a partner

    result = world.audited(engine, "required-empty")

    assert [(row["id"], row["message"]) for row in rows(result, "required-empty")] == [
        ("a", "This contact cannot be created in Pipedrive without 'first_name'"),
        ("a", "This contact cannot be created in Pipedrive without 'last_name'"),
        ("2", "This person cannot be created in Plezi without 'Ville'"),
    ]
    summary = result.summaries[0]
    assert (summary.findings, dict(summary.records)) == (3, {Side.PIPEDRIVE: 1, Side.PLEZI: 1})


def test_a_demand_that_nothing_fills(tmp_path: Path, engine: str) -> None:
    """A field that the target demands and nothing is mapped to: nobody can be created, and everybody is named."""
    fields = HERE | {Side.PLEZI: (*HERE[Side.PLEZI], Field("plz_town", "Ville", Kind.TEXT, required=True))}
    world = world_of(tmp_path, {side: Scope() for side in Side}, fields=fields)
    world.person("1", "a@example.com")
    world.person("2", "b@example.com")

    assert subjects(world.audited(engine, "required-empty"), "required-empty") == [{"person/1"}, {"person/2"}]
    assert rows(world.audited(engine, "import-share"), "import-share") == []


def test_other_values_of_the_flag(tmp_path: Path, engine: str) -> None:
    """R9: the connector knows yes and empty; another value is told, and one that means yes by mistake is a warning."""
    world = world_of(tmp_path)
    for number, value in enumerate([35, 36, 36, 37, 99, None, "", "35"], start=1):
        world.person(str(number), sync=value)

    result = world.audited(engine, "scope-value", "scope-value-unclear")

    assert subjects(result, "scope-value") == [{"option/sync/36", "person/2", "person/3"}]
    assert subjects(result, "scope-value-unclear") == [
        {"option/sync/37", "person/4"}, {"option/sync/99", "person/5"},
    ]  # fmt: skip
    messages = dict.fromkeys(row["message"] for row in rows(result, "scope-value-unclear"))
    assert list(messages) == [
        "'sync_to_plezi' of 1 person holds 'Oui'; only 'Yes' lets them into Plezi",
        "'sync_to_plezi' of 1 person holds the option 99, which is in no list any more; only 'Yes' lets them into Plezi",
    ]


def test_a_flag_of_free_text(tmp_path: Path, engine: str) -> None:
    """R9: typed by hand, a yes has many spellings; outer spaces do not matter to the planner, and so not here."""
    fields = HERE | {
        Side.PIPEDRIVE: (*FIELDS[Side.PIPEDRIVE], Field("sync", "sync_to_plezi", Kind.TEXT), LABELS, STATUS)
    }
    world = world_of(tmp_path, fields=fields)
    for number, value in enumerate(["Yes", "yes", " Yes\u00a0", "YES!", "ja", "non", "🔥", "نعم"], start=1):
        world.person(str(number), sync=value)

    result = world.audited(engine, "scope-value", "scope-value-unclear")

    assert sorted(map(sorted, subjects(result, "scope-value-unclear"))) == [
        ["field/sync", "person/2"], ["field/sync", "person/4"], ["field/sync", "person/5"],
    ]  # fmt: skip
    assert len(subjects(result, "scope-value")) == 3


def test_a_scope_that_is_no_flag(tmp_path: Path, engine: str) -> None:
    """A scope on a label or a country says nothing about other values: they are not a mistake."""
    world = world_of(
        tmp_path, {Side.PLEZI: Scope(Condition("Consent", equals=("subscribed",))), Side.PIPEDRIVE: Scope()}
    )
    world.person("1", status=7)

    result = world.audited(engine, "scope-value", "scope-value-unclear")

    assert result.table.num_rows == 0


def test_pairs_in_scope_on_one_side_only(tmp_path: Path, engine: str) -> None:
    """R9: linked, or joined by address: a person without the flag whose contact is in scope."""
    world = world_of(tmp_path, links=[("1", "a"), ("9", "gone")])
    world.person("1", "old@example.com", sync=36)
    world.contact("a", "new@example.com")
    world.person("2", "zoé@example.com", sync=None)
    world.contact("b", "Zoé@EXAMPLE.com")
    world.person("3", "in@example.com", sync=35)
    world.contact("c", "in@example.com")
    world.person("4", "alone@example.com", sync=36)
    world.person("5", "two@example.com", sync=36)
    world.person("6", "two@example.com", sync=36)
    world.contact("d", "two@example.com")  # nobody knows whose it is
    world.person("9", "nine@example.com", sync=36)

    result = world.audited(engine, "one-sided-scope")

    assert subjects(result, "one-sided-scope") == [{"person/1", "contact/a"}, {"person/2", "contact/b"}]
    assert rows(result, "one-sided-scope")[0]["message"].endswith("Plezi gets no updates of this pair")
    assert result.summaries[0].headline == "2 pairs"
