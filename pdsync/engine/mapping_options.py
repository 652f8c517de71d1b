"""The two lists of a field mapping side by side: what finds each other, what is paired, open, or proposed (R24).

Which options mean the same is the planner's to say, and which probably do the options audit's: both are asked here, and
nothing is judged anew. Who holds an option is counted in what was read last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pdsync.model import BoundField, Field, Kind, Option, OptionPair, Side
from pdsync.planning.transforms import option_names

if TYPE_CHECKING:
    from pdsync.engine.workspace import Workspace

__all__ = [
    "Held",
    "OptionRow",
    "Standing",
    "count_holders",
    "likely",
    "option_rows",
    "pair_name",
    "why_no_pairs",
]

_LISTS: Final = (Kind.OPTION, Kind.OPTIONS)

Held = Mapping[Side, Mapping[tuple[str, str], int]]
"""(field code, option) -> records that hold it, by side; a side that was never read is left out."""


class Standing(StrEnum):
    """How an option stands, in the order in which people want to see them."""

    PROPOSED = "proposed"
    """The two probably mean the same, and nothing says so yet."""
    OPEN = "open"
    """It has no counterpart."""
    UNKNOWN = "unknown"
    """A pair of the file names an option that is not in the list."""
    PAIRED = "paired"
    """By a pair in the file."""
    ALIKE = "alike"
    """They find each other by their spelling."""
    NOT_IN_LIST = "not in list"
    """Data holds it, and the list does not have it (any more): it cannot be paired."""


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One line: an option of one side or of both."""

    standing: Standing
    options: Mapping[Side, Option]
    records: Mapping[Side, int | None] = field(default_factory=dict)
    """How many hold it; None: not known."""
    pair: OptionPair | None = None
    """As written, if the file has it."""
    how: str = ""
    """Why it is proposed: ``differ by accents``, ``similarity 0.87``."""


def why_no_pairs(bound: BoundField) -> str:
    """Why options of these two fields cannot be paired; empty: they can."""
    for side in Side:
        one = bound.on(side)
        if one.kind not in _LISTS:
            return f"{one.name} is no list in {side.label}: there is nothing to pair."
        if not one.options:
            return f"The list of {one.name} in {side.label} is not known: read it with pdsync pull --fields."
    return ""


def count_holders(ws: Workspace) -> Held:
    """Who holds which option, in the newest snapshots. No request leaves; a side that was never read is left out.

    Raises:
        InputFileError: a snapshot is damaged.
    """
    import narwhals as nw

    from pdsync.snapshots.engines import collect
    from pdsync.snapshots.reader import latest

    held: dict[Side, dict[tuple[str, str], int]] = {}
    for side in Side:
        snapshot = latest(ws.folder.root, side)
        if snapshot is not None:
            counts = snapshot.frames().options.group_by("code", "option").agg(nw.len().alias("records"))
            rows = collect(counts).to_pylist()
            held[side] = {(row["code"], row["option"]): int(row["records"]) for row in rows}
    return held


def option_rows(bound: BoundField, held: Held) -> list[OptionRow]:
    """Both lists as lines, what asks for a decision first, otherwise in the order of the lists."""
    rows = list(_rows(bound, held))
    order = list(Standing)
    return sorted(rows, key=lambda row: order.index(row.standing))


def pair_name(owner: Field, side: Side, option: Option) -> str:
    """What a pair calls an option: its label in Pipedrive, its value in Plezi; where that means another, the other one.

    Pipedrive's ids say nothing to people, and Plezi's values are what its own interface is asked with.
    """
    names = option_names(owner)
    wanted = (option.label, option.id) if side is Side.PIPEDRIVE else (option.id, option.label)
    return next((name for name in wanted if names.get(name) == option.id), option.id)


def likely(option: Option, others: Sequence[Option]) -> list[Option]:
    """These options, the one that resembles most first."""
    from pdsync.audits.resemblance import resemblance

    return sorted(others, key=lambda other: -resemblance(option, other))


def _rows(bound: BoundField, held: Held) -> Iterator[OptionRow]:
    written = list(_written(bound, held))
    yield from written
    proposed = list(_proposed(bound, held))
    yield from proposed
    settled = {_ids(row) for row in written}
    for ids in bound.option_pairs:
        known = _known(bound, dict(zip(Side, ids, strict=True)))
        if ids not in settled and len(known) == len(Side):
            yield _row(bound, held, Standing.ALIKE, known)
    for side in Side:
        yield from _alone(bound, held, side, {row.options[side].id for row in proposed})


def _written(bound: BoundField, held: Held) -> Iterator[OptionRow]:
    names = {side: option_names(bound.on(side)) for side in Side}
    for pair in bound.written.options.pairs:
        called = {Side.PIPEDRIVE: pair.pipedrive, Side.PLEZI: pair.plezi}
        known = _known(bound, {side: names[side].get(text) for side, text in called.items()})
        standing = Standing.PAIRED if len(known) == len(Side) else Standing.UNKNOWN
        yield _row(bound, held, standing, known, pair=pair)


def _proposed(bound: BoundField, held: Held) -> Iterator[OptionRow]:
    from pdsync.audits.options import proposed_pairs

    for here, there, likeness in proposed_pairs(bound):
        how = f"similarity {likeness.similarity:.2f}"
        if likeness.differences:
            how = f"differ by {', '.join(likeness.differences)}"
        elif here.label == there.label:
            how = "same label"
        yield _row(bound, held, Standing.PROPOSED, {Side.PIPEDRIVE: here, Side.PLEZI: there}, how=how)


def _alone(bound: BoundField, held: Held, side: Side, proposed: Collection[str]) -> Iterator[OptionRow]:
    from pdsync.audits.options import unsettled

    owner = bound.on(side)
    for option in unsettled(bound, side):
        if option.id not in proposed:
            yield _row(bound, held, Standing.OPEN, {side: option})
    for code, one in sorted(held.get(side, {})):
        if code == owner.code and owner.option(one) is None:
            yield _row(bound, held, Standing.NOT_IN_LIST, {side: Option(one, one)})


def _known(bound: BoundField, ids: Mapping[Side, str | None]) -> dict[Side, Option]:
    found = {side: bound.on(side).option(one) for side, one in ids.items() if one is not None}
    return {side: option for side, option in found.items() if option is not None}


def _ids(row: OptionRow) -> tuple[str, ...]:
    return tuple(row.options[side].id for side in Side if side in row.options)


def _row(
    bound: BoundField,
    held: Held,
    standing: Standing,
    options: Mapping[Side, Option],
    *,
    pair: OptionPair | None = None,
    how: str = "",
) -> OptionRow:
    records = {
        side: held[side].get((bound.on(side).code, option.id), 0) if side in held else None
        for side, option in options.items()
    }
    return OptionRow(standing, options, records, pair, how)
