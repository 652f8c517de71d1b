"""Findings about a person and a contact together: two rows, one subject each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pdsync.model import Side

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

__all__ = ["pair_rows"]


def pair_rows(pairs: Frame, *, key: str, group: str, message: str, field: str = "") -> Iterator[Frame]:
    """One finding per row of ``pairs`` (``pipedrive_id``, ``plezi_id``), in the order of persons as people count.

    ``pairs`` is run once for each side; ``key`` tells this finding about a pair from others of the same audit.
    """
    import narwhals as nw

    person, contact = (nw.col(f"{side}_id") for side in Side)
    length = (person.str.len_chars() + 1_000).cast(nw.String)
    for side in Side:
        yield pairs.select(
            nw.lit(str(side)).alias("side"),
            nw.col(f"{side}_id").alias("id"),
            nw.concat_str([nw.lit(f"{key}\n"), person, nw.lit("\n"), contact]).alias("key"),
            nw.concat_str([nw.lit(f"{key} "), length]).alias("order"),
            nw.lit(group).alias("group"),
            nw.lit(field).alias("field"),
            nw.lit(message).alias("message"),
        )
