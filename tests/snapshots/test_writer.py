"""What a snapshot looks like on the disk, and that there is never half of one."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pdsync.errors import BadAnswer, StateError
from pdsync.model import Coverage, Field, Kind, Record, RemoteSchema, Side, Value
from pdsync.snapshots import columns as tabulating
from pdsync.snapshots.digests import record_digest
from pdsync.snapshots.files import StagingFolder, clean_leftovers
from pdsync.snapshots.manifest import TABLES
from pdsync.snapshots.reader import list_snapshots, open_snapshot, snapshots_folder
from pdsync.snapshots.writer import SnapshotWriter
from tests.snapshots.build import COMPLETE, NOON, account, bound, record, schema, write

P, Z = Side.PIPEDRIVE, Side.PLEZI


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    """A table as Python rows."""
    found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def writer(state: Path, **wishes: Any) -> SnapshotWriter:
    """A writer for persons."""
    return SnapshotWriter(
        snapshots_folder(state), P, schema(P), account(P), bound=None, **({"taken_at": NOON} | wishes)
    )


def test_columns_are_those_that_audits_and_planning_read(tmp_path: Path) -> None:
    """``id``, ``updated_at``, ``digest``, and per field the delivered value as JSON and the comparison form."""
    one = record(P, "7", ["Ann@Example.com"], text=" Zoé ", number="12.0")
    snapshot = write(tmp_path, P, [one], mapping=bound())
    (row,) = rows(snapshot.folder, "records")
    assert list(row)[:3] == ["id", "updated_at", "digest"]
    assert set(row) == {"id", "updated_at", "digest"} | {
        f"{p}:{field.code}" for p in "dc" for field in schema(P).fields
    }
    assert (row["id"], row["updated_at"], row["digest"]) == ("7", one.updated_at, record_digest(bound(), one))
    assert (row["d:text"], row["c:text"]) == ('" Zoé "', "Zoé")
    assert (row["d:number"], row["c:number"]) == ('"12.0"', "12")
    assert (row["d:date"], row["c:date"]) == (None, None)
    assert row["c:email"] == '["ann@example.com"]'


def test_addresses_are_one_row_each_with_their_key(tmp_path: Path) -> None:
    """Blank ones left out; the rank counts a record's keys, primary first, and is null where a key comes again."""
    delivered: Value = [
        {"value": "b@example.com", "label": "home", "primary": False},
        {"value": "B@Example.com", "label": None},
        {"value": "  ", "label": "work"},
        "plain@example.org",
        {"value": "a@example.com", "label": "work", "primary": True},
    ]
    snapshot = write(tmp_path, P, [Record(P, "1", {"email": delivered})])
    columns = ("key", "delivered", "label", "primary", "position", "rank")
    assert [tuple(row[name] for name in columns) for row in rows(snapshot.folder, "addresses")] == [
        ("b@example.com", "b@example.com", "home", False, 0, 1),
        ("b@example.com", "B@Example.com", None, False, 1, None),
        ("plain@example.org", "plain@example.org", None, False, 3, 2),
        ("a@example.com", "a@example.com", "work", True, 4, 0),
    ]


@pytest.mark.parametrize("value", [None, "", [], {}, 4, [4, None], "\u200b"])
def test_no_address_no_row(tmp_path: Path, value: Value) -> None:
    """Also where a service delivers something that is no address at all."""
    snapshot = write(tmp_path, Z, [Record(Z, "1", {"email": value}), Record(Z, "2", {})])
    assert rows(snapshot.folder, "addresses") == []


