"""A mapping file as a ``Mapping``, or every problem in it at once, like a compiler.

Three passes: is it YAML, does it fit the schema, do its parts fit each other. The third looks at every part that
survived the second, so that one misspelt word hides no other problem. Whether the fields exist is another question:
``planning.binding`` and ``planning.linting`` ask it of remote schemas.
"""

from __future__ import annotations

from pathlib import Path

from pdsync.errors import MappingError
from pdsync.mapfiles.building import build
from pdsync.mapfiles.checking import check
from pdsync.mapfiles.document import Document, parse
from pdsync.mapfiles.files import read_source
from pdsync.mapfiles.parts import across_parts
from pdsync.mapfiles.problems import in_order, render_problems
from pdsync.model import Finding, Mapping, Severity

__all__ = ["load_mapping", "read_mapping"]


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
    source, findings = read_source(path)
    if source is None:
        return None, findings
    document, findings = parse(source)
    if document is None:
        return None, findings
    return _checked(document)


def _checked(document: Document) -> tuple[Mapping | None, tuple[Finding, ...]]:
    breaches = check(document, "mapping-v1")
    mapping = build(document, [path for path, _ in breaches])
    findings = in_order([*(finding for _, finding in breaches), *across_parts(mapping, document)])
    usable = all(finding.severity is not Severity.BLOCKING for finding in findings)
    return (mapping if usable else None), findings
