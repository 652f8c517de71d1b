"""Connected components of records and addresses, for the few that sets cannot settle."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

__all__ = ["components"]

Node = TypeVar("Node", bound=Hashable)


def components(edges: Iterable[tuple[Node, Hashable]]) -> Iterator[list[Node]]:
    """Group nodes that share a key, directly or through others; each group in the order in which its nodes first came.

    Union-find with path halving: time and memory grow with the edges, also when thousands share one address.
    """
    parent: dict[Node, Node] = {}
    first_holder: dict[Hashable, Node] = {}
    for node, key in edges:
        parent.setdefault(node, node)
        left, right = _root(parent, node), _root(parent, first_holder.setdefault(key, node))
        if left != right:
            parent[left] = right
    groups: dict[Node, list[Node]] = {}
    for node in parent:
        groups.setdefault(_root(parent, node), []).append(node)
    yield from groups.values()


def _root(parent: dict[Node, Node], node: Node) -> Node:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
