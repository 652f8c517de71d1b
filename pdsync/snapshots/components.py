"""Connected components of records and addresses, for the few that sets cannot settle."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

__all__ = ["components"]

Node = TypeVar("Node", bound=Hashable)
Key = TypeVar("Key", bound=Hashable)


def components(edges: Iterable[tuple[Node, Key]]) -> Iterator[tuple[list[Node], set[Key]]]:
    """Group nodes that share a key, directly or through others: the members and the keys of each group.

    Union-find with path halving: time and memory grow with the edges, also when thousands share one address.
    """
    parent: dict[Node, Node] = {}
    first: dict[Key, Node] = {}
    for node, key in edges:
        parent.setdefault(node, node)
        left, right = _root(parent, node), _root(parent, first.setdefault(key, node))
        if left != right:
            parent[left] = right
    members: dict[Node, list[Node]] = {}
    for node in parent:
        members.setdefault(_root(parent, node), []).append(node)
    keys: dict[Node, set[Key]] = {}
    for key, node in first.items():
        keys.setdefault(_root(parent, node), set()).add(key)
    for root, group in members.items():
        yield group, keys[root]


def _root(parent: dict[Node, Node], node: Node) -> Node:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node
