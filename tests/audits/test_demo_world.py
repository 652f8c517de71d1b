"""The demo's invented people: the audits of addresses and names find what was planted among them, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.model import Value
from pdsync.sandbox.seeding.demo import demo_world
from tests.audits.build import World, subjects

PLANTED = {
    "malformed-email": ["malformed-email"],
    "no-email": ["no-email"],
    "role-address": ["role-address"],
    "misplaced-name-part": ["name-split-differs"],
}
"""What an audit finds, by what the demo's book calls it."""
NOT_PLANTED = (
    "similar-mailbox", "disposable-email", "mistyped-domain", "placeholder-name", "honorific-in-name", "company-as-name",
    "digits-in-name", "email-as-name", "damaged-name", "equal-names", "all-caps-name", "name-order", "different-names",
)  # fmt: skip


@pytest.mark.parametrize("engine", ["polars", pytest.param("duckdb", marks=pytest.mark.long)])
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_demo_world_is_audited_exactly(tmp_path: Path, engine: str, seed: int) -> None:
    """3,400 records with accents, particles, apostrophes, compound names, secondary and international addresses."""
    made = demo_world(seed)
    world = World(tmp_path)
    for person in made.persons:
        names: dict[str, Value] = {
            "name": person.name, "first_name": person.first_name, "last_name": person.last_name,
        }  # fmt: skip
        world.person(str(person.id), *(address for address, _ in person.emails), **names)
    for contact in made.contacts:
        world.contact(contact.id, contact.email, first_name=contact.first_name, last_name=contact.last_name)

    result = world.audited(engine, *PLANTED, *NOT_PLANTED, "name-rule-wrong")

    def found(code: str) -> set[str]:
        return set().union(*subjects(result, code))

    book = made.manifest
    for code, kinds in PLANTED.items():
        assert found(code) == {name.partition(":")[2] for kind in kinds for name in book.subjects(kind)}, code
    assert {code: found(code) for code in NOT_PLANTED if found(code)} == {}
    spaced = {
        name.partition(":")[2]
        for defect in (*book.of("name-rule-wrong"), *book.of("name-split-differs"))
        for name in (*defect.subjects, *defect.related)
    }
    assert found("name-rule-wrong") == spaced - found("misplaced-name-part")
