"""The request ledger: one row for every request that reached a stand-in, also for those that never got an answer.

Why it is kept by the server: a client's own count of its calls and tokens is what is being tested.
Rows are written before the answer leaves, so whoever has the answer finds the row.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from pdsync.sandbox.clock import Clock
from pdsync.sandbox.database import Database, Schema

LEDGER_SCHEMA = Schema(
    name="ledger",
    version=1,
    statements=(
        """
        CREATE TABLE ledger_requests (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time REAL NOT NULL,      -- when it arrived, in the time of the stand-ins
            side TEXT NOT NULL,      -- pipedrive | plezi
            method TEXT NOT NULL,
            route TEXT NOT NULL,     -- the path's template, or '-' where no route matches
            path TEXT NOT NULL,      -- the path as sent
            query TEXT NOT NULL,
            status INTEGER,          -- what the handler answered; NULL when it did not run (yet)
            tokens INTEGER NOT NULL,
            fault TEXT,              -- the fault that hit it
            milliseconds REAL NOT NULL
        ) STRICT
        """,
        "CREATE INDEX ledger_requests_route ON ledger_requests (side, method, route, status, tokens)",
    ),
)

NO_ROUTE = "-"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request, ready to be written down."""

    time: float
    side: str
    method: str
    route: str
    path: str
    query: str
    status: int | None = None
    tokens: int = 0
    fault: str | None = None
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows to look at; None means all."""

    side: str | None = None
    method: str | None = None
    route: str | None = None
    since_id: int = 0
    """Rows after this one: remember ``last_id``, act, ask again."""


_SELECTED = (
    " FROM ledger_requests WHERE id > :since_id AND (:side IS NULL OR side = :side)"
    " AND (:method IS NULL OR method = :method) AND (:route IS NULL OR route = :route)"
)
_COUNT = (
    "SELECT side, method, route, status, count(*) AS requests, sum(tokens) AS tokens"
    + _SELECTED
    + " GROUP BY side, method, route, status ORDER BY side, method, route, status"
)
_NEWEST = "SELECT *" + _SELECTED + " ORDER BY id DESC LIMIT :limit"


class Ledger:
    """Writes and reads the request ledger."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def write(self, entry: Entry) -> int:
        """Keep a row; its id is returned for `settle`."""
        cursor = self._db.execute(
            "INSERT INTO ledger_requests (time, side, method, route, path, query, status, tokens, fault, milliseconds)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                entry.time,
                entry.side,
                entry.method,
                entry.route,
                entry.path,
                entry.query,
                entry.status,
                entry.tokens,
                entry.fault,
                entry.milliseconds,
            ),
        )
        return cursor.lastrowid or 0

    def settle(self, entry_id: int, *, status: int, tokens: int) -> None:
        """What came of a request whose write happened late."""
        self._db.execute(
            "UPDATE ledger_requests SET status = ?, tokens = ? WHERE id = ?", (status, tokens, entry_id)
        )

    def clear(self) -> None:
        """Forget all rows. Token budgets are not given back: see ``reset`` in `control`."""
        self._db.execute("DELETE FROM ledger_requests")

    def summary(self, selection: Selection) -> dict[str, Any]:
        """Counts and tokens, in all and per route."""
        routes: dict[tuple[str, str, str], dict[str, Any]] = {}
        for row in self._db.rows(_COUNT, asdict(selection)):
            key = (row["side"], row["method"], row["route"])
            counts = routes.setdefault(
                key,
                {
                    "side": key[0],
                    "method": key[1],
                    "route": key[2],
                    "requests": 0,
                    "tokens": 0,
                    "statuses": {},
                },
            )
            counts["requests"] += row["requests"]
            counts["tokens"] += row["tokens"]
            counts["statuses"]["none" if row["status"] is None else str(row["status"])] = row["requests"]
        return {
            "requests": sum(counts["requests"] for counts in routes.values()),
            "tokens": sum(counts["tokens"] for counts in routes.values()),
            "last_id": self._db.value("SELECT coalesce(max(id), 0) FROM ledger_requests"),
            "routes": list(routes.values()),
        }

    def entries(self, selection: Selection, limit: int) -> list[dict[str, Any]]:
        """The newest rows, oldest first."""
        rows = self._db.rows(_NEWEST, asdict(selection) | {"limit": limit})
        return [
            dict(row) | {"time": datetime.fromtimestamp(row["time"], UTC).isoformat(timespec="milliseconds")}
            for row in reversed(rows)
        ]
