"""Two runs at once: the second is told who holds the lock and since when, and a dead holder holds nothing."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pdsync.errors import StateError, StateLocked
from pdsync.store import State
from pdsync.store.lock import StateLock

HOLDER = """
import sys
from pathlib import Path
from pdsync.store import State
folder = Path(sys.argv[1])
with State.open(folder / "state.sqlite3", folder / "lock") as state, state.writing("apply"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_second_run_is_told_who_holds_the_lock_and_since_when(tmp_path: Path) -> None:
    """One clear message: user, host, process, verb and time; nothing is done."""
    with holder(tmp_path) as process, State.open(tmp_path / "state.sqlite3", tmp_path / "lock") as state:
        with pytest.raises(StateLocked) as caught, state.writing("apply"):
            pass
        error = caught.value
        assert (
            f"{getpass.getuser()}@{os.uname().nodename}, process {process.pid}, pdsync apply" in error.holder
        )
        assert error.holder in str(error)
        assert error.since is not None
        assert timedelta(0) <= datetime.now(UTC) - error.since < timedelta(minutes=5)
        assert f"{error.since:%Y-%m-%d %H:%M:%S} UTC" in str(error)
        assert error.exit_code == 2


def test_reading_goes_on_while_another_run_writes(tmp_path: Path) -> None:
    """Plans, history and audits can be looked at during a run."""
    with holder(tmp_path), State.open(tmp_path / "state.sqlite3", tmp_path / "lock") as state:
        assert state.ledger.revision() == 0
        assert state.history.runs() == []


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    """Nobody ever has to delete a lock file: kill -9 frees the lock at once."""
    with holder(tmp_path) as process, State.open(tmp_path / "state.sqlite3", tmp_path / "lock") as state:
        process.kill()
        process.wait()
        with state.writing("apply"):
            pass


def test_the_lock_may_be_nested_and_ends_with_the_outermost(tmp_path: Path) -> None:
    """A verb that holds the lock may call parts that take it too."""
    with (
        State.open(tmp_path / "s", tmp_path / "lock") as one,
        State.open(tmp_path / "s", tmp_path / "lock") as two,
    ):
        with one.writing("demo"):
            with one.writing("apply"):
                pass
            with pytest.raises(StateLocked), two.writing("apply"):
                pass
        with two.writing("apply"):
            pass


@pytest.mark.parametrize("said", ["", "{", "[]", '{"user": 1}', "\x00" * 5000])
def test_an_unreadable_signature_is_still_a_lock(tmp_path: Path, said: str) -> None:
    """Between taking and signing, or with damaged words, the lock counts all the same."""
    path = tmp_path / "lock"
    first, second = StateLock(path), StateLock(path)
    first.acquire("apply")
    path.write_text(said)
    with pytest.raises(StateLocked, match="another process") as caught:
        second.acquire("apply")
    assert caught.value.since is None
    first.release()


def test_a_lock_that_cannot_be_made_is_a_state_error(tmp_path: Path) -> None:
    """Foreign exceptions do not pass the border."""
    with pytest.raises(StateError, match="No such file"):
        StateLock(tmp_path / "missing" / "lock").acquire("apply")
