"""Auditing two snapshots: what is told, what is kept where, and what a damaged or full disk comes to."""

from __future__ import annotations

import errno
import json
import stat
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pdsync.engine.auditing import audit
from pdsync.errors import InputFileError, StateError, StorageFull, UsageError
from pdsync.model import Coverage, Event, GateState, Progress, Side
from tests.audits.build import World


def small(folder: Path) -> World:
    """Two persons who share an address."""
    world = World(folder)
    world.person("1", "a@example.com")
    world.person("2", "A@example.com")
    world.contact("c", "b@example.com")
    return world


def test_report_and_table_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    """audits/ID.json and ID.parquet hold personal data: mode 0600, and the report says where the table is."""
    world = small(tmp_path)

    audited = audit(world.snapshots(), world.bound, store_in=tmp_path / "audits")

    files = sorted((tmp_path / "audits").iterdir())
    assert [path.suffix for path in files] == [".json", ".parquet"]
    assert files[0].stem == files[1].stem
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "audits").stat().st_mode) == 0o700
    assert audited.report.table == str(files[1])
    assert json.loads(files[0].read_text(encoding="utf-8"))["table"] == str(files[1])
    assert pq.read_table(files[1]).to_pylist() == audited.table.to_pylist()
    assert audited.table.num_rows > 0


def test_nothing_is_kept_unless_asked(tmp_path: Path) -> None:
    """An audit of two exports leaves nothing behind."""
    world = small(tmp_path)

    audited = audit(world.snapshots(), world.bound)

    assert audited.report.table == ""
    assert not (tmp_path / "audits").exists()
    assert audited.report.totals == {Side.PIPEDRIVE: 2, Side.PLEZI: 1}
    assert audited.report.mapping_name == "contacts"
    assert audited.blocked[Side.PIPEDRIVE].keys() == {"1", "2"}


def test_progress_is_told(tmp_path: Path) -> None:
    """One event per audit, up to the number of audits."""
    events: list[Event] = []
    world = small(tmp_path)

    report = audit(world.snapshots(), world.bound, on_event=events.append).report

    total = len(report.summaries)
    assert events == [Progress("audit", number, total) for number in range(1, total + 1)]


def test_a_snapshot_may_be_believed_less_than_it_says(tmp_path: Path) -> None:
    """Coverage that the engine does not trust reaches the gate."""
    world = World(tmp_path)
    coverage = {Side.PLEZI: Coverage(complete=False, reason="half of it vanished")}

    report = audit(world.snapshots(), world.bound, coverage=coverage).report

    assert report.gate.state is GateState.WARNINGS
    assert any("half of it vanished" in why for why in report.gate.not_checked)


@pytest.mark.parametrize(
    ("code", "expected"),
    [(errno.ENOSPC, StorageFull), (errno.EDQUOT, StorageFull), (errno.EACCES, StateError)],
)
def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: type[StateError]
) -> None:
    """One clear message, and neither file."""
    world = small(tmp_path)
    snapshots = world.snapshots()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(code, "no room")

    monkeypatch.setattr(pq, "write_table", full)

    with pytest.raises(expected) as caught:
        audit(snapshots, world.bound, store_in=tmp_path / "audits")
    assert caught.value.next_step
    assert list((tmp_path / "audits").iterdir()) == []


def test_a_damaged_snapshot_is_said_to_be_one(tmp_path: Path, engine: str) -> None:
    """A table that was cut off after it was opened ends in one message that says what to type."""
    world = small(tmp_path)
    snapshots = world.snapshots()
    table = next(snapshots[Side.PIPEDRIVE].folder.glob("addresses*"))
    table.write_bytes(table.read_bytes()[:100])

    with pytest.raises(InputFileError, match="snapshot") as caught:
        audit(snapshots, world.bound, engine=engine)
    assert "pdsync pull" in caught.value.next_step


def test_an_engine_that_does_not_exist(tmp_path: Path) -> None:
    """The names of those that do are in the message."""
    world = small(tmp_path)

    with pytest.raises(UsageError, match="spark"):
        audit(world.snapshots(), world.bound, engine="spark")
