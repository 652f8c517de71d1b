"""The records that a finding is about, side by side, from what was read last. No request leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pdsync.engine.examine import known_names
from pdsync.engine.inputs import newest_snapshots
from pdsync.model import BoundMapping, Record, Side, Subject

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = ["SideBySide", "side_by_side"]

_MOST: Final = 2
"""Records of a side that fit beside each other."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Some records of both sides, to be compared field by field."""

    records: Mapping[Side, Sequence[Record]]
    names: BoundMapping | None
    """The mapping: which fields are compared, and how they are called."""
    more: Mapping[Side, int]
    """Records of the finding that are not shown."""


def side_by_side(ws: Workspace, subjects: Sequence[Subject]) -> SideBySide:
    """The first records of each side that a finding names; those gone since are left out.

    Raises:
        UsageError: a side was never read.
        InputFileError: a snapshot is damaged.
    """
    snapshots = newest_snapshots(ws)
    names = known_names(ws)
    records: dict[Side, Sequence[Record]] = {}
    more: dict[Side, int] = {}
    for side in Side:
        wanted = list(dict.fromkeys(s.id for s in subjects if s.side is side and s.noun == side.noun))
        chosen = wanted[:_MOST]
        codes = names.codes[side] if names is not None else None
        found = {
            record.id: record
            for batch in (snapshots[side].records(ids=chosen, codes=codes) if chosen else ())
            for record in batch
        }
        records[side] = [found[key] for key in chosen if key in found]
        more[side] = len(wanted) - len(chosen)
    return SideBySide(records, names, more)
