"""The checks in DuckDB's SQL over the Parquet files: nothing but queries. Knows nothing of pdsync."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.benchmarks.peers.task import Found, Task, main


def check(task: Task) -> Found:
    """The ids of the records at fault, by check and side."""
    found: Found = {}
    base = duckdb.connect()
    base.execute("SET enable_progress_bar = false")
    base.execute("CREATE TABLE slips AS SELECT unnest(?) AS domain", [task["slips"]])
    for side, tables in task["tables"].items():
        source = base.read_parquet(tables["addresses"])
        base.register(f"read_{side}", source)
        base.execute(f"CREATE TABLE held_{side} AS SELECT DISTINCT id, key FROM read_{side}")  # noqa: S608
    crowded = " UNION ".join(
        f"SELECT key FROM held_{side} GROUP BY key HAVING count(*) > 1"  # noqa: S608
        for side in task["tables"]
    )
    base.execute(f"CREATE TABLE crowded AS {crowded}")
    for side, tables in task["tables"].items():
        base.register(f"records_{side}", base.read_parquet(tables["records"]))

        def ids(query: str, name: str, values: list[Any] | None = None, side: str = side) -> None:
            rows = base.execute(f"SELECT DISTINCT id FROM {query}", values or []).fetchall()  # noqa: S608
            found.setdefault(name, {}).setdefault(side, []).extend(row[0] for row in rows)

        held, records = f"held_{side}", f"records_{side}"
        ids(f"{held} SEMI JOIN crowded USING (key)", "duplicate-email")
        ids(f"{held} WHERE regexp_matches(key, ?)", "role-address", [task["desks"]])
        ids(f"{held} WHERE regexp_matches(key, ?)", "disposable-email", [task["disposable"]])
        ids(f"{held} SEMI JOIN slips ON split_part(key, '@', 2) = domain", "mistyped-domain")
        ids(f"{records} ANTI JOIN {held} USING (id)", "no-email")
        for name, column in (("missing-first-name", "c:first_name"), ("missing-last-name", "c:last_name")):
            ids(f'{records} WHERE "{column}" IS NULL', name)
        for column in task["dates"][side]:
            ids(f'{records} WHERE NOT regexp_matches("{column}", ?)', "wrong-format", [task["day"]])
        for column in task["short"][side]:
            ids(f'{records} WHERE length("{column}") > ?', "value-too-long", [task["room"]])
    return found


if __name__ == "__main__":
    main(check)
