"""Finds pairs of records that are probably one person: candidates by what they share, weights by Splink, on DuckDB.

Everything stays on this machine and in a folder that is removed again: Splink sends nothing, DuckDB may load no
extension and reach no file but its own. The result depends on the records alone: no dice, no clock, no order of rows.
"""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.folding import folded
from pdsync.audits.lists import entries
from pdsync.audits.near_duplicate_levels import NAME, SAME_FIRST, USUAL, Comparison, comparisons
from pdsync.audits.near_duplicate_records import Compared
from pdsync.model import Kind

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["THRESHOLD", "Search", "find_pairs", "is_installed"]

THRESHOLD: Final = 0.99
"""Probability from which a pair is shown. Chosen for precision: people look at every one of them."""
_DOUBLES: Final = 0.02
"""The share of records expected to have a double: the probability that pairs begin with."""
_LARGEST_BLOCK: Final = 100
"""Records that share a key; more, and the key says nothing: a name with a thousand bearers, a switchboard."""
_SAMPLE: Final = 1_000
"""Records of which all pairs are looked at to measure how often strangers agree: half a million pairs."""
_STATED: Final = 100_000
"""Pairs that the stated ``u`` counts for beside the measured ones."""
_MEMORY: Final = "750MB"
_TEXT_KEYS: Final = 4
"""Mapped texts that candidates are looked for by."""
_TERMS: Final = ("full", "domain", "org", "company", "phone", "local")


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, and how it is to be read."""

    pairs: pa.Table
    """``left_side``, ``left_id``, ``right_side``, ``right_id`` (persons before contacts, ids as people count), ``weight``
    (log2 of the odds), ``prior`` included, and ``gamma_NAME`` per comparison: the level from the bottom, -1 where nothing
    is known."""
    compared: tuple[Comparison, ...]
    prior: float
    """log2 of the odds that two records are one person, before anything is compared."""


def is_installed() -> bool:
    """Whether the extra is there."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("splink", "duckdb"))


def find_pairs(
    tables: Iterable[pa.Table],
    fields: Sequence[Compared],
    *,
    folder: Path | None,
    threshold: float = THRESHOLD,
) -> Search:
    """The pairs that are one person with at least this probability.

    Args:
        tables: The records, as ``record_tables`` gives them; each is let go as soon as it is copied.
        fields: Their further columns.
        folder: Where a folder for what does not fit in memory is made and removed again; None: the system's.
        threshold: 0 to 1.

    Raises:
        duckdb.Error: it takes more memory or room than there is.
    """
    compared = comparisons(fields)
    with _database(folder) as connection:
        count = _prepare(connection, tables)
        _candidates(connection, fields)
        found = _weigh(connection, compared, fields, count, threshold)
    return Search(found, compared, math.log2(_chance(count)))


def _chance(count: int) -> float:
    """How likely two of so many records are one person, before anything is compared."""
    return _DOUBLES * 2 / max(count, 2)


