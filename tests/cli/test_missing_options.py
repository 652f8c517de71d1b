"""An option that Pipedrive's list lacks, from the audit to the undo, on a running sandbox (R24)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from pdsync.sandbox.seeding.fieldset import PLZ_SECTOR, SECTOR
from tests.cli.accounts import point_at, put_mapping
from tests.cli.invoking import Run
from tests.cli.test_fixes import sectors
from tests.sandbox_process import SandboxProcess

PAIRS = 4
MISSING = ("agroalimentaire", "Agroalimentaire")
"""Value and label of the option that only Plezi's list has."""
ROUTE = "/api/v2/personFields/{field_code}/options"


def choose(sandbox: SandboxProcess) -> None:
    """A contact chooses the option that Pipedrive lacks."""
    with httpx.Client(
        base_url=f"{sandbox.plezi_url}/api/sandbox/v1", headers=sandbox.plezi_headers, trust_env=False
    ) as http:
        contact = http.get("/contacts").json()["data"][0]["id"]
        http.patch(f"/contacts/{contact}", json={PLZ_SECTOR.key: MISSING[0]}).raise_for_status()


def written(plan: dict[str, Any]) -> list[object]:
    """The sectors that a plan writes to Pipedrive."""
    return [
        field["after"]
        for change in plan["changes"]
        if change["side"] == "pipedrive"
        for field in change["fields"]
        if field["code"] == SECTOR.code
    ]


def missing(run: Run) -> list[str]:
    """The options that the audit finds missing in Pipedrive."""
    audits = {one["code"]: one for one in run("audit", "--json").data["audits"]}
    return [
        one["details"]["subjects"][0]["option"]
        for one in audits["option-mismatch"]["samples"]
        if "has no counterpart in Pipedrive" in one["message"]
    ]


@pytest.fixture
def fixes(sandbox: SandboxProcess, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Accounts in sync, then a contact with the option; its fix file with that option accepted."""
    point_at(sandbox, monkeypatch)
    put_mapping(tmp_path)
    sandbox.control.seed("bench", size=PAIRS, changed_percent=0)
    run("pull")
    assert run("plan", "-o", "first.pdsync", "--json").code == 0
    assert run("apply", "first.pdsync", "--first-run", "--yes").code == 0
    choose(sandbox)
    run("pull")
    assert run("audit", "--fixes", "fixes.yaml", "--fixes-for", "option-mismatch").code in (0, 1)
    path = Path("fixes.yaml")
    text = path.read_text("utf-8")
    assert f"accept: no, side: pipedrive, field: Secteur, label: {MISSING[1]}, records: 1" in text
    path.write_text(text.replace("accept: no, side: pipedrive", "accept: yes, side: pipedrive"), "utf-8")
    return path


def refused(sandbox: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token without the right: told in the service's words. Which users have it no public source says: a switch."""
    sandbox.control.turn(pipedrive__anybody_changes_lists=False)
    user = next(one for one in sandbox.control.state()["users"] if not one["is_admin"])
    with monkeypatch.context() as patch:
        patch.setenv("PDSYNC_PIPEDRIVE_TOKEN", sandbox.control.new_token(user["id"]))
        applied = run("apply", "fixes.pdsync", "--yes", "--json")
    sandbox.control.turn(pipedrive__anybody_changes_lists=True)
    assert (applied.code, applied.data["outcomes"]) == (1, {"failed": 1})
    assert "does not allow 'add options to field" in run("history", "last").out
    assert MISSING[1] not in sectors(sandbox)


@pytest.mark.long
def test_from_the_audit_to_the_undo(
    sandbox: SandboxProcess, run: Run, fixes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, then added although its answer is lost, seen by audit and sync, taken off only when nobody holds it."""
    assert missing(run) == [MISSING[0]]
    unsynced = run("plan", "--json").data
    assert written(unsynced) == []
    assert unsynced["totals"]["findings"]["unknown-option"] == 1
    shown = run("fixes", str(fixes)).out
    assert "Missing options  1 of" in shown
    assert "held by 1 contact; accepted" in shown

    planned = run("plan", "--fixes", str(fixes), "-o", "fixes.pdsync", "--json").data
    side = planned["totals"]["sides"]["pipedrive"]
    assert (side["options"], side["writes"], side["requests"], side["tokens"]) == (1, 1, 2, 6)
    assert "1 new option in pipedrive:field/" in run("show", "fixes.pdsync").out
    refused(sandbox, run, monkeypatch)
    run("pull")
    assert run("plan", "--fixes", str(fixes), "-o", "fixes.pdsync").code == 0
    sandbox.control.faults({"kind": "drop_after_commit", "method": "POST", "route": ROUTE, "times": 1})
    applied = run("apply", "fixes.pdsync", "--yes", "--json")
    sandbox.control.faults()
    assert applied.code == 0, applied.err
    assert applied.data["outcomes"] == {"adopted": 1}
    assert sectors(sandbox).count(MISSING[1]) == 1
    options = applied.data["id"]
    assert f"{MISSING[1]}   accepted repair" in run("history", options).out

    assert run("plan").code == 2, "not from what was read before the list changed"
    run("pull")
    assert missing(run) == []
    synced = run("plan", "-o", "sync.pdsync", "--json").data
    assert len(written(synced)) == 1
    assert run("apply", "sync.pdsync", "--yes").code == 0

    kept = run("undo", options, "--dry-run", "--json").data
    assert kept["empty"]
    assert [one["message"] for one in kept["findings"]] == [
        f"the option '{MISSING[1]}' stays as it is: 1 person holds it"
    ]
    assert run("undo", "last", "--yes").code == 0
    assert run("undo", options, "--yes", "--json").data["outcomes"] == {"done": 1}
    assert MISSING[1] not in sectors(sandbox)
