from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database
from pdsync.sandbox.pipedrive.switches import PIPEDRIVE_SWITCHES
from pdsync.sandbox.plezi.contacts import Contacts, plezi_url
from pdsync.sandbox.plezi.fieldbook import FieldBook
from pdsync.sandbox.plezi.switches import PLEZI_SWITCHES
from pdsync.sandbox.seeding import WORLDS, NotEmptyError, SeedReport, contact_body, person_body, seed
from pdsync.sandbox.seeding.demo import demo_world
from pdsync.sandbox.switches import Switches
from tests.sandbox.seeding.conftest import Seeder, opened
from tests.sandbox.seeding.first_sync import Accounts, first_sync

TABLES = (
    "pipedrive_persons",
    "pipedrive_fields",
    "pipedrive_options",
    "pipedrive_organizations",
    "plezi_contacts",
    "plezi_fields",
    "plezi_forms",
)


def dump(db: Database) -> dict[str, list[dict[str, Any]]]:
    """Everything that a seed wrote; when it was written is not part of the world."""
    tables = {
        table: [dict(row) for row in db.rows(f"SELECT * FROM {table}")]  # noqa: S608 - names from above
        for table in TABLES
    }
    for person in tables["pipedrive_persons"]:
        person.pop("written_time")
    return tables


def test_same_seed_same_world(seeded: Seeder) -> None:
    """Two files of one seed are equal in every row; another seed makes other people."""
    first, one = seeded("demo", number=7)
    second, two = seeded("demo", number=7)
    other, three = seeded("demo", number=8)
    assert dump(first) == dump(second)
    assert one == two
    assert dump(first) != dump(other)
    assert one.figures == three.figures


def test_world_stays_the_same(demo: tuple[Database, SeedReport]) -> None:
    """The first person of the default demo: whoever changes the generator changes every figure in the docs."""
    row = demo[0].row("SELECT name, emails FROM pipedrive_persons WHERE id = 1")
    assert row is not None
    assert (row["name"], json.loads(row["emails"])[0]["value"]) == (
        "Amandine Vivarais",
        "amandine.vivarais@studio-loriol.example.net",
    )


@pytest.mark.long
@pytest.mark.parametrize("number", [2, 3, 20261123])
def test_figures_hold_for_other_seeds(seeded: Seeder, number: int) -> None:
    """The counts do not depend on luck."""
    db, report = seeded("demo", number=number)
    sync = first_sync(Accounts(db))
    assert (sync.person_updates, sync.contact_updates) == (
        report.figures.person_updates,
        report.figures.contact_updates,
    )
    assert len(sync.links) == report.figures.links
    assert len(sync.ambiguous) == 17


def test_empty_world_has_fields_and_nobody(seeded: Seeder) -> None:
    """`empty` has fields and forms, no record, and nothing planted."""
    db, report = seeded("empty")
    counts = {table: len(rows) for table, rows in dump(db).items()}
    assert counts["pipedrive_persons"] == counts["plezi_contacts"] == 0
    assert counts["pipedrive_fields"] == 10
    assert counts["plezi_fields"] == counts["plezi_forms"] == 6
    assert report.manifest.defects == []


@pytest.mark.parametrize("percent", [0.0, 5.0])
def test_bench_world_differs_by_the_given_share(seeded: Seeder, percent: float) -> None:
    """`bench` has pairs that agree but for about that share, half of it on each side."""
    db, report = seeded("bench", size=1000, changed_percent=percent)
    sync = first_sync(Accounts(db))
    figures = report.figures
    assert (figures.persons, figures.contacts, len(sync.links)) == (1000, 1000, 1000)
    assert (sync.person_updates, sync.contact_updates) == (figures.person_updates, figures.contact_updates)
    assert sync.conflicts == []
    changed = figures.person_updates + figures.contact_updates
    assert abs(changed - 10 * percent) <= 5 * percent
    assert abs(figures.person_updates - figures.contact_updates) <= 1


@pytest.mark.parametrize("world", WORLDS)
def test_used_file_is_refused(tmp_path: Path, world: Any) -> None:
    """A second seed would mix two worlds: it is refused, and what was there stays."""
    with opened(tmp_path / "sandbox.db") as db:
        switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
        seed("empty", db, Clock(db), switches)
        before = dump(db)
        with pytest.raises(NotEmptyError, match="nothing was written"):
            seed(world, db, Clock(db), switches)
        assert dump(db) == before


def test_reset_file_can_be_seeded_again(tmp_path: Path) -> None:
    """A reset takes the records and the report of the seed away."""
    with opened(tmp_path / "sandbox.db") as db:
        switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
        seed("empty", db, Clock(db), switches)
        db.reset()
        assert SeedReport.stored(db) is None
        seed("demo", db, Clock(db), switches)


def test_consent_can_be_seen_after_seeding(tmp_path: Path) -> None:
    """marketing_status exists with the Campaigns app only: a seeded account has it."""
    with opened(tmp_path / "sandbox.db") as db:
        switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
        assert not switches.on("pipedrive.campaigns_app")
        seed("empty", db, Clock(db), switches)
        assert switches.on("pipedrive.campaigns_app")


def test_nobody_can_be_reached(demo: tuple[Database, SeedReport]) -> None:
    """Every address lies in a domain for examples, every number in a range for fiction."""
    db, _ = demo
    addresses = [row["email"] for row in db.rows("SELECT email FROM plezi_contacts")]
    phones: list[str] = []
    for row in db.rows("SELECT emails, phones FROM pipedrive_persons"):
        addresses += [email["value"] for email in json.loads(row["emails"])]
        phones += [phone["value"] for phone in json.loads(row["phones"])]
    malformed = {
        name
        for name in addresses
        if not re.search(r"\.?example\.(com|org|net)[\s\u200b]*$", name, re.IGNORECASE)
    }
    assert all("example" in name or name.endswith("@") for name in malformed)
    assert len(malformed) <= 7
    fiction = r"\+33 (1 99 00|2 61 91|3 53 01|4 65 71|5 36 49|6 39 98) \d\d \d\d|\+44 (20 7946 0\d{3}|7700 900\d{3})"
    assert all(re.fullmatch(fiction, phone) for phone in phones)


def test_seeded_contact_passes_the_api_again(demo: tuple[Database, SeedReport]) -> None:
    """Every seeded contact could have come through the API: no value that the stand-in would refuse."""
    db, _ = demo
    switches = Switches(db, [*PIPEDRIVE_SWITCHES, *PLEZI_SWITCHES])
    contacts = Contacts(db, Clock(db), switches, FieldBook(db))
    for contact in demo_world(1).contacts:
        assert contacts.checked(contact_body(contact), exists=False)
        assert contact.url == plezi_url(contact.id)


def test_person_bodies_are_those_of_version_two() -> None:
    """Both name parts where there are two, objects for addresses, options as ids, no computed field."""
    world = demo_world(1)
    bodies = [person_body(person) for person in world.persons]
    assert all({"first_name", "last_name"} <= body.keys() or "name" in body for body in bodies)
    assert not any("name" in body and "first_name" in body for body in bodies)
    assert {key for body in bodies for key in body} == {
        "name",
        "first_name",
        "last_name",
        "emails",
        "phones",
        "label_ids",
        "custom_fields",
    }
    assert all(email.keys() == {"label", "value", "primary"} for body in bodies for email in body["emails"])
    assert all(body["emails"][0]["primary"] for body in bodies if body["emails"])
