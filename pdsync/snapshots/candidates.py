"""Finds by sets which pairs and records the planner has to look at; Python then decides only those.

The text is narwhals: polars and DuckDB run it unchanged. It compares and groups what the snapshot writer prepared
(address keys, digests) and cleans up nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pdsync.model import LinkState, Match, Side, Subject
from pdsync.snapshots.engines import QueryEngine, collect, open_engine
from pdsync.snapshots.pairing import Component, Node, Pairing, address_clusters

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

    from pdsync.snapshots.reader import Frames, Snapshot

    Frame = nw.LazyFrame[Any]

__all__ = [
    "LINK_COLUMNS",
    "CandidateRow",
    "Candidates",
    "address_clusters",
    "candidates_among",
    "find_candidates",
]

LINK_COLUMNS: Final = (
    "pipedrive_id",
    "plezi_id",
    "address",
    "state",
    "digest_pipedrive",
    "digest_plezi",
    "version",
    "open",
)
"""What the table of links has to have; ``open`` is a boolean, all others are text. Digests may be null: not known."""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One pair, one lone record or one ambiguous component, by id."""

    match: Match
    pipedrive_id: str = ""
    """Linked, paired, and a lone person. Linked: the record itself may be absent."""
    plezi_id: str = ""
    address: str = ""
    """Linked: the link's. Paired: the shared key, of several the contact's first. Alone: its first, if any.
    Ambiguous: the first by code point of the keys that hold it together."""
    members: tuple[Subject, ...] = ()
    """Ambiguous: everyone in the component, linked or not; persons first, ids in order."""
    taken: frozenset[str] = frozenset()
    """Linked: keys of this pair that another record of the opposite side holds as well (``Candidate.taken``)."""
    contested: frozenset[str] = frozenset()
    """Linked: keys that a record of this pair and another linked one of its side move to (``Candidate.contested``)."""
    no_address: bool = False
    """Alone: it has no address at all."""


class Candidates:
    """All candidates of two snapshots, in an order that does not depend on the order of rows.

    By Pipedrive id, then Plezi id, both shorter before longer and then by code point, so that 9 comes before 10; rows
    without a person come last. An ambiguous component stands where its first member would.
    """

    def __init__(
        self,
        tables: Mapping[Match, pa.Table],
        others: Mapping[Match, list[CandidateRow]],
        taken: Mapping[Node, set[str]],
        contested: Mapping[Node, set[str]],
    ) -> None:
        self._tables = tables
        self._others = {match: sorted(rows, key=_order) for match, rows in others.items()}
        self._taken = taken
        self._contested = contested
        self.counts: Mapping[Match, int] = {
            match: (tables[match].num_rows if match in tables else 0) + len(others.get(match, ()))
            for match in Match
        }
        """Candidates by how they came about."""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[CandidateRow]:
        tables = [self._rows(match, table) for match, table in self._tables.items()]
        return heapq.merge(*tables, *self._others.values(), key=_order)

    def batches(self, size: int = 1_000) -> Iterator[list[CandidateRow]]:
        """The same in lists of at most ``size``."""
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch

    def _rows(self, match: Match, table: pa.Table) -> Iterator[CandidateRow]:
        for batch in table.to_batches(max_chunksize=10_000):
            columns = (batch.column(name).to_pylist() for name in ("pipedrive_id", "plezi_id", "address"))
            for person, contact, address in zip(*columns, strict=True):
                if match is Match.LINKED:
                    yield CandidateRow(
                        match,
                        person,
                        contact,
                        address or "",
                        taken=_of_pair(self._taken, person, contact),
                        contested=_of_pair(self._contested, person, contact),
                    )
                else:
                    yield CandidateRow(match, person, contact, address or "", no_address=address is None)


def _of_pair(keys: Mapping[Node, set[str]], person: str, contact: str) -> frozenset[str]:
    nobody: set[str] = set()
    return frozenset(keys.get((Side.PIPEDRIVE, person), nobody) | keys.get((Side.PLEZI, contact), nobody))


