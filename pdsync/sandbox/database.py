"""One SQLite file that holds everything both stand-ins know.

Adding tables
-------------
A module that needs tables declares one `Schema` beside the code that uses them, and `assembly.SCHEMAS` lists it::

    PLEZI_SCHEMA = Schema(
        name="plezi",
        version=1,
        statements=(
            "CREATE TABLE plezi_contacts (id TEXT PRIMARY KEY, email TEXT NOT NULL, ...) STRICT",
            "CREATE INDEX plezi_contacts_email ON plezi_contacts (email)",
        ),
        on_create=lambda db: db.execute("INSERT INTO ..."),  # rows that an empty account has
    )

Rules: table names begin with the schema's name; the statements run once, when the file is made (and again on
`Database.reset`, which drops and makes again the tables of every schema); `version` goes up when they change,
and a file of another version is refused, because a sandbox file is cheap to make again and nobody needs its
migrations.

Using it
--------
`rows`, `row`, `value` read; `execute` and `executemany` write; several writes that belong together go into
``with db.transaction():`` (may be nested; an exception undoes what is inside). Outside of a transaction
each statement commits by itself. `setting` and `set_setting` keep small JSON values.

Everything runs in one thread, on the event loop: a handler that does not await inside a transaction cannot be
interleaved with another. That is the concurrency model of the stand-ins, and why one connection is enough.
WAL with ``synchronous=NORMAL`` survives a killed process, and another process may read the file meanwhile.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

_MAGIC = b"SQLite format 3\x00"

Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]


class DatabaseFileError(Exception):
    """The file is not one of ours, or was made by another version of the sandbox."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one module."""

    name: str
    """Also the beginning of each of its table names."""

    version: int
    """Goes up whenever ``statements`` change."""

    statements: tuple[str, ...]
    """CREATE TABLE and CREATE INDEX, run in order."""

    on_create: Callable[[Database], None] | None = None
    """Adds the rows that an empty account has; runs after the tables of every schema exist."""


class Database:
    """An open sandbox file. See the module docstring for the way to use it."""

    def __init__(self, path: Path, schemas: Sequence[Schema]) -> None:
        self.path = path
        self._schemas = tuple(schemas)
        self._depth = 0
        is_new = not path.exists() or path.stat().st_size == 0
        if not is_new:
            _require_ours(path)
        # isolation_level=None: the module would otherwise open transactions behind our back.
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        if is_new:
            path.chmod(0o600)  # a rehearsal puts copies of real people in here
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA synchronous = NORMAL")
        self.execute("PRAGMA foreign_keys = ON")
        self.execute("PRAGMA cache_size = -65536")  # 64 MiB: 200,000 persons stay in memory
        try:
            with self.transaction():
                self._create_missing()
        except BaseException:
            self.close()
            raise

    def _create_missing(self) -> None:
        self.execute(
            "CREATE TABLE IF NOT EXISTS sandbox_schemas (name TEXT PRIMARY KEY, version INTEGER) STRICT"
        )
        self.execute("CREATE TABLE IF NOT EXISTS sandbox_settings (key TEXT PRIMARY KEY, value TEXT) STRICT")
        found = {
            row["name"]: row["version"] for row in self.rows("SELECT name, version FROM sandbox_schemas")
        }
        created: list[Schema] = []
        for schema in self._schemas:
            if schema.name not in found:
                for statement in schema.statements:
                    self.execute(statement)
                self.execute("INSERT INTO sandbox_schemas VALUES (?, ?)", (schema.name, schema.version))
                created.append(schema)
            elif found[schema.name] != schema.version:
                message = (
                    f"{self.path} was made by another version of the sandbox (tables '{schema.name}': version "
                    f"{found[schema.name]}, expected {schema.version}). Delete the file and start again."
                )
                raise DatabaseFileError(message)
        for schema in created:
            if schema.on_create is not None:
                schema.on_create(self)

    def reset(self) -> None:
        """Back to an empty account: the tables of every schema are dropped and made again; settings stay."""
        with self.transaction():
            self.execute("PRAGMA defer_foreign_keys = ON")
            for schema in reversed(self._schemas):
                names = [
                    row["name"]
                    for row in self.rows(
                        "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?",
                        (f"{schema.name}_*",),
                    )
                ]
                for name in names:
                    self.execute(f'DROP TABLE "{name}"')
                self.execute("DELETE FROM sandbox_schemas WHERE name = ?", (schema.name,))
            self._create_missing()

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the writes inside, or none; may be nested."""
        savepoint = f"nested_{self._depth}"
        self._connection.execute("BEGIN IMMEDIATE" if self._depth == 0 else f"SAVEPOINT {savepoint}")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self._connection.execute("ROLLBACK" if self._depth == 0 else f"ROLLBACK TO {savepoint}")
            raise
        self._depth -= 1
        self._connection.execute("COMMIT" if self._depth == 0 else f"RELEASE {savepoint}")

    def execute(self, sql: str, parameters: Parameters = ()) -> sqlite3.Cursor:
        """Run one statement; ``lastrowid`` and ``rowcount`` are on the cursor."""
        return self._connection.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for every item, in one transaction: the fast way in for seeding."""
        with self.transaction():
            self._connection.executemany(sql, parameters)

    def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Every row of a query; columns by name."""
        return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """The first row of a query, if there is one."""
        found: sqlite3.Row | None = self._connection.execute(sql, parameters).fetchone()
        return found

    def value(self, sql: str, parameters: Parameters = ()) -> Any:  # noqa: ANN401 - SQLite's values are of any type
        """The first column of the first row, or None."""
        found = self.row(sql, parameters)
        return None if found is None else found[0]

    def setting(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - JSON is of any type
        """A small JSON value kept in the file."""
        text = self.value("SELECT value FROM sandbox_settings WHERE key = ?", (key,))
        return default if text is None else json.loads(text)

    def set_setting(self, key: str, value: Any) -> None:  # noqa: ANN401 - JSON is of any type
        """Keep a small JSON value in the file; None takes it out."""
        if value is None:
            self.execute("DELETE FROM sandbox_settings WHERE key = ?", (key,))
            return
        self.execute(
            "INSERT INTO sandbox_settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (key, json.dumps(value)),
        )


def _require_ours(path: Path) -> None:
    """Refuse somebody else's file before SQLite can write to it: it takes any short file for an empty database."""
    with path.open("rb") as file:
        is_sqlite = file.read(len(_MAGIC)) == _MAGIC
    if is_sqlite:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            is_ours = connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = 'sandbox_schemas'"
            ).fetchone()
        if is_ours:
            return
    raise DatabaseFileError(
        f"{path} is not a sandbox file; it was left as it is. Name a file that does not exist yet."
    )
