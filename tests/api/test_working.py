from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import pdsync
from pdsync.api.boxes import error_box
from pdsync.api.working import Bars
from pdsync.errors import MappingError, UsageError
from pdsync.model import Finding, Note, Place, Progress, Severity, Side, Waiting


def test_blocking_inside_a_running_loop(demo_account: pdsync.Account) -> None:
    """A notebook's loop is always running: blocking calls work all the same."""

    async def cell() -> str:
        return demo_account.run("last").id

    assert asyncio.run(cell()) == demo_account.run("last").id


async def test_awaited(demo_account: pdsync.Account, planned: pdsync.Plan) -> None:
    """The twins that are awaited give the same."""
    report, plan = await asyncio.gather(demo_account.audit_async(), demo_account.plan_async())

    assert report.gate == "not ready"
    assert plan.id == planned.id


def test_nothing_read_yet_is_a_box_that_says_what_to_run(tmp_path: Path) -> None:
    """No snapshot: one box, and the command that makes one."""
    account = pdsync.open_account(tmp_path, mapping=str(pdsync.demo().mapping().path))

    for ask in (account.audit, account.plan, lambda: account.persons, account.trend):
        with pytest.raises(pdsync.PdsyncError) as caught:
            ask()
        box = caught.value._render_traceback_()  # type: ignore[attr-defined]
        assert box[0].startswith("┌ UsageError ─")
        assert any("pdsync pull" in line for line in box)
        assert len({len(line) for line in box}) == 1


def test_a_wrong_mapping_is_a_box_with_every_place(tmp_path: Path, demo_account: pdsync.Account) -> None:
    """Each problem with file, line and column."""
    wrong = tmp_path / "wrong.yaml"
    text = demo_account.mapping().path.read_text(encoding="utf-8")
    wrong.write_text(text.replace("pipedrive: Secteur", "pipedrive: Secteurs"), encoding="utf-8")

    with pytest.raises(pdsync.PdsyncError) as caught:
        demo_account.plan(mapping=wrong)

    box = "\n".join(caught.value._render_traceback_())  # type: ignore[attr-defined]
    assert "Secteurs" in box
    assert "wrong.yaml:" in box


def test_the_box_is_inert_and_limited() -> None:
    """Hostile text is shown as codes; a thousand problems are not a thousand lines."""
    problem = Finding("x", Severity.BLOCKING, "\x1b[31mred", place=Place("m.yaml", 3, 7))
    lines = error_box(MappingError("wrong", findings=[problem] * 50, next_step="pdsync check"))

    assert not any("\x1b" in line for line in lines)
    assert sum("m.yaml:3:7" in line for line in lines) == 12
    assert any("38 more" in line for line in lines)


@pytest.mark.parametrize("where", ["nowhere", "file"])
def test_a_wrong_folder_says_what_to_name(tmp_path: Path, where: str) -> None:
    """An account that is not there is a usage error, not a traceback."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(UsageError, match="demo"):
        pdsync.open_account(tmp_path / where)


def test_an_unknown_setting_names_the_known(tmp_path: Path) -> None:
    """A misspelt name is an error; a token cannot be given at all."""
    with pytest.raises(UsageError, match="pipedrive_file"):
        pdsync.open_account(tmp_path, pipedrive_flie="x.csv")
    with pytest.raises(UsageError):
        pdsync.open_account(tmp_path, pipedrive_token="secret")


def test_paths_are_meant_from_their_folder(demo_account: pdsync.Account) -> None:
    """An account in another folder is opened with that folder's state and mapping."""
    opened = pdsync.open_account(demo_account.state.parent)

    assert opened.persons.id == demo_account.persons.id
    assert opened.mapping().digest == demo_account.mapping().digest


def test_diff_of_unlike_things(demo_account: pdsync.Account) -> None:
    """Two sides, a snapshot and a mapping, mappings without an account: each says what is wrong."""
    persons, contacts, mapping = demo_account.persons, demo_account.contacts, demo_account.mapping()

    for before, after in ((persons, contacts), (persons, mapping), (mapping, mapping)):
        with pytest.raises(UsageError):
            pdsync.diff(before, after)


