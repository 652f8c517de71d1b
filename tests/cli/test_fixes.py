"""Fix files from end to end on a running sandbox: audit, review, plan, apply, audit again, the next sync, undo."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

import pytest

from pdsync.mapfiles.fixes import load_fixes
from pdsync.sandbox.seeding.fieldset import SECTOR
from tests.cli.accounts import point_at, put_mapping
from tests.cli.golden import check_file
from tests.cli.invoking import Run
from tests.sandbox_process import SandboxProcess

PAIRS = 30


def persons(sandbox: SandboxProcess) -> dict[int, dict[str, Any]]:
    """Every person as Pipedrive has it."""
    with sandbox.pipedrive() as http:
        answer = http.get("/api/v2/persons", params={"limit": 500}).json()
    return {one["id"]: one for one in answer["data"]}


def sectors(sandbox: SandboxProcess) -> list[str]:
    """The list of the sector in Pipedrive."""
    with sandbox.pipedrive() as http:
        field = http.get(f"/api/v2/personFields/{SECTOR.code}").json()["data"]
    return [option["label"] for option in field["options"]]


def change(sandbox: SandboxProcess, person: int, **values: Any) -> None:
    """A person in the office edits a person in Pipedrive."""
    with sandbox.pipedrive() as http:
        answer = http.patch(f"/api/v2/persons/{person}", json=values)
    assert answer.status_code == 200, answer.text


def synced_and_dirtied(sandbox: SandboxProcess, run: Run) -> tuple[dict[int, Any], dict[int, Any]]:
    """Accounts that are in sync, then a title, capitals and an exchange in three persons; read. Before and after."""
    sandbox.control.seed("bench", size=PAIRS, changed_percent=0)
    run("pull")
    assert run("plan", "-o", "first.pdsync", "--json").code == 0
    assert run("apply", "first.pdsync", "--first-run", "--yes").code == 0
    before = persons(sandbox)
    first, second, third, *_ = before
    change(
        sandbox, first, first_name=f"M. {before[first]['first_name']}", last_name=before[first]["last_name"]
    )
    shouted = [one | {"value": one["value"].upper()} for one in before[second]["emails"]]
    change(sandbox, second, emails=shouted)
    change(sandbox, third, first_name="RIVIÈRE", last_name="Lucile")
    assert run("pull").code == 0
    return before, persons(sandbox)


def to_plezi(plan: dict[str, Any]) -> dict[tuple[str, str], object]:
    """What a plan would write there, by person and field."""
    return {
        (one["pipedrive_id"], field["code"]): field["after"]
        for one in plan["changes"]
        if one["side"] == "plezi"
        for field in one.get("fields", ())
    }


@pytest.mark.long
def test_from_an_audit_to_undo(
    sandbox: SandboxProcess, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: findings become repairs, repairs a plan, the plan a run; the next sync carries them across."""
    point_at(sandbox, monkeypatch)
    put_mapping(tmp_path)
    before, dirty = synced_and_dirtied(sandbox, run)
    first, second, third, *_ = dirty
    named = before[first]["first_name"]
    audited = run("audit", "--fixes", "fixes.yaml")
    assert "1 of them accepted from the start" in audited.err
    path = Path("fixes.yaml")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fixes = load_fixes(path)
    assert sorted(one.code for one in fixes.repairs) == ["email-spelling", "honorific-in-name", "name-order"]
    assert run("audit", "--fixes", "fixes.yaml").code == 2, "decisions are not written over"

    safe = run("plan", "--fixes", "fixes.yaml", "--json").data
    assert [one["pipedrive_id"] for one in safe["changes"]] == [str(second)]
    text = path.read_text("utf-8")
    path.write_text(text.replace("accept: no", "accept: yes"), "utf-8")
    planned = run("plan", "--fixes", "fixes.yaml", "-o", "fixes.pdsync", "--json").data
    assert planned["totals"]["writes"] == 4
    assert planned["totals"]["sides"]["pipedrive"]["options"] == 1
    assert planned["totals"]["findings"]["unsupported"] == 1, "no call adds an option to Plezi's lists"
    assert planned["narrowed"] == ["what is accepted in fixes.yaml"]
    assert "accepted repair" in run("show", "fixes.pdsync").out
    applied = run("apply", "fixes.pdsync", "--yes", "--json")
    assert applied.code == 0, applied.err
    assert sectors(sandbox)[-1] == "Agroalimentaire"
    journal = run("history", applied.data["id"], "--json").data["journal"]
    assert {field["reason"] for one in journal for field in one["change"]["fields"]} == {"repair"}
    clean = persons(sandbox)
    assert (clean[first]["first_name"], clean[third]["first_name"]) == (named, "Lucile")
    assert [one["value"] for one in clean[second]["emails"]] == [
        one["value"].lower() for one in before[second]["emails"]
    ]
    assert [one["label"] for one in clean[second]["emails"]] == [
        one["label"] for one in before[second]["emails"]
    ]

    assert run("plan", "--fixes", "fixes.yaml").code == 2, "not from what was read before the run"
    run("pull")
    again = run("audit", "--json").data
    assert not {"email-spelling", "honorific-in-name", "name-order"} & {
        one["code"] for one in again["audits"] if one["findings"]
    }
    done = run("plan", "--fixes", "fixes.yaml", "--json").data
    assert done["empty"]
    assert done["totals"]["counts"]["already-repaired"] == 5
    lists = next(one for one in again["audits"] if one["code"] == "option-mismatch")["samples"]
    assert not [one for one in lists if "no counterpart in Pipedrive" in one["message"]], "R24"

    carried = run("plan", "-o", "carry.pdsync", "--json").data
    assert to_plezi(carried) == {(str(third), "first_name"): "Lucile", (str(third), "last_name"): "RIVIÈRE"}

    undone = run("undo", applied.data["id"], "--json")
    assert undone.code == 0, undone.err
    assert "Agroalimentaire" not in sectors(sandbox)
    now = persons(sandbox)
    for person in (first, second, third):
        for field in ("first_name", "last_name", "emails"):
            assert now[person][field] == dirty[person][field]


