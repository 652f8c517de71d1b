"""State files that are old, new, foreign, damaged or full: one clear message each, and nothing half done."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from pdsync import __version__
from pdsync.errors import StateError, StateFromFuture, StateLocked, StorageFull
from pdsync.model import Change, ChangeKind, MergeBase, Side
from pdsync.store import State
from pdsync.store.border import sql_border
from pdsync.store.lock import StateLock
from pdsync.store.migrations import FORMAT, MIGRATIONS, migrate
from pdsync.store.tables import meta, metadata


def open_state(folder: Path) -> State:
    """The state of a folder."""
    return State.open(folder / "state.sqlite3", folder / "lock")


def old_state(path: Path, version: int) -> None:
    """A state file as the pdsync of that format left it."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for step in MIGRATIONS[:version]:
            migrate(connection, step)
        if version:
            connection.execute(sa.update(meta).where(meta.c.key == "format").values(value=str(version)))
    engine.dispose()


@pytest.mark.parametrize("version", range(FORMAT + 1))
def test_a_state_of_every_older_format_is_brought_to_todays(tmp_path: Path, version: int) -> None:
    """Whatever version wrote it (0: an empty file), it opens, and can be written."""
    old_state(tmp_path / "state.sqlite3", version)
    with open_state(tmp_path) as state:
        with state.writing("test") as writer, writer.transaction() as transaction:
            transaction.ledger.set_link(("1", "a"), address="l@example.com")
            transaction.ledger.set_bases(("1", "a"), {"k": MergeBase(1, 2)})
        assert state.ledger.bases([("1", "a")]) == {("1", "a"): {"k": MergeBase(1, 2)}}


def described(path: Path) -> dict[str, object]:
    """Tables, columns, keys and indexes of a file."""
    engine = sa.create_engine(f"sqlite:///{path}")
    inspector = sa.inspect(engine)
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        keyed = {name: "WITHOUT ROWID" in sql for name, sql in rows}
    found: dict[str, object] = {}
    for table in sorted(inspector.get_table_names()):
        columns = [(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)]
        found[table] = (
            columns,
            keyed[table],
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted((str(i["name"]), tuple(i["column_names"])) for i in inspector.get_indexes(table)),
            sorted(tuple(u["column_names"]) for u in inspector.get_unique_constraints(table)),
            sorted(
                (tuple(f["constrained_columns"]), f["referred_table"], tuple(f["options"].items()))
                for f in inspector.get_foreign_keys(table)
            ),
        )
    engine.dispose()
    return found


def test_the_steps_lead_to_the_tables_that_the_code_knows(tmp_path: Path) -> None:
    """``migrations`` and ``tables`` say the same: after changing one, change the other."""
    open_state(tmp_path).close()
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'fresh'}")
    metadata.create_all(engine)
    engine.dispose()
    assert described(tmp_path / "state.sqlite3") == described(tmp_path / "fresh")


def test_an_old_state_is_not_migrated_while_another_run_has_it(tmp_path: Path) -> None:
    """Tables do not change under a run."""
    old_state(tmp_path / "state.sqlite3", FORMAT - 1)
    lock = StateLock(tmp_path / "lock")
    lock.acquire("apply")
    with pytest.raises(StateLocked):
        open_state(tmp_path)
    lock.release()
    open_state(tmp_path).close()


def test_a_state_from_the_future_is_refused_and_names_its_version(tmp_path: Path) -> None:
    """A newer pdsync wrote it: this one says so and touches nothing."""
    open_state(tmp_path).close()
    path = tmp_path / "state.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'format'")
        connection.execute("UPDATE meta SET value = '7.1.0' WHERE key = 'written_by'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StateFromFuture, match=r"pdsync 7\.1\.0 \(state format 99\)") as caught:
        open_state(tmp_path)
    assert __version__ in str(caught.value)
    assert before == path.read_bytes()


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """A wrong folder does not become pdsync's."""
    path = tmp_path / "state.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE meta (id INTEGER)")
    connection.close()
    with pytest.raises(StateError, match="another program"):
        open_state(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"not a database, but long enough for a header " * 40, b"SQLite format 3\x00" + b"\xff" * 5000],
)
def test_a_file_that_is_no_database_is_damaged(tmp_path: Path, content: bytes) -> None:
    """One message for whatever it is; the file stays as it is."""
    path = tmp_path / "state.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StateError, match="damaged"):
        open_state(tmp_path)
    assert content == path.read_bytes()


