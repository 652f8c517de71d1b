"""Plezi's tables in the sandbox file."""

from __future__ import annotations

from typing import Final

from pdsync.sandbox.database import Schema

PLEZI_SCHEMA: Final = Schema(
    name="plezi",
    version=1,
    statements=(
        """
        CREATE TABLE plezi_contacts (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,          -- 24 hexadecimal digits, rising with the time of creation
            email TEXT NOT NULL,
            email_key TEXT NOT NULL UNIQUE,   -- lower case: the identity of a contact (R17)
            first_name TEXT,
            last_name TEXT,
            company TEXT,
            function TEXT,
            behaviour_score INTEGER NOT NULL,
            state TEXT,
            source TEXT,
            medium TEXT,
            form TEXT,                        -- title of the form of origin (R14)
            opted_out INTEGER NOT NULL,
            consents TEXT NOT NULL,           -- JSON list of numbers
            subscriptions TEXT NOT NULL,      -- JSON list of newsletter ids
            custom TEXT NOT NULL,             -- JSON object: custom field -> value; empty fields are left out
            created_at TEXT NOT NULL,
            updated_at TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX plezi_contacts_updated_at ON plezi_contacts (updated_at, id)",
        "CREATE INDEX plezi_contacts_created_at ON plezi_contacts (created_at, id)",
        """
        CREATE TABLE plezi_fields (
            position INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,         -- with the prefix plz_
            label TEXT NOT NULL,
            type TEXT NOT NULL,
            options TEXT                      -- JSON list of [value, label], or NULL where the type has none
        ) STRICT
        """,
        """
        CREATE TABLE plezi_forms (
            id TEXT PRIMARY KEY,              -- the content_web_form_id: a UUID in the current API
            form_id TEXT NOT NULL UNIQUE,     -- 24 hexadecimal digits, as the legacy call has it
            title TEXT NOT NULL,
            created_at TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE plezi_submissions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            contact_id TEXT NOT NULL,
            form TEXT NOT NULL REFERENCES plezi_forms (id),
            submitted_at TEXT NOT NULL,
            parameters TEXT NOT NULL,         -- JSON list of [name, value], as received
            points INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX plezi_submissions_contact ON plezi_submissions (contact_id)",
    ),
)
