"""Different addresses that probably are one mailbox: a plus-tag, or the dots that Gmail overlooks.

For information only: what a provider does with a tag is its own affair, so pdsync never takes two such addresses for one
person (``planning.keys``). Both sides are looked at together, because a person here and a contact there with two forms of
one address are the pair that nothing else finds. Records that have one address in common anyway are left to
``duplicate-email`` and to pairing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.held_addresses import each_address, spelling
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity, Side, Value
from pdsync.planning.wording import listed
from pdsync.snapshots.engines import collect

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["AUDITS"]

_GMAIL: Final = r"@g(?:oogle)?mail\.com$"
_TAGGED: Final = r"^[^@+]+\+[^@]*@[^@]+$"
_MOST_ADDRESSES: Final = 50


def _find(inputs: AuditInputs) -> Found:
    columns: dict[Side, dict[str, list[str | None]]] = {
        held.side: {name: [] for name in ("order", "key", "side", "id", "message", "details")}
        for held in inputs.having(Need.ADDRESSES)
    }
    for mailbox, rows in _mailboxes(inputs):
        message = _message(rows)
        for (side, identifier), held in groupby(rows, key=itemgetter("side", "id")):
            addresses: list[Value] = [
                {"delivered": row["delivered"], "primary": bool(row["primary"])} for row in held
            ]
            details = json.dumps({"addresses": addresses[:_MOST_ADDRESSES]}, ensure_ascii=False)
            row = (mailbox, mailbox, side, identifier, message, details)
            for column, value in zip(columns[Side(side)].values(), row, strict=True):
                column.append(value)
    return Found([inputs.frame(held) for held in columns.values() if held["id"]])


def _mailboxes(inputs: AuditInputs) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each mailbox with its addresses, by mailbox, side, record and place."""
    import narwhals as nw

    sides = [
        each_address(inputs, held).select(
            nw.lit(str(held.side)).alias("side"), "id", "key", "spelt", "primary", "position"
        )
        for held in inputs.having(Need.ADDRESSES)
    ]
    variants = inputs.engine.keep(nw.concat([_variants(frame) for frame in sides]))
    plain = variants.select("mailbox").unique()
    # Whoever writes the mailbox itself is no variant: found by the address it would have.
    bare = [
        frame.join(plain, left_on="key", right_on="mailbox", how="semi").with_columns(
            nw.col("key").alias("mailbox")
        )
        for frame in sides
    ]
    every = inputs.engine.keep(nw.concat([variants, *(frame.select(*_COLUMNS) for frame in bare)]))
    several = _sizes(every.select("mailbox", "key").unique(), "keys")
    records = _sizes(every.select("mailbox", "side", "id").unique(), "records")
    holders = every.group_by("mailbox", "key").agg(nw.len().alias("holders"))
    common = holders.group_by("mailbox").agg(nw.col("holders").max().alias("in_common"))
    chosen = (
        several.join(records, on="mailbox", how="inner")
        .join(common, on="mailbox", how="inner")
        .filter(nw.col("keys") > 1, nw.col("records") > nw.col("in_common"))
        .select("mailbox")
    )
    found = collect(every.join(chosen, on="mailbox", how="semi").with_columns(spelling())).sort_by(
        [(name, "ascending") for name in ("mailbox", "side", "id", "position")]
    )
    rows = (row for batch in found.to_batches(max_chunksize=5_000) for row in batch.to_pylist())
    for mailbox, held in groupby(rows, key=itemgetter("mailbox")):
        yield mailbox, list(held)


_COLUMNS: Final = ("side", "id", "key", "spelt", "primary", "position", "mailbox")


def _variants(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Addresses that say the mailbox in another way than the shortest, or may be said so, with that shortest way.

    All of Gmail, and tagged addresses elsewhere. Dots and tags are ASCII, so every engine takes them out alike. What
    stands for Gmail has a capital, which no address key has.
    """
    import narwhals as nw

    key = nw.col("key")
    gmail = key.str.contains(_GMAIL)
    untagged = nw.when(key.str.contains(_TAGGED)).then(key.str.replace_all(r"\+[^@]*@", "@")).otherwise(key)
    without_dots = untagged.str.replace_all(".", "", literal=True)
    mailbox = (
        nw.when(gmail)
        .then(without_dots.str.replace_all(r"@g(?:oogle)?mailcom$", "@Gmail"))
        .otherwise(untagged)
    )
    return (
        frame.filter(gmail | key.str.contains(_TAGGED))
        .with_columns(mailbox.alias("mailbox"))
        .select(*_COLUMNS)
    )


def _sizes(frame: nw.LazyFrame[Any], name: str) -> nw.LazyFrame[Any]:
    import narwhals as nw

    return frame.group_by("mailbox").agg(nw.len().alias(name))


def _message(rows: list[dict[str, Any]]) -> str:
    """Counts only: no address."""
    ids = {side: {row["id"] for row in rows if row["side"] == side} for side in Side}
    who = listed(counted(len(held), side.noun) for side, held in ids.items() if held)
    keys = len({row["key"] for row in rows})
    return f"{who} have {keys:,} addresses that are probably one mailbox"


def _headline(summary: AuditSummary) -> str:
    """``3 mailboxes: 4 persons, 2 contacts``."""
    who = ", ".join(counted(number, side.noun) for side, number in summary.records.items() if number)
    return f"{counted(summary.findings, 'mailbox', 'mailboxes')}: {who}"


AUDITS = (
    Audit(
        code="similar-mailbox",
        severity=Severity.INFO,
        title="records whose different addresses are probably one mailbox (a plus-tag, dots at Gmail)",
        why="If they are one person, pdsync will not notice: it compares addresses as they are written, so each becomes a "
        "contact of its own.",
        rule="R17",
        fix="If it is one person, give all records the same address; otherwise leave them.",
        needs=(Need.ADDRESSES,),
        find=_find,
        headline=_headline,
    ),
)
