"""Searches the findings of an audit: one row per finding, filtered, sorted and grouped while a person types.

Everything is prepared once, when the table is opened: names out of the details, and one text per row without case and
accents to search in. A search is then one polars expression, and a row becomes Python only when it is looked at.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pdsync.errors import InputFileError, UsageError
from pdsync.model import Finding, Side

if TYPE_CHECKING:
    import polars as pl

__all__ = ["GROUPS", "SORTS", "FindingRow", "FindingsTable", "Heading", "Query", "Selection", "parse_query"]

SORTS: Final = ("severity", "code", "field", "pipedrive", "plezi", "records")
"""What findings can be sorted by."""
GROUPS: Final = ("", "code", "field", "group")
"""What findings can be grouped by; ``group`` is what the audit groups by: the form or source of contacts."""

_KEYS: Final = ("code", "field", "side", "severity")
_SUBJECTS: Final = 50
"""Subjects of one finding that are looked at."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. All words and patterns must be there; of several values of one key, one."""

    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    """Regular expressions, over text without case and accents."""
    keys: tuple[tuple[str, str], ...] = ()
    """``("code", "duplicate-email")``: the beginning will do."""


class FindingRow(NamedTuple):
    """One finding on one line."""

    number: int
    severity: str
    code: str
    field: str
    pipedrive: str
    """The first subject there: a name, an option with how many hold it, an address or an id. As delivered."""
    plezi: str
    records: int
    message: str
    fix: str
    group: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a group."""

    text: str
    count: int


def parse_query(text: str) -> Query:
    """What a person types: ``energ code:option-mismatch side:plezi /^5f/``; quotation marks keep blanks together.

    Raises:
        UsageError: a pattern is no regular expression; another key.
    """
    try:
        parts = shlex.split(text, posix=True) if "'" not in text else text.split()
    except ValueError:  # a quotation mark without its partner: somebody is still typing
        parts = text.split()
    words, patterns, keys = [], [], []
    for part in parts:
        key, colon, value = part.partition(":")
        if len(part) > 1 and part.startswith("/"):
            patterns.append(_pattern(part.strip("/")))
        elif colon and key in _KEYS:
            if value:
                keys.append((key, _folded(value)))
        else:
            words.append(_folded(part))
    return Query(tuple(words), tuple(patterns), tuple(keys))


class FindingsTable:
    """The findings of one audit."""

    def __init__(self, rows: pl.DataFrame) -> None:
        """``rows``: one per finding and subject, as the audit keeps them."""
        self._rows = _prepared(rows)
        self._findings = _by_finding(self._rows)

    @classmethod
    def open(cls, path: str) -> FindingsTable:
        """The table beside a stored audit.

        Raises:
            InputFileError: it is gone or damaged.
        """
        import polars as pl

        try:
            return cls(pl.read_parquet(Path(path)))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputFileError(
                f"The findings in {path} cannot be read: {str(error).splitlines()[0][:200]}.",
                untouched="Nothing was changed.",
                next_step="Audit again: pdsync audit",
            ) from error

    def __len__(self) -> int:
        """How many findings."""
        return self._findings.height

    def select(
        self, query: Query, *, sort: str = "severity", descending: bool = False, group: str = ""
    ) -> Selection:
        """The findings that a query finds, in this order.

        Args:
            query: See ``parse_query``.
            sort: One of ``SORTS``; ``severity`` is the audit's own order, gravest first.
            descending: The other way round.
            group: One of ``GROUPS``; groups come in the order of their names.
        """
        numbers = self._findings["number"]
        if query != Query():
            rows = self._rows.lazy().filter(_condition(query))
            numbers = rows.select("number").unique(maintain_order=True).collect().to_series()
        order = "number" if sort == "severity" else sort
        by = [group] if group else []
        headings: list[tuple[int, Heading]] = []
        if order != "number" or by or descending:
            # Only what they are sorted by is fetched; whole findings are, when they are drawn.
            keys = self._findings.select(list(dict.fromkeys(["number", *by, order])))[numbers].sort(
                [*by, order], descending=[*(False for _ in by), descending], maintain_order=True
            )
            numbers = keys["number"]
            if group and keys.height:
                headings = _headings(keys, group)
        return Selection(self._findings, numbers, headings)

    def finding(self, number: int) -> Finding:
        """One finding whole, with what is known of its subjects in ``details``."""
        import polars as pl

        rows = self._rows.filter(pl.col("number") == number)
        from pdsync.audits.table import finding

        return finding(rows.head(_SUBJECTS).to_dicts(), rows.height)


def _headings(sorted_keys: pl.DataFrame, group: str) -> list[tuple[int, Heading]]:
    """The heads of the groups, each with the row that it stands in."""
    import polars as pl

    counts = sorted_keys.group_by(group, maintain_order=True).agg(pl.len().alias("count"))
    headings, start = [], 0
    for name, count in counts.iter_rows():
        headings.append((start, Heading(name, count)))
        start += count + 1
    return headings


class Selection:
    """Some findings in some order, with the heads of their groups between them."""

    def __init__(
        self, findings: pl.DataFrame, numbers: pl.Series, headings: list[tuple[int, Heading]]
    ) -> None:
        """``findings``: all of an audit, each in the row of its number; ``numbers``: those that were found."""
        self._findings = findings
        self._numbers = numbers
        self._starts = [start for start, _ in headings]
        self._headings = dict(headings)

    @property
    def count(self) -> int:
        """Findings that were found."""
        return len(self._numbers)

    @property
    def total(self) -> int:
        """Findings of the audit."""
        return self._findings.height

    def __len__(self) -> int:
        return self.count + len(self._headings)

    def __getitem__(self, index: int) -> FindingRow | Heading:
        heading = self._headings.get(index)
        if heading is not None:
            return heading
        number = self._numbers[index - bisect_right(self._starts, index)]
        return FindingRow(*self._findings.row(number))


def _condition(query: Query) -> pl.Expr:
    import polars as pl

    conditions = [pl.col("text").str.contains(word, literal=True) for word in query.words]
    conditions += [pl.col("text").str.contains(pattern) for pattern in query.patterns]
    for key in {key for key, _ in query.keys}:
        column = pl.col("field_key" if key == "field" else key)
        conditions.append(
            pl.any_horizontal(column.str.starts_with(value) for name, value in query.keys if name == key)
        )
    return pl.all_horizontal(conditions)


def _prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """Plain texts; the number of each row's finding; what each subject is called; the text to search in."""
    import polars as pl

    texts = [name for name in rows.columns if name != "text"]
    details = pl.col("details")
    name = pl.concat_str(
        details.str.json_path_match("$.first_name"),
        details.str.json_path_match("$.last_name"),
        separator=" ",
        ignore_nulls=True,
    )
    name = pl.when(name.str.strip_chars() == "").then(None).otherwise(name)
    label, held = details.str.json_path_match("$.label"), details.str.json_path_match("$.records")
    option = (
        pl.when(held.is_null()).then(label).otherwise(pl.concat_str(label, pl.lit(" ("), held, pl.lit(")")))
    )
    address = details.str.json_path_match("$.addresses[0].delivered")
    key = pl.concat_str("code", "finding")
    return (
        rows.lazy()
        .with_columns(pl.col(texts).cast(pl.String))
        .with_columns(
            key.rle_id().cast(pl.Int64).set_sorted().alias("number"),
            _fold(pl.col("field")).alias("field_key"),
            pl.coalesce(name, option, address, "id").alias("who"),
            _fold(
                pl.concat_str(
                    "code", "field", "group", "message", "id", "details", separator=" ", ignore_nulls=True
                )
            ).alias("text"),
        )
        .collect()
    )


