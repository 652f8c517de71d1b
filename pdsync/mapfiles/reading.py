"""A mapping file as a ``Mapping``, or every problem in it at once, like a compiler.

Three passes: is it YAML, does it fit the schema, do its parts fit each other. The third looks at every part that
survived the second, so that one misspelt word hides no other problem. ``check_mapping`` adds a fourth, for the same
reason over the same parts: do they fit the fields of both sides (``planning.binding``, ``planning.linting``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path

from pdsync.errors import MappingError
from pdsync.mapfiles.building import build
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import Document, Source, parse
from pdsync.mapfiles.files import read_source
from pdsync.mapfiles.parts import across_parts
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.mapfiles.shipped import shipped_mapping
from pdsync.model import BoundMapping, Finding, Mapping, RemoteSchema, Severity, Side
from pdsync.planning.binding import bind
from pdsync.planning.linting import lint, unknown_audits

__all__ = ["Reading", "check_mapping", "check_text", "load_mapping", "read_mapping"]

_NEED_THE_WHOLE = frozenset({"consent-not-covered", "required-unasked", "required-unmapped"})
"""Findings about what is not there. Said of a file that is read in part only, they would be wrong."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says, as far as it can be read, and everything there is to say about it."""

    findings: tuple[Finding, ...]
    """In the order of the file."""
    document: Document | None = None
    """None: it is no YAML."""
    mapping: Mapping | None = None
    """As much of the mapping as fits the schema."""
    bound: BoundMapping | None = None
    """The same, resolved against the fields that it was checked with."""

    @property
    def is_usable(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.mapping is not None and not _blocks(self.findings)


def load_mapping(path: Path | str) -> Mapping:
    """The mapping in this file.

    Raises:
        MappingError: with every problem, in the order of the file; its text is what ``render_problems`` prints.
    """
    mapping, findings = read_mapping(path)
    if mapping is None:
        raise MappingError(render_problems(findings), findings=findings)
    return mapping


def read_mapping(path: Path | str) -> tuple[Mapping | None, tuple[Finding, ...]]:
    """The mapping in this file and what there is to say about it; None if any of that is a problem. Never raises."""
    source, findings = read_source(path, missing=_start_from(path))
    reading = Reading(findings) if source is None else _read(source)
    return (reading.mapping if reading.is_usable else None), reading.findings


def _start_from(path: Path | str) -> str:
    return f"start from the one that comes with pdsync: cp {shipped_mapping()} {path}"


def check_mapping(
    path: Path | str, schemas: MappingType[Side, RemoteSchema], *, audits: Collection[str] = ()
) -> tuple[Mapping | None, tuple[Finding, ...]]:
    """``read_mapping``, and at the same time whether it fits the fields of both sides. Never raises.

    Args:
        path: Of the mapping.
        schemas: The fields of both sides, from field lists or from the services.
        audits: The codes that audits have; none: what stands under ``audits:`` is not compared with anything.

    Returns:
        The mapping, or None if any finding is a problem; every finding, in the order of the file.
    """
    source, findings = read_source(path, missing=_start_from(path))
    reading = Reading(findings) if source is None else check_text(source, schemas, audits=audits)
    return (reading.mapping if reading.is_usable else None), reading.findings


def check_text(
    source: Source, schemas: MappingType[Side, RemoteSchema], *, audits: Collection[str] = ()
) -> Reading:
    """``check_mapping`` of a text that need not be on a disk. Without the fields of both sides: ``read_mapping``."""
    reading = _read(source)
    mapping, findings = reading.mapping, reading.findings
    if mapping is None or set(schemas) != set(Side):
        return reading
    bound, unresolved = bind(mapping, schemas)
    whole = not _blocks(findings)
    more = [*unresolved, *(f for f in lint(bound) if whole or f.code not in _NEED_THE_WHOLE)]
    if audits:
        more += unknown_audits(mapping, audits)
    said = {(finding.place, finding.message) for finding in findings}
    findings = in_order([*findings, *(f for f in more if (f.place, f.message) not in said)])
    return Reading(findings, reading.document, mapping, bound)


def _read(source: Source) -> Reading:
    """The first three passes; no mapping only where there is no YAML to speak of."""
    document, findings = parse(source)
    if document is None:
        return Reading(findings)
    breaches = check(document, "mapping-v1")
    mapping = build(document, [path for path, _ in breaches])
    findings = in_order([*(finding for _, finding in breaches), *across_parts(mapping, document)])
    return Reading(findings, document, mapping)


def _blocks(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.BLOCKING for finding in findings)
