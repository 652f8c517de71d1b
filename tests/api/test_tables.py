from __future__ import annotations

import polars as pl
import pyarrow as pa
import pytest

import pdsync
from pdsync.api.tables import MOST_IN_PANDAS, Source, Table, in_memory


def test_all_forms_hold_the_same(demo_account: pdsync.Account) -> None:
    """Arrow, polars, pandas and DuckDB give the same persons, whichever is asked."""
    records = demo_account.persons.records
    wanted = ["id", "first_name", "Secteur", "Date de naissance", "updated_at"]
    frame = records.to_polars().select(wanted).sort("id")

    assert records.rows == len(records) == frame.height
    assert frame.equals(pl.DataFrame(records.to_arrow()).select(wanted).sort("id"))
    assert list(records.to_pandas().sort_values("id")["id"]) == frame["id"].to_list()
    columns = ", ".join(f'"{name}"' for name in wanted)
    by_sql = pl.DataFrame(records.to_duckdb().project(columns).order("id").to_arrow_table())
    assert by_sql.rows() == frame.rows()


def test_columns_are_what_people_know(demo_account: pdsync.Account) -> None:
    """Pipedrive's custom fields by name, options by label, and every column explained."""
    records = demo_account.persons.records
    assert {"Secteur", "sync_to_plezi", "first_name"} <= set(records.columns)
    assert set(records.notes) == set(records.columns) - {"id", "updated_at"}

    held = set(records.to_polars()["Secteur"].drop_nulls())
    shown = demo_account.options.to_polars().filter(side="pipedrive", field="Secteur")["label"]
    listed = {label.removesuffix(" (not in the list)") for label in shown}
    assert held
    assert held <= listed


def test_a_million_rows_do_not_enter_pandas_by_accident() -> None:
    """``to_pandas`` refuses what was not meant, and says what to do instead; nothing is loaded."""

    def never() -> pl.LazyFrame:
        raise AssertionError("loaded")

    large = Table("persons", Source(never, lambda: MOST_IN_PANDAS + 1))

    with pytest.raises(pdsync.PdsyncError, match=r"\.lazy\(\)"):
        large.to_pandas()


def test_a_table_is_made_once_and_late() -> None:
    """Naming a table costs nothing; asking twice works once."""
    made = []

    def make() -> pa.Table:
        made.append(1)
        return pa.table({"n": [1, 2]})

    table = in_memory("numbers", make)
    assert made == []
    assert table.rows == 2
    assert table.to_pandas()["n"].tolist() == [1, 2]
    assert made == [1]


def test_fields_count_what_is_filled(demo_account: pdsync.Account) -> None:
    """The fill rate of a field is that of its column."""
    persons = demo_account.persons
    fields = {row["column"]: row for row in persons.fields.to_arrow().to_pylist()}

    assert fields["last_name"]["filled"] == persons.records.to_polars()["last_name"].count()
    assert fields["last_name"]["percent"] == pytest.approx(100 * fields["last_name"]["filled"] / persons.rows)
