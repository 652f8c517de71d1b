"""What is proposed for findings: accepted from the start only where the meaning stays, and never what is forbidden."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from pdsync.engine.findings import FindingsTable, Query
from pdsync.engine.fixes import Decided, FixesWritten, decide, proposals_for, write_fixes
from pdsync.errors import AccountMismatch, MappingError, UsageError
from pdsync.mapfiles import fixes_writing
from pdsync.mapfiles.fixes import load_fixes
from pdsync.model import (
    Acknowledgement,
    Capabilities,
    Consent,
    Finding,
    MissingOption,
    Option,
    OptionRules,
    PairProposal,
    Repair,
    Side,
    Subject,
)
from tests.engine.fix_world import FixWorld
from tests.planning.build import CITY, PLEZI_FIELDS, SECTOR, contact, person


@pytest.fixture
def world(tmp_path: Path) -> FixWorld:
    """City and Secteur are mapped both ways."""
    return FixWorld(tmp_path, CITY, SECTOR)


def test_spellings_are_tidied_and_accepted(world: FixWorld) -> None:
    """Spaces and capitals change nothing that pdsync compares: these alone begin with yes."""
    world.read(
        [
            person("1", "Lucile@Example.com", "b@example.com", last_name=" Rivière"),
            person("2", "ok@example.com", first_name="Jean  Paul", city="Nantes\u00a0"),
        ],
        [contact("a", " ZOE@example.net", first_name="Zoé ")],
    )
    assert world.told() == [
        "+ 1 last_name: ' Rivière' -> 'Rivière'",
        "+ 2 city: 'Nantes\\xa0' -> 'Nantes'",
        "+ a first_name: 'Zoé ' -> 'Zoé'",
        "+ 1 email: ['Lucile@Example.com', 'b@example.com'] -> ['lucile@example.com', 'b@example.com']",
        "+ a email: ' ZOE@example.net' -> 'zoe@example.net'",
    ]


def test_names_wait_for_a_yes(world: FixWorld) -> None:
    """R11: titles, damage, order and splits are judgements; a title that leaves no first name is left to people."""
    world.read(
        [
            person("1", "a@example.com", first_name="M. Jean", last_name="Dupont"),
            person("2", "b@example.com", first_name="Lucile", last_name="RiviÃ¨re"),
            person("3", "c@example.com", first_name="DUPONT", last_name="Zoé"),
            person("4", "d@example.com", first_name="Mme", last_name="Rivière"),
            person("5", "e@example.com", first_name="Anne", last_name="Flore Kermadec"),
            person("6", "f@example.com", first_name="Ludwig von", last_name="Württemberg"),
        ]
    )
    assert world.told("damaged-name", "honorific-in-name", "name-order", "misplaced-name-part") == [
        "1 first_name: 'M. Jean' -> 'Jean'",
        "5 first_name: 'Anne' -> 'Anne Flore', last_name: 'Flore Kermadec' -> 'Kermadec'",
        "6 first_name: 'Ludwig von' -> 'Ludwig', last_name: 'Württemberg' -> 'von Württemberg'",
        "2 last_name: 'RiviÃ¨re' -> 'Rivière'",
        "3 first_name: 'DUPONT' -> 'Zoé', last_name: 'Zoé' -> 'DUPONT'",
    ]


def test_a_pair_that_disagrees_about_the_order_is_a_choice(world: FixWorld) -> None:
    """Either side may be the wrong one; both at once would exchange nothing."""
    world.read(
        [person("1", "a@example.com", first_name="Martin", last_name="Paul")],
        [contact("a", "a@example.com", first_name="Paul", last_name="Martin")],
    )
    first, second = world.proposed("name-order").repairs
    assert {first.record.side, second.record.side} == set(Side)
    assert first.one_of == second.one_of != ""


def test_a_placeholder_takes_the_name_of_its_partner(world: FixWorld) -> None:
    """By link or by address; nothing where the partner has no name either, or there is none."""
    world.link("3", "c", "old@example.com")
    world.read(
        [
            person("1", "a@example.com", first_name="xxx", last_name="Dupont"),
            person("2", "b@example.com", first_name="test", last_name="test"),
            person("3", "new@example.com", first_name="-", last_name="Vidal"),
            person("4", "alone@example.com", first_name="n/a", last_name="Seul"),
        ],
        [
            contact("a", "A@example.com", first_name="Ana ", last_name="Dupond"),
            contact("b", "b@example.com", first_name="test", last_name="Le Gall"),
            contact("c", "old@example.com", first_name="Cy", last_name="Vidal"),
        ],
    )
    assert world.told("placeholder-name") == [
        "1 first_name: 'xxx' -> 'Ana'",
        "2 last_name: 'test' -> 'Le Gall'",
        "3 first_name: '-' -> 'Cy'",
    ]


def test_a_mistyped_domain_is_a_question(world: FixWorld) -> None:
    """The one address changes, the others of the record stay."""
    wrong, right = (f"a@{domain}" for domain in ("gmial.com", "gmail.com"))
    world.read([person("1", wrong, "b@example.com")])
    (repair,) = world.proposed("mistyped-domain").repairs
    assert (repair.now["email"], repair.to["email"]) == ([wrong, "b@example.com"], [right, "b@example.com"])
    assert not repair.accepted


def test_the_flag_of_the_scope_is_proposed_where_nobody_said_no(tmp_path: Path) -> None:
    """Empty, or a yes that does not count (R9); a person's own no is not questioned (R10)."""
    world = FixWorld(tmp_path, CITY)
    world.read(
        [
            person("1", "a@example.com", sync=None),
            person("2", "b@example.com", sync=36),
            person("3", "c@example.com", sync=35),
            person("4", "d@example.com", sync=99),
        ],
        [contact(key, f"{key}@example.com") for key in "abcd"],
    )
    assert world.told() == [
        "4 sync_to_plezi: '99' -> 'Yes'",
        "1 sync_to_plezi: None -> 'Yes'",
    ]


