"""Pipedrive's tables in the sandbox file.

Values of a person that are lists or objects are JSON text in its row: they are always read and written whole,
and a page of 500 persons is one query. Custom fields hold only what is set; the nulls that the API shows are
added on the way out. Times are text in the form of API v2 (``2026-09-01T08:15:00Z``), which sorts as it reads.
"""

from __future__ import annotations

from pdsync.sandbox.database import Database, Schema

OWNER_ID = 7001
"""The administrator whom the account's token belongs to. Ids of users are invented."""

COLLEAGUE_ID = 7002
"""A second user without administration rights, who does not see everything."""

LABEL_FIELD = "label_ids"
DEFAULT_LABELS = ((1, "Customer"), (2, "Hot lead"), (3, "Warm lead"), (4, "Cold lead"))
"""Options of the standard field ``label_ids`` seen on a real account ([live] airbyte's expected records)."""


def _populate(db: Database) -> None:
    created = "2024-01-08T09:00:00Z"
    db.executemany(
        "INSERT INTO pipedrive_users (id, name, email, is_admin, add_time) VALUES (?, ?, ?, ?, ?)",
        [
            (OWNER_ID, "Ada Sandbox", "ada@example.com", 1, created),
            (COLLEAGUE_ID, "Benoît Sandbox", "benoit@example.com", 0, created),
        ],
    )
    db.executemany(
        "INSERT INTO pipedrive_options (id, field, label, position) VALUES (?, ?, ?, ?)",
        [(id_, LABEL_FIELD, label, id_) for id_, label in DEFAULT_LABELS],
    )
    # Options are numbered through the whole account; the low numbers belong to Pipedrive's own fields.
    db.execute("UPDATE sqlite_sequence SET seq = 30 WHERE name = 'pipedrive_options'")


PIPEDRIVE_SCHEMA = Schema(
    name="pipedrive",
    version=1,
    on_create=_populate,
    statements=(
        """
        CREATE TABLE pipedrive_users (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT NOT NULL,
            token TEXT UNIQUE,                -- of users other than OWNER_ID, whose token is the account's
            is_admin INTEGER NOT NULL,
            active INTEGER NOT NULL DEFAULT 1,
            add_time TEXT NOT NULL
        ) STRICT
        """,
        "CREATE TABLE pipedrive_organizations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT",
        """
        CREATE TABLE pipedrive_persons (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- ids are never given twice
            name TEXT NOT NULL,
            first_name TEXT,
            last_name TEXT,
            owner_id INTEGER NOT NULL,
            org_id INTEGER,
            add_time TEXT NOT NULL,
            update_time TEXT,
            visible_to INTEGER NOT NULL,
            label_ids TEXT NOT NULL,          -- JSON list
            emails TEXT NOT NULL,             -- JSON list of {label, value, primary}
            phones TEXT NOT NULL,             -- JSON list of {label, value, primary}
            custom_fields TEXT NOT NULL,      -- JSON object: code -> value, set ones only
            contact_sync TEXT NOT NULL,       -- JSON object: the fields that contact sync brings
            marketing_status TEXT NOT NULL,
            marketing_changed INTEGER NOT NULL DEFAULT 0,
            picture_id INTEGER,
            deleted_time TEXT,
            written_time REAL NOT NULL,       -- when the search index hears of it
            search_text TEXT NOT NULL         -- what search looks through, case folded
        ) STRICT
        """,
        "CREATE INDEX pipedrive_persons_update_time ON pipedrive_persons (update_time, id)",
        "CREATE INDEX pipedrive_persons_add_time ON pipedrive_persons (add_time, id)",
        """
        CREATE TABLE pipedrive_fields (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            code TEXT NOT NULL UNIQUE,        -- 40 hexadecimal digits
            name TEXT NOT NULL,
            type TEXT NOT NULL,
            ui TEXT NOT NULL DEFAULT '{}',    -- JSON: ui_visibility, important_fields, required_fields
            deleted INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        """
        CREATE TABLE pipedrive_options (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            field TEXT NOT NULL,
            label TEXT NOT NULL,
            position INTEGER NOT NULL,
            add_time TEXT,
            update_time TEXT,
            deleted INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        "CREATE INDEX pipedrive_options_field ON pipedrive_options (field, position)",
        "CREATE TABLE pipedrive_spending (day TEXT PRIMARY KEY, spent INTEGER NOT NULL) STRICT",
    ),
)
