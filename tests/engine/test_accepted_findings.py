"""From the file in git to the gate and the plan: what is acknowledged, what counts, and who stays out all the same."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pdsync.engine import acknowledging
from pdsync.engine.acknowledging import accepted_file, acknowledge, parse_subject, remove, this_person
from pdsync.engine.checking import check
from pdsync.engine.examine import examine
from pdsync.engine.explaining import explain
from pdsync.engine.prepare import prepare
from pdsync.errors import MappingError, UsageError
from pdsync.model import (
    AcknowledgedState,
    AuditReport,
    AuditRule,
    GateState,
    HoldKind,
    Severity,
    Side,
    Subject,
)
from tests.engine.planning_world import World
from tests.planning.build import CITY, contact, person

TOMORROW = datetime.now(UTC).date() + timedelta(days=2)
SHARED = "shared@example.com"
PERSONS = [
    person("1", SHARED, first_name="Ana", last_name="Le Gall"),
    person("2", SHARED, first_name="Bo", last_name="Dupont"),
    person("3", "info@example.com", first_name="Cy", last_name="Vidal"),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two persons behind one address, and a role address; the mapping lies in a folder of its own."""
    quiet = {
        code: AuditRule(off=True)
        for code in (
            "consent-not-covered",
            "import-share",
            "one-sided-scope",
            "option-mismatch",
        )
    }
    world = World(tmp_path, CITY, audits=quiet)
    world.ws.settings = replace(world.ws.settings, mapping=tmp_path / "mappings" / "contacts.yaml")
    world.read(PERSONS)
    return world


def audited(world: World) -> AuditReport:
    """Audit what was read."""
    return examine(world.ws, on_event=lambda _: None)


def states(report: AuditReport) -> list[AcknowledgedState]:
    """What became of the entries."""
    return [one.state for one in report.acknowledgements]


async def test_the_other_records_of_the_finding_are_named_as_well(world: World) -> None:
    """One record is typed; the newest audit knows who else is in the finding."""
    audited(world)

    written = acknowledge(
        world.ws, "duplicate-email", ["pipedrive:1"], why="one mailbox", who="Zoé", until=TOMORROW
    )

    assert written.entry.subjects == (
        Subject(Side.PIPEDRIVE, "person", "1"),
        Subject(Side.PIPEDRIVE, "person", "2"),
    )
    assert (written.replaced, written.findings) == (False, 1)
    assert written.path == accepted_file(world.ws)


async def test_acknowledged_blocking_findings_let_nobody_into_a_plan(world: World) -> None:
    """The gate is no longer about them; the plan keeps the records out exactly as before, and says so."""
    before = await prepare(world.ws)
    assert before.header.gate.state is GateState.NOT_READY
    planned = list(before.changes())
    audited(world)
    acknowledge(world.ws, "duplicate-email", ["pipedrive:1"], why="one mailbox", who="Zoé")

    report = audited(world)
    (duplicates,) = (one for one in report.summaries if one.code == "duplicate-email")
    assert (duplicates.findings, duplicates.acknowledged) == (1, 1)
    assert duplicates.samples[0].details["acknowledged"] == {"who": "Zoé", "why": "one mailbox", "until": ""}
    assert report.gate.state is not GateState.NOT_READY
    assert (report.gate.blocked_records, report.gate.held_records) == (0, 2)

    after = await prepare(world.ws)
    assert list(after.changes()) == planned
    assert after.header.id != before.header.id, "another gate is another plan to review"
    assert after.header.gate.held_records == 2
    touched = {change.pipedrive_id for change in after.changes()}
    assert not touched & {"1", "2"}
    assert HoldKind.AMBIGUOUS in [hold.kind for hold in explain(world.ws, "pipedrive:1").holds]


async def test_a_blocked_record_that_is_alone_stays_out_too(world: World) -> None:
    """Also where only the audit keeps it out: severity by the mapping, acknowledged, and still not created."""
    rules = {**world.ws.mapping.audits, "role-address": AuditRule(severity=Severity.BLOCKING)}
    world.ws.mapping = replace(world.ws.mapping, audits=rules)
    audited(world)
    acknowledge(world.ws, "role-address", ["pipedrive:person/3"], why="the desk", who="Zoé")

    plan = await prepare(world.ws)

    assert not [one for one in plan.changes() if one.pipedrive_id == "3"]
    assert plan.header.totals.counts["blocked"] == 1
    explained = explain(world.ws, "pipedrive:person/3")
    assert [hold.kind for hold in explained.holds] == [HoldKind.BLOCKED]
    assert explained.changes == ()


def test_thresholds_count_what_nobody_acknowledged(world: World) -> None:
    """``allow`` and ``allow_percent`` are about open findings."""
    rules = {**world.ws.mapping.audits, "duplicate-email": AuditRule(allow=0, allow_percent=10)}
    world.ws.mapping = replace(world.ws.mapping, audits=rules)
    assert audited(world).gate.refused
    acknowledge(world.ws, "duplicate-email", ["pipedrive:1"], why="one mailbox")

    assert audited(world).gate.refused == ()