@pytest.mark.long
def test_the_demos_fix_file_is_golden(
    sandbox: SandboxProcess, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person is given to review of the demo's people, line by line; and what is left to do by hand."""
    sandbox.control.seed("demo")
    point_at(sandbox, monkeypatch)
    put_mapping(tmp_path)
    run("pull")
    assert run("audit", "--fixes", "fixes.yaml").code == 1
    text = Path("fixes.yaml").read_text("utf-8")
    check_file("fixes-demo.yaml.txt", _anyone(text))
    check_file("fixes-demo.txt", _anyone(run("fixes", "fixes.yaml", "--all").out))

    path = Path("mappings/contacts.yaml")
    before = path.read_text("utf-8")
    Path("fixes.yaml").write_text(text.replace("accept: no", "accept: yes"), "utf-8")
    written = run("fixes", "fixes.yaml", "--write-pairs", "--json")
    assert "3 pairs added" in written.err
    assert [one["in_mapping"] for one in written.data["pairs"]] == [True] * 3
    after = path.read_text("utf-8")
    assert "Sante" in after
    assert run("check").code == 0
    kept = [line for line in before.splitlines() if "#" in line]
    assert [line for line in after.splitlines() if "#" in line] == kept, "every comment stays"
    assert "has them already" in run("fixes", "fixes.yaml", "--write-pairs").err
    assert path.read_text("utf-8") == after


def _anyone(text: str) -> str:
    """Without the ids of this sandbox."""
    text = re.sub(r"https://[^/\"]+/", "https://acme.pipedrive.com/", text)
    return re.sub(
        r'accounts: \{pipedrive: "?\w+"?, plezi: "?\w+"?\}', 'accounts: {pipedrive: "1", plezi: acme}', text
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("audit", "--fixes-for", "name-order"), "--fixes-for says what goes into the file"),
        (("audit", "--fixes", "new.yaml", "--from", "last"), "--from shows an audit as it was"),
        (("audit", "--fixes", "new.yaml", "--fixes-for", "nam-order"), "did you mean 'name-order'"),
        (("audit", "--fixes", "there.yaml"), "is there already"),
        (("plan", "--fixes", "there.yaml", "--adopt"), "--adopt, --only and --sample are about a sync"),
        (("plan", "--fixes", "none.yaml"), "does not exist"),
        (("fixes", "there.yaml"), "there is nothing in this file"),
    ],
)
def test_bad_input_is_told_at_once(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """Exit 2, before anything is read, audited or written."""
    put_mapping(tmp_path)
    Path("there.yaml").write_text("", "utf-8")
    result = run(*words)
    assert result.code == 2
    assert said in result.err
    assert not Path("new.yaml").exists()