def test_two_people_with_one_mailbox(world: FixWorld) -> None:
    """It stays with the one whose first address it is; where it is first on neither, one of two may lose it."""
    world.link("2", "b", "info@example.com")
    world.read(
        [
            person("1", "info@example.com", "x@example.com", first_name="Ana", last_name="Le Gall"),
            person("2", "bo@example.com", "INFO@example.com", first_name="Bo", last_name="Dupont"),
            person(
                "3", "c@example.com", "info@example.com", "z@example.com", first_name="Cy", last_name="Vidal"
            ),
            person("5", "e@example.com", "team@example.com", first_name="Eva", last_name="Roche"),
            person("6", "f@example.com", "team@example.com", first_name="Guy", last_name="Morin"),
        ],
        [contact("b", "info@example.com", first_name="Bo", last_name="Dupont")],
    )
    fixes = world.proposed("duplicate-email")
    assert [(one.record.id, one.to["email"], bool(one.one_of)) for one in fixes.repairs] == [
        ("3", ["c@example.com", "z@example.com"], False),
        ("5", ["e@example.com"], True),
        ("6", ["f@example.com"], True),
    ]
    assert not any(one.accepted for one in fixes.repairs)
    assert fixes.merges == ()


def test_one_person_twice_is_a_merge_for_people(world: FixWorld) -> None:
    """With the survivor, why, and where to do it; never with something to accept."""
    world.link("12", "a", "l@example.com")
    world.read(
        [
            person("7", "l@example.com", city="Nantes"),
            person("12", "l@example.com"),
            person("20", "m@example.com", first_name="Jean", last_name="Morin"),
            person("21", "M@example.com", first_name="J.", last_name="Morin", city="Brest"),
        ],
        [contact("a", "l@example.com")],
    )
    assert [
        (one.keep.id, [s.id for s in one.merge], one.why) for one in world.proposed("duplicate-email").merges
    ] == [
        ("12", ["7"], "it is the one that is linked to a contact in Plezi"),
        ("21", ["20"], "it has more fields filled than the others (5 against 4)"),
    ]


def test_lists_that_differ(world: FixWorld) -> None:
    """A pair where two options probably mean the same, else the option that is missing; records with it are counted."""
    banks = tuple(
        replace(one, options=(Option("energie", "Énergie"), Option("banques", "Banques")))
        if one.code == "plz_sector"
        else one
        for one in PLEZI_FIELDS
    )
    world.world.remote[Side.PLEZI] = banks
    world.world.mapping = world.ws.mapping = replace(
        world.world.mapping, fields=(*world.world.mapping.fields[:-1], replace(SECTOR, options=OptionRules()))
    )
    world.read(
        [person("1", sector=1), person("2", "b@example.com", sector=4)], [contact("a", plz_sector="energie")]
    )
    fixes = world.proposed("option-mismatch")
    assert fixes.pairs == (PairProposal("sector", "banque", "banques"),)
    assert fixes.options == (
        MissingOption(Side.PLEZI, "Secteur", "Industrie & énergie", 0),
        MissingOption(Side.PLEZI, "Secteur", "Solo", 1),
    )
    assert fixes.repairs == ()