@contextmanager
def _database(folder: Path | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in a folder that only this user may enter and that is gone afterwards, whatever happens."""
    import duckdb

    with tempfile.TemporaryDirectory(prefix="near-duplicates-", dir=folder) as room:
        connection = duckdb.connect(
            str(Path(room) / "records.duckdb"),
            config={
                "temp_directory": str(Path(room) / "spill"),
                "memory_limit": _MEMORY,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "preserve_insertion_order": "false",
            },
        )
        try:
            # In a notebook without widgets there is no bar to switch off.
            with suppress(duckdb.InvalidInputException):
                connection.execute("SET enable_progress_bar = false")
            yield connection
        finally:
            connection.close()


def _prepare(connection: duckdb.DuckDBPyConnection, tables: Iterable[pa.Table]) -> int:
    """The table ``people``: who has a name, with what SQL can say about a record by itself; how many there are.

    ``n`` counts them by side and id, as people count, so that pairs have an order that depends on nothing else.
    """
    free = sorted({*entries("mail_providers"), *entries("disposable_domains")})
    roles = sorted({folded(role) for role in entries("role_mailboxes")})
    made = "CREATE TABLE named AS"
    for table in tables:
        connection.register("given", table)
        connection.execute(f"{made} SELECT * FROM given WHERE first IS NOT NULL AND last IS NOT NULL")  # noqa: S608
        connection.unregister("given")
        made = "INSERT INTO named"
    connection.execute(
        """
        CREATE TABLE people AS
        WITH parts AS (
            SELECT *, row_number() OVER (ORDER BY side, length(id), id) - 1 AS n,
                split_part(key, '@', 1) AS box, split_part(key, '@', 2) AS host,
                array_to_string(list_sort(string_split(first || ' ' || last, ' ')), ' ') AS whole
            FROM named
        ), boxes AS (
            SELECT *, regexp_replace(split_part(box, '+', 1), '[^a-z0-9]', '', 'g') AS letters FROM parts
        ), beyond AS (
            SELECT *, replace(replace(letters, replace(last, ' ', ''), ''), replace(first, ' ', ''), '') AS more
            FROM boxes
        )
        SELECT * EXCLUDE (box, host, whole, letters, more),
            whole AS "full",
            CASE WHEN host <> '' AND NOT list_contains($free, host) THEN host END AS domain,
            CASE WHEN length(more) >= 4 AND NOT list_contains($roles, box) THEN letters END AS local,
            coalesce(key, 'n' || n) AS who
        FROM beyond ORDER BY n
        """,
        {"free": free, "roles": roles},
    )
    connection.execute("DROP TABLE named")
    return int(connection.sql("SELECT count(*) FROM people").fetchall()[0][0])


def _candidates(connection: duckdb.DuckDBPyConnection, fields: Sequence[Compared]) -> None:
    """The table ``candidates``: pairs with a key in common that is not everybody's.

    A key is a name, or a part of one with something else: who has neither name nor anything else in common is not
    looked at. Pairs of one address are not near duplicates, but the same mailbox.
    """
    keys = [['"full"'], ["local"], _with_a_name("phone")]
    keys += [
        [
            f"last || '/' || left(first, 1) || '/' || {place}",
            f"first || '/' || left(last, 1) || '/' || {place}",
        ]
        for place in ("domain", "org", "company")
    ]
    texts = 0
    for field in fields:
        if field.kind is Kind.DATE:
            keys.append(_with_a_name(field.column))
        elif texts < _TEXT_KEYS:
            texts += 1
            keys.append([f"last || '/' || {field.column}", f"first || '/' || {field.column}"])
    # Of one kind of keys those of first and last names may meet: they are exchanged often.
    listed = ", ".join(f"'{number}' || {key}" for number, alike in enumerate(keys) for key in alike)
    connection.execute(
        f"""
        CREATE TABLE keys AS
        SELECT n, who, key FROM (SELECT n, who, hash(unnest([{listed}])) AS key FROM people) WHERE key IS NOT NULL
        """  # noqa: S608 - columns of ours
    )
    connection.execute(
        """
        CREATE TABLE candidates AS
        WITH shared AS (
            SELECT key FROM keys GROUP BY key HAVING count(*) BETWEEN 2 AND $largest AND count(DISTINCT who) > 1
        ), kept AS (SELECT keys.* FROM keys SEMI JOIN shared USING (key))
        SELECT DISTINCT 0 AS match_key, l.n AS join_key_l, r.n AS join_key_r
        FROM kept l JOIN kept r ON l.key = r.key AND l.n < r.n AND l.who <> r.who
        """,
        {"largest": _LARGEST_BLOCK},
    )
    connection.execute("DROP TABLE keys")


def _with_a_name(column: str) -> list[str]:
    return [f"{column} || '/' || left(first, 1)", f"{column} || '/' || left(last, 1)"]


def _weigh(
    connection: duckdb.DuckDBPyConnection,
    compared: Sequence[Comparison],
    fields: Sequence[Compared],
    count: int,
    threshold: float,
) -> pa.Table:
    """The candidates that reach the threshold, weighed by Splink."""
    chances = _strangers(connection, compared)
    with _silent():
        from splink import DuckDBAPI, Linker

        api = DuckDBAPI(connection)
        people = api.register("people", dataset_display_name="people")
        linker = Linker(people, _settings(compared, chances, count), log_level=None)
        usual: dict[str, float] = {name: USUAL[name] for name in _TERMS}
        usual |= {field.column: USUAL[field.kind] for field in fields}
        for term, share in usual.items():
            table = _frequencies(connection, term, share)
            linker.table_management.register_term_frequency_lookup(api.register(table), term)
        linker.table_management.register_blocked_pairs_for_predict(api.register("candidates"))
        least = math.log2(threshold / (1 - threshold))
        weighed = linker.inference.predict(threshold_match_weight=least, warning_mode="never").physical_name
    kept = _allowed(compared, fields)
    gammas = ", ".join(f"gamma_{one.name}" for one in compared)
    found = f"""
        SELECT l.side AS left_side, l.id AS left_id, r.side AS right_side, r.id AS right_id,
            round(match_weight, 3) AS weight, {gammas}
        FROM {weighed} JOIN people l ON l.n = n_l JOIN people r ON r.n = n_r
        WHERE {kept} ORDER BY n_l, n_r
        """  # noqa: S608 - names of ours
    return connection.sql(found).to_arrow_table()


def _allowed(compared: Sequence[Comparison], fields: Sequence[Compared]) -> str:
    """The condition that no weight replaces: names agree, or the first name and a birthday do; no birthday is another.

    Twins share everything but the first name, people who marry everything but the last.
    """
    birthdays = [field.column for field in fields if field.is_birthday]
    levels = {one.name: one.levels for one in compared}
    top = {name: len(of_one) - 1 for name, of_one in levels.items()}
    agreeing = [str(top[NAME] - number) for number, level in enumerate(levels[NAME]) if level.agrees]
    married = next(top[NAME] - number for number, level in enumerate(levels[NAME]) if level.sql == SAME_FIRST)
    same_day = " OR ".join(f"gamma_{name} = {top[name]}" for name in birthdays) or "false"
    names = f"(gamma_{NAME} IN ({', '.join(agreeing)}) OR (gamma_{NAME} = {married} AND ({same_day})))"
    return " AND ".join([names, *(f"gamma_{name} <> 0" for name in birthdays)])


def _strangers(
    connection: duckdb.DuckDBPyConnection, compared: Sequence[Comparison]
) -> dict[str, list[float]]:
    """By comparison, how often each level occurs between different people: stated and measured together.

    All pairs of some records, chosen by a hash of their ids; among so many pairs, those of one person do not count.
    """
    columns = [
        name
        for name in connection.sql("SELECT * FROM people LIMIT 0").columns
        if name not in {"n", "side", "id"}
    ]
    left = ", ".join(f'l."{name}" AS "{name}_l", r."{name}" AS "{name}_r"' for name in columns)
    chances: dict[str, list[float]] = {}
    connection.execute(
        f"""
        CREATE TABLE sample AS SELECT * FROM people ORDER BY hash(side || id), n LIMIT {_SAMPLE}
        """  # noqa: S608
    )
    cases = []
    for one in compared:
        when = " ".join(
            f"WHEN {level.sql} THEN {number}" for number, level in enumerate(one.levels) if level.sql
        )
        cases.append(f"CASE WHEN {one.unknown} THEN -1 {when} ELSE {len(one.levels) - 1} END AS {one.name}")
    connection.execute(
        f"""
        CREATE TABLE strangers AS
        WITH pairs AS (SELECT {left} FROM sample l JOIN sample r ON l.n < r.n AND l.who <> r.who)
        SELECT {", ".join(cases)} FROM pairs
        """  # noqa: S608
    )
    for one in compared:
        counted = dict(
            connection.sql(f"SELECT {one.name}, count(*) FROM strangers GROUP BY 1").fetchall()  # noqa: S608
        )
        known = sum(number for level, number in counted.items() if level >= 0)
        chances[one.name] = [
            (counted.get(number, 0) + level.u * _STATED) / (known + _STATED)
            for number, level in enumerate(one.levels)
        ]
    connection.execute("DROP TABLE sample; DROP TABLE strangers")
    return chances


def _frequencies(connection: duckdb.DuckDBPyConnection, term: str, usual: float) -> str:
    """How many people share each value, leaving out the two that are compared; a table for Splink.

    Records with one address count once: a person and the contact that it is linked with are no two people.
    """
    table = f"terms_{term}"
    connection.execute(
        f"""
        CREATE TABLE {table} AS
        SELECT "{term}", (greatest(count(DISTINCT who) - 2, 0) + 1.0)
            / ((SELECT count(DISTINCT who) FROM people) + {1 / usual}) AS "tf_{term}"
        FROM people WHERE "{term}" IS NOT NULL GROUP BY 1
        """  # noqa: S608
    )
    return table


def _settings(compared: Sequence[Comparison], chances: dict[str, list[float]], count: int) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "n",
        "probability_two_random_records_match": _chance(count),
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
        "linker_uid": "near",
        "comparisons": [
            {
                "output_column_name": one.name,
                "comparison_levels": [
                    {"sql_condition": one.unknown, "label_for_charts": "unknown", "is_null_level": True},
                    *(
                        {
                            "sql_condition": level.sql or "ELSE",
                            "label_for_charts": "level",
                            "m_probability": level.m,
                            "u_probability": chance,
                        }
                        | (
                            {"tf_adjustment_column": level.term, "disable_tf_exact_match_detection": True}
                            if level.term
                            else {}
                        )
                        for level, chance in zip(one.levels, chances[one.name], strict=True)
                    ),
                ],
            }
            for one in compared
        ],
    }


@contextmanager
def _silent() -> Iterator[None]:
    """Splink tells its story to the log; here it is to be seen by nobody."""
    logger = logging.getLogger("splink")
    before = logger.disabled, logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
    try:
        yield
    finally:
        logger.setLevel(before[1])
        logger.propagate = before[2]
