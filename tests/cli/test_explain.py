"""``pdsync explain`` on a running sandbox: from stored snapshots without a request, live with two, and after a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.accounts import point_at, put_mapping
from tests.cli.invoking import Run
from tests.sandbox_process import SandboxProcess


@pytest.fixture
def accounts(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SandboxProcess:
    """Both services with a few people, a mapping for them, and settings that point there."""
    sandbox.control.seed("bench", size=8, changed_percent=50)
    point_at(sandbox, monkeypatch)
    put_mapping(tmp_path)
    return sandbox


@pytest.mark.long
def test_one_person_from_the_first_read_to_after_the_run(accounts: SandboxProcess, run: Run) -> None:
    """By address: decided as the plan decides, without a request; after the run linked, with what was written."""
    run("pull")
    plan = run("plan", "--json").data
    change = next(one for one in plan["changes"] if one["kind"] == "update" and one["plezi_id"])
    accounts.control.clear_ledger()

    before = run("explain", f"pipedrive:person/{change['pipedrive_id']}", "--json").data
    (address, *_) = before["records"]["plezi"]["addresses"]
    by_address = run("explain", address.upper(), "--json").data

    assert accounts.control.requests() == 0
    assert {**by_address, "asked": ""} == {**before, "asked": ""}
    assert before["match"] == "paired"
    assert before["plan"]["current"]
    mine = [one for one in plan["changes"] if one["pipedrive_id"] == change["pipedrive_id"]]
    assert [(one["kind"], one["fields"]) for one in before["changes"]] == [
        (one["kind"], one["fields"]) for one in mine
    ]
    shown = run("explain", address).out
    assert shown.startswith(f"{before['title']}\nWould link both records and update")

    applied = run("apply", "last", *plan["needs"], "--yes", "--json")
    assert applied.code == 0, applied.err
    stale = run("explain", address, "--json").data
    assert "was last read before the last run wrote" in stale["verdict"]
    assert stale["plan"]["run"] == applied.data["id"]
    values = [one["code"] for one in stale["written"] if one["side"] == change["side"]]
    assert sorted(values) == sorted(one["code"] for one in change["fields"])

    accounts.control.clear_ledger()
    live = run("explain", address, "--live", "--json").data
    assert accounts.control.requests(method="PATCH") == 0
    assert all(one["live"] for one in live["records"].values())
    assert live["match"] == "linked"
    assert live["verdict"] == "nothing to write"
    assert all(one["standing"] in ("same", "off") for one in live["fields"])


def test_whom_nobody_knows(accounts: SandboxProcess, run: Run) -> None:
    """Exit 2 and what to type next; before anything was read as well; control sequences do nothing."""
    del accounts
    unread = run("explain", "1")
    assert unread.code == 2
    assert "pdsync pull" in unread.err

    run("pull")
    nobody = run("explain", "nobody\x1b[2J@example.com")
    assert nobody.code == 2
    assert "\x1b" not in nobody.err
    assert r"nobody\x1b[2J@example.com" in nobody.err
    assert "pdsync pull" in nobody.err
    assert run("explain", "plezi:person/1").code == 2
