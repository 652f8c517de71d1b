"""What tests of mapping files share: a small valid file, and readers of texts."""

from __future__ import annotations

from pathlib import Path

from pdsync.mapfiles import load_fields, read_mapping, shipped_fields
from pdsync.model import Finding, Mapping, RemoteSchema, Side

HERE = Path(__file__).parent

SMALL = """version: 1
name: contacts
scope:
  to_plezi: {where: {field: sync_to_plezi, is: "Yes"}}
fields:
  - {pipedrive: email, plezi: email, direction: both, locked: true}
  - {pipedrive: first_name, plezi: first_name, direction: both, locked: true}
  - {pipedrive: last_name, plezi: last_name, direction: both, locked: true}
"""


def shipped_schemas() -> dict[Side, RemoteSchema]:
    """The field lists that come with pdsync."""
    return {side: load_fields(shipped_fields(side), side) for side in Side}


def read_text(folder: Path, text: str | bytes) -> tuple[Mapping | None, tuple[Finding, ...]]:
    """What ``read_mapping`` says of a file with this text."""
    path = folder / "m.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return read_mapping(path)


def mapping_of(folder: Path, text: str) -> Mapping:
    """The mapping in a text that has no problems."""
    mapping, findings = read_text(folder, text)
    assert findings == ()
    assert mapping is not None
    return mapping


def said(findings: tuple[Finding, ...]) -> list[str]:
    """``3:7 message`` of each finding."""
    return [f"{f.place.line}:{f.place.column} {f.message}" if f.place else f.message for f in findings]
