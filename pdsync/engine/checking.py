"""Checks a mapping against the fields of both sides: by the field lists beside it, or by asking the services."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pdsync.model import Finding, RemoteSchema, Side

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["check", "field_list_path", "in_words", "schemas_from_lists"]


def field_list_path(mapping: Path, side: Side) -> Path:
    """Where the field list of a side lies: ``fields/pipedrive.yaml`` beside the mapping."""
    return mapping.parent / "fields" / f"{side}.yaml"


def schemas_from_lists(mapping: Path) -> tuple[dict[Side, RemoteSchema], tuple[Finding, ...]]:
    """The remote schemas that the field lists say, and every problem in those files."""
    from pdsync.mapfiles import read_fields

    schemas: dict[Side, RemoteSchema] = {}
    findings: list[Finding] = []
    for side in Side:
        schema, problems = read_fields(field_list_path(mapping, side))
        findings += problems
        if schema is not None:
            schemas[side] = schema
    return schemas, tuple(findings)


def in_words(findings: Sequence[Finding]) -> str:
    """``3 problems``, ``1 problem and 2 warnings``, ``no problems``: as ``pdsync check`` ends."""
    from pdsync.mapfiles import summary

    return summary(findings)


async def check(ws: Workspace, *, live: bool = False) -> tuple[Finding, ...]:
    """Every problem of the mapping, the field lists and the accepted findings, in the order of the files.

    Nothing is stored.

    Without ``live`` no request leaves. With it, each side is asked for its fields once; a side that cannot list them
    (no such call is known for Plezi) is taken from its field list.

    Raises:
        SettingsError, ServiceError: with ``live``, as any read.
    """
    from pdsync.audits.registry import audit_codes
    from pdsync.mapfiles import accepted_path, check_mapping, in_order, read_accepted, read_mapping

    path = ws.settings.mapping
    schemas, findings = await _live_schemas(ws) if live else schemas_from_lists(path)
    if set(schemas) == set(Side):
        _, more = check_mapping(path, schemas, audits=audit_codes())
    else:
        _, more = read_mapping(path)
    _, accepted = read_accepted(accepted_path(path), audits=audit_codes())
    return in_order([*findings, *more, *accepted])


async def _live_schemas(ws: Workspace) -> tuple[dict[Side, RemoteSchema], tuple[Finding, ...]]:
    from pdsync.errors import Unsupported

    schemas, findings = schemas_from_lists(ws.settings.mapping)
    asked: set[Side] = set()
    for side in Side:
        client = await ws.client(side)
        try:
            schemas[side] = await client.schema()
        except Unsupported:
            continue
        asked.add(side)
    listed = {str(field_list_path(ws.settings.mapping, side)) for side in asked}
    return schemas, tuple(f for f in findings if f.place is None or f.place.path not in listed)
