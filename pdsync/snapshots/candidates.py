"""Finds by sets which pairs and records the planner has to look at; Python then decides only those.

The text is narwhals: polars and DuckDB run it unchanged. It compares and groups what the snapshot writer prepared
(address keys, digests) and cleans up nothing. A few rules keep the engines equal (design, figures): members of a group
by semi join and never by list aggregates, no reliance on the order of rows, distinct key names in joins.

The graph of design 6: records and address keys are nodes, "holds" is an edge. A key that one person and one contact
hold joins a simple pair, which is what nearly all of them are; those are settled by joins. What is left (keys that several
records of a side hold, people with several shared addresses) is small and goes through union-find.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pdsync.model import LinkState, Match, Side, Subject
from pdsync.snapshots.components import components
from pdsync.snapshots.engines import QueryEngine, collect, open_engine

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

    from pdsync.snapshots.reader import Frames, Snapshot

    Frame = nw.LazyFrame[Any]

__all__ = ["LINK_COLUMNS", "CandidateRow", "Candidates", "address_clusters", "find_candidates"]

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
"""What the table of links has to have; ``open`` is a boolean, all others are text."""

_PLAIN: Final = 1_000_000
"""Added to the position of an address that is not primary, so that a primary one comes first."""


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """One pair, one lone record or one ambiguous component, by id."""

    match: Match
    pipedrive_id: str = ""
    """Linked, paired, and a lone person. Linked: the record itself may be absent."""
    plezi_id: str = ""
    address: str = ""
    """Linked: the link's. Paired: the shared key, of several the contact's primary or first. Ambiguous: one shared key."""
    members: tuple[Subject, ...] = ()
    """Ambiguous: everyone in the component, linked or not; persons first, ids in order."""
    taken: frozenset[str] = frozenset()
    """Linked: keys of this pair that another record of the opposite side holds as well (``Candidate.taken``)."""
    no_address: bool = False
    """Alone: it has no address at all."""


class Candidates:
    """All candidates of two snapshots, in an order that does not depend on the order of rows.

    By Pipedrive id, then Plezi id, both shorter before longer and then by code point, so that 9 comes before 10; rows
    without a person come last. An ambiguous component stands where its first member would.
    """

    def __init__(
        self, tables: Mapping[Match, pa.Table], ambiguous: list[CandidateRow], taken: Mapping[str, set[str]]
    ) -> None:
        self._tables = tables
        self._ambiguous = ambiguous
        self._taken = taken
        self.counts: Mapping[Match, int] = Counter(
            {match: table.num_rows for match, table in tables.items()} | {Match.AMBIGUOUS: len(ambiguous)}
        )
        """Candidates by how they came about."""

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[CandidateRow]:
        streams = [self._rows(match, table) for match, table in self._tables.items()]
        return heapq.merge(*streams, iter(self._ambiguous), key=_order)

    def batches(self, size: int = 1_000) -> Iterator[list[CandidateRow]]:
        """The same in lists of at most ``size``."""
        rows = iter(self)
        while batch := list(islice(rows, size)):
            yield batch

    def _rows(self, match: Match, table: pa.Table) -> Iterator[CandidateRow]:
        nobody: set[str] = set()
        for batch in table.to_batches(max_chunksize=10_000):
            for row in batch.to_pylist():
                pipedrive_id = row["pipedrive_id"] or ""
                yield CandidateRow(
                    match,
                    pipedrive_id,
                    row["plezi_id"] or "",
                    row["address"] or "",
                    taken=frozenset(self._taken.get(pipedrive_id, nobody))
                    if match is Match.LINKED
                    else frozenset(),
                    no_address=match is Match.ALONE and row["no_address"],
                )


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
    sides = {
        Side.PIPEDRIVE: _SideFrames(pipedrive.frames(chosen)),
        Side.PLEZI: _SideFrames(plezi.frames(chosen)),
    }
    linked = chosen.table(links.select(LINK_COLUMNS))
    valid = all(snapshot.digest_basis == version != "" for snapshot in (pipedrive, plezi))
    due = _due_links(linked, sides, version, digests_valid=valid)
    linked_table = collect(_sorted(due))
    graph = _Graph(sides, linked)
    tables = {
        Match.LINKED: linked_table,
        Match.PAIRED: collect(_sorted(graph.paired())),
        Match.ALONE: collect(_sorted(graph.alone())),
    }
    return Candidates(tables, graph.ambiguous(), _taken(chosen.table(linked_table), sides))


def address_clusters(addresses: Frame) -> Frame:
    """Who shares an address within one side: one row per key and holder, for keys that two or more records hold.

    The one query behind the duplicate audit and pairing alike.

    Args:
        addresses: ``Frames.addresses`` of a snapshot (``id`` and ``key`` are enough).

    Returns:
        ``key``, ``id``, ``size`` (records that hold the key); each pair once, in no order.
    """
    import narwhals as nw

    held = addresses.select("key", "id").unique()
    sizes = held.group_by("key").agg(nw.len().alias("size")).filter(nw.col("size") > 1)
    return held.join(sizes, on="key", how="inner")


class _SideFrames:
    """One side's tables, reduced to what pairing reads."""

    def __init__(self, frames: Frames) -> None:
        import narwhals as nw

        self.records = frames.records.select("id", "digest")
        rank = nw.col("position") + nw.when(nw.col("primary")).then(0).otherwise(_PLAIN)
        self.addresses = (
            frames.addresses.select("id", "key", rank.alias("rank"))
            .group_by("id", "key")
            .agg(nw.col("rank").min())
        )
        """``id``, ``key``, ``rank``: each once; the rank orders the addresses of one record."""


