from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pdsync.sandbox.account import Account
from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database, Schema
from pdsync.sandbox.switches import Switch, Switches

THINGS = Schema(
    name="things",
    version=1,
    statements=(
        "CREATE TABLE things_list (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT",
    ),
    on_create=lambda db: db.executemany("INSERT INTO things_list (name) VALUES (?)", [("first",)]),
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A file with one table and one row."""
    database = Database(tmp_path / "sandbox.db", [THINGS])
    yield database
    database.close()


def names(db: Database) -> list[str]:
    """What is in the table."""
    return [row["name"] for row in db.rows("SELECT name FROM things_list ORDER BY id")]


def add(db: Database, name: str) -> None:
    """One more row."""
    db.execute("INSERT INTO things_list (name) VALUES (?)", (name,))


def test_a_transaction_is_whole(db: Database) -> None:
    """An exception undoes all of it."""
    with suppress(ZeroDivisionError), db.transaction():
        add(db, "lost")
        raise ZeroDivisionError
    assert names(db) == ["first"]


def test_an_inner_transaction_fails_alone(db: Database) -> None:
    """If its exception is caught, the outer one goes on without it."""
    with db.transaction():
        add(db, "kept")
        with suppress(ZeroDivisionError), db.transaction():
            add(db, "lost")
            raise ZeroDivisionError
        add(db, "kept too")
    assert names(db) == ["first", "kept", "kept too"]


def test_an_outer_transaction_takes_the_inner_one_along(db: Database) -> None:
    """What an inner one has finished is undone with the outer one."""
    with suppress(ZeroDivisionError), db.transaction():
        with db.transaction():
            add(db, "lost")
        raise ZeroDivisionError
    assert names(db) == ["first"]


def test_another_connection_may_read_meanwhile(db: Database, tmp_path: Path) -> None:
    """A reader in another process is neither blocked nor shown half a transaction."""
    other = Database(tmp_path / "sandbox.db", [THINGS])
    with db.transaction():
        add(db, "second")
        assert names(other) == ["first"]
    assert names(other) == ["first", "second"]
    other.close()


def test_a_reset_makes_the_tables_anew(db: Database) -> None:
    """Rows and counters are as in a new file; settings stay."""
    add(db, "second")
    db.set_setting("colour", {"red": [1, None]})
    db.reset()
    assert names(db) == ["first"]
    assert db.value("SELECT max(id) FROM things_list") == 1
    assert db.setting("colour") == {"red": [1, None]}


def test_a_setting_can_be_taken_out(db: Database) -> None:
    """None is no value."""
    db.set_setting("colour", "red")
    db.set_setting("colour", None)
    assert db.setting("colour", "blue") == "blue"


def test_tables_of_a_new_module_are_added(db: Database, tmp_path: Path) -> None:
    """A file made before the module existed gets its tables on opening."""
    more = Schema("more", 1, ("CREATE TABLE more_list (id INTEGER) STRICT",))
    other = Database(tmp_path / "sandbox.db", [THINGS, more])
    assert other.value("SELECT count(*) FROM more_list") == 0
    assert names(other) == ["first"]
    other.close()


def test_the_clock_keeps_its_offset(db: Database) -> None:
    """A restart does not turn time back, and listeners hear of a change."""
    clock, heard = Clock(db), []
    clock.on_change(lambda: heard.append(clock.offset))
    clock.advance(60)
    clock.advance(0.5)
    assert heard == [60, 60.5]
    assert Clock(db).offset == 60.5
    assert clock.stamp() == clock.utc().strftime("%Y-%m-%dT%H:%M:%SZ")
    clock.restore()
    assert Clock(db).offset == 0


def test_a_position_of_a_switch_that_is_gone_is_forgotten(db: Database) -> None:
    """A file may know switches that this version does not."""
    old = Switch("side.old", default=1, meaning="", mark="invented", source="")
    new = Switch("side.new", default=1, meaning="", mark="invented", source="")
    Switches(db, [old, new]).turn({"side.old": 2, "side.new": 3})
    switches = Switches(db, [new])
    assert [switch["value"] for switch in switches.listing()] == [3]


def test_an_account_is_made_once(db: Database) -> None:
    """Keys stay the same; given ones replace the stored ones for good."""
    account = Account.open(db, {})
    assert Account.open(db, {}) == account
    given = Account.open(db, {"plezi_tenant": "acme"})
    assert (given.plezi_tenant, given.pipedrive_token) == ("acme", account.pipedrive_token)
    assert Account.open(db, {}) == given
