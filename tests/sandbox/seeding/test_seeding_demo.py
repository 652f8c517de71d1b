from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from pdsync.sandbox.database import Database
from pdsync.sandbox.seeding import Figures, SeedReport
from pdsync.sandbox.seeding.demo import CONTACTS, MOST_WRITES, PERSONS, SAME_PEOPLE
from pdsync.sandbox.seeding.fieldset import DELETED_SECTOR_ID, FORM_AT_FAULT
from tests.sandbox.seeding.first_sync import BOTH, UNKNOWN, Accounts, FirstSync, first_sync, key


@pytest.fixture(scope="module")
def accounts(demo: tuple[Database, SeedReport]) -> Accounts:
    """Both accounts of the demo, as the tables hold them."""
    return Accounts(demo[0])


@pytest.fixture(scope="module")
def report(demo: tuple[Database, SeedReport]) -> SeedReport:
    """What the generator says of the demo."""
    return demo[1]


@pytest.fixture(scope="module")
def sync(accounts: Accounts) -> FirstSync:
    """What a first sync of the demo comes to, by a second opinion."""
    return first_sync(accounts)


def person(number: int) -> str:
    """How findings name a person."""
    return f"pipedrive:person/{number}"


def contact(identifier: str) -> str:
    """How findings name a contact."""
    return f"plezi:contact/{identifier}"


def test_size_of_the_demo(accounts: Accounts, report: SeedReport) -> None:
    """2,000 persons and 1,400 contacts, 1,150 of whom are the same people."""
    assert (len(accounts.persons), len(accounts.contacts)) == (PERSONS, CONTACTS) == (2000, 1400)
    assert report.figures.links == SAME_PEOPLE == 1150


def test_figures_are_what_a_first_sync_comes_to(sync: FirstSync, report: SeedReport) -> None:
    """The numbers written down while planting agree with those worked out from the tables."""
    assert report.figures == Figures(
        persons=2000,
        contacts=1400,
        links=len(sync.links),
        person_updates=sync.person_updates,
        contact_updates=sync.contact_updates,
        person_creates=len(sync.person_creates),
        contact_creates=len(sync.contact_creates),
        person_updates_after_creates=len(sync.contact_creates),
        conflicting_pairs=len({number for number, _ in sync.conflicts}),
    )
    assert (sync.person_updates, sync.contact_updates) == (125, 100)
    assert (len(sync.person_creates), len(sync.contact_creates)) == (100, 60)


def test_applying_and_undoing_fits_into_a_minute(report: SeedReport) -> None:
    """At most 600 writes per side, undo included; also where the mapping knows no consent of Plezi."""
    figures = report.figures
    assert figures.most_person_writes <= MOST_WRITES
    assert figures.most_contact_writes <= MOST_WRITES
    opted_out = len(report.manifest.of("opted-out-contact"))
    updates = figures.person_updates + figures.person_updates_after_creates
    assert 2 * updates + figures.person_creates + opted_out <= MOST_WRITES


def test_creates_are_the_planted_ones(sync: FirstSync, report: SeedReport) -> None:
    """Each record that a first sync has to create is named in the manifest, and no other."""
    assert {contact(id_) for id_ in sync.person_creates} == set(
        report.manifest.subjects("create-in-pipedrive")
    )
    assert {person(id_) for id_ in sync.contact_creates} == set(report.manifest.subjects("create-in-plezi"))


def test_conflicts_are_the_planted_ones(sync: FirstSync, report: SeedReport) -> None:
    """Five pairs, seven fields, each named with its field."""
    planted = {(defect.subjects[0], defect.field) for defect in report.manifest.of("conflict")}
    assert {(person(id_), name) for id_, name in sync.conflicts} == planted
    assert len(planted) == 7


def test_shared_addresses_are_the_planted_ones(accounts: Accounts, report: SeedReport) -> None:
    """14 clusters with 31 persons share an address, whatever its spelling and place in the list (R17); no others do."""
    holders: dict[str, set[str]] = defaultdict(set)
    for id_, values in accounts.persons.items():
        for email in values["emails"]:
            holders[key(email["value"])].add(person(id_))
    shared = sorted(sorted(members) for members in holders.values() if len(members) > 1)
    planted = report.manifest.of("duplicate-email")
    assert shared == sorted(sorted(defect.subjects) for defect in planted)
    assert (len(shared), sum(map(len, shared))) == (14, 31)
    assert sum(len(defect.related) for defect in planted) == 10


