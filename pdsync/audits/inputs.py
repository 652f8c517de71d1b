"""What audits may look at: both snapshots as lazy frames, both remote schemas, the mapping, the links. Nothing else.

The engine makes one ``AuditInputs`` value; an audit cannot reach a service, the ledger or a file by itself. That is what
lets the same audit run over a live account, a stored snapshot and an export.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pdsync.model import BoundField, BoundMapping, Coverage, Kind, RemoteSchema, Side
from pdsync.snapshots.reader import Frames

if TYPE_CHECKING:
    import narwhals as nw

    from pdsync.snapshots.engines import QueryEngine

__all__ = ["OPTION_KINDS", "AuditInputs", "Need", "SideInputs"]

OPTION_KINDS = (Kind.OPTION, Kind.OPTIONS)
_T = TypeVar("_T")


class Need(StrEnum):
    """What a source must hold for an audit; the values are how messages call it."""

    ADDRESSES = "email addresses"
    FIRST_NAMES = "first names"
    LAST_NAMES = "last names"
    OPTIONS = "option values"
    MAPPED = "mapped values"


@dataclass(frozen=True, slots=True)
class SideInputs:
    """One side."""

    schema: RemoteSchema
    coverage: Coverage
    frames: Frames
    """The tables of its snapshot, on the engine of the inputs. A delivered value that is null was not read; a comparison
    form that is null is empty or not read."""
    total: int
    """Records."""
    codes: frozenset[str]
    """Codes of the fields that were read of at least one record; an export holds what its maker chose."""

    @property
    def side(self) -> Side:
        return self.schema.side


@dataclass(frozen=True, slots=True)
class AuditInputs:
    """Everything that audits may know."""

    bound: BoundMapping
    sides: MappingType[Side, SideInputs]
    engine: QueryEngine
    """Which made all frames, and makes those that audits join with them."""
    links: nw.LazyFrame[Any] | None = None
    """``pipedrive_id``, ``plezi_id``, ``address``, ``state``; None before the first run or without a ledger."""
    asked: frozenset[str] = frozenset()
    """Codes of the audits on request that are to run."""
    scratch: Path | None = None
    """Where an audit may make a folder for what does not fit in memory, and remove it again; None: the system's place."""
    made: dict[str, object] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What ``once`` made."""

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What several audits of one run need: the first that asks has it made, under a name that says what it is."""
        if name not in self.made:
            self.made[name] = make()
        return cast("_T", self.made[name])

    def lacks(self, need: Need, side: Side) -> bool:
        """Whether the source of ``side`` does not hold what is needed."""
        codes = self.sides[side].codes
        match need:
            case Need.ADDRESSES:
                return self.bound.email[side] not in codes
            case Need.FIRST_NAMES:
                return "first_name" not in codes and not self.splits_names(side)
            case Need.LAST_NAMES:
                return "last_name" not in codes and not self.splits_names(side)
            case Need.OPTIONS:
                fields = [bound.on(side).code for bound in self.option_fields()]
                return bool(fields) and not codes.intersection(fields)
            case Need.MAPPED:
                return not codes.intersection(self.bound.codes[side])

    def having(self, *needs: Need) -> Iterator[SideInputs]:
        """The sides whose sources hold all of this."""
        for side in Side:
            if not any(self.lacks(need, side) for need in needs):
                yield self.sides[side]

    def splits_names(self, side: Side) -> bool:
        """Whether only the whole name is known there, so that the rule 'first word, rest' gives the two parts (R11)."""
        codes = self.sides[side].codes
        return "name" in codes and not codes.intersection(("first_name", "last_name"))

    def option_fields(self) -> tuple[BoundField, ...]:
        """The mapped fields that are lists on both sides and flow at all, in the order of the mapping."""
        return tuple(
            bound
            for bound in self.bound.fields
            if bound.pipedrive.kind in OPTION_KINDS
            and bound.plezi.kind in OPTION_KINDS
            and any(bound.writes(side) for side in Side)
        )

    def frame(self, columns: MappingType[str, Sequence[str | None]]) -> nw.LazyFrame[Any]:
        """A small table of text on the engine of the inputs, for joins with them."""
        import pyarrow as pa

        return self.engine.table(
            pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
        )
