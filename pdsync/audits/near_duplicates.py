"""Records that are probably one person under different email addresses: for people to look at, never a reason to stop.

Runs only when it is asked for (``pdsync audit --near-duplicates``, or the mapping names it), because it needs an extra
and takes longer than all other audits together. What is compared is in ``near_duplicate_records``, what an agreement
is worth in ``near_duplicate_levels``, how pairs are found in ``near_duplicate_search``. Both sides are searched as one,
so that a person here and a contact there are found as two persons are. Records that share an address are left to
``duplicate-email`` and to pairing, linked pairs to themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from pdsync.audits.declaring import Audit, Found
from pdsync.audits.inputs import AuditInputs, Need
from pdsync.audits.near_duplicate_records import comparable_fields, record_tables
from pdsync.audits.near_duplicate_search import Search, find_pairs, is_installed
from pdsync.audits.odd_names import NAMES_NEEDED, name_columns
from pdsync.audits.wording import counted
from pdsync.model import AuditSummary, Severity, Side, Subject, Value
from pdsync.planning.wording import listed
from pdsync.snapshots.columns import compared
from pdsync.snapshots.components import components
from pdsync.snapshots.engines import collect

__all__ = ["AUDITS", "NEAR_DUPLICATE"]

NEAR_DUPLICATE: Final = "near-duplicate"
_INSTALL: Final = "Splink is not installed: pip install 'pdsync[near-duplicates]'"
_SURE: Final = 0.9999
"""Probability above which no more digits are said: the model knows no better."""

_Record = tuple[Side, str]
"""Side and id."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """Two records that are probably one person, and why."""

    left: _Record
    right: _Record
    weight: float
    """log2 of the odds."""
    likelier: float
    """How many times likelier what was compared is for one person than for two."""
    agree: tuple[str, ...]
    differ: tuple[str, ...]

    @property
    def probability(self) -> float:
        return 1 / (1 + 2**-self.weight)

    def other(self, one: _Record) -> _Record:
        return self.right if one == self.left else self.left


def _find(inputs: AuditInputs) -> Found:
    if not is_installed():
        return Found((), (_INSTALL,))
    import duckdb

    fields = comparable_fields(inputs)
    try:
        search = find_pairs(record_tables(inputs, fields), fields, folder=inputs.scratch)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        reason = str(error).splitlines()[0][:200]
        return Found((), (f"comparing takes more memory or room than there is: {reason}",))
    edges = _without_known(inputs, list(_edges(search)))
    return Found(_rows(inputs, _groups(edges)))


def _edges(search: Search) -> Iterator[_Edge]:
    """The pairs of a search, and what agreed in words."""
    for batch in search.pairs.to_batches(max_chunksize=5_000):
        for row in batch.to_pylist():
            agree, differ = _evidence(search, row)
            left, right = ((Side(row[f"{end}_side"]), row[f"{end}_id"]) for end in ("left", "right"))
            yield _Edge(left, right, row["weight"], 2 ** (row["weight"] - search.prior), agree, differ)


def _evidence(search: Search, row: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What agreed and what did not; what is unknown is neither."""
    agree: list[str] = []
    differ: list[str] = []
    for one in search.compared:
        gamma = row[f"gamma_{one.name}"]
        if gamma >= 0:
            level = one.levels[len(one.levels) - 1 - gamma]
            (agree if level.agrees else differ).append(level.words)
    return tuple(agree), tuple(differ)


def _without_known(inputs: AuditInputs, edges: Sequence[_Edge]) -> list[_Edge]:
    """The pairs that nothing else has: neither an address in common, whichever of theirs, nor a link."""
    import narwhals as nw

    if not edges:
        return []
    ends = {
        side: sorted(
            {identifier for edge in edges for at, identifier in (edge.left, edge.right) if at is side}
        )
        for side in Side
    }
    held: dict[_Record, set[str]] = {}
    for side, ids in ends.items():
        frame = inputs.sides[side].frames.addresses.join(inputs.frame({"id": ids}), on="id", how="semi")
        for row in collect(frame.filter(~nw.col("rank").is_null()).select("id", "key")).to_pylist():
            held.setdefault((side, row["id"]), set()).add(row["key"])
    linked: set[tuple[str, str]] = set()
    if inputs.links is not None:
        known = inputs.links.join(
            inputs.frame({"pipedrive_id": ends[Side.PIPEDRIVE]}), on="pipedrive_id", how="semi"
        )
        linked = {(row["pipedrive_id"], row["plezi_id"]) for row in collect(known).to_pylist()}
    return [
        edge
        for edge in edges
        if not held.get(edge.left, set()) & held.get(edge.right, set())
        # Sides are in order: of a pair across, the person is on the left.
        and not (edge.left[0] is not edge.right[0] and (edge.left[1], edge.right[1]) in linked)
    ]