def test_nothing_is_proposed_for_who_opted_out(tmp_path: Path) -> None:
    """On either side of a pair: such a record is not touched at all."""
    world = FixWorld(tmp_path, CITY, consent={Side.PIPEDRIVE: Consent("marketing_status", ("unsubscribed",))})
    world.link("1", "a", "a@example.com")
    world.read(
        [
            person("1", "a@example.com", last_name=" Rivière", marketing_status="unsubscribed"),
            person("2", "b@example.com", last_name=" Dupont", marketing_status="subscribed"),
        ],
        [contact("a", "a@example.com", last_name="Rivière ")],
    )
    assert world.told("outer-spaces") == ["+ 2 last_name: ' Dupont' -> 'Dupont'"]


def test_a_new_file_is_private_and_never_replaces_one(world: FixWorld) -> None:
    """A file that is there holds decisions; wrong codes and folders are told before anything is audited."""
    world.read([person("1", last_name=" x")])
    written = world.write()
    assert stat.S_IMODE(world.path.stat().st_mode) == 0o600
    assert (written.proposals, written.accepted, dict(written.counts)) == (
        2,
        1,
        {"outer-spaces": 1, "options": 1},
    )
    with pytest.raises(UsageError, match="there already"):
        write_fixes(world.ws, world.path)
    with pytest.raises(UsageError, match="did you mean 'outer-spaces'"):
        write_fixes(world.ws, world.path.with_name("other.yaml"), codes=["outer-space"])
    with pytest.raises(UsageError, match="no folder"):
        write_fixes(world.ws, world.path.parent / "none" / "fixes.yaml")


