"""The checks in pandas, on Arrow-backed columns: its fastest way with text. Knows nothing of pdsync."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.benchmarks.peers.task import Found, Task, main


def read(task: Task, side: str, table: str, *columns: str) -> Any:
    """Some columns of a table."""
    return pd.read_parquet(task["tables"][side][table], columns=list(columns), dtype_backend="pyarrow")


def check(task: Task) -> Found:
    """The ids of the records at fault, by check and side."""
    found: Found = {}
    addresses = {
        side: read(task, side, "addresses", "id", "key").drop_duplicates() for side in task["tables"]
    }
    crowded = pd.concat([one.loc[one["key"].duplicated(), "key"] for one in addresses.values()]).unique()
    for side, held in addresses.items():
        key, records = held["key"], read(task, side, "records", *task["columns"][side])

        def ids(rows: Any, name: str, side: str = side) -> None:
            found.setdefault(name, {})[side] = rows["id"].unique().tolist()

        ids(held[key.isin(crowded)], "duplicate-email")
        ids(held[key.str.contains(task["desks"])], "role-address")
        ids(held[key.str.contains(task["disposable"])], "disposable-email")
        domain = key.str.extract(r"^[^@]*@(?P<domain>[^@]*)")["domain"]
        ids(held[domain.isin(task["slips"])], "mistyped-domain")
        ids(records[~records["id"].isin(held["id"])], "no-email")
        for name, column in (("missing-first-name", "c:first_name"), ("missing-last-name", "c:last_name")):
            ids(records[records[column].isna()], name)
        for column in task["dates"][side]:
            text = records[column]
            ids(records[text.notna() & ~text.str.contains(task["day"])], "wrong-format")
        for column in task["short"][side]:
            ids(records[records[column].str.len() > task["room"]], "value-too-long")
    return found


if __name__ == "__main__":
    main(check)