def _due_links(
    links: Frame, sides: Mapping[Side, _SideFrames], version: str, *, digests_valid: bool
) -> Frame:
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
    broken = nw.col("state") == LinkState.BROKEN.value
    changed = nw.lit(not digests_valid) | nw.col("open").fill_null(value=True) | (_text("version") != version)
    for side in sides:
        now_, before = _text(f"now_{side}"), _text(f"digest_{side}")
        changed = changed | (now_ != before) | (before == "")
    both = here & there
    return frame.filter((broken & both) | (~broken & (changed | ~both))).select(
        "pipedrive_id", "plezi_id", "address"
    )


def _taken(due: Frame, sides: Mapping[Side, _SideFrames]) -> Mapping[str, set[str]]:
    """By Pipedrive id: the keys of a due pair that another record of the opposite side holds as well.

    Counts holders per key instead of pairing them up, as thousands of records may share one address.
    """
    import narwhals as nw

    taken: dict[str, set[str]] = {}
    for side in sides:
        other = sides[side.other].addresses
        holders = other.group_by("key").agg(nw.len().alias("holders"))
        partner = other.select(nw.col("id").alias(f"{side.other}_id"), "key", nw.lit(1).alias("partner"))
        mine = sides[side].addresses.select(nw.col("id").alias(f"{side}_id"), "key")
        shared = (
            due.select("pipedrive_id", "plezi_id")
            .join(mine, on=f"{side}_id", how="inner")
            .join(holders, on="key", how="inner")
            .join(partner, on=[f"{side.other}_id", "key"], how="left")
            .filter(nw.col("holders") > nw.col("partner").fill_null(0))
        )
        for row in collect(shared.select("pipedrive_id", "key")).to_pylist():
            taken.setdefault(row["pipedrive_id"], set()).add(row["key"])
    return taken


