"""The checks as pandera schemas over polars, validated lazily, so that every failure is told. Knows nothing of pdsync."""

from __future__ import annotations

from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from tests.benchmarks.peers.task import Found, Task, main


def failures(schema: Any, frame: pl.DataFrame) -> dict[str, list[str]]:
    """By name of a check, the ids of the rows that fail it."""
    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        failed = error.failure_cases.select("check", "index").unique()
        told = failed.join(
            frame.with_row_index("index").select("index", "id").cast({"index": failed["index"].dtype}),
            on="index",
        )
        return {str(name): held["id"].to_list() for (name,), held in told.group_by("check")}
    return {}


def rule(name: str, column: str, fine: pl.Expr) -> Any:
    """A check of one column, given as polars sees it."""
    return pa.Check(lambda data: data.lazyframe.select(fine.fill_null(value=True)), name=name, error=name)


def check(task: Task) -> Found:
    """The ids of the records at fault, by check and side."""
    found: Found = {}
    key = pl.col("key")
    held = {
        side: pl.read_parquet(tables["addresses"], columns=["id", "key"]).unique()
        for side, tables in task["tables"].items()
    }
    crowded = pl.concat([one.filter(key.is_duplicated())["key"].unique() for one in held.values()]).unique()
    for side, tables in task["tables"].items():
        addresses = pa.DataFrameSchema({"id": pa.Column(str), "key": pa.Column(str, checks=[
            rule("duplicate-email", "key", ~key.is_in(crowded.implode())),
            rule("role-address", "key", ~key.str.contains(task["desks"])),
            rule("disposable-email", "key", ~key.str.contains(task["disposable"])),
            rule("mistyped-domain", "key", ~key.str.extract("^[^@]*@([^@]*)").is_in(task["slips"])),
        ])})  # fmt: skip
        for name, ids in failures(addresses, held[side]).items():
            found.setdefault(name, {})[side] = ids
        records = pl.read_parquet(tables["records"], columns=task["columns"][side])
        known = held[side]["id"].implode()
        checks: dict[str, list[Any]] = {
            "id": [rule("no-email", "id", pl.col("id").is_in(known))],
            "c:first_name": [
                rule("missing-first-name", "c:first_name", pl.col("c:first_name").is_not_null())
            ],
            "c:last_name": [rule("missing-last-name", "c:last_name", pl.col("c:last_name").is_not_null())],
        }
        for column in task["dates"][side]:
            checks[column] = [rule("wrong-format", column, pl.col(column).str.contains(task["day"]))]
        for column in task["short"][side]:
            checks[column] = [rule("value-too-long", column, pl.col(column).str.len_chars() <= task["room"])]
        columns = {name: pa.Column(str, checks=made, nullable=True) for name, made in checks.items()}
        for name, ids in failures(pa.DataFrameSchema(columns), records).items():
            found.setdefault(name, {})[side] = ids
    return found


if __name__ == "__main__":
    main(check)
