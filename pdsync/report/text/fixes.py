"""A fix file on a terminal: how much of it is accepted, and the work that is left to people, with the links to do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from pdsync.model import FixFile, MergeProposal, MissingOption, PairProposal
from pdsync.report.inert import for_terminal, one_line
from pdsync.report.text.layout import Line, Role, columns, line, painted, wrap
from pdsync.report.text.values import counted

__all__ = ["fixes_lines"]

_LONGEST = 60


def fixes_lines(
    fixes: FixFile,
    *,
    width: int = 100,
    colour: bool = False,
    paired: Collection[PairProposal] = (),
    by_hand: Collection[MissingOption] = (),
    most: int | None = 20,
) -> Iterator[str]:
    """What a fix file holds, as lines.

    Args:
        fixes: The file.
        width: Cells of the terminal.
        colour: Whether to colour words.
        paired: The pairs that the mapping has already.
        by_hand: The options that nothing but a person can add.
        most: How many pairs, options and merges are shown; None: all.
    """
    return painted(_lines(fixes, width, paired, by_hand, most), colour=colour)


def _lines(
    fixes: FixFile,
    width: int,
    paired: Collection[PairProposal],
    by_hand: Collection[MissingOption],
    most: int | None,
) -> Iterator[Line]:
    name = for_terminal(fixes.path)
    yield line((name, Role.STRONG), f"  mapping {for_terminal(fixes.mapping)}")
    yield line()
    yield line((f"Repairs  {len(fixes.accepted):,} of {len(fixes.repairs):,} accepted", Role.STRONG))
    total = Counter(repair.code for repair in fixes.repairs)
    accepted = Counter(repair.code for repair in fixes.accepted)
    rows = [[f"  {code}", f"{accepted[code]:,}", "of", f"{number:,}"] for code, number in total.items()]
    yield from (line("".join(row)) for row in columns(rows, right=frozenset({1, 3}), gap=2))
    if fixes.accepted:
        yield line((f"  pdsync plan --fixes {name}", Role.DIM))
    if fixes.pairs:
        yield from _pairs(fixes, paired, most)
    if fixes.options:
        yield from _options(fixes, by_hand, most)
    if fixes.merges:
        yield from _merges(fixes.merges, width, most)


def _pairs(fixes: FixFile, paired: Collection[PairProposal], most: int | None) -> Iterator[Line]:
    accepted = sum(pair.accepted for pair in fixes.pairs)
    yield line()
    yield line((f"Option pairs  {accepted:,} of {len(fixes.pairs):,} accepted", Role.STRONG))
    for pair in fixes.pairs[:most]:
        here, there = one_line(pair.pipedrive, _LONGEST), one_line(pair.plezi, _LONGEST)
        state = "in the mapping" if pair in paired else ("accepted" if pair.accepted else "not accepted")
        yield line(f"  {one_line(pair.field, _LONGEST)}: {here} = {there}   ", (state, Role.DIM))
    yield from _more(len(fixes.pairs), most)
    if any(pair.accepted and pair not in paired for pair in fixes.pairs):
        yield line((f"  pdsync fixes {for_terminal(fixes.path)} --write-pairs", Role.DIM))


def _options(fixes: FixFile, by_hand: Collection[MissingOption], most: int | None) -> Iterator[Line]:
    accepted = len(fixes.accepted_options)
    yield line()
    yield line((f"Missing options  {accepted:,} of {len(fixes.options):,} accepted", Role.STRONG))
    for one in fixes.options[:most]:
        held = counted(one.records, one.side.other.noun)
        label, field = one_line(one.label, _LONGEST), one_line(one.field, _LONGEST)
        state = "to add by hand" if one in by_hand else ("accepted" if one.accepted else "not accepted")
        yield line(f"  in {one.side.label}, list {field}: {label}   ", (f"held by {held}; {state}", Role.DIM))
    yield from _more(len(fixes.options), most)
    if any(one not in by_hand for one in fixes.accepted_options):
        yield line((f"  pdsync plan --fixes {for_terminal(fixes.path)}", Role.DIM))


def _merges(merges: tuple[MergeProposal, ...], width: int, most: int | None) -> Iterator[Line]:
    yield line()
    yield line((f"Merges to carry out by hand  {len(merges):,}", Role.STRONG))
    for one in merges[:most]:
        others = ", ".join(for_terminal(str(subject)) for subject in one.merge)
        for text in wrap(
            f"keep {for_terminal(str(one.keep))}, merge {others}: {for_terminal(one.why)}", width - 2
        ):
            yield line(f"  {text}")
        yield from (line((f"    {for_terminal(link)}", Role.DIM)) for link in one.links)
    yield from _more(len(merges), most)


def _more(total: int, most: int | None) -> Iterator[Line]:
    if most is not None and total > most:
        yield line((f"  and {total - most:,} more in the file", Role.DIM))
