"""How a state of any older format becomes today's: numbered steps, each run once, each in one transaction.

A step is frozen once released: it is SQL text, so that neither later changes in ``tables`` nor another SQLAlchemy can
alter what it did; and a new state is there in less than half the time. A test runs every chain of steps from every
older format, and one compares their result with ``tables``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["FORMAT", "MIGRATIONS", "migrate"]

_FIRST_TABLES = """
CREATE TABLE meta ("key" TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));

INSERT INTO meta ("key", value) VALUES ('format', '0'), ('written_by', ''), ('revision', '0');

CREATE TABLE accounts (
  side TEXT NOT NULL, account_id TEXT NOT NULL, name TEXT NOT NULL, domain TEXT NOT NULL, PRIMARY KEY (side)
);

CREATE TABLE links (
  id INTEGER NOT NULL, pipedrive_id TEXT NOT NULL, plezi_id TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL,
  digest_pipedrive TEXT, digest_plezi TEXT, version TEXT NOT NULL, open BOOLEAN NOT NULL, made_at TEXT NOT NULL,
  PRIMARY KEY (id), UNIQUE (pipedrive_id), UNIQUE (plezi_id)
);

CREATE TABLE mapped_fields (
  id INTEGER NOT NULL, "key" TEXT NOT NULL, signature TEXT NOT NULL, PRIMARY KEY (id), UNIQUE ("key")
);

CREATE TABLE bases (
  link_id INTEGER NOT NULL, field_id INTEGER NOT NULL, pipedrive TEXT NOT NULL, plezi TEXT NOT NULL,
  PRIMARY KEY (link_id, field_id),
  FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE, FOREIGN KEY (field_id) REFERENCES mapped_fields (id)
) WITHOUT ROWID;

CREATE TABLE undone (
  link_id INTEGER NOT NULL, field_id INTEGER NOT NULL, pipedrive TEXT NOT NULL, plezi TEXT NOT NULL,
  PRIMARY KEY (link_id, field_id),
  FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE, FOREIGN KEY (field_id) REFERENCES mapped_fields (id)
) WITHOUT ROWID;

CREATE TABLE not_stored (
  link_id INTEGER NOT NULL, field_id INTEGER NOT NULL, side TEXT NOT NULL, sent TEXT NOT NULL, stored TEXT NOT NULL,
  PRIMARY KEY (link_id, field_id, side),
  FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE, FOREIGN KEY (field_id) REFERENCES mapped_fields (id)
) WITHOUT ROWID;

CREATE TABLE existing (
  side TEXT NOT NULL, record_id TEXT NOT NULL, adopted BOOLEAN NOT NULL, PRIMARY KEY (side, record_id)
) WITHOUT ROWID;

CREATE TABLE held_creates (
  side TEXT NOT NULL, record_id TEXT NOT NULL, why TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (side, record_id)
) WITHOUT ROWID;

CREATE TABLE enrolled (pipedrive_id TEXT NOT NULL, PRIMARY KEY (pipedrive_id)) WITHOUT ROWID;

CREATE TABLE bindings (
  side TEXT NOT NULL, name TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (side, name)
) WITHOUT ROWID;

CREATE TABLE runs (
  id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, plan_id TEXT NOT NULL, mapping_name TEXT NOT NULL,
  started_at TEXT NOT NULL, ended_at TEXT NOT NULL, undoes TEXT NOT NULL, undone_by TEXT NOT NULL,
  message TEXT NOT NULL, remaining INTEGER NOT NULL, settled INTEGER NOT NULL, PRIMARY KEY (id)
);

CREATE INDEX ix_runs_plan_id ON runs (plan_id);

CREATE TABLE journal (
  run_id TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, side TEXT NOT NULL, record_id TEXT NOT NULL,
  outcome TEXT NOT NULL, intended_at TEXT NOT NULL, server_at TEXT NOT NULL, at TEXT NOT NULL,
  linked BOOLEAN NOT NULL, vals INTEGER NOT NULL, clears INTEGER NOT NULL, change TEXT NOT NULL, stored TEXT NOT NULL,
  address_before TEXT NOT NULL, bases_before TEXT NOT NULL, error TEXT NOT NULL,
  PRIMARY KEY (run_id, number), FOREIGN KEY (run_id) REFERENCES runs (id)
);

CREATE INDEX journal_at ON journal (at);

CREATE INDEX journal_outcome ON journal (outcome, run_id)
"""
"""Format 1: links and bases, marks, memories, accounts, runs and their journal."""

_JOURNAL_BY_RECORD = "CREATE INDEX journal_record ON journal (record_id, side)"
"""Format 2: what was written to one record is found without reading the whole journal (``pdsync explain``)."""

MIGRATIONS = (_FIRST_TABLES, _JOURNAL_BY_RECORD)
"""Step n, statements parted by semicolons, makes format n + 1 out of format n; format 0 is an empty database."""

FORMAT = len(MIGRATIONS)
"""Today's format."""


def migrate(connection: Connection, step: str) -> None:
    """Take one step within the transaction of the connection, which ``executescript`` would end."""
    for statement in step.split(";"):
        connection.exec_driver_sql(statement)