def test_options_are_one_row_per_option_held(tmp_path: Path) -> None:
    """By identity, as the comparison form spells it: 35 and "35" are one option."""
    records = [
        Record(P, "1", {"option": 35, "options": [2, "1", 2]}),
        Record(P, "2", {"option": "35", "options": None}),
    ]
    snapshot = write(tmp_path, P, records)
    found = [tuple(row.values()) for row in rows(snapshot.folder, "options")]
    assert sorted(found) == [
        ("1", "option", "35"),
        ("1", "options", "1"),
        ("1", "options", "2"),
        ("2", "option", "35"),
    ]


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    """Design 10: folders 0700, files 0600, whatever the umask."""
    before = os.umask(0)
    try:
        snapshot = write(tmp_path / "new", P, [record(P, "1", ["a@example.com"])])
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in snapshot.folder.iterdir()}
    assert modes == dict.fromkeys([*TABLES, "manifest.json"], 0o600)
    assert stat.S_IMODE(snapshot.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(snapshot.folder.parent.stat().st_mode) == 0o700


def test_the_name_says_side_and_time_and_sorts_by_it(tmp_path: Path) -> None:
    """``pipedrive-20261102T120000Z-xxxxxxxx``; two within one second keep their order."""
    moments = [NOON + timedelta(microseconds=step * 100) for step in range(5)]
    made = [write(tmp_path, P, [], taken_at=moment).id for moment in moments]
    assert all(name.startswith("pipedrive-20261102T120000Z-") and len(name) == 35 for name in made)
    assert made == sorted(made)


def test_the_time_is_utc_wherever_the_machine_is(tmp_path: Path) -> None:
    """A reader in another time zone sees the same moment."""
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    snapshot = write(tmp_path, P, [], taken_at=there)
    assert snapshot.id.startswith("pipedrive-20261102T120000Z")
    assert snapshot.taken_at == NOON
    assert snapshot.age(NOON + timedelta(minutes=6)) == timedelta(minutes=6)


def test_an_id_that_comes_twice_is_kept_as_it_came_last(tmp_path: Path) -> None:
    """Paging over data that moves: the later page knows better. Addresses and options of the earlier one go with it."""
    early = [record(P, str(number), [f"old{number}@example.com"], option="1") for number in range(6)]
    late = [record(P, str(number), [f"new{number}@example.com"], option="2") for number in (0, 3)]
    latest = record(P, "0", ["newest@example.com"])
    with writer(tmp_path) as one:
        for page in (early, late, [latest], [latest]):
            one.add(page)
        assert one.rows == 6
        snapshot = one.finish(COMPLETE)
    assert snapshot.rows == 6
    found = [kept for batch in snapshot.records() for kept in batch]
    assert sorted(found, key=lambda kept: kept.id) == [latest, *early[1:3], late[1], *early[4:]]
    keys = {row["key"] for row in rows(snapshot.folder, "addresses")}
    assert {"newest@example.com", "new3@example.com"} < keys
    assert not {"old0@example.com", "new0@example.com", "old3@example.com"} & keys
    assert ("0", "option", "1") not in {tuple(row.values()) for row in rows(snapshot.folder, "options")}
    assert [path.name for path in snapshots_folder(tmp_path).iterdir()] == [snapshot.id]


def test_rows_are_written_in_groups_in_the_order_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded by the group, and the order is the service's."""
    monkeypatch.setattr("pdsync.snapshots.files._GROUP_ROWS", 4_000)
    with writer(tmp_path) as one:
        for page in range(20):
            one.add([record(P, str(page * 500 + row)) for row in range(500)])
        snapshot = one.finish(COMPLETE)
    with pq.ParquetFile(snapshot.path("records")) as file:
        assert file.num_row_groups == 3
    assert list(snapshot.ids()) == [str(number) for number in range(10_000)]


def test_equal_values_have_one_digest_and_every_difference_another() -> None:
    """Comparison form decides: labels and spelling do not count; missing, empty, value, field and version do."""
    plain = Record(
        P, "1", {"text": "Zoé", "number": 12, "email": [{"value": "a@example.com", "label": "work"}]}
    )
    same = Record(
        P, "2", {"text": " Zoe\u0301", "number": "12.0", "email": [{"value": "A@example.com "}], "date": "x"}
    )
    assert record_digest(bound(), plain) == record_digest(bound(), same)
    others = [
        replace(plain, values={**plain.values, "option": None}),
        replace(plain, values={**plain.values, "option": 0}),
        replace(plain, values={**plain.values, "option": "12", "number": "Zoé"}),
        replace(plain, values={**plain.values, "text": None}),
        replace(plain, values={key: value for key, value in plain.values.items() if key != "text"}),
        replace(plain, values={"text": "12", "number": 12}),
        replace(plain, values={"text": "1", "number": 212}),
    ]
    digests = {record_digest(bound(), one) for one in (plain, *others)} | {record_digest(bound("v2"), plain)}
    assert len(digests) == len(others) + 2
    assert {len(digest) for digest in digests} == {32}


def test_the_stored_digest_is_that_of_the_record(tmp_path: Path) -> None:
    """Also for values whose comparison form was remembered from another record, and for codes that are not there."""
    wide = bound(codes=("email", "text", "number", "gone"))
    records = [record(P, str(number), text="Zoé", number=number % 3) for number in range(9)] + [
        Record(P, "x", {})
    ]
    snapshot = write(tmp_path, P, records, mapping=wide)
    stored = {row["id"]: row["digest"] for row in rows(snapshot.folder, "records")}
    assert stored == {one.id: record_digest(wide, one) for one in records}


def test_forgetting_remembered_forms_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory is bounded; what falls out of it is worked out again."""
    records = [record(P, str(number), text=f"t{number % 7}") for number in range(50)]
    before = rows(write(tmp_path / "a", P, records, mapping=bound()).folder, "records")
    monkeypatch.setattr(tabulating, "_REMEMBERED", 2)
    assert rows(write(tmp_path / "b", P, records, mapping=bound()).folder, "records") == before


@pytest.mark.parametrize("identifier", ["", "\ud800"])
def test_a_record_without_a_usable_id_stops_the_read(tmp_path: Path, identifier: str) -> None:
    """It could never be found again; nothing of the read stays."""
    with writer(tmp_path) as one:
        one.add([record(P, "1"), record(P, identifier)])
        with pytest.raises(BadAnswer, match="usable id"):
            one.finish(COMPLETE)
    assert list(snapshots_folder(tmp_path).iterdir()) == []


def test_a_record_of_the_other_side_stops_the_read(tmp_path: Path) -> None:
    """A mix-up in a client must not become data."""
    with writer(tmp_path) as one:
        one.add([record(Z, "1")])
        with pytest.raises(BadAnswer, match="contact"):
            one.finish(COMPLETE)


def test_two_codes_that_differ_in_case_are_two_fields(tmp_path: Path) -> None:
    """Exports may have columns "Ville" and "ville"."""
    fields = (Field("Ville", "Ville", Kind.TEXT), Field("ville", "ville", Kind.TEXT))
    wide = RemoteSchema(account(P), fields)
    with SnapshotWriter(snapshots_folder(tmp_path), P, wide, account(P), bound=None, taken_at=NOON) as one:
        one.add([Record(P, "1", {"Ville": "Lyon", "ville": "Paris"})])
        snapshot = one.finish(COMPLETE)
    assert next(snapshot.records())[0].values == {"Ville": "Lyon", "ville": "Paris"}


def test_the_manifest_gives_back_what_it_was_told(tmp_path: Path) -> None:
    """Schema, account, coverage, times and basis are equal after reading."""
    coverage = Coverage(
        complete=False, reason="31 rows could not be read", full_read_at="2026-11-01T00:00:00Z"
    )
    wishes = {"bound": bound(), "taken_at": NOON, "service_time": datetime(2030, 1, 1, tzinfo=UTC)}
    with SnapshotWriter(snapshots_folder(tmp_path), P, schema(P), account(P), **wishes) as one:  # type: ignore[arg-type]
        one.add([record(P, "9"), record(P, "10"), record(P, "8")])
        made = one.finish(coverage, increment_of="earlier")
    again = open_snapshot(made.folder)
    assert again == made
    assert (again.schema, again.account, again.coverage) == (schema(P), account(P), coverage)
    assert (again.taken_at, again.service_time) == (NOON, datetime(2030, 1, 1, tzinfo=UTC))
    assert (again.rows, again.digest_basis, again.manifest.highest_id) == (3, "v1", "10")
    assert again.manifest.increment_of == "earlier"


def test_leaving_without_finish_leaves_nothing(tmp_path: Path) -> None:
    """An exception in the middle of a read, or simply no ``finish``."""
    with writer(tmp_path) as one:
        one.add([record(P, str(number)) for number in range(3_000)])
    assert list(snapshots_folder(tmp_path).iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said_clearly(tmp_path: Path) -> None:
    """A file where the folder should be."""
    snapshots_folder(tmp_path).write_text("")
    with pytest.raises(StateError, match="cannot be written") as raised:
        writer(tmp_path)
    assert "--state" in raised.value.next_step


# -- a process that dies, and a disk that is full: real ones --------------------------------------------------------

_ENDLESS = """
import sys
from pathlib import Path
from pdsync.model import Side
from tests.snapshots.build import record
from tests.snapshots.test_writer import writer
one = writer(Path(sys.argv[1]))
print("writing", flush=True)
number = 0
while True:
    one.add([record(Side.PIPEDRIVE, str(number + row), [f"p{number + row}@example.com"]) for row in range(500)])
    number += 500
"""

_FULL_DISK = """
import os, resource, sys
from pathlib import Path
from pdsync.errors import StorageFull
from pdsync.model import Coverage, Side
from tests.snapshots.build import record
from tests.snapshots.test_writer import writer
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    with writer(Path(sys.argv[1])) as one:
        for page in range(40):
            one.add([record(Side.PIPEDRIVE, f"{page}-{row}", [f"{os.urandom(9).hex()}@example.com"]) for row in range(500)])
        one.finish(Coverage(complete=True))
except StorageFull as error:
    print("StorageFull:", error)
"""


def _python(code: str, *arguments: object) -> Sequence[str]:
    return [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]


@pytest.mark.parametrize("after", [0.0, pytest.param(0.15, marks=pytest.mark.long), 0.4])
def test_a_writer_that_is_killed_leaves_no_snapshot(tmp_path: Path, after: float) -> None:
    """SIGKILL in the middle: nothing is listed, and the next writer clears the leftover away."""
    with subprocess.Popen(_python(_ENDLESS, tmp_path), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    folder = snapshots_folder(tmp_path)
    assert len(list(folder.iterdir())) == 1
    assert list_snapshots(tmp_path) == []
    snapshot = write(tmp_path, P, [record(P, "1")])
    assert [path.name for path in folder.iterdir()] == [snapshot.id]


@pytest.mark.parametrize(
    "limit", [pytest.param(1, marks=pytest.mark.long), 10_000, pytest.param(400_000, marks=pytest.mark.long)]
)
def test_a_full_disk_is_one_clear_message_and_nothing_half_done(tmp_path: Path, limit: int) -> None:
    """RLIMIT_FSIZE at the start, within the rows and in the footer: the earlier snapshot is kept, no leftover stays."""
    kept = write(tmp_path, P, [record(P, "1")])
    done = subprocess.run(_python(_FULL_DISK, tmp_path, limit), capture_output=True, text=True, check=True)
    assert done.stdout.startswith("StorageFull: No room left for a snapshot")
    assert done.stderr == ""
    assert [path.name for path in snapshots_folder(tmp_path).iterdir()] == [kept.id]


def test_work_in_progress_is_no_leftover(tmp_path: Path) -> None:
    """Two pulls at the same time do not clear each other away."""
    first = StagingFolder(tmp_path)
    assert clean_leftovers(tmp_path) == 0
    assert first.path.is_dir()
    first.discard()
    (tmp_path / ".writing-dead").mkdir()
    assert clean_leftovers(tmp_path) == 1
