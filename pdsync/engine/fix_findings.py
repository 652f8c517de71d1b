"""Which findings of an audit that was kept go into a fix file: all of some audits, or those about one subject."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from pdsync.engine.stored_audits import finding_ids, stored_audits
from pdsync.errors import InputFileError, UsageError
from pdsync.model import AuditReport, Finding, Side, Subject
from pdsync.planning.wording import did_you_mean, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

__all__ = ["findings_about", "findings_of", "most_proposals"]

_ONE_BY_ONE: Final = frozenset({"scope-value-unclear"})
"""Audits of which one finding stands for any number of records."""


def most_proposals() -> int:
    """How many a fix file takes, about."""
    from pdsync.mapfiles.fixes_writing import MOST

    return MOST


def findings_of(report: AuditReport, codes: Collection[str]) -> tuple[list[Finding], int]:
    """Findings of these audits, gravest first, as many as a file could take; and how many there are besides.

    Raises:
        InputFileError: the findings of the report cannot be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from pdsync.audits.table import samples

    table = _read(report.table)
    found: list[Finding] = []
    more = 0
    for summary in report.summaries:
        if summary.code not in codes or not summary.findings:
            continue
        rows = table.filter(pc.equal(table["code"].cast(pa.string()), summary.code))
        # Somebody lives with the others.
        rows = rows.filter(pc.equal(rows["acknowledged"].cast(pa.string()), ""))
        if summary.code in _ONE_BY_ONE:
            rows = _each_alone(rows)
        room = max(0, most_proposals() - len(found))
        total = len(pc.unique(rows["finding"].cast(pa.string())))
        found += samples(rows, room)
        more += max(0, total - room)
    return found, more


def findings_about(folder: Path, code: str, subject: Subject) -> list[Finding]:
    """The findings of this audit about this subject in the newest audit that was kept, each with all of its records.

    Args:
        folder: Where audits are kept.
        code: Of the audit.
        subject: A record, field or option. Of a finding that stands for any number of records, a record's part alone.

    Raises:
        UsageError: no such audit, nothing was audited, or nothing of the kind was found.
        InputFileError: the findings of the audit cannot be read.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from pdsync.audits.registry import audit_codes
    from pdsync.audits.table import finding

    if code not in audit_codes():
        raise _refused(
            f"There is no audit {quoted(code)}{did_you_mean(code, sorted(audit_codes()))}", "pdsync audit"
        )
    newest = next((one for one in stored_audits(folder) if one.has_table), None)
    if newest is None:
        raise _refused("There is no audit to look into yet.", "pdsync audit")
    table = newest.report.table
    try:
        ids = finding_ids(table, code, subject)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(table, error) from error
    if not ids:
        raise _refused(f"The last audit found no {code} about {subject}.", f"pdsync explain {subject}")
    rows = _read(table, filters=[("finding", "in", ids)])
    if code in _ONE_BY_ONE:
        rows = _each_alone(rows)
        if subject.noun == subject.side.noun:
            rows = rows.filter(pc.equal(rows["id"].cast(pa.string()), subject.id))
    numbers = rows["finding"].cast(pa.string())
    members = (rows.filter(pc.equal(numbers, one)).to_pylist() for one in pc.unique(numbers).to_pylist())
    return [finding(each, len(each)) for each in members]


def _read(path: str, **how: Any) -> pa.Table:  # noqa: ANN401 - pyarrow's own words
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, **how)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _each_alone(rows: pa.Table) -> pa.Table:
    """Each record of a finding as a finding of its own; what is no record is left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nouns = pa.array([side.noun for side in Side])
    records = rows.filter(pc.is_in(rows["noun"].cast(pa.string()), value_set=nouns))
    place = records.schema.get_field_index("finding")
    return records.set_column(place, "finding", records["id"].cast(pa.large_string()))


def _unreadable(path: str, error: Exception) -> InputFileError:
    return InputFileError(
        f"The findings in {path} cannot be read: {str(error).splitlines()[0][:200]}.",
        untouched="No fix file was written.",
        next_step="Audit again: pdsync audit",
    )


def _refused(message: str, command: str) -> UsageError:
    return UsageError(
        message, untouched="The fix file is as it was.", next_step=f"See what was found: {command}"
    )
