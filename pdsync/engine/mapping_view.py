"""A mapping as a person looks at it: its field mappings in order, what is locked and why, what is wrong with each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pdsync.model import BoundField, BoundMapping, Direction, Finding, Mapping, Place, Severity, Side
from pdsync.planning.fieldrules import LOCKED

if TYPE_CHECKING:
    from pdsync.mapfiles import Entry, Reading

__all__ = ["DraftView", "MappingRow", "mapping_rows"]

_CODE: Final = 40
"""Characters of Pipedrive's code of a field that somebody made."""
_END: Final = (1 << 60, 0)
"""Behind every line."""


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One entry of ``fields:``."""

    entry: Entry
    place: Place
    written: str
    """The direction as the file has it, whatever it is."""
    locked: str = ""
    """Why its direction cannot be changed and it cannot be taken out (R15); empty: it can."""
    field: BoundField | None = None
    """None: one of its fields is not known."""
    findings: tuple[Finding, ...] = ()
    pairs: int = 0
    """Pairs of options that it lists."""

    @property
    def direction(self) -> Direction | None:
        """None: the file says something else."""
        return Direction(self.written) if self.written in list(Direction) else None

    def name(self, side: Side) -> str:
        """What people call the field: as written, but the name for a code that nobody can read."""
        written = self.entry.pipedrive if side is Side.PIPEDRIVE else self.entry.plezi
        return self.field.on(side).name if self.field is not None and len(written) == _CODE else written


@dataclass(frozen=True, slots=True)
class DraftView:
    """The draft at one moment."""

    path: Path
    rows: tuple[MappingRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    """All there is to say, as ``pdsync check`` would of the saved file."""
    elsewhere: tuple[Finding, ...] = ()
    """Those that are about no entry of ``fields:``."""
    mapping: Mapping | None = None
    """As much of it as fits the schema; None: the file cannot be read."""
    bound: BoundMapping | None = None
    """As much of it as can be resolved; None: the fields of a side are not known, or the file cannot be read."""
    undo: str = ""
    """What the next undo would take back, in words."""
    redo: str = ""
    unsaved: bool = False
    edits: int = 0
    """Changes since the last save, made or taken back."""
    changed_on_disk: bool = False
    """Somebody else changed the file while there are changes here that are not saved."""
    can_rebase: bool = False
    """The changes made here can be made again on top of theirs."""
    difference: tuple[str, ...] = ()
    """From the file on the disk to this draft, as a unified diff; without line ends."""

    @property
    def problems(self) -> int:
        """Findings that keep the mapping from being used."""
        return sum(finding.severity is Severity.BLOCKING for finding in self.findings)


def mapping_rows(
    reading: Reading, bound: BoundMapping | None, findings: Sequence[Finding]
) -> Iterator[MappingRow]:
    """The field mappings of a reading, in the order of the file, each with what is said of it."""
    from pdsync.mapfiles import Entry

    document = reading.document
    data: Any = document.data if document is not None else None
    entries = data.get("fields") if isinstance(data, dict) else None
    if document is None or not isinstance(entries, list):
        return
    fields = {_position(one.written.place): one for one in (bound.fields if bound is not None else ())}
    places = [document.place(("fields", number)) for number in range(len(entries))]
    tops = [one for path, one in document.keys.items() if len(path) == 1]
    for number, written in enumerate(entries):
        held = written if isinstance(written, dict) else {}
        start = places[number]
        after = min(
            (_position(one) for one in (*places, *tops) if _position(one) > _position(start)), default=_END
        )
        known = fields.get(_position(start))
        options = held.get("options")
        pairs = options.get("pairs") if isinstance(options, dict) else None
        yield MappingRow(
            entry=Entry(str(held.get("pipedrive", "")), str(held.get("plezi", "")), number),
            place=start,
            written=str(held.get("direction", "")),
            locked=_locked(held, known, start),
            field=known,
            findings=tuple(one for one in findings if _is_within(one.place, start, after)),
            pairs=len(pairs) if isinstance(pairs, list) else 0,
        )


def _locked(written: MappingType[str, Any], known: BoundField | None, place: Place) -> str:
    names = {known.on(side).code if known is not None else str(written.get(side, "")) for side in Side}
    if names.intersection(LOCKED):
        return "Part of every mapping (R12): Plezi's mandatory fields are neither switched off nor taken out (R15)."
    if written.get("locked") is True:
        return f"The file says locked: true in line {place.line} (R15); take that out there first."
    return ""


def _names(row: MappingRow) -> dict[str, str]:
    return {"pipedrive": row.entry.pipedrive, "plezi": row.entry.plezi}


def _position(place: Place | None) -> tuple[int, int]:
    return (place.line, place.column) if place is not None else (0, 0)


def _is_within(place: Place | None, start: Place, end: tuple[int, int]) -> bool:
    return place is not None and place.path == start.path and _position(start) <= _position(place) < end
