"""Audits for notebooks: the gate and why, one line per audit, and every finding as rows."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.api import html
from pdsync.api.boxes import boxed_errors
from pdsync.api.tables import Table, in_memory
from pdsync.errors import UsageError
from pdsync.model import AuditReport as Report
from pdsync.model import AuditSummary, Side
from pdsync.model import Finding as Found
from pdsync.report.text.values import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.api.snapshots import Snapshot

__all__ = ["AuditReport", "Finding", "audit", "trend"]

_NEAR: Final = "near-duplicate"
_SHOWN = 12
"""Findings or subjects that a display lists."""


class Finding:
    """Something a person should know.

    >>> import pdsync
    >>> finding = pdsync.demo().audit().samples("missing-last-name")[0]
    >>> finding.code, finding.severity
    ('missing-last-name', 'warning')
    """

    def __init__(self, found: Found) -> None:
        self._found = found

    @property
    def code(self) -> str:
        """Stable, lower case with hyphens."""
        return self._found.code

    @property
    def severity(self) -> str:
        """``blocking``, ``warning`` or ``info``."""
        return str(self._found.severity)

    @property
    def message(self) -> str:
        return self._found.message

    @property
    def fix(self) -> str:
        """What to do about it."""
        return self._found.fix

    @property
    def rule(self) -> str:
        """The connector rules it rests on: ``R17``."""
        return self._found.rule

    @property
    def subjects(self) -> tuple[str, ...]:
        """What it is about: ``pipedrive:person/1042``."""
        return tuple(str(subject) for subject in self._found.subjects)

    def __repr__(self) -> str:
        return f"{self.severity} {self.code}: {self.message} [{', '.join(self.subjects[:_SHOWN])}]"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        said = self._found.details.get("subjects")
        links = {
            str(each["subject"]): str(each["link"])
            for each in (said if isinstance(said, Iterable) else ())
            if isinstance(each, Mapping) and each.get("link")
        }
        subjects = [html.link(subject, links.get(subject, "")) for subject in self.subjects[:_SHOWN]]
        if len(self.subjects) > _SHOWN:
            subjects.append(html.text(f"and {len(self.subjects) - _SHOWN:,} more"))
        where = {"": html.block(", ".join(subjects))} if subjects else {}
        return html.bundle(
            repr(self),
            html.block(html.badge(self.severity), " <b>", html.text(self.code), "</b>"),
            html.paragraph(f"{self.message}{f' ({self.rule})' if self.rule else ''}"),
            html.facts(
                {**({"What to do": self.fix} if self.fix else {}), **({"Who": where[""]} if where else {})}
            ),
        )


class AuditReport:
    """What all audits said of two snapshots, and whether the quality gate lets a sync go ahead.

    >>> import pdsync
    >>> report = pdsync.demo().audit()
    >>> report.gate
    'not ready'
    >>> sorted(report.findings.columns)[:4]
    ['acknowledged', 'code', 'details', 'field']
    """

    def __init__(self, report: Report, table: pa.Table, taken_at: datetime | None = None) -> None:
        self._report = report
        self._table = table
        self.taken_at = taken_at
        """When the newer of its snapshots was read (UTC)."""

    @property
    def gate(self) -> str:
        """``ready``, ``ready with warnings`` or ``not ready``."""
        return str(self._report.gate.state)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the gate says so, gravest first."""
        return self._report.gate.reasons

    @property
    def blocked_records(self) -> int:
        """Records that are kept out of plans until their blocking findings are solved."""
        return self._report.gate.blocked_records

    @property
    def records(self) -> dict[str, int]:
        """Records read, by side."""
        return {str(side): self._report.totals[side] for side in Side}

    @property
    def summary(self) -> Table:
        """One row per audit.

        Columns: ``code``, ``severity``, ``title``, ``headline``, ``findings``, ``persons``, ``contacts``
        (distinct records concerned), ``exceeded`` (threshold, in words), ``why``, ``rule``, ``fix``.
        """
        return in_memory("Audits", self._summary)

    @property
    def findings(self) -> Table:
        """One row per finding and record.

        Columns: ``code``, ``severity``, ``finding`` (id), ``group``, ``side``, ``noun``,
        ``id``, ``field``, ``message``, ``fix``, ``rule``, ``link``, ``details`` (JSON).
        """
        return in_memory("Findings", lambda: self._table)

    @property
    def near_duplicates(self) -> Table:
        """Records that are probably one person under several addresses, the surest first: for people to look at.

        Of an audit that looked for them. Columns: ``person`` (1, 2, ...: the same number, probably the same person),
        ``where`` (within Pipedrive, within Plezi, across both sides), ``side``, ``id``, ``name``, ``address``, ``nearest``
        (the record that is most like it), ``agree`` and ``differ`` (lists of words), ``probability`` (0 to 1), ``sure`` (the
        same in words), ``link``.

        Raises:
            UsageError: they were not looked for, or could not be; with what to do.
        """
        from pdsync.api.doubles import doubles_schema, doubles_table

        with boxed_errors():
            checked = next((one for one in self._report.summaries if one.code == _NEAR), None)
            if checked is None:
                raise UsageError(
                    "Near duplicates were not looked for.", next_step="account.audit(near_duplicates=True)"
                )
            if checked.not_checked and not checked.findings:
                why, colon, command = checked.not_checked.partition(": pip install")
                raise UsageError(
                    f"Near duplicates were not looked for: {why}.",
                    untouched="All other audits were made.",
                    next_step=f"pip install{command}"
                    if colon
                    else "Look at what the source holds: account.persons.fields",
                )
        found = _of(self._table, _NEAR)
        return in_memory("Probably one person", lambda: doubles_table(found, doubles_schema()))

    def samples(self, code: str) -> list[Finding]:
        """The first findings of one audit; none where it found nothing."""
        from pdsync.audits.table import samples

        return [
            Finding(found)
            for one in self._report.summaries
            if one.code == code
            for found in (one.samples or samples(_of(self._table, code), _SHOWN))
        ]

    def to_dict(self) -> dict[str, Any]:
        """The same document as ``pdsync audit --json``."""
        from pdsync.report.json import audit_json

        document: dict[str, Any] = json.loads(audit_json(self._report))
        return document

    def _summary(self) -> pa.Table:
        import pyarrow as pa

        rows = [
            {
                "code": one.code,
                "severity": str(one.severity),
                "title": one.title,
                "headline": one.headline,
                "findings": one.findings,
                "persons": one.records.get(Side.PIPEDRIVE, 0),
                "contacts": one.records.get(Side.PLEZI, 0),
                "exceeded": one.exceeded,
                "not_checked": one.not_checked,
                "why": one.why,
                "rule": one.rule,
                "fix": one.fix,
            }
            for one in self._report.summaries
        ]
        numbers = {"findings", "persons", "contacts"}
        names = (
            "code", "severity", "title", "headline", "findings", "persons", "contacts", "exceeded", "not_checked", "why",
            "rule", "fix",
        )  # fmt: skip
        schema = pa.schema([(name, pa.int64() if name in numbers else pa.string()) for name in names])
        return pa.Table.from_pylist(rows, schema=schema)

    def __repr__(self) -> str:
        from pdsync.report.text import audit_lines

        return "\n".join(audit_lines(self._report, findings=False))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        report = self._report
        found = [one for one in report.summaries if one.findings]
        silent = [one for one in report.summaries if not one.findings and not one.not_checked]
        blocked = counted(report.gate.blocked_records, "record is kept out", "records are kept out")
        reasons = "".join(
            f"<li>{html.text(why)}</li>" for why in (*report.gate.refused, *report.gate.reasons)
        )
        return html.bundle(
            repr(self),
            f'<div class="t">{html.badge(self.gate)} {html.text(blocked)} of plans</div>',
            f"<ul>{reasons}</ul>" if reasons else "",
            html.table(
                ("", "audit", "persons", "contacts", "found", "what to do"),
                [self._row(one) for one in found],
                right=frozenset({2, 3}),
            ),
            "".join(html.note(f"Not checked: {one.code}: {one.not_checked}") for one in report.summaries if one.not_checked),
            html.note(f"Nothing found by: {', '.join(one.code for one in silent)}") if silent else "",
        )  # fmt: skip

    @staticmethod
    def _row(one: AuditSummary) -> tuple[object, ...]:
        headline = f"{one.headline} ({one.rule})" if one.rule else one.headline
        return (
            html.block(html.badge(str(one.severity))),
            one.code,
            one.records.get(Side.PIPEDRIVE, 0),
            one.records.get(Side.PLEZI, 0),
            headline,
            one.fix,
        )


