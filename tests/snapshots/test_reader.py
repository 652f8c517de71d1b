"""Opening snapshots: whole ones only, and with a clear message for everything else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pdsync.errors import InputFileError, StateError, UsageError
from pdsync.model import Coverage, Field, Kind, Side
from pdsync.snapshots.engines import ENGINES, collect, open_engine
from pdsync.snapshots.increments import merge_increment
from pdsync.snapshots.manifest import ADDRESSES, MANIFEST, RECORDS
from pdsync.snapshots.pairing import address_clusters
from pdsync.snapshots.pruning import prune
from pdsync.snapshots.reader import Snapshot, latest, list_snapshots, open_snapshot, snapshots_folder
from tests.snapshots.build import NOON, account, bound, record, schema, write

P, Z = Side.PIPEDRIVE, Side.PLEZI
PEOPLE = [
    record(P, str(number), [f"p{number}@example.com"], text=f"T{number}", number=number)
    for number in range(25)
]


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    """25 persons."""
    return write(tmp_path, P, PEOPLE, mapping=bound())


def test_records_stream_in_the_order_read(snapshot: Snapshot) -> None:
    """In lists of at most the size asked for."""
    batches = list(snapshot.records(batch_size=10))
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [one for batch in batches for one in batch] == PEOPLE


def test_only_what_is_asked_for_is_read(snapshot: Snapshot) -> None:
    """Ids that are not there are left out; codes that are not there are missing; the order is the file's."""
    (batch,) = snapshot.records(ids=["24", "3", "nobody"], codes=["number", "unknown"], batch_size=100)
    assert [(one.id, one.values) for one in batch] == [("3", {"number": 3}), ("24", {"number": 24})]
    assert list(snapshot.records(ids=[])) == []
    assert [dict(one.values) for one in next(snapshot.records(codes=[], batch_size=2))] == [{}, {}]


def test_look_ups_give_records_by_id(snapshot: Snapshot) -> None:
    """In any order, absent ones left out."""
    lookup = snapshot.lookup(["text"])
    found = lookup.get(["24", "nobody", "0"])
    assert {key: one.values for key, one in found.items()} == {"24": {"text": "T24"}, "0": {"text": "T0"}}
    assert len(lookup) == 25
    assert "7" in lookup
    assert "nobody" not in lookup
    assert lookup.get([]) == {}


def test_an_empty_side_is_a_snapshot_like_any_other(tmp_path: Path) -> None:
    """No person at all is an answer too."""
    empty = write(tmp_path, P, [])
    assert (empty.rows, list(empty.records()), len(empty.lookup())) == (0, [], 0)


@pytest.mark.parametrize("engine", ENGINES)
def test_frames_are_the_tables(snapshot: Snapshot, engine: str) -> None:
    """On each engine the same rows."""
    frames = snapshot.frames(engine)
    assert sorted(collect(frames.records.select("c:number"))["c:number"].to_pylist(), key=int) == [
        *map(str, range(25))
    ]
    assert collect(frames.addresses).num_rows == 25
    assert collect(frames.options).num_rows == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_path_is_no_pattern(tmp_path: Path, engine: str) -> None:
    """A state folder may be called anything, and engines like to read * and [ as patterns."""
    snapshot = write(tmp_path / "a[b]*c? {d}", P, PEOPLE)
    assert collect(snapshot.frames(engine).records).num_rows == 25


@pytest.mark.parametrize("engine", ENGINES)
def test_clusters_are_the_holders_of_shared_keys(tmp_path: Path, engine: str) -> None:
    """R17: by address key, wherever it stands in the list; the same key twice in one record is no cluster."""
    people = [
        record(P, "1", ["a@example.com", "b@example.com"]),
        record(P, "2", ["A@example.com "]),
        record(P, "3", ["c@example.com", "B@EXAMPLE.com"]),
        record(P, "4", ["d@example.com", "D@example.com"]),
        record(P, "5", ["a@example.com"]),
    ]
    frames = write(tmp_path, P, people).frames(engine)
    found = collect(address_clusters(frames.addresses)).to_pylist()
    assert sorted((row["key"], row["id"], row["size"]) for row in found) == [
        ("a@example.com", "1", 3),
        ("a@example.com", "2", 3),
        ("a@example.com", "5", 3),
        ("b@example.com", "1", 2),
        ("b@example.com", "3", 2),
    ]