def test_a_third_record_reopens_the_finding(world: World) -> None:
    """Whoever joins is news: the finding counts again, the report names who it is."""
    audited(world)
    acknowledge(world.ws, "duplicate-email", ["pipedrive:1"], why="one mailbox")
    world.read([*PERSONS, person("4", SHARED, first_name="Di", last_name="Roy")])

    report = audited(world)

    assert states(report) == [AcknowledgedState.PARTIAL]
    assert report.acknowledgements[0].unnamed == (Subject(Side.PIPEDRIVE, "person", "4"),)
    assert report.gate.blocked_records == 3


def test_an_expired_entry_counts_again_and_one_of_nothing_is_said(world: World) -> None:
    """Both are told; neither changes the gate."""
    path = accepted_file(world.ws)
    path.parent.mkdir(parents=True)
    path.write_text(
        "version: 1\naccepted:\n"
        "  - {code: duplicate-email, subject: 'pipedrive:person/1', also: ['pipedrive:person/2'], who: z, why: w, "
        "until: 2020-01-01}\n"
        "  - {code: duplicate-email, subject: 'pipedrive:person/99', who: z, why: w}\n"
        "  - {code: option-mismatch, subject: 'pipedrive:option/sector/1', who: z, why: w}\n",
        "utf-8",
    )
    report = audited(world)

    assert states(report) == [
        AcknowledgedState.EXPIRED,
        AcknowledgedState.NOTHING,
        AcknowledgedState.NOT_CHECKED,
    ]
    assert report.gate.blocked_records == 2


async def test_a_wrong_file_stops_audit_plan_and_check(world: World) -> None:
    """With file, line and column; nothing is audited under half a file."""
    path = accepted_file(world.ws)
    path.parent.mkdir(parents=True)
    path.write_text(
        "version: 1\naccepted:\n  - {code: role-adress, subject: 'plezi:contact/1', who: z, why: w}\n"
    )

    with pytest.raises(MappingError, match=r"contacts.yaml:3:12 .*did you mean 'role-address'"):
        audited(world)
    with pytest.raises(MappingError):
        await prepare(world.ws)
    assert any(f.place and f.place.path == str(path) for f in await check(world.ws))


def test_removed_it_counts_again(world: World) -> None:
    """The way back."""
    audited(world)
    acknowledge(world.ws, "duplicate-email", ["pipedrive:person/2"], why="one mailbox")
    remove(world.ws, "duplicate-email", "pipedrive:person/2")

    assert audited(world).gate.blocked_records == 2
    with pytest.raises(UsageError, match="has no entry"):
        remove(world.ws, "duplicate-email", "pipedrive:person/2")


@pytest.mark.parametrize(
    ("code", "subject", "why", "until", "says"),
    [
        ("duplicate-emails", "pipedrive:1", "w", None, "did you mean 'duplicate-email'"),
        ("duplicate-email", "1042", "w", None, "is no subject"),
        ("duplicate-email", "pipedrive:contact/1", "w", None, "is no subject"),
        ("duplicate-email", "plezi:contact/", "w", None, "is no subject"),
        ("duplicate-email", "pipedrive:1", "ask ana@example.com", None, "looks like an email address"),
        ("duplicate-email", "plezi:contact/ana@example.com", "w", None, "looks like an email address"),
        ("duplicate-email", "pipedrive:1", "  ", None, "Say why"),
        ("duplicate-email", "pipedrive:1", "w", date(2020, 1, 1), "is over already"),
    ],
)
def test_what_may_not_be_acknowledged(
    world: World, code: str, subject: str, why: str, until: date | None, says: str
) -> None:
    """One clear error each, and no file."""
    with pytest.raises(UsageError, match=says):
        acknowledge(world.ws, code, [subject], why=why, until=until)
    assert not accepted_file(world.ws).exists()


def test_a_finding_about_an_option_is_acknowledged_by_the_option(tmp_path: Path) -> None:
    """Naming one of its holders is refused with the name to use."""
    world = World(tmp_path)
    world.ws.settings = replace(world.ws.settings, mapping=tmp_path / "mappings" / "contacts.yaml")
    world.read([person("1", "a@example.com", sector=4)], [contact("a", "a@example.com")])
    audited(world)

    with pytest.raises(UsageError, match="pipedrive:option/sector/4"):
        acknowledge(world.ws, "option-mismatch", ["pipedrive:person/1"], why="w")
    written = acknowledge(world.ws, "option-mismatch", ["pipedrive:option/sector/4"], why="renamed soon")
    assert written.entry.also == ()
    assert AcknowledgedState.HOLDS in states(audited(world))


def test_subjects_are_typed_in_short() -> None:
    """The noun of a record may be left out."""
    assert parse_subject(" plezi:ab12 ") == Subject(Side.PLEZI, "contact", "ab12")
    assert parse_subject("plezi:option/plz_x/a/b") == Subject(Side.PLEZI, "option", "plz_x/a/b")


def test_who_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git's user name, else the login."""
    answer = subprocess.CompletedProcess([], 0, stdout=" Zoé  O'Brien \n", stderr="")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    monkeypatch.setattr("shutil.which", lambda _: "git")
    assert this_person() == "Zoé O'Brien"

    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("getpass.getuser", lambda: "zoe")
    assert this_person() == "zoe"
    assert acknowledging.__doc__