def test_a_file_damaged_in_the_middle_is_noticed(tmp_path: Path) -> None:
    """Pages overwritten by a bad disk or a wrong tool give an error, not wrong answers."""
    with open_state(tmp_path) as state:
        fill(state, first=0, count=3_000)
    path = tmp_path / "state.sqlite3"
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 3 * 2] = os.urandom(len(content) // 3)
    path.write_bytes(content)
    with pytest.raises(StateError, match="damaged"), open_state(tmp_path) as state:
        state.ledger.links_table()


def test_a_folder_that_is_not_there_is_a_state_error(tmp_path: Path) -> None:
    """Foreign exceptions do not pass the border."""
    with pytest.raises(StateError, match="No such file"):
        open_state(tmp_path / "missing")


def limit_pages(state: State) -> None:
    """Let the file grow no further."""
    with state._database._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def fill(state: State, *, first: int, count: int = 2_000) -> None:
    """Links in one transaction, more than fit."""
    links = [
        Change(ChangeKind.LINK, Side.PIPEDRIVE, str(number), f"z{number}", "a" * 100, number=number)
        for number in range(first, first + count)
    ]
    with state.writing("test") as writer, writer.transaction() as transaction:
        transaction.ledger.settle(links, "v")


def test_a_full_database_takes_a_step_whole_or_not_at_all(tmp_path: Path) -> None:
    """SQLite's ``max_page_count``: the step that did not fit left nothing, what was there before is whole."""
    with open_state(tmp_path) as state:
        fill(state, first=0, count=10)
        limit_pages(state)
        with pytest.raises(StorageFull, match="no room left") as caught:
            fill(state, first=100)
        assert str(tmp_path) in str(caught.value)
        assert state.ledger.count_links() == 10
        assert state.ledger.revision() == 1


LIMITED = """
import resource, sys
from pathlib import Path
from tests.store.test_database import fill, open_state
from pdsync.errors import StorageFull
folder = Path(sys.argv[1])
with open_state(folder) as state:
    fill(state, first=0, count=10)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    try:
        fill(state, first=100, count=20_000)
    except StorageFull:
        sys.exit(0)
sys.exit(4)
"""


def test_a_full_disk_takes_a_step_whole_or_not_at_all(tmp_path: Path) -> None:
    """RLIMIT_FSIZE: the write itself fails, in the middle of a transaction."""
    done = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], check=False, cwd=Path.cwd())
    assert done.returncode == 0
    with open_state(tmp_path) as state:
        assert state.ledger.count_links() == 10
        assert state.ledger.revision() == 1
        fill(state, first=100, count=10)
        assert state.ledger.count_links() == 20


def test_a_file_that_may_not_be_written_is_said_so(tmp_path: Path) -> None:
    """Rights of the file, or a file system that is mounted read-only."""
    with open_state(tmp_path) as state:
        with state._database._writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(StateError, match="may not be written"):
            fill(state, first=0, count=1)


def test_a_file_held_by_another_program_is_said_so(tmp_path: Path) -> None:
    """A database browser with an open transaction makes a run wait, then end with a word on what to close."""
    with open_state(tmp_path) as state:
        with state._database._writer.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        other = sqlite3.connect(tmp_path / "state.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match="another program"):
            fill(state, first=0, count=1)
        other.close()


def _raise(error: Exception) -> Callable[[], None]:
    def step() -> None:
        raise error

    return step


@pytest.mark.parametrize(
    "error",
    [
        sqlite3.OperationalError("secret parameter"),
        sa.exc.OperationalError(
            "SELECT 'secret statement'", {"x": "secret"}, sqlite3.OperationalError("cannot do this")
        ),
        sa.exc.InvalidRequestError("secret"),
    ],
)
def test_no_foreign_error_passes_the_border(tmp_path: Path, error: Exception) -> None:
    """Whatever SQLAlchemy or SQLite raise becomes a StateError that holds no statement and no parameter."""
    with pytest.raises(StateError) as caught, sql_border(tmp_path):
        _raise(error)()
    if isinstance(error, sa.exc.SQLAlchemyError):
        assert "secret" not in str(caught.value)
