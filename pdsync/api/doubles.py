"""Near duplicates as rows for people: who is probably whom, and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["doubles_schema", "doubles_table"]


def doubles_schema() -> pa.Schema:
    """The columns of ``AuditReport.near_duplicates``."""
    import pyarrow as pa

    texts = ("where", "side", "id", "name", "address", "nearest")
    words = ("agree", "differ")
    return pa.schema(
        [
            ("person", pa.int64()),
            *((name, pa.string()) for name in texts),
            *((name, pa.list_(pa.string())) for name in words),
            ("probability", pa.float64()),
            ("sure", pa.string()),
            ("link", pa.string()),
        ]
    )


def doubles_table(found: pa.Table, schema: pa.Schema) -> pa.Table:
    """The rows of the audit's findings, details opened, people numbered in their order."""
    import pyarrow as pa

    numbers: dict[str, int] = {}
    batches = []
    for batch in found.select(["finding", "group", "side", "id", "link", "details"]).to_batches(
        max_chunksize=5_000
    ):
        rows = []
        for row in batch.to_pylist():
            number = numbers.setdefault(row["finding"], len(numbers) + 1)
            rows.append({"person": number, "where": row["group"], **_opened(row)})
        batches.append(pa.RecordBatch.from_pylist(rows, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    details = json.loads(row["details"])
    parts = (details.get(code) for code in ("first_name", "last_name", "name"))
    told = {key: details[key] for key in ("address", "nearest", "agree", "differ", "probability")}
    return {
        **{key: row[key] for key in ("side", "id", "link")},
        **told,
        "name": " ".join(str(part) for part in parts if part),
        "sure": details["in_words"].partition(" sure")[0],
    }
