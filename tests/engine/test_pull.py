"""Reading both sides: whole or not at all, the right account, complete only where that is proven (design 6)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdsync.engine import pull as pulling
from pdsync.engine.inputs import bind_mapping
from pdsync.engine.pull import pull
from pdsync.engine.workspace import Workspace
from pdsync.errors import AccountMismatch, BadAnswer, StorageFull, Unreachable
from pdsync.model import (
    Capabilities,
    Field,
    Finding,
    Gate,
    GateState,
    Kind,
    Option,
    PlanHeader,
    PlanTotals,
    Progress,
    RunKind,
    RunState,
    RunSummary,
    Severity,
    Side,
)
from pdsync.snapshots.reader import Snapshot, latest, list_snapshots
from pdsync.store import PlanWriter
from tests.engine.pull_world import PullWorld

P, Z = Side.PIPEDRIVE, Side.PLEZI


@pytest.fixture
def world(tmp_path: Path) -> PullWorld:
    """Three persons and one contact."""
    made = PullWorld(tmp_path)
    made.services[P].put("1", "ann@example.com", first_name="Ann", sector="9")
    made.services[P].put("2", "bob@example.com", "b@example.org", first_name="Bob")
    made.services[P].put("10", first_name="Zoé")
    made.services[Z].put("c1", "ann@example.com", first_name="Ann")
    return made


async def _pull(world: PullWorld, **wishes: object) -> dict[Side, Snapshot]:
    async with world.open() as ws:
        return await pull(ws, on_event=world.events.append, **wishes)  # type: ignore[arg-type]


async def test_what_the_services_hold_is_what_the_snapshots_hold(world: PullWorld) -> None:
    """Every record with every delivered value, on both sides, with the schema and account it was read under."""
    found = await _pull(world)
    for side, service in world.services.items():
        records = {one.id: one for batch in found[side].records() for one in batch}
        assert records == service.people
        assert found[side].account == await service.account()
        assert found[side].schema == await service.schema()
        assert latest(world.state, side) == found[side]


async def test_progress_is_told_per_side_and_ends_with_the_total(world: PullWorld) -> None:
    """Screens draw from these events and from nothing else."""
    await _pull(world)
    for side, stage in ((P, "read persons"), (Z, "read contacts")):
        told = [one for one in world.events if isinstance(one, Progress) and one.side is side]
        assert {one.stage for one in told} == {stage}
        assert told[-1] == Progress(
            stage, len(world.services[side].people), len(world.services[side].people), side
        )


async def test_digests_rest_on_the_mapping_that_planning_will_bind(world: PullWorld) -> None:
    """Otherwise every link would be looked at in every plan."""
    found = await _pull(world)
    async with world.open() as ws:
        bound, _ = bind_mapping(ws, {side: found[side].schema for side in Side}, ws.state.ledger)
    assert {one.digest_basis for one in found.values()} == {bound.version}


async def test_without_a_mapping_that_fits_reading_goes_on_without_digests(world: PullWorld) -> None:
    """The first thing that people do is read; and a mapping is corrected against what was read."""
    world.mapping.write_text(
        world.mapping.read_text() + "  - {pipedrive: nope, plezi: sector, direction: both}\n"
    )
    found = await _pull(world)
    assert {one.digest_basis for one in found.values()} == {""}
    assert any("unknown field 'nope'" in note for note in world.notes())
    world.mapping.unlink()
    assert (await _pull(world))[P].digest_basis == ""


async def test_another_account_is_refused_before_anything_is_read(world: PullWorld) -> None:
    """Design 6, Accounts: the state belongs to the accounts of its first complete read."""
    await _pull(world)
    world.services[P].account_id = "other"
    world.services[P].calls.clear()
    with pytest.raises(AccountMismatch, match="other"):
        await _pull(world)
    assert world.services[P].calls == ["account", "aclose"]
    assert len(list_snapshots(world.state)) == 2


@pytest.mark.parametrize(
    ("sees_everything", "confirmed", "read_all", "bad_rows", "complete"),
    [
        (True, False, True, 0, True),
        (False, False, True, 0, False),
        (False, True, True, 0, True),
        (True, True, False, 0, False),
        (True, True, True, 1, False),
    ],
)
async def test_complete_is_only_what_is_proven_or_confirmed(
    world: PullWorld, *, sees_everything: bool, confirmed: bool, read_all: bool, bad_rows: int, complete: bool
) -> None:
    """Design 6, Absence: a full read with admin access, or one that a person confirmed; never with unreadable rows."""
    service = world.services[P]
    service.sees_everything = sees_everything
    service.capabilities = Capabilities(read_all=read_all)
    service.bad_rows = tuple(Finding("bad-row", Severity.WARNING, f"row {row}") for row in range(bad_rows))
    world.flags["PDSYNC_PIPEDRIVE_CONFIRM_COMPLETE_READ"] = confirmed
    coverage = (await _pull(world))[P].coverage
    assert coverage.complete is complete
    assert bool(coverage.reason) is not complete


async def test_rows_that_cannot_be_read_are_told_and_counted(world: PullWorld) -> None:
    """Some one by one, the rest as a number; none is dropped in silence."""
    world.services[Z].bad_rows = tuple(
        Finding("bad-row", Severity.WARNING, f"row {row}") for row in range(30)
    )
    found = await _pull(world)
    assert world.notes()[:2] == ["row 0", "row 1"]
    assert world.notes()[-1] == "... and 10 more that could not be read"
    assert found[Z].coverage.reason == "30 rows could not be read"


async def test_the_first_complete_snapshot_says_who_existed_before(world: PullWorld) -> None:
    """Design 6, Who existed before: a partial one says nothing, a later one changes nothing."""
    world.services[P].sees_everything = False
    await _pull(world)
    async with world.open() as ws:
        assert not ws.state.ledger.has_existing(P)
        assert ws.state.ledger.existing_ids(Z) == {"c1"}
    world.services[P].sees_everything = True
    await _pull(world)
    world.services[P].put("11", "new@example.com")
    await _pull(world)
    async with world.open() as ws:
        assert ws.state.ledger.existing_ids(P) == {"1", "2", "10"}
        assert set(ws.state.ledger.accounts()) == set(Side)


async def test_one_side_alone_leaves_the_other_as_it_was(world: PullWorld) -> None:
    """``--sides``: the mapping is bound with the other side's last schema, so that digests stay comparable."""
    first = await _pull(world)
    world.services[Z].calls.clear()
    second = await _pull(world, sides=[P])
    assert set(second) == {P}
    assert world.services[Z].calls == []
    assert second[P].digest_basis == first[P].digest_basis != ""
    assert latest(world.state, Z) == first[Z]


