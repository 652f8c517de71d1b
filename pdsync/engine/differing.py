"""What changed since the audit before: which findings are new, which are solved, which are still there.

A finding about a field or an option keeps its identity by the audit's own key (field mapping, option, problem). A finding
about records is the same as long as the same audit finds one of the same records with the same field: a cluster that
grows or shrinks is not solved and found anew. Counts and wording play no part.

Only what can be known is said. An audit that was not made, or not on the same, in one of the two runs is not compared. A
finding whose records were not read this time (an export of some, a read that was cut short) is not solved but unseen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.engine.stored_audits import StoredAudit, stored_audits
from pdsync.model import AuditDifferences, AuditReport, FindingsDifference, Side

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

__all__ = ["compared", "previous_audit"]

_LOOKED_AT: Final = 200
"""Stored audits that are looked through for one to compare with."""
_DIGITS: Final = re.compile(r"\d+")
_COLUMNS: Final = ("code", "finding", "side", "noun", "id", "field")
_ANCHOR: Final = ("code", "side", "id", "field")
"""What identifies a finding about a record."""


def previous_audit(folder: Path, report: AuditReport) -> StoredAudit | None:
    """The newest stored audit of the same accounts, sources and mapping file, of which the findings are still there.

    One of the same snapshots under the same mapping is passed over: it would differ in nothing.
    """
    for stored in islice(stored_audits(folder), _LOOKED_AT):
        before = stored.report
        if not stored.has_table or _basis(before) != _basis(report):
            continue
        if (before.snapshots, before.mapping_version) != (dict(report.snapshots), report.mapping_version):
            return stored
    return None


def compared(
    report: AuditReport,
    table: pa.Table,
    before: StoredAudit,
    ids: Mapping[Side, Callable[[], pa.Array]],
    *,
    sample: int = 5,
) -> tuple[AuditDifferences, pa.Table] | None:
    """The differences, and the table with ``since`` filled; None if the findings of then cannot be read.

    Args:
        report: Of the audit now.
        table: Its findings.
        before: The audit to compare with.
        ids: Per side, the ids of all records that were read; asked for only where the snapshot is not complete.
        sample: Solved findings per audit that are carried for people.
    """
    import polars as pl

    from pdsync.audits.table import with_marks

    then = _stored(before)
    if then is None:
        return None
    not_compared = _not_compared(report, before.report)
    now = _findings(pl.from_arrow(table.select(list(_COLUMNS))), not_compared)
    past = _findings(then, not_compared)
    kept_now, kept_then = _persisting(now, past), _persisting(past, now)
    gone = past.rows.join(kept_then, on="finding", how="anti")
    seen = _seen(gone, report, ids)
    solved = gone.join(seen, on="finding", how="semi")
    counts = {
        "findings": _counted(now.rows),
        "persisting": _counted(now.rows.join(kept_now, on="finding", how="semi")),
        "gone": _counted(gone),
        "solved": _counted(solved),
    }
    examples = _samples(before, solved, sample)
    by_code = {
        one.code: FindingsDifference(
            new=counts["findings"].get(one.code, 0) - counts["persisting"].get(one.code, 0),
            persisting=counts["persisting"].get(one.code, 0),
            solved=counts["solved"].get(one.code, 0),
            unseen=counts["gone"].get(one.code, 0) - counts["solved"].get(one.code, 0),
            solved_samples=examples.get(one.code, ()),
        )
        for one in report.summaries
        if one.code not in not_compared
    }
    differences = AuditDifferences(
        audit=before.id,
        taken_at=before.taken_at.isoformat(),
        gate=before.report.gate.state,
        blocked_records=before.report.gate.blocked_records,
        by_code=by_code,
        not_compared=not_compared,
    )
    return differences, with_marks(table, "since", _marks(table, kept_now, not_compared))


class _Rows:
    """The findings of one audit, as far as they can be compared."""

    def __init__(self, rows: pl.DataFrame) -> None:
        import polars as pl

        self.rows = rows
        thing = ~pl.col("noun").is_in([side.noun for side in Side])
        self.whole = rows.filter(thing).select("finding").unique()
        """Findings about a field or an option."""
        self.anchors = rows.join(self.whole, on="finding", how="anti").select("finding", *_ANCHOR).unique()
        """Of all others: what identifies them."""


def _findings(rows: Any, not_compared: Mapping[str, str]) -> _Rows:  # noqa: ANN401 - a frame or a series, by its types
    import polars as pl

    texts = rows.with_columns(pl.all().cast(pl.String))
    return _Rows(texts.filter(~pl.col("code").is_in(list(not_compared))))


def _persisting(ours: _Rows, theirs: _Rows) -> pl.DataFrame:
    """Which of our findings the others have as well: ``finding``, each once."""
    import polars as pl

    whole = ours.whole.join(theirs.whole, on="finding", how="semi")
    records = ours.anchors.join(theirs.anchors, on=list(_ANCHOR), how="semi").select("finding")
    return pl.concat([whole, records]).unique()


def _seen(
    gone: pl.DataFrame, report: AuditReport, ids: Mapping[Side, Callable[[], pa.Array]]
) -> pl.DataFrame:
    """Of what is gone, the findings of which it is known that they are: ``finding``, each once.

    A complete read knows it of everybody, any read of the records that it holds, and fields and options are always read.
    """
    import polars as pl

    nouns = [side.noun for side in Side]
    known = [gone.filter(~pl.col("noun").is_in(nouns)).select("finding")]
    for side in Side:
        mine = gone.filter((pl.col("side") == str(side)) & pl.col("noun").is_in(nouns))
        if mine.height and not report.complete.get(side, True):
            there = pl.DataFrame({"id": pl.from_arrow(ids[side]())}, schema={"id": pl.String})
            mine = mine.join(there, on="id", how="semi")
        known.append(mine.select("finding"))
    return pl.concat(known).unique()


def _counted(rows: pl.DataFrame) -> dict[str, int]:
    """Findings by audit."""
    import polars as pl

    counts = rows.group_by("code").agg(pl.col("finding").n_unique().alias("n"))
    return dict(counts.iter_rows())


def _marks(table: pa.Table, persisting: pl.DataFrame, not_compared: Mapping[str, str]) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    known = persisting["finding"].to_arrow().cast(table["finding"].type)
    left_out = pc.is_in(table["code"].cast(pa.string()), value_set=pa.array(list(not_compared), pa.string()))
    marks = pc.if_else(pc.is_in(table["finding"], value_set=known), "persisting", "new")
    return pc.if_else(left_out, "", marks)


def _stored(before: StoredAudit) -> pl.DataFrame | None:
    import polars as pl

    try:
        return pl.read_parquet(before.report.table, columns=list(_COLUMNS), glob=False)
    except (OSError, pl.exceptions.PolarsError):
        return None


def _samples(before: StoredAudit, solved: pl.DataFrame, most: int) -> dict[str, tuple[Any, ...]]:
    """The first findings of each audit that are solved, as they were."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from pdsync.audits.table import samples

    if not solved.height or most < 1:
        return {}
    first = solved.select("code", "finding").unique(maintain_order=True)
    first = first.group_by("code", maintain_order=True).head(most)
    try:
        rows = pq.read_table(before.report.table, filters=[("finding", "in", first["finding"].to_list())])
    except (OSError, pa.ArrowException):
        return {}
    found: dict[str, list[Any]] = {}
    for finding in samples(rows, first.height):
        found.setdefault(finding.code, []).append(finding)
    return {code: tuple(held) for code, held in found.items()}


def _basis(report: AuditReport) -> tuple[object, ...]:
    """What two audits must have in common. Exports are named by the day: digits do not count."""
    accounts = [(report.accounts[side].id, _DIGITS.sub("#", report.sources.get(side, ""))) for side in Side]
    return (report.mapping_name, *accounts)


def _not_compared(now: AuditReport, then: AuditReport) -> dict[str, str]:
    """Audits that say nothing about what became of their findings, and why."""
    return dict(_gaps(now, then))


def _gaps(now: AuditReport, then: AuditReport) -> Iterator[tuple[str, str]]:
    before = {one.code: one for one in then.summaries}
    made = {one.code for one in now.summaries}
    for one in now.summaries:
        if one.code not in before:
            yield one.code, "it was not made then"
        elif one.not_checked != before[one.code].not_checked:
            when = "now" if one.not_checked else "then"
            yield one.code, f"not everything was checked {when}"
    for code in before:
        if code not in made:
            yield code, "it is not made now"