def test_clusters_differ_in_the_ways_that_hide_them(report: SeedReport) -> None:
    """Same spelling, other case, blanks, a secondary address, another spelling of the domain."""
    variants = {
        part for defect in report.manifest.of("duplicate-email") for part in (defect.detail or "").split(",")
    }
    assert variants == {"same", "case", "space", "secondary", "domain"}


def test_ambiguous_groups_are_the_planted_ones(sync: FirstSync, report: SeedReport) -> None:
    """The clusters and the persons with two contacts, and nothing else, are without a clear identity."""
    planted = [
        *report.manifest.of("duplicate-email"),
        *report.manifest.of("two-contacts"),
    ]
    expected = sorted(sorted([*defect.subjects, *defect.related]) for defect in planted)
    found = [[*map(person, persons), *map(contact, contacts)] for persons, contacts in sync.ambiguous]
    assert sorted(map(sorted, found)) == expected


def test_missing_names_are_the_planted_ones(accounts: Accounts, report: SeedReport) -> None:
    """63 persons and 12 contacts have no last name; 4 of those contacts have no first name either (R13)."""
    persons = {person(id_) for id_, values in accounts.persons.items() if not values["last_name"]}
    contacts = {contact(id_) for id_, values in accounts.contacts.items() if not values["last_name"]}
    first = {contact(id_) for id_, values in accounts.contacts.items() if not values["first_name"]}
    assert (len(persons), len(contacts), len(first)) == (63, 12, 4)
    assert persons | contacts == set(report.manifest.subjects("missing-last-name"))
    assert first == set(report.manifest.subjects("missing-first-name"))


def test_one_form_is_at_fault(accounts: Accounts) -> None:
    """Nine of the twelve incomplete contacts come from one form, from which nobody else comes (R14)."""
    forms = Counter(values["form"] for values in accounts.contacts.values() if not values["last_name"])
    assert forms.most_common(1) == [(FORM_AT_FAULT.title, 9)]
    assert sum(values["form"] == FORM_AT_FAULT.title for values in accounts.contacts.values()) == 9


def test_persons_without_address_are_the_planted_ones(accounts: Accounts, report: SeedReport) -> None:
    """60 persons have no address, 15 of whom are to be synced."""
    without = {person(id_) for id_, values in accounts.persons.items() if not values["emails"]}
    assert without == set(report.manifest.subjects("no-email"))
    assert len(without) == 60
    wanted = {
        name for name in without if accounts.person_value(int(name.rpartition("/")[2]), "sync_to_plezi") == 35
    }
    assert len(wanted) == 15


def test_malformed_addresses_are_the_planted_ones(accounts: Accounts, report: SeedReport) -> None:
    """Seven addresses are none; whatever stands in all other persons is one."""
    broken: set[str] = set()
    for id_, values in accounts.persons.items():
        for email in values["emails"]:
            local, _, domain = key(email["value"]).partition("@")
            if (
                not local
                or " " in local
                or "@" in domain
                or "." not in domain
                or not domain[-3:].isalpha()
                or "," in domain
            ):
                broken.add(person(id_))
    malformed = set(report.manifest.subjects("malformed-email"))
    assert malformed == broken
    assert len(malformed) == 7


def test_option_mismatches_are_the_planted_ones(
    accounts: Accounts, sync: FirstSync, report: SeedReport
) -> None:
    """208 records hold an option without a partner; 114 of them would write it to their partner if they could (R24)."""
    found: set[tuple[str, str]] = set()
    for id_ in accounts.persons:
        found |= {
            (person(id_), name)
            for name in BOTH
            if accounts.translated(name, accounts.person_value(id_, name)) is UNKNOWN
            and accounts.person_value(id_, name) != DELETED_SECTOR_ID
        }
    for contact_id, values in accounts.contacts.items():
        found |= {
            (contact(contact_id), name)
            for name, plezi_key in BOTH.items()
            if accounts.known_value(name, values.get(plezi_key)) is UNKNOWN
        }
    planted = report.manifest.of("option-mismatch")
    assert found == {(name, defect.field) for defect in planted for name in defect.subjects}
    assert len(found) == 208
    assert Counter(defect.detail for defect in planted) == {
        "accents": 90,
        "case": 68,
        "missing-in-plezi": 24,
        "missing-in-pipedrive": 16,
        "spelling": 10,
    }
    assert sync.unknown_options == {"Secteur": 104, "Centres d'intérêt": 10}


