"""The graph of design 6: records and address keys are nodes, "holds" is an edge; who belongs to whom follows from it.

A key that one person and one contact hold joins a simple pair, which is what nearly all of them are; those are settled
by joins. What is left (keys that several records of a side hold, records with several partners) is small and goes
through union-find in Python.

Rules that keep the engines equal and fast (design, figures): members of a group by semi join and never by list
aggregates, no reliance on the order of rows, distinct key names in joins, and a query that others build on is run once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pdsync.model import Side
from pdsync.snapshots.components import components
from pdsync.snapshots.engines import QueryEngine, collect

if TYPE_CHECKING:
    import narwhals as nw

    from pdsync.snapshots.reader import Frames

    Frame = nw.LazyFrame[Any]

__all__ = ["Component", "Node", "Pairing", "address_clusters"]

Node = tuple[Side, str]
"""A record in the graph."""


@dataclass(frozen=True, slots=True)
class Component:
    """Records that hang together by addresses, directly or through one another."""

    members: list[Node]
    keys: list[str]
    """What holds them together: in the order of the contact's list where there is one contact, else by code point."""
    unlinked: int
    """So many of the members have no link."""

    @property
    def is_pair(self) -> bool:
        """Whether it can be linked: one person and one contact, both without a link."""
        return self.unlinked == len(self.members) == len({side for side, _ in self.members}) == len(Side)


def address_clusters(addresses: Frame) -> Frame:
    """Who shares an address within one side: one row per key and holder, for keys that two or more records hold.

    The one query behind duplicates and pairing alike.

    Args:
        addresses: ``Frames.addresses`` of a snapshot: ``id``, ``key`` and ``rank`` are read.

    Returns:
        ``key``, ``id``, ``size`` (records that hold the key); each key and id once, in no order.
    """
    import narwhals as nw

    held = addresses.filter(~nw.col("rank").is_null()).select("key", "id")
    sizes = held.group_by("key").agg(nw.len().alias("size")).filter(nw.col("size") > 1)
    return held.join(sizes, on="key", how="inner")


