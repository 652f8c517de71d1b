"""A run as somebody goes through it: what did not succeed first, each entry read when it is looked at.

A run of 300,000 writes has some gigabyte of journal entries; of each only its number and its size are kept here.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

from pdsync.model import JournalEntry, Outcome

if TYPE_CHECKING:
    from pdsync.store import History

__all__ = ["FINE", "RunReview"]

FINE: Final = frozenset({Outcome.DONE, Outcome.ADOPTED})
"""Outcomes about which nobody has to do anything."""


class RunReview:
    """The entries of a run for which a request left, numbered from 0.

    Raises:
        StateError: from every method, if the state cannot be read.
    """

    def __init__(self, history: History, run_id: str) -> None:
        self._history, self._run = history, run_id
        fine, other = (array("Q"), array("H")), (array("Q"), array("H"))
        for number, outcome, failed, change in history.outlines(run_id):
            if change.kind.ledger_only:
                continue
            numbers, sizes = fine if outcome in FINE else other
            numbers.append(number)
            sizes.append(1 + len(change.fields) + failed)
        self._numbers = other[0] + fine[0]
        self.sizes = other[1] + fine[1]
        """Lines of each: the change, its values, its error."""

    def __len__(self) -> int:
        return len(self._numbers)

    def entry(self, number: int) -> JournalEntry | None:
        """One of them, whole; None: it is gone."""
        return self._history.entry(self._run, self._numbers[number])
