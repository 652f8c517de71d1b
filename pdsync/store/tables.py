"""The tables of the state, as they are today. How older states become this is in ``migrations``.

Written in SQLAlchemy Core, so that PostgreSQL can hold the same tables for teams. Values are JSON texts of what a
service delivered (``codec``). Text ids everywhere: Plezi's are no numbers.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

__all__ = [
    "accounts",
    "bases",
    "bindings",
    "enrolled",
    "existing",
    "held_creates",
    "journal",
    "links",
    "mapped_fields",
    "meta",
    "metadata",
    "not_stored",
    "runs",
    "undone",
]

metadata = MetaData()

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
"""``format``, ``written_by``, ``revision``, ``existing.SIDE`` (the snapshot that told who existed before)."""

accounts = Table(
    "accounts",
    metadata,
    Column("side", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("domain", Text, nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pipedrive_id", Text, nullable=False, unique=True),
    Column("plezi_id", Text, nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("digest_pipedrive", Text),
    Column("digest_plezi", Text),
    Column("version", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("made_at", Text, nullable=False),
)

mapped_fields = Table(
    "mapped_fields",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("signature", Text, nullable=False),
)
"""A field mapping's key, once, and the signature under which its merge bases were made."""


def _per_link_and_field(name: str, *columns: Column[str]) -> Table:
    return Table(
        name,
        metadata,
        Column("link_id", Integer, ForeignKey("links.id", ondelete="CASCADE"), nullable=False),
        Column("field_id", Integer, ForeignKey("mapped_fields.id"), nullable=False),
        *columns,
        PrimaryKeyConstraint("link_id", "field_id", *(c.name for c in columns if c.info.get("key"))),
        sqlite_with_rowid=False,
    )


bases = _per_link_and_field(
    "bases", Column("pipedrive", Text, nullable=False), Column("plezi", Text, nullable=False)
)
undone = _per_link_and_field(
    "undone", Column("pipedrive", Text, nullable=False), Column("plezi", Text, nullable=False)
)
not_stored = _per_link_and_field(
    "not_stored",
    Column("side", Text, nullable=False, info={"key": True}),
    Column("sent", Text, nullable=False),
    Column("stored", Text, nullable=False),
)
"""What a server did not store as sent, by the side that was written."""

existing = Table(
    "existing",
    metadata,
    Column("side", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("adopted", Boolean, nullable=False),
    PrimaryKeyConstraint("side", "record_id"),
    sqlite_with_rowid=False,
)

held_creates = Table(
    "held_creates",
    metadata,
    Column("side", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    PrimaryKeyConstraint("side", "record_id"),
    sqlite_with_rowid=False,
)
"""Records from which nothing is created on the other side (again): an undo deleted it, or nobody can tell whether a
create whose answer was lost has happened."""

enrolled = Table(
    "enrolled", metadata, Column("pipedrive_id", Text, primary_key=True), sqlite_with_rowid=False
)

bindings = Table(
    "bindings",
    metadata,
    Column("side", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    PrimaryKeyConstraint("side", "name"),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("plan_id", Text, nullable=False, index=True),
    Column("mapping_name", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    Column("undoes", Text, nullable=False),
    Column("undone_by", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("remaining", Integer, nullable=False),
    Column("settled", Integer, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("intended_at", Text, nullable=False),
    Column("server_at", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("linked", Boolean, nullable=False),
    Column("vals", Integer, nullable=False),
    Column("clears", Integer, nullable=False),
    Column("change", Text, nullable=False),
    Column("stored", Text, nullable=False),
    Column("address_before", Text, nullable=False),
    Column("bases_before", Text, nullable=False),
    Column("error", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "number"),
)
Index("journal_at", journal.c.at)
"""The limits look at the last 24 hours."""
Index("journal_outcome", journal.c.outcome, journal.c.run_id)
"""Open intents are looked for at every start."""
Index("journal_record", journal.c.record_id, journal.c.side)
"""What was written to one person."""
