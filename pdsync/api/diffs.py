"""What differs between two snapshots of one side, or between what two mappings would write."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.api import html
from pdsync.api.accounts import Account
from pdsync.api.boxes import boxed_errors
from pdsync.api.mappings import Mapping as ReadMapping
from pdsync.api.plans import Plan
from pdsync.api.snapshots import Snapshot
from pdsync.api.tables import Table, in_memory
from pdsync.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Difference", "diff"]


class Difference:
    """What differs, counted and as rows.

    >>> import pdsync
    >>> account = pdsync.demo()
    >>> newest, oldest = account.snapshots("pipedrive")[0], account.snapshots("pipedrive")[-1]
    >>> pdsync.diff(oldest, newest).counts["removed"]
    6
    """

    def __init__(self, title: str, counts: Mapping[str, int], rows: Table) -> None:
        self.title = title
        self.counts: dict[str, int] = dict(counts)
        """Of snapshots: records ``added``, ``removed`` and ``changed``. Of mappings: values ``only before``, ``only after``
        and ``different``."""
        self.rows = rows
        """Of snapshots: ``id``, ``change``, ``field``, ``before``, ``after``. Of mappings: ``change``, ``side``, ``kind``,
        ``pipedrive_id``, ``plezi_id``, ``title``, ``field``, ``before``, ``after``."""

    def __repr__(self) -> str:
        return f"{self.title}: {', '.join(f'{count:,} {name}' for name, count in self.counts.items())}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        head = self.rows.lazy().head(10).collect()
        more = (
            html.note(f"The first {head.height} of {self.rows.rows:,} rows.")
            if self.rows.rows > head.height
            else ""
        )
        return html.bundle(
            repr(self),
            html.heading(self.title),
            html.table(
                tuple(self.counts), [tuple(self.counts.values())], right=frozenset(range(len(self.counts)))
            ),
            html.table(head.columns, head.rows()) if head.height else "",
            more,
        )


def diff(
    before: Snapshot | ReadMapping | str | Path,
    after: Snapshot | ReadMapping | str | Path,
    *,
    on: Account | None = None,
) -> Difference:
    """Compare two snapshots of one side; or, with ``on``, what two mappings would write for that account's snapshots.

    Args:
        before: A snapshot; or a mapping or its file.
        after: The same kind of thing.
        on: The account whose newest snapshots and ledger both mappings are planned on.

    Raises:
        UsageError: the two are not of one kind, of one side, or ``on`` is missing.
        MappingError: one of the mappings does not fit.

    >>> import pdsync
    >>> account = pdsync.demo()
    >>> mapping = account.mapping()
    >>> pdsync.diff(mapping, mapping, on=account).counts
    {'only before': 0, 'only after': 0, 'different': 0}
    """
    with boxed_errors():
        if isinstance(before, Snapshot) and isinstance(after, Snapshot):
            if before.side != after.side:
                raise UsageError(
                    f"One snapshot is of {before.side}, the other of {after.side}; compare two of one side."
                )
            return _of_snapshots(before, after)
        if isinstance(before, Snapshot) or isinstance(after, Snapshot):
            raise UsageError("A snapshot and a mapping cannot be compared; hand over two of one kind.")
        if on is None:
            raise UsageError(
                "Two mappings are compared by what they would write, so an account is needed.",
                next_step="diff(before, after, on=account)",
            )
    return _of_plans(on.plan(mapping=_path(before)), on.plan(mapping=_path(after)))


def _path(mapping: ReadMapping | str | Path) -> Path:
    return mapping.path if isinstance(mapping, ReadMapping) else Path(mapping)


def _of_snapshots(before: Snapshot, after: Snapshot) -> Difference:
    """Ids and a hash of each record are joined first; values are only compared where the hash differs."""
    import polars as pl

    old, new = before.records.lazy(), after.records.lazy()
    in_both = [
        name for name in before.records.columns if name in set(after.records.columns) - {"id", "updated_at"}
    ]
    hashed = [
        frame.select("id", pl.struct(pl.col(in_both).cast(pl.String)).hash().alias("hash"))
        for frame in (old, new)
    ]
    joined = hashed[0].join(hashed[1], on="id", how="full", suffix="_after").collect()
    gone = joined.filter(pl.col("id_after").is_null()).select("id")
    fresh = joined.filter(pl.col("id").is_null()).select(pl.col("id_after").alias("id"))
    changed = joined.filter(pl.col("hash") != pl.col("hash_after")).select("id")

    def rows() -> pl.DataFrame:
        kept = [
            frame.join(changed.lazy(), on="id", how="semi")
            .select("id", pl.col(in_both).cast(pl.String))
            .collect()
            for frame in (old, new)
        ]
        both = kept[0].join(kept[1], on="id", suffix="\0after")
        values = [
            both.filter(pl.col(name).ne_missing(pl.col(f"{name}\0after"))).select(
                "id",
                pl.lit("changed").alias("change"),
                pl.lit(name).alias("field"),
                pl.col(name).alias("before"),
                pl.col(f"{name}\0after").alias("after"),
            )
            for name in in_both
        ]
        empty = pl.DataFrame(schema=dict.fromkeys(("id", "change", "field", "before", "after"), pl.String))
        bare = [
            frame.select("id", pl.lit(word).alias("change"))
            for frame, word in ((gone, "removed"), (fresh, "added"))
        ]
        return pl.concat([empty, *bare, *values], how="diagonal_relaxed")

    counts = {"added": fresh.height, "removed": gone.height, "changed": changed.height}
    title = f"{before.side.capitalize()}: {before.taken_at:%Y-%m-%d %H:%M} and {after.taken_at:%Y-%m-%d %H:%M} UTC"
    return Difference(title, counts, in_memory(title, lambda: rows().to_arrow()))


def _of_plans(before: Plan, after: Plan) -> Difference:
    import polars as pl

    keys = ["side", "kind", "pipedrive_id", "plezi_id", "field"]
    shown = ["side", "kind", "pipedrive_id", "plezi_id", "title", "field", "before", "after"]
    old, new = (plan.changes.lazy().select(shown) for plan in (before, after))
    parts = {
        "only before": old.join(new, on=keys, how="anti"),
        "only after": new.join(old, on=keys, how="anti"),
        "different": old.join(new.select(*keys, pl.col("after").alias("then")), on=keys)
        .filter(pl.col("after").ne_missing(pl.col("then")))
        .with_columns(pl.col("after").alias("before"), pl.col("then").alias("after"))
        .drop("then"),
    }
    collected = {
        word: frame.select(pl.lit(word).alias("change"), *shown).collect() for word, frame in parts.items()
    }
    whole = reduce(lambda above, below: above.vstack(below), collected.values())
    title = f"Plans {before.id} and {after.id}: values that would be written"
    counts = {word: frame.height for word, frame in collected.items()}
    return Difference(title, counts, in_memory(title, whole.to_arrow))
