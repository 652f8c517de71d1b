"""``pdsync release``: what an undo holds is named, and let go of by a person only."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.model import LinkState, Side
from pdsync.store import State
from tests.cli.accounts import point_at, put_mapping
from tests.cli.conftest import Prepare
from tests.cli.invoking import Run
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def undone(
    sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run, prepare: Prepare
) -> str:
    """Ten pairs, all of which differed; synced, and undone. Returns the id of the undo."""
    sandbox.control.seed("bench", size=10, changed_percent=100)
    point_at(sandbox, monkeypatch)

    def sync_and_undo() -> None:
        put_mapping(tmp_path)
        run("pull")
        plan = run("plan", "--json").data
        assert run("apply", "last", *plan["needs"], "--allow", "changed_percent=100", "--yes").code == 0
        assert run("undo", "last", "--yes").code == 0
        run("pull")

    prepare(sync_and_undo)
    undo: str = run("history", "--json").data["runs"][0]["id"]
    return undo


def _hold(record_id: str, why: str, run_id: str) -> None:
    with (
        State.open(Path(".pdsync/state.sqlite3"), Path(".pdsync/lock")) as state,
        state.writing("test") as writer,
        writer.transaction() as t,
    ):
        t.ledger.hold_create(Side.PIPEDRIVE, record_id, why=why, run_id=run_id)


@pytest.mark.long
def test_what_an_undo_left_is_written_again_only_after_a_release(undone: str, run: Run) -> None:
    """A plan after an undo is empty; released, one pair is planned as before the undo, and the others stay."""
    assert run("plan", "--json").data["empty"]
    listed = run("release", "--json").data
    assert not listed["released"]
    one = listed["fields"][0]
    of_it = [field for field in listed["fields"] if field["pipedrive"] == one["pipedrive"]]

    released = run("release", f"pipedrive:person/{one['pipedrive']}", "--json").data

    assert released["fields"] == of_it
    plan = run("plan", "--json").data
    written = {
        (change["pipedrive_id"], field["field"])
        for change in plan["changes"]
        if change["kind"] == "update"
        for field in change["fields"]
    }
    assert written == {(one["pipedrive"], field["field"]) for field in of_it}
    assert len(run("release", "--json").data["fields"]) == len(listed["fields"]) - len(of_it)
    assert run("release", "--all", "--json").data["fields"]
    assert run("release").out == "Nothing is held.\n"


def test_a_held_create_is_named_with_its_reason_and_released_by_name(undone: str, run: Run) -> None:
    """A create whose answer was lost waits for a person, who is told why, by which run, and what to type."""
    _hold("77", "unknown", undone)
    _hold("78", "undone", undone)
    shown = run("release")
    assert "pipedrive:person/77   a create may have happened: its answer was lost; look whether" in shown.out
    assert f"(run {undone})" in shown.out
    assert "pdsync release WHO" in shown.err
    doctor = {check["name"]: check for check in run("doctor", "--json").data["checks"]}
    assert doctor["held"]["says"].startswith("2 records from which nothing is created (again) and ")
    assert doctor["held"]["fix"].endswith("pdsync release")

    assert run("release", "pipedrive:77", "--json").data["creates"] == [
        {"side": "pipedrive", "record": "77", "why": "unknown", "run": undone}
    ]

    assert [one["record"] for one in run("release", "--json").data["creates"]] == ["78"]


def test_a_broken_link_is_let_go_of_by_name_only(undone: str, run: Run) -> None:
    """``--all`` keeps it: what is left of it counts as new from then on, which somebody has to mean."""
    del undone
    with (
        State.open(Path(".pdsync/state.sqlite3"), Path(".pdsync/lock")) as state,
        state.writing("test") as writer,
        writer.transaction() as t,
    ):
        t.ledger.set_link(("770", "gone"), address="x@example.com", state=LinkState.BROKEN)
    run("release", "--all")
    shown = run("release")
    assert "broken links" in shown.out
    assert "pipedrive:person/770  plezi:contact/gone" in shown.out
    doctor = {check["name"]: check for check in run("doctor", "--json").data["checks"]}
    assert doctor["held"]["says"] == "1 broken links"
    assert run("release", "plezi:contact/gone", "--json").data["links"] == [
        {"pipedrive": "770", "plezi": "gone"}
    ]
    assert run("release").out == "Nothing is held.\n"


def test_nothing_is_released_if_one_name_is_wrong(undone: str, run: Run) -> None:
    """All or none; the message says where to look."""
    _hold("77", "unknown", undone)

    refused = run("release", "77", "plezi:77")

    assert refused.code == 2
    assert "Nothing is held of 'plezi:77'" in refused.err
    assert [one["record"] for one in run("release", "--json").data["creates"]] == ["77"]


def test_without_a_state_nothing_is_held(run: Run) -> None:
    """Before the first read there is nothing to let go of, and no state is made for it."""
    assert run("release").out == "Nothing is held.\n"
    assert not Path(".pdsync/state.sqlite3").exists()