def test_an_engine_that_does_not_exist_is_named_with_those_that_do() -> None:
    """A setting that a person typed."""
    with pytest.raises(UsageError, match="spark") as raised:
        open_engine("spark")
    assert "polars, duckdb" in raised.value.next_step


# -- which snapshot -------------------------------------------------------------------------------------------------


def test_the_latest_is_the_newest_of_its_side(tmp_path: Path) -> None:
    """Whatever the order in which they were made."""
    made = {}
    for side in Side:
        for hours in (3, 1, 2):
            made[side, hours] = write(tmp_path, side, [], taken_at=NOON + timedelta(hours=hours))
    for side in Side:
        assert latest(tmp_path, side) == made[side, 3]
        assert list_snapshots(tmp_path, side) == [made[side, hours] for hours in (3, 2, 1)]
    assert len(list_snapshots(tmp_path)) == 6


def test_nothing_read_yet_is_none(tmp_path: Path) -> None:
    """Also where there is not even a folder."""
    assert latest(tmp_path, P) is None
    assert list_snapshots(tmp_path / "nowhere") == []


def test_a_damaged_newest_is_an_error_and_never_replaced_in_silence(tmp_path: Path) -> None:
    """An older snapshot would be planned from as if it were the present."""
    write(tmp_path, P, PEOPLE)
    newest = write(tmp_path, P, PEOPLE, taken_at=NOON + timedelta(hours=1))
    newest.path("options").unlink()
    with pytest.raises(InputFileError, match=r"options\.parquet is missing"):
        latest(tmp_path, P)


# -- damage ---------------------------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _manifest(change: Callable[[dict[str, object]], object]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return damage


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        (RECORDS, _cut, "records.parquet has"),
        (ADDRESSES, _cut, "addresses.parquet has"),
        (RECORDS, Path.unlink, "records.parquet is missing"),
        (RECORDS, lambda path: path.write_bytes(b"x" * path.stat().st_size), "records.parquet:"),
        (MANIFEST, _cut, "manifest.json cannot be read"),
        (MANIFEST, Path.unlink, "is not a snapshot"),
        (MANIFEST, lambda path: path.write_text("[]"), "has format None"),
        (MANIFEST, lambda path: path.write_text("[" * 100_000), "cannot be read"),
        (MANIFEST, _manifest(lambda content: content.update(format=99)), "has format 99"),
        (MANIFEST, _manifest(lambda content: content.update(rows="many")), "manifest.json: Expected `int`"),
        (MANIFEST, _manifest(lambda content: content.pop("account")), "account"),
        (
            MANIFEST,
            _manifest(lambda content: content.update(rows=24)),
            "does not hold what the manifest says",
        ),
        (MANIFEST, _manifest(lambda content: content.update(side="hubspot")), "hubspot"),
    ],
)
def test_damage_is_one_clear_message(
    snapshot: Snapshot, name: str, damage: Callable[[Path], object], said: str
) -> None:
    """Truncated, gone, foreign, from the future, edited: the folder is named, and what to type."""
    damage(snapshot.folder / name)
    with pytest.raises(InputFileError, match=r"The snapshot|is not a snapshot") as raised:
        open_snapshot(snapshot.folder)
    assert said in raised.value.message
    assert str(snapshot.folder) in raised.value.message
    assert "pdsync pull" in raised.value.next_step


def test_a_flipped_bit_is_noticed_when_it_is_read(snapshot: Snapshot) -> None:
    """Every page carries a checksum; a wrong value is never planned with."""
    path = snapshot.path("records")
    content = bytearray(path.read_bytes())
    with pq.ParquetFile(path) as file:
        columns = [file.metadata.row_group(0).column(number) for number in range(file.metadata.num_columns)]
    (text,) = (column for column in columns if column.path_in_schema == "d:text")
    first = text.dictionary_page_offset if text.has_dictionary_page else text.data_page_offset
    content[first + text.total_compressed_size - 2] ^= 0xFF
    path.write_bytes(bytes(content))
    with pytest.raises(InputFileError, match="is damaged"):
        list(open_snapshot(snapshot.folder).records())
    with pytest.raises(InputFileError, match="is damaged"):
        snapshot.lookup()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_snapshot_that_vanishes_is_a_clear_message_in_queries_too(snapshot: Snapshot, engine: str) -> None:
    """Pruned by another process between opening and asking."""
    shutil.rmtree(snapshot.folder)
    with pytest.raises(InputFileError, match="could not be queried"):
        collect(snapshot.frames(engine).records)


# -- pruning --------------------------------------------------------------------------------------------------------


