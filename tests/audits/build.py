"""Two small snapshots of invented people for audit tests, and their findings in short."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pdsync.audits.inputs import AuditInputs
from pdsync.audits.registry import every_audit
from pdsync.audits.running import AuditResult, run_audits
from pdsync.engine.auditing import audit_inputs
from pdsync.model import (
    Account,
    AuditRule,
    Consent,
    Coverage,
    Direction,
    Enrolment,
    Field,
    FieldMapping,
    Kind,
    Option,
    OptionPair,
    OptionRules,
    Record,
    RemoteSchema,
    Scope,
    Side,
    UnknownOption,
    Value,
)
from pdsync.model import Mapping as MappingFile
from pdsync.planning.binding import bind
from pdsync.snapshots.reader import Snapshot
from tests.snapshots import build as snapshots

ACCOUNTS = {
    Side.PIPEDRIVE: Account(Side.PIPEDRIVE, "4711", "Acme SAS", "acme.example.com"),
    Side.PLEZI: Account(Side.PLEZI, "acme", "Acme"),
}
COMPLETE = Coverage(complete=True)

NAMES = (
    Field("name", "Name", Kind.TEXT, "varchar"),
    Field("first_name", "First name", Kind.TEXT, "varchar"),
    Field("last_name", "Last name", Kind.TEXT, "varchar"),
)
EMAIL = Field("email", "Email", Kind.EMAILS, "varchar")
FIELDS: Mapping[Side, tuple[Field, ...]] = {
    Side.PIPEDRIVE: (EMAIL, *NAMES),
    Side.PLEZI: (
        EMAIL,
        *NAMES[1:],
        Field("form", "Formulaire", Kind.TEXT, "short text"),
        Field("source", "Source", Kind.TEXT, "short text"),
        Field("plezi_url", "Plezi URL", Kind.TEXT, "short text"),
    ),
}
IDENTITY = FieldMapping("email", "email", Direction.BOTH, locked=True)


def option_field(code: str, name: str, *labels: str | tuple[str, str], kind: Kind = Kind.OPTION) -> Field:
    """A list: ``(id, label)`` pairs, or labels that are their own ids."""
    options = tuple(Option(*label) if isinstance(label, tuple) else Option(label, label) for label in labels)
    return Field(code, name, kind, options=options)


def sector(
    *pairs: tuple[str, str],
    direction: Direction = Direction.BOTH,
    fields: tuple[str, str] = ("sector", "plz_sector"),
) -> FieldMapping:
    """A mapping of a list, with explicit pairs."""
    rules = OptionRules(UnknownOption.BLOCK, tuple(OptionPair(*pair) for pair in pairs))
    return FieldMapping(*fields, direction, options=rules)


class World:
    """Two snapshots in the making: add people, then ``audited``."""

    def __init__(
        self,
        folder: Path,
        *,
        fields: Mapping[Side, Sequence[Field]] | None = None,
        mapped: Iterable[FieldMapping] = (),
        rules: Mapping[str, AuditRule] | None = None,
        coverage: Mapping[Side, Coverage] | None = None,
        scope: Mapping[Side, Scope] | None = None,
        consent: Mapping[Side, Consent] | None = None,
        enrol: Enrolment | None = None,
        links: Iterable[tuple[str, ...]] | None = None,
    ) -> None:
        """``links``: Pipedrive id, Plezi id, and ``broken`` for one that is; None: no ledger."""
        self._folder = folder
        self._coverage = coverage or {}
        self.records: dict[Side, list[Record]] = {side: [] for side in Side}
        self.schemas = {side: RemoteSchema(ACCOUNTS[side], tuple((fields or FIELDS)[side])) for side in Side}
        self._links = None if links is None else list(links)
        mapping = MappingFile(
            "contacts",
            (IDENTITY, *mapped),
            {side: Scope() for side in Side} | dict(scope or {}),
            consent=dict(consent or {}),
            enrol=enrol,
            audits=dict(rules or {}),
        )
        self.bound, problems = bind(mapping, self.schemas)
        assert not problems

    def add(self, side: Side, identifier: str, addresses: Iterable[str] = (), **values: Value) -> None:
        """A record with full names unless said otherwise; the first address is the primary one."""
        codes = self.schemas[side].by_code
        whole = {code: "X" for code in ("first_name", "last_name") if code in codes}
        self.records[side].append(snapshots.record(side, identifier, addresses, **(whole | values)))

    def person(self, identifier: str, *addresses: str, **values: Value) -> None:
        self.add(Side.PIPEDRIVE, identifier, addresses, **values)

    def contact(self, identifier: str, *addresses: str, **values: Value) -> None:
        self.add(Side.PLEZI, identifier, addresses, **values)

    def snapshots(self) -> dict[Side, Snapshot]:
        """Both, written by the real writer."""
        return {
            side: self._write(side, self.records[side], self._coverage.get(side, COMPLETE)) for side in Side
        }

    def link(self, *links: tuple[str, ...]) -> None:
        """More links, as ``links`` above."""
        self._links = [*(self._links or ()), *links]

    def inputs(self, engine: str = "polars") -> AuditInputs:
        """What audits are given."""
        inputs = audit_inputs(self.snapshots(), self.bound, engine=engine)
        if self._links is None:
            return inputs
        columns: dict[str, list[str | None]] = {
            "pipedrive_id": [link[0] for link in self._links],
            "plezi_id": [link[1] for link in self._links],
            "address": ["" for _ in self._links],
            "state": [(*link, "ok")[2] for link in self._links],
        }
        return replace(inputs, links=inputs.frame(columns))

    def audited(self, engine: str = "polars", *codes: str, sample: int = 5) -> AuditResult:
        """The findings of these audits (all, if none is named)."""
        chosen = [audit for audit in every_audit() if not codes or audit.code in codes]
        inputs = replace(self.inputs(engine), asked=frozenset(codes))
        return run_audits(inputs, sample=sample, audits=chosen)

    def _write(self, side: Side, records: Sequence[Record], coverage: Coverage) -> Snapshot:
        from pdsync.snapshots.reader import snapshots_folder
        from pdsync.snapshots.writer import SnapshotWriter

        schema = self.schemas[side]
        with SnapshotWriter(
            snapshots_folder(self._folder),
            side,
            schema,
            schema.account,
            bound=self.bound,
            taken_at=snapshots.NOON,
        ) as writer:
            writer.add(records)
            return writer.finish(coverage)


def subjects(result: AuditResult, code: str) -> list[set[str]]:
    """Per finding of an audit, in order, its subjects in short: ``person/7``."""
    found: dict[str, set[str]] = {}
    for row in rows(result, code):
        found.setdefault(row["finding"], set()).add(f"{row['noun']}/{row['id']}")
    return list(found.values())


def rows(result: AuditResult, code: str) -> list[dict[str, Any]]:
    """The table's rows of one audit, details read."""
    return [
        row | {"details": json.loads(row["details"]) if row["details"] else {}}
        for row in result.table.to_pylist()
        if row["code"] == code
    ]