def audit(
    persons: Snapshot,
    contacts: Snapshot,
    mapping: str | Path | None = None,
    *,
    near_duplicates: bool = False,
) -> AuditReport:
    """Audit two snapshots or exports, without an account and without a state.

    Args:
        persons: Of Pipedrive.
        contacts: Of Plezi.
        mapping: The mapping file; None: the one that comes with pdsync.
        near_duplicates: Also look for one person under several addresses, as ``Account.audit`` does.

    Raises:
        MappingError: the mapping does not fit the fields.
        InputFileError: a snapshot is damaged.

    >>> import pdsync
    >>> account = pdsync.demo()
    >>> pdsync.audit(account.persons, account.contacts, account.mapping().path).gate
    'not ready'
    """
    from pdsync.engine.auditing import asked_for
    from pdsync.engine.auditing import audit as run
    from pdsync.errors import MappingError
    from pdsync.mapfiles import load_mapping, shipped_mapping
    from pdsync.model import Severity
    from pdsync.planning.binding import bind

    with boxed_errors():
        stored = {Side.PIPEDRIVE: persons._stored, Side.PLEZI: contacts._stored}  # noqa: SLF001 - of this package
        written = load_mapping(Path(mapping) if mapping is not None else shipped_mapping())
        bound, problems = bind(written, {side: snapshot.schema for side, snapshot in stored.items()})
        if any(problem.severity is Severity.BLOCKING for problem in problems):
            raise MappingError(
                f"{written.path} does not fit the fields that were read.",
                findings=problems,
                untouched="Nothing was written.",
                next_step="Correct the mapping, or hand over another one.",
            )
        asked = asked_for(bound, Path(tempfile.gettempdir()), near_duplicates=near_duplicates)
        audited = run(stored, bound, asked=asked)
    return AuditReport(audited.report, audited.table, max(one.taken_at for one in stored.values()))


def trend(kept: Iterable[tuple[datetime, Report]]) -> Table:
    """How audits changed over time: ``read_at`` (UTC), ``code``, ``severity``, ``findings``, ``persons``, ``contacts``."""
    import pyarrow as pa

    rows = [
        {
            "read_at": read_at,
            "code": one.code,
            "severity": str(one.severity),
            "findings": one.findings,
            "persons": one.records.get(Side.PIPEDRIVE, 0),
            "contacts": one.records.get(Side.PLEZI, 0),
        }
        for read_at, report in kept
        for one in report.summaries
    ]
    schema = pa.schema(
        [
            ("read_at", pa.timestamp("us", tz="UTC")),
            ("code", pa.string()),
            ("severity", pa.string()),
            ("findings", pa.int64()),
            ("persons", pa.int64()),
            ("contacts", pa.int64()),
        ]
    )
    return in_memory("Audits over time", lambda: pa.Table.from_pylist(rows, schema=schema))


def _of(table: pa.Table, code: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.equal(table["code"].cast(pa.string()), code))