@pytest.mark.long
def test_diff_of_mappings_is_what_they_would_write(tmp_path: Path, demo_account: pdsync.Account) -> None:
    """A field taken out of the mapping: exactly its values are gone from the plan."""
    shorter = tmp_path / "contacts.yaml"
    lines = demo_account.mapping().path.read_text(encoding="utf-8").splitlines(keepends=True)
    shorter.write_text("".join(line for line in lines if "pipedrive: score" not in line), encoding="utf-8")

    difference = pdsync.diff(demo_account.mapping(), shorter, on=demo_account)

    gone = difference.rows.to_polars()
    assert difference.counts["only before"] == gone.height > 0
    assert set(gone["field"]) == {"score"}
    assert difference.counts["only after"] == 0


def test_diff_of_snapshots_is_what_happened(demo_account: pdsync.Account) -> None:
    """What the story deleted is removed, what the pilots created is added; values before and after are those read."""
    oldest, newest = demo_account.snapshots("pipedrive")[-1], demo_account.persons
    difference = pdsync.diff(oldest, newest)

    ids = [set(one.records.to_polars()["id"]) for one in (oldest, newest)]
    assert difference.counts["removed"] == len(ids[0] - ids[1])
    assert difference.counts["added"] == len(ids[1] - ids[0])
    changed = difference.rows.to_polars().filter(change="changed")
    assert changed["id"].n_unique() == difference.counts["changed"] > 0
    row = changed.filter(field="status").row(0, named=True)
    for snapshot, value in ((oldest, row["before"]), (newest, row["after"])):
        assert snapshot.records.to_polars().filter(id=row["id"])["status"].item() == value


@pytest.mark.long
def test_planning_with_another_mapping_leaves_no_plan_behind(
    tmp_path: Path, demo_account: pdsync.Account
) -> None:
    """A what-if is not found by ``pdsync apply last``."""
    copy = tmp_path / "contacts.yaml"
    copy.write_text(
        demo_account.mapping()
        .path.read_text(encoding="utf-8")
        .replace("conflicts: manual", "conflicts: plezi"),
        encoding="utf-8",
    )
    plan = demo_account.plan(mapping=copy)

    assert demo_account.state not in plan.path.parents
    assert plan.path.is_file()
    assert plan.conflicts == 0


@dataclass
class _Page:
    """Stands for the notebook's front end."""

    shown: list[dict[str, str]] = field(default_factory=list)

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(data)


def test_short_work_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing flickers for what takes less than a second; longer work has a bar, which goes away in the end."""
    now = [0.0]
    bars = Bars(clock=lambda: now[0])
    drawn: list[str] = []
    monkeypatch.setattr(Bars, "_draw", lambda self: drawn.append(self.markup()))

    bars.take(Progress("read persons", 10, 100))
    assert drawn == []
    now[0] = 2.0
    bars.take(Waiting(Side.PLEZI, 5, "busy <b>"))
    bars.take(Progress("read persons", 50, 100))
    now[0] = 3.0
    bars.take(Note("done"))

    assert len(drawn) == 2
    assert "width:50.0%" in drawn[1]
    assert "<b>" not in "".join(drawn)


def test_bars_go_away() -> None:
    """What was made says the rest: no bar stays in a saved notebook."""
    page = _Page()
    bars = Bars()
    bars._handle = page  # what IPython's display gives
    bars.end()

    assert page.shown == [{"text/plain": "", "text/html": ""}]


def test_an_export_is_a_snapshot(tmp_path: Path) -> None:
    """A CSV becomes a snapshot that queries and audits take; a missing file says so."""
    file = tmp_path / "contacts.csv"
    file.write_text("Email,First name,Last name\nzoe@example.com,Zoé,\n", encoding="utf-8")

    export = pdsync.open_export(file, "plezi")

    assert (export.side, export.rows) == ("plezi", 1)
    assert export.addresses.to_polars()["key"].to_list() == ["zoe@example.com"]
    with pytest.raises(pdsync.PdsyncError):
        pdsync.open_export(tmp_path / "absent.csv", "plezi")
    with pytest.raises(UsageError):
        pdsync.open_export(file, "hubspot")


def test_interrupting_ends_the_work(demo_account: pdsync.Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in a cell cancels what is under way and waits for its end."""
    ended: list[str] = []

    async def endless(ws: Any, tell: Any) -> None:
        tell(Progress("plan", 0, 1))
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")

    def interrupt(self: Bars, event: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Bars, "take", interrupt)
    with pytest.raises(KeyboardInterrupt):
        demo_account._do(endless)

    assert ended == ["ended"]
