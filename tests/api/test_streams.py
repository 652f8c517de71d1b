"""Journals and plans as tables on the disk: never all of them as Python objects, and gone when nobody reads them."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import pdsync
from pdsync.api import streams
from pdsync.api.streams import streamed

SCHEMA = pa.schema([("number", pa.int64()), ("word", pa.string())])


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Numbers and words."""
    for number in range(count):
        yield {"number": number, "word": f"word {number % 7}"}


def test_nothing_is_made_before_it_is_asked_for(room: Path) -> None:
    """A table costs nothing until somebody looks; then its rows are made once, in a private folder."""
    made: list[int] = []

    def make() -> Iterator[dict[str, Any]]:
        made.append(1)
        yield from rows(10)

    table = streamed("Rows", lambda: SCHEMA, make)
    assert list(room.iterdir()) == []

    assert (table.rows, table.to_polars().height, table.columns) == (10, 10, ("number", "word"))
    (folder,) = room.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert made == [1]


def test_some_rows_at_a_time(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, only a group of them are Python objects at once; the order stays."""
    monkeypatch.setattr(streams, "_GROUP", 3)
    alive = 0
    most = 0

    class Counted(dict[str, Any]):
        def __init__(self, values: dict[str, Any]) -> None:
            nonlocal alive, most
            super().__init__(values)
            alive += 1
            most = max(most, alive)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    table = streamed("Rows", lambda: SCHEMA, lambda: map(Counted, rows(20)))

    assert table.to_polars()["number"].to_list() == list(range(20))
    assert most <= 2 * 3 + 1


def test_queries_keep_the_rows(room: Path) -> None:
    """A query outlives the table that it came from, and the folder goes with the last of them."""
    query = streamed("Rows", lambda: SCHEMA, lambda: rows(50)).lazy()
    filtered = query.filter(pl.col("word") == "word 3").select("number").head(2)
    del query
    gc.collect()

    assert filtered.collect()["number"].to_list() == [3, 10]
    assert len(list(room.iterdir())) == 1
    del filtered
    gc.collect()
    assert list(room.iterdir()) == []


def test_every_form_is_the_same(room: Path) -> None:
    """polars, Arrow, pandas, DuckDB and the display hold the same rows; no rows are a table as well."""
    table = streamed("Rows", lambda: SCHEMA, lambda: rows(30))

    assert table.to_arrow().num_rows == len(table.to_pandas()) == len(table.to_duckdb().fetchall()) == 30
    assert "The first 15 of 30 rows." in table._repr_mimebundle_()["text/html"]
    assert streamed("None", lambda: SCHEMA, lambda: iter(())).to_polars().is_empty()


def test_a_run_reads_its_journal_when_asked(demo_account: pdsync.Account) -> None:
    """A run holds its summary only; entries come from the state as they are read, and twice the same."""
    run = demo_account.run("last")
    entries = run._entries()

    assert isinstance(entries, Iterator)
    assert next(iter(entries)).number == 1
    assert run.journal.rows == demo_account.run("last").journal.rows > 100
    assert run.journal is run.journal
