"""What Pipedrive's calls cost in tokens, and what so many writes cost together (reference 1.1-1.3, [spec])."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BATCH",
    "COST_DELETE",
    "COST_GET",
    "COST_LIST",
    "COST_ME",
    "COST_USERS",
    "COST_WRITE",
    "PAGE",
    "SINGLE_BELOW",
    "cost",
]

PAGE: Final = 500
"""The most that a list call gives; its price does not depend on it (reference 3)."""
BATCH: Final = 100
"""The most ids that ``GET /persons?ids=`` takes."""
SINGLE_BELOW: Final = 10
"""Below so many ids one GET each (1 token) is cheaper than one list call (10 tokens)."""
COST_ME, COST_USERS, COST_LIST, COST_GET, COST_WRITE, COST_DELETE = 2, 20, 10, 1, 5, 3
"""Tokens. Adding options is a write and taking them off is a delete (reference 1.2)."""


def cost(
    *,
    creates: int,
    updates: int,
    reads: int,
    deletes: int = 0,
    lists_longer: int = 0,
    lists_shorter: int = 0,
    looked_through: int = 0,
) -> tuple[int, int]:
    """(requests, tokens): see ``protocol.Client.cost``."""
    batches, rest = divmod(reads, BATCH)
    changed = lists_longer + lists_shorter
    singles = (rest if rest < SINGLE_BELOW else 0) + changed
    pages = batches + (1 if rest >= SINGLE_BELOW else 0) + -(-looked_through // PAGE)
    requests = creates + updates + deletes + changed + pages + singles
    tokens = (
        (creates + updates + lists_longer) * COST_WRITE
        + (deletes + lists_shorter) * COST_DELETE
        + pages * COST_LIST
        + singles * COST_GET
    )
    return requests, tokens