@pytest.mark.parametrize("error", [Unreachable("gone"), BadAnswer("<html>"), StorageFull("full")])
async def test_a_failure_on_one_side_leaves_nothing_of_either(world: PullWorld, error: Exception) -> None:
    """No half of a world: the error comes as it was raised, and only finished snapshots are seen."""

    def fail(number: int) -> None:
        if number == 1:
            raise error

    world.services[P].after_page = fail
    with pytest.raises(type(error)) as raised:
        await _pull(world)
    assert raised.value is error
    assert [one for one in list_snapshots(world.state) if one.side is P] == []
    assert list(world.snapshots.glob(".*")) == []


async def test_an_interrupted_read_leaves_nothing_and_says_so(world: PullWorld) -> None:
    """Control-C in the middle: no snapshot, no leftover, one sentence, and the interrupt goes on to its caller."""
    task = asyncio.ensure_future(_pull(world))
    world.services[P].after_page = lambda number: asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list_snapshots(world.state) == []
    assert list(world.snapshots.iterdir()) == []
    assert world.notes() == [
        "Reading was stopped. Nothing of it was kept; earlier snapshots are as they were."
    ]


async def test_an_increment_reads_what_changed_and_keeps_the_rest(world: PullWorld) -> None:
    """From a little before the last read began, by the service's clock, and from the highest known id on."""
    first = await _pull(world)
    world.pass_time(timedelta(hours=2))
    world.services[P].put("2", "bob@example.net", first_name="Robert")
    world.services[P].put("11", "new@example.com")
    found = await _pull(world, incremental=True)
    assert "pages since 23:58 above 10" in world.services[P].calls
    assert {one.id: one for batch in found[P].records() for one in batch} == world.services[P].people
    assert found[P].manifest.increment_of == first[P].id
    assert found[P].coverage.complete
    assert found[P].full_read_at == first[P].taken_at
    again = await _pull(world, incremental=True)
    assert again[P].full_read_at == first[P].taken_at


async def test_an_increment_does_not_see_deletions_and_says_since_when(world: PullWorld) -> None:
    """What ``Coverage.full_read_at`` is for; the next full read sees them."""
    first = await _pull(world)
    world.pass_time(timedelta(hours=2))
    del world.services[P].people["1"]
    kept = await _pull(world, incremental=True)
    assert "1" in set(kept[P].ids())
    assert kept[P].coverage.full_read_at == first[P].manifest.taken_at
    full = await _pull(world)
    assert "1" not in set(full[P].ids())
    assert full[P].coverage.full_read_at == ""