def _groups(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    """What hangs together, the surest first; within, too."""
    ends = ((end, number) for number, edge in enumerate(edges) for end in (edge.left, edge.right))
    groups = [
        sorted((edges[number] for number in numbers), key=_surest_first) for _, numbers in components(ends)
    ]
    return sorted(groups, key=lambda group: _surest_first(group[0]))


def _surest_first(edge: _Edge) -> tuple[float, _Record, _Record]:
    return -edge.weight, edge.left, edge.right


def _rows(inputs: AuditInputs, groups: Sequence[Sequence[_Edge]]) -> list[Any]:
    """One finding per group; each member with its nearest other."""
    names = ("order", "key", "group", "side", "id", "message", "details")
    columns: dict[Side, dict[str, list[str | None]]] = {side: {name: [] for name in names} for side in Side}
    people = _shown(inputs, {end for group in groups for edge in group for end in (edge.left, edge.right)})
    for number, group in enumerate(groups):
        nearest: dict[_Record, _Edge] = {}
        for edge in group:
            nearest.setdefault(edge.left, edge)
            nearest.setdefault(edge.right, edge)
        members = sorted(nearest, key=lambda end: (end[0], len(end[1]), end[1]))
        digest = blake2b(
            "\0".join(f"{side}/{identifier}" for side, identifier in members).encode(), digest_size=16
        )
        common = (f"{number:09}", digest.hexdigest(), _where(members))
        message = _message(members, group[0])
        for side, identifier in members:
            details = people.get((side, identifier), {}) | _why(nearest[side, identifier], (side, identifier))
            row = (*common, str(side), identifier, message, json.dumps(details, ensure_ascii=False))
            for column, value in zip(columns[side].values(), row, strict=True):
                column.append(value)
    return [inputs.frame(held) for held in columns.values() if held["id"]]


def _shown(inputs: AuditInputs, found: set[_Record]) -> dict[_Record, dict[str, Value]]:
    """Names and first address of the records that were found, for those who look at them."""
    import narwhals as nw

    people: dict[_Record, dict[str, Value]] = {}
    for held in inputs.having(*NAMES_NEEDED):
        ids = inputs.frame({"id": sorted(identifier for side, identifier in found if side is held.side)})
        codes = name_columns(inputs, held)
        names = held.frames.records.join(ids, on="id", how="semi").select(
            "id", *(nw.col(compared(code)).alias(code) for code in codes)
        )
        first = held.frames.addresses.filter(nw.col("rank") == 0).join(ids, on="id", how="semi")
        addresses = {
            row["id"]: row["delivered"] for row in collect(first.select("id", "delivered")).to_pylist()
        }
        for row in collect(names).to_pylist():
            shown: dict[str, Value] = {code: row[code] for code in codes}
            people[held.side, row["id"]] = shown | {"address": addresses.get(row["id"])}
    return people


def _where(members: Sequence[_Record]) -> str:
    sides = {side for side, _ in members}
    return "across both sides" if len(sides) > 1 else f"within {sides.pop().label}"


def _why(edge: _Edge, one: _Record) -> dict[str, Value]:
    """The evidence for one member: its nearest other, what agreed and what did not, and how much that is worth."""
    side, identifier = edge.other(one)
    return {
        "nearest": str(Subject(side, side.noun, identifier)),
        "agree": list(edge.agree),
        "differ": list(edge.differ),
        "probability": round(edge.probability, 6),
        "weight": edge.weight,
        "in_words": f"{_sure(edge.probability)} sure: what was compared is {_times(edge.likelier)} times likelier "
        "for one person than for two",
    }


def _times(likelier: float) -> str:
    """Two digits, as no model knows more; a million of millions at most."""
    if likelier >= 1e9:
        return "more than a billion"
    digits = len(str(int(likelier)))
    return f"{round(likelier, 2 - digits):,.0f}"


def _sure(probability: float) -> str:
    return "over 99.99 %" if probability > _SURE else f"{100 * probability:.4g} %"


def _message(members: Sequence[_Record], surest: _Edge) -> str:
    """Counts and kinds of evidence; nobody's name, no value."""
    who = listed(
        counted(number, side.noun) for side in Side if (number := sum(at is side for at, _ in members))
    )
    return f"{who} are probably one person ({_sure(surest.probability)} sure): {listed(surest.agree)}"


def _headline(summary: AuditSummary) -> str:
    """``12 people, probably: 20 persons, 5 contacts``."""
    who = ", ".join(counted(number, side.noun) for side, number in summary.records.items() if number)
    return f"probably {counted(summary.findings, 'person has', 'people have')} several records: {who}"


AUDITS = (
    Audit(
        code=NEAR_DUPLICATE,
        severity=Severity.INFO,
        title="records under different addresses that are probably one person",
        why="pdsync knows people by their address: each of these records becomes a contact of its own, is mailed by itself, "
        "and splits what is known of the person.",
        rule="R17",
        fix="Look at both records. If it is one person, merge them (Pipedrive cannot undo that), or give both the same "
        "address; if not, leave them: nothing is held back.",
        needs=(*NAMES_NEEDED, Need.ADDRESSES),
        find=_find,
        headline=_headline,
        on_request=True,
    ),
)