def test_deleted_option_is_still_held(accounts: Accounts, report: SeedReport) -> None:
    """Six persons hold an option that no list shows."""
    holders = {
        person(id_) for id_ in accounts.persons if accounts.person_value(id_, "Secteur") == DELETED_SECTOR_ID
    }
    assert DELETED_SECTOR_ID not in accounts.labels
    assert holders == set(report.manifest.subjects("deleted-option-in-use"))
    assert len(holders) == 6


def test_opted_out_people_are_the_planted_ones(
    accounts: Accounts, sync: FirstSync, report: SeedReport
) -> None:
    """One linked person has unsubscribed where the contact has not; one more must not become a contact."""
    unsubscribed = {
        id_ for id_, values in accounts.persons.items() if values["marketing_status"] == "unsubscribed"
    }
    linked = {person(id_) for id_, _ in sync.links if id_ in unsubscribed}
    assert linked == set(report.manifest.subjects("opted-out"))
    assert len(linked) == 1
    others = {person(id_) for id_ in unsubscribed} - linked
    assert others == set(report.manifest.subjects("opted-out-without-contact"))
    contacts = {contact(id_) for id_, values in accounts.contacts.items() if values["opted_out"]}
    assert contacts == set(report.manifest.subjects("opted-out-contact"))
    assert not contacts & {contact(id_) for _, id_ in sync.links}


def test_linked_persons_out_of_scope_are_the_planted_ones(sync: FirstSync, report: SeedReport) -> None:
    """Twelve contacts could be filled, were their persons to be synced (R9)."""
    assert sync.held_out_of_scope == len(report.manifest.of("linked-out-of-scope")) == 12


def test_names_that_the_split_rule_gets_wrong_are_the_planted_ones(
    accounts: Accounts, report: SeedReport
) -> None:
    """Nine first names of two words would be cut by "first word, then the rest" (R11)."""
    wrong = {
        person(id_)
        for id_, values in accounts.persons.items()
        if values["last_name"] and values["name"].partition(" ")[0] != values["first_name"]
    }
    assert wrong == set(report.manifest.subjects("name-rule-wrong"))
    assert len(wrong) == 9


def test_customers_to_enrol_are_the_planted_ones(accounts: Accounts, report: SeedReport) -> None:
    """Twelve customers have no flag; every other customer has one (R10)."""
    found = {
        person(id_)
        for id_, values in accounts.persons.items()
        if 1 in values["label_ids"] and accounts.person_value(id_, "sync_to_plezi") is None
    }
    assert found == set(report.manifest.subjects("to-enrol"))
    assert len(found) == 12


def test_differences_that_are_none(accounts: Accounts, sync: FirstSync, report: SeedReport) -> None:
    """Case and blanks of addresses, Unicode forms, secondary addresses: linked, and nothing to write."""
    linked = {person(id_) for id_, _ in sync.links}
    for kind, count in {
        "equal-but-for-case": 30,
        "equal-but-for-space": 5,
        "equal-but-for-unicode": 8,
        "linked-by-secondary-address": 12,
    }.items():
        planted = set(report.manifest.subjects(kind))
        assert len(planted) == count
        assert planted <= linked


def test_no_record_has_two_defects_that_write(report: SeedReport) -> None:
    """Counts add up because a record with something to write has nothing else to write, conflicts and doubts apart."""
    kinds = (
        "plezi-values-missing",
        "plezi-values-old",
        "linked-out-of-scope",
        "opted-out",
        "option-mismatch",
        "create-in-plezi",
        "create-in-pipedrive",
        "duplicate-email",
        "two-contacts",
    )
    subjects = [name for kind in kinds for name in report.manifest.subjects(kind)]
    assert max(Counter(subjects).values()) == 1


def test_manifest_names_records_that_exist(accounts: Accounts, report: SeedReport) -> None:
    """Every subject is a record of the file."""
    known = {person(id_) for id_ in accounts.persons} | {contact(id_) for id_ in accounts.contacts}
    assert {
        name for defect in report.manifest.defects for name in (*defect.subjects, *defect.related)
    } <= known


def test_report_is_kept_in_the_file(demo: tuple[Database, SeedReport]) -> None:
    """Another process can read what was planted."""
    db, report = demo
    assert SeedReport.stored(db) == report


def test_defects_lie_scattered(report: SeedReport) -> None:
    """Planted records do not stand together at one end of the ids."""
    numbers = sorted(int(name.rpartition("/")[2]) for name in report.manifest.subjects("role-address"))
    assert len(numbers) == 19
    assert numbers[0] < 700
    assert numbers[-1] > 1300