def find_candidates(
    pipedrive: Snapshot,
    plezi: Snapshot,
    links: pa.Table,
    *,
    version: str,
    engine: QueryEngine | str = "polars",
) -> Candidates:
    """Everything that ``decide`` has to look at.

    - linked: links whose digest differs on either side, or that were last decided under another version of the mapping,
      or are open, or miss a record; and broken links whose two records are there again;
    - paired: an unlinked person and an unlinked contact that are alone in their component;
    - ambiguous: any other component with an unlinked member;
    - alone: unlinked records whose addresses nobody else holds on either side, or that have none.

    Args:
        pipedrive: snapshot of the persons, complete or partial.
        plezi: snapshot of the contacts, complete or partial.
        links: every link of the ledger, with ``LINK_COLUMNS``; broken ones count as linked.
        version: ``BoundMapping.version``. Where a snapshot's digests rest on another one, every link is due.
        engine: polars, duckdb, or an open engine.

    Raises:
        InputFileError: a table of a snapshot is damaged.
    """
    chosen = open_engine(engine) if isinstance(engine, str) else engine
    sides = {Side.PIPEDRIVE: pipedrive.frames(chosen), Side.PLEZI: plezi.frames(chosen)}
    valid = all(snapshot.digest_basis == version != "" for snapshot in (pipedrive, plezi))
    return candidates_among(chosen, sides, links, version=version, digests_valid=valid)


def candidates_among(
    engine: QueryEngine,
    sides: Mapping[Side, Frames],
    links: pa.Table,
    *,
    version: str = "",
    digests_valid: bool = False,
) -> Candidates:
    """The same of any records, such as the few that hang together with one person; without digests every link is due."""
    linked = engine.table(links.select(LINK_COLUMNS))
    due = collect(_sorted(_due_links(linked, sides, version, digests_valid=digests_valid)))
    graph = Pairing(engine, sides, linked)
    tables = {
        Match.LINKED: due,
        Match.PAIRED: collect(_sorted(graph.paired())),
        Match.ALONE: collect(_sorted(graph.alone())),
    }
    others: dict[Match, list[CandidateRow]] = {Match.PAIRED: [], Match.AMBIGUOUS: []}
    for component in graph.others():
        row = _row(component)
        others[row.match].append(row)
    return Candidates(tables, others, _taken(engine.table(due), graph), _contested(linked, sides, graph))


def _due_links(links: Frame, sides: Mapping[Side, Frames], version: str, *, digests_valid: bool) -> Frame:
    """Links that need a second look: ``pipedrive_id``, ``plezi_id``, ``address``."""
    import narwhals as nw

    frame = links
    for side, frames in sides.items():
        now = frames.records.select(
            nw.col("id").alias(f"{side}_id"),
            nw.col("digest").alias(f"now_{side}"),
            nw.lit(1).alias(f"there_{side}"),
        )
        frame = frame.join(now, on=f"{side}_id", how="left")
    here, there = (~nw.col(f"there_{side}").is_null() for side in sides)
    both = here & there
    changed = nw.lit(not digests_valid) | nw.col("open").fill_null(value=True) | (_text("version") != version)
    for side in sides:
        before = _text(f"digest_{side}")
        changed = changed | (_text(f"now_{side}") != before) | (before == "")
    broken = nw.col("state") == LinkState.BROKEN.value
    return frame.filter((broken & both) | (~broken & (changed | ~both))).select(
        "pipedrive_id", "plezi_id", "address"
    )