def _by_finding(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per finding, the columns as ``FindingRow`` names them."""
    import polars as pl

    def first(side: Side) -> pl.Expr:
        here = pl.col("side") == str(side)
        who = pl.col("who").filter(here)
        people = (here & pl.col("noun").is_in([one.noun for one in Side])).sum()
        more = (here.sum() - 1).clip(lower_bound=0)
        plain = people == here.sum()
        return (
            pl.when(plain & (more > 0))
            .then(pl.concat_str(who.first(), pl.lit(" +"), more.cast(pl.String)))
            .otherwise(who.first())
            .fill_null("")
            .alias(str(side))
        )

    people = pl.col("noun").is_in([side.noun for side in Side]).sum()
    return (
        rows.lazy()
        .group_by("number", maintain_order=True)
        .agg(
            pl.col("severity", "code", "field").first(),
            *(first(side) for side in Side),
            people.cast(pl.Int64).alias("records"),
            pl.col("message", "fix", "group").first(),
        )
        .collect()
    )


def _fold(text: pl.Expr) -> pl.Expr:
    """Without case and accents, as ``_folded``."""
    return text.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()


def _folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.lower()


def _pattern(text: str) -> str:
    """A pattern that polars understands too."""
    import polars as pl

    folded = _folded(text) if text.isascii() is False else text
    try:
        re.compile(folded)
        pl.Series([""]).str.contains(f"(?i){folded}")
    except (re.error, pl.exceptions.PolarsError) as error:
        raise UsageError(
            f"/{text}/ is no regular expression: {str(error).splitlines()[0][:120]}",
            untouched="Nothing was searched.",
        ) from error
    return f"(?i){folded}"
