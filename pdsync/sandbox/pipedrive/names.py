"""How Pipedrive relates ``name`` to its two parts.

[doc] MIG: either ``name`` or the parts are sent, ``name`` is split. [live] NANGO, N8N: the first word is the
first name, the rest the last name. [doc] WHM: a single word leaves ``last_name`` null. [live] MMED: after a
change of one part, ``name`` is made again from both. Invented: what a body with both ``name`` and a part means
(the parts win), and that white space at the ends of a ``name`` is not part of either word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name with its parts, consistent."""

    name: str
    first_name: str | None
    last_name: str | None

    @classmethod
    def from_whole(cls, name: str) -> Self:
        """Split as Pipedrive does."""
        first, _, rest = name.strip().partition(" ")
        return cls(name, first or None, rest.strip() or None)

    @classmethod
    def from_parts(cls, first_name: str | None, last_name: str | None) -> Self:
        """Join the parts that are there."""
        first, last = first_name or None, last_name or None
        return cls(" ".join(part for part in (first, last) if part), first, last)