def _taken(due: Frame, graph: Pairing) -> Mapping[Node, set[str]]:
    """By end of a due link: its keys that a record of the opposite side other than its partner holds as well.

    Holders of crowded keys are counted instead of paired up, as thousands of records may share one address.
    """
    import narwhals as nw

    taken: dict[Node, set[str]] = {}
    pairs = due.select("pipedrive_id", "plezi_id")
    for side in Side:
        own, partner = f"{side}_id", f"{side.other}_id"
        edges = graph.edges.select(own, "key", nw.col(partner).alias("holder"))
        elsewhere = pairs.join(edges, on=own, how="inner").filter(nw.col("holder") != nw.col(partner))
        across = graph.crowded[side.other]
        holders = across.group_by("key").agg(nw.len().alias("holders"))
        partners = across.select(nw.col("id").alias(partner), "key", nw.lit(1).alias("partner"))
        crowded = (
            pairs.join(graph.crowded[side].select(nw.col("id").alias(own), "key"), on=own, how="inner")
            .join(holders, on="key", how="inner")
            .join(partners, on=[partner, "key"], how="left")
            .filter(nw.col("holders") > nw.col("partner").fill_null(0))
        )
        for rows in (elsewhere, crowded):
            for row in collect(rows.select(own, "key")).to_pylist():
                taken.setdefault((side, row[own]), set()).add(row["key"])
    return taken


def _contested(links: Frame, sides: Mapping[Side, Frames], graph: Pairing) -> Mapping[Node, set[str]]:
    """By linked record: its first key, if it lost the one that its link rests on, and so did another with the same first.

    All links are looked at, not only those that are due: else the next plan would see one of the two alone.
    """
    import narwhals as nw

    contested: dict[Node, set[str]] = {}
    whole = links.filter(nw.col("state") != LinkState.BROKEN.value)
    for side, frames in sides.items():
        rests = whole.select(nw.col(f"{side}_id").alias("id"), nw.col("address").alias("rests_on"))
        first = graph.crowded[side].filter(nw.col("rank") == 0).select("id", "key")
        own = frames.addresses.join(first.select("id"), on="id", how="semi")
        held = own.select("id", nw.col("key").alias("rests_on"))
        moving = first.join(rests, on="id", how="inner").join(held, on=["id", "rests_on"], how="anti")
        crowds = moving.group_by("key").agg(nw.len().alias("movers")).filter(nw.col("movers") > 1)
        for row in collect(moving.join(crowds, on="key", how="semi").select("id", "key")).to_pylist():
            contested.setdefault((side, row["id"]), set()).add(row["key"])
    return contested


def _text(column: str) -> nw.Expr:
    """A column of text with nothing as the empty text, so that comparisons are never null."""
    import narwhals as nw

    return nw.col(column).fill_null("")


def _sorted(frame: Frame) -> Frame:
    """Give a frame of ids its order: no person comes last, shorter ids before longer, then by code point."""
    import narwhals as nw

    person, contact = nw.col("pipedrive_id"), nw.col("plezi_id")
    return frame.with_columns(
        nw.when(person == "").then(1).otherwise(0).alias("without_person"),
        person.str.len_chars().alias("person_length"),
        contact.str.len_chars().alias("contact_length"),
    ).sort("without_person", "person_length", "pipedrive_id", "contact_length", "plezi_id")


def _order(row: CandidateRow) -> tuple[bool, int, str, int, str]:
    """The same order for rows in Python."""
    person, contact = row.pipedrive_id, row.plezi_id
    if row.members:
        first = row.members[0]
        person, contact = (first.id, "") if first.side is Side.PIPEDRIVE else ("", first.id)
    return not person, len(person), person, len(contact), contact


def _row(component: Component) -> CandidateRow:
    ordered = sorted(component.members, key=lambda node: (node[0] is Side.PLEZI, len(node[1]), node[1]))
    address = component.keys[0]
    if component.is_pair:
        return CandidateRow(Match.PAIRED, ordered[0][1], ordered[1][1], address)
    members = tuple(Subject(side, side.noun, identifier) for side, identifier in ordered)
    return CandidateRow(Match.AMBIGUOUS, address=address, members=members)