@pytest.mark.long
def test_a_file_takes_so_much_and_says_what_is_left(world: FixWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is counted, never silently left out; the gravest come first."""
    monkeypatch.setattr(fixes_writing, "MOST", 3)
    world.read(
        [
            person(str(number), f"p{number}@example.com", last_name=" x", first_name="M. Jean")
            for number in range(4)
        ]
    )
    written = world.write()
    assert written.counts == {"honorific-in-name": 3}
    assert written.notes[0].startswith("6 findings are not in it")


def test_a_side_that_cannot_be_updated_gets_a_list_for_people(world: FixWorld) -> None:
    """An export, or a profile without that call: the proposals are of use all the same, and the file's maker is told."""
    world.world.capabilities[Side.PLEZI] = Capabilities(update=False)
    world.read([person("1", last_name=" x")], [contact("a", "b@example.com", last_name="y ")])
    assert [note.partition(" (")[0] for note in world.write().notes] == [
        "Plezi cannot be updated as it was read"
    ]


def test_what_somebody_lives_with_is_not_proposed(world: FixWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """An acknowledged finding stays as it is; a screen may still be told to propose something for it."""
    known = Acknowledgement("outer-spaces", Subject.parse("pipedrive:person/1"), "Zoé", "it is her name")
    monkeypatch.setattr("pdsync.engine.examine.accepted_findings", lambda _: (known,))
    world.read([person("1", last_name=" Rivière"), person("2", "b@example.com", last_name=" Dupont")])
    assert world.told("outer-spaces") == ["+ 2 last_name: ' Dupont' -> 'Dupont'"]


def test_what_changed_since_the_audit_is_not_proposed(world: FixWorld) -> None:
    """A kept finding may be older than the records: its suggestion was for another value."""
    world.read([person("1", last_name=" Rivière"), person("2", "b@example.com", last_name=" Dupont")])
    old = findings(world)
    world.read([person("1", last_name="Martin "), person("2", "b@example.com", last_name=" Dupont")])
    assert [len(proposals_for(world.ws, world.path, one)) for one in old] == [0, 1]


def findings(world: FixWorld) -> list[Finding]:
    """What an audit of the newest snapshots finds, as a screen has it."""
    from pdsync.engine.examine import examine

    report = examine(world.ws, on_event=lambda _: None, sample=0)
    table = FindingsTable.open(report.table)
    return [
        finding
        for number in range(len(table.select(Query())))
        if (finding := table.finding(number)).code in ("outer-spaces", "missing-last-name")
    ]


def test_one_finding_goes_into_a_file_and_out_again(world: FixWorld) -> None:
    """As a screen does it: into a new or an existing file, once, and back without a trace but for its group."""
    world.read(
        [
            person("1", last_name=" Rivière"),
            person("2", "b@example.com", last_name=" Dupont"),
            person("3", "c@example.com", last_name=None),
        ]
    )
    path = world.ws.folder.fixes
    nobody, *found = sorted(findings(world), key=lambda one: (one.code, one.subjects[0].id))
    assert proposals_for(world.ws, path, nobody) == ()
    assert taken_out(world, found[0]).words == "there is no fixes.yaml"
    assert not path.exists()
    first = accepted(world, found[0])
    assert (first.proposals, first.accepted, first.words) == (1, 1, "1 proposal is in fixes.yaml, accepted")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text("utf-8")
    assert accepted(world, found[1]).proposals == 1
    again = accepted(world, found[1])
    assert (again.proposals, again.words) == (0, "fixes.yaml says so already")
    path.write_text(path.read_text("utf-8").replace("accept: yes", "accept: no"), "utf-8")
    assert taken_out(world, found[1]).words == "1 proposal left fixes.yaml"
    assert path.read_text("utf-8") == before.replace("accept: yes", "accept: no")
    assert taken_out(world, found[1]).proposals == 0
    assert len(load_fixes(path).repairs) == 1


def accepted(world: FixWorld, finding: Finding, *, yes: bool | None = True) -> FixesWritten:
    """Everything that is proposed for a finding, decided alike."""
    path = world.ws.folder.fixes
    proposed = proposals_for(world.ws, path, finding)
    return decide(world.ws, path, [Decided(one.proposal, yes) for one in proposed])


def taken_out(world: FixWorld, finding: Finding) -> FixesWritten:
    """What was put into the file for a finding, out again."""
    return accepted(world, finding, yes=None)


def test_a_decision_is_changed_in_place_and_taken_back(world: FixWorld) -> None:
    """What is in the file is shown as the file has it, a correction included; only ``accept`` is written anew."""
    world.read([person("1", last_name=" Rivière"), person("2", "b@example.com", last_name=" Dupont")])
    path = world.ws.folder.fixes
    one, other = sorted(findings(world), key=lambda found: found.subjects[0].id)
    accepted(world, one, yes=False)
    accepted(world, other)
    text = path.read_text("utf-8").replace("{last_name: Rivière}}", "{last_name: Riviere}}  # as she signs")
    path.write_text(text, "utf-8")

    (held,) = before = proposals_for(world.ws, path, one)
    assert isinstance(held.proposal, Repair)
    assert (held.accepted, held.proposal.to) == (False, {"last_name": "Riviere"})
    written = decide(world.ws, path, [Decided(held.proposal, accepted=True)])
    assert (written.proposals, written.accepted) == (1, 1)
    assert path.read_text("utf-8") == text.replace("accept: no", "accept: yes")
    decide(world.ws, path, before)
    assert path.read_text("utf-8") == text


def test_what_excludes_what_is_accepted_is_refused(world: FixWorld) -> None:
    """Two accepted repairs of one value would be a file that no plan is made of: it stays as it was."""
    world.read([person("1", last_name=" Rivière")])
    (found,) = findings(world)
    (held,) = proposals_for(world.ws, world.path, found)
    assert isinstance(held.proposal, Repair)
    correction = replace(held.proposal, code="damaged-name", to={"last_name": "Rivières"})
    decide(world.ws, world.path, [Decided(correction, accepted=True)])
    before = world.path.read_text("utf-8")
    other = replace(correction, code="honorific-in-name")
    with pytest.raises(MappingError, match=r"is set in line \d+ already"):
        decide(world.ws, world.path, [Decided(other, accepted=True)])
    assert world.path.read_text("utf-8") == before


def test_a_file_of_other_accounts_gets_nothing(world: FixWorld) -> None:
    """One id means two people there."""
    world.read([person("1", last_name=" Rivière")])
    (found,) = findings(world)
    world.put("record: pipedrive:person/1, now: {city: a}, set: {city: b}")
    world.path.write_text(world.path.read_text("utf-8").replace("plezi-1", "other"), "utf-8")
    with pytest.raises(AccountMismatch, match="other accounts"):
        proposals_for(world.ws, world.path, found)


def test_hostile_names_stay_values(world: FixWorld) -> None:
    """A name with YAML, controls and half an emoji in it is proposed, read, planned to the letter."""
    evil = "- {accept: yes}\n# \x1b[2J\u202e'\""
    world.read([person("1", last_name=f" {evil}", first_name="Zo\ud83d ")])
    (repair,) = world.proposed("outer-spaces").repairs
    assert repair.now["last_name"] == f" {evil}"
    assert repair.to["last_name"] == evil
    assert "first_name" not in repair.now, "half an emoji is left alone"