async def test_a_full_read_comes_where_an_increment_would_not_be_enough(
    world: PullWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing to go on from, a new field, a partial or a day-old snapshot, no list by time of change."""
    assert "pages" in (await _calls(world))
    world.services[P].fields = (*(await world.services[P].schema()).fields, Field("new", "New", Kind.TEXT))
    assert "pages" in (await _calls(world))
    assert "pages" not in (await _calls(world))
    world.services[P].capabilities = replace(world.services[P].capabilities, incremental=False)
    assert "pages" in (await _calls(world))
    world.services[P].capabilities = Capabilities(incremental=True)
    world.services[P].sees_everything = False
    await _pull(world)
    assert "pages" in (await _calls(world))
    world.services[P].sees_everything = True
    await _pull(world)
    monkeypatch.setattr(pulling, "FULL_READ_EVERY", timedelta(0))
    assert "pages" in (await _calls(world))


async def _calls(world: PullWorld) -> list[str]:
    world.services[P].calls.clear()
    await _pull(world, incremental=True)
    return world.services[P].calls


async def test_old_snapshots_go_and_the_newest_stay(
    world: PullWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold personal data and are only looked at once."""
    monkeypatch.setattr(pulling, "_KEPT", 2)
    made = [(await _pull(world, sides=[P]))[P].id for _ in range(4)]
    assert [one.id for one in list_snapshots(world.state, P)] == made[:1:-1]


async def test_after_an_undo_everything_is_read(world: PullWorld) -> None:
    """An undo may have deleted what an apply created, and no increment would notice."""
    await _pull(world)
    assert "pages" not in await _calls(world)
    async with world.open() as ws:
        _run(ws, "20300101-000000-undo", RunKind.UNDO)
    assert "pages" in await _calls(world)
    assert "pages" not in await _calls(world)


async def test_snapshots_behind_a_run_that_can_be_undone_stay(
    world: PullWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design 7, Undo; once it was undone, they go like others."""
    monkeypatch.setattr(pulling, "_KEPT", 1)
    first = await _pull(world, sides=[P])
    async with world.open() as ws:
        header = PlanHeader(
            "plan-1", "contacts", "", "", {P: first[P].id}, 0, {}, Gate(GateState.READY), PlanTotals({})
        )
        with PlanWriter(ws.folder.plans) as writer:
            writer.finish(header)
        _run(ws, "20300101-000000-aaaa", RunKind.APPLY, plan_id="plan-1")
    await _pull(world, sides=[P])
    newest = await _pull(world, sides=[P])
    assert [one.id for one in list_snapshots(world.state, P)] == [newest[P].id, first[P].id]
    async with world.open() as ws:
        _run(ws, "20300101-000001-undo", RunKind.UNDO, undoes="20300101-000000-aaaa")
    newest = await _pull(world, sides=[P])
    assert [one.id for one in list_snapshots(world.state, P)] == [newest[P].id]


def _run(ws: Workspace, name: str, kind: RunKind, plan_id: str = "", undoes: str = "") -> None:
    """Note a run that ended just now."""
    run = RunSummary(
        name, kind, RunState.DONE, plan_id, "contacts", datetime.now(UTC).isoformat(), undoes=undoes
    )
    with ws.state.writing("test") as state, state.transaction() as transaction:
        transaction.journal.begin(run)


async def test_field_lists_are_written_without_reading_anybody(world: PullWorld) -> None:
    """``pull --fields``: Pipedrive's own list as it is, Plezi's with what records showed, marked as observed."""
    world.services[Z].put("c2", sector="banque")
    await _pull(world)
    for service in world.services.values():
        service.calls.clear()
    assert await _pull(world, fields_only=True) == {}
    assert not any(call.startswith("pages") for service in world.services.values() for call in service.calls)
    folder = world.mapping.parent / "fields"
    pipedrive, plezi = ((folder / f"{side}.yaml").read_text(encoding="utf-8") for side in Side)
    assert "Yes" in pipedrive
    assert "observed" not in pipedrive
    assert "banque" in plezi
    assert "observed: true" in plezi
    assert "example.com" not in pipedrive + plezi
    world.events.clear()
    await _pull(world, fields_only=True)
    assert [note.rpartition(": ")[2] for note in world.notes()] == ["nothing new", "nothing new"]


async def test_an_option_that_is_listed_is_not_observed_again(world: PullWorld) -> None:
    """Only what no list names is added."""
    world.services[Z].fields = (
        Field("email", "Email", Kind.EMAILS),
        Field("sector", "Sector", Kind.OPTION, options=(Option("banque", "Banque"),)),
    )
    world.services[Z].put("c2", sector="banque")
    await _pull(world)
    await _pull(world, fields_only=True, sides=[Z])
    assert (world.mapping.parent / "fields" / "plezi.yaml").read_text(encoding="utf-8").count("banque") == 1
