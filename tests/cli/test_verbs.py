"""The verbs on a running sandbox: what a person types, in the order in which it is typed."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from pdsync.store import State
from tests.cli.accounts import point_at, put_mapping
from tests.cli.conftest import Prepare
from tests.cli.invoking import Run
from tests.sandbox_process import SandboxProcess

PAIRS = 30
"""People of the made-up world 'bench' on both sides: enough to page through every verb, few enough to be quick."""


@pytest.fixture
def accounts(sandbox: SandboxProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SandboxProcess:
    """Both services with people, a mapping for them, and settings that point there."""
    sandbox.control.seed("bench", size=PAIRS, changed_percent=20)
    point_at(sandbox, monkeypatch)
    put_mapping(tmp_path)
    return sandbox


@pytest.fixture
def planned(accounts: SandboxProcess, run: Run, prepare: Prepare) -> SandboxProcess:
    """Both sides read and a plan made, p.pdsync; no request is counted yet."""

    def read_and_plan() -> None:
        run("pull")
        run("plan", "-o", "p.pdsync")

    prepare(read_and_plan)
    accounts.control.clear_ledger()
    return accounts


def test_from_the_first_read_to_undo(accounts: SandboxProcess, run: Run) -> None:
    """The way of the README: pull, audit, plan, show, apply, history, plan again (empty), undo; all as JSON."""
    pulled = run("pull", "--json").data
    assert {side: one["records"] for side, one in pulled["snapshots"].items()} == {
        "pipedrive": PAIRS,
        "plezi": PAIRS,
    }
    assert all(one["complete"] for one in pulled["snapshots"].values())

    audited = run("audit", "--json")
    assert audited.data["kind"] == "audit"
    assert audited.code == (1 if audited.data["gate"]["state"] == "not ready" else 0)

    planned = run("plan", "-o", "first.pdsync", "--json", "--detailed-exitcode")
    plan = planned.data
    assert planned.code == 10
    assert plan["totals"]["writes"] > 0
    assert stat.S_IMODE(Path("first.pdsync").stat().st_mode) == 0o600
    accounts.control.clear_ledger()
    assert run("show", "first.pdsync", "--json").data == plan
    assert accounts.control.requests() == 0

    flags = [*plan["needs"], "--yes"]
    applied = run("apply", "first.pdsync", *flags, "--json")
    assert applied.code == 0, applied.err
    assert applied.data["state"] == "done"
    assert applied.data["plan"] == plan["id"]
    assert sum(applied.data["writes"].values()) == plan["totals"]["writes"]

    kept = Path(".pdsync/plans") / f"{plan['id']}.pdsync"
    assert kept.read_bytes() == Path("first.pdsync").read_bytes(), "the state knows what lies behind a run"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [one["id"] for one in run("history", "--json").data["runs"]] == [applied.data["id"]]
    assert run("history", "last", "--json").data["journal"]

    run("pull")
    accounts.control.clear_ledger()
    again = run("plan", "--json", "--detailed-exitcode")
    assert again.code == 0
    assert again.data["empty"]
    assert accounts.control.requests(method="PATCH") == 0

    shown = run("undo", "last", "--dry-run", "--json").data
    assert shown["undoes"] == applied.data["id"]
    undone = run("undo", "last", "--json")
    assert undone.code == 0, undone.err
    assert undone.data["undoes"] == applied.data["id"]
    run("pull")
    assert run("plan", "--json").data["empty"]


@pytest.mark.long
def test_the_same_for_people(accounts: SandboxProcess, run: Run) -> None:
    """Without --json: what it found on standard output, what to type next on standard error, no person in the latter."""
    pulled = run("pull")
    assert re.search(rf"Pipedrive\s+{PAIRS} persons\s+complete", pulled.out)
    planned = run("plan", "-o", "first.pdsync")
    assert planned.out.startswith("DRY RUN")
    assert "pdsync apply first.pdsync" in planned.err
    assert "example" not in planned.err
    assert "Dry run".lower() in run("show", "first.pdsync").out.lower()
    assert "example" not in run("show", "first.pdsync", "--markdown").out
    applied = run("apply", "first.pdsync", "--first-run")
    assert applied.code == 0, applied.err
    assert "pdsync history" in applied.err
    assert "undo" in run("undo", "last").out
    assert "apply" in run("history", "last").out + run("history").out


@pytest.mark.long
def test_a_pilot_is_a_small_plan(accounts: SandboxProcess, run: Run) -> None:
    """--sample and --only narrow; the plan says so."""
    run("pull")

    sampled = run("plan", "--sample", "2", "--json").data
    one_side = run("plan", "--only", "plezi", "--json").data

    assert sampled["narrowed"] == ["a sample of 2"]
    assert len(sampled["changes"]) < len(run("plan", "--json").data["changes"])
    assert one_side["totals"]["sides"]["pipedrive"]["writes"] == 0


@pytest.mark.long
def test_what_a_review_leaves_out_is_left_out_by_a_command(accounts: SandboxProcess, run: Run) -> None:
    """--without takes somebody, a field and a side out of a new plan or of one that is there: the same plan either way."""
    run("pull")
    whole = run("plan", "--json").data
    update, other = [
        one for one in whole["changes"] if one["kind"] == "update" and one["side"] == "pipedrive"
    ][:2]
    somebody, key = update["pipedrive_id"], other["fields"][0]["field"]

    flags = ("--without", "plezi", "--without", f"pipedrive:person/{somebody}", "--without", key)
    smaller = run("plan", *flags, "-o", "smaller.pdsync", "--json").data

    assert smaller["id"] != whole["id"]
    assert smaller["totals"]["sides"]["plezi"]["writes"] == 0
    assert not [one for one in smaller["changes"] if one["pipedrive_id"] == somebody]
    assert not [one for change in smaller["changes"] for one in change["fields"] if one["field"] == key]
    assert run("show", "smaller.pdsync", "--json").data == smaller
    assert run("plan", "--from", whole["id"], *flags, "--json").data["id"] == smaller["id"]
    assert run("show", "last", "--json").data["id"] == smaller["id"]

    refused = run("plan", "--from", "last")
    assert refused.code == 2
    assert "--without" in refused.err
    assert run("plan", "--without", "nobody@example.com").code == 2


def test_fields_hold_no_person(accounts: SandboxProcess, run: Run) -> None:
    """Pull --fields reads fields and options only: nothing about anybody, in the file or on the wire."""
    for path in Path("mappings/fields").iterdir():
        path.unlink()

    result = run("pull", "--fields", "--json")

    assert result.code == 0, result.err
    assert result.data["snapshots"] == {}
    written = Path("mappings/fields/pipedrive.yaml").read_text(encoding="utf-8")
    assert "Secteur" in written
    assert "@" not in written
    assert accounts.control.requests(route="/persons") == 0


def test_check_live_asks_the_accounts(accounts: SandboxProcess, run: Run) -> None:
    """With --live the fields come from the services, whatever the lists say."""
    for path in Path("mappings/fields").iterdir():
        path.unlink()
    assert run("check").code == 2

    live = run("check", "--live", "--json")

    assert live.code == 0, live.data["findings"]
    assert accounts.control.requests(route="/persons") == 0


def test_doctor_names_accounts_and_budget(accounts: SandboxProcess, run: Run) -> None:
    """One read call each; the token's company, what is left today, and no key."""
    result = run("doctor", "--json")
    checks = {check["name"]: check for check in result.data["checks"]}

    assert result.code == 0, result.out
    assert "Sandbox SAS" in checks["pipedrive account"]["says"]
    assert "tokens left today" in checks["pipedrive budget"]["says"]
    assert checks["pipedrive credentials"]["says"] == "token in the environment"
    assert accounts.ready["pipedrive"]["token"] not in result.out + result.err
    assert accounts.control.requests() == 2
    assert not Path(".pdsync").exists()


