"""What changed between two audits: new, solved, still there; nothing is said that cannot be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pdsync.engine.auditing import audit
from pdsync.engine.examine import examine
from pdsync.engine.inputs import bind_mapping, newest_snapshots
from pdsync.engine.stored_audits import stored_audits
from pdsync.model import (
    Acknowledgement,
    AuditDifferences,
    AuditReport,
    AuditRule,
    Capabilities,
    Coverage,
    FindingsDifference,
    GateState,
    Record,
    Side,
    Subject,
)
from tests.engine.planning_world import World
from tests.planning.build import CITY, SECTOR, contact, person

SOLO, ENERGY = 4, 1
PARTIAL = {Side.PIPEDRIVE: Coverage(complete=False, reason="a test")}


def persons(*numbers: int, sector: int | None = None, address: str = "") -> list[Record]:
    """Persons who differ in everything but what a test shares among them."""
    return [
        person(
            str(n),
            address or f"p{n}@example.com",
            first_name=f"Ana{'bcdefghij'[n % 9]}",
            last_name="Le Gall",
            sector=sector,
        )
        for n in numbers
    ]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An empty state."""
    return World(tmp_path, CITY, SECTOR, audits={"placeholder-name": AuditRule()})


def audited(
    world: World, held: Sequence[Record], contacts: Sequence[Record] = (), **more: object
) -> AuditReport:
    """Read and audit."""
    world.read(held, contacts, **more)  # type: ignore[arg-type]
    return examine(world.ws, on_event=lambda _: None)


def since(report: AuditReport, code: str = "duplicate-email") -> tuple[int, int, int, int]:
    """New, still there, solved, not seen."""
    assert report.differences is not None
    one = report.differences.by_code[code]
    return one.new, one.persisting, one.solved, one.unseen


SHARED = "shared@example.com"


def test_the_first_audit_has_nothing_to_compare_with(world: World) -> None:
    """No differences, rather than everything new."""
    report = audited(world, persons(1, 2, address=SHARED))
    assert report.differences is None
    assert "since" not in report.summaries[0].samples[0].details


def test_new_solved_and_still_there(world: World) -> None:
    """Two clusters, of which one is mended and another appears; findings say which they are."""
    audited(world, [*persons(1, 2, address=SHARED), *persons(3, 4, address="two@example.com")])
    report = audited(world, [*persons(1, 2, address=SHARED), *persons(5, 6, address="new@example.com")])

    assert since(report) == (1, 1, 1, 0)
    assert report.differences is not None
    (solved,) = report.differences.by_code["duplicate-email"].solved_samples
    assert [str(one) for one in solved.subjects] == ["pipedrive:person/3", "pipedrive:person/4"]
    (duplicates,) = (one for one in report.summaries if one.code == "duplicate-email")
    assert {f.subjects[0].id: f.details["since"] for f in duplicates.samples} == {
        "1": "persisting",
        "5": "new",
    }
    assert report.differences.blocked_records == 4
    assert report.differences.gate is GateState.NOT_READY


def test_a_cluster_that_grows_or_shrinks_is_the_same_finding(world: World) -> None:
    """Who is in it may change; as long as one of them is still found, it persists."""
    audited(world, persons(1, 2, address=SHARED))
    assert since(audited(world, persons(1, 2, 3, address=SHARED))) == (0, 1, 0, 0)
    assert since(audited(world, persons(2, 3, address=SHARED))) == (0, 1, 0, 0)


def test_counts_and_wording_make_no_new_finding(world: World) -> None:
    """An option finding stays the same while the number of its holders changes; another option is another finding."""
    first = audited(world, persons(1, 2, sector=SOLO))
    assert any(one.code == "option-mismatch" and one.findings for one in first.summaries)
    total = next(one.findings for one in first.summaries if one.code == "option-mismatch")

    assert since(audited(world, persons(1, 2, 3, 5, sector=SOLO)), "option-mismatch") == (0, total, 0, 0)
    gone = audited(world, [])
    assert since(gone, "option-mismatch")[0] == 0