def _days(state: Path, side: Side, count: int) -> list[str]:
    """One snapshot a day, oldest first; the last is taken at NOON."""
    return [
        write(state, side, [], taken_at=NOON - timedelta(days=count - 1 - day)).id for day in range(count)
    ]


def test_the_newest_of_each_side_are_kept(tmp_path: Path) -> None:
    """Counted per side, so that many reads of one never cost the other its only snapshot."""
    persons, contacts = _days(tmp_path, P, 5), _days(tmp_path, Z, 1)
    assert prune(tmp_path, keep=2) == persons[2::-1]
    assert {one.id for one in list_snapshots(tmp_path)} == {*persons[3:], *contacts}


def test_old_ones_go_by_age_but_never_the_last(tmp_path: Path) -> None:
    """Privacy by age; planning still needs the newest."""
    persons = _days(tmp_path, P, 4)
    removed = prune(tmp_path, older_than=timedelta(days=1, hours=1), now=NOON)
    assert removed == persons[1::-1]
    assert prune(tmp_path, older_than=timedelta(0), now=NOON + timedelta(days=99)) == [persons[2]]
    assert [one.id for one in list_snapshots(tmp_path)] == [persons[3]]


def test_what_a_run_rests_on_is_protected(tmp_path: Path) -> None:
    """Design 7: snapshots behind an undoable run are kept."""
    persons = _days(tmp_path, P, 3)
    assert prune(tmp_path, keep=1, protect={persons[0]}) == [persons[1]]


def test_damaged_ones_are_pruned_like_others(tmp_path: Path) -> None:
    """The name says all that pruning needs."""
    persons = _days(tmp_path, P, 2)
    (snapshots_folder(tmp_path) / persons[0] / MANIFEST).write_text("{")
    assert prune(tmp_path, keep=1) == [persons[0]]


def test_what_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of somebody else."""
    _days(tmp_path, P, 2)

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(StateError, match="Permission denied"):
        prune(tmp_path, keep=1)


# -- increments -----------------------------------------------------------------------------------------------------


def test_an_increment_replaces_what_changed_and_keeps_the_rest(snapshot: Snapshot) -> None:
    """Digests, addresses and options as if everything had been read again."""
    changed = [record(P, "3", ["new@example.com"], text="new"), record(P, "99", [])]
    renewed = merge_increment(
        snapshot,
        [[record(P, "3", ["older@example.com"])], changed],
        folder=snapshot.folder.parent,
        schema=schema(P),
        account=account(P),
        bound=bound("v2"),
        taken_at=NOON + timedelta(hours=2),
    )
    expected = {one.id: one for one in PEOPLE} | {one.id: one for one in changed}
    assert {one.id: one for batch in renewed.records() for one in batch} == expected
    whole = write(snapshot.folder.parent.parent / "whole", P, list(expected.values()), mapping=bound("v2"))
    for table in ("records", "addresses", "options"):
        left, right = (collect(getattr(one.frames(), table)).to_pylist() for one in (renewed, whole))
        assert sorted(map(repr, left)) == sorted(map(repr, right))
    assert renewed.coverage == Coverage(complete=True, full_read_at=snapshot.manifest.taken_at)
    assert renewed.manifest.increment_of == snapshot.id


def test_an_increment_of_a_partial_snapshot_is_partial(tmp_path: Path) -> None:
    """With the same reason; nothing becomes proven by reading less."""
    partial = Coverage(complete=False, reason="nobody confirmed it")
    base = write(tmp_path, P, PEOPLE, coverage=partial)
    renewed = merge_increment(
        base, [], folder=base.folder.parent, schema=schema(P), account=account(P), bound=None, taken_at=NOON
    )
    assert renewed.coverage == Coverage(False, "nobody confirmed it", base.manifest.taken_at)


def test_a_field_that_was_not_read_before_is_missing_not_empty(snapshot: Snapshot) -> None:
    """Design 6, three states: an increment cannot know it of records that did not change."""
    wider = schema(P)
    wider = type(wider)(wider.account, (*wider.fields, Field("new", "New", Kind.TEXT)))
    renewed = merge_increment(
        snapshot,
        [[record(P, "3", new=None)]],
        folder=snapshot.folder.parent,
        schema=wider,
        account=account(P),
        bound=None,
        taken_at=NOON,
    )
    known = renewed.lookup(["new"]).get(["3", "4"])
    assert "new" in known["3"].values
    assert "new" not in known["4"].values