class _Graph:
    """The graph of addresses and records, cut into simple pairs and the rest."""

    def __init__(self, sides: Mapping[Side, _SideFrames], links: Frame) -> None:
        import narwhals as nw

        self._sides = sides
        self._linked = {side: links.select(nw.col(f"{side}_id").alias("id")).unique() for side in sides}
        crowded = nw.concat(
            [address_clusters(one.addresses).select("key") for one in sides.values()]
        ).unique()
        self._crowded = {
            side: one.addresses.join(crowded, on="key", how="semi") for side, one in sides.items()
        }
        """Addresses that several records of one side hold, with their holders on both."""
        person, contact = (one.addresses.join(crowded, on="key", how="anti") for one in sides.values())
        self._edges = person.select(nw.col("id").alias("pipedrive_id"), "key").join(
            contact.select(nw.col("id").alias("plezi_id"), "key", "rank"), on="key", how="inner"
        )
        """Keys that exactly one person and one contact hold."""
        pairs = self._edges.group_by("pipedrive_id", "plezi_id").agg(nw.col("rank").min())
        simple = pairs
        for side in sides:
            partners = pairs.group_by(f"{side}_id").agg(nw.len().alias("partners"))
            single = partners.filter(nw.col("partners") == 1)
            elsewhere = self._crowded[side].select(nw.col("id").alias(f"{side}_id")).unique()
            simple = simple.join(single, on=f"{side}_id", how="semi").join(
                elsewhere, on=f"{side}_id", how="anti"
            )
        self._simple = simple.join(self._edges, on=["pipedrive_id", "plezi_id", "rank"], how="inner").select(
            "pipedrive_id", "plezi_id", nw.col("key").alias("address")
        )
        """Components of one person and one contact, with the key that a link would rest on."""

    def paired(self) -> Frame:
        """Simple pairs of which neither is linked."""
        frame = self._simple
        for side in self._sides:
            frame = frame.join(self._ids(side), on=f"{side}_id", how="anti")
        return frame

    def alone(self) -> Frame:
        """Unlinked records that share no address with anybody; ``address`` is their first one, null where they have none."""
        import narwhals as nw

        parts = []
        for side, frames in self._sides.items():
            sharing = nw.concat(
                [self._crowded[side].select("id"), self._edges.select(nw.col(f"{side}_id").alias("id"))]
            ).unique()
            first = frames.addresses.group_by("id").agg(nw.col("rank").min())
            address = frames.addresses.join(first, on=["id", "rank"], how="inner").select("id", "key")
            lone = (
                frames.records.select("id")
                .join(self._linked[side], on="id", how="anti")
                .join(sharing, on="id", how="anti")
                .join(address, on="id", how="left")
            )
            identifiers = [
                nw.col("id").alias(f"{one}_id") if one is side else nw.lit("").alias(f"{one}_id")
                for one in Side
            ]
            parts.append(lone.select(*identifiers, nw.col("key").alias("address")))
        return nw.concat(parts)

    def ambiguous(self) -> list[CandidateRow]:
        """Every other component with an unlinked member, in order."""
        import narwhals as nw

        half = self._simple
        for side in self._sides:
            marks = self._ids(side).with_columns(nw.lit(1).alias(f"linked_{side}"))
            half = half.join(marks, on=f"{side}_id", how="left")
        here, there = (nw.col(f"linked_{side}").is_null() for side in self._sides)
        mixed = collect(
            half.filter((here & ~there) | (~here & there)).select("pipedrive_id", "plezi_id", "address")
        )
        found = [
            ([(Side.PIPEDRIVE, row["pipedrive_id"]), (Side.PLEZI, row["plezi_id"])], row["address"])
            for row in mixed.to_pylist()
        ]
        found.extend(self._tangled())
        rows = [_ambiguous_row(members, address) for members, address in found]
        return sorted(rows, key=_order)

    def _tangled(self) -> Iterator[tuple[list[tuple[Side, str]], str]]:
        """Components that are no simple pairs, by union-find; those with an unlinked member."""
        import narwhals as nw

        rest = self._edges.join(self._simple, on=["pipedrive_id", "plezi_id"], how="anti")
        edges: list[tuple[tuple[Side, str], str]] = []
        unlinked: set[tuple[Side, str]] = set()
        for side in self._sides:
            members = nw.concat(
                [
                    self._crowded[side].select("id", "key"),
                    rest.select(nw.col(f"{side}_id").alias("id"), "key"),
                ]
            )
            marks = self._linked[side].with_columns(nw.lit(1).alias("linked"))
            for row in collect(members.join(marks, on="id", how="left")).to_pylist():
                node = (side, row["id"])
                edges.append((node, row["key"]))
                if row["linked"] is None:
                    unlinked.add(node)
        smallest: dict[tuple[Side, str], str] = {}
        for node, key in edges:
            smallest[node] = min(key, smallest.get(node, key))
        for group in components(edges):
            if not unlinked.isdisjoint(group):
                yield group, min(smallest[node] for node in group)

    def _ids(self, side: Side) -> Frame:
        import narwhals as nw

        return self._linked[side].select(nw.col("id").alias(f"{side}_id"))


def _text(column: str) -> nw.Expr:
    """A column of text with nothing as the empty text, so that comparisons are never null."""
    import narwhals as nw

    return nw.col(column).fill_null("")


def _sorted(frame: Frame) -> Frame:
    """Give a frame of ids its order: shorter ids before longer, then by code point; no person comes last."""
    import narwhals as nw

    person, contact = nw.col("pipedrive_id"), nw.col("plezi_id")
    return frame.with_columns(
        nw.when(person == "").then(1).otherwise(0).alias("without_person"),
        person.str.len_chars().alias("person_length"),
        contact.str.len_chars().alias("contact_length"),
        nw.col("address").is_null().alias("no_address"),
    ).sort("without_person", "person_length", "pipedrive_id", "contact_length", "plezi_id")


def _order(row: CandidateRow) -> tuple[bool, int, str, int, str]:
    """The same order for rows in Python."""
    person, contact = row.pipedrive_id, row.plezi_id
    if row.members:
        first = row.members[0]
        person, contact = (first.id, "") if first.side is Side.PIPEDRIVE else ("", first.id)
    return not person, len(person), person, len(contact), contact


def _ambiguous_row(members: list[tuple[Side, str]], address: str) -> CandidateRow:
    ordered = sorted(members, key=lambda member: (member[0] is Side.PLEZI, len(member[1]), member[1]))
    subjects = tuple(Subject(side, side.noun, identifier) for side, identifier in ordered)
    return CandidateRow(Match.AMBIGUOUS, address=address, members=subjects)