class Pairing:
    """The graph over all records of both sides, cut into simple pairs and the rest.

    Args:
        engine: where all frames come from.
        sides: the tables of both sides.
        links: ``pipedrive_id``, ``plezi_id`` of every link, broken ones included: both ends count as linked.
        clusters: ``address_clusters`` of both sides, where somebody has looked already.
    """

    def __init__(
        self,
        engine: QueryEngine,
        sides: Mapping[Side, Frames],
        links: Frame,
        clusters: Mapping[Side, Frame] | None = None,
    ) -> None:
        import narwhals as nw

        self._records = {side: frames.records.select("id") for side, frames in sides.items()}
        self._linked = {side: _renamed(links, f"{side}_id", "id") for side in sides}
        held = {
            side: frames.addresses.filter(~nw.col("rank").is_null()).select("id", "key", "rank")
            for side, frames in sides.items()
        }
        self._first = {
            side: frame.filter(nw.col("rank") == 0).select("id", "key") for side, frame in held.items()
        }
        shared = clusters or {side: address_clusters(frames.addresses) for side, frames in sides.items()}
        crowded = engine.keep(nw.concat([shared[side].select("key") for side in sides]).unique())
        self.crowded = {
            side: engine.keep(frame.join(crowded, on="key", how="semi")) for side, frame in held.items()
        }
        """``id``, ``key``, ``rank``: keys that several records of one side hold, with their holders on either side."""
        person, contact = (held[side].join(crowded, on="key", how="anti") for side in Side)
        ends = [
            frame.select("key", nw.col("id").alias(f"{side}_id"), nw.col("rank").alias(f"rank_{side}"))
            for side, frame in ((Side.PIPEDRIVE, person), (Side.PLEZI, contact))
        ]
        self.edges = engine.keep(ends[0].join(ends[1], on="key", how="inner"))
        """``pipedrive_id``, ``plezi_id``, ``key``: keys that exactly one person and one contact hold."""
        self._marked = engine.keep(self._mark())

    def _mark(self) -> Frame:
        """The edges, with 1 or null for: this end is linked, this end has more than this one edge."""
        import narwhals as nw

        marked = self.edges
        for side in Side:
            own = f"{side}_id"
            several = (
                self.edges.group_by(own).agg(nw.len().alias("edges")).filter(nw.col("edges") > 1).select(own)
            )
            tangled = nw.concat([several, _renamed(self.crowded[side], "id", own)]).unique()
            linked = _renamed(self._linked[side], "id", own).unique()
            marked = marked.join(
                tangled.with_columns(nw.lit(1).alias(f"tangled_{side}")), on=own, how="left"
            ).join(linked.with_columns(nw.lit(1).alias(f"linked_{side}")), on=own, how="left")
        return marked

    def _simple(self) -> Frame:
        """Components of one person and one contact that share one key."""
        import narwhals as nw

        here, there = (nw.col(f"tangled_{side}").is_null() for side in Side)
        return self._marked.filter(here & there)

    def paired(self) -> Frame:
        """Simple pairs of which neither is linked: ``pipedrive_id``, ``plezi_id``, ``address``."""
        import narwhals as nw

        here, there = (nw.col(f"linked_{side}").is_null() for side in Side)
        return (
            self._simple()
            .filter(here & there)
            .select("pipedrive_id", "plezi_id", nw.col("key").alias("address"))
        )

    def alone(self) -> Frame:
        """Unlinked records that share no address with anybody.

        ``pipedrive_id``, ``plezi_id`` (one of them empty) and ``address``, their first one; null where they have none.
        """
        import narwhals as nw

        parts = []
        for side, records in self._records.items():
            lone = (
                records.join(self._linked[side], on="id", how="anti")
                .join(_renamed(self.edges, f"{side}_id", "id"), on="id", how="anti")
                .join(_renamed(self.crowded[side], "id", "id"), on="id", how="anti")
                .join(self._first[side], on="id", how="left")
            )
            nobody = nw.lit("").alias(f"{side.other}_id")
            names = {side: nw.col("id").alias(f"{side}_id"), side.other: nobody}
            parts.append(lone.select(*(names[one] for one in Side), nw.col("key").alias("address")))
        return nw.concat(parts)

    def others(self) -> Iterator[Component]:
        """Every other component that has an unlinked member.

        Among them pairs of one person and one contact, both unlinked, that share several keys.
        """
        import narwhals as nw

        here, there = (nw.col(f"linked_{side}").is_null() for side in Side)
        mixed = self._simple().filter((here & ~there) | (~here & there))
        for row in collect(mixed.select("pipedrive_id", "plezi_id", "key")).to_pylist():
            yield Component([(side, row[f"{side}_id"]) for side in Side], [row["key"]], unlinked=1)
        here, there = (~nw.col(f"tangled_{side}").is_null() for side in Side)
        rest = self._marked.filter(here | there)
        ranks: dict[tuple[Node, str], int] = {}
        unlinked: set[Node] = set()
        for side in Side:
            own = rest.select(nw.col(f"{side}_id").alias("id"), "key", nw.col(f"rank_{side}").alias("rank"))
            marks = self._linked[side].unique().with_columns(nw.lit(1).alias("linked"))
            members = nw.concat([self.crowded[side], own]).join(marks, on="id", how="left")
            for row in collect(members).to_pylist():
                ranks[(side, row["id"]), row["key"]] = row["rank"]
                if row["linked"] is None:
                    unlinked.add((side, row["id"]))
        for group, keys in components(ranks):
            free = len(unlinked.intersection(group))
            if free:
                contacts = [node for node in group if node[0] is Side.PLEZI]
                only = contacts[0] if len(contacts) == 1 else None
                ordered = sorted(
                    keys, key=lambda key: (ranks.get((only, key), len(ranks)) if only else 0, key)
                )
                yield Component(group, ordered, unlinked=free)


def _renamed(frame: Frame, column: str, name: str) -> Frame:
    """One column under another name."""
    import narwhals as nw

    return frame.select(nw.col(column).alias(name))
