"""How a state of any older format becomes today's: numbered steps, each run once, each in one transaction.

A step is frozen once released: it names its tables itself, so that later changes in ``tables`` cannot alter what it
did. A test runs every chain of steps from every older format, and one compares their result with ``tables``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["FORMAT", "MIGRATIONS"]


def _first_tables(connection: Connection) -> None:
    """Format 1: links and bases, marks, memories, accounts, runs and their journal."""
    import sqlalchemy as sa

    metadata = sa.MetaData()

    def text(
        name: str, *, primary_key: bool = False, unique: bool = False, nullable: bool = False
    ) -> sa.Column[str]:
        return sa.Column(name, sa.Text, primary_key=primary_key, unique=unique or None, nullable=nullable)

    def number(name: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer, nullable=False)

    def per_link_and_field(name: str, *columns: sa.Column[str], also: tuple[str, ...] = ()) -> sa.Table:
        return sa.Table(
            name,
            metadata,
            sa.Column("link_id", sa.Integer, sa.ForeignKey("links.id", ondelete="CASCADE"), nullable=False),
            sa.Column("field_id", sa.Integer, sa.ForeignKey("mapped_fields.id"), nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("link_id", "field_id", *also),
            sqlite_with_rowid=False,
        )

    sa.Table("meta", metadata, text("key", primary_key=True), text("value"))
    sa.Table(
        "accounts", metadata, text("side", primary_key=True), text("account_id"), text("name"), text("domain")
    )
    sa.Table(
        "links",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        text("pipedrive_id", unique=True),
        text("plezi_id", unique=True),
        text("address"),
        text("state"),
        text("digest_pipedrive", nullable=True),
        text("digest_plezi", nullable=True),
        text("version"),
        sa.Column("open", sa.Boolean, nullable=False),
        text("made_at"),
    )
    sa.Table(
        "mapped_fields",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        text("key", unique=True),
        text("signature"),
    )
    per_link_and_field("bases", text("pipedrive"), text("plezi"))
    per_link_and_field("undone", text("pipedrive"), text("plezi"))
    per_link_and_field("not_stored", text("side"), text("sent"), text("stored"), also=("side",))
    for name, columns in {
        "existing": (text("side"), text("record_id"), sa.Column("adopted", sa.Boolean, nullable=False)),
        "held_creates": (text("side"), text("record_id"), text("why"), text("run_id")),
    }.items():
        key = sa.PrimaryKeyConstraint("side", "record_id")
        sa.Table(name, metadata, *columns, key, sqlite_with_rowid=False)
    sa.Table("enrolled", metadata, text("pipedrive_id", primary_key=True), sqlite_with_rowid=False)
    sa.Table(
        "bindings",
        metadata,
        text("side"),
        text("name"),
        text("code"),
        sa.PrimaryKeyConstraint("side", "name"),
        sqlite_with_rowid=False,
    )
    words = (
        "kind",
        "state",
        "plan_id",
        "mapping_name",
        "started_at",
        "ended_at",
        "undoes",
        "undone_by",
        "message",
    )
    run = sa.Table(
        "runs",
        metadata,
        text("id", primary_key=True),
        *(text(name) for name in words),
        number("remaining"),
        number("settled"),
    )
    sa.Index("ix_runs_plan_id", run.c.plan_id)
    entry = sa.Table(
        "journal",
        metadata,
        sa.Column("run_id", sa.Text, sa.ForeignKey("runs.id"), nullable=False),
        number("number"),
        *(text(name) for name in ("kind", "side", "record_id", "outcome", "intended_at", "server_at", "at")),
        sa.Column("linked", sa.Boolean, nullable=False),
        number("vals"),
        number("clears"),
        *(text(name) for name in ("change", "stored", "address_before", "bases_before", "error")),
        sa.PrimaryKeyConstraint("run_id", "number"),
    )
    sa.Index("journal_at", entry.c.at)
    sa.Index("journal_outcome", entry.c.outcome, entry.c.run_id)
    metadata.create_all(connection, checkfirst=False)
    connection.execute(
        sa.insert(metadata.tables["meta"]),
        [
            {"key": "format", "value": "0"},
            {"key": "written_by", "value": ""},
            {"key": "revision", "value": "0"},
        ],
    )


def _journal_by_record(connection: Connection) -> None:
    """Format 2: what was written to one record is found without reading the whole journal (``pdsync explain``)."""
    import sqlalchemy as sa

    entry = sa.Table("journal", sa.MetaData(), sa.Column("record_id", sa.Text), sa.Column("side", sa.Text))
    sa.Index("journal_record", entry.c.record_id, entry.c.side).create(connection)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_first_tables, _journal_by_record)
"""Step n makes format n + 1 out of format n; format 0 is an empty database."""

FORMAT = len(MIGRATIONS)
"""Today's format."""
