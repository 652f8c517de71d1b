"""What Pipedrive's calls cost in tokens, and what so many writes cost together (reference 1.1-1.3, [spec])."""

from __future__ import annotations

from typing import Final

__all__ = ["BATCH", "DELETE", "GET", "LIST", "ME", "PAGE", "SINGLE_BELOW", "USERS", "WRITE", "cost"]

PAGE: Final = 500
"""The most that a list call gives; its price does not depend on it (reference 3)."""
BATCH: Final = 100
"""The most ids that ``GET /persons?ids=`` takes."""
SINGLE_BELOW: Final = 10
"""Below so many ids one GET each (1 token) is cheaper than one list call (10 tokens)."""
ME, USERS, LIST, GET, WRITE, DELETE = 2, 20, 10, 1, 5, 3
"""Tokens. Adding options is a write and taking them off is a delete (reference 1.2)."""


def cost(
    *,
    creates: int = 0,
    updates: int = 0,
    reads: int = 0,
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
        (creates + updates + lists_longer) * WRITE
        + (deletes + lists_shorter) * DELETE
        + pages * LIST
        + singles * GET
    )
    return requests, tokens
