"""A plan for notebooks: what would be written where and why, as totals and as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdsync.api import html
from pdsync.api.streams import streamed
from pdsync.api.tables import Table, in_memory
from pdsync.model import MISSING, Change, Missing, Value
from pdsync.model import Plan as Made
from pdsync.report.text.values import Names, counted, reason_words

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.model import BoundMapping

__all__ = ["Plan", "change_rows", "exact"]

_TEXTS = ("kind", "side", "pipedrive_id", "plezi_id", "title", "field", "before", "after", "reason", "why")


class Plan:
    """The dry run: what a sync would write. Same inputs, same plan, same id. Making one writes nothing.

    >>> import pdsync
    >>> plan = pdsync.demo().plan()
    >>> plan.writes > 0, plan.changes.columns[:3]
    (True, ('number', 'kind', 'side'))
    """

    def __init__(self, made: Made, bound: BoundMapping | None) -> None:
        self._made = made
        self._names = Names(bound)

    @property
    def id(self) -> str:
        """16 hex digits."""
        return self._made.header.id

    @property
    def path(self) -> Path:
        """The plan file, which ``pdsync apply`` takes."""
        return Path(self._made.path)

    @property
    def writes(self) -> int:
        """Requests that would change something: the most there can be."""
        return self._made.header.totals.writes

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self._made.header.is_empty

    @property
    def conflicts(self) -> int:
        """Values that both sides changed, left for a person to decide."""
        return self._made.header.totals.conflicts

    @property
    def totals(self) -> dict[str, dict[str, int]]:
        """By the side that is written, what would be done there.

        Names: ``creates``, ``updates``, ``deletes``, ``values``, ``deferred`` (at most so many more, which the
        other service works out when it creates a record), ``clears`` (values emptied),
        ``requests``, ``tokens`` (of the service's daily budget; 0 where no cost is known), ``linked`` (records).
        """
        names = (
            "creates",
            "updates",
            "deletes",
            "values",
            "deferred",
            "clears",
            "requests",
            "tokens",
            "linked",
        )
        return {
            str(side): {name: getattr(totals, name) for name in names}
            for side, totals in self._made.header.totals.sides.items()
        }

    @property
    def counts(self) -> dict[str, int]:
        """What the plan leaves alone, by why: ``held-back``, ``out-of-scope``, ``blocked``, ..."""
        return dict(self._made.header.totals.counts)

    @property
    def changes(self) -> Table:
        """One row per value that would be written, on the disk: of a large plan, query it with ``lazy`` or ``to_duckdb``.

        Columns: ``number`` (of the change, from 1), ``kind`` (create, update, delete, add-options, remove-options),
        ``side`` (that is written), ``pipedrive_id``, ``plezi_id``, ``title`` (the person's name), ``field``, ``before``
        and ``after`` (as people read them), ``reason`` (a word) and ``why`` (the same in words).
        """
        return self._changes

    @property
    def findings(self) -> Table:
        """One row per finding and record.

        Columns: ``code``, ``severity``, ``message``, ``side``, ``id``, ``field``, ``fix``.
        """
        return in_memory(f"Plan {self.id}: findings", self._findings)

    def to_dict(self) -> dict[str, Any]:
        """The same document as ``pdsync plan --json``, changes included: for plans that fit into memory."""
        from pdsync.report.json import plan_json

        document: dict[str, Any] = json.loads("".join(plan_json(self._made)))
        return document

    @cached_property
    def _changes(self) -> Table:
        return streamed(f"Plan {self.id}: values", _changes_schema, self._rows)

    def _rows(self) -> Iterator[dict[str, Any]]:
        for change in self._made.changes():
            if not change.kind.ledger_only:
                yield from change_rows(change, self._names)

    def _findings(self) -> pa.Table:
        import pyarrow as pa

        names = ("code", "severity", "message", "side", "id", "field", "fix")
        rows = [
            {
                "code": found.code,
                "severity": str(found.severity),
                "message": found.message,
                "side": str(subject.side) if subject else None,
                "id": subject.id if subject else None,
                "field": found.field,
                "fix": found.fix,
            }
            for found in self._made.findings()
            for subject in (found.subjects or (None,))
        ]
        return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in names]))

    def __repr__(self) -> str:
        from pdsync.report.text import plan_lines

        return "\n".join(plan_lines(self._made, bound=self._names.bound, most=0))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        header = self._made.header
        rows = [
            (
                f"to {side.label}",
                one.updates,
                one.creates,
                one.deletes,
                one.options,
                one.values,
                one.clears,
                one.tokens or "",
            )
            for side, one in header.totals.sides.items()
        ]
        what = (
            "nothing to write"
            if header.is_empty
            else f"{counted(self.writes, 'write')}; nothing is written yet"
        )
        conflicts = (
            html.paragraph(f"{counted(header.totals.conflicts, 'value')} changed on both sides; a person has to decide.")
            if header.totals.conflicts
            else ""
        )  # fmt: skip
        narrowed = html.note(f"Narrowed to {', '.join(header.narrowed)}.") if header.narrowed else ""
        left = ", ".join(f"{name} {count:,}" for name, count in sorted(header.totals.counts.items()))
        return html.bundle(
            repr(self),
            f'<div class="t">{html.text(f"Plan {self.id}: {what}")}</div>',
            f"<p>Quality gate: {html.badge(str(header.gate.state))}</p>",
            html.table(
                ("", "updates", "creates", "deletes", "new options", "values", "emptied", "cost in tokens"),
                rows,
                right=frozenset(range(1, 8)),
            ),
            conflicts,
            narrowed,
            html.note(f"Left alone: {left}") if left else "",
            f"<p>To carry out exactly this: <code>{html.text(self._command())}</code></p>"
            if not header.is_empty
            else "",
        )

    def _command(self) -> str:
        return " ".join(["pdsync apply", self.id, *self._made.header.needs])


def change_rows(change: Change, names: Names) -> Iterator[dict[str, Any]]:
    """One row per value that a change writes."""
    for one in change.fields:
        yield {
            "number": change.number,
            "kind": str(change.kind),
            "side": str(change.side),
            "pipedrive_id": change.pipedrive_id,
            "plezi_id": change.plezi_id,
            "title": change.title,
            "field": names.of_change(change.side, one),
            "before": exact(names, change, one.code, one.before),
            "after": exact(names, change, one.code, one.after),
            "reason": str(one.reason),
            "why": reason_words(one.reason, change.side),
        }


def exact(names: Names, change: Change, code: str, value: Value | Missing) -> str | None:
    """A value as people read it; None where there is none. Of an option of a list its label."""
    if value is MISSING or value is None:
        return None
    return str(value) if change.kind.of_options else names.value(change.side, code, value)


def _changes_schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([("number", pa.int64()), *((name, pa.string()) for name in _TEXTS)])
