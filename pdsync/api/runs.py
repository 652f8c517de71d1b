"""Runs for notebooks: what was written when, what came of it, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pdsync.api import html
from pdsync.api.plans import change_rows
from pdsync.api.streams import streamed
from pdsync.api.tables import Table
from pdsync.model import JournalEntry, RunKind, RunSummary, Side
from pdsync.report.text.values import Names, counted

if TYPE_CHECKING:
    import pyarrow as pa

    from pdsync.model import BoundMapping

__all__ = ["Run", "runs_table"]

_TEXTS = (
    "outcome", "kind", "side", "pipedrive_id", "plezi_id", "title", "field", "before", "after", "reason", "error",
)  # fmt: skip


class Run:
    """One attempt to carry out a plan.

    >>> import pdsync
    >>> run = pdsync.demo().run("last")
    >>> run.state, run.journal.columns[:3]
    ('done', ('number', 'at', 'outcome'))
    """

    def __init__(
        self, summary: RunSummary, entries: Callable[[], Iterable[JournalEntry]], bound: BoundMapping | None
    ) -> None:
        self._summary = summary
        self._entries = entries
        self._names = Names(bound)

    @property
    def id(self) -> str:
        return self._summary.id

    @property
    def state(self) -> str:
        """``running``, ``done``, ``stopped`` or ``failed``."""
        return str(self._summary.state)

    @property
    def values(self) -> int:
        """Values written."""
        return self._summary.values

    @property
    def outcomes(self) -> dict[str, int]:
        """Changes by how they ended: ``done``, ``stale``, ``failed``, ..."""
        return {str(outcome): count for outcome, count in self._summary.outcomes.items()}

    @property
    def journal(self) -> Table:
        """One row per value, on the disk: of a large run, query it with ``lazy`` or ``to_duckdb``.

        Columns: ``number`` (of the change), ``at`` (UTC), ``outcome``, ``kind``, ``side`` (that was
        written), ``pipedrive_id``, ``plezi_id``, ``title``, ``field``, ``before``, ``after``, ``reason``, ``error``.
        """
        return self._journal

    def to_dict(self) -> dict[str, Any]:
        """The same document as ``pdsync history RUN --json``."""
        from pdsync.report.json import run_json

        document: dict[str, Any] = json.loads("".join(run_json(self._summary, self._entries())))
        return document

    @cached_property
    def _journal(self) -> Table:
        return streamed(f"Run {self.id}: journal", _journal_schema, self._rows)

    def _rows(self) -> Iterator[dict[str, Any]]:
        for entry in self._entries():
            ours = {"at": _moment(entry.at), "outcome": str(entry.outcome), "error": entry.error}
            for row in change_rows(entry.change, self._names):
                yield {**row, **ours, "number": entry.number}

    def __repr__(self) -> str:
        from pdsync.report.text import history_lines

        return "\n".join(history_lines([self._summary]))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude
        run = self._summary
        title = f"Run {run.id}: {counted(run.values, 'value')} written"
        rows = [(f"written to {side.label}", f"{run.writes.get(side, 0):,} records") for side in Side]
        rows += [(str(outcome), counted(count, "change")) for outcome, count in sorted(run.outcomes.items())]
        return html.bundle(
            repr(self),
            f'<div class="t">{html.badge(self.state)} {html.text(title)}</div>',
            html.paragraph(run.message) if run.message else "",
            html.table((), rows),
            f"<p>Take it back: <code>pdsync undo {html.text(run.id)}</code></p>"
            if run.kind is RunKind.APPLY and not run.undone_by
            else "",
            html.paragraph(f"It takes back run {run.undoes}.") if run.undoes else "",
            html.paragraph(f"Taken back by run {run.undone_by}.") if run.undone_by else "",
        )


def _journal_schema() -> pa.Schema:
    import pyarrow as pa

    moment = ("at", pa.timestamp("us", tz="UTC"))
    return pa.schema([("number", pa.int64()), moment, *((name, pa.string()) for name in _TEXTS)])


def runs_table(runs: Iterable[tuple[RunSummary, int | None]]) -> pa.Table:
    """Rows of ``Account.runs`` from runs and what their plans said they cost."""
    import pyarrow as pa

    counted_outcomes = ("done", "adopted", "stale", "failed", "skipped", "not-stored-as-sent")
    rows = [
        {
            "id": run.id,
            "kind": str(run.kind),
            "state": str(run.state),
            "started_at": _moment(run.started_at),
            "ended_at": _moment(run.ended_at),
            "to_pipedrive": run.writes.get(Side.PIPEDRIVE, 0),
            "to_plezi": run.writes.get(Side.PLEZI, 0),
            "values": run.values,
            **{name: by.get(name, 0) for name in counted_outcomes},
            "remaining": run.remaining,
            "tokens": tokens,
            "undoes": run.undoes,
            "message": run.message,
        }
        for run, tokens in runs
        for by in ({str(outcome): count for outcome, count in run.outcomes.items()},)
    ]
    moment, number, text = pa.timestamp("us", tz="UTC"), pa.int64(), pa.string()
    schema = pa.schema(
        [
            ("id", text), ("kind", text), ("state", text), ("started_at", moment), ("ended_at", moment),
            ("to_pipedrive", number), ("to_plezi", number), ("values", number),
            *((name, number) for name in counted_outcomes),
            ("remaining", number), ("tokens", number), ("undoes", text), ("message", text),
        ]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