def test_another_field_of_the_same_record_is_another_finding(world: World) -> None:
    """One code on one record: solved in the first name and new in the last name."""
    mended = person("1", "p@example.com", first_name="Ana", last_name="xxx")
    audited(world, [person("1", "p@example.com", first_name="xxx", last_name="Le Gall")])
    assert since(audited(world, [mended]), "placeholder-name") == (1, 0, 1, 0)


def test_an_audit_that_was_not_made_is_neither_solved_nor_new(world: World) -> None:
    """Switched off and on again: not compared, and why."""
    held = persons(1, 2, address=SHARED)
    audited(world, held)
    on = world.ws.mapping
    rules = {**on.audits, "duplicate-email": AuditRule(off=True)}
    world.ws.mapping = replace(on, audits=rules, digest="1" * 64)
    off = audited(world, held)
    assert off.differences is not None
    assert off.differences.not_compared == {"duplicate-email": "it is not made now"}
    assert "duplicate-email" not in off.differences.by_code

    world.ws.mapping = on
    again = audited(world, held)
    assert again.differences is not None
    assert again.differences.not_compared == {"duplicate-email": "it was not made then"}


def test_who_was_not_read_is_not_solved(world: World) -> None:
    """A partial read that lacks the records proves nothing; the records that it holds do."""
    audited(world, [*persons(1, 2, address=SHARED), *persons(3, 4, address="two@example.com")])

    report = audited(world, persons(3, 5), coverage=PARTIAL)

    assert since(report) == (0, 0, 1, 1)
    assert report.differences is not None
    assert report.differences.unseen == sum(one.unseen for one in report.differences.by_code.values()) > 0


def test_auditing_the_same_again_compares_with_the_audit_before(world: World) -> None:
    """The trend is measured from other snapshots, not from a second look at these."""
    first = audited(world, persons(1, 2, address=SHARED))
    audited(world, persons(1, 2))
    twice = examine(world.ws, on_event=lambda _: None)

    assert since(twice) == (0, 0, 1, 0)
    assert twice.differences is not None
    assert twice.differences.audit == Path(first.table).stem


def test_another_mapping_or_source_is_not_compared(world: World) -> None:
    """Only audits of the same accounts, sources and mapping file."""
    audited(world, persons(1, 2, address=SHARED))
    world.ws.mapping = replace(world.ws.mapping, name="other")
    assert audited(world, persons(1, 2)).differences is None

    world.ws.mapping = replace(world.ws.mapping, name="contacts")
    world.capabilities = {Side.PIPEDRIVE: Capabilities(read_by_id=False, create=False, update=False)}
    export = audited(world, persons(1, 2))
    assert export.sources == {Side.PIPEDRIVE: "export", Side.PLEZI: "account"}
    assert export.differences is None


def test_a_stored_audit_tells_the_same(world: World) -> None:
    """What a screen reads from the state folder is what was said, samples aside."""
    audited(world, persons(1, 2, address=SHARED))
    known = Acknowledgement(
        "duplicate-email", Subject.parse("pipedrive:person/1"), "f", "w", until=date(2020, 1, 1)
    )
    world.read([*persons(1, 2, address=SHARED), *persons(3)], [contact("a", "p3@example.com")])
    snapshots = newest_snapshots(world.ws)
    bound, _ = bind_mapping(world.ws, {side: one.schema for side, one in snapshots.items()}, None)
    made = audit(snapshots, bound, store_in=world.ws.folder.audits, accepted=[known]).report

    stored = next(stored_audits(world.ws.folder.audits)).report

    assert stored.gate == made.gate
    assert stored.acknowledgements == made.acknowledgements != ()
    assert stored.sources == made.sources
    assert stored.complete == made.complete
    assert without_samples(stored.differences) == without_samples(made.differences)


def without_samples(differences: AuditDifferences | None) -> AuditDifferences:
    """The counts alone."""
    assert differences is not None
    bare = {
        code: FindingsDifference(one.new, one.persisting, one.solved, one.unseen)
        for code, one in differences.by_code.items()
    }
    return replace(differences, by_code=bare)