def test_doctor_probes_with_get_only(accounts: SandboxProcess, run: Run) -> None:
    """--probe tries what the profile guesses, and writes nothing."""
    result = run("doctor", "--probe", "--json")

    assert any(check["name"].startswith("probe") for check in result.data["checks"])
    assert accounts.control.requests(side="plezi") == accounts.control.requests(side="plezi", method="GET")


# bad input: one clear message each, nothing half done


def test_a_wrong_token(accounts: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """401: exit 3, where a token comes from, and not the token."""
    monkeypatch.setenv("PDSYNC_PIPEDRIVE_TOKEN", "0" * 40)

    result = run("pull")

    assert result.code == 3
    assert re.search(r"Pipedrive refused the (token|key) \(401\) for 127\.0\.0\.1", result.err)
    assert "Personal preferences > API" in result.err
    assert "0" * 40 not in result.err
    assert not list(Path(".pdsync/snapshots").glob("*"))


def test_a_missing_token(accounts: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, with the variable and the keyring command."""
    monkeypatch.delenv("PDSYNC_PIPEDRIVE_TOKEN")

    result = run("pull")

    assert result.code == 2
    assert "PDSYNC_PIPEDRIVE_TOKEN" in result.err
    assert "pdsync login pipedrive" in result.err


def test_a_host_where_nobody_listens(
    accounts: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3, with the address and the setting to correct."""
    monkeypatch.setenv("PDSYNC_PIPEDRIVE_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("pdsync.clients.http.ATTEMPTS", 1, raising=False)

    result = run("doctor", "--json")

    checks = {check["name"]: check for check in result.data["checks"]}
    assert result.code == 3
    assert checks["pipedrive account"]["health"] == "bad"
    assert "127.0.0.1:1" in checks["pipedrive account"]["says"]


def test_a_wrong_domain(accounts: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that answers, but is not Pipedrive (here: Plezi's stand-in): exit 3 and the setting's name."""
    monkeypatch.setenv("PDSYNC_PIPEDRIVE_URL", accounts.plezi_url)

    result = run("pull")

    assert result.code == 3
    assert "pipedrive.url" in result.err or "PDSYNC_PIPEDRIVE_URL" in result.err


@pytest.mark.long
def test_another_account_than_the_states(
    accounts: SandboxProcess, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State and token belong together: exit 2 before anything is read."""
    run("pull")
    before = sorted(path.name for path in Path(".pdsync/snapshots").iterdir())

    with SandboxProcess(tmp_path / "other.db") as other:
        point_at(other, monkeypatch)
        result = run("pull")

    assert result.code == 2
    assert "state" in result.err
    assert sorted(path.name for path in Path(".pdsync/snapshots").iterdir()) == before


def test_planning_before_reading(accounts: SandboxProcess, run: Run) -> None:
    """Exit 2 and what to type first."""
    result = run("plan")

    assert result.code == 2
    assert "pdsync pull" in result.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fields:\n\t- {pipedrive: email}\n", "mappings/contacts.yaml:2:1"),
        ("version: 1\nname: x\nfields: []\nfoo: 1\n", "foo"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "mappings/contacts.yaml:"),
    ],
)
def test_broken_yaml(text: str, said: str, accounts: SandboxProcess, run: Run) -> None:
    """Tabs, unknown keys and alias bombs: place and reason, by check and by every verb that reads the mapping."""
    run("pull")
    Path("mappings/contacts.yaml").write_text(text, encoding="utf-8")

    for verb in ("check", "plan", "audit"):
        result = run(verb)
        assert result.code == 2, verb
        assert said in result.out + result.err
        assert "Nothing was read or written." in result.out + result.err


def test_read_only_refuses_to_write(planned: SandboxProcess, run: Run) -> None:
    """The safety catch: plans, but applies nothing."""
    result = run("apply", "p.pdsync", "--first-run", "--read-only")

    assert result.code == 2
    assert planned.control.requests(method="PATCH") + planned.control.requests(method="POST") == 0


def test_a_plan_that_no_longer_fits(planned: SandboxProcess, run: Run) -> None:
    """The mapping changed since: exit 4, and nothing was written."""
    mapping = Path("mappings/contacts.yaml")
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace("conflicts: manual", "conflicts: plezi"), encoding="utf-8"
    )

    result = run("apply", "p.pdsync", "--first-run")

    assert result.code == 4
    assert "pdsync plan" in result.err
    assert planned.control.requests(method="PATCH") + planned.control.requests(method="POST") == 0


def test_a_confirmation_that_is_missing(planned: SandboxProcess, run: Run) -> None:
    """An empty ledger facing persons with a plezi_url: exit 2, and the flag to type."""
    del planned
    assert "--first-run" in run("show", "p.pdsync", "--json").data["needs"]

    result = run("apply", "p.pdsync")

    assert result.code == 2
    assert "--first-run" in result.err


def test_limits_hold_and_are_lifted_by_number(accounts: SandboxProcess, run: Run) -> None:
    """More creates than the mapping allows: exit 1 before the first write; --allow names the number."""
    mapping = Path("mappings/contacts.yaml")
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(re.sub(r"creates: 500", "creates: 0", text), encoding="utf-8")
    with accounts.pipedrive() as pipedrive:
        for number in (1, 2):
            assert pipedrive.delete(f"/api/v2/persons/{number}").status_code == 200
    run("pull")
    plan = run("plan", "-o", "p.pdsync", "--json").data
    assert plan["totals"]["sides"]["pipedrive"]["creates"] == 2

    held = run("apply", "p.pdsync", "--first-run")

    assert held.code == 1
    assert "--allow creates=" in held.err
    assert run("apply", "p.pdsync", "--first-run", "--allow", "creates=2").code == 0


@pytest.mark.parametrize("word", ["creates", "creates=many", "updates=3", "=3"])
def test_a_wrong_allowance(word: str, run: Run) -> None:
    """--allow takes the limits of the mapping and a number."""
    result = run("apply", "p.pdsync", "--allow", word)

    assert result.code == 2
    assert "creates, clears, changed_percent" in result.err


def test_a_plan_that_is_not_there(run: Run) -> None:
    """Show and apply name where they looked."""
    for verb in ("show", "apply"):
        result = run(verb, "nothing.pdsync")
        assert result.code == 2
        assert "There is no plan 'nothing.pdsync'" in result.err


def test_a_file_that_is_no_plan(run: Run, tmp_path: Path) -> None:
    """Anything else than a plan file is refused as one."""
    (tmp_path / "x.pdsync").write_text("{}\n", encoding="utf-8")

    assert run("show", "x.pdsync").code in (2, 4)


def test_two_runs_at_once(planned: SandboxProcess, run: Run) -> None:
    """The second is told who holds the lock, and since when."""
    del planned
    with State.open(Path(".pdsync/state.sqlite3"), Path(".pdsync/lock")) as state, state.writing("apply"):
        result = run("apply", "p.pdsync", "--first-run")
        diagnosis = {check["name"]: check for check in run("doctor", "--json").data["checks"]}

    assert result.code == 2
    assert re.search(r"since .* UTC: .*pdsync apply", result.err)
    assert diagnosis["state"]["health"] == "warning"


def test_saying_no_writes_nothing(planned: SandboxProcess, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where somebody is there to ask, apply asks, and no is no."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("pdsync.cli.shell.narration.Narration.is_terminal", property(lambda _: True))
    monkeypatch.setattr("sys.stdin.readline", lambda: "n\n")

    result = run("apply", "p.pdsync", "--first-run")

    assert result.code == 2
    assert "Write this? [y/N]" in result.err
    assert "Nothing was written; the plan is kept." in result.err
    assert planned.control.requests(method="PATCH") + planned.control.requests(method="POST") == 0
